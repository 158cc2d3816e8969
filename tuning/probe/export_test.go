package probe

import "time"

// WithClock returns a Prober that watches its own pauses by another clock.
func WithClock(p Prober, clock func() (time.Duration, time.Time)) Prober {
	p.clock = clock
	return p
}
