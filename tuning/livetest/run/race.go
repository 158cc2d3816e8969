package run

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// race hammers the moment of the close: requests on reused connections that meet it are
// the ones that users see fail. Nothing is retried.
func (r *run) race(ctx context.Context) {
	spec := *r.spec.Race
	if spec.Around == 0 {
		idle := r.queue.result().Idle
		if idle.Low == nil {
			r.say(livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleRace, Text: "the idle timeout was not found, so there is nothing to race against"})
			return
		}
		spec = around(spec, *idle.Low, idle.High)
	}
	if spec.ClientLimit == 0 {
		spec.ClientLimit = model.Never
	}
	if spec.Mode == livetest.RacePoisson {
		r.crowd(ctx, spec)
	} else {
		r.steps(ctx, spec)
	}
	if ctx.Err() == nil {
		r.say(livetest.Event{Kind: livetest.EventStep, Role: livetest.RoleRace, Gap: spec.Around, Done: true})
	}
}

// around centres the hammer on a measured timeout, wide enough for its spread.
func around(spec livetest.RaceSpec, low time.Duration, high *time.Duration) livetest.RaceSpec {
	spec.Around = low
	if high != nil {
		spec.Around = (low + *high) / 2
		if reach := (*high-low)/2 + spec.Window; reach > spec.Window {
			spec.Step = max(spec.Step, spec.Step*reach/spec.Window)
			spec.Window = reach
		}
	}
	return spec
}

// A try is one request after one gap.
type try struct {
	offset time.Duration
	method string
}

// steps tries every gap with every method, in random order so that no moment of the
// server's clock is preferred, and as many side by side as there are clients.
func (r *run) steps(ctx context.Context, spec livetest.RaceSpec) {
	var tries []try
	for offset := -spec.Window; offset <= spec.Window; offset += spec.Step {
		for _, m := range spec.Methods {
			for range spec.PerStep {
				tries = append(tries, try{offset, m})
			}
		}
	}
	rand.Shuffle(len(tries), func(i, j int) { tries[i], tries[j] = tries[j], tries[i] }) //nolint:gosec // an order needs no secrecy
	queue := make(chan try, len(tries))
	for _, t := range tries {
		queue <- t
	}
	close(queue)
	var all sync.WaitGroup
	for range min(spec.Clients, len(tries)) {
		r.spawn(&all, func() {
			for t := range queue {
				if ctx.Err() != nil {
					return
				}
				r.tryOnce(ctx, spec, t)
			}
		})
	}
	all.Wait()
}

// tryOnce opens a connection, asks once, is silent, and asks again at the moment chosen: on
// the same connection, or on a new one where the silence is beyond the client's limit.
func (r *run) tryOnce(ctx context.Context, spec livetest.RaceSpec, t try) {
	l := r.openUsed(ctx, r.spec.Target.Method)
	if l == nil {
		return
	}
	defer l.close()
	zero, _ := l.zero()
	gap := spec.Around + t.offset
	e := livetest.Event{Kind: livetest.EventStep, Gap: spec.Around, Offset: t.offset, Method: t.method}
	if gap > spec.ClientLimit {
		l.close()
		if !sleep(ctx, time.Until(zero.Add(gap))) {
			return
		}
		fresh := r.openUsed(ctx, t.method)
		if fresh == nil {
			return
		}
		fresh.close()
		e.Sent = 1
	} else if sent, lost := r.chance(ctx, l, zero.Add(gap), spec.ClientLimit, t.method); lost {
		e.Sent, e.Lost = 1, 1
	} else if sent {
		e.Sent = 1
	} else {
		e.Seen = 1
	}
	if ctx.Err() == nil {
		r.emitAt(time.Now(), l, e)
	}
}

// openUsed opens a connection and asks once on it; nil where that failed, which is told.
func (r *run) openUsed(ctx context.Context, method string) *connection {
	id, begin := r.next(), time.Now()
	l, err := r.open(ctx, id, livetest.RoleRace)
	if err == nil {
		if _, _, err = l.exchange(method, requestText(r.spec.Target, method, "HTTP/1.1", true)); err != nil {
			l.close()
		}
	}
	if err != nil {
		r.failed(ctx, id, livetest.RoleRace, begin, err)
		return nil
	}
	r.replied.Store(true)
	return l
}

// chance is silent until a moment and then asks. sent is false where the close was seen
// before, or where the silence lasted longer than the client's limit, as a pool decides
// when it hands a connection out; lost is true where a close came instead of an answer.
func (r *run) chance(ctx context.Context, l *connection, at time.Time, limit time.Duration, method string) (sent, lost bool) {
	zero, _ := l.zero()
	if end := l.watch(at); end.err != nil || end.kind != livetest.CloseNone || time.Since(zero) > limit {
		return false, false
	}
	_, _, err := l.exchange(method, requestText(r.spec.Target, method, "HTTP/1.1", true))
	if ctx.Err() != nil {
		return false, false
	}
	return true, err != nil && (errors.Is(err, io.EOF) || isReset(err) || isTimeout(err))
}

// crowd is many clients that ask after exponential gaps, as independent users do. Counts
// are told every second.
func (r *run) crowd(ctx context.Context, spec livetest.RaceSpec) {
	if spec.Rate == 0 {
		spec.Rate = 1 / spec.Around.Seconds()
	}
	// Not a deadline: a dial keeps that by itself, and its failure would look like a target
	// that does not answer.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(spec.For, cancel).Stop()
	var mu sync.Mutex
	var sum livetest.Event
	tell := func() {
		mu.Lock()
		e := sum
		sum = livetest.Event{}
		mu.Unlock()
		e.Kind, e.Role, e.Gap, e.Method = livetest.EventStep, livetest.RoleRace, spec.Around, r.spec.Target.Method
		if e.Sent+e.Seen > 0 {
			r.say(e)
		}
	}
	var all sync.WaitGroup
	for range spec.Clients {
		r.spawn(&all, func() {
			r.client(ctx, spec, func(sent, lost bool) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case lost:
					sum.Sent, sum.Lost = sum.Sent+1, sum.Lost+1
				case sent:
					sum.Sent++
				default:
					sum.Seen++
				}
			})
		})
	}
	r.spawn(&all, func() {
		for sleep(ctx, time.Second) {
			tell()
		}
	})
	all.Wait()
	tell()
}

// client asks after exponential gaps until ctx ends. It opens a new connection when the
// close was seen, when a request was lost, and when its own limit has passed.
func (r *run) client(ctx context.Context, spec livetest.RaceSpec, count func(sent, lost bool)) {
	var l *connection
	drop := func() {
		if l != nil {
			l.close()
			l = nil
		}
	}
	defer drop()
	for ctx.Err() == nil {
		if l == nil {
			if l = r.openUsed(ctx, r.spec.Target.Method); l == nil {
				if !sleep(ctx, controlGap) {
					return
				}
				continue
			}
		}
		zero, _ := l.zero()
		gap := time.Duration(-math.Log(1-rand.Float64()) / spec.Rate * float64(time.Second)) //nolint:gosec // gaps need no secrecy
		if gap > spec.ClientLimit {
			drop()
			if sleep(ctx, time.Until(zero.Add(gap))) {
				count(false, false)
			}
			continue
		}
		sent, lost := r.chance(ctx, l, zero.Add(gap), spec.ClientLimit, r.spec.Target.Method)
		if ctx.Err() != nil {
			return
		}
		count(sent, lost)
		if !sent || lost {
			until := time.Until(zero.Add(gap))
			drop()
			if !sleep(ctx, until) {
				return
			}
		}
	}
}
