package cli

import (
	"slices"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/trace"
)

// Each close is a step of the curve; of very many that are alike, some are.
func TestSurvivalOf(t *testing.T) {
	var s trace.Server
	closed := &s.Sides[trace.TheServer].Silences
	for _, d := range []time.Duration{60 * time.Second, 5 * time.Second, 5004 * time.Millisecond, 5004 * time.Millisecond} {
		closed.Add(d)
	}
	c := survivalOf(&s)
	// Those within 1 % lie evenly between the lowest and the highest.
	want := []livetest.SurvivalPoint{{Open: 4}, {After: 5 * time.Second, Open: 3}, {After: 5002 * time.Millisecond, Open: 2}, {After: 5004 * time.Millisecond, Open: 1}, {After: time.Minute}}
	if !slices.Equal(c.Points, want) || c.Total != 4 || len(c.Marks) != 1 || c.Marks[0].At != 5*time.Second {
		t.Errorf("%+v", c)
	}
	s.Hint.N, s.Hint.Low = 1, 7*time.Second
	for i := range 100_000 {
		closed.Add(40*time.Second + time.Duration(i)*time.Microsecond)
	}
	c = survivalOf(&s)
	last := c.Points[len(c.Points)-1]
	if len(c.Points) != 1+3+steps+1 || c.Total != 100_004 || last != (livetest.SurvivalPoint{After: time.Minute}) || c.Marks[0].At != 7*time.Second {
		t.Errorf("%d points of %d closes, the last %+v, marks %+v", len(c.Points), c.Total, last, c.Marks)
	}
	if !slices.IsSortedFunc(c.Points, func(a, b livetest.SurvivalPoint) int { return int(a.After - b.After + time.Duration(b.Open-a.Open)) }) {
		t.Errorf("%+v", c.Points)
	}
}
