package run_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// parts are the measurements, alone, against a server that closes after 5 s.
func parts() map[string]func(*livetest.Spec) {
	only := func(m livetest.Measurement) func(*livetest.Spec) {
		return func(s *livetest.Spec) { s.Measure = []livetest.Measurement{m} }
	}
	race := func(r livetest.RaceSpec) func(*livetest.Spec) {
		return func(s *livetest.Spec) {
			s.Measure, s.Cap, s.Race = []livetest.Measurement{livetest.MeasureRace}, 1000, &r
		}
	}
	return map[string]func(*livetest.Spec){
		"idle":   only(livetest.MeasureIdle),
		"ladder": only(livetest.MeasureLadder),
		"hold": func(s *livetest.Spec) {
			s.Measure, s.Hold = []livetest.Measurement{livetest.MeasureHold}, 200
		},
		"race":          race(livetest.RaceSpec{Around: 5 * time.Second}),
		"race of crowd": race(livetest.RaceSpec{Mode: livetest.RacePoisson, Around: 5 * time.Second, Clients: 20}),
	}
}

func playPart(ctx context.Context, p run.Tester, change func(*livetest.Spec)) outcome {
	spec := livetest.NewSpec(target())
	spec.IdleLimit = 20 * time.Second
	change(&spec)
	return collect(ctx, p, spec.Normalize())
}

// A machine that slept, a clock that was set, and a process that was stopped over the closes
// give no verdict, whatever is measured; a ladder climbs again.
func TestPausesGiveNoVerdict(t *testing.T) {
	for pause, c := range map[string]struct{ mono, wall time.Duration }{
		"machine suspended": {0, time.Hour},
		"clock set back":    {0, -time.Minute},
		"stopped":           {3 * time.Second, 3 * time.Second},
	} {
		for name, part := range parts() {
			if name == "ladder" {
				continue // TestLadderOverAPause
			}
			t.Run(name+" "+pause, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					begin := time.Now()
					p := run.WithClock(run.Tester{Dial: scripted.Dialer(scripted.Script{Idle: 5 * time.Second})}, func() (time.Duration, time.Time) {
						ran := time.Since(begin)
						if ran >= 4900*time.Millisecond {
							return ran + c.mono, begin.Add(ran + c.wall)
						}
						return ran, begin.Add(ran)
					})
					o := playPart(t.Context(), p, part)
					if !errors.Is(o.err, run.ErrInconclusive) || o.res.Outcome != livetest.OutcomeInconclusive {
						t.Errorf("err = %v, outcome %q", o.err, o.res.Outcome)
					}
					if o.err != nil && !strings.Contains(o.err.Error(), "clocks drifted apart") && !strings.Contains(o.err.Error(), "did not run for 3.1s") {
						t.Errorf("err = %v, which does not name the pause", o.err)
					}
				})
			})
		}
	}
}

// A short stop beside the closes takes nothing from the held connections.
func TestHoldOverAStopBeforeTheCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := run.WithClock(run.Tester{Dial: scripted.Dialer(scripted.Script{Idle: 10 * time.Second})}, func() (time.Duration, time.Time) {
			ran := time.Since(begin)
			if ran >= 2*time.Second {
				ran += 3 * time.Second
			}
			return ran, begin.Add(ran)
		})
		if o := playPart(t.Context(), p, parts()["hold"]); o.err != nil || len(o.res.Hold.Closed) != 200 {
			t.Errorf("err = %v, hold %+v", o.err, o.res.Hold)
		}
	})
}

// Whatever is measured, cancelling it returns within a second, without a verdict and with
// every connection closed.
func TestCancelledAtAnyTime(t *testing.T) {
	for name, part := range parts() {
		for _, after := range []time.Duration{0, 50 * time.Millisecond, 2 * time.Second, 4990 * time.Millisecond} {
			t.Run(name+" after "+after.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var open atomic.Int64
					dial := scripted.Dialer(scripted.Script{Idle: 5 * time.Second})
					p := run.Tester{Dial: counting(&open, func(ctx context.Context, a string) (net.Conn, error) { return dial(ctx, a) })}
					ctx, cancel := context.WithTimeout(t.Context(), after)
					defer cancel()
					o := playPart(ctx, p, part)
					if !errors.Is(o.err, context.DeadlineExceeded) || o.took > after+time.Second {
						t.Errorf("err = %v after %v", o.err, o.took)
					}
					if n := open.Load(); n != 0 {
						t.Errorf("%d connections are still open", n)
					}
					if last := o.events[len(o.events)-1]; last.Kind != livetest.EventFinished || o.res.Outcome != livetest.OutcomeInconclusive {
						t.Errorf("ends with %s, outcome %q (%s)", last.Kind, o.res.Outcome, o.res.Reason)
					}
				})
			})
		}
	}
}
