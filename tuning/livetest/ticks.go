package livetest

import (
	"cmp"
	"math"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// Servers that look at their clock in steps end every connection that is due at the same
// moment. Of connections whose starts were spread less than a step, all end together, and
// the silences seen are as narrow as the spread, wherever they lie in the step.

const (
	// DefaultSecondSpread is the time over which a second round is spread at most, unless
	// told otherwise: the longest step of a server that is known, and some more.
	DefaultSecondSpread = 32 * time.Second
	// maxSecondSpread is the longest that may be asked for.
	maxSecondSpread = 10 * time.Minute
	// coincidence is how much further apart the starts of connections must lie than their
	// ends, that these count as one moment.
	coincidence = 2
	// early and late are how far a close may lie outside of what a few samples showed of an
	// exact timer: packets and processes are late, kernels' clocks grainy. Together they are
	// what a band is wider.
	early = 10 * time.Millisecond
	late  = 40 * time.Millisecond
	// lateLook is how late a look at the clock may be.
	lateLook = 100 * time.Millisecond
)

// Ticks says that a far end looks at its clock in steps: connections that began at
// different times ended at one.
type Ticks struct {
	Moments int           // distinct moments at which connections ended
	Spread  time.Duration // of the starts of those that ended together; a step is longer
	Step    time.Duration // between two looks; 0 where only one moment was seen
	Found   bool          // Step is that; false: it may also be a half, a third, … of it
}

// Band is where every close can be expected to lie: what was seen of an exact timer and
// some milliseconds more, and of one that ticks a whole step around it. It is false where
// the samples do not tell: none closed, some are still open, or all ended at one moment.
func (i Idle) Band() (from, to time.Duration, ok bool) {
	if i.Low == nil || i.High == nil {
		return 0, 0, false
	}
	from, to = *i.Low, *i.High
	if t := i.Ticks; t != nil {
		if t.Step == 0 {
			return 0, 0, false
		}
		// A look that came late makes a step shorter or longer than it is. What was seen is
		// at least half a step wide, so that this much more is still less than a step.
		slip := min(t.Step/10, lateLook)
		from, to = min(from, *i.High-t.Step-slip), max(to, *i.Low+t.Step+slip)
	}
	return max(0, from-early), to + late, true
}

// ticks looks for the sign of steps in samples that were closed; nil where there is none.
func ticks(closed []Sample) *Ticks {
	slices.SortFunc(closed, func(a, b Sample) int { return cmp.Compare(a.ended(), b.ended()) })
	low, high := model.Never, time.Duration(0)
	for _, p := range closed {
		low, high = min(low, p.After), max(high, p.After)
	}
	// Silences differ by less than a step: what ended closer together did so at one look, on
	// a machine that is late, or at those of several processes.
	look := max(sameTimer, (high-low)*2/5)
	var found Ticks
	var moments []time.Duration
	together := 0
	for i := 0; i < len(closed); {
		n, first, last := i, model.Never, time.Duration(0)
		for ; n < len(closed) && (n == i || closed[n].ended()-closed[n-1].ended() <= look); n++ {
			first, last = min(first, closed[n].Zero), max(last, closed[n].Zero)
		}
		if apart := last - first; apart > sameTimer && apart >= coincidence*(closed[n-1].ended()-closed[i].ended()) {
			together += n - i
			found.Spread = max(found.Spread, apart)
		}
		moments = append(moments, closed[i].ended())
		i = n
	}
	// Of an exact timer's, a stall of the machine can let a few end together, not half.
	if together < max(2, (min(len(closed), DefaultConnections)+1)/2) {
		return nil
	}
	found.Moments = len(moments)
	found.Step, found.Found = step(moments, high-low, len(closed))
	return &found
}

// step is the time between two looks at the clock that explains the moments, 0 where there
// is only one, and whether it is that and no multiple of it. Servers that count from their
// last look are late by up to an eighth; how many steps a long gap holds is not told by it
// then. Where the moments fit no step, as with several processes that look in turn, nothing
// is said of a few connections, and of more that it is no longer than what was seen and a gap
// together.
func step(moments []time.Duration, apart time.Duration, n int) (d time.Duration, found bool) {
	if len(moments) < 2 {
		return 0, false
	}
	least := model.Never
	for i := range moments[1:] {
		least = min(least, moments[i+1]-moments[i])
	}
	d = max(least, apart)
	fits := apart <= least+least/8+sameTimer
	for i := range moments[1:] {
		gap := moments[i+1] - moments[i]
		if k := (gap + least/2) / least; k <= 3 {
			fits = fits && (gap-k*least).Abs() <= k*least/8+sameTimer
			d = max(d, gap/k)
		}
	}
	switch {
	case !fits && n <= DefaultConnections:
		return 0, false
	case !fits:
		return least + apart, false
	}
	return d, 2*apart+timerNoise >= d // what was seen is more than a half of it
}

// ended is when a sample was closed, since the start of the run.
func (p Sample) ended() time.Duration { return p.Zero + p.After }

// A SecondRound is a second round of silent connections, begun because the first ended all
// at one moment.
type SecondRound struct {
	At     time.Duration // when it began, since the start of the run
	Spread time.Duration // over which the starts are spread at most
	AtMost time.Duration // how long it was said to take at most
}

// SecondSpread is the time over which a second round is spread at most, 0 where there is to
// be none.
func (s Spec) SecondSpread() time.Duration {
	if !s.Measures(MeasureIdle) {
		return 0
	}
	return max(0, s.Second)
}

// SecondRound is how long a second round takes at most, 0 where there is to be none.
func (s Spec) SecondRound() time.Duration {
	d := s.SecondSpread()
	if d == 0 {
		return 0
	}
	return model.Add(2*d, s.IdleLimit)
}

// SecondStarts are when up to n connections of a second round begin, since its own begin.
// Where n is enough each gap is at most as long as all before together, which, as long as
// those end at one moment, a step is longer than: so no step is left out between the first
// two that end at different moments.
func SecondStarts(first, spread time.Duration, n int) []time.Duration {
	starts := []time.Duration{0}
	first = min(first, spread)
	if n < 2 || first <= 0 {
		return starts
	}
	grow := max(2, math.Pow(float64(spread)/float64(first), 1/float64(n-2))) // of two starts none grows
	for at := first; len(starts) < n-1 && at < spread-first/2; at = time.Duration(float64(at) * grow) {
		starts = append(starts, at)
	}
	return append(starts, spread)
}

// SecondFor is how far a second round is spread where the far end's step is known: once
// over all of it. For a step that is not known it is 0, which means the default.
func SecondFor(step time.Duration) time.Duration {
	return min(step+step/16, maxSecondSpread)
}
