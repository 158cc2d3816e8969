package tuning

import (
	"math"
	"time"

	"example.com/keeptune/model"
)

// A Window is the race window W of a leg and what it makes of the margin.
type Window struct {
	Width   time.Duration
	Assumed bool
	// Worst is the chance that a reused request meets a close, at the request
	// rate that is worst for it: requests on one connection at random times,
	// the far side closing after T, the client reusing until P.
	Worst float64
}

// windowOf is the race window of a leg: given, or assumed from the RTT, and
// never below the RTT where that is known, for a request and a close that
// cross take one.
func windowOf(l model.Quantities) Window {
	rtt, known := l.RTT()
	w := Window{Width: windowNear, Assumed: true}
	if known && rtt > nearRTT {
		w.Width = windowFar
	}
	if s, ok := l.Quantity(model.QuantityWindow); ok {
		if d, ok := s.Value.Duration(); ok {
			w = Window{Width: d}
		}
	}
	if known {
		w.Width = max(w.Width, rtt)
	}
	return w
}

// WorstRace is the greatest [model.RaceProbability] over all rates. The maximum lies
// at rate ln(b/a)/(b-a) for the window (a, b).
func WorstRace(t, w, p time.Duration) float64 {
	if p <= t-w || t == model.Never || t == 0 {
		return 0
	}
	from, to := (t - w).Seconds(), min(t, p).Seconds()
	if from <= 0 {
		return 1
	}
	if to <= from {
		return 0
	}
	return model.RaceProbability(math.Log(to/from)/(to-from), t, w, p)
}

// latestReuseAndEarliestClose is the latest moment at which the client still reuses, and the
// earliest at which the far side may have closed.
func latestReuseAndEarliestClose(all []Limiter) (reuse, gone time.Duration) {
	reuse, gone = model.Never, model.Never
	for _, x := range all {
		if x.By == ByClient {
			reuse = min(reuse, x.High)
		} else {
			gone = min(gone, x.Low)
		}
	}
	return reuse, gone
}
