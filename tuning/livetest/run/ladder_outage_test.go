package run_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// An outage holds back what is sent while the cable is out, as TCP does, which sends it again.
type outage struct {
	net.Conn
	from, until time.Time
	mu          sync.Mutex
	late        bool
}

func (o *outage) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); o.late || !now.Before(o.from) && now.Before(o.until) {
		o.late = true
		p := slices.Clone(p)
		time.AfterFunc(time.Until(o.until)+time.Second, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			_, _ = o.Conn.Write(p)
			o.late = false
		})
		return len(p), nil
	}
	return o.Conn.Write(p)
}

// through dials a script through a box, over a cable that is out for a time.
func through(script scripted.Script, forgets time.Duration, from, until time.Time) func(context.Context, string) (net.Conn, error) {
	dial := scripted.Dialer(script)
	return func(ctx context.Context, a string) (net.Conn, error) {
		if now := time.Now(); !now.Before(from) && now.Before(until) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		c, err := dial(ctx, a)
		if err != nil {
			return nil, err
		}
		return &outage{Conn: &forgetful{Conn: c, forgets: forgets, dead: make(chan struct{})}, from: from, until: until}, nil
	}
}

// ladderOnly is a spec of a ladder and nothing else.
func ladderOnly(limit time.Duration) livetest.Spec {
	spec := livetest.NewSpec(target())
	spec.IdleLimit, spec.Measure = limit, []livetest.Measurement{livetest.MeasureLadder}
	return spec.Normalize()
}

// A cable that is pulled in mid-climb gives no number; one that is put back gives the right one.
func TestLadderOverAnOutage(t *testing.T) {
	for name, c := range map[string]struct {
		from, until time.Duration
		measured    bool
	}{
		"pulled":                        {2500 * time.Millisecond, 24 * time.Hour, false},
		"pulled while an answer is due": {20500 * time.Millisecond, 24 * time.Hour, false},
		"back, the box had not forgot":  {2500 * time.Millisecond, 9 * time.Second, true},
		"back, the box had forgot":      {7 * time.Second, 19 * time.Second, true},
		"before the answer":             {20 * time.Second, 26 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const forgets = 15 * time.Second
				now := time.Now()
				o := collect(t.Context(), run.Tester{Dial: through(scripted.Script{}, forgets, now.Add(c.from), now.Add(c.until))}, ladderOnly(30*time.Second))
				if !c.measured {
					if !errors.Is(o.err, run.ErrInconclusive) || o.res.Outcome != livetest.OutcomeInconclusive || o.res.Ladders[0].Dead != nil {
						t.Errorf("%s (%s), err = %v, %+v", o.res.Outcome, o.res.Reason, o.err, o.res.Ladders)
					}
					return
				}
				l := o.res.Ladders[0]
				if o.err != nil || l.Dead == nil || *l.Dead < forgets || *l.Alive >= forgets {
					t.Fatalf("err = %v, alive %v, dead %v", o.err, l.Alive, l.Dead)
				}
				if !slices.ContainsFunc(l.Rungs, func(g livetest.Rung) bool {
					return g.State == livetest.SampleDiscarded && strings.Contains(g.Why, "control connection")
				}) {
					t.Error("no rung was discarded")
				}
			})
		})
	}
}

// counting counts the connections that are open.
func counting(open *atomic.Int64, dial func(context.Context, string) (net.Conn, error)) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, a string) (net.Conn, error) {
		c, err := dial(ctx, a)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return &closing{Conn: c, closed: func() { open.Add(-1) }}, nil
	}
}

// A cancelled ladder returns within a second with every connection closed, whatever it is at:
// silence, the wait for an answer, the ladder with probes, the far end's report.
func TestLadderEndsWithItsContext(t *testing.T) {
	for _, after := range []time.Duration{
		300 * time.Millisecond, 2500 * time.Millisecond, 4 * time.Second, 9500 * time.Millisecond, 17 * time.Second, 20 * time.Second,
	} {
		for _, far := range []bool{false, true} {
			t.Run(fmt.Sprintf("after %v, far end %v", after, far), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var open atomic.Int64
					dial := through(scripted.Script{}, 5500*time.Millisecond, time.Now().Add(time.Hour), time.Now())
					server := &farend.Server{Token: "secret12"}
					spec := ladderOnly(20 * time.Second)
					if far {
						spec.Ladder.FarEnd, spec.Ladder.Token = "192.0.2.1:7022", "secret12"
					}
					l := newPipes()
					over, stop := context.WithCancel(context.Background())
					done := make(chan error, 1)
					go func() { done <- server.Serve(over, l) }()
					p := run.Tester{Dial: counting(&open, func(ctx context.Context, a string) (net.Conn, error) {
						if a == "192.0.2.1:7022" {
							c, err := l.dial(ctx)
							return &forgetful{Conn: c, forgets: 5500 * time.Millisecond, dead: make(chan struct{})}, err
						}
						return dial(ctx, a)
					})}
					ctx, cancel := context.WithTimeout(t.Context(), after)
					defer cancel()
					o := collect(ctx, p, spec)
					if !errors.Is(o.err, context.DeadlineExceeded) || o.took < after || o.took > after+time.Second {
						t.Errorf("err = %v after %v", o.err, o.took)
					}
					if n := open.Load(); n != 0 {
						t.Errorf("%d connections are still open", n)
					}
					if o.res.Outcome == livetest.OutcomeMeasured && after < 9*time.Second {
						t.Errorf("measured: %+v", o.res.Ladders)
					}
					stop()
					if err := <-done; err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// pipes is a listener in virtual time.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	ended chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A clock that is set, or a machine that slept, discards the rungs it fell into.
func TestLadderOverAPause(t *testing.T) {
	for name, c := range map[string]struct {
		from, mono, wall time.Duration
		why              string
	}{
		"machine suspended": {4 * time.Second, 0, time.Hour, "the clocks drifted apart by 1h0m0s"},
		"clock set back":    {4 * time.Second, 0, -time.Minute, "the clocks drifted apart by -1m0s"},
		"stopped":           {4900 * time.Millisecond, 2 * time.Second, 2 * time.Second, "the test itself did not run for 2.1s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				p := run.WithClock(run.Tester{Dial: through(scripted.Script{}, 4500*time.Millisecond, begin.Add(time.Hour), begin)},
					func() (time.Duration, time.Time) {
						ran := time.Since(begin)
						if ran >= c.from {
							return ran + c.mono, begin.Add(ran + c.wall)
						}
						return ran, begin.Add(ran)
					})
				o := collect(t.Context(), p, ladderOnly(20*time.Second))
				l := o.res.Ladders[0]
				if !slices.ContainsFunc(l.Rungs, func(g livetest.Rung) bool {
					return g.State == livetest.SampleDiscarded && strings.Contains(g.Why, c.why)
				}) {
					t.Errorf("no rung was discarded because %s: %+v", c.why, l.Rungs)
				}
				if o.err != nil || l.Dead == nil || *l.Dead < 4500*time.Millisecond || *l.Alive >= 4500*time.Millisecond {
					t.Errorf("err = %v, alive %v, dead %v", o.err, l.Alive, l.Dead)
				}
			})
		})
	}
}
