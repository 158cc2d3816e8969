package run_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
)

// maxHeldBytes is the goal for one held connection: Go heap and stack.
const maxHeldBytes = 10 << 10

// holderEnv makes this test binary the server of another, for http or https: what a server
// needs for its connections must not be counted as ours.
const holderEnv = "KEEPTUNE_TEST_HOLDER"

// TestHolder is the server of holder; alone it has nothing to do.
func TestHolder(t *testing.T) {
	scheme := os.Getenv(holderEnv)
	if scheme == "" {
		return
	}
	cert, _ := certificate(t, "web.example", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	spec := serveEach(t, func(c net.Conn) {
		if scheme == "https" {
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
		}
		b := make([]byte, 1024)
		for {
			if _, err := c.Read(b); err != nil {
				return
			}
			if _, err := io.WriteString(c, okReply); err != nil {
				return
			}
		}
	})
	_, _ = os.Stdout.WriteString(scheme + "://" + spec.Target.Address() + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// holder starts a server that never closes, in a process of its own that ends with the test.
func holder(t testing.TB, scheme string) (url string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-test.run=^TestHolder$")
	cmd.Env = append(os.Environ(), holderEnv+"="+scheme)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// inUse is the memory of this process that is reachable, with all stacks.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // the first shrinks stacks and frees what finalizers held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// held holds n connections and returns what each takes of our memory, and the run.
func held(t testing.TB, target string, n int, change func(*livetest.Spec)) (each float64, o outcome) {
	t.Helper()
	tg, err := livetest.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	spec := livetest.NewSpec(tg)
	spec.Measure, spec.Hold, spec.IdleLimit = []livetest.Measurement{livetest.MeasureHold}, n, time.Minute
	if change != nil {
		change(&spec)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	defer cancel()
	before, answered := inUse(), 0
	var sum livetest.Summary
	o.err = run.Tester{}.Run(ctx, spec.Normalize(), func(e livetest.Event) {
		sum.Add(e)
		if e.Kind == livetest.EventResponse && e.Role == livetest.RoleHold {
			if answered++; answered == n {
				each = (float64(inUse()) - float64(before)) / float64(n)
				cancel()
			}
		}
	})
	o.res = sum.Result()
	return each, o
}

func TestHeldConnectionsAreSmall(t *testing.T) {
	const n = 2000
	each, o := held(t, holder(t, "http"), n, nil)
	if o.res.Hold == nil || o.res.Hold.Opened != n || o.res.Hold.Open != n {
		t.Fatalf("held %+v: %v", o.res.Hold, o.err)
	}
	t.Logf("%.0f bytes for each of %d connections", each, n)
	if each > maxHeldBytes {
		t.Errorf("%.0f bytes for each of %d connections, want at most %d", each, n, maxHeldBytes)
	}
}

func benchmarkHold(b *testing.B, scheme string, n int) {
	b.Helper()
	url, each := holder(b, scheme), 0.0
	for b.Loop() {
		var o outcome
		each, o = held(b, url, n, func(s *livetest.Spec) { s.Target.Insecure = true })
		if o.res.Hold == nil || o.res.Hold.Open != n {
			b.Fatalf("held %+v: %v", o.res.Hold, o.err)
		}
	}
	b.ReportMetric(each, "B/conn")
}

func BenchmarkHold10000(b *testing.B) { benchmarkHold(b, "http", 10_000) }

// A TLS connection keeps its keys and records beside what a plain one takes.
func BenchmarkHoldTLS2000(b *testing.B) { benchmarkHold(b, "https", 2000) }
