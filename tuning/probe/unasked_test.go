package probe_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/scripted"
)

const okReply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// serveEach plays one connection of a server on loopback.
func serveEach(t *testing.T, play func(net.Conn)) model.ProbeSpec {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				play(c)
			}()
		}
	}()
	return specFor(t, "http://"+l.Addr().String())
}

// A reply that is there before the request must not pass for the answer.
func TestReplyBeforeTheRequest(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"two at once": okReply + okReply, "three at once": strings.Repeat(okReply, 3)} {
		spec := serveEach(t, func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 10))
			_, _ = io.WriteString(c, text)
			_, _ = io.Copy(io.Discard, c)
		})
		spec.Measure = []model.Measurement{model.MeasureRequests}
		o := collect(t.Context(), probe.Prober{}, spec)
		if o.res.Outcome != model.OutcomeInconclusive || o.res.Requests != nil && o.res.Requests.Done {
			t.Errorf("%s: err = %v, requests %+v", name, o.err, o.res.Requests)
		}
	}
}

// What did not answer in time is not known to be closed.
func TestHTTP10WithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := func(context.Context, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				_, _ = far.Read(make([]byte, 1000))
				_, _ = io.WriteString(far, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
				_, _ = io.Copy(io.Discard, far)
			}()
			return near, nil
		}
		spec := model.NewProbeSpec(target())
		spec.Measure = []model.Measurement{model.MeasureHTTP10}
		o := collect(t.Context(), probe.Prober{Dial: dial}, spec)
		if o.res.HTTP10 != nil || o.res.Outcome != model.OutcomeInconclusive {
			t.Errorf("http10 = %v, %q (%s), err = %v", *o.res.HTTP10, o.res.Outcome, o.res.Reason, o.err)
		}
	})
}

// The outcome in the stream and the error of Run say the same, as a replay must.
func TestStoppedAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scripted.Script{Status: 429, Idle: time.Second}
		o := play(t.Context(), s, func(s *model.ProbeSpec) { s.Measure = []model.Measurement{model.MeasureHint} })
		if !errors.Is(o.err, probe.ErrInconclusive) || o.res.Outcome != model.OutcomeInconclusive {
			t.Errorf("err = %v, outcome %q (%s)", o.err, o.res.Outcome, o.res.Reason)
		}
	})
}

// No goroutine of a cancelled run outlives it.
func TestCancelLeavesNothing(t *testing.T) {
	spec := serveEach(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	before := runtime.NumGoroutine()
	for _, scheme := range []string{"http", "https"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		spec.Target.Scheme = scheme
		o := collect(ctx, probe.Prober{}, spec)
		cancel()
		if o.err == nil || o.took > time.Second {
			t.Errorf("%s: %v after %v", scheme, o.err, o.took)
		}
	}
	for wait := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(wait); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}
