package run

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A Tester holds what a run takes from outside. Its zero value uses the real network.
type Tester struct {
	// Dial connects to an address "host:port"; nil is one TCP connection without keep-alive
	// probes to the first address of the name. With a Dial no name is looked up.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Roots verify certificates instead of the system's.
	Roots *x509.CertPool
	// Controls change socket options while the test runs; may be nil.
	Controls *Controls
	// clock returns monotonic and wall time for the watch over our own pauses.
	clock func() (mono time.Duration, wall time.Time)
}

// Run measures what spec asks and calls emit for each event, in order and from the calling
// goroutine; it returns after the last call, within a second after ctx ends. The error is
// nil when the outcome is "measured", an *Error otherwise, the cause of ctx when cancelled,
// or what Validate says.
func Run(ctx context.Context, spec livetest.Spec, emit func(livetest.Event)) error {
	return Tester{}.Run(ctx, spec, emit)
}

// run is the state of one test.
type run struct {
	tester  Tester
	spec    livetest.Spec
	target  string // cleaned, for sentences
	address string // the one address under test
	local   bool
	start   time.Time
	queue   *queue
	tls     *tls.Config // nil without TLS
	sockets sockets
	cancel  context.CancelCauseFunc
	ids     atomic.Int64

	connected, replied atomic.Bool
	farEnd             atomic.Bool           // it began a conversation
	stopped            atomic.Pointer[Error] // the first reason to stop

	crash          atomic.Pointer[string]
	page           atomic.Int64  // bytes of the target's page, as far as it was read
	headSubstitute atomic.Bool   // HEAD may stand in for GET
	hopeless       atomic.Int64  // connections that gave no reply, while none did
	silentDone     chan struct{} // closed when nothing is watched any more; nil: nothing ever was
	beat           *heartbeat
}

// Run is Run with what the Tester injects.
func (p Tester) Run(ctx context.Context, spec livetest.Spec, emit func(livetest.Event)) error {
	spec = spec.Normalize()
	if err := spec.Validate(); err != nil {
		return err
	}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{
		tester: p, spec: spec, target: model.Clean(spec.Target.String(), 120), start: time.Now(),
		queue: newQueue(), cancel: cancel, silentDone: make(chan struct{}),
	}
	if spec.Target.TLS() {
		config, err := p.tlsConfig(spec.Target)
		if err != nil {
			return err
		}
		r.tls = config
	}
	r.sockets.want = spec.Socket
	defer p.Controls.begin(r.change)()
	r.beat = newHeartbeat(p.clock, r.start)
	var failure error
	go func() {
		defer r.queue.close()
		failure = r.measure(ctx, inner)
	}()
	r.queue.drain(emit)
	if crash := r.crash.Load(); crash != nil {
		panic("live test: " + *crash)
	}
	return failure
}

// measure runs everything side by side and concludes.
func (r *run) measure(outer, ctx context.Context) error {
	spec := r.spec
	spec.Target = spec.Target.Redacted()
	r.say(livetest.Event{Kind: livetest.EventStarted, Spec: &spec, Text: plan(r.spec)})
	if err := r.resolve(ctx); err == nil {
		r.say(livetest.Event{Kind: livetest.EventResolved, Text: model.Clean(r.address, 120)})
		r.sideBySide(ctx)
	} else if outer.Err() == nil {
		r.end(&Error{Kind: ErrUnreachable, Sentence: fmt.Sprintf("cannot reach %s: %s", r.target, clause(err)), Err: err})
	}
	r.pulse()
	last := livetest.Event{Kind: livetest.EventFinished}
	if outer.Err() != nil {
		last.Text = fmt.Sprintf("cancelled after %v", time.Since(r.start).Round(100*time.Millisecond))
	}
	res := r.queue.finish(r.dated(time.Now(), nil, last))
	var stop *Error
	switch {
	case errors.As(context.Cause(ctx), &stop) && res.Outcome != livetest.OutcomeMeasured:
		return stop
	case outer.Err() != nil:
		return fmt.Errorf("the test was cancelled: %w", context.Cause(outer))
	case res.Outcome != livetest.OutcomeMeasured:
		return &Error{Kind: ErrInconclusive, Sentence: fmt.Sprintf("the test of %s is inconclusive: %s", r.target, res.Reason)}
	}
	return nil
}

func plan(s livetest.Spec) string {
	text := fmt.Sprintf("up to %d connections, silence watched for at most %v, starts spread over %v", s.AllSockets(), s.IdleLimit, s.Spread())
	if s.Measures(livetest.MeasureRequests) {
		text += fmt.Sprintf(", up to %d requests counted", s.Requests)
	}
	if d := s.SecondRound(); d > 0 {
		text += fmt.Sprintf(", a second round of at most %v where connections end together", d)
	}
	if s.Target.TLS() && s.Target.Insecure {
		text += ", INSECURE: the certificate is not verified"
	}
	return text
}

func (r *run) resolve(ctx context.Context) error {
	t := r.spec.Target
	t.Host, t.Port = first(t)
	switch {
	case t.Route.Unix != "":
		r.address, r.local = "unix:"+t.Route.Unix, true
		return nil
	case r.tester.Dial != nil:
		r.address, r.local = t.Address(), true
		return nil
	}
	ips, err := lookup(ctx, t.Host)
	if err != nil {
		return err
	}
	t.Host = ips[0]
	r.address, r.local = t.Address(), Local(ips[0]) && r.spec.Target.Route.Proxy == ""
	return nil
}

// sideBySide starts every measurement and waits for them. The control connection and the
// heartbeat live as long as anything is being measured.
func (r *run) sideBySide(ctx context.Context) {
	back, endBack := context.WithCancel(ctx)
	defer endBack()
	var silent, asking, background sync.WaitGroup
	r.spawn(&background, func() { r.heartbeats(back) })
	if r.watchAll(ctx, &silent); r.controlled() && !r.spec.Target.Unwatched() {
		id := r.next()
		control := r.control
		switch {
		case r.spec.Target.Asks():
			control = r.converse
		case r.spec.Target.Plain() || !r.spec.AsksHTTP1():
			control = r.knock
		}
		r.spawn(&background, func() { control(back, id) })
	}
	if !r.watches() {
		r.silentDone = nil // nothing else says when to stop
	}
	r.spawn(&asking, func() { r.inTurn(ctx, func(m livetest.Measurement) bool { return !m.Silent() && !m.Alone() }) })
	silent.Wait()
	if r.silentDone != nil {
		close(r.silentDone)
	}
	asking.Wait()
	r.inTurn(ctx, livetest.Measurement.Alone)
	endBack()
	background.Wait()
}

// spawn starts a goroutine whose panic ends the run and comes back out of Run, where the
// caller can restore a terminal.
func (r *run) spawn(group *sync.WaitGroup, work func()) {
	group.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				crash := fmt.Sprintf("%v\n\n%s", v, debug.Stack())
				r.crash.CompareAndSwap(nil, &crash)
				r.cancel(nil)
			}
		}()
		work()
	})
}

// say emits an event of the run itself.
func (r *run) say(e livetest.Event) { r.emitAt(time.Now(), nil, e) }

// next is a fresh connection number.
func (r *run) next() int { return int(r.ids.Add(1)) }

// emitAt puts an event into the stream; l may be nil.
func (r *run) emitAt(at time.Time, l *connection, e livetest.Event) {
	r.queue.put(r.dated(at, l, e))
}

func (r *run) dated(at time.Time, l *connection, e livetest.Event) livetest.Event {
	e.At, e.Wall = at.Sub(r.start), at.Round(0)
	if l != nil {
		e.Conn, e.Role = l.id, l.role
	}
	return e
}

// end stops the run with its reason; the first reason stays. The run is stopped when it
// returns, also where another reason came first and its goroutine has got no further.
func (r *run) end(err *Error) {
	if r.stopped.CompareAndSwap(nil, err) {
		r.say(livetest.Event{Kind: livetest.EventStopped, Text: err.Sentence, Yes: errors.Is(err, ErrUnreachable)})
	}
	r.cancel(r.stopped.Load())
}
