package detect

import "time"

// A clock counts kernel time in jiffies of 1/HZ s.
type clock struct {
	jiffy time.Duration
}

func newClock(hz int) clock { return clock{time.Second / time.Duration(hz)} }

// ceil is d in whole jiffies, rounded up (usecs_to_jiffies, kernel/time/time.c).
func (c clock) ceil(d time.Duration) int64 { return int64((d + c.jiffy - 1) / c.jiffy) }

// span is a number of jiffies as a time.
func (c clock) span(j int64) time.Duration { return time.Duration(j) * c.jiffy }

// granule is the step of the timer wheel's level that holds a timer of j
// jiffies: 8^l for the smallest l with j < 63*8^l. The wheel has nine levels
// (LVL_DEPTH and LVL_START, kernel/time/timer.c; non-cascading since 4.8).
func granule(j int64) int64 {
	g := int64(1)
	for range 8 {
		if j < 63*g {
			break
		}
		g *= 8
	}
	return g
}

// fire is the jiffy at which a timer armed at now for j jiffies goes off: the
// next multiple of its granule strictly after the wanted one (calc_index()).
func fire(now, j int64) int64 {
	g := granule(j)
	return ((now+j)/g + 1) * g
}

// An interval is the set of jiffies at which a chain of timers can go off, counted
// from an event at an unknown phase of the wheel. Every member is a multiple
// of align in absolute jiffies.
type interval struct {
	min, max int64
	align    int64
}

// then arms a timer of j jiffies at each member.
func (r interval) then(j int64) interval { return r.onLevel(j, granule(j)) }

// onLevel goes off j jiffies after each member, on a level of granule g. Where
// that is not coarser than what the members are already aligned to, the wait
// is exact.
func (r interval) onLevel(j, g int64) interval {
	if r.align >= g {
		wait := (j/g + 1) * g
		return interval{r.min + wait, r.max + wait, g}
	}
	rest := j % r.align
	return interval{r.min + j + r.align - rest, r.max + j + g - rest, g}
}

// Lateness is by how much a kernel timer of length d can be late on the wheel: a granule of
// the level that holds it, and the jiffy in which it was armed. hz is the kernel's HZ.
func Lateness(d time.Duration, hz int) time.Duration {
	c := newClock(hz)
	return c.span(granule(c.ceil(d)) + 1)
}
