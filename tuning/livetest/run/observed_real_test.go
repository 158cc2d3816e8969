//go:build real

package run_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// An observation is one run of a server under the live test, beside a packet capture of its
// port. What the test says is held against the packets alone, not against the catalog.
type observation struct {
	name    string
	limit   time.Duration          // of the watch
	secure  bool                   // TLS
	measure []livetest.Measurement // nil: all that is measured by default
	start   func(testing.TB) *realserver.Server

	res     livetest.Result
	seen    []realserver.Conn
	witness witness // of HTTP/2
}

// observations are servers as they come, and with short times and few requests.
func observations() []*observation {
	nginx := func(c realserver.NginxConf) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server { return realserver.Nginx(t, c) }
	}
	apache := func(lines string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server {
			return realserver.Apache(t, realserver.ApacheConf{Server: lines})
		}
	}
	haproxy := func(c realserver.HAProxyConf) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server { return realserver.HAProxy(t, c) }
	}
	with := func(f func(testing.TB, string) *realserver.Server, lines string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server { return f(t, lines) }
	}
	caddy := func(global string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server {
			return realserver.Caddy(t, realserver.CaddyConf{Global: global})
		}
	}
	varnish := func(args ...string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server {
			return realserver.Varnish(t, realserver.VarnishConf{Args: args})
		}
	}
	h2o := func(global string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server { return realserver.H2O(t, realserver.H2OConf{Global: global}) }
	}
	const short = 8 * time.Second
	return []*observation{
		{name: "nginx", limit: 80 * time.Second, start: nginx(realserver.NginxConf{})},
		{name: "nginx short", limit: short, start: nginx(realserver.NginxConf{HTTP: "keepalive_timeout 3s 3s;\nkeepalive_requests 7;\nclient_header_timeout 4s;"})},
		{name: "Apache", limit: 45 * time.Second, start: apache("")},
		{name: "Apache short", limit: short, start: apache("KeepAliveTimeout 2\nMaxKeepAliveRequests 20\nRequestReadTimeout header=4")},
		{name: "HAProxy", limit: 55 * time.Second, start: haproxy(realserver.HAProxyConf{})},
		{name: "HAProxy short", limit: short, start: haproxy(realserver.HAProxyConf{Defaults: haproxyShort})},
		{name: "Node", limit: 95 * time.Second, start: with(realserver.Node, "")},
		{name: "Node short", limit: short, start: with(realserver.Node, "server.keepAliveTimeout = 2000; server.maxRequestsPerSocket = 10;")},
		{name: "Gunicorn", limit: short, start: with(realserver.Gunicorn, threads)},
		{name: "Gunicorn short", limit: short, start: with(realserver.Gunicorn, threads+"keepalive = 4\n")},
		{name: "lighttpd", limit: 70 * time.Second, start: with(realserver.Lighttpd, "")},
		{name: "lighttpd short", limit: 10 * time.Second, start: with(realserver.Lighttpd, "server.max-keep-alive-idle = 3\nserver.max-keep-alive-requests = 7\nserver.max-read-idle = 4\n")},
		{name: "Varnish", limit: short, start: varnish()},
		{name: "Varnish short", limit: short, start: varnish("-p", "timeout_idle=3")},
		{name: "Caddy", limit: short, start: caddy("")},
		{name: "Caddy short", limit: short, start: caddy("servers {\ntimeouts {\nidle 3s\nread_header 4s\n}\n}")},
		{name: "Uvicorn", limit: short, start: with(realserver.Uvicorn, "")},
		{name: "Uvicorn short", limit: short, start: with(realserver.Uvicorn, "UVICORN_TIMEOUT_KEEP_ALIVE=2")},
		{name: "Puma", limit: 35 * time.Second, start: with(realserver.Puma, "")},
		{name: "Puma short", limit: short, start: with(realserver.Puma, "persistent_timeout 3\nfirst_data_timeout 4\n")},
		{name: "H2O", limit: 14 * time.Second, start: h2o("")},
		{name: "H2O short", limit: short, start: h2o("http1-request-timeout: 3")},
	}
}

// threads wait with connections that stay silent from their start.
const threads = "worker_class = \"gthread\"\nthreads = 20\n"

const haproxyShort = "timeout connect 5s\ntimeout server 5s\ntimeout client 4s\ntimeout http-keep-alive 2s\ntimeout http-request 3s"

// observing lets a few servers start at a time: programs that start take the processor from
// those that are measured.
var observing = make(chan struct{}, 3)

// TestRealObserved holds each measured quantity against what the packets show.
func TestRealObserved(t *testing.T) {
	t.Parallel()
	for _, o := range slices.Concat(observations(), secureObservations()) {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			for try := 1; ; try++ {
				o.run(t)
				t.Logf("idle %s, before a request %s, mid-header %s", show(&o.res.Idle), show(o.res.Silence(livetest.MeasureBeforeRequest)), show(o.res.Silence(livetest.MeasureMidHeader)))
				found := &findings{TB: t}
				o.check(found)
				switch {
				case len(found.faults) == 0:
					return
				case try == tries:
					t.Error(strings.Join(found.faults, "\n"))
					return
				}
				t.Logf("once more, for the machine has other servers to start: %s", strings.Join(found.faults, "; "))
			}
		})
	}
}

// tries is how often a server is run that does not agree: a machine that is busy starting
// others may keep the test or the capture waiting, a real difference comes again.
const tries = 5

// findings gathers what a check finds instead of failing.
type findings struct {
	testing.TB
	faults []string
}

// Errorf keeps a fault.
func (f *findings) Errorf(format string, args ...any) {
	f.faults = append(f.faults, fmt.Sprintf(format, args...))
}

func (o *observation) check(t testing.TB) {
	t.Helper()
	switch {
	case o.disturbed():
		t.Errorf("the machine stood still")
	case o.res.HTTP2 != nil:
		o.checkHTTP2(t)
	case o.secure:
		o.checkTLS(t)
	default:
		o.checkHTTP1(t)
	}
}

// run tests a fresh server, records it, and holds the recording against the run.
func (o *observation) run(t *testing.T) {
	t.Helper()
	observing <- struct{}{}
	s := o.start(t)
	capture := realserver.StartCapture(t, s.Port)
	<-observing
	defer s.Stop()
	scheme := map[bool]string{false: "http://", true: "https://"}[o.secure]
	spec := specFor(t, scheme+s.Addr)
	spec.Target.Insecure = o.secure
	spec.IdleLimit, spec.Measure = o.limit, o.measure
	var file bytes.Buffer
	rec := run.NewRecorder(&file)
	var events []livetest.Event
	var aside sync.WaitGroup
	if spec.Measures(livetest.MeasureHTTP2) {
		aside.Go(func() { o.witness = watchWithGo(t, s.Addr, o.limit) })
	}
	err := run.Run(t.Context(), spec, func(e livetest.Event) {
		rec.Record(e)
		events = append(events, e)
	})
	aside.Wait()
	if err != nil && !errors.Is(err, run.ErrInconclusive) {
		t.Fatalf("%v\n%s", err, s.Log())
	}
	o.res, o.seen = livetest.Summarize(events), capture.Stop(t)
	var again []livetest.Event
	if err := errors.Join(rec.Err(), run.Replay(&file, func(e livetest.Event) { again = append(again, e) })); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(o.res, livetest.Summarize(again)); diff != "" {
		t.Errorf("the recording replays to another result (-run +replay):\n%s", diff)
	}
}

func (o *observation) disturbed() bool {
	return slices.ContainsFunc(o.res.Samples, func(p livetest.Sample) bool { return p.State == livetest.SampleDiscarded }) || o.res.Control.Failures > 0
}

// captureTolerance is how far the test may lie from the packets.
const captureTolerance = 15 * time.Millisecond

// lull is the least silence that divides what ends a connection from what went before.
const lull = 500 * time.Millisecond

// An end is how the capture shows that a server ended a silent connection.
type end struct {
	after   time.Duration // of silence, until the first thing that ends it
	closed  time.Duration // until FIN or RST
	reset   bool
	goodbye bool // something was said before the FIN
}

// endOf finds the silence at whose end the server says something or closes; false where it
// does neither.
func endOf(c realserver.Conn) (end, bool) {
	zero := c.Accepted
	for _, at := range c.Said {
		if at.Sub(zero) >= lull {
			return end{after: at.Sub(zero), closed: c.End.Sub(zero), reset: c.Reset, goodbye: true}, true
		}
		zero = at
	}
	return end{after: c.End.Sub(zero), closed: c.End.Sub(zero), reset: c.Reset}, c.ServerEnded()
}

// ends are those of the connections that are chosen.
func (o *observation) ends(choose func(realserver.Conn) bool) (found []end) {
	for _, c := range o.seen {
		if e, ok := endOf(c); ok && choose(c) {
			found = append(found, e)
		}
	}
	return found
}

// compare holds one kind of silence against the packets.
func compare(t testing.TB, what string, got *livetest.Idle, seen []end, kind livetest.CloseKind, when func(end) time.Duration) {
	t.Helper()
	if got == nil || len(seen) != got.Samples+got.Discarded-got.Open || got.Discarded > 0 {
		t.Errorf("%s: %s, the packets show %d ends", what, show(got), len(seen))
		return
	}
	if len(seen) == 0 {
		if got.Close != livetest.CloseNone {
			t.Errorf("%s: %s, the packets show no end", what, show(got))
		}
		return
	}
	if got.Open > 0 || got.Low == nil || got.High == nil || got.Close != kind {
		t.Errorf("%s: %s, the packets show %d ends with %s", what, show(got), len(seen), kind)
		return
	}
	by := func(a, b end) int { return cmp.Compare(when(a), when(b)) }
	low, high := when(slices.MinFunc(seen, by)), when(slices.MaxFunc(seen, by))
	t.Logf("%s: packets %v to %v, the test %v and %v from it", what, low, high, (*got.Low - low).Round(time.Microsecond), (*got.High - high).Round(time.Microsecond))
	if (*got.Low-low).Abs() > captureTolerance || (*got.High-high).Abs() > captureTolerance {
		t.Errorf("%s: %s, the packets say %v to %v", what, show(got), low, high)
	}
}

func closed(e end) time.Duration { return e.closed }

func begun(e end) time.Duration { return e.after }

// hintText is a hint as [advertised] writes it.
func hintText(h *livetest.Hint) string {
	text := ""
	if h != nil && h.Timeout != nil {
		text = fmt.Sprintf("timeout=%d ", int(h.Timeout.Seconds()))
	}
	if h != nil && h.Max != nil {
		text += fmt.Sprintf("max=%d ", *h.Max)
	}
	return text
}
