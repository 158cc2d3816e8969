package run

import (
	"context"
	"io"
	"sync"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// watchIdle starts the idle samples, and a second round of them where that is needed.
func (r *run) watchIdle(ctx context.Context, _ livetest.Measurement, group *sync.WaitGroup, n int) {
	var first sync.WaitGroup
	for i := range n {
		id, wait := r.next(), share(r.spec.Spread(), i, n)
		r.spawn(&first, func() { r.idleSample(ctx, id, wait, r.spec.IdleLimit) })
	}
	r.spawn(group, func() {
		first.Wait()
		r.secondRound(ctx)
	})
}

// watchAfter starts samples that send an opening, which is no whole request, and are silent
// then.
func watchAfter(opening func(livetest.Target) string) func(*run, context.Context, livetest.Measurement, *sync.WaitGroup, int) {
	return func(r *run, ctx context.Context, of livetest.Measurement, group *sync.WaitGroup, n int) {
		for i := range n {
			id, wait := r.next(), share(r.spec.Spread(), i, n)
			r.spawn(group, func() { r.silentSample(ctx, id, livetest.Role(of), wait, opening(r.spec.Target)) })
		}
	}
}

// share is the i-th of n starts spread over d.
func share(d time.Duration, i, n int) time.Duration {
	return d * time.Duration(i) / time.Duration(n)
}

// idleSample asks once and then keeps silent up to the limit.
func (r *run) idleSample(ctx context.Context, id int, wait, limit time.Duration) {
	if !sleep(ctx, wait) {
		return
	}
	begin := time.Now()
	l, err := r.open(ctx, id, livetest.RoleIdle)
	if err != nil {
		r.failed(ctx, id, livetest.RoleIdle, begin, err)
		return
	}
	defer l.close()
	if err := r.first(ctx, l); err != nil {
		r.failed(ctx, id, livetest.RoleIdle, begin, err)
		return
	}
	r.silence(ctx, l, limit)
}

// halfRequest is the beginning of a request line that never ends.
func halfRequest(t livetest.Target) string { return t.Method + " " + t.Path[:1] }

// silentSample connects, sends at most the beginning of a request, and keeps silent. Time
// zero is when the connection was there.
func (r *run) silentSample(ctx context.Context, id int, role livetest.Role, wait time.Duration, opening string) {
	if !sleep(ctx, wait) {
		return
	}
	begin := time.Now()
	l, err := r.open(ctx, id, role)
	if err != nil {
		r.failed(ctx, id, role, begin, err)
		return
	}
	defer l.close()
	if opening != "" {
		_, _ = io.WriteString(l.conn, opening) // reading says what a failure means
	}
	r.silence(ctx, l, r.spec.IdleLimit)
}

// silence watches a connection up to the limit and emits how it ended.
func (r *run) silence(ctx context.Context, l *connection, limit time.Duration) {
	zero, exact := l.zero()
	end := l.watch(zero.Add(limit))
	if ctx.Err() == nil {
		end.exact = end.exact && exact
		r.silenceEnded(ctx, l, zero, end)
	}
}

// silenceEnded emits how a silence ended. It is apart because its stack would otherwise be
// held through the silence.
func (r *run) silenceEnded(ctx context.Context, l *connection, zero time.Time, end ending) {
	if end.err != nil {
		r.failed(ctx, l.id, l.role, zero, end.err)
		return
	}
	e := livetest.Event{
		Kind: livetest.EventClosed, After: max(0, end.at.Sub(zero)), Close: end.kind, Bytes: end.bytes, Exact: end.exact,
		Notified: end.notified, Text: model.Clean(end.text, 60),
	}
	if end.kind == livetest.CloseNone {
		e.Kind = livetest.EventExpired
	}
	l.addTimes(&e)
	r.emitAt(end.at, l, e)
}

// ask exchanges one request of the target's method.
func (r *run) ask(ctx context.Context, l *connection, asked bool) (reply, error) {
	return r.askFor(ctx, l, r.spec.Target.Method, "HTTP/1.1", asked)
}

// askFor exchanges one request and emits the reply. A run that was stopped asks nothing more,
// also where its connections are not all closed yet.
func (r *run) askFor(ctx context.Context, l *connection, method, version string, asked bool) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	re, sent, err := l.exchange(method, requestText(r.spec.Target, method, version, asked))
	if err != nil {
		return re, err
	}
	r.seen(method, re)
	e := replyEvent(re)
	e.Asked = asked
	r.answered(ctx, l, re, sent, e)
	return re, nil
}

// answered emits a reply, dated at its last byte.
func (r *run) answered(ctx context.Context, l *connection, re reply, sent time.Time, e livetest.Event) {
	r.replied.Store(true)
	e.Request, e.Took = l.served, l.tcp.last.Sub(sent)
	l.addTimes(&e)
	r.emitAt(l.tcp.last, l, e)
	r.heed(ctx, re)
}

func replyEvent(re reply) livetest.Event {
	return livetest.Event{
		Kind: livetest.EventResponse, Status: re.status, Version: re.version, Connection: model.Clean(re.connection, 80),
		SaysClose: re.saysClose, KeepAlive: re.hint(), Server: model.Clean(re.server, 80),
	}
}
