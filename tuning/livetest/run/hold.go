package run

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

const (
	// holdRate is how many connections are opened a second: a server's listen queue is
	// part of what must not be flooded.
	holdRate = 2000
	// holdAtOnce is how many are being opened at the same time.
	holdAtOnce = 64
	// spareFiles is what else this process keeps open.
	spareFiles = 64
)

// hold opens many connections, asks once on each, keeps them all idle side by side, and
// sees when each ends. What is kept of one is its socket and a goroutine that never had a
// deep stack; the few that open have one.
func (r *run) hold(ctx context.Context) {
	n := r.holdable()
	defer context.AfterFunc(ctx, r.closeHeld)()
	var opening, silent sync.WaitGroup
	turns := make(chan struct{})
	for range min(n, holdAtOnce) {
		r.spawn(&opening, func() {
			for range turns {
				if l := r.holdOne(ctx); l != nil {
					r.spawn(&silent, func() {
						defer l.close()
						r.silence(ctx, l, r.spec.IdleLimit)
					})
				}
			}
		})
	}
	due := time.Now()
	for range n {
		if !sleep(ctx, time.Until(due)) {
			break
		}
		due = paced(due, time.Now(), time.Second/holdRate)
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
		}
	}
	close(turns)
	opening.Wait()
	silent.Wait()
}

// holdable is how many of the connections asked for this process may have; fewer are
// explained.
func (r *run) holdable() int {
	n := r.spec.Hold
	can, err := allowFiles(n + spareFiles)
	if can >= n+spareFiles {
		return n
	}
	n = max(0, can-spareFiles)
	text := fmt.Sprintf("this process may open %d files, so %d of %d connections are held: raise ulimit -n", can, n, r.spec.Hold)
	if err != nil {
		text += " (" + model.Clean(err.Error(), 80) + ")"
	}
	r.say(livetest.Event{Kind: livetest.EventLimited, Role: livetest.RoleHold, Text: text})
	return n
}

// holdOne opens a connection and asks once; nil where that failed, which is told.
func (r *run) holdOne(ctx context.Context) *connection {
	id, begin := r.next(), time.Now()
	l, err := r.open(ctx, id, livetest.RoleHold)
	if err == nil {
		if _, err = r.ask(ctx, l, true); err != nil {
			l.close()
		}
	}
	if err != nil {
		r.failed(ctx, id, livetest.RoleHold, begin, err)
		return nil
	}
	// What only an exchange needs is given back: of these there are many. closeHeld stands
	// for the undo of each.
	l.buf = nil
	l.undo()
	l.undo = func() bool { return true }
	return l
}

// closeHeld ends every held connection of a cancelled run.
func (r *run) closeHeld() {
	r.sockets.mu.Lock()
	defer r.sockets.mu.Unlock()
	for l := range r.sockets.open {
		if l.role == livetest.RoleHold {
			_ = l.tcp.Close()
		}
	}
}
