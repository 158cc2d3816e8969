package proof_test

import (
	"fmt"
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

// limitsOf is what the catalog says of a server, such as "nginx@1.30.0", with some settings:
// when an idle connection ends, and one that never asked. Every interval of the tests comes
// from here.
func limitsOf(t testing.TB, server string, sets []string) (d model.Document, r tuning.Report, idle, before span) {
	t.Helper()
	c := model.Embedded()
	path, err := model.ParsePath("curl > "+server, c)
	if err != nil {
		t.Fatal(err)
	}
	d = model.Document{Path: path}
	for _, set := range sets {
		if d, err = d.Assign(c, "server:"+set); err != nil {
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
	return d, r, idle, beforeRequest(&r.Legs[0].Server)
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
