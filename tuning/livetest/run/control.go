package run

import (
	"context"
	"errors"
	"io"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	// controlGap is the time between two exchanges of the control connection.
	controlGap = 500 * time.Millisecond
	// knockGap is the same where each exchange needs a connection of its own.
	knockGap = time.Second
)

// knock stands for the control connection where no request can be sent: it opens a
// connection and closes it again, which shows that path and server work.
func (r *run) knock(ctx context.Context, id int) {
	for ctx.Err() == nil {
		begin := time.Now()
		l, err := r.open(ctx, id, livetest.RoleControl)
		if err != nil {
			r.failed(ctx, id, livetest.RoleControl, begin, err)
		} else {
			r.emitAt(l.opened, l, livetest.Event{Kind: livetest.EventResponse, Request: 1, Took: l.opened.Sub(begin)})
			l.close()
		}
		if !sleep(ctx, knockGap-time.Since(begin)) {
			return
		}
	}
}

// control exchanges requests at short gaps as long as anything is measured, to show that
// path and server work. What its endings mean is decided by livetest.Summary.
func (r *run) control(ctx context.Context, id int) {
	var l *connection
	defer func() {
		if l != nil {
			l.close()
		}
	}()
	for ctx.Err() == nil {
		begin := time.Now()
		if l == nil {
			var err error
			if l, err = r.open(ctx, id, livetest.RoleControl); err != nil {
				l = nil
				r.failed(ctx, id, livetest.RoleControl, begin, err)
				if !sleep(ctx, controlGap) {
					return
				}
				continue
			}
		}
		if r.controlRound(ctx, l, begin) {
			continue
		}
		gap := controlGap
		if r.expensive() && !r.headSubstitute.Load() {
			gap = knockGap
		}
		l.close()
		l = nil
		if !sleep(ctx, gap-time.Since(begin)) {
			return
		}
	}
}

// controlRound asks once and listens for the rest of the gap; it reports whether the
// connection can be used again.
func (r *run) controlRound(ctx context.Context, l *connection, begin time.Time) bool {
	before, _ := l.zero()
	re, whole, err := r.askCheaply(ctx, l)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil && l.served > 0 && (errors.Is(err, io.EOF) || isReset(err)):
		// It was closed while the request was on its way: a close like any other.
		now := time.Now()
		r.emitAt(now, l, livetest.Event{Kind: livetest.EventClosed, After: now.Sub(before), Close: livetest.CloseFIN, Request: l.served})
		return false
	case err != nil:
		r.failed(ctx, l.id, l.role, begin, err)
		return false
	case re.saysClose:
		r.emitAt(time.Now(), l, livetest.Event{Kind: livetest.EventClosed, Close: livetest.CloseFIN, Request: l.served, SaysClose: true})
		return false
	case !whole:
		return false
	}
	zero, _ := l.zero()
	end := l.watch(begin.Add(controlGap))
	switch {
	case ctx.Err() != nil:
		return false
	case end.err != nil:
		r.failed(ctx, l.id, l.role, zero, end.err)
		return false
	case end.kind == livetest.CloseNone:
		return true
	}
	r.emitAt(end.at, l, livetest.Event{Kind: livetest.EventClosed, After: end.at.Sub(zero), Close: end.kind, Request: l.served, Bytes: end.bytes})
	return false
}
