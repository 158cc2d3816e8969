package run

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// secondRound finds the step of a server that looks at its clock in steps: where the first
// samples ended all at one moment, it opens further ones, each later, until two end at
// different moments.
func (r *run) secondRound(ctx context.Context) {
	spread := r.spec.SecondSpread()
	i := r.queue.result().Idle
	if ctx.Err() != nil || spread == 0 || i.High == nil || !blind(i) {
		return
	}
	limit := max(r.spec.IdleLimit, model.Add(*i.High, spread))
	cost := spread + limit
	r.say(livetest.Event{
		Kind: livetest.EventSecond, Gap: spread, Took: cost,
		Text: fmt.Sprintf("connections that began up to %v apart ended at one moment: the server looks at its clock in steps. A second round, spread over up to %s, looks for the step; it takes at most %s more",
			i.Ticks.Spread.Round(time.Millisecond), model.HumanSpan(spread), model.HumanSpan(cost.Round(100*time.Millisecond))),
	})
	var all sync.WaitGroup
	begin := time.Now()
	for _, at := range livetest.SecondStarts(i.Ticks.Spread, spread, r.spec.Connections) {
		if !sleep(ctx, time.Until(begin.Add(at))) || !blind(r.queue.result().Idle) {
			break
		}
		id := r.next()
		r.spawn(&all, func() { r.idleSample(ctx, id, 0, limit) })
	}
	all.Wait()
}

// blind reports whether the samples show that the server ticks, and not how long its step
// is.
func blind(i livetest.Idle) bool { return i.Ticks != nil && !i.Ticks.Found }
