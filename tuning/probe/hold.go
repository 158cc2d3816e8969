package probe

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/keeptune/model"
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
// sees when each ends. What is kept of one is its socket and a goroutine with a small
// buffer; closes go straight into the stream.
func (r *run) hold(ctx context.Context) {
	n := r.spec.Hold
	if can, err := allowFiles(n + spareFiles); can < n+spareFiles {
		n = max(0, can-spareFiles)
		text := fmt.Sprintf("this process may open %d files, so %d of %d connections are held: raise ulimit -n", can, n, r.spec.Hold)
		if err != nil {
			text += " (" + model.Clean(err.Error(), 80) + ")"
		}
		r.say(model.Event{Kind: model.EventLimited, Role: model.ProbeRoleHold, Text: text})
	}
	var all sync.WaitGroup
	opening := make(chan struct{}, holdAtOnce)
	pace := time.Now()
	for range n {
		select {
		case opening <- struct{}{}:
		case <-ctx.Done():
		}
		if !sleep(ctx, time.Until(pace)) {
			break
		}
		pace = paced(pace, time.Now(), time.Second/holdRate)
		id := r.next()
		r.spawn(&all, func() { r.heldSample(ctx, id, opening) })
	}
	all.Wait()
}

func (r *run) heldSample(ctx context.Context, id int, opening chan struct{}) {
	begin := time.Now()
	l, err := r.open(ctx, id, model.ProbeRoleHold)
	if err == nil {
		defer l.close()
		_, err = r.ask(ctx, l, true)
	}
	<-opening
	if err != nil {
		r.failed(ctx, id, model.ProbeRoleHold, begin, err)
		return
	}
	l.buf = nil // its buffer is the most of what a connection would cost
	r.silence(ctx, l)
}
