package livetest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// What stands where nothing is said, and that a number of one's own stays.
func TestDefaultsOfARace(t *testing.T) {
	t.Parallel()
	const milli = time.Millisecond
	for name, x := range map[string]struct {
		in      livetest.RaceSpec
		clients int
		step    time.Duration
	}{
		"steps":          {livetest.RaceSpec{}, 10, 10 * milli},
		"poisson":        {livetest.RaceSpec{Mode: livetest.RacePoisson}, 150, 10 * milli},
		"own clients":    {livetest.RaceSpec{Mode: livetest.RacePoisson, Clients: 3}, 3, 10 * milli},
		"a short window": {livetest.RaceSpec{Window: 4 * milli}, 10, milli},
		"a long one":     {livetest.RaceSpec{Window: 500 * milli}, 10, 100 * milli},
	} {
		if r := x.in.Normalize(); r.Clients != x.clients || r.Step != x.step || r.PerStep != 5 || len(r.Methods) != 2 || r.For != 20*time.Second || r.Around != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for in, want := range map[time.Duration]time.Duration{-2: -1, -1: -1, 0: livetest.DefaultSecondSpread, 1: 1} {
		s := livetest.Spec{Second: in, Target: livetest.Target{Host: "192.0.2.1"}}.Normalize()
		if s.Second != want {
			t.Errorf("a second round spread over %d is one over %d, want %d", in, s.Second, want)
		}
	}
}

func TestLadderAndHoldBounds(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	for name, x := range map[string]struct {
		l  livetest.LadderSpec
		ok bool
	}{
		"none":               {livetest.LadderSpec{}, true},
		"in order":           {livetest.LadderSpec{Gaps: []time.Duration{1, sec, 24 * time.Hour}}, true},
		"out of order":       {livetest.LadderSpec{Gaps: []time.Duration{2 * sec, sec}}, false},
		"no time":            {livetest.LadderSpec{Gaps: []time.Duration{0, sec}}, false},
		"beyond a day":       {livetest.LadderSpec{Gaps: []time.Duration{sec, 24*time.Hour + 1}}, false},
		"negative precision": {livetest.LadderSpec{Precision: -1}, false},
		"whole seconds":      {livetest.LadderSpec{ProbeEvery: sec}, true},
		"half a second":      {livetest.LadderSpec{ProbeEvery: sec / 2}, false},
		"a negative second":  {livetest.LadderSpec{ProbeEvery: -sec}, false},
		"a far end":          {livetest.LadderSpec{FarEnd: "192.0.2.1:9", Token: "t"}, true},
		"without its token":  {livetest.LadderSpec{FarEnd: "192.0.2.1:9"}, false},
	} {
		if err := x.l.Validate(); (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n, ok := range map[int]bool{-1: false, 1: true, 20_000: true, 20_001: false} {
		s := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
		s.Measure, s.Hold, s.Cap = []livetest.Measurement{livetest.MeasureHold}, n, 20_100
		if err := s.Validate(); (err == nil) != ok {
			t.Errorf("%d held connections: %v", n, err)
		}
	}
}

func TestHeldInWords(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]livetest.Hold{
		"7 of 7 connections opened":                                                  {Asked: 7, Opened: 7},
		"5 of 7 connections opened (too many open files)":                            {Asked: 7, Opened: 5, Limited: "too many open files"},
		"7 of 7 connections opened, 1 gave no answer: reset":                         {Asked: 7, Opened: 7, Refused: 1, Why: "reset"},
		"7 of 7 connections opened; 1 still open after 9 s":                          {Asked: 7, Opened: 7, Open: 1},
		"7 of 7 connections opened; 1 closed after 5 s":                              {Asked: 7, Opened: 7, Closed: []time.Duration{5 * time.Second}},
		"7 of 7 connections opened; 2 closed after 4 to 5 s; 5 still open after 9 s": {Asked: 7, Opened: 7, Closed: []time.Duration{4 * time.Second, 5 * time.Second}, Open: 5},
	} {
		if got := h.Text(9 * time.Second); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCountedRequestsInWords(t *testing.T) {
	t.Parallel()
	n := func(n int) *int { return &n }
	for want, q := range map[string]livetest.Requests{
		"no limit found in 100": {Counted: 100, Done: true},
		"7 on one connection, the last reply says Connection: close": {Limit: n(7), Counted: 7, LastSaysClose: true},
	} {
		if got := q.Text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (livetest.Requests{Limit: n(7), Counted: 7}).Text(); !strings.HasPrefix(got, "7 ") || strings.Contains(got, "Connection: close") {
		t.Errorf("closed without a word: %q", got)
	}
}

// Options of a socket are written and read back, and nothing asked for is nothing.
func TestSocketOptionsInJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]livetest.SocketOptions{
		`{"keepalive":false}`: {},
		`{"keepalive":true,"idle_s":60,"interval_s":10,"count":6,"user_timeout_s":1.5}`: {
			KeepAlive: true, Idle: time.Minute, Interval: 10 * time.Second, Count: 6, UserTimeout: 1500 * time.Millisecond,
		},
	} {
		var got livetest.SocketOptions
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want || got.IsZero() != (want == livetest.SocketOptions{}) {
			t.Errorf("%s is %+v, %v; want %+v", text, got, err, want)
		}
		if b, err := json.Marshal(want); err != nil || string(b) != text {
			t.Errorf("%+v is written as %s, %v; want %s", want, b, err, text)
		}
	}
	if err := json.Unmarshal([]byte(`{"idle_s":"soon"}`), new(livetest.SocketOptions)); err == nil {
		t.Error("a word is taken for a time")
	}
}

// A test that is stopped with three good samples has its answer, and with two has none.
func TestStoppedWithEnoughSamples(t *testing.T) {
	t.Parallel()
	stopped := livetest.Event{Kind: livetest.EventStopped, Text: "stopped: 192.0.2.1:80 answered 429 (too many requests)"}
	for good, want := range map[int]bool{2: false, 3: true} {
		s := begin()
		for conn := range good {
			s = s.sample(conn+1, 5*time.Second, livetest.CloseFIN)
		}
		if r := append(s, stopped).end(""); (r.Outcome == livetest.OutcomeMeasured) != want || !strings.Contains(r.Reason, "429") {
			t.Errorf("%d good samples: %s (%s)", good, r.Outcome, r.Reason)
		}
	}
}

// Steps of a race are put together by offset and method, in order; in Poisson mode a close
// that was seen in time is a request that went well.
func TestStepsOfARaceAreSummed(t *testing.T) {
	t.Parallel()
	const milli = time.Millisecond
	step := func(at time.Duration, method string, sent, lost, seen int, done bool) livetest.Event {
		return livetest.Event{Kind: livetest.EventStep, Role: livetest.RoleRace, Gap: 5 * time.Second, Offset: at, Method: method, Sent: sent, Lost: lost, Seen: seen, Done: done}
	}
	for mode, requests := range map[livetest.RaceMode]int{livetest.RaceSteps: 21, livetest.RacePoisson: 26} {
		spec := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
		spec.Race = &livetest.RaceSpec{Mode: mode}
		s := tale{
			{Kind: livetest.EventStarted, Spec: &spec},
			{Kind: livetest.EventConnected, Role: livetest.RoleRace, Conn: 1, Sent: 100}, // no step
			step(10*milli, "GET", 5, 1, 0, false), step(-10*milli, "POST", 4, 2, 1, false), step(-10*milli, "GET", 3, 0, 2, false),
			step(10*milli, "GET", 7, 3, 0, true), step(0, "GET", 0, 0, 0, false), // nothing was sent there
			step(20*milli, "GET", 2, 0, 2, false),
		}
		race := s.end("").Race
		want := []livetest.RaceStep{
			{Offset: -10 * milli, Method: "GET", Sent: 3, Closed: 2},
			{Offset: -10 * milli, Method: "POST", Sent: 4, Failed: 2, Closed: 1},
			{Offset: 10 * milli, Method: "GET", Sent: 12, Failed: 4},
			{Offset: 20 * milli, Method: "GET", Sent: 2, Closed: 2},
		}
		if race == nil || !slices.Equal(race.Steps, want) || race.Requests != requests || race.Failures != 6 || !race.Done || race.Around != 5*time.Second || race.Mode != mode {
			t.Errorf("%s: %+v, want %d requests and the steps %+v", mode, race, requests, want)
		}
	}
}

// What the kernel last told of a sample's connection stands with it, and the least timeout
// with the run.
func TestKernelTimesOfASample(t *testing.T) {
	t.Parallel()
	const milli = time.Millisecond
	told := func(rtt, rto time.Duration, unacked int) livetest.Event {
		return livetest.Event{Kind: livetest.EventResponse, Role: livetest.RoleIdle, Conn: 1, RTT: rtt, RTO: rto, Unacked: unacked, Status: 200, Request: 1}
	}
	for name, x := range map[string]struct {
		events       []livetest.Event
		rtt, rto     time.Duration
		leastTimeout time.Duration
	}{
		"only a round trip": {[]livetest.Event{told(3*milli, 0, 0)}, 3 * milli, 0, 0},
		"only a timeout":    {[]livetest.Event{told(0, 200*milli, 0)}, 0, 200 * milli, 200 * milli},
		"the last":          {[]livetest.Event{told(3*milli, 200*milli, 0), told(4*milli, 300*milli, 0)}, 4 * milli, 300 * milli, 200 * milli},
		"nothing said last": {[]livetest.Event{told(3*milli, 200*milli, 0), told(0, 0, 0)}, 3 * milli, 200 * milli, 200 * milli},
	} {
		r := append(begin(), x.events...).end("")
		if len(r.Samples) != 1 || r.Samples[0].RTT != x.rtt || r.Samples[0].RTO != x.rto {
			t.Errorf("%s: %+v, want %v and %v", name, r.Samples, x.rtt, x.rto)
		}
		if got := r.TCP.RTO; (got == nil) != (x.leastTimeout == 0) || got != nil && *got != x.leastTimeout {
			t.Errorf("%s: the least timeout is %v, want %v", name, got, x.leastTimeout)
		}
	}
}
