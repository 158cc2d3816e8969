package proof_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A span is when something ends; model.Never where nothing ends it.
type span struct{ low, high time.Duration }

// early is how far before the catalog's span a close may come: event loops count from the time
// at which they woke up, which lies before what they then wrote.
const early = 250 * time.Millisecond

// busy is how late a server may be where dozens of them share a small machine, each of them
// counting from when it got to run.
const busy = 250 * time.Millisecond

// holds reports whether d lies in the span, as far as packets and a busy machine let it; waited
// is for how long the server was kept from running.
func (s span) holds(d, waited time.Duration) bool {
	return d >= s.low-early && d-busy-waited <= s.high
}

// misses reports whether d lies beside the span, by less than a second.
func (s span) misses(d, waited time.Duration) bool {
	return !s.holds(d, waited) && s.low != model.Never && d > s.low-time.Second && d-time.Second < s.high
}

func (s span) String() string {
	if s.low == model.Never {
		return "never"
	}
	return fmt.Sprintf("%v..%v", s.low.Round(time.Millisecond), s.high.Round(time.Millisecond))
}

// speakers are clients of servers that speak no HTTP.
var speakers = map[string]model.SystemID{
	"amqp": "amqplib", "dns": "dns-client", "ftp": "lftp", "imap": "imap-client", "ldap": "libldap", "memcached": "memcached-client",
	"mqtt": "mqtt-js", "mysql": "mysql-client", "nats": "nats-client", "postgresql": "libpq", "redis": "redis-cli", "ssh": "ssh",
}

// limitsOf is what the catalog says of a server, such as "nginx@1.30.0", with some settings,
// its client's behind "client:": when an idle connection ends, and one that never asked. Every
// interval of the tests comes from here.
func limitsOf(t testing.TB, server string, sets []string) (d model.Document, r tuning.Report, idle, before span) {
	t.Helper()
	c := model.Embedded()
	id, _, _ := strings.Cut(server, "@")
	system, err := c.System(model.SystemID(id))
	if err != nil {
		t.Fatal(err)
	}
	path, err := model.ParsePath(string(cmp.Or(speakers[system.Protocol], "curl"))+" > "+server, c)
	if err != nil {
		t.Fatal(err)
	}
	d = model.Document{Path: path}
	for _, set := range sets {
		if !strings.HasPrefix(set, "client:") {
			set = "server:" + set
		}
		if d, err = d.Assign(c, set); err != nil {
			t.Fatal(err)
		}
	}
	if r, err = tuning.Analyze(d, tuning.NewEnv(c, 0)); err != nil {
		t.Fatal(err)
	}
	idle = span{model.Never, model.Never}
	for _, l := range r.Legs[0].Limit.All {
		if l.By == tuning.ByServer {
			idle = span{min(idle.low, l.Low), min(idle.high, l.High)}
		}
	}
	before = beforeRequest(&r.Legs[0].Server)
	if system.Protocol != model.ProtocolHTTP && idle.low == model.Never {
		idle = unanswered(&r.Legs[0])
		if before.low == model.Never && r.Legs[0].Server.Heartbeat() != nil {
			before = idle // it asks whoever connects
		}
	}
	return d, r, idle, before
}

// unanswered is when a server that ends no idle connection gives up a client that sends no sign
// of life.
func unanswered(leg *tuning.Leg) span {
	if h := leg.Server.Heartbeat(); h != nil {
		end := h.Unanswered()
		return span{end.Low, end.High}
	}
	w, ok := model.At(leg.Server.System.Order, leg.Server.Face.Watches, leg.Server.Version)
	every := leg.Client.First(model.RolePingEvery)
	if !ok || every == nil {
		return span{model.Never, model.Never}
	}
	d, _ := every.Value.Duration()
	patience := time.Duration(w.Times * float64(d))
	return span{patience + w.Low, patience + w.High}
}

// beforeRequest is when a connection that never sent anything ends: by the timer for it, by
// the one for a request's header, or by the idle timer of products that have only that.
func beforeRequest(s *tuning.Side) span {
	for _, role := range []model.Role{model.RoleFirstByte, model.RoleHeader, model.RoleIdle} {
		if row := s.First(role); row != nil {
			if d, ok := row.Value.Duration(); !ok || d == model.Never {
				return span{model.Never, model.Never}
			}
			return span{row.Low, row.High}
		}
	}
	return span{model.Never, model.Never}
}
