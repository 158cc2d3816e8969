package run_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// A server that is restarted closes everything at once: that is no idle timeout.
func TestRestartIsNotATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var open []net.Conn
		dial := func(context.Context, string) (net.Conn, error) {
			near, far := net.Pipe()
			mu.Lock()
			open = append(open, far)
			mu.Unlock()
			go scripted.Serve(far, 0, scripted.Script{Idle: time.Minute})
			return near, nil
		}
		time.AfterFunc(10200*time.Millisecond, func() {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range open {
				_ = c.Close()
			}
		})
		o := collect(t.Context(), run.Tester{Dial: dial}, livetest.NewSpec(target()))
		if !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), "control connection failed") {
			t.Errorf("err = %v, want it inconclusive by the control connection", o.err)
		}
		if o.res.Idle.Samples != 0 || o.res.Idle.Discarded != 7 || o.res.Idle.Low != nil {
			t.Errorf("idle = %+v, want all samples discarded", o.res.Idle)
		}
	})
}

// While the server does not answer, closes are not believed.
func TestStalledControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		dial := scripted.Dialer(scripted.Script{Idle: 5 * time.Second, BeforeRequest: 5 * time.Second})
		stalled := scripted.Dialer(scripted.Script{Hostile: "stall"})
		var mu sync.Mutex
		calls := 0
		p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls > 3 && time.Since(begin) == 0 {
				return dial(ctx, a)
			}
			return stalled(ctx, a)
		}}
		o := collect(t.Context(), p, livetest.NewSpec(target()))
		if !errors.Is(o.err, run.ErrInconclusive) || o.res.Outcome != livetest.OutcomeInconclusive || o.res.Idle.Samples >= livetest.MinGoodSamples {
			t.Errorf("err = %v, %q with %d samples", o.err, o.res.Outcome, o.res.Idle.Samples)
		}
	})
}

func TestPausesDiscardSamples(t *testing.T) {
	for name, c := range map[string]struct {
		from       time.Duration // when the clocks change
		mono, wall time.Duration // by how much
		good       int
		says       string
	}{
		"none":                    {0, 0, 0, 7, ""},
		"machine suspended":       {20 * time.Second, 0, time.Hour, 0, "the clocks drifted apart by 1h0m0s"},
		"clock set back":          {20 * time.Second, 0, -time.Minute, 0, "the clocks drifted apart by -1m0s"},
		"stopped at the close":    {29800 * time.Millisecond, 3 * time.Second, 3 * time.Second, 0, "the test itself did not run for 3.1s"},
		"stopped before it":       {10 * time.Second, 3 * time.Second, 3 * time.Second, 7, ""},
		"clock set after the end": {time.Hour, 0, time.Hour, 7, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				p := run.WithClock(run.Tester{Dial: scripted.Dialer(scripted.Script{Idle: 30 * time.Second, BeforeRequest: 30 * time.Second})},
					func() (time.Duration, time.Time) {
						ran := time.Since(begin)
						if c.from > 0 && ran >= c.from {
							return ran + c.mono, begin.Add(ran + c.wall)
						}
						return ran, begin.Add(ran)
					})
				o := collect(t.Context(), p, livetest.NewSpec(target()))
				if o.res.Idle.Samples != c.good {
					t.Errorf("%d good samples, want %d: %+v", o.res.Idle.Samples, c.good, o.res.Samples)
				}
				if c.good == 0 && (!errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), c.says)) {
					t.Errorf("err = %v, want %q", o.err, c.says)
				}
				if c.good == 7 && o.err != nil {
					t.Errorf("err = %v", o.err)
				}
			})
		})
	}
}

func TestTooFewSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Idle: time.Second, BeforeRequest: time.Second}, func(s *livetest.Spec) { s.Connections = 2 })
		if !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), "2 good samples, 3 are needed: 2 samples were asked for") {
			t.Errorf("err = %v", o.err)
		}
		wantSpan(t, "low", o.res.Idle.Low, time.Second)
	})
}

// Connections that fail beside enough good ones are named, not hidden.
func TestSomeConnectionsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		begin := time.Now()
		good := scripted.Dialer(scripted.Script{Idle: 5 * time.Second, BeforeRequest: 5 * time.Second})
		p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(begin) >= 600*time.Millisecond && time.Since(begin) < time.Second {
				return nil, errors.New("no more\x1b[2J")
			}
			return good(ctx, a)
		}}
		o := collect(t.Context(), p, livetest.NewSpec(target()))
		if o.res.Idle.Samples != 5 || o.err != nil || o.res.Reason != "2 of 7 samples do not count: no more·[2J" {
			t.Errorf("err = %v, idle %+v (%s)", o.err, o.res.Idle, o.res.Reason)
		}
		checkClean(t, o)
	})
}

func TestHandshakeThatNeverFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Hostile: "stall"}, func(s *livetest.Spec) { s.Target.Scheme = "https" })
		if !errors.Is(o.err, run.ErrUnreachable) || !strings.Contains(o.err.Error(), "the TLS handshake did not finish in time") {
			t.Errorf("err = %v", o.err)
		}
		if o.took != 5*time.Second {
			t.Errorf("gave up after %v, want the limit of 5s", o.took)
		}
	})
}

// A panic in any goroutine of a run comes out of Run, where the terminal can be restored.
func TestPanicComesOutOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if v := recover(); v == nil || !strings.Contains(v.(string), "out of cheese") {
				t.Errorf("recovered %v", v)
			}
		}()
		p := run.Tester{Dial: func(context.Context, string) (net.Conn, error) { panic("out of cheese") }}
		err := p.Run(t.Context(), livetest.NewSpec(target()), func(livetest.Event) {})
		t.Errorf("Run returned %v", err)
	})
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	for what, text := range map[string]string{"http://" + addr: "the connection was refused", "https://" + addr: "the connection was refused", "http://name.invalid:80": "cannot reach http://name.invalid:80/: "} {
		tg, err := livetest.ParseTarget(what)
		if err != nil {
			t.Fatal(err)
		}
		o := collect(t.Context(), run.Tester{}, livetest.NewSpec(tg))
		if !errors.Is(o.err, run.ErrUnreachable) || errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), text) {
			t.Errorf("%s: err = %v, want it unreachable: %s", what, o.err, text)
		}
		if o.res.Outcome != livetest.OutcomeUnreachable || o.res.Reason != o.err.Error() {
			t.Errorf("%s: outcome %q (%s)", what, o.res.Outcome, o.res.Reason)
		}
	}
}

func TestInvalidSpecStartsNothing(t *testing.T) {
	spec := livetest.NewSpec(target())
	spec.Connections = 50
	o := collect(t.Context(), run.Tester{}, spec)
	if o.err == nil || len(o.events) != 0 || !strings.Contains(o.err.Error(), "above the cap of 12") {
		t.Errorf("err = %v after %d events", o.err, len(o.events))
	}
}
