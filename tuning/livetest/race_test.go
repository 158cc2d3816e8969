package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

func TestSafeLimitOfARace(t *testing.T) {
	const around = 5 * time.Second
	step := func(ms, failed int) livetest.RaceStep {
		return livetest.RaceStep{Offset: time.Duration(ms) * time.Millisecond, Method: "GET", Sent: 5, Failed: failed}
	}
	for name, c := range map[string]struct {
		race livetest.Race
		want time.Duration
	}{
		"nothing lost":               {livetest.Race{Around: around, Steps: []livetest.RaceStep{step(-10, 0), step(0, 0)}}, 0},
		"lost at one step":           {livetest.Race{Around: around, Steps: []livetest.RaceStep{step(-10, 0), step(0, 2), step(10, 0)}}, around - 10*time.Millisecond},
		"lost by one of two methods": {livetest.Race{Around: around, Steps: []livetest.RaceStep{step(-10, 0), step(-10, 0), step(0, 2), step(0, 0), step(10, 0)}}, around - 10*time.Millisecond},
		"lost over a window":         {livetest.Race{Around: around, Steps: []livetest.RaceStep{step(-40, 0), step(-30, 1), step(-20, 5), step(-10, 3)}}, around - 50*time.Millisecond},
		"shorter than that":          {livetest.Race{Around: 30 * time.Millisecond, Steps: []livetest.RaceStep{step(-30, 1), step(0, 5)}}, 0},
		"poisson has no steps":       {livetest.Race{Mode: livetest.RacePoisson, Around: around, Steps: []livetest.RaceStep{step(0, 5)}}, 0},
	} {
		if got := c.race.SafeLimit(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
