package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/scripted"
)

// Whatever the step and wherever in it a test begins, the band holds every close that can
// come, is at most a step and 50 ms wider, and the second round takes no longer than it said.
func TestTicksInVirtualTime(t *testing.T) {
	const slack = 50 * time.Millisecond
	for _, step := range []time.Duration{0, 250, 900, 1000, 4000, 7000, 30_000} {
		for _, idle := range []time.Duration{1200, 8000, 120_000} {
			for phase := range 3 {
				step, idle := step*time.Millisecond, idle*time.Millisecond
				t.Run(fmt.Sprintf("step %v, idle %v, phase %d", step, idle, phase), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						time.Sleep(time.Duration(3*phase+1) * step / 11)
						o := play(t.Context(), scripted.Script{Idle: idle, BeforeRequest: idle, Step: step}, func(s *livetest.Spec) {
							s.IdleLimit = 200 * time.Second
							s.Measure = []livetest.Measurement{livetest.MeasureIdle}
						})
						i := o.res.Idle
						from, to, ok := i.Band()
						if o.err != nil || !ok {
							t.Fatalf("err = %v, idle = %+v, ticks = %+v", o.err, i, i.Ticks)
						}
						if from > idle || to < idle+step || to-from > 2*step+slack {
							t.Errorf("band %v to %v (%v), closes are from %v to %v; ticks %+v", from, to, to-from, idle, idle+step, i.Ticks)
						}
						switch {
						case step == 0 && i.Ticks != nil:
							t.Errorf("an exact timer ticks: %+v", i.Ticks)
						case step > 0 && (i.Ticks == nil || i.Ticks.Step != step || !i.Ticks.Found):
							t.Errorf("ticks = %+v", i.Ticks)
						}
						if x := o.res.Second; x != nil && o.took > x.At+x.AtMost {
							t.Errorf("it took %v, promised were %v and %v", o.took, x.At, x.AtMost)
						} else if x == nil && o.took > idle+step+time.Second {
							t.Errorf("it took %v without a second round", o.took)
						}
					})
				})
			}
		}
	}
}

// Without a second round, nothing narrow is said of what ended at one moment; and where the
// starts are spread less than a step, the bound that two rounds give holds.
func TestTicksThatAreNotFound(t *testing.T) {
	for name, second := range map[string]time.Duration{"off": -1, "too short": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Second)
				o := play(t.Context(), scripted.Script{Idle: 5 * time.Second, BeforeRequest: 70 * time.Second, Step: 30 * time.Second}, func(s *livetest.Spec) {
					s.Second, s.IdleLimit = second, 100*time.Second
				})
				i := o.res.Idle
				if o.err != nil || i.Ticks == nil || i.Ticks.Found {
					t.Fatalf("err = %v, ticks = %+v", o.err, i.Ticks)
				}
				from, to, ok := i.Band()
				switch {
				case second < 0 && (ok || o.res.Second != nil || i.Samples != 7):
					t.Errorf("band %v to %v (%v) after %d samples", from, to, ok, i.Samples)
				case second > 0 && (!ok || from > 5*time.Second || to < 35*time.Second || o.res.Second.Spread != second):
					t.Errorf("band %v to %v (%v), %+v", from, to, ok, o.res.Second)
				}
				if b := o.res.Silence(livetest.MeasureBeforeRequest); b == nil || b.Ticks == nil || b.Ticks.Step != 0 {
					t.Errorf("before a request: %+v", b)
				}
			})
		})
	}
}

// A step that is known beforehand is covered once, in less time.
func TestTicksThatAreKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Second)
		o := play(t.Context(), scripted.Script{Idle: 8 * time.Second, Step: 4 * time.Second}, func(s *livetest.Spec) {
			s.Second = livetest.SecondFor(4 * time.Second)
			s.Measure = []livetest.Measurement{livetest.MeasureIdle}
		})
		told := slices.IndexFunc(o.events, func(e livetest.Event) bool { return e.Kind == livetest.EventSecond })
		if told < 0 || !strings.Contains(o.events[told].Text, "at most "+model.HumanSpan(o.events[told].Took.Round(100*time.Millisecond))+" more") ||
			slices.ContainsFunc(o.events[:told], func(e livetest.Event) bool { return e.Conn > 8 }) {
			t.Errorf("the price is not told before the second round begins: %+v", o.events[max(0, told)])
		}
		if i := o.res.Idle; o.err != nil || !i.Ticks.Found || i.Ticks.Step != 4*time.Second || o.took > 30*time.Second {
			t.Errorf("err = %v, ticks = %+v after %v", o.err, i.Ticks, o.took)
		}
	})
}
