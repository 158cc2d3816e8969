package census_test

import (
	"math"
	"testing"
	"time"

	"example.com/keeptune/tuning/census"
)

// followed is a count of established connections by cookie and idle time.
func followed(idle map[uint64]time.Duration) *census.Summary {
	m := census.NewSummary(census.Filter{})
	m.Follow()
	for cookie, d := range idle {
		m.Add(&census.Socket{State: census.Established, Cookie: cookie, Sent: d, Received: d})
	}
	m.Add(&census.Socket{State: census.CloseWait, Cookie: 99})
	return m
}

func TestFlow(t *testing.T) {
	var f census.Flow
	if _, ok := f.Rate(); ok || f.Arrivals() != 0 {
		t.Error("nothing was watched")
	}
	first := followed(map[uint64]time.Duration{1: 10 * time.Second, 2: 4 * time.Second, 3: time.Second, 4: time.Second})
	// 1 goes on being idle, 2 had data a second ago, 3 is gone, 4 had it 2 s ago to the moment.
	second := followed(map[uint64]time.Duration{1: 12 * time.Second, 2: time.Second, 4: 2 * time.Second, 5: 0, 6: time.Second})
	f.Since(nil, first, 2*time.Second)
	f.Since(first, second, 2*time.Second)
	if f.Came != 2 || f.Stayed != 3 || f.Active != 1 || f.Span != 2*time.Second || f.Arrivals() != 1 {
		t.Errorf("%+v, %g/s", f, f.Arrivals())
	}
	// Of three connections one had data in 2 s.
	if r, ok := f.Rate(); !ok || math.Abs(r-0.2027) > 0.0001 {
		t.Errorf("rate %g, %v", r, ok)
	}
	if p, ok := f.Pause(0.5); !ok || p != 4500*time.Millisecond {
		t.Errorf("pause %s, %v", p, ok)
	}
	f.Since(second, followed(map[uint64]time.Duration{5: 500 * time.Millisecond}), 2*time.Second)
	if p, _ := f.Pause(0.9); f.Span != 4*time.Second || p != 4500*time.Millisecond {
		t.Errorf("%+v, pause %s", f, p)
	}
	if p, _ := f.Pause(0.1); p != 750*time.Millisecond {
		t.Errorf("pause %s", p)
	}
}
