//go:build real && linux

package trace_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// A recording is tcpdump on an interface. Its times are the kernel's.
type recording struct {
	cmd    *exec.Cmd
	file   string
	exited chan struct{}
	ended  sync.Once
}

// record begins to capture what the filter takes, in the network namespace of the calling thread.
func record(t *testing.T, filter string) *recording {
	t.Helper()
	return recordOn(t, "lo", filter)
}

func recordOn(t *testing.T, on, filter string) *recording {
	t.Helper()
	realserver.Need(t, "tcpdump")
	r := &recording{file: filepath.Join(realserver.Dir(t), "lo.pcap"), exited: make(chan struct{})}
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "tcpdump", "-i", on, "-n", "-U", "-s", "512", "-B", "32768", "--immediate-mode", "-Z", "root", "-w", r.file, filter)
	errs, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan bool, 1)
	go func() {
		var all strings.Builder
		b := make([]byte, 256)
		for {
			n, err := errs.Read(b)
			all.Write(b[:n])
			if strings.Contains(all.String(), "listening on") {
				select {
				case listening <- true:
				default:
				}
			}
			if err != nil {
				break
			}
		}
		_ = r.cmd.Wait()
		close(r.exited)
	}()
	t.Cleanup(r.stop)
	select {
	case <-listening:
	case <-r.exited:
		t.Fatal("tcpdump does not capture")
	}
	return r
}

func (r *recording) stop() {
	r.ended.Do(func() {
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		<-r.exited
	})
}

// follow waits until a last connection, to the marker, is in the file, and gives what all show.
// Its counts are those of tshark, packet by packet.
func (r *recording) follow(t *testing.T, marker net.Listener) *trace.Tracker {
	t.Helper()
	r.until(t, marker)
	agree(t, r.file)
	return r.show(t, func(*capture.Segment) bool { return true })
}

// show is what the connections show of which a function takes the segments.
func (r *recording) show(t *testing.T, of func(*capture.Segment) bool) *trace.Tracker {
	t.Helper()
	tr := trace.New(nil)
	for s := range segments(t, r.file) {
		if of(s) {
			tr.Add(s)
		}
	}
	tr.End()
	return tr
}

// segments are those of a file, each valid until the next.
func segments(t *testing.T, file string) iter.Seq[*capture.Segment] {
	t.Helper()
	return func(yield func(*capture.Segment) bool) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		in, err := capture.Open(bytes.NewReader(data))
		if err != nil {
			return // nothing of it is written yet
		}
		var s capture.Segment
		for err = in.Next(&s); err == nil; err = in.Next(&s) {
			if !yield(&s) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
}

// until waits for a last connection, to the marker, to be in the file, and with it all before.
func (r *recording) until(t *testing.T, marker net.Listener) {
	t.Helper()
	conn, err := net.Dial("tcp", marker.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	want := netip.MustParseAddrPort(marker.Addr().String())
	for deadline := time.Now().Add(realserver.Patience); ; {
		for s := range segments(t, r.file) {
			if s.Dst == want {
				r.stop()
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("tcpdump does not write what it sees")
		}
		select {
		case <-r.exited:
			t.Fatal("tcpdump ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	return listenOn(t, "127.0.0.1")
}

func listenOn(t *testing.T, host string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// on is what was seen of a server.
func on(t *testing.T, tr *trace.Tracker, addr string) *trace.Server {
	t.Helper()
	for _, s := range tr.Servers() {
		if s.Addr.String() == addr {
			return s
		}
	}
	t.Fatalf("no connection to %s was seen", addr)
	return nil
}

// about is what is concluded on a topic.
func about(s *trace.Server, topic trace.Topic, side trace.Role) []trace.Conclusion {
	var all []trace.Conclusion
	for _, c := range s.Conclusions() {
		if c.Topic == topic && c.Side == side {
			all = append(all, c)
		}
	}
	return all
}
