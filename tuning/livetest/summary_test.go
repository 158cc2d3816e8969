package livetest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
)

// A tale builds the events of a run.
type tale []livetest.Event

func begin() tale {
	spec := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
	return tale{{Kind: livetest.EventStarted, Spec: &spec}, {Kind: livetest.EventResolved, Text: "192.0.2.1:80"}}
}

// sample is a connection that was asked at 100 ms and closed after that.
func (s tale) sample(conn int, after time.Duration, kind livetest.CloseKind) tale {
	at := 100 * time.Millisecond
	s = append(s, livetest.Event{At: at, Kind: livetest.EventConnected, Conn: conn, Role: livetest.RoleIdle, Connect: time.Duration(conn) * time.Millisecond},
		livetest.Event{At: at, Kind: livetest.EventResponse, Conn: conn, Role: livetest.RoleIdle, Request: 1, Status: 200, Version: "HTTP/1.1", Asked: true})
	if kind == livetest.CloseNone {
		return append(s, livetest.Event{At: at + after, Kind: livetest.EventExpired, Conn: conn, Role: livetest.RoleIdle, After: after})
	}
	return append(s, livetest.Event{At: at + after, Kind: livetest.EventClosed, Conn: conn, Role: livetest.RoleIdle, After: after, Close: kind, Exact: true})
}

func (s tale) end(text string) livetest.Result {
	return livetest.Summarize(append(s, livetest.Event{At: 100 * time.Second, Kind: livetest.EventFinished, Text: text}))
}

func some(n int) *time.Duration { d := time.Duration(n) * time.Second; return &d }

func TestSummarizeIdle(t *testing.T) {
	sec := time.Second
	for name, c := range map[string]struct {
		tale    tale
		want    livetest.Idle
		outcome livetest.Outcome
		reason  string
	}{
		"odd":         {begin().sample(1, 5*sec, "fin").sample(2, 7*sec, "fin").sample(3, 6*sec, "rst"), livetest.Idle{Low: some(5), After: some(6), High: some(7), Samples: 3, Close: "fin"}, livetest.OutcomeMeasured, ""},
		"even":        {begin().sample(1, 4*sec, "fin").sample(2, 6*sec, "fin").sample(3, 8*sec, "fin").sample(4, 20*sec, "fin"), livetest.Idle{Low: some(4), After: some(7), High: some(20), Samples: 4, Close: "fin"}, livetest.OutcomeMeasured, ""},
		"one open":    {begin().sample(1, 5*sec, "fin").sample(2, 7*sec, "fin").sample(3, 90*sec, "none"), livetest.Idle{Low: some(5), After: some(7), Samples: 3, Open: 1, Close: "fin"}, livetest.OutcomeMeasured, ""},
		"most open":   {begin().sample(1, 5*sec, "fin").sample(2, 90*sec, "none").sample(3, 90*sec, "none"), livetest.Idle{Low: some(5), Samples: 3, Open: 2, Close: "fin"}, livetest.OutcomeMeasured, ""},
		"all open":    {begin().sample(1, 90*sec, "none").sample(2, 90*sec, "none").sample(3, 90*sec, "none"), livetest.Idle{Samples: 3, Open: 3, Close: "none"}, livetest.OutcomeMeasured, ""},
		"too few":     {begin().sample(1, 5*sec, "fin").sample(2, 7*sec, "fin"), livetest.Idle{Low: some(5), After: some(6), High: some(7), Samples: 2, Close: "fin"}, livetest.OutcomeInconclusive, "2 good samples, 3 are needed: 7 samples were asked for"},
		"none at all": {begin(), livetest.Idle{}, livetest.OutcomeInconclusive, "0 good samples, 3 are needed: 7 samples were asked for"},
	} {
		r := c.tale.end("")
		if diff := cmp.Diff(c.want, r.Idle); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if r.Outcome != c.outcome || r.Reason != c.reason {
			t.Errorf("%s: %q (%s), want %q (%s)", name, r.Outcome, r.Reason, c.outcome, c.reason)
		}
		if running := livetest.Summarize(c.tale); running.Outcome != "" {
			t.Errorf("%s: a running test has the outcome %q", name, running.Outcome)
		}
	}
}

func TestSummarizeWithholds(t *testing.T) {
	sec := time.Second
	three := func() tale {
		return begin().sample(1, 20*sec, "fin").sample(2, 20*sec, "fin").sample(3, 20*sec, "fin")
	}
	closeAt := 20100 * time.Millisecond
	for name, c := range map[string]struct {
		event livetest.Event
		good  int
	}{
		"control failed then":          {livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: closeAt + 900*time.Millisecond}, 0},
		"control failed long before":   {livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: 10 * sec}, 3},
		"control waited over it":       {livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: 25 * sec, Took: 5 * sec}, 0},
		"control closed then":          {livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: closeAt, Request: 40, After: sec / 4}, 0},
		"control closed as announced":  {livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: closeAt, Request: 40, SaysClose: true}, 3},
		"control closed by same timer": {livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: closeAt, Request: 1, After: 20 * sec}, 3},
		"short stall, kernel time":     {livetest.Event{Kind: livetest.EventPaused, From: 20 * sec, At: closeAt + sec/4}, 3},
		"long stall":                   {livetest.Event{Kind: livetest.EventPaused, From: 19 * sec, At: closeAt + sec/4}, 0},
		"stall at time zero":           {livetest.Event{Kind: livetest.EventPaused, From: 0, At: 2 * sec}, 0},
		"clock jump":                   {livetest.Event{Kind: livetest.EventPaused, From: 8 * sec, At: 8 * sec, Jump: -sec}, 0},
		"clock jump after the end":     {livetest.Event{Kind: livetest.EventPaused, From: 30 * sec, At: 30 * sec, Jump: sec}, 3},
	} {
		r := append(three(), c.event).end("")
		want := livetest.OutcomeMeasured
		if c.good == 0 {
			want = livetest.OutcomeInconclusive
		}
		if r.Idle.Samples != c.good || r.Idle.Samples+r.Idle.Discarded != 3 || r.Outcome != want || (r.Reason == "") != (c.good == 3) {
			t.Errorf("%s: %d good, %d discarded, %q (%s)", name, r.Idle.Samples, r.Idle.Discarded, r.Outcome, r.Reason)
		}
	}
}

func TestSummarizeRequestLimitExplainsControl(t *testing.T) {
	s := begin().sample(1, 20*time.Second, "fin").sample(2, 20*time.Second, "fin").sample(3, 20*time.Second, "fin")
	s = append(s, livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: 20 * time.Second, Request: 40})
	if r := s.end(""); r.Control.Failures != 1 || r.Idle.Samples != 0 {
		t.Errorf("unexplained: %+v, %d samples", r.Control, r.Idle.Samples)
	}
	s = append(s, livetest.Event{Kind: livetest.EventCounted, Role: livetest.RoleRequests, Request: 40, Limit: 40, Done: true})
	if r := s.end(""); r.Control.Failures != 0 || r.Idle.Samples != 3 || *r.Requests.Limit != 40 {
		t.Errorf("at the request limit: %+v, %d samples", r.Control, r.Idle.Samples)
	}
}

func TestSummarizeStopped(t *testing.T) {
	s := append(begin().sample(1, 5*time.Second, "fin"), livetest.Event{Kind: livetest.EventStopped, Text: "stopped: the server answered 429"})
	if r := s.end(""); r.Outcome != livetest.OutcomeInconclusive || r.Reason != "stopped: the server answered 429" {
		t.Errorf("%q (%s)", r.Outcome, r.Reason)
	}
	if r := begin().end("cancelled after 2s"); r.Reason != "cancelled after 2s" || r.Outcome != livetest.OutcomeInconclusive {
		t.Errorf("%q (%s)", r.Outcome, r.Reason)
	}
}

func TestSummarizeVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		says, closes time.Duration
		kind         livetest.CloseKind
		want         []livetest.Comparison
	}{
		"kept":           {5 * time.Second, 6 * time.Second, "fin", []livetest.Comparison{{Compare: "advertised", Says: 5 * time.Second, Measured: 6 * time.Second, Agrees: true}}},
		"just":           {5 * time.Second, 4950 * time.Millisecond, "fin", []livetest.Comparison{{Compare: "advertised", Says: 5 * time.Second, Measured: 4950 * time.Millisecond, Agrees: true}}},
		"broken":         {5 * time.Second, 4949 * time.Millisecond, "fin", []livetest.Comparison{{Compare: "advertised", Says: 5 * time.Second, Measured: 4949 * time.Millisecond}}},
		"open":           {60 * time.Second, 90 * time.Second, "none", []livetest.Comparison{{Compare: "advertised", Says: 60 * time.Second, Measured: 90 * time.Second, Agrees: true}}},
		"beyond our end": {600 * time.Second, 90 * time.Second, "none", nil},
	} {
		s := begin().sample(1, c.closes, c.kind).sample(2, c.closes, c.kind).sample(3, c.closes, c.kind)
		for i := range s {
			if s[i].Kind == livetest.EventResponse {
				s[i].KeepAlive = &livetest.Hint{Timeout: &c.says}
			}
		}
		if diff := cmp.Diff(c.want, s.end("").Verdicts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A result taken in the middle is not changed by what comes later.
func TestResultsShareNothing(t *testing.T) {
	var sum livetest.Summary
	events := begin().sample(1, 5*time.Second, "fin").sample(2, 6*time.Second, "fin").sample(3, 7*time.Second, "fin")
	for i, e := range events {
		sum.Add(e)
		if diff := cmp.Diff(livetest.Summarize(events[:i+1]), sum.Result()); diff != "" {
			t.Fatalf("after %d events (-whole +incremental):\n%s", i+1, diff)
		}
	}
	before := sum.Result()
	low := *before.Idle.Low
	sum.Add(livetest.Event{At: 3 * time.Second, Kind: livetest.EventClosed, Conn: 1, Role: livetest.RoleIdle, After: time.Second, Close: livetest.CloseRST})
	if *before.Idle.Low != low || before.Samples[0].Close != livetest.CloseFIN {
		t.Errorf("an old result changed: %+v", before.Samples[0])
	}
}

func BenchmarkSummarize(b *testing.B) {
	s := begin()
	for i := range 8 {
		s = s.sample(i+1, 5*time.Second, "fin")
	}
	for i := range 200 {
		s = append(s, livetest.Event{At: time.Duration(i), Kind: livetest.EventResponse, Role: livetest.RoleControl, Request: i + 1})
	}
	for b.Loop() {
		livetest.Summarize(s)
	}
}
