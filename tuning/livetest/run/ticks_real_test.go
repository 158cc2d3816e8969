//go:build real

package run_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/scripted"
)

// observers are how many closes beside the test's own the packets are asked for.
const observers = 300

// A ticker is a server that looks at its clock every step, and ends what was silent for idle.
type ticker struct {
	idle, step time.Duration
	start      func(testing.TB) (addr string, port int)
}

func scriptedTicker(idle, step time.Duration) ticker {
	return ticker{idle, step, func(t testing.TB) (string, int) {
		t.Helper()
		addr, stop, err := scripted.Listen(t.Context(), scripted.Script{Idle: idle, Step: step})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		_, port, _ := net.SplitHostPort(addr)
		var n int
		_, _ = fmt.Sscan(port, &n)
		return addr, n
	}}
}

func realTicker(idle, step time.Duration, start func(testing.TB) *realserver.Server) ticker {
	return ticker{idle, step, func(t testing.TB) (string, int) {
		t.Helper()
		s := start(t)
		return s.Addr, s.Port
	}}
}

// TestAloneTicks holds the band of a test against what the packets show of 300 connections of
// somebody else: it contains every close, and is at most one step and 50 ms wider than they.
func TestAloneTicks(t *testing.T) {
	ahead(t)
	for name, s := range map[string]ticker{
		"exact": scriptedTicker(1500*time.Millisecond, 0),
		"1 s":   scriptedTicker(1500*time.Millisecond, time.Second),
		"4 s":   scriptedTicker(2*time.Second, 4*time.Second),
		"lighttpd, 1 s": realTicker(3*time.Second, time.Second, func(t testing.TB) *realserver.Server {
			return realserver.Lighttpd(t, "server.max-keep-alive-idle = 3\nserver.max-fds = 2048\n")
		}),
		"waitress, 4 s": realTicker(2*time.Second, 4*time.Second, func(t testing.TB) *realserver.Server {
			return realserver.Waitress(t, "--channel-timeout=2", "--cleanup-interval=4")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // hundreds of connections that are silent most of the time
			s.run(t)
		})
	}
}

// run tries again where the machine, which has other servers to serve, may have been late.
func (s ticker) run(t *testing.T) {
	t.Helper()
	for try := 1; ; try++ {
		found := &findings{TB: t}
		s.hold(t, found)
		switch {
		case len(found.faults) == 0:
			return
		case try == tries:
			t.Error(strings.Join(found.faults, "\n"))
			return
		}
		t.Logf("once more: %s", strings.Join(found.faults, "; "))
	}
}

func (s ticker) hold(t *testing.T, found *findings) {
	t.Helper()
	addr, port := s.start(t)
	capture := realserver.StartCapture(t, port)
	spec := specFor(t, "http://"+addr)
	spec.Measure = []livetest.Measurement{livetest.MeasureIdle}
	spec.IdleLimit = s.idle + 2*s.step + 10*time.Second
	var aside sync.WaitGroup
	var mine sync.Map
	for i := range observers {
		aside.Go(func() { observe(t, addr, time.Duration(i)*3*max(s.step, time.Second)/observers, spec.IdleLimit, &mine) })
	}
	o := collect(t.Context(), run.Tester{}, spec)
	aside.Wait()
	low, high, n := model.Never, time.Duration(0), 0
	for _, c := range capture.Stop(t) {
		if _, ok := mine.Load(c.Client); ok && c.ServerEnded() {
			low, high, n = min(low, c.Idle()), max(high, c.Idle()), n+1
		}
	}
	i := o.res.Idle
	from, to, ok := i.Band()
	t.Logf("the test, for %v: %s, ticks %+v, band %v to %v; packets of %d: %v to %v", o.took.Round(time.Millisecond), show(&i), i.Ticks, from, to, n, low, high)
	switch {
	case n != observers:
		found.Errorf("the packets show %d ends of %d", n, observers)
	case o.err != nil || !ok || i.Discarded > 0:
		found.Errorf("err = %v, idle %s", o.err, show(&i))
	case low < from || high > to:
		found.Errorf("band %v to %v, ends were %v to %v", from, to, low, high)
	case (to-from)-(high-low) > s.step+50*time.Millisecond:
		found.Errorf("band %v to %v is %v wider than the ends %v to %v", from, to, (to-from)-(high-low), low, high)
	}
}

// observe asks once and waits for the end.
func observe(t *testing.T, addr string, wait, limit time.Duration, mine *sync.Map) {
	time.Sleep(wait)
	conn, err := (&net.Dialer{KeepAlive: -1, Timeout: realserver.Patience}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	mine.Store(conn.LocalAddr().String(), true)
	_ = conn.SetDeadline(time.Now().Add(limit))
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: observer\r\n\r\n")
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	if err != nil {
		t.Error(err)
	}
}
