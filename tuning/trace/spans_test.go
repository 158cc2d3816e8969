package trace_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/keeptune/tuning/trace"
)

// Spans that are counted together differ by less than 1 %, those that differ by more are not, and
// all are there, in their order.
func TestSpans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	var one, two trace.Spans
	for i := range 20_000 {
		d := time.Duration(1) << r.IntN(62)
		d += time.Duration(r.Int64N(int64(d)))
		all = append(all, d)
		if i%2 == 0 {
			one.Add(d)
		} else {
			two.Add(d)
		}
	}
	one.Merge(&two)
	slices.Sort(all)
	if one.N != len(all) || one.Low != all[0] || one.High != all[len(all)-1] || one.At(0) != all[0] || one.At(1) != one.High {
		t.Errorf("%d spans from %v to %v", one.N, one.Low, one.High)
	}
	n := 0
	for _, b := range one.Bars() {
		if b.Low != all[n] || b.High != all[n+b.N-1] || b.High >= time.Microsecond && b.High-b.Low >= b.Low/100 {
			t.Fatalf("%d spans from %v to %v, in the place of %v", b.N, b.Low, b.High, all[n])
		}
		n += b.N
	}
	for _, part := range []float64{0.1, 0.5, 0.9} {
		if got, want := one.At(part), all[int(part*float64(len(all)))]; (got - want).Abs() > max(want/100, time.Microsecond) {
			t.Errorf("%v of all are %v or less, and it says %v", part, want, got)
		}
	}
	for _, d := range []time.Duration{time.Microsecond, time.Millisecond, 5 * time.Second, 2 * time.Hour} {
		var s trace.Spans
		s.Add(d)
		s.Add(d + d/100 + 1)
		if bars := s.Bars(); len(bars) != 2 {
			t.Errorf("%v and 1 %% more: %+v", d, bars)
		}
	}
}
