package run

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Whoever is refused second finds the run stopped as well, though whoever was first has not
// got any further than to say so; the reason is the first one's.
func TestStoppedForEveryReason(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	first := &Error{Kind: ErrInconclusive, Sentence: "stopped: the server answered 429 (too many requests)"}
	r := &run{queue: newQueue(), start: time.Now(), cancel: cancel}
	r.stopped.Store(first)
	r.heed(ctx, reply{status: 403})
	if !errors.Is(context.Cause(ctx), first) || len(r.queue.items) != 0 {
		t.Errorf("cause %v and %d events, want %q and none", context.Cause(ctx), len(r.queue.items), first.Sentence)
	}
}

// A stopped run sends no request more, though the connection is still there.
func TestStoppedAsksNothing(t *testing.T) {
	ours, theirs := net.Pipe()
	_ = theirs.Close() // a write would fail with another error
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := &connection{tcp: timestamp(ours), conn: ours}
	for _, page := range []int64{cheapPage, cheapPage + 1} {
		r := &run{queue: newQueue(), spec: livetest.Spec{Target: livetest.Target{Method: "GET", Path: "/"}}}
		r.page.Store(page)
		if _, _, err := r.askCheaply(ctx, l); !errors.Is(err, context.Canceled) {
			t.Errorf("a page of %d bytes: %v, want nothing asked", page, err)
		}
	}
}
