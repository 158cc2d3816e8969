package tuning

import (
	"time"

	"example.com/keeptune/model"
)

// Expected is the server's idle timer that should end the silent connections of
// a leg first; false where it has none, or its value is not known.
func Expected(l *Limit) (Limiter, bool) {
	x, found := Limiter{Low: model.Never}, false
	for _, y := range l.All {
		if y.By == ByServer && y.Known && y.Low < x.Low {
			x, found = y, true
		}
	}
	return x, found
}

// Compare holds a server's configured idle timer against what was measured: within the
// catalog's spread, or where that is exact, within 10 % and a second (rule EFF-1). It is
// false while that cannot be said, with too few samples or with a timer that may act yet.
func Compare(x Limiter, r model.ProbeResult) (model.ProbeVerdict, bool) {
	limit := r.Spec.IdleLimit
	switch {
	case x.Low == model.Never || r.Idle.Samples < model.MinGoodSamples:
		return model.ProbeVerdict{}, false
	case r.Idle.Low == nil || r.Idle.After == nil:
		v := model.ProbeVerdict{Compare: "configured", Says: x.Low, Measured: limit}
		return v, model.Add(x.High, Timing) < limit
	}
	low, high := Closes(r)
	return model.ProbeVerdict{
		Compare: "configured", Says: x.Low, Measured: *r.Idle.After, Agrees: Agrees(x.Low, x.High, low, high),
	}, true
}

// Closes are the earliest and the latest close of an idle connection that was measured;
// with samples still open the latest is the end of the test. Both are 0 where none closed.
func Closes(r model.ProbeResult) (low, high time.Duration) {
	if r.Idle.Low == nil {
		return 0, 0
	}
	high = r.Spec.IdleLimit
	if r.Idle.High != nil {
		high = *r.Idle.High
	}
	return *r.Idle.Low, high
}
