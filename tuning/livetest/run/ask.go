package run

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	// honourLimit is how long a server may take to close after it announced the close.
	honourLimit = 400 * time.Millisecond
	// progressEvery is the least time between two events of request counting.
	progressEvery = 250 * time.Millisecond
	// maxCountedBytes is where request counting stops, unless HEAD may stand in for GET.
	maxCountedBytes = 64 << 20
)

func (r *run) askHints(ctx context.Context) {
	r.askHint(ctx, false)
	r.askHint(ctx, true)
}

func (r *run) askHTTP10(ctx context.Context) {
	r.askPersists(ctx, livetest.RoleHTTP10, livetest.EventHTTP10, "HTTP/1.0", r.spec.Target.Method)
}

func (r *run) askHead(ctx context.Context) {
	r.askPersists(ctx, livetest.RoleHead, livetest.EventHead, "HTTP/1.1", "HEAD")
}

// with opens a connection for one question.
func (r *run) with(ctx context.Context, role livetest.Role, question func(*connection) error) {
	if ctx.Err() != nil {
		return
	}
	id, begin := r.next(), time.Now()
	l, err := r.open(ctx, id, role)
	if err == nil {
		defer l.close()
		err = question(l)
	}
	if err != nil {
		r.failed(ctx, id, role, begin, err)
	}
}

func (r *run) askHint(ctx context.Context, asked bool) {
	r.with(ctx, livetest.RoleHint, func(l *connection) error {
		_, err := r.ask(ctx, l, asked)
		return err
	})
}

// askPersists finds out whether a connection that asks for it serves a second request of
// this version and method.
func (r *run) askPersists(ctx context.Context, role livetest.Role, kind livetest.EventKind, version, method string) {
	r.with(ctx, role, func(l *connection) error {
		re, err := r.askFor(ctx, l, method, version, true)
		if err != nil {
			return err
		}
		yes := false
		if !re.saysClose {
			re, err = r.askFor(ctx, l, method, version, true)
			if err != nil && !errors.Is(err, io.EOF) && !isReset(err) {
				return err // no answer is not a close
			}
			if yes = err == nil; yes && method == "HEAD" {
				r.headSubstitutes(re)
			}
		}
		if ctx.Err() == nil {
			r.emitAt(time.Now(), l, livetest.Event{Kind: kind, Yes: yes, Done: true})
		}
		return nil
	})
}

// countRequests sends request after request until the server ends the connection or says
// that it will.
func (r *run) countRequests(ctx context.Context) {
	r.with(ctx, livetest.RoleRequests, func(l *connection) error {
		return r.countOn(ctx, l)
	})
}

func (r *run) countOn(ctx context.Context, l *connection) error {
	method := r.spec.Target.Method
	text := requestText(r.spec.Target, method, "HTTP/1.1", true)
	out := livetest.Event{Kind: livetest.EventCounted}
	next, said, size := time.Now(), time.Now(), int64(0)
	var times []time.Duration // of requests on the open connection
	for l.served < r.spec.Requests && size < maxCountedBytes && !r.countedEnough() {
		if !sleep(ctx, time.Until(next)) {
			return ctx.Err()
		}
		next = paced(next, time.Now(), r.gap())
		if out.Method == "" && r.cheaper(l.served, size) {
			method, out.Method = "HEAD", "HEAD"
			text = requestText(r.spec.Target, method, "HTTP/1.1", true)
		}
		re, sent, err := l.exchange(method, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if l.served == 0 || !errors.Is(err, io.EOF) && !isReset(err) {
				return err
			}
			out.Limit = l.served
			break
		}
		r.replied.Store(true)
		r.seen(method, re)
		size += re.size
		if l.served > 1 && out.Method == "" {
			times = append(times, l.tcp.last.Sub(sent))
		}
		if l.served == 1 {
			e := replyEvent(re)
			e.Request, e.Asked = 1, true
			r.emitAt(l.tcp.last, l, e)
		}
		r.heed(ctx, re)
		if re.saysClose {
			out.Limit, out.LastSaysClose = l.served, true
			end := l.watch(time.Now().Add(honourLimit))
			out.Honoured = end.err == nil && end.kind != livetest.CloseNone
			break
		}
		if time.Since(said) >= progressEvery {
			said = time.Now()
			r.emitAt(said, l, livetest.Event{Kind: livetest.EventCounted, Request: l.served})
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out.Request, out.Done, out.Took = l.served, true, middle(times)
	r.emitAt(time.Now(), l, out)
	return nil
}

// middle is the median, 0 of nothing.
func middle(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// maxCatchUp is how much time lost by a slow reply is made up for: more would be a burst.
const maxCatchUp = 20 * time.Millisecond

// paced is when the next of things that keep a gap may happen, after one due at a time.
func paced(due, now time.Time, gap time.Duration) time.Time {
	if late := now.Add(-maxCatchUp); due.Before(late) {
		due = late
	}
	return due.Add(gap)
}

// gap is the time between two counted requests.
func (r *run) gap() time.Duration {
	rate := r.spec.RequestRate
	switch {
	case rate > 0:
	case r.local:
		return 0
	default:
		rate = livetest.ForeignRequestRate
	}
	return time.Duration(float64(time.Second) / rate)
}

// countedEnough reports whether counting would outlast everything else, which only a
// number that was asked for may do.
func (r *run) countedEnough() bool {
	if r.silentDone == nil || r.spec.Requests != livetest.DefaultRequestCount {
		return false
	}
	select {
	case <-r.silentDone:
		return true
	default:
		return false
	}
}
