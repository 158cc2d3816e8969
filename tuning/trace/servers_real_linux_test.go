//go:build real && linux

package trace_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// aside is the address that our own requests come from; the live test's come from 127.0.0.1.
var aside = netip.MustParseAddr("127.0.0.2")

func isAside(s *capture.Segment) bool { return s.Src.Addr() == aside || s.Dst.Addr() == aside }

// ask makes so many requests on one connection and waits for the server to close it.
func ask(t *testing.T, s *inPackets, requests int) {
	t.Helper()
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(aside, 0))}
	conn, err := d.DialContext(t.Context(), "tcp", s.server.Addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if s.tls {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		if err := secure.HandshakeContext(t.Context()); err != nil {
			t.Errorf("%s: %v", s.name, err)
			return
		}
		conn = secure
	}
	_ = conn.SetDeadline(time.Now().Add(realserver.Patience))
	b := make([]byte, 4096)
	for range requests {
		if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")); err != nil {
			t.Errorf("%s: %v", s.name, err)
			return
		}
		var got []byte
		for !bytes.Contains(got, []byte("ok\n")) {
			n, err := conn.Read(b)
			if got = append(got, b[:n]...); err != nil && !bytes.Contains(got, []byte("ok\n")) {
				t.Errorf("%s: %v after %q", s.name, err, got)
				return
			}
		}
	}
	_, _ = io.Copy(io.Discard, conn)
}

// An inPackets is a server with what its configuration says.
type inPackets struct {
	name   string
	server *realserver.Server
	tls    bool
	idle   time.Duration // how long it keeps silence
	before time.Duration // the same before a request; 0 is not looked at
	early  time.Duration // by how much it is early on its own: how finely it looks at its clock
	late   time.Duration // and by how much late
	lazy   time.Duration // by how much more it is early before a request
	limit  int           // requests; 0 is none
	hint   time.Duration // 0 is none
}

// eps is how far two measurements of one silence may lie apart. A live test that was kept from
// running sees a close later, and believes the kernel, which counts in ticks of up to 4 ms, when
// that says so of unsure or more; and it begins later where it asks nothing.
const eps, unsure = 5 * time.Millisecond, 8 * time.Millisecond

// What the packets of real servers prove is what they are configured to, and what the live test
// measures of them.
func TestRealServersOnTheWire(t *testing.T) {
	t.Parallel()
	second := time.Second
	// Before 22.19 Node closes a second later than it says, from then on by a setting.
	beyond, buffer := second, ""
	if realserver.Output(t, "node", "-p", "typeof require('node:http').createServer().keepAliveTimeoutBuffer") == "number\n" {
		beyond, buffer = 0, "server.keepAliveTimeoutBuffer = 0;"
	}
	servers := []*inPackets{
		{
			name: "nginx", idle: 2 * second, before: 3 * second, limit: 5, hint: 9 * second,
			server: realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 2s 9s; keepalive_requests 5; client_header_timeout 3s;"}),
		},
		{
			// The time began with the handshake: nginx moves no timer by less than 0.3 s
			// (nginx@release-1.22.1:src/event/ngx_event_timer.h NGX_TIMER_LAZY_DELAY).
			name: "nginx with TLS", tls: true, lazy: 300 * time.Millisecond,
			idle: 2 * second, before: 3 * second, limit: 6,
			server: realserver.Nginx(t, realserver.NginxConf{TLS: true, HTTP: "keepalive_timeout 2s; keepalive_requests 6; client_header_timeout 3s;"}),
		},
		{
			name: "apache", idle: 2 * second, limit: 5, hint: 2 * second, // the first request is none of its 4
			server: realserver.Apache(t, realserver.ApacheConf{Server: "KeepAliveTimeout 2\nMaxKeepAliveRequests 4"}),
		},
		{
			name: "haproxy", idle: 2 * second, before: 3 * second,
			server: realserver.HAProxy(t, realserver.HAProxyConf{Defaults: "timeout client 20s\ntimeout http-keep-alive 2s\ntimeout http-request 3s"}),
		},
		{
			name: "node", idle: 2*second + beyond, limit: 6, hint: 2 * second,
			server: realserver.Node(t, "server.keepAliveTimeout = 2000; server.maxRequestsPerSocket = 6;"+buffer),
		},
		{
			// A thread waits 0.2 s before the time begins, and may wait for others.
			name: "puma", idle: 2 * second, before: 3 * second, late: 550 * time.Millisecond,
			server: realserver.Puma(t, "threads 32, 32\npersistent_timeout 2\nfirst_data_timeout 3\n"),
		},
		{
			// It counts whole seconds of the clock, once a second.
			name: "squid", idle: 3 * second, before: 4 * second, early: second, late: 1200 * time.Millisecond,
			server: realserver.Squid(t, realserver.SquidConf{Lines: "client_idle_pconn_timeout 3 seconds\nrequest_start_timeout 4 seconds"}),
		},
	}
	marker := listen(t)
	ports := []string{"tcp port " + strconv.Itoa(marker.Addr().(*net.TCPAddr).Port)}
	for _, s := range servers {
		ports = append(ports, "tcp port "+strconv.Itoa(s.server.Port))
	}
	r := record(t, strings.Join(ports, " or "))
	waiting := realserver.Waiting()
	var all sync.WaitGroup
	results, waits := make([]livetest.Result, len(servers)), make([]time.Duration, len(servers))
	for i, s := range servers {
		all.Go(func() {
			waited := s.server.Waiting()
			var own sync.WaitGroup
			own.Go(func() { results[i] = s.test(t) })
			for j := range 4 {
				own.Go(func() { ask(t, s, 1+j%3) })
				if s.limit > 0 && j < 3 {
					own.Go(func() { ask(t, s, s.limit) })
				}
				if s.before > 0 && j < 3 {
					own.Go(func() { ask(t, s, 0) })
				}
			}
			own.Wait()
			waits[i] = waited()
		})
	}
	all.Wait()
	waited := waiting()
	tr := r.follow(t, marker)
	us := r.show(t, isAside)
	test := r.show(t, func(s *capture.Segment) bool { return !isAside(s) })
	for i, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			s.configured(t, on(t, us, s.server.Addr), waits[i])
			s.hinted(t, on(t, tr, s.server.Addr))
			s.tested(t, on(t, test, s.server.Addr), results[i], waited)
		})
	}
}

// test runs a live test of the server.
func (s *inPackets) test(t *testing.T) livetest.Result {
	t.Helper()
	scheme := "http://"
	if s.tls {
		scheme = "https://"
	}
	target, err := livetest.ParseTarget(scheme + s.server.Addr)
	if err != nil {
		t.Error(err)
		return livetest.Result{}
	}
	target.Insecure = s.tls
	spec := livetest.Spec{
		Target: target, IdleLimit: 10 * time.Second, Stagger: time.Second, Second: -1, Requests: 20,
		Measure: []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureRequests, livetest.MeasureHint},
	}
	if s.before > 0 {
		spec.Measure = append(spec.Measure, livetest.MeasureBeforeRequest)
	}
	var events []livetest.Event
	if err := run.Run(t.Context(), spec.WithConnections(5), func(e livetest.Event) { events = append(events, e) }); err != nil {
		t.Errorf("the live test of %s: %v", s.name, err)
	}
	return livetest.Summarize(events)
}

// configured holds what our connections prove against the configuration. A program is late by
// no more than the kernel says that its threads waited for a processor, and no more early: it
// takes the time once for all that it does in a turn of its loop, and what it sends waits.
func (s *inPackets) configured(t *testing.T, seen *trace.Server, waited time.Duration) {
	t.Helper()
	t.Logf("its threads waited %v for a processor", waited.Round(time.Millisecond))
	within := func(what string, c []trace.Conclusion, n int, want, early time.Duration) {
		if len(c) != 1 || c[0].N != n || c[0].Low < want-early-eps-waited || c[0].High > want+s.late+eps+waited {
			t.Errorf("%s of %v: %+v", what, want, c)
		} else {
			t.Logf("%s of %v: %v to %v", what, want, c[0].Low, c[0].High)
		}
	}
	within("idle", about(seen, trace.TopicIdle, trace.TheServer), 4, s.idle, s.early)
	if s.before > 0 {
		within("before a request", about(seen, trace.TopicBefore, trace.TheServer), 3, s.before, s.early+s.lazy)
	}
	limits := about(seen, trace.TopicLimit, trace.TheServer)
	if s.limit > 0 && (len(limits) != 1 || limits[0].Count != s.limit || limits[0].N != 3) || s.limit == 0 && len(limits) > 0 {
		t.Errorf("it closes after %d requests: %+v", s.limit, limits)
	}
}

// hinted holds what was promised against the configuration.
func (s *inPackets) hinted(t *testing.T, seen *trace.Server) {
	t.Helper()
	hints := about(seen, trace.TopicHint, trace.TheServer)
	if s.hint > 0 && (len(hints) != 1 || hints[0].Low != s.hint || hints[0].High != s.hint) || s.hint == 0 && len(hints) > 0 {
		t.Errorf("it promises %v: %+v", s.hint, hints)
	}
}

// tested holds what the live test's connections prove against what it says.
func (s *inPackets) tested(t *testing.T, seen *trace.Server, r livetest.Result, waited time.Duration) {
	t.Helper()
	same := func(what string, of *trace.Spans, said *livetest.Idle, apart time.Duration) {
		switch {
		case said == nil || said.Low == nil || said.High == nil:
			t.Errorf("%s: the live test says nothing", what)
		case of.N != said.Samples+said.Discarded || (of.Low-*said.Low).Abs() > apart || (of.High-*said.High).Abs() > apart:
			t.Errorf("%s: %d of %v to %v, the live test says %d of %v to %v", what, of.N, of.Low, of.High, said.Samples, *said.Low, *said.High)
		default:
			t.Logf("%s: %v to %v, the live test %v and %v from it", what, of.Low, of.High, *said.Low-of.Low, *said.High-of.High)
		}
	}
	same("idle", &seen.Sides[trace.TheServer].Silences, &r.Idle, eps+min(waited, unsure))
	if s.before > 0 {
		same("before a request", &seen.Sides[trace.TheServer].Before, r.Silence(livetest.MeasureBeforeRequest), eps+waited)
	}
	switch n := r.Requests; {
	case n == nil || !n.Done:
		t.Error("the live test counted no requests")
	case s.limit == 0 && n.Limit != nil, s.limit > 0 && (n.Limit == nil || *n.Limit != s.limit):
		t.Errorf("requests: %+v, it is configured to %d", n, s.limit)
	case s.limit > 0 && (seen.Limit.Closed.Low != s.limit || seen.Limit.Closed.High != s.limit):
		t.Errorf("requests: %+v on the live test's connections, it is configured to %d", seen.Limit, s.limit)
	}
	switch h := r.HTTP.Asked; {
	case s.hint == 0 && h != nil, s.hint > 0 && (h == nil || h.Timeout == nil || *h.Timeout != s.hint):
		t.Errorf("the live test read the hint %+v, it is configured to %v", h, s.hint)
	}
}
