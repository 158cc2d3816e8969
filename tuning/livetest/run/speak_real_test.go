//go:build real

package run_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A spoken is a program that is no web server, at a setting. What the test says of its silence
// is held against the packets, and how the connection ends; from is the least that the setting
// lets it be.
type spoken struct {
	name     string
	start    func(testing.TB) *realserver.Server
	at       func(address string) string // the target
	from     time.Duration
	close    livetest.CloseKind
	password string
	// login tells that the timer runs from when the connection was open.
	login bool
}

// spokenServers are Debian's programs, at two settings each.
func spokenServers() []*spoken {
	with := func(f func(testing.TB, string) *realserver.Server, lines string) func(testing.TB) *realserver.Server {
		return func(t testing.TB) *realserver.Server { return f(t, lines) }
	}
	plain := func(scheme string) func(string) string {
		return func(address string) string { return scheme + "://" + address }
	}
	query := func(scheme, query string) func(string) string {
		return func(address string) string { return scheme + "://" + address + "/?" + query }
	}
	var list []*spoken
	for _, s := range []int{2, 4} {
		d := time.Duration(s) * time.Second
		pool := func(t testing.TB) *realserver.Server {
			return realserver.PgBouncer(t, realserver.Postgres(t, ""), fmt.Sprintf("pool_mode = transaction\nclient_idle_timeout = %d", s))
		}
		list = append(list,
			&spoken{name: "Redis", start: with(realserver.Redis, fmt.Sprintf("timeout %d", s)), at: plain("redis"), from: d, close: livetest.CloseFIN},
			&spoken{name: "memcached", start: func(t testing.TB) *realserver.Server {
				return realserver.Memcached(t, "-o", fmt.Sprintf("idle_timeout=%d", s))
			}, at: plain("memcached"), from: d, close: livetest.CloseFIN},
			&spoken{name: "MariaDB", start: with(realserver.MariaDB, fmt.Sprintf("wait_timeout=%d", s)), at: func(a string) string { return "mysql://root@" + a }, from: d, close: livetest.CloseRST},
			&spoken{name: "PgBouncer", start: pool, at: func(a string) string { return "postgres://postgres@" + a + "/postgres" }, from: d, close: livetest.CloseFIN},
			&spoken{name: "RabbitMQ", start: with(realserver.RabbitMQ, fmt.Sprintf("heartbeat = %d", s)), at: plain("amqp"), from: 2 * d, close: livetest.CloseRST},
			&spoken{name: "mosquitto", start: with(realserver.Mosquitto, ""), at: query("mqtt", fmt.Sprintf("keepalive=%d", s)), from: d * 3 / 2, close: livetest.CloseFIN},
			&spoken{name: "NATS", start: with(realserver.NATS, fmt.Sprintf("ping_interval: \"%ds\"\nping_max: 1", s)), at: plain("nats"), from: 2*time.Second + d, close: livetest.CloseFIN},
			&spoken{name: "slapd", start: with(realserver.Slapd, fmt.Sprintf("idletimeout %d", s)), at: plain("ldap"), from: d, close: livetest.CloseFIN},
			&spoken{name: "OpenSSH", start: func(t testing.TB) *realserver.Server {
				return realserver.SSHD(t, fmt.Sprintf("LoginGraceTime %d", s)).Server
			}, at: plain("ssh"), from: d, close: livetest.CloseFIN, login: true})
	}
	return list
}

// TestRealSpoken holds what is measured of servers that speak no HTTP against the packets.
func TestRealSpoken(t *testing.T) {
	t.Parallel()
	for _, s := range spokenServers() {
		t.Run(fmt.Sprintf("%s %v", s.name, s.from), func(t *testing.T) {
			t.Parallel()
			s.check(t)
		})
	}
}

func (s *spoken) check(t *testing.T) {
	t.Helper()
	observing <- struct{}{}
	server := s.start(t)
	capture := realserver.StartCapture(t, server.Port)
	<-observing
	for try := 1; ; try++ {
		spec := specFor(t, s.at(server.Addr))
		spec.IdleLimit, spec.Second, spec.Measure = 30*time.Second, -1, []livetest.Measurement{livetest.MeasureIdle}
		spec.Target.Password = s.password
		begin := time.Now()
		var events []livetest.Event
		err := run.Run(t.Context(), spec, func(e livetest.Event) { events = append(events, e) })
		switch {
		case err == nil:
			s.compare(t, livetest.Summarize(events), slices.DeleteFunc(capture.Stop(t), func(c realserver.Conn) bool { return c.Accepted.Before(begin) }))
			if s.password != "" {
				s.refusesOthers(t, spec, events)
			}
			return
		case try == tries || !errors.Is(err, run.ErrInconclusive):
			t.Fatalf("%v\n%s", err, server.Log())
		}
		t.Logf("once more: %v", err)
	}
}

// compare holds the result against the connections whose silence the server ended.
func (s *spoken) compare(t *testing.T, res livetest.Result, seen []realserver.Conn) {
	t.Helper()
	var low, high time.Duration
	n := 0
	for _, c := range seen {
		if !c.ServerEnded() {
			continue
		}
		after := c.End.Sub(silentSince(c, s.login))
		if n++; n == 1 {
			low, high = after, after
		}
		low, high = min(low, after), max(high, after)
		if c.Reset != (s.close == livetest.CloseRST) {
			t.Errorf("a reset in the capture: %v, want %s", c.Reset, s.close)
		}
	}
	i := res.Idle
	t.Logf("packets %v to %v, the test %s", low, high, show(&i))
	switch {
	case n != i.Samples || n < livetest.MinGoodSamples || i.Low == nil || i.High == nil:
		t.Errorf("the server ended %d connections, the test has %s", n, show(&i))
	case (*i.Low-low).Abs() > captureTolerance || (*i.High-high).Abs() > captureTolerance:
		t.Errorf("the packets say %v to %v, the test %v to %v", low, high, *i.Low, *i.High)
	case i.Close != s.close || low < s.from-250*time.Millisecond:
		t.Errorf("closed by %s after %v, want %s from %v on", i.Close, low, s.close, s.from)
	}
}

// silentSince is the last packet of the conversation with which a connection began: there was
// nothing for a while after it. What a server sends of its own accord does not count.
func silentSince(c realserver.Conn, opening bool) time.Time {
	at := c.Accepted
	if opening {
		return at
	}
	said := slices.Concat(c.Said, c.Heard)
	slices.SortFunc(said, time.Time.Compare)
	for _, next := range said {
		if next.Sub(at) > lull {
			break
		}
		if slices.ContainsFunc(c.Said, next.Equal) {
			at = next
		}
	}
	return at
}
