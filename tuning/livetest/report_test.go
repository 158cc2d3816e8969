package livetest_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/livetest"
)

var update = flag.Bool("update", false, "write testdata/says.txt again")

// reports are results, each with the time that has passed since the start of the run.
var reports = []struct {
	name string
	now  time.Duration
	livetest.Result
}{
	{"nothing is known yet", 0, livetest.Result{Spec: livetest.Spec{IdleLimit: time.Minute}}},
	{"a server that says all", 0, livetest.Result{
		Spec: livetest.Spec{IdleLimit: time.Minute, Hold: 5, Measure: livetest.AllMeasurements(), Race: &livetest.RaceSpec{}}, Elapsed: 70 * sec,
		HTTP: livetest.HTTP{
			Status: 200, Version: "HTTP/1.1", Server: "nginx", AskedSeen: true, UnaskedSeen: true,
			Asked: &livetest.Hint{Timeout: new(5 * sec), Max: new(100)}, Unasked: &livetest.Hint{Timeout: new(7 * sec)},
		},
		Idle:   livetest.Idle{Low: new(5 * sec), After: new(5200 * milli), High: new(5400 * milli), Samples: 7, Discarded: 1, Close: livetest.CloseFIN},
		Second: &livetest.SecondRound{Spread: 32 * sec, AtMost: 154 * sec},
		Silences: map[livetest.Measurement]livetest.Idle{
			livetest.MeasureBeforeRequest: {Low: new(20 * sec), After: new(20 * sec), High: new(20 * sec), Samples: 2, Close: livetest.CloseRST},
			livetest.MeasureMidHeader:     {Low: new(10 * sec), After: new(10 * sec), High: new(10 * sec), Samples: 1, Close: livetest.Close408, Ticks: &livetest.Ticks{Moments: 1, Spread: 300 * milli}},
		},
		Answers:  map[livetest.Measurement]bool{livetest.MeasureHead: true, livetest.MeasureHTTP10: false},
		Requests: &livetest.Requests{Limit: new(100), Counted: 100, LastSaysClose: true, Honoured: true, Done: true},
		HTTP2: &livetest.HTTP2{
			Settings: livetest.HTTP2Settings{MaxStreams: new(uint32(128))}, Ping: new(3 * milli), Pings: 2, GoAway: "last stream 1, NO_ERROR",
			Idle: livetest.Idle{Low: new(sec), After: new(sec), High: new(sec), Samples: 3, Close: livetest.CloseGoAway},
		},
		Ladders: []livetest.Ladder{
			{Direction: livetest.Outward, Alive: new(3 * sec), Dead: new(5 * sec), Close: livetest.CloseSilent, Rungs: []livetest.Rung{
				{Gap: 3 * sec, State: livetest.SampleOpen, Close: livetest.CloseNone},
				{Gap: 5 * sec, State: livetest.SampleClosed, Close: livetest.CloseSilent},
			}},
			{Direction: livetest.Outward, Probes: true, Alive: new(10 * sec)},
			{Direction: livetest.Inward, Alive: new(30 * sec)},
		},
		Race: &livetest.Race{Around: 5 * sec, Requests: 10, Failures: 1, Done: true, Steps: []livetest.RaceStep{
			{Offset: -10 * milli, Method: "GET", Sent: 4, Failed: 1},
			{Offset: 10 * milli, Method: "POST", Sent: 6, Closed: 3},
			{Offset: 20 * milli, Method: "POST", Closed: 5},
		}},
		Hold: &livetest.Hold{Asked: 5, Opened: 5, Open: 1, Closed: []time.Duration{4 * sec, 5 * sec, 5 * sec, 6 * sec}},
	}},
	{"a server that says little, and looks at its clock in steps", 0, livetest.Result{
		Spec: livetest.Spec{IdleLimit: time.Minute, Race: &livetest.RaceSpec{Mode: livetest.RacePoisson}}, Elapsed: 9 * sec,
		HTTP: livetest.HTTP{Status: 404, Version: "HTTP/1.0", AskedSeen: true, UnaskedSeen: true, Asked: &livetest.Hint{}},
		Idle: livetest.Idle{Low: new(5 * sec), Samples: 3, Open: 1, Close: livetest.CloseFIN, Ticks: &livetest.Ticks{Moments: 1, Spread: 800 * milli}},
		Silences: map[livetest.Measurement]livetest.Idle{
			livetest.MeasureBeforeRequest: {Samples: 2, Open: 2, Close: livetest.CloseNone},
		},
		Answers:  map[livetest.Measurement]bool{livetest.MeasureHead: false, livetest.MeasureHTTP10: true},
		Requests: &livetest.Requests{Limit: new(3), Counted: 3, Done: true},
		HTTP2:    &livetest.HTTP2{Idle: livetest.Idle{Samples: 1, Open: 1, Close: livetest.CloseNone}},
		Ladders:  []livetest.Ladder{{Direction: livetest.Inward, Dead: new(sec), Close: livetest.CloseFIN}, {Direction: livetest.Inward, Probes: true, Dead: new(sec), Close: livetest.CloseFIN}},
		Race:     &livetest.Race{Mode: livetest.RacePoisson, Around: 5 * sec, Requests: 9, Steps: []livetest.RaceStep{{Method: "GET", Sent: 9}}},
		Hold:     &livetest.Hold{Asked: 5, Opened: 4, Open: 4, Refused: 1, Why: "connection refused", Limited: "too many open files"},
	}},
	{"a run that goes on", 40 * sec, livetest.Result{
		Spec:     livetest.Spec{IdleLimit: time.Minute},
		HTTP:     livetest.HTTP{Status: 200, Version: "HTTP/1.1", UnaskedSeen: true, Unasked: &livetest.Hint{Max: new(9)}},
		Requests: &livetest.Requests{Counted: 7},
		HTTP2:    &livetest.HTTP2{Refused: "the server chose http/1.1"},
		Race:     &livetest.Race{Around: 5 * sec},
		Hold:     &livetest.Hold{Asked: 5},
		Ladders: []livetest.Ladder{{Direction: livetest.Outward, Rungs: []livetest.Rung{
			{Gap: sec, State: livetest.SampleClosed, Close: livetest.CloseRST, After: 800 * milli},
			{Gap: 3 * sec, State: livetest.SampleDiscarded, Why: "the test itself did not run for 2s"},
			{Gap: 10 * sec, Zero: 30 * sec, State: livetest.SampleWatched},
			{Gap: 20 * sec, Zero: 30 * sec, State: livetest.SampleWatched},
			{Gap: 40 * sec, Zero: 30 * sec, State: livetest.SampleFailed, Why: "connection refused"},
		}}},
	}},
	{"requests that were counted to the end", 0, livetest.Result{Requests: &livetest.Requests{Counted: 1000, Done: true}}},
	{"a ladder that outlived all", 0, livetest.Result{Ladders: []livetest.Ladder{{Direction: livetest.Outward, Alive: new(time.Minute)}}}},
	{"a ladder that TCP keep-alive does not hold", 0, livetest.Result{Ladders: []livetest.Ladder{
		{Direction: livetest.Outward, Alive: new(3 * sec), Dead: new(5 * sec), Close: livetest.CloseRSTOnSend},
		{Direction: livetest.Outward, Probes: true, Dead: new(4 * sec), Close: livetest.CloseSilent},
	}}},
	{"a ladder under a timer of the server", 0, livetest.Result{Ladders: []livetest.Ladder{{Direction: livetest.Outward, Alive: new(3 * sec), Dead: new(5 * sec), Close: livetest.CloseFIN}}}},
	{"a ladder of which one end was reset", 0, livetest.Result{Ladders: []livetest.Ladder{
		{Direction: livetest.Outward, Alive: new(3 * sec), Dead: new(5 * sec), Close: livetest.CloseRST},
		{Direction: livetest.Inward, Probes: true, Alive: new(9 * sec)},
	}}},
}

// TestWhatAMeasurementSays holds what each measurement says of a result: its lines in a
// report, its rows on the screen and what stands below them, and its bars.
func TestWhatAMeasurementSays(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# What measurements say of the results of the tests. go test ./tuning/livetest -update writes it.\n")
	unknown := map[livetest.Measurement][]string{} // what is said of the first, said once
	for _, r := range reports {
		fmt.Fprintf(&b, "\n%s\n", r.name)
		for _, m := range livetest.AllMeasurements() {
			var said []string
			for _, l := range m.Lines(r.Result) {
				said = append(said, fmt.Sprintf("report  %-15s %s", l.Title, l.Text))
			}
			for _, row := range m.Rows(r.Result) {
				text := fmt.Sprintf("row     %-20s advertised %q, measured %q", row.Name, row.Advertised, row.Measured)
				if row.Promised != nil {
					text += fmt.Sprintf(", promised %v", *row.Promised)
				}
				if row.Silence != nil {
					text += ", silence " + row.Silence.Text(r.Spec.IdleLimit)
				}
				said = append(said, text)
			}
			for _, l := range m.Remarks(r.Result) {
				if slices.Contains(m.Lines(r.Result), l) {
					continue // the report says it already
				}
				said = append(said, fmt.Sprintf("below   %-15s %s", l.Title, l.Text))
			}
			for _, c := range m.Charts(r.Result, r.now) {
				said = append(said, strings.TrimSuffix("bars    "+c.What+"; "+c.Title, "; "))
				for _, bar := range c.Bars {
					said = append(said, strings.TrimRight(fmt.Sprintf("        %8s %-10s %s", bar.Label, strings.Repeat("#", int(10*bar.Share)), bar.Text), " "))
				}
			}
			if slices.Equal(said, unknown[m]) {
				continue
			}
			if unknown[m] == nil {
				unknown[m] = said
			}
			for _, l := range said {
				fmt.Fprintf(&b, "  %-14s %s\n", m, l)
			}
		}
	}
	lawcheck.Text(t, "testdata/says.txt", b.String(), *update)
}

// A time left is told in steps that grow with it: of a second up to 10 s, of 5 s up to a
// minute, of half a minute up to ten, and of five minutes beyond.
func TestTimeLeftOfARung(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]string{
		0: "silent, its answer is due", 1: "silent, 1 s left", sec: "silent, 1 s left", sec + 1: "silent, 2 s left",
		10 * sec: "silent, 10 s left", 10*sec + 1: "silent, 15 s left", 60 * sec: "silent, 60 s left", 60*sec + 1: "silent, 90 s left",
		600 * sec: "silent, 10 m left", 600*sec + 1: "silent, 15 m left",
	} {
		l := livetest.Ladder{Rungs: []livetest.Rung{{Gap: 1000 * sec, Zero: 5 * sec, State: livetest.SampleWatched}}}
		charts := livetest.MeasureLadder.Charts(livetest.Result{Ladders: []livetest.Ladder{l}}, 1005*sec-left)
		if got := charts[0].Bars[0].Text; got != want {
			t.Errorf("%v left: %q, want %q", left, got, want)
		}
	}
}

// What is asked for alone has its answer, or the run is inconclusive.
func TestWhatAnswersAMeasurement(t *testing.T) {
	t.Parallel()
	event := func(m livetest.Measurement, kind livetest.EventKind, change func(*livetest.Event)) livetest.Event {
		e := livetest.Event{At: sec, Kind: kind, Role: livetest.Role(m), Conn: 1, Gap: 5 * sec, Method: "GET"}
		if change != nil {
			change(&e)
		}
		return e
	}
	opened := event(livetest.MeasureBeforeRequest, livetest.EventConnected, nil)
	for name, x := range map[string]struct {
		of      livetest.Measurement
		yes, no []livetest.Event
	}{
		"before a request": {
			of:  livetest.MeasureBeforeRequest,
			yes: []livetest.Event{opened, event(livetest.MeasureBeforeRequest, livetest.EventClosed, nil)},
			no:  []livetest.Event{opened, event(livetest.MeasureBeforeRequest, livetest.EventFailed, nil)},
		},
		"counted requests": {
			of:  livetest.MeasureRequests,
			yes: []livetest.Event{event(livetest.MeasureRequests, livetest.EventCounted, func(e *livetest.Event) { e.Request, e.Done = 10, true })},
			no:  []livetest.Event{event(livetest.MeasureRequests, livetest.EventCounted, func(e *livetest.Event) { e.Request = 10 })},
		},
		"held connections": {
			of:  livetest.MeasureHold,
			yes: []livetest.Event{event(livetest.MeasureHold, livetest.EventResponse, nil)},
			no:  []livetest.Event{event(livetest.MeasureHold, livetest.EventFailed, nil)},
		},
		"a race": {
			of:  livetest.MeasureRace,
			yes: []livetest.Event{event(livetest.MeasureRace, livetest.EventStep, func(e *livetest.Event) { e.Sent = 1 })},
			no:  []livetest.Event{event(livetest.MeasureRace, livetest.EventStep, func(e *livetest.Event) { e.Seen = 1 })},
		},
		"HTTP/2 refused": {
			of:  livetest.MeasureHTTP2,
			yes: []livetest.Event{event(livetest.MeasureHTTP2, livetest.EventHTTP2, func(e *livetest.Event) { e.Text = "the server chose http/1.1" })},
			no:  []livetest.Event{event(livetest.MeasureHTTP2, livetest.EventHTTP2, func(e *livetest.Event) { e.Done = true })},
		},
		"HTTP/2 closed": {
			of:  livetest.MeasureHTTP2,
			yes: []livetest.Event{event(livetest.MeasureHTTP2, livetest.EventClosed, nil)},
			no:  []livetest.Event{event(livetest.MeasureHTTP2, livetest.EventFailed, nil)},
		},
	} {
		for i, events := range [][]livetest.Event{x.yes, x.no} {
			s := begin()
			s[0].Spec.Measure, s[0].Spec.Hold, s[0].Spec.Race = []livetest.Measurement{x.of}, 1, &livetest.RaceSpec{}
			if r := append(s, events...).end(""); (r.Outcome == livetest.OutcomeMeasured) != (i == 0) {
				t.Errorf("%s, %s: %s (%s)", name, []string{"answered", "not answered"}[i], r.Outcome, r.Reason)
			}
		}
	}
}

// What HTTP/2 connections said stays, whatever comes after it.
func TestWhatHTTP2Says(t *testing.T) {
	t.Parallel()
	h2 := func(e livetest.Event) livetest.Event { e.Role, e.Conn = livetest.RoleHTTP2, 1; return e }
	r := append(begin(),
		h2(livetest.Event{Kind: livetest.EventHTTP2, Done: true, Settings: &livetest.HTTP2Settings{MaxStreams: new(uint32(100))}}),
		h2(livetest.Event{Kind: livetest.EventHTTP2, Done: true, Yes: true, Took: 3 * milli, Sent: 1}),
		h2(livetest.Event{Kind: livetest.EventHTTP2, Done: true, Sent: 1}),
		h2(livetest.Event{Kind: livetest.EventClosed, Close: livetest.CloseGoAway, Text: "NO_ERROR"}),
		h2(livetest.Event{Kind: livetest.EventClosed, Close: livetest.CloseFIN}),
	).end("")
	if h := r.HTTP2; h == nil || h.Settings.MaxStreams == nil || *h.Settings.MaxStreams != 100 || h.Ping == nil || *h.Ping != 3*milli || h.Pings != 2 || h.GoAway != "NO_ERROR" || h.Refused != "" {
		t.Errorf("%+v", h)
	}
}

// The first failure of held connections is told, and all are counted.
func TestHeldThatGaveNoAnswer(t *testing.T) {
	t.Parallel()
	s := begin()
	for _, why := range []string{"connection refused", "timed out"} {
		s = append(s, livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleHold, Text: why})
	}
	if h := s.end("").Hold; h.Refused != 2 || h.Why != "connection refused" {
		t.Errorf("%d gave no answer: %q", h.Refused, h.Why)
	}
	// Those that close at one time are one step of the curve.
	got := livetest.Survival([]time.Duration{sec, 2 * sec, 2 * sec, 3 * sec}, 5)
	if want := []livetest.SurvivalPoint{{0, 5}, {sec, 4}, {2 * sec, 2}, {3 * sec, 1}}; !slices.Equal(got, want) {
		t.Errorf("the curve is %v, want %v", got, want)
	}
}
