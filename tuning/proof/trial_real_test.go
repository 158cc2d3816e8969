//go:build real

package proof_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A trial is what happens on one seat: a first request, and then one more.
type trial struct {
	seat   int
	method string
	path   string // of the second request
	delay  time.Duration
	pause  time.Duration // before the second request
	watch  time.Duration // after it, for the client's close
	want   predictedIdle
	reused bool // the second request comes on the connection of the first

	answer string // to the second request
	asked  int    // how often it was sent
}

// A trialled consumer is one with its room and what it did there.
type trialled struct {
	*consumer
	room    *room
	do      driver
	idle    []*trial
	retries []*trial
	socket  realserver.SocketTimes
	waited  time.Duration // for how long its programs were kept from running
}

// reach is how far from a predicted limit a connection's reuse is tried: the
// time that a request may take on a busy machine.
const reach = 300 * time.Millisecond

// plan lays out the trials of a consumer and the manners of their seats.
func (c *consumer) plan(t testing.TB) (*trialled, []manner) {
	t.Helper()
	s := &trialled{consumer: c}
	var manners []manner
	add := func(m manner, x trial) {
		x.seat = len(manners)
		manners = append(manners, m)
		s.idle = append(s.idle, &x)
	}
	most := cmp.Or(c.most, 15*time.Second)
	for i, m := range append([]manner{{}}, c.hints...) {
		p := c.predict(t, m)
		if p.close == "at-reuse" {
			x := trial{method: "GET", path: "/again", want: p, pause: min(p.low, most) - reach, reused: true}
			add(m, x)
			if p.high < most {
				x.pause, x.reused = p.high+reach, false
				add(m, x)
			}
			continue
		}
		samples := cmp.Or(c.samples, 8)
		if i > 0 {
			samples = cmp.Or(c.hintSamples, 1)
		}
		for n := range samples {
			add(m, trial{
				method: "GET", path: "/again", want: p, reused: true,
				delay: time.Duration(n) * cmp.Or(c.stagger, 130*time.Millisecond), watch: min(p.high, most) + c.sweep + 2*time.Second,
			})
		}
		if c.sweep > 0 {
			add(m, trial{method: "GET", path: "/again", want: p, pause: p.high + reach})
		}
	}
	for _, method := range methods {
		if _, ok := c.retry[method]; ok {
			s.retries = append(s.retries, &trial{seat: len(manners), method: method, path: "/drop"})
			manners = append(manners, manner{})
		}
	}
	return s, manners
}

// methods are those that are repeated or not.
var methods = []string{"GET", "PUT", "POST"}

// measure makes the consumer go through its trials, side by side.
func (s *trialled) measure(t *testing.T) {
	var all sync.WaitGroup
	for _, x := range slices.Concat(s.idle, s.retries) {
		all.Go(func() {
			time.Sleep(x.delay)
			if !s.request(t, x) {
				return
			}
			if x.seat == 0 && len(s.room.at(0, x.path)) > 0 {
				time.Sleep(reach) // some set options only when the connection is back in the pool
				s.readSocket(t, x)
			}
			wait := x.watch
			if wait > 0 && x.ends() {
				wait += realserver.Patience
			}
			for until := time.Now().Add(wait); time.Now().Before(until) && s.room.opened(x.seat) > 0; {
				time.Sleep(reach)
			}
		})
	}
	all.Wait()
	s.waited = s.room.waited()
}

// readSocket reads the options of the connection of a trial's last request; it sends another where
// that has ended.
func (s *trialled) readSocket(t testing.TB, x *trial) {
	first := true
	s.socket = realserver.SocketTimesOf(t, func() (local, remote string) {
		if !first {
			s.again(t, x)
			time.Sleep(reach)
		}
		first = false
		calls := s.room.at(x.seat, x.path)
		return calls[len(calls)-1].conn, s.room.addr(x.seat)
	})
}

// request sends the two requests of a trial, and the second again where it came too late to
// find the connection in use. Where nothing is to lie between
// them, no other such trial gets between them, either: a burst would delay the
// second past a short limit.
func (s *trialled) request(t testing.TB, x *trial) bool {
	if x.pause == 0 {
		s.room.peer.turn.Lock()
		defer s.room.peer.turn.Unlock()
	}
	if got := s.do(t, x.seat, x.method, "/first"); got != "200" {
		t.Errorf("%s: the first request on seat %d ends with %q", s.system, x.seat, got)
		return false
	}
	s.again(t, x)
	return true
}

// again sends the second request, until it does not come late.
func (s *trialled) again(t testing.TB, x *trial) {
	for n := 1; ; n++ {
		time.Sleep(x.pause)
		x.asked++
		x.answer = s.do(t, x.seat, x.method, x.path)
		if calls := s.room.at(x.seat, x.path); n == tries || len(calls) == 0 || !x.late(calls[len(calls)-1]) {
			return
		}
	}
}

// ends reports whether the watch lasts until the client ends an idle connection.
func (x *trial) ends() bool { return x.want.low <= x.watch }

// late reports whether a request that was to come on a used connection came when that may have
// ended.
func (x *trial) late(c call) bool { return x.reused && c.nth == 1 && c.after >= x.want.low }

// check compares what was seen with the catalog.
func (s *trialled) check(t *testing.T, captured []realserver.Conn) {
	var idle []time.Duration
	for _, x := range s.idle {
		name := fmt.Sprintf("answer %q, Connection %v, pause %v", s.room.manners[x.seat].hint, s.room.manners[x.seat].says, x.pause)
		calls := s.room.at(x.seat, "/again")
		if x.answer != "200" || len(calls) != x.asked {
			t.Errorf("%s: the second request ends with %q; it was sent %d times and came %d times", name, x.answer, x.asked, len(calls))
			continue
		}
		last := calls[len(calls)-1]
		if got := last.nth > 1; got != x.reused {
			t.Errorf("%s: the connection is reused: %v, %v after the last answer; the catalog says from %v to %v", name, got, last.after, x.want.low, x.want.high)
		}
		if x.watch == 0 || !x.ends() {
			continue
		}
		conns := slices.DeleteFunc(slices.Clone(captured), func(c realserver.Conn) bool { return c.Server != s.room.addr(x.seat) })
		if len(conns) == 0 || len(conns) > x.asked || conns[len(conns)-1].Client != last.conn {
			t.Errorf("%s: there were %d connections for %d requests", name, len(conns), 1+x.asked)
			continue
		}
		c := conns[len(conns)-1]
		if !c.ClientEnded() {
			t.Errorf("%s: still open after %v, the catalog says from %v to %v", name, x.watch, x.want.low, x.want.high)
			continue
		}
		idle = append(idle, c.ClientIdle())
		if got := c.ClientIdle(); got < x.want.low-early || x.want.high != model.Never && got > x.want.high+s.sweep+late+s.waited {
			t.Errorf("%s: closed after %v, the catalog says from %v to %v; it was kept waiting for %v", name, got, x.want.low, x.want.high, s.waited)
		}
		if c.ClientReset != (x.want.close == "rst") {
			t.Errorf("%s: closed with a reset: %v, the catalog says %s", name, c.ClientReset, x.want.close)
		}
	}
	t.Logf("idle connections ended after %v; it was kept waiting for %v", idle, s.waited)
	s.checkRetries(t)
	s.checkHead(t)
	want := s.predictSocket(t)
	if !want.KeepAlive { // then the catalog's times are those that the product would set
		s.socket = realserver.SocketTimes{KeepAlive: s.socket.KeepAlive, Idle: want.Idle, Every: want.Every, Count: want.Count, UserTimeout: s.socket.UserTimeout}
	}
	if s.socket != want {
		t.Errorf("socket options are %+v, the catalog says %+v", s.socket, want)
	}
}

// late is how long after the catalog's span a close may come on a busy machine: event loops
// act when they next get to run.
const late = 500 * time.Millisecond

// checkRetries counts the requests that reached the peer where it closed a
// reused connection instead of answering.
func (s *trialled) checkRetries(t *testing.T) {
	for _, x := range s.retries {
		calls := s.room.at(x.seat, "/drop")
		if got, want := len(calls), s.retry[x.method]; got != want {
			t.Errorf("%s on a stale connection was sent %d times (%s), want %d", x.method, got, x.answer, want)
		}
		if len(calls) == 0 {
			continue
		}
		// A product that keeps some methods off used connections gets its answer at once.
		if answered := calls[len(calls)-1].nth == 1; answered != (x.answer == "200") {
			t.Errorf("%s on a stale connection, sent %d times, ends with %q", x.method, len(calls), x.answer)
		}
	}
}

// checkHead compares the first request's header with the catalog's asks.
func (s *trialled) checkHead(t *testing.T) {
	leg := s.leg(t, 0)
	asks := map[bool]model.Answer{true: model.AnswerYes, false: model.AnswerNo}[s.room.at(0, "/first")[0].asks]
	if want := leg.Client.Face.Asks; asks != want {
		t.Errorf("requests carry Connection: keep-alive: %s, the catalog says %s", asks, want)
	}
}

// prove runs consumers side by side against one peer under one capture.
func prove(t *testing.T, consumers []*consumer) {
	var present []*consumer
	for _, c := range consumers {
		t.Run(cmp.Or(c.name, c.system)+" is installed", func(t *testing.T) {
			realserver.Need(t, append([]string{"tcpdump"}, c.needs...)...)
			if c.lacks != nil {
				why := c.lacks(t)
				realserver.Require(t, why == "", why)
			}
			t.Logf("%s %s", c.system, c.version(t))
			c.listed(t)
			present = append(present, c)
		})
	}
	realserver.Require(t, len(present) > 0, "none of the products is installed")
	p := newPeer(t)
	capture := realserver.StartCapture(t, p.port)
	var runs []*trialled
	for _, c := range present {
		s, manners := c.plan(t)
		s.room = p.newRoom(t, manners)
		s.do = c.start(t, s.room)
		runs = append(runs, s)
	}
	var all sync.WaitGroup
	for _, s := range runs {
		all.Go(func() { s.measure(t) })
	}
	all.Wait()
	captured := capture.Stop(t)
	for _, s := range runs {
		t.Run(cmp.Or(s.name, s.system), func(t *testing.T) { s.check(t, captured) })
	}
}

// listed holds the consumer against the suite's table.
func (c *consumer) listed(t *testing.T) {
	if c.name != "" {
		return // a second run of the same
	}
	what := []model.Aspect{model.AspectIdle, model.AspectProbes}
	if len(c.hints) > 0 {
		what = append(what, model.AspectHint)
	}
	if len(c.retry) > 0 {
		what = append(what, model.AspectRetry)
	}
	for _, p := range slices.Concat(clients(), upstreams()) {
		missing := slices.DeleteFunc(slices.Clone(what), func(a model.Aspect) bool { return slices.Contains(p.What, a) })
		if string(p.System) == c.system && p.Side == model.FaceClient && len(missing) == 0 {
			return
		}
	}
	t.Errorf("the suite's table does not say that %s is held against %v", c.system, what)
}

// url is the address of a path on a seat.
func (r *room) url(seat int, path string) string {
	if r.front != "" {
		return "http://" + r.front + path
	}
	return "http://" + r.addr(seat) + path
}

// word is the client's name in a command to its driver.
func word(system string) string { return strings.TrimPrefix(system, "python-") }
