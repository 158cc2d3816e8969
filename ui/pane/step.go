package pane

import (
	"math"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// steps are how far + and - go from a value below a bound.
var steps = []struct{ below, fine, coarse time.Duration }{
	{time.Second, 100 * time.Millisecond, 500 * time.Millisecond},
	{10 * time.Second, time.Second, 5 * time.Second},
	{time.Minute, 5 * time.Second, 15 * time.Second},
	{10 * time.Minute, 10 * time.Second, time.Minute},
	{time.Hour, time.Minute, 10 * time.Minute},
	{10 * time.Hour, 10 * time.Minute, time.Hour},
	{model.Never, time.Hour, 12 * time.Hour},
}

var counts = []struct{ below, fine, coarse int64 }{
	{20, 1, 5}, {100, 5, 25}, {1000, 50, 250}, {10_000, 500, 2500}, {1 << 62, 5000, 25_000},
}

// stepped is the row's value one step further, on a round number. It is false
// where there is no number to step from, or no further step.
func stepped(row *tuning.Row, up, coarse bool) (model.Value, bool) {
	p := row.Param
	if p.Shape() == model.ShapeSwitch {
		return model.Switch(up), true
	}
	low, high := p.Range()
	if n, ok := row.Value.Count(); ok {
		next := stepCount(n, up, coarse)
		next = max(low, min(next, high))
		return model.Times(next), next != n && next != 0
	}
	if f, ok := row.Value.PerSecond(); ok {
		next := stepRate(f, up)
		return model.PerSecond(next), next != f && next <= float64(p.Max)
	}
	d, ok := row.Value.Duration()
	if row.Value == model.ValueOff && up {
		d, ok = 0, true
		if p.Shape() == model.ShapeCount {
			return model.Times(max(1, low)), true
		}
	}
	if !ok || d == model.Never {
		return model.Value{}, false
	}
	next := stepSpan(d, p.Unit.Size(), up, coarse)
	next = time.Duration(max(low, min(int64(next), high)))
	return model.For(next), next != d && next > 0
}

func stepSpan(d, unit time.Duration, up, coarse bool) time.Duration {
	at := d
	if !up {
		at-- // a value on a bound goes down by the finer step
	}
	for _, s := range steps {
		if at < s.below {
			by := s.fine
			if coarse {
				by = s.coarse
			}
			by = max(by, unit)
			if up {
				return d/by*by + by
			}
			return (d - 1) / by * by
		}
	}
	return d
}

func stepCount(n int64, up, coarse bool) int64 {
	at := n
	if !up {
		at--
	}
	for _, s := range counts {
		if at < s.below {
			by := s.fine
			if coarse {
				by = s.coarse
			}
			if up {
				return n/by*by + by
			}
			return (n - 1) / by * by
		}
	}
	return n
}

// stepRate goes along 1, 2, 5, 10, from a thousandth on.
func stepRate(f float64, up bool) float64 {
	last := f
	for size := 0.001; size < 1e9; size *= 10 {
		for _, n := range []float64{1, 2, 5} {
			at := math.Round(n*size*1e6) / 1e6
			if up && at > f {
				return at
			}
			if !up && at >= f {
				return last
			}
			last = at
		}
	}
	return f
}
