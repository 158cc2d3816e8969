//go:build real && linux

package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/host"
)

// seenBy reads at most so many segments: what of each two captures have in common.
func seenBy(r io.Reader, most int) ([]string, error) {
	c, err := capture.Open(r)
	if err != nil {
		return nil, err
	}
	var all []string
	var s capture.Segment
	for len(all) < most && c.Next(&s) == nil {
		all = append(all, mark(&s))
	}
	if n := c.Counts(); n.End != "" {
		return all, errors.New(n.End)
	}
	return all, nil
}

func mark(s *capture.Segment) string {
	return fmt.Sprintf("%v > %v %v seq %d ack %d win %d len %d ttl %d id %d %+v %q", s.Src, s.Dst, s.Flags, s.Seq, s.Ack, s.Window, s.Length, s.TTL, s.IPID, s.Options, s.Payload)
}

// What a watch sees of a namespace's traffic is what tcpdump sees, live and written.
func TestRealWatch(t *testing.T) {
	apart(t, func() error {
		watched, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		defer watched.Close()
		other, err := net.Listen("tcp", "[::1]:0")
		must(err)
		defer other.Close()
		port := watched.Addr().(*net.TCPAddr).Port

		dump := exec.CommandContext(t.Context(), "tcpdump", "-i", "lo", "-U", "-w", "-", "tcp port "+fmt.Sprint(port))
		notes, err := dump.StderrPipe()
		must(err)
		piped, err := dump.StdoutPipe()
		must(err)
		must(dump.Start())
		line := make([]byte, 200)
		for text := ""; !strings.Contains(text, "listening on"); {
			n, err := notes.Read(line)
			must(err)
			text += string(line[:n])
		}

		var written bytes.Buffer
		file, err := capture.NewWriter(&written, "any", 512)
		must(err)
		w, err := host.OpenWatch(host.WatchOptions{Ports: []uint16{uint16(port)}, Packet: file.Write})
		if err != nil {
			return err
		}
		defer w.Close()
		talk := func(l net.Listener) {
			for i := range 20 {
				c, err := net.Dial("tcp", l.Addr().String())
				must(err)
				s, err := l.Accept()
				must(err)
				must(errors.Join(second(fmt.Fprintf(c, "GET /%d HTTP/1.1\r\n\r\n", i))))
				must(second(io.ReadFull(s, make([]byte, 10))))
				must(second(fmt.Fprint(s, "HTTP/1.1 200 OK\r\n\r\n")))
				must(second(io.ReadFull(c, make([]byte, 10))))
				if i%2 == 0 {
					must(s.(*net.TCPConn).SetLinger(0))
				}
				must(errors.Join(s.Close(), c.Close()))
			}
		}
		talk(other)
		talk(watched)

		ctx, stop := context.WithCancel(t.Context())
		var ours []string
		ticks := 0
		// 20 connections, each with three segments to open, two of data and one to end at least.
		err = w.Run(ctx, time.Millisecond, func(s *capture.Segment) {
			ours = append(ours, mark(s))
			if s.Flags.Has(capture.SYN) && len(ours) > 100 {
				stop()
			}
		}, func() { ticks++ })
		stop()
		if err != nil {
			return err
		}
		n := w.Counts()
		must(file.Finish(time.Now(), n.Packets, n.Dropped))
		if len(ours) < 20*6 || n.Segments != int64(len(ours)) || n.Dropped != 0 || n.Duplicates != 0 || n.Other != 0 || ticks == 0 {
			t.Errorf("%d segments, %d ticks, %+v", len(ours), ticks, n)
		}
		again, err := seenBy(&written, 1<<20)
		if err != nil {
			return err
		}
		tcpdump, err := seenBy(piped, len(ours)) // and more doesn't come
		if err != nil {
			return err
		}
		must(dump.Process.Kill())
		_ = dump.Wait()
		if !slices.Equal(ours, again) {
			t.Errorf("written are %d segments, seen were %d", len(again), len(ours))
		}
		if !slices.Equal(ours, tcpdump) {
			t.Errorf("tcpdump saw %d segments, we saw %d", len(tcpdump), len(ours))
		}
		return nil
	})
}

// A watch that is ended takes what passed until that moment, the last of it, too.
func TestRealWatchToTheEnd(t *testing.T) {
	apart(t, func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		defer l.Close()
		var counts [2]int64 // of one that is ended at once, and one a second later
		var all sync.WaitGroup
		var stops [2]context.CancelFunc
		for i := range counts {
			w, err := host.OpenWatch(host.WatchOptions{})
			must(err)
			defer w.Close()
			var ctx context.Context
			ctx, stops[i] = context.WithCancel(t.Context())
			all.Go(func() {
				must(w.Run(ctx, time.Minute, func(*capture.Segment) {}, func() {}))
				counts[i] = w.Counts().Segments
			})
		}
		for range 10 {
			c, err := net.Dial("tcp", l.Addr().String())
			must(err)
			s, err := l.Accept()
			must(err)
			must(errors.Join(s.Close(), c.Close()))
		}
		stops[0]()
		time.AfterFunc(time.Second, stops[1])
		all.Wait()
		if counts[0] != counts[1] || counts[0] < 10*6 {
			t.Errorf("%d segments until the end, %d a second later", counts[0], counts[1])
		}
		return nil
	})
}

func second(_ int, err error) error { return err }

// An interface that goes away ends a watch with a sentence, and so does none at all.
func TestRealWatchWithoutInterface(t *testing.T) {
	apart(t, func() error {
		ip := func(args ...string) {
			if out, err := exec.CommandContext(t.Context(), "ip", args...).CombinedOutput(); err != nil {
				panic(fmt.Sprintf("%v: %s", err, out))
			}
		}
		_, err := host.OpenWatch(host.WatchOptions{Interface: "ka\x1b7"})
		if err == nil || err.Error() != `there is no interface "ka·7"; there are lo` {
			t.Errorf("no interface: %v", err)
		}
		ip("link", "add", "kt0", "type", "veth", "peer", "name", "kt1")
		ip("link", "set", "kt0", "up")
		w, err := host.OpenWatch(host.WatchOptions{Interface: "kt0"})
		if err != nil {
			return err
		}
		defer w.Close()
		err = w.Run(t.Context(), time.Millisecond, func(*capture.Segment) {}, sync1(func() { ip("link", "del", "kt0") }))
		if err == nil || err.Error() != "interface kt0 went down" {
			t.Errorf("an interface that went away: %v", err)
		}
		return nil
	})
}

// sync1 calls f at the first tick.
func sync1(f func()) func() {
	called := false
	return func() {
		if !called {
			called = true
			f()
		}
	}
}

// Who may not capture is told so.
func TestRealWatchNotAllowed(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "only root can give its rights away")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and the thread ends without its rights
		if _, _, no := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); no != 0 {
			done <- no
			return
		}
		_, err := host.OpenWatch(host.WatchOptions{})
		done <- err
	}()
	if err := <-done; !errors.Is(err, host.ErrMayNotWatch) {
		t.Error(err)
	}
}
