package census

import (
	"math"
	"slices"
	"time"
)

// A Flow is what came and went between counts of the same connections. Connections that
// came and ended between two counts are missed, and so are pauses that began and ended
// there.
type Flow struct {
	Span   time.Duration // watched
	Came   int           // established connections that were not there before
	Stayed int           // connections that two counts in a row have, each pair once
	Active int           // of Stayed: data passed in between
	pauses []time.Duration
	every  time.Duration // of the last pair of counts
}

// pausesKept bounds the memory of a flow that is watched for long.
const pausesKept = 10000

// Follow makes the summary remember each established connection that is added from now
// on, 24 bytes or so, so that a later count can be compared with it.
func (m *Summary) Follow() { m.idle = map[uint64]time.Duration{} }

// Since adds what happened from an earlier count, which was followed, to this one, d later.
func (f *Flow) Since(before, now *Summary, d time.Duration) {
	if before == nil || before.idle == nil || now.idle == nil || d <= 0 {
		return
	}
	f.Span += d
	f.every = d
	for cookie, idle := range now.idle {
		was, ok := before.idle[cookie]
		switch {
		case !ok:
			f.Came++
			continue
		case idle < 0 || was < 0:
			continue
		}
		f.Stayed++
		if idle >= d {
			continue
		}
		f.Active++
		if len(f.pauses) < pausesKept {
			f.pauses = append(f.pauses, was+(d-idle)/2) // it ended somewhere in d-idle
		}
	}
}

// Arrivals are new connections per second.
func (f *Flow) Arrivals() float64 {
	if f.Span <= 0 {
		return 0
	}
	return float64(f.Came) / f.Span.Seconds()
}

// Rate is how often per second data passes on a connection, false where every connection
// had some between any two counts, or none did. It takes requests for independent of each
// other: of those that come at a rate r, the share e^-rd of connections has none in d.
func (f *Flow) Rate() (float64, bool) {
	if f.Active == 0 || f.Active == f.Stayed || f.every <= 0 {
		return 0, false
	}
	return -math.Log1p(-float64(f.Active)/float64(f.Stayed)) / f.every.Seconds(), true
}

// Pause is the length that the share q, 0 to 1, of the pauses does not exceed; false
// where none has ended.
func (f *Flow) Pause(q float64) (time.Duration, bool) {
	if len(f.pauses) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(f.pauses))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)], true
}
