package trace

import (
	"math"
	"slices"
	"time"
)

// Spans counts lengths of time without keeping them: in buckets that are 1 % wide, each
// with its exact lowest and highest. The zero value is empty.
type Spans struct {
	N         int
	Low, High time.Duration // exact; 0 where N is 0
	buckets   map[int16]bucket
}

type bucket struct {
	n         int
	low, high time.Duration
}

// growth is how much longer the spans of a bucket may be than those of the one below.
const growth = 0.01

// Add takes a span in; one below 0, of packets out of order, counts as 0.
func (s *Spans) Add(d time.Duration) {
	d = max(d, 0)
	key := int16(-1)
	if d >= time.Microsecond {
		key = int16(math.Log(float64(d)/float64(time.Microsecond)) / growth)
	}
	s.put(key, bucket{1, d, d})
}

func (s *Spans) put(key int16, b bucket) {
	if s.buckets == nil {
		s.buckets = map[int16]bucket{}
	}
	if s.N == 0 || b.low < s.Low {
		s.Low = b.low
	}
	s.High = max(s.High, b.high)
	s.N += b.n
	if had, ok := s.buckets[key]; ok {
		b = bucket{had.n + b.n, min(had.low, b.low), max(had.high, b.high)}
	}
	s.buckets[key] = b
}

// Merge takes all spans of another count in.
func (s *Spans) Merge(o *Spans) {
	for key, b := range o.buckets {
		s.put(key, b)
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
	for _, key := range s.keys() {
		b := s.buckets[key]
		if rank >= b.n {
			rank -= b.n
			continue
		}
		if b.n == 1 {
			return b.low
		}
		return b.low + time.Duration(float64(b.high-b.low)*float64(rank)/float64(b.n-1))
	}
	return s.High
}

func (s *Spans) keys() []int16 {
	keys := make([]int16, 0, len(s.buckets))
	for key := range s.buckets {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
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
	for _, key := range s.keys() {
		b := s.buckets[key]
		if n := len(all); n == 0 || b.low-all[n-1].High > apart+time.Duration(apartPart*float64(all[n-1].High)) {
			all = append(all, Spans{})
		}
		all[len(all)-1].put(key, b)
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
	for _, key := range s.keys() {
		b := s.buckets[key]
		all = append(all, Bar{b.n, b.low, b.high})
	}
	return all
}
