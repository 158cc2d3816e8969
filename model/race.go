package model

import (
	"math"
	"time"
)

// RaceProbability is the chance that a request on a reused connection is lost
// to a close: e^(-rate (T-W)) - e^(-rate min(T, P)) for P > T - W, else 0, with
// requests per second on one connection, the far side's close T, the window W
// and the client's own limit P (Never for none).
func RaceProbability(rate float64, t, w, p time.Duration) float64 {
	if p <= t-w || t == Never {
		return 0
	}
	from, to := max((t-w).Seconds(), 0), min(t, p).Seconds()
	return math.Exp(-rate*from) - math.Exp(-rate*to)
}
