package tuning_test

import (
	"math"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// TestRaceFormula holds the formula against the rows of the experiment in which
// it was measured: a server of idle limit T, a relay of a given RTT, requests
// at random times; the measured ratio is never below the formula by more than
// its counting error, nor above it by more than the relay's jitter explains.
func TestRaceFormula(t *testing.T) {
	for _, tt := range []struct {
		t, rtt   time.Duration
		rate     float64 // times T
		want     float64
		measured float64
	}{
		{200 * time.Millisecond, 20 * time.Millisecond, 0.25, 0.0197, 0.0204},
		{200 * time.Millisecond, 20 * time.Millisecond, 1, 0.0387, 0.0447},
		{200 * time.Millisecond, 20 * time.Millisecond, 3, 0.0174, 0.0218},
		{200 * time.Millisecond, 20 * time.Millisecond, 6, 0.0020, 0.0024},
		{400 * time.Millisecond, 20 * time.Millisecond, 1, 0.0189, 0.0232},
		{200 * time.Millisecond, 60 * time.Millisecond, 1, 0.129, 0.137},
	} {
		got := model.RaceProbability(tt.rate/tt.t.Seconds(), tt.t, tt.rtt, model.Never)
		if math.Abs(got-tt.want) > 0.0005 {
			t.Errorf("T %v, RTT %v, rate x T %v: %.4f, want %.4f", tt.t, tt.rtt, tt.rate, got, tt.want)
		}
		if ratio := tt.measured / got; ratio < 0.85 || ratio > 1.5 {
			t.Errorf("T %v, RTT %v, rate x T %v: measured %.4f is %.2f times the formula", tt.t, tt.rtt, tt.rate, tt.measured, ratio)
		}
	}
}

func TestWorstRaceIsTheMaximum(t *testing.T) {
	for _, tt := range []struct{ t, w, p time.Duration }{
		{5 * time.Second, 700 * time.Microsecond, model.Never},
		{5 * time.Second, 50 * time.Millisecond, time.Minute},
		{75 * time.Second, 300 * time.Millisecond, 74900 * time.Millisecond},
	} {
		worst := tuning.WorstRace(tt.t, tt.w, tt.p)
		for rate := 1e-4; rate < 100; rate *= 1.05 {
			if p := model.RaceProbability(rate, tt.t, tt.w, tt.p); p > worst*1.0001 {
				t.Errorf("%+v: rate %v gives %v, above the worst %v", tt, rate, p, worst)
			}
		}
		if best := model.RaceProbability(1/tt.t.Seconds(), tt.t, tt.w, tt.p); worst < best {
			t.Errorf("%+v: worst %v is below %v", tt, worst, best)
		}
	}
	if p := tuning.WorstRace(5*time.Second, 50*time.Millisecond, 4*time.Second); p != 0 {
		t.Errorf("a client that gives up a second before the close still races: %v", p)
	}
}
