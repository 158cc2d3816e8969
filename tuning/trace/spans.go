package trace

import (
	"math/bits"
	"slices"
	"time"
)

// Spans counts lengths of time without keeping them: in buckets that are less than 1 % wide,
// each with its exact lowest and highest. The zero value is empty.
type Spans struct {
	N         int
	Low, High time.Duration // exact; 0 where N is 0
	buckets   []bucket      // in the order of their keys
}

type bucket struct {
	key       int16
	n         int32
	low, high time.Duration
}

// parts is into how many buckets each doubling of a length is divided, and shortest the length
// below which all are one.
const (
	parts    = 1 << 7
	shortest = time.Microsecond
)

// keyOf is the bucket of a length: the longer, the higher, in steps of 1/parts of a power of two.
func keyOf(d time.Duration) int16 {
	if d < shortest {
		return -1
	}
	n := bits.Len64(uint64(d)) - 1
	return int16(n*parts + int(uint64(d)<<(63-n)>>(63-7)&(parts-1)))
}

// Add takes a span in; one below 0, of packets out of order, counts as 0.
func (s *Spans) Add(d time.Duration) {
	d = max(d, 0)
	s.put(bucket{keyOf(d), 1, d, d})
}

func (s *Spans) put(b bucket) {
	if s.N == 0 || b.low < s.Low {
		s.Low = b.low
	}
	s.High = max(s.High, b.high)
	s.N += int(b.n)
	from, to := 0, len(s.buckets) // by hand: slices.BinarySearchFunc takes a third longer, on every turn of a connection
	for from < to {
		if mid := (from + to) / 2; s.buckets[mid].key < b.key {
			from = mid + 1
		} else {
			to = mid
		}
	}
	if from == len(s.buckets) || s.buckets[from].key != b.key {
		s.buckets = slices.Insert(s.buckets, from, b)
		return
	}
	had := &s.buckets[from]
	had.n += b.n
	had.low, had.high = min(had.low, b.low), max(had.high, b.high)
}

// Merge takes all spans of another count in.
func (s *Spans) Merge(o *Spans) {
	for _, b := range o.buckets {
		s.put(b)
	}
}

// Median is the middle one, within a bucket's width; 0 where there is none.
func (s *Spans) Median() time.Duration { return s.At(0.5) }

// At is the span that a part of all, from 0 to 1, are not longer than; exact at both
// ends, within a bucket's width between them.
func (s *Spans) At(part float64) time.Duration {
	if s.N == 0 {
		return 0
	}
	rank := min(int(part*float64(s.N)), s.N-1)
	for _, b := range s.buckets {
		if rank >= int(b.n) {
			rank -= int(b.n)
			continue
		}
		if b.n == 1 {
			return b.low
		}
		return b.low + time.Duration(float64(b.high-b.low)*float64(rank)/float64(b.n-1))
	}
	return s.High
}

// Two spans are of one timer where no more lies between them than this: servers look at
// their timers in steps of up to a second, and kernels' are late by a part of their length.
const (
	apart     = 500 * time.Millisecond
	apartPart = 0.05
)

// Clusters are the groups of spans that lie close together, the shortest first.
func (s *Spans) Clusters() []Spans {
	var all []Spans
	for _, b := range s.buckets {
		if n := len(all); n == 0 || b.low-all[n-1].High > apart+time.Duration(apartPart*float64(all[n-1].High)) {
			all = append(all, Spans{})
		}
		all[len(all)-1].put(b)
	}
	return all
}

// A Bar is a bar of a histogram: N spans from Low to High.
type Bar struct {
	N         int
	Low, High time.Duration
}

// Bars are the spans in their order, a bar for each that differs by more than 1 %.
func (s *Spans) Bars() []Bar {
	var all []Bar
	for _, b := range s.buckets {
		all = append(all, Bar{int(b.n), b.low, b.high})
	}
	return all
}
