//go:build real

package proof_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

const (
	// patience is the longest wait of the tests without the tag long.
	patience = 130 * time.Second
	// openFor is how long a connection that nothing ends is watched at least.
	openFor = time.Minute
	// samples is how many idle connections are watched, spread over stagger: a product that
	// looks at its clock once a second is met at every part of that second.
	samples = 12
	stagger = 2 * time.Second
	// captureTolerance is how far keeptune may lie from a packet capture of the same port.
	captureTolerance = 15 * time.Millisecond
)

// A serving is one run of a product under the live test and a packet capture.
type serving struct {
	product  *product
	want     prediction
	what     []model.Aspect // watched in this run
	limit    time.Duration  // of the watch
	server   *realserver.Server
	waited   time.Duration // for how long it was kept from running during the test
	socket   realserver.SocketTimes
	events   []livetest.Event
	result   livetest.Result
	captured []realserver.Conn
}

// serve runs products at their defaults and with what is exported, all side by side. What
// ends later than patience is watched only where long is true, and nothing else is then.
func serve(t *testing.T, proofs []proof, products []*product, long bool) {
	for _, p := range products {
		claims := p.claims(t, proofs)
		for name, sets := range map[string][]string{"": p.defaults, " exported": p.sets} {
			exported := name != ""
			if exported && len(sets) == 0 {
				continue
			}
			t.Run(string(p.system)+p.variant+name, func(t *testing.T) {
				t.Parallel()
				s := &serving{product: p, want: p.predict(t, sets)}
				if !s.plan(claims, long) {
					return // it all ends in the tests of the other tag
				}
				file := ""
				switch {
				case exported && p.format != "":
					file = p.export(t, s.want)
				case exported:
					file = p.config
				}
				if p.turns != nil {
					p.turns <- struct{}{}
					defer func() { <-p.turns }()
				}
				s.settle(t, sets, file)
			})
		}
	}
}

// tries is how many servers are started at most, the disturbed ones included.
const tries = 4

// settle tests a fresh server, and another where the run was disturbed: a machine or
// server that stood still proves nothing. HAProxy, for one, takes such a
// gap for a clock jump and moves its timers.
func (s *serving) settle(t *testing.T, sets []string, exported string) {
	t.Helper()
	for range tries {
		s.measure(t, exported)
		why := s.disturbed()
		if why == "" {
			break
		}
		t.Logf("disturbed, because %s", why)
	}
	t.Logf("%s %s %v: idle %v, measured %s; before a request %v, measured %s; requests %s; hint asked %q, unasked %q; sockets %+v; kept waiting for %v",
		s.product.system, s.product.version(t), sets, s.want.idle, show(&s.result.Idle), s.want.before, show(s.result.Silence(livetest.MeasureBeforeRequest)),
		count(s.result.Requests), hint(s.result.HTTP.Asked), hint(s.result.HTTP.Unasked), s.socket, s.waited)
	s.check(t)
	if !t.Failed() {
		s.note(t, sets)
	}
}

// plan chooses what to watch and for how long; false where nothing is left. What never ends
// is watched for openFor, or as long as anything else.
func (s *serving) plan(claims []model.Aspect, long bool) bool {
	due := false
	for _, a := range claims {
		var end span
		switch a {
		case model.AspectIdle:
			end = s.want.idle
		case model.AspectBeforeRequest:
			end = s.want.before
		default:
		}
		never := end.high == model.Never
		if !never && end.high > patience != long {
			continue
		}
		due = due || !never
		s.what = append(s.what, a)
		wait := end.high + 5*time.Second
		if never {
			wait = openFor
		}
		s.limit = max(s.limit, wait)
	}
	return due
}

func (s *serving) watches(a model.Aspect) bool { return slices.Contains(s.what, a) }

// silences reports whether any connection is watched in silence.
func (s *serving) silences() bool {
	return s.watches(model.AspectIdle) || s.watches(model.AspectBeforeRequest)
}

// measure starts the server and tests it.
func (s *serving) measure(t *testing.T, exported string) {
	t.Helper()
	capture := s.begin(t, exported)
	defer s.server.Stop()
	target, err := livetest.ParseTarget("http://" + s.server.Addr + s.product.path)
	if err != nil {
		t.Fatal(err)
	}
	spec := livetest.Spec{Target: target, IdleLimit: s.limit, Stagger: stagger, Measure: []livetest.Measurement{livetest.MeasureHTTP10}}
	for a, m := range map[model.Aspect]livetest.Measurement{
		model.AspectIdle: livetest.MeasureIdle, model.AspectBeforeRequest: livetest.MeasureBeforeRequest,
		model.AspectRequests: livetest.MeasureRequests, model.AspectHint: livetest.MeasureHint,
	} {
		if s.watches(a) {
			spec.Measure = append(spec.Measure, m)
		}
	}
	s.events = nil
	waited := s.server.Waiting()
	if err := run.Run(t.Context(), spec.WithConnections(samples), func(e livetest.Event) { s.events = append(s.events, e) }); err != nil {
		t.Fatalf("%v\n%s", err, s.server.Log())
	}
	s.result = livetest.Summarize(s.events)
	s.captured, s.waited = capture.Stop(t), waited()
}

// starting lets a few servers start at a time: programs that start take the processor from
// those that are measured.
var starting = make(chan struct{}, 3)

// begin starts the server and its capture, and reads the options of its sockets.
func (s *serving) begin(t *testing.T, exported string) *realserver.Capture {
	t.Helper()
	starting <- struct{}{}
	defer func() { <-starting }()
	s.server = s.product.start(t, exported)
	if s.watches(model.AspectProbes) {
		s.readSocket(t)
	}
	return realserver.StartCapture(t, s.server.Port)
}

// readSocket asks once on a connection of its own and reads the server's end of it.
func (s *serving) readSocket(t *testing.T) {
	t.Helper()
	var conn net.Conn
	s.socket = realserver.SocketTimesOf(t, func() (local, remote string) {
		if conn != nil {
			_ = conn.Close()
		}
		conn = s.askOnce(t)
		return s.server.Addr, conn.LocalAddr().String()
	})
	_ = conn.Close()
}

// askOnce asks on a connection of its own.
func (s *serving) askOnce(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: realserver.Patience}).DialContext(t.Context(), "tcp", s.server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(realserver.Patience))
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n", trimSlash(s.product.path), s.server.Addr); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.server.Log())
	}
	_ = response.Body.Close()
	return conn
}

func trimSlash(path string) string {
	if path == "" {
		return path
	}
	return path[1:]
}

// disturbed says how we or the server stood still during the test, "" when neither did: by
// what the test itself saw, or because a close lies less than a second beside the catalog.
func (s *serving) disturbed() string {
	for _, e := range s.events {
		switch {
		case e.Kind == livetest.EventPaused && (e.Jump != 0 || e.At-e.From >= time.Second):
			return fmt.Sprintf("at %v %s", e.At.Round(time.Millisecond), e.Text)
		case e.Kind == livetest.EventResponse && e.Took >= time.Second:
			return fmt.Sprintf("at %v the server took %v for a reply", e.At.Round(time.Millisecond), e.Took.Round(time.Millisecond))
		}
	}
	for _, p := range s.result.Samples {
		if p.State == livetest.SampleDiscarded {
			return "connection " + strconv.Itoa(p.Conn) + " was discarded: " + p.Why
		}
	}
	if n := s.result.Control.Failures; n > 0 {
		return fmt.Sprintf("the control failed %d times", n)
	}
	idle, before := s.ended()
	for _, k := range idle {
		if s.watches(model.AspectIdle) && s.want.idle.misses(k.Idle(), s.waited) {
			return fmt.Sprintf("an idle connection ended after %v", k.Idle())
		}
	}
	for _, k := range before {
		if s.watches(model.AspectBeforeRequest) && s.want.before.misses(k.Idle(), s.waited) {
			return fmt.Sprintf("a silent connection ended after %v", k.Idle())
		}
	}
	return ""
}

// ended are the connections of the capture that the server ended: idle ones after one
// request, and those without any.
func (s *serving) ended() (idle, before []realserver.Conn) {
	for _, k := range s.captured {
		switch {
		case !k.ServerEnded():
		case k.Requests == 0:
			before = append(before, k)
		case k.Requests == 1 && !bytes.Contains(k.First, []byte("HTTP/1.0")):
			idle = append(idle, k)
		}
	}
	return idle, before
}
