package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// What reusing a connection saves: first answers with their handshakes, here 15 ms, against
// later ones, 4 ms. Whatever else came in between is none of it.
func TestReuseSaving(t *testing.T) {
	t.Parallel()
	opened := func(role livetest.Role) livetest.Event {
		return livetest.Event{Kind: livetest.EventConnected, Role: role, Conn: 1, Connect: 3 * milli, Handshake: 7 * milli}
	}
	reply := func(role livetest.Role, n int, took time.Duration) livetest.Event {
		return livetest.Event{Kind: livetest.EventResponse, Role: role, Conn: 1, Request: n, Took: took, Status: 200}
	}
	counted := func(n int, done bool) livetest.Event {
		return livetest.Event{Kind: livetest.EventCounted, Role: livetest.RoleRequests, Conn: 1, Request: n, Took: 4 * milli, Done: done}
	}
	head := reply(livetest.RoleControl, 2, 90*milli)
	head.Method = "HEAD"
	page, again := reply(livetest.RoleControl, 1, 5*milli), reply(livetest.RoleControl, 2, 4*milli)
	saved := &livetest.ReuseSaving{Fresh: 15 * milli, Reused: 4 * milli, Samples: 1}
	for name, x := range map[string]struct {
		events []livetest.Event
		want   *livetest.ReuseSaving
	}{
		"the control connection":  {[]livetest.Event{opened(livetest.RoleControl), page, again}, saved},
		"an idle connection":      {[]livetest.Event{opened(livetest.RoleIdle), reply(livetest.RoleIdle, 1, 5*milli), reply(livetest.RoleIdle, 2, 4*milli)}, saved},
		"counted requests":        {[]livetest.Event{opened(livetest.RoleRequests), reply(livetest.RoleRequests, 1, 5*milli), counted(100, true)}, saved},
		"the rarer of the two":    {[]livetest.Event{opened(livetest.RoleControl), page, again, again, again}, saved},
		"a counted one alone":     {[]livetest.Event{opened(livetest.RoleRequests), reply(livetest.RoleRequests, 1, 5*milli), counted(1, true)}, nil},
		"not counted to the end":  {[]livetest.Event{opened(livetest.RoleRequests), reply(livetest.RoleRequests, 1, 5*milli), counted(100, false)}, nil},
		"no whole page":           {[]livetest.Event{opened(livetest.RoleControl), page, head}, nil},
		"a time that is not told": {[]livetest.Event{opened(livetest.RoleControl), page, reply(livetest.RoleControl, 2, 0)}, nil},
		"nor of the first":        {[]livetest.Event{opened(livetest.RoleControl), reply(livetest.RoleControl, 1, 0), again}, nil},
		"only first answers":      {[]livetest.Event{opened(livetest.RoleControl), page}, nil},
		"another measurement":     {[]livetest.Event{opened(livetest.RoleHold), reply(livetest.RoleHold, 1, 5*milli), reply(livetest.RoleHold, 2, 4*milli)}, nil},
		"no reply":                {[]livetest.Event{opened(livetest.RoleControl), page, {Kind: livetest.EventFailed, Role: livetest.RoleControl, Conn: 1, Request: 2, Took: 4 * milli}}, nil},
	} {
		got := append(begin(), x.events...).end("").ReuseSaving
		if (got == nil) != (x.want == nil) || got != nil && *got != *x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
	if got := saved.Saved(); got != 11*milli {
		t.Errorf("saved %v, want 11ms", got)
	}
	if got := (livetest.ReuseSaving{Fresh: 4 * milli, Reused: 5 * milli}).Saved(); got != 0 {
		t.Errorf("a reused one was slower, and %v is saved", got)
	}
}
