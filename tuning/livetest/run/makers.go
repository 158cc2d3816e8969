package run

import (
	"context"
	"sync"

	"example.com/keeptune/tuning/livetest"
)

// A maker makes one measurement.
type maker struct {
	of livetest.Measurement
	// watch starts so many silent connections of it, which are over when the group is; what
	// is no silence do makes as a whole.
	watch func(r *run, ctx context.Context, of livetest.Measurement, group *sync.WaitGroup, connections int)
	do    func(r *run, ctx context.Context)
	// control tells that it needs the control connection beside it; silent ones always do.
	control bool
}

// makers are of all measurements, in the order in which they are begun. A new one is a line
// here.
var makers = []maker{
	{of: livetest.MeasureIdle, watch: (*run).watchIdle},
	{of: livetest.MeasureBeforeRequest, watch: watchAfter(func(livetest.Target) string { return "" })},
	{of: livetest.MeasureMidHeader, watch: watchAfter(halfRequest)},
	{of: livetest.MeasureHTTP2, watch: (*run).watchHTTP2},
	{of: livetest.MeasureHint, do: (*run).askHints},
	{of: livetest.MeasureHTTP10, do: (*run).askHTTP10},
	{of: livetest.MeasureHead, do: (*run).askHead},
	{of: livetest.MeasureRequests, do: (*run).countRequests},
	{of: livetest.MeasureLadder, do: (*run).ladder, control: true},
	{of: livetest.MeasureRace, do: (*run).race},
	{of: livetest.MeasureHold, do: (*run).hold, control: true},
}

// watches reports whether any connection is watched side by side.
func (r *run) watches() bool {
	for _, m := range makers {
		if m.watch != nil && r.spec.Opens(m.of) > 0 {
			return true
		}
	}
	return false
}

// controlled reports whether anything needs the control connection.
func (r *run) controlled() bool {
	for _, m := range makers {
		if m.control && r.spec.Measures(m.of) {
			return true
		}
	}
	return r.watches()
}

// watchAll starts all silent connections, spread over the stagger.
func (r *run) watchAll(ctx context.Context, group *sync.WaitGroup) {
	for _, m := range makers {
		if n := r.spec.Opens(m.of); m.watch != nil && n > 0 {
			m.watch(r, ctx, m.of, group, n)
		}
	}
}

// inTurn makes the measurements of a kind that are asked for, one after the other.
func (r *run) inTurn(ctx context.Context, kind func(livetest.Measurement) bool) {
	for _, m := range makers {
		if kind(m.of) && r.spec.Measures(m.of) && ctx.Err() == nil {
			m.do(r, ctx)
		}
	}
}
