package run

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	beatEvery = 100 * time.Millisecond
	// stall is how late a beat may be before we say that we did not run.
	stall = 200 * time.Millisecond
	// clockJump is how far wall and monotonic clock may part between two beats.
	clockJump = 100 * time.Millisecond
)

// A heartbeat notices when this process did not run (stopped, starved) and when wall and
// monotonic clock part (machine suspended, clock set).
type heartbeat struct {
	mu    sync.Mutex
	clock func() (mono time.Duration, wall time.Time)
	mono  time.Duration
	wall  time.Time
}

func newHeartbeat(clock func() (time.Duration, time.Time), start time.Time) *heartbeat {
	if clock == nil {
		clock = func() (time.Duration, time.Time) {
			now := time.Now()
			return now.Sub(start), now.Round(0)
		}
	}
	h := &heartbeat{clock: clock}
	h.mono, h.wall = clock()
	return h
}

// check compares with the last check.
func (h *heartbeat) check() (e livetest.Event, paused bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	mono, wall := h.clock()
	ran, passed := mono-h.mono, wall.Sub(h.wall)
	e = livetest.Event{Kind: livetest.EventPaused, At: mono, Wall: wall, From: h.mono}
	h.mono, h.wall = mono, wall
	if jump := passed - ran; jump.Abs() >= clockJump {
		e.Jump = jump
		e.Text = fmt.Sprintf("the wall clock moved %v against the monotonic clock", jump.Round(time.Millisecond))
		return e, true
	}
	if ran >= beatEvery+stall {
		e.Text = fmt.Sprintf("the test did not run for %v", ran.Round(time.Millisecond))
		return e, true
	}
	return e, false
}

// pulse checks once, and says so when time was lost.
func (r *run) pulse() {
	if e, paused := r.beat.check(); paused {
		r.queue.put(e)
	}
}

// heartbeats checks until ctx ends.
func (r *run) heartbeats(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.pulse()
		}
	}
}

// sleep waits, and reports whether ctx lived that long.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
