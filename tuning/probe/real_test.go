//go:build real

package probe_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/probe/realserver"
)

// captureTolerance is how far keeptune may lie from a packet capture of the same port.
const captureTolerance = 15 * time.Millisecond

// A window is a span that a value must lie in.
type window struct{ from, to time.Duration }

func about(d time.Duration) window { return window{d - 50*time.Millisecond, d + 150*time.Millisecond} }

func (w window) holds(d time.Duration) bool { return d >= w.from && d <= w.to }

// A realCase is one real server, what it is configured to do and what the live test saw.
type realCase struct {
	name  string
	limit time.Duration
	start func(testing.TB) *realserver.Server

	system      string   // as the catalog writes it, at the version that is installed
	sets        []string // the same settings for the catalog's prediction
	idle        window   // predicted
	before      window   // zero: open within the limit
	beforeClose model.CloseKind
	requests    int // predicted; 0: none found
	asked       string
	unasked     string

	server  *realserver.Server
	capture *realserver.Capture
	out     outcome
}

func realCases(t testing.TB) []*realCase {
	second := time.Second
	nginx := "nginx@" + installed(t, "nginx", "-v")
	apache := "apache@" + installed(t, "apache2", "-v")
	haproxy := "haproxy@" + installed(t, "haproxy", "-v")
	node := "node@" + installed(t, "node", "--version")
	cases := []*realCase{
		{
			name: "nginx at defaults", limit: 90 * second, system: nginx,
			start:  func(t testing.TB) *realserver.Server { return realserver.Nginx(t, realserver.NginxConf{}) },
			before: about(60 * second), beforeClose: model.CloseFIN,
		},
		{
			name: "nginx 3 s", limit: 10 * second, system: nginx, sets: []string{"keepalive_timeout=3s", "keepalive_requests=7"},
			start: func(t testing.TB) *realserver.Server {
				return realserver.Nginx(t, realserver.NginxConf{Server: "keepalive_timeout 3s 3s;\nkeepalive_requests 7;\nclient_header_timeout 4s;"})
			},
			before: about(4 * second), beforeClose: model.CloseFIN, asked: "timeout=3s", unasked: "timeout=3s",
		},
		{
			name: "Apache at defaults", limit: 60 * second, system: apache,
			start:  func(t testing.TB) *realserver.Server { return realserver.Apache(t, realserver.ApacheConf{}) },
			before: window{20 * second, 53 * second}, beforeClose: model.CloseFIN, asked: "timeout=5s max=100",
		},
		{
			name: "Apache 2 s", limit: 10 * second, system: apache, sets: []string{"KeepAliveTimeout=2", "MaxKeepAliveRequests=20"},
			start: func(t testing.TB) *realserver.Server {
				return realserver.Apache(t, realserver.ApacheConf{Server: "KeepAliveTimeout 2\nMaxKeepAliveRequests 20"})
			},
			asked: "timeout=2s max=20",
		},
		{
			name: "HAProxy at Debian's defaults", limit: 60 * second, system: haproxy, sets: []string{"timeout client=50s"},
			start:  func(t testing.TB) *realserver.Server { return realserver.HAProxy(t, realserver.HAProxyConf{}) },
			before: about(50 * second), beforeClose: model.Close408,
		},
		{
			name: "HAProxy 3 s", limit: 10 * second, system: haproxy, sets: []string{"timeout client=4s", "timeout http-keep-alive=3s"},
			start: func(t testing.TB) *realserver.Server {
				return realserver.HAProxy(t, realserver.HAProxyConf{Defaults: "timeout connect 5s\ntimeout server 50s\ntimeout client 4s\ntimeout http-keep-alive 3s"})
			},
			before: about(4 * second), beforeClose: model.Close408,
		},
		{
			// A check every 30 s ends what sent no headers for 60 s.
			name: "Node at defaults", limit: 95 * second, system: node,
			start:  func(t testing.TB) *realserver.Server { return realserver.Node(t, "") },
			before: window{60 * second, 91 * second}, beforeClose: model.Close408, asked: "timeout=5s", unasked: "timeout=5s",
		},
		{
			name: "Node 2 s", limit: 10 * second, system: node, sets: []string{"keepAliveTimeout=2s"},
			start: func(t testing.TB) *realserver.Server { return realserver.Node(t, "server.keepAliveTimeout = 2000;") },
			asked: "timeout=2s", unasked: "timeout=2s",
		},
	}
	for _, c := range cases {
		c.idle, c.requests = predicted(t, c.system, c.sets...)
	}
	return cases
}

// All servers are tested side by side, so that the test takes as long as the longest.
func TestRealServersAgreeWithACapture(t *testing.T) {
	realserver.Need(t, "nginx", "apache2", "haproxy", "node", "tcpdump")
	cases := realCases(t)
	measureAll(t, cases)
	// A machine or server that stood still for a second proves nothing: HAProxy, for one, takes such a
	// gap for a clock jump and moves its timers. Those cases get one more chance.
	var again []*realCase
	for _, c := range cases {
		if why := c.disturbed(); why != "" {
			t.Logf("%s: once more, because %s", c.name, why)
			again = append(again, c)
		}
	}
	measureAll(t, again)
	for _, c := range cases {
		t.Run(c.name, c.check)
	}
}

// measureAll tests fresh servers, side by side.
func measureAll(t *testing.T, cases []*realCase) {
	t.Helper()
	for _, c := range cases {
		c.server = c.start(t)
		c.capture = realserver.StartCapture(t, c.server.Port)
	}
	var all sync.WaitGroup
	for _, c := range cases {
		all.Go(func() {
			target, err := model.ParseProbeTarget(c.server.Addr)
			if err != nil {
				c.out.err = err
				return
			}
			spec := model.NewProbeSpec(target)
			spec.IdleLimit = c.limit
			c.out = collect(t.Context(), probe.Prober{}, spec)
		})
	}
	all.Wait()
}

// disturbed says how we or the server stood still during the test, "" when neither did.
func (c *realCase) disturbed() string {
	for _, e := range c.out.events {
		switch {
		case e.Kind == model.EventPaused && (e.Jump != 0 || e.At-e.From >= time.Second):
			return fmt.Sprintf("at %v %s", e.At.Round(time.Millisecond), e.Text)
		case e.Kind == model.EventResponse && e.Took >= time.Second:
			return fmt.Sprintf("at %v the server took %v for a reply", e.At.Round(time.Millisecond), e.Took.Round(time.Millisecond))
		}
	}
	return ""
}

func TestRealTLS(t *testing.T) {
	s := realserver.Nginx(t, realserver.NginxConf{TLS: true, Server: "keepalive_timeout 2s;\nclient_header_timeout 2s;"})
	spec := specFor(t, "https://"+s.Addr)
	if o := collect(t.Context(), probe.Prober{}, spec); !errors.Is(o.err, probe.ErrUnreachable) || !strings.Contains(o.err.Error(), "signed by an unknown authority") {
		t.Errorf("verified: err = %v", o.err)
	}
	spec.Target.Insecure = true
	o := collect(t.Context(), probe.Prober{}, spec)
	if o.err != nil || o.res.BeforeRequest == nil {
		t.Fatalf("%v\n%s", o.err, s.Log())
	}
	t.Logf("idle %s, before %s", show(&o.res.Idle), show(o.res.BeforeRequest))
	want := about(2 * time.Second)
	if i := o.res.Idle; i.Close != model.CloseFIN || !want.holds(*i.Low) || !want.holds(*i.High) {
		t.Errorf("idle: %s", show(&i))
	}
	if b := o.res.BeforeRequest; b.Close != model.CloseFIN || !want.holds(*b.Low) || !want.holds(*b.High) {
		t.Errorf("before a request: %s", show(b))
	}
	for _, p := range o.res.Samples {
		if p.Role == model.ProbeRoleIdle && (!p.Notified || !p.Exact) {
			t.Errorf("sample %+v, want close_notify and kernel time", p)
		}
	}
}

func (c *realCase) check(t *testing.T) {
	if c.out.err != nil || c.out.res.Outcome != model.OutcomeMeasured {
		t.Fatalf("err = %v, outcome %q (%s)\n%s", c.out.err, c.out.res.Outcome, c.out.res.Reason, c.server.Log())
	}
	var idle, before []realserver.Conn
	for _, k := range c.capture.Stop(t) {
		switch {
		case !k.ServerEnded():
		case k.Requests == 0:
			before = append(before, k)
		case k.Requests == 1 && !bytes.Contains(k.First, []byte("HTTP/1.0")):
			idle = append(idle, k)
		}
	}
	for _, p := range c.out.res.Samples {
		if p.Why != "" {
			t.Logf("connection %d, %s: %s", p.Conn, p.State, p.Why)
		}
	}
	t.Logf("wall time %v, idle %s, before %s, requests %s", c.out.took.Round(time.Millisecond), show(&c.out.res.Idle), show(c.out.res.BeforeRequest), count(c.out.res.Requests))
	c.compare(t, "idle", &c.out.res.Idle, idle, c.idle, model.CloseFIN)
	c.compare(t, "before a request", c.out.res.BeforeRequest, before, c.before, c.beforeClose)
	c.checkReplies(t)
}

// compare holds one measurement against configuration and capture.
func (c *realCase) compare(t *testing.T, what string, got *model.ProbeIdle, seen []realserver.Conn, want window, kind model.CloseKind) {
	t.Helper()
	if want == (window{}) {
		if got == nil || got.Close != model.CloseNone || len(seen) != 0 {
			t.Errorf("%s: %s and %d closes in the capture, want it open within %v", what, show(got), len(seen), c.limit)
		}
		return
	}
	if got == nil || got.Low == nil || got.High == nil || len(seen) != got.Samples+got.Discarded {
		t.Errorf("%s: %s with %d closes in the capture", what, show(got), len(seen))
		return
	}
	low, high := seen[0].Idle(), seen[0].Idle()
	for _, k := range seen {
		low, high = min(low, k.Idle()), max(high, k.Idle())
		if k.Reset {
			t.Errorf("%s: the capture shows an RST", what)
		}
	}
	t.Logf("%s: keeptune %v to %v, capture %v to %v (differences %v, %v)", what, got.Low.Round(time.Microsecond), got.High.Round(time.Microsecond), low, high, (*got.Low - low).Round(time.Microsecond), (*got.High - high).Round(time.Microsecond))
	if (*got.Low-low).Abs() > captureTolerance || (*got.High-high).Abs() > captureTolerance {
		t.Errorf("%s: keeptune and the capture differ by more than %v", what, captureTolerance)
	}
	if !want.holds(*got.Low) || !want.holds(*got.High) || got.Close != kind {
		t.Errorf("%s: %s, want %s within [%v, %v]", what, show(got), kind, want.from, want.to)
	}
}

func (c *realCase) checkReplies(t *testing.T) {
	t.Helper()
	r := c.out.res.Requests
	switch {
	case r == nil || !r.Done:
		t.Error("requests were not counted")
	case c.requests == 0 && r.Limit != nil, c.requests > 0 && (r.Limit == nil || *r.Limit != c.requests || !r.LastSaysClose || !r.Honoured):
		t.Errorf("requests: %s, want %d", count(r), c.requests)
	}
	if asked, unasked := hint(c.out.res.HTTP.Asked), hint(c.out.res.HTTP.Unasked); asked != c.asked || unasked != c.unasked {
		t.Errorf("hints: asked %q, unasked %q, want %q and %q", asked, unasked, c.asked, c.unasked)
	}
	if h := c.out.res.HTTP10; h == nil || c.out.res.HTTP.Status != 200 || c.out.res.HTTP.Version != "HTTP/1.1" {
		t.Errorf("HTTP/1.0 %v, replies %+v", h, c.out.res.HTTP)
	}
	if f := c.out.res.Control; f.Failures > 0 || f.Exchanges == 0 {
		t.Errorf("control: %+v", f)
	}
}

func show(i *model.ProbeIdle) string {
	if i == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s/%s/%s %s (%d good, %d discarded, %d bytes)", span(i.Low), span(i.After), span(i.High), i.Close, i.Samples, i.Discarded, i.BytesBefore)
}

func span(d *time.Duration) string {
	if d == nil {
		return "-"
	}
	return d.Round(time.Millisecond).String()
}

func count(r *model.ProbeRequests) string {
	if r == nil || r.Limit == nil {
		return "none"
	}
	return fmt.Sprintf("%d announced %v honoured %v", *r.Limit, r.LastSaysClose, r.Honoured)
}

func hint(h *model.ProbeHint) string {
	switch {
	case h == nil:
		return ""
	case h.Max == nil:
		return "timeout=" + h.Timeout.String()
	}
	return fmt.Sprintf("timeout=%v max=%d", h.Timeout, *h.Max)
}
