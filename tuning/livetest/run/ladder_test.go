package run_test

import (
	"context"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// forgetful is a connection through a box that forgets it after an idle time. What is sent
// later is answered with a reset, or vanishes.
type forgetful struct {
	net.Conn
	forgets time.Duration
	resets  bool

	mu   sync.Mutex
	used time.Time
	gone bool
	dead chan struct{} // closed where the reset arrives
}

func (f *forgetful) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.used.IsZero() && time.Since(f.used) >= f.forgets {
		if !f.gone && f.resets {
			close(f.dead)
			_ = f.SetReadDeadline(time.Unix(1, 0)) // wakes the pending read
		}
		f.gone = true
	}
	f.used = time.Now()
	if f.gone {
		return len(p), nil
	}
	return f.Conn.Write(p)
}

func (f *forgetful) Read(p []byte) (int, error) {
	for {
		n, err := f.Conn.Read(p)
		f.mu.Lock()
		gone := f.gone
		f.mu.Unlock()
		select {
		case <-f.dead:
			return 0, syscall.ECONNRESET
		default:
		}
		if n > 0 && gone {
			continue
		}
		if n > 0 {
			f.mu.Lock()
			f.used = time.Now()
			f.mu.Unlock()
		}
		return n, err
	}
}

// ladderOf runs a ladder over a box in virtual time and returns the ladder without probes.
func ladderOf(t *testing.T, script scripted.Script, forgets time.Duration, resets bool, change func(*livetest.Spec)) (outcome, livetest.Ladder) {
	t.Helper()
	var o outcome
	synctest.Test(t, func(t *testing.T) {
		dial := scripted.Dialer(script)
		p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
			c, err := dial(ctx, a)
			if err != nil || forgets == 0 {
				return c, err
			}
			return &forgetful{Conn: c, forgets: forgets, resets: resets, dead: make(chan struct{})}, nil
		}}
		spec := livetest.NewSpec(target())
		spec.IdleLimit = 90 * time.Second
		spec.Measure = []livetest.Measurement{livetest.MeasureLadder}
		if change != nil {
			change(&spec)
		}
		o = collect(t.Context(), p, spec.Normalize())
	})
	if len(o.res.Ladders) == 0 {
		t.Fatalf("no ladder, err = %v", o.err)
	}
	return o, o.res.Ladders[0]
}

func TestLadderFindsTheBracket(t *testing.T) {
	for name, c := range map[string]struct {
		script  scripted.Script
		forgets time.Duration
		resets  bool
		kind    livetest.CloseKind
	}{
		"silent drop":        {scripted.Script{}, 42 * time.Second, false, livetest.CloseSilent},
		"reset on send":      {scripted.Script{}, 42 * time.Second, true, livetest.CloseRSTOnSend},
		"short":              {scripted.Script{}, 2500 * time.Millisecond, true, livetest.CloseRSTOnSend},
		"at a rung":          {scripted.Script{}, 34 * time.Second, true, livetest.CloseRSTOnSend},
		"server before box":  {scripted.Script{Idle: 20 * time.Second}, 42 * time.Second, true, livetest.CloseFIN},
		"box before server":  {scripted.Script{Idle: 60 * time.Second}, 42 * time.Second, true, livetest.CloseRSTOnSend},
		"the server resets":  {scripted.Script{Idle: 20 * time.Second, Reset: true}, 0, false, livetest.CloseRST},
		"as long as we look": {scripted.Script{}, 0, false, livetest.CloseNone},
	} {
		t.Run(name, func(t *testing.T) {
			o, l := ladderOf(t, c.script, c.forgets, c.resets, nil)
			ends := c.forgets
			if i := c.script.Idle; i > 0 && (ends == 0 || i < ends) {
				ends = i
			}
			if ends == 0 {
				if l.Dead != nil || l.Alive == nil || *l.Alive != 90*time.Second || o.err != nil {
					t.Errorf("alive %v, dead %v, err = %v", l.Alive, l.Dead, o.err)
				}
				return
			}
			if l.Dead == nil || l.Close != c.kind || *l.Dead < ends || l.Alive != nil && *l.Alive >= ends {
				t.Fatalf("alive %v, dead %v by %s; the connection ends at %v by %s", l.Alive, l.Dead, l.Close, ends, c.kind)
			}
			if want := max(500*time.Millisecond, *l.Dead/20); *l.Dead-*l.Alive > want && c.kind != livetest.CloseFIN && c.kind != livetest.CloseRST {
				t.Errorf("the bracket %v to %v is wider than %v", *l.Alive, *l.Dead, want)
			}
			if o.err != nil {
				t.Error(o.err)
			}
		})
	}
}

// A gap that found the connection dead ends the longer ones, so a climb takes as long as
// the answer and not as the longest gap.
func TestLadderStopsAboveTheAnswer(t *testing.T) {
	o, l := ladderOf(t, scripted.Script{}, 6*time.Second, true, func(s *livetest.Spec) { s.IdleLimit = time.Hour })
	if o.took > time.Minute || l.Dead == nil {
		t.Errorf("took %v for a box that forgets after 6 s", o.took)
	}
	given := 0
	for _, g := range l.Rungs {
		if g.State == livetest.SampleDiscarded {
			given++
		}
	}
	if given == 0 || o.res.Outcome != livetest.OutcomeMeasured {
		t.Errorf("%d rungs were given up, outcome %s", given, o.res.Outcome)
	}
}

// The ladder never has more connections open than it said.
func TestLadderIsPolite(t *testing.T) {
	var mu sync.Mutex
	open, most := 0, 0
	synctest.Test(t, func(t *testing.T) {
		dial := scripted.Dialer(scripted.Script{})
		p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
			c, err := dial(ctx, a)
			mu.Lock()
			defer mu.Unlock()
			open++
			most = max(most, open)
			return &closing{Conn: c, closed: func() { mu.Lock(); defer mu.Unlock(); open-- }}, err
		}}
		spec := livetest.NewSpec(target())
		spec.IdleLimit, spec.Measure = 20*time.Minute, []livetest.Measurement{livetest.MeasureLadder}
		spec = spec.Normalize()
		if o := collect(t.Context(), p, spec); o.err != nil {
			t.Error(o.err)
		}
		if most > spec.Sockets() || most > livetest.DefaultConnectionCap {
			t.Errorf("%d connections at once, %d were announced", most, spec.Sockets())
		}
	})
}

// closing tells of its first close.
type closing struct {
	net.Conn
	once   sync.Once
	closed func()
}

func (c *closing) Close() error {
	c.once.Do(c.closed)
	return c.Conn.Close()
}
