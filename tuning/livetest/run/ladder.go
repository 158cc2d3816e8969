package run

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	// minPrecision is how narrow a bracket gets at best unless told otherwise: middleboxes
	// count in seconds.
	minPrecision = 500 * time.Millisecond
	// precisionShare is the same for long gaps: a twentieth.
	precisionShare = 20
	// maxRefinements bounds the rounds after the first climb.
	maxRefinements = 3
	// maxRepeats bounds how often gaps are tried again whose answers do not count: the path
	// failed meanwhile, or the test did not run.
	maxRepeats = 2
)

// ladder runs in each direction, refines the bracket, and then tries whether TCP
// keep-alive holds the path over it.
func (r *run) ladder(ctx context.Context) {
	directions := []livetest.Direction{livetest.Outward}
	if r.spec.Ladder.FarEnd != "" {
		directions = append(directions, livetest.Inward)
	}
	var all sync.WaitGroup
	for _, d := range directions {
		r.spawn(&all, func() { r.oneDirection(ctx, d) })
	}
	all.Wait()
}

// A bracket is what is known of the timer that ends silent connections.
type bracket struct {
	alive, dead time.Duration // dead is 0 while nothing died
	kind        livetest.CloseKind
	exact       bool // the close itself was seen, not only the connection found dead
}

// bracket is what the rungs so far amount to, those that do not count left out.
func (r *run) bracket(d livetest.Direction, probes bool) (b bracket) {
	for _, l := range r.queue.result().Ladders {
		if l.Direction != d || l.Probes != probes {
			continue
		}
		if l.Alive != nil {
			b.alive = *l.Alive
		}
		if l.Dead != nil {
			b.dead, b.kind, b.exact = *l.Dead, l.Close, l.Seen()
		}
	}
	return b
}

func (r *run) oneDirection(ctx context.Context, d livetest.Direction) {
	var b bracket
	width := r.rungsAtOnce()
	for gaps := range slices.Chunk(r.spec.Ladder.Gaps, width) {
		b = r.step(ctx, gaps, rung{direction: d})
		if b.dead > 0 || b.alive < gaps[len(gaps)-1] || ctx.Err() != nil {
			break
		}
	}
	for round := 1; round <= maxRefinements && !r.narrow(b) && ctx.Err() == nil; round++ {
		b = r.rungs(ctx, between(b.alive, b.dead, width), rung{direction: d, round: round})
	}
	if b.dead == 0 || b.kind == livetest.CloseFIN || b.kind == livetest.Close408 || ctx.Err() != nil {
		return // nothing to hold, or an application's timer, which probes do not touch
	}
	every := r.probeEvery(b)
	r.step(ctx, holdGaps(b, every), rung{direction: d, round: maxRefinements + 1, probeEvery: every})
}

// step tries gaps side by side, and again those whose answers do not count.
func (r *run) step(ctx context.Context, gaps []time.Duration, how rung) (b bracket) {
	top := gaps[len(gaps)-1]
	for range 1 + maxRepeats {
		b = r.rungs(ctx, gaps, how)
		if b.dead > 0 || b.alive >= top || ctx.Err() != nil {
			break
		}
		gaps = slices.DeleteFunc(slices.Clone(gaps), func(g time.Duration) bool { return g <= b.alive })
	}
	return b
}

// rungsAtOnce is how many gaps are tried side by side in one direction.
func (r *run) rungsAtOnce() int {
	if r.spec.Ladder.FarEnd != "" {
		return livetest.FarEndConnections
	}
	return livetest.LadderConnections
}

// narrow reports whether a bracket is as small as it has to be: also when nothing died, or
// when the close itself was seen, which is sharper than any bracket.
func (r *run) narrow(b bracket) bool {
	want := r.spec.Ladder.Precision
	if want == 0 {
		want = max(minPrecision, b.dead/precisionShare)
	}
	return b.dead == 0 || b.exact || b.dead-b.alive <= want
}

// between are n gaps that divide a bracket evenly.
func between(alive, dead time.Duration, n int) []time.Duration {
	var gaps []time.Duration
	for i := 1; i <= n; i++ {
		gaps = append(gaps, alive+(dead-alive)*time.Duration(i)/time.Duration(n+1))
	}
	return gaps
}

// probeEvery is the keep-alive interval with which the path is held.
func (r *run) probeEvery(b bracket) time.Duration {
	if every := r.spec.Ladder.ProbeEvery; every > 0 {
		return every
	}
	return max(time.Second, (b.alive / 2).Truncate(time.Second))
}

// holdGaps are gaps at which a connection without probes is dead for certain.
func holdGaps(b bracket, every time.Duration) []time.Duration {
	at := b.dead + max(time.Second, b.dead/4)
	return []time.Duration{at, at + every/2, at + every}
}

// A rung is how one gap is tried.
type rung struct {
	direction  livetest.Direction
	round      int
	gap        time.Duration
	probeEvery time.Duration // 0: no TCP keep-alive
}

// rungs tries gaps side by side. Once one is found dead, and that counts, longer ones that
// are still silent are given up: they can only be dead, too.
func (r *run) rungs(ctx context.Context, gaps []time.Duration, how rung) bracket {
	var all sync.WaitGroup
	stop := make([]context.CancelFunc, len(gaps))
	scope := make([]context.Context, len(gaps))
	for i := range gaps {
		scope[i], stop[i] = context.WithCancel(ctx)
		defer stop[i]()
	}
	for i, gap := range gaps {
		one := how
		one.gap = gap
		id := r.next()
		r.spawn(&all, func() {
			end := r.rung(ctx, scope[i], id, one)
			if end.err != nil || end.kind == livetest.CloseNone || end.after > 0 {
				return
			}
			if b := r.bracket(one.direction, one.probeEvery > 0); b.dead > 0 && b.dead < gaps[len(gaps)-1] {
				for j, give := range stop {
					if gaps[j] > b.dead {
						give()
					}
				}
			}
		})
	}
	all.Wait()
	return r.bracket(how.direction, how.probeEvery > 0)
}

// A rungEnd is what became of a rung.
type rungEnd struct {
	kind  livetest.CloseKind // none: it was alive
	after time.Duration      // when it ended during the silence, else 0
	err   error              // it gave no answer
}

// rung keeps one connection silent for its gap and then finds out whether it lives.
// scope ends where the answer is not needed any more.
func (r *run) rung(ctx, scope context.Context, id int, g rung) rungEnd {
	begin := time.Now()
	end, l, err := r.tryRung(scope, id, g)
	switch {
	case scope.Err() != nil:
		end.err = scope.Err()
		if ctx.Err() == nil && l != nil {
			e := g.event()
			e.Done, e.Text = true, "given up: a shorter gap was dead already"
			r.emitAt(time.Now(), l, e)
		}
		return end
	case err != nil:
		end.err = err
		r.failed(ctx, id, livetest.RoleLadder, begin, err)
		return end
	}
	r.replied.Store(true) // of a kind: a later failure does not make the target hopeless
	e := g.event()
	e.Done, e.Close, e.After, e.Took = true, end.kind, end.after, l.kept
	l.addTimes(&e)
	r.emitAt(time.Now(), l, e)
	return end
}

func (g rung) event() livetest.Event {
	return livetest.Event{
		Kind: livetest.EventRung, Gap: g.gap, Direction: g.direction, Round: g.round, Probes: g.probeEvery > 0,
	}
}

func (r *run) tryRung(ctx context.Context, id int, g rung) (end rungEnd, l *connection, err error) {
	test := r.gapTest(g)
	if l, err = test.open(ctx, id); err != nil {
		return end, l, err
	}
	defer l.close()
	if g.probeEvery > 0 {
		if err := l.probeEvery(g.probeEvery); err != nil {
			return end, l, err
		}
	}
	zero, _ := l.zero()
	r.emitAt(zero, l, g.event())
	end.kind, end.after, err = test.outlast(ctx, l, zero)
	return end, l, err
}
