package run

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

func TestPace(t *testing.T) {
	for _, c := range []struct {
		local bool
		rate  float64
		want  time.Duration // of the 400th request
	}{
		{local: true, want: 0},
		{local: false, want: 2 * time.Second}, // model.ForeignRequestRate
		{local: false, rate: 1000, want: 400 * time.Millisecond},
		{local: true, rate: 100, want: 4 * time.Second},
	} {
		r := &run{local: c.local, spec: livetest.Spec{RequestRate: c.rate}}
		begin := time.Now()
		due := begin
		for range 400 {
			due = paced(due, due, r.gap())
		}
		if got := due.Sub(begin); got != c.want {
			t.Errorf("local %v, rate %v: %v, want %v", c.local, c.rate, got, c.want)
		}
	}
}

// A reply that took long is no leave for a burst.
func TestPaceDoesNotCatchUp(t *testing.T) {
	r := &run{}
	begin := time.Now()
	due, now, sent := begin, begin.Add(3*time.Second), 0
	for !due.After(now) {
		due = paced(due, now, r.gap())
		sent++
	}
	if sent > 6 {
		t.Errorf("%d requests at once after a stall", sent)
	}
}
