package livetest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// The kernel's counts of one connection only grow; each connection's are added up once.
func TestResentIsAddedUp(t *testing.T) {
	t.Parallel()
	s := begin()
	for _, e := range []struct{ conn, resent int }{{1, 2}, {1, 2}, {2, 1}, {1, 5}, {1, 3}} {
		s = append(s, livetest.Event{Kind: livetest.EventResponse, Role: livetest.RoleControl, Conn: e.conn, Resent: e.resent})
	}
	if r := s.end(""); r.TCP.Resent != 6 || r.Control.Exchanges != 5 {
		t.Errorf("%d resent in %d exchanges, want 6 in 5", r.TCP.Resent, r.Control.Exchanges)
	}
}

// Of replies the first counts, until one comes to a request that asked for keep-alive; of
// hints the first, until the question's own.
func TestWhichReplyIsTold(t *testing.T) {
	t.Parallel()
	reply := func(role livetest.Role, server string, asked bool, timeout time.Duration) livetest.Event {
		e := livetest.Event{Kind: livetest.EventResponse, Role: role, Request: 1, Status: 200, Version: "HTTP/1.1", Server: server, Asked: asked}
		if timeout > 0 {
			e.KeepAlive = &livetest.Hint{Timeout: &timeout}
		}
		return e
	}
	for name, x := range map[string]struct {
		replies []livetest.Event
		server  string
		asked   time.Duration // 0: no hint
	}{
		"the first":                   {[]livetest.Event{reply(livetest.RoleIdle, "a", false, 0), reply(livetest.RoleIdle, "b", false, 0)}, "a", 0},
		"one that asked":              {[]livetest.Event{reply(livetest.RoleIdle, "a", false, 0), reply(livetest.RoleIdle, "b", true, 5*sec), reply(livetest.RoleIdle, "c", true, 6*sec)}, "b", 5 * sec},
		"the question's own":          {[]livetest.Event{reply(livetest.RoleIdle, "a", true, 5*sec), reply(livetest.RoleHint, "b", true, 6*sec), reply(livetest.RoleHint, "c", true, 7*sec)}, "a", 6 * sec},
		"the question's own is first": {[]livetest.Event{reply(livetest.RoleHint, "a", true, 6*sec), reply(livetest.RoleIdle, "b", true, 5*sec)}, "a", 6 * sec},
		"a later one's name":          {[]livetest.Event{reply(livetest.RoleIdle, "a", false, 0), reply(livetest.RoleIdle, "", true, 0)}, "a", 0},
	} {
		h := append(begin(), x.replies...).end("").HTTP
		var asked time.Duration
		if h.Asked != nil {
			asked = *h.Asked.Timeout
		}
		if h.Server != x.server || asked != x.asked {
			t.Errorf("%s: from %q with %v, want %q with %v", name, h.Server, asked, x.server, x.asked)
		}
	}
}

// Samples stand by the number of their connection, however they came in.
func TestSamplesAreInOrder(t *testing.T) {
	t.Parallel()
	var conns []int
	for _, p := range begin().sample(3, 5*sec, "fin").sample(1, 6*sec, "rst").sample(2, 7*sec, "fin").end("").Samples {
		conns = append(conns, p.Conn)
	}
	if !slices.Equal(conns, []int{1, 2, 3}) {
		t.Errorf("the samples stand as %v", conns)
	}
	for want, kinds := range map[livetest.CloseKind][]livetest.CloseKind{"fin": {"fin", "rst"}, "rst": {"fin", "rst", "rst"}} {
		s := begin()
		for i, k := range kinds {
			s = s.sample(i+1, 5*sec, k)
		}
		if got := s.end("").Idle.Close; got != want {
			t.Errorf("%v are told as %s, want %s", kinds, got, want)
		}
	}
}

// A silence that was not asked for is not told, one of which nothing counts is.
func TestSilencesThatAreTold(t *testing.T) {
	t.Parallel()
	s := begin()
	if got := s.end("").Silences; len(got) != 0 {
		t.Errorf("%v of no sample", got)
	}
	s = append(s,
		livetest.Event{Kind: livetest.EventConnected, Role: livetest.RoleMidHeader, Conn: 8},
		livetest.Event{At: 5 * sec, Kind: livetest.EventClosed, Role: livetest.RoleMidHeader, Conn: 8, After: 5 * sec, Close: livetest.CloseFIN},
		paused(3*sec, 5*sec, 0))
	if got := s.end("").Silence(livetest.MeasureMidHeader); got == nil || got.Samples != 0 || got.Discarded != 1 {
		t.Errorf("%+v, want one that does not count", got)
	}
	s[0].Spec.Measure = []livetest.Measurement{livetest.MeasureMidHeader}
	if r := s.end(""); r.Outcome != livetest.OutcomeInconclusive {
		t.Errorf("%s of one that does not count", r.Outcome)
	}
}

// With keep-alive off each reply announces the close; what never had a reply does not speak
// against that, one reply that did not announce it does.
func TestKeepAliveOff(t *testing.T) {
	t.Parallel()
	idle := func(conn int, says bool) []livetest.Event {
		return []livetest.Event{
			{Kind: livetest.EventResponse, Conn: conn, Role: livetest.RoleIdle, Request: 1, SaysClose: says},
			{At: milli, Kind: livetest.EventClosed, Conn: conn, Role: livetest.RoleIdle, After: milli, Close: livetest.CloseFIN, Exact: true},
		}
	}
	off := slices.Concat(idle(1, true), idle(2, true), idle(3, true))
	const is = "keep-alive is off: the server announces the close with its first reply"
	for name, x := range map[string]struct {
		more livetest.Event
		why  string
	}{
		"all announce it":       {livetest.Event{}, is},
		"one failed":            {livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleIdle, Conn: 4, Text: "refused"}, is},
		"before a request":      {livetest.Event{Kind: livetest.EventConnected, Role: livetest.RoleBeforeRequest, Conn: 4}, is},
		"one does not":          {idle(4, false)[0], "the test ended before all samples were in"},
		"one is being opened":   {livetest.Event{Kind: livetest.EventConnected, Role: livetest.RoleIdle, Conn: 4}, "the test ended before all samples were in"},
		"one stayed and closed": {idle(4, false)[1], "1 good sample, 3 are needed: the reply announced the close"},
	} {
		s := append(begin(), off...)
		if x.more.Kind != "" {
			s = append(s, x.more)
		}
		if got := s.end("").Reason; got != x.why {
			t.Errorf("%s: %q, want %q", name, got, x.why)
		}
	}
}

// What is said of samples that do not count, and of those that are missing.
func TestReasonsOfARun(t *testing.T) {
	t.Parallel()
	failed := func(conn int, role livetest.Role) livetest.Event {
		return livetest.Event{Kind: livetest.EventFailed, Conn: conn, Role: role, Text: "connection refused"}
	}
	good := func() tale { return three(20*sec, livetest.CloseFIN) }
	early := []livetest.Event{
		{At: sec, Kind: livetest.EventResponse, Conn: 4, Role: livetest.RoleIdle, Request: 1},
		{At: 9 * sec, Kind: livetest.EventClosed, Conn: 4, Role: livetest.RoleIdle, After: 8 * sec, Close: livetest.CloseFIN, Exact: true},
	}
	for name, x := range map[string]struct {
		tale    tale
		outcome livetest.Outcome
		why     string
	}{
		"all are good":              {good(), livetest.OutcomeMeasured, ""},
		"one failed":                {append(good(), failed(5, livetest.RoleIdle)), livetest.OutcomeMeasured, "1 of 4 samples do not count: connection refused"},
		"one failed, one discarded": {append(append(good(), early...), paused(8*sec, 9*sec, 0), failed(5, livetest.RoleIdle)), livetest.OutcomeMeasured, "2 of 5 samples do not count: the test itself did not run for 1s"},
		"one of another silence":    {append(good(), failed(5, livetest.RoleMidHeader)), livetest.OutcomeMeasured, ""},
		"one is still silent":       {append(good(), early[0]), livetest.OutcomeInconclusive, "the test ended before all samples were in"},
		"another is still silent": {
			append(good(), livetest.Event{Kind: livetest.EventConnected, Conn: 5, Role: livetest.RoleMidHeader}), livetest.OutcomeMeasured, "",
		},
	} {
		if r := x.tale.end(""); r.Outcome != x.outcome || r.Reason != x.why {
			t.Errorf("%s: %s (%s), want %s (%s)", name, r.Outcome, r.Reason, x.outcome, x.why)
		}
	}
}

// A server promises as much as its samples and the step of its clock allow, and as long as
// the test watched.
func TestEdgesOfAPromise(t *testing.T) {
	t.Parallel()
	steps := []life{{0, 6000}, {143, 6000}, {286, 6000}, {429, 6000}, {571, 7000}, {714, 7000}, {857, 7000}} // from 5.319 s on
	for says, want := range map[time.Duration][]bool{5369 * milli: {true}, 5369*milli + 1: nil} {
		s := begin()
		for i, l := range steps {
			at, end := time.Duration(l.zero)*milli, time.Duration(l.end)*milli
			s = append(s, livetest.Event{At: at, Kind: livetest.EventResponse, Conn: i + 1, Role: livetest.RoleIdle, Request: 1, Asked: true, KeepAlive: &livetest.Hint{Timeout: &says}},
				livetest.Event{At: end, Kind: livetest.EventClosed, Conn: i + 1, Role: livetest.RoleIdle, After: end - at, Close: livetest.CloseFIN, Exact: true})
		}
		if got := agreed(s.end("")); !slices.Equal(got, want) {
			t.Errorf("a promise of %v: %v, want %v", says, got, want)
		}
	}
	for says, want := range map[time.Duration][]bool{90 * sec: {true}, 91 * sec: nil} {
		s := three(90*sec, livetest.CloseNone)
		for i := range s {
			if s[i].Kind == livetest.EventResponse {
				s[i].KeepAlive = &livetest.Hint{Timeout: &says}
			}
		}
		if got := agreed(s.end("")); !slices.Equal(got, want) {
			t.Errorf("a promise of %v, watched for 90 s: %v, want %v", says, got, want)
		}
	}
}

func agreed(r livetest.Result) (all []bool) {
	for _, v := range r.Verdicts {
		all = append(all, v.Agrees)
	}
	return all
}

// What is opened at once, and how long it takes.
func TestWhatASpecOpens(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		spec         livetest.Spec
		sockets, all int
		longest      time.Duration
	}{
		"a short question": {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureHint}}, 1, 1, sec},
		"a ladder":         {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureLadder}}, 11, 11, 450 * sec},
		"with a far end":   {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureLadder}, Ladder: &livetest.LadderSpec{FarEnd: "192.0.2.1:9", Token: "t"}}, 9, 9, 450 * sec},
		"a hundred held":   {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureHold}, Hold: 100}, 0, 101, 90 * sec},
		"HTTP/2 and idle":  {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureHTTP2}}, 8, 8, 91 * sec},
		// Eleven steps of two methods, five times by ten clients: twelve turns of 5.05 s.
		"a race":             {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureRace}, Race: &livetest.RaceSpec{Around: 5 * sec}}, 10, 10, 12 * 5050 * milli},
		"a race of its time": {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureRace}, Race: &livetest.RaceSpec{Around: 5 * sec, Mode: livetest.RacePoisson}}, 150, 150, 20 * sec},
		// The idle timeout is measured first.
		"a race around what is measured": {livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureRace}}, 10, 10, 91*sec + 12*(90*sec+50*milli)},
	} {
		x.spec.Target = livetest.Target{Host: "192.0.2.1"}
		s := x.spec.Normalize()
		if s.Sockets() != x.sockets || s.AllSockets() != x.all || s.Longest() != x.longest {
			t.Errorf("%s: %d connections, %d with those held, for %v; want %d, %d and %v", name, s.Sockets(), s.AllSockets(), s.Longest(), x.sockets, x.all, x.longest)
		}
	}
	if s := (livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureHTTP2}}).Normalize(); s.Connections != 4 {
		t.Errorf("%d idle connections beside three of HTTP/2, want 4", s.Connections)
	}
	asked := livetest.LadderSpec{Gaps: []time.Duration{7 * sec}}
	if s := (livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureLadder}, Ladder: &asked}).Normalize(); !slices.Equal(s.Ladder.Gaps, asked.Gaps) {
		t.Errorf("the gaps %v were asked for, and %v are tried", asked.Gaps, s.Ladder.Gaps)
	}
	for limit, want := range map[time.Duration]string{
		sec: "1s", 3 * sec: "1s 2s 3s", 89 * sec: "1s 2s 3s 5s 8s 13s 21s 34s 55s 1m29s", 90 * sec: "1s 2s 3s 5s 8s 13s 21s 34s 55s 1m29s 1m30s",
		360 * sec: "1s 2s 3s 5s 8s 13s 21s 34s 55s 1m29s 2m58s 5m56s 6m0s",
	} {
		if got := strings.Trim(fmt.Sprint(livetest.GapsUpTo(limit)), "[]"); got != want {
			t.Errorf("gaps up to %v: %s, want %s", limit, got, want)
		}
	}
}

// Choices are offered by their place; what is silent or alone is no short question.
func TestHowMeasurementsAreMade(t *testing.T) {
	t.Parallel()
	choices := livetest.Choices()
	if !slices.IsSortedFunc(choices, func(a, b livetest.Measurement) int { return a.Choice().Place - b.Choice().Place }) || choices[0] != livetest.MeasureLadder {
		t.Errorf("offered are %v", choices)
	}
	for m, made := range map[livetest.Measurement]struct{ silent, alone bool }{
		livetest.MeasureIdle: {true, false}, livetest.MeasureHTTP2: {true, false}, livetest.MeasureLadder: {false, true}, livetest.MeasureRace: {false, true},
		livetest.MeasureHint: {false, false}, livetest.MeasureHead: {false, false},
	} {
		if m.Silent() != made.silent || m.Alone() != made.alone {
			t.Errorf("%s is silent %v and alone %v", m, m.Silent(), m.Alone())
		}
	}
}

func TestEdgesOfAddressesAndTimes(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		scheme string
		port   int
		want   string
	}{{"https", 443, "x.test"}, {"http", 443, "x.test:443"}, {"https", 80, "x.test:80"}, {"http", 80, "x.test"}} {
		if got := (livetest.Target{Scheme: x.scheme, Host: "x.test", Port: x.port}).Authority(); got != x.want {
			t.Errorf("%s on port %d is asked for %q, want %q", x.scheme, x.port, got, x.want)
		}
	}
	for port, ok := range map[int]bool{-1: false, 1: true, 65535: true, 65536: false} {
		if err := (livetest.Target{Host: "x.test", Port: port}).Normalize().Validate(); (err == nil) != ok {
			t.Errorf("port %d: %v", port, err)
		}
	}
	for text, ok := range map[string]bool{"1s/1s/1": true, "32767s/32767s/127": true, "32768s": false, "1s/32768s": false, "1s/1s/128": false} {
		if _, err := livetest.ParseKeepAlive(text); (err == nil) != ok {
			t.Errorf("keep-alive %s: %v", text, err)
		}
	}
	for d, want := range map[time.Duration]string{123_456: "123 us", 999_499: "999 us", 999_500: "1 ms", 1_260_000: "1.3 ms", 20 * milli: "20 ms"} {
		if got := livetest.Short(d); got != want {
			t.Errorf("%v is %q in short, want %q", d, got, want)
		}
	}
	for text, want := range map[string]time.Duration{"1.5": 1500 * milli, "15e-1": 1500 * milli, "9.2e9": 9_200_000_000 * sec, "9.200001e9": -1, `"soon"`: -1} {
		var e livetest.Event
		err := json.Unmarshal([]byte(`{"kind":"closed","after_s":`+text+`}`), &e)
		if (err != nil) != (want < 0) || err == nil && e.After != want {
			t.Errorf("%s seconds are %v (%v), want %v", text, e.After, err, want)
		}
	}
	for _, into := range []any{new(livetest.LadderSpec), new(livetest.RaceSpec)} {
		if err := json.Unmarshal([]byte(`{"gaps_s":"soon","around_s":"soon"}`), into); err == nil {
			t.Errorf("%T takes a word for a time", into)
		}
	}
	for limit, want := range map[int]*int{0: nil, 1: new(1)} {
		r := append(begin(), livetest.Event{Kind: livetest.EventCounted, Role: livetest.RoleRequests, Request: 9, Limit: limit}).end("")
		if got := r.Requests.Limit; (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("a limit of %d is told as %v", limit, got)
		}
	}
}
