package run_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/scripted"
)

// Without a network between them, a request before the close is answered and one after it
// finds the connection closed: nothing is lost, and each gap is tried as often as asked.
func TestRaceStepsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Idle: 5 * time.Second}, func(s *livetest.Spec) {
			s.Measure = []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureRace}
			s.Race = &livetest.RaceSpec{Window: 40 * time.Millisecond, Step: 20 * time.Millisecond, PerStep: 4}
			*s = s.Normalize()
		})
		if o.err != nil || o.res.Race == nil || !o.res.Race.Done {
			t.Fatalf("err = %v, race %+v", o.err, o.res.Race)
		}
		r := o.res.Race
		if r.Around != 5*time.Second || len(r.Steps) != 10 {
			t.Errorf("around %v, %d steps", r.Around, len(r.Steps))
		}
		for _, s := range r.Steps {
			switch {
			case s.Sent+s.Closed != 4:
				t.Errorf("%+v: tried %d times, want 4", s, s.Sent+s.Closed)
			case s.Offset < 0 && s.Sent != 4, s.Offset > 0 && s.Closed != 4, s.Offset != 0 && s.Failed > 0:
				t.Errorf("%+v: want answers before the close and closes after it", s)
			}
		}
	})
}

// With a limit of its own the client opens a new connection for every gap beyond it, so each
// request is answered.
func TestRaceStepsWithAClientLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Idle: 5 * time.Second}, func(s *livetest.Spec) {
			s.Measure = []livetest.Measurement{livetest.MeasureRace}
			s.Race = &livetest.RaceSpec{Around: 5 * time.Second, Window: 40 * time.Millisecond, Step: 20 * time.Millisecond, PerStep: 4, ClientLimit: 4900 * time.Millisecond}
			*s = s.Normalize()
		})
		if o.err != nil || o.res.Race == nil || !o.res.Race.Done {
			t.Fatalf("err = %v, race %+v", o.err, o.res.Race)
		}
		for _, s := range o.res.Race.Steps {
			if s.Sent != 4 || s.Failed+s.Closed > 0 {
				t.Errorf("%+v: want 4 requests sent and answered", s)
			}
		}
	})
}

func TestRaceCrowdInVirtualTime(t *testing.T) {
	for limit, wantSeen := range map[time.Duration]bool{0: true, 3 * time.Second: true} {
		synctest.Test(t, func(t *testing.T) {
			o := play(t.Context(), scripted.Script{Idle: 5 * time.Second}, func(s *livetest.Spec) {
				s.Measure = []livetest.Measurement{livetest.MeasureRace}
				s.Race = &livetest.RaceSpec{Mode: livetest.RacePoisson, Around: 5 * time.Second, For: time.Minute, Clients: 50, Rate: 0.2, ClientLimit: limit}
				s.Cap = 60
				*s = s.Normalize()
			})
			if o.err != nil {
				t.Fatal(o.err)
			}
			r := o.res.Race
			// 50 clients at 0.2 a second for a minute: 600 requests, give or take 5 sigma.
			if r.Requests < 480 || r.Requests > 720 || r.Failures != 0 || (r.Steps[0].Closed > 0) != wantSeen {
				t.Errorf("limit %v: %+v", limit, r)
			}
		})
	}
}

func TestRaceNeedsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{}, func(s *livetest.Spec) {
			s.Measure, s.IdleLimit = []livetest.Measurement{livetest.MeasureRace}, 5*time.Second
			*s = s.Normalize()
		})
		if !o.res.Spec.Measures(livetest.MeasureIdle) || o.res.Race != nil && o.res.Race.Requests > 0 {
			t.Errorf("measured %v, race %+v: a race needs the timeout first", o.res.Spec.Measure, o.res.Race)
		}
	})
}

func TestHoldInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Idle: 30 * time.Second}, func(s *livetest.Spec) {
			s.Measure, s.Hold = []livetest.Measurement{livetest.MeasureHold}, 500
			*s = s.Normalize()
		})
		if o.err != nil {
			t.Fatal(o.err)
		}
		h := o.res.Hold
		if h.Opened != 500 || h.Open != 0 || h.Kinds[livetest.CloseFIN] != 500 || h.Closed[0] != 30*time.Second || h.Closed[499] != 30*time.Second {
			t.Errorf("opened %d, open %d, %v", h.Opened, h.Open, h.Kinds)
		}
		if s := h.Survival(); len(s) != 2 || s[0].Open != 500 || s[1] != (livetest.SurvivalPoint{After: 30 * time.Second}) {
			t.Errorf("survival %v", s)
		}
	})
}
