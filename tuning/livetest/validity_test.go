package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// alive adds replies to the control connection, two a second.
func (s tale) alive(from, until time.Duration) tale {
	for at := from; at <= until; at += 500 * time.Millisecond {
		s = append(s, livetest.Event{At: at, Kind: livetest.EventResponse, Conn: 99, Role: livetest.RoleControl, Request: 1, Took: 10 * time.Millisecond})
	}
	return s
}

func three(after time.Duration, kind livetest.CloseKind) tale {
	return begin().sample(1, after, kind).sample(2, after, kind).sample(3, after, kind)
}

// On a dead path every connection looks open: a FIN would be lost.
func TestSummarizeDeadPath(t *testing.T) {
	sec := time.Second
	failed := func(from, at time.Duration) livetest.Event {
		return livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: at, Took: at - from, Text: "there was no answer in time"}
	}
	for name, c := range map[string]struct {
		tale tale
		good int
	}{
		"never failed":               {three(90*sec, livetest.CloseNone).alive(0, 90*sec), 3},
		"dead from 10 s on":          {append(three(90*sec, livetest.CloseNone).alive(0, 10*sec), failed(10*sec, 20*sec)), 0},
		"dead, the last one pending": {three(90*sec, livetest.CloseNone).alive(0, 83*sec), 0},
		"never reached":              {append(three(90*sec, livetest.CloseNone), failed(0, 10*sec)), 0},
		"an outage that passed":      {append(three(90*sec, livetest.CloseNone).alive(0, 10*sec), failed(10*sec, 20*sec)).alive(20*sec, 90*sec), 3},
		"closed right after one":     {append(three(24*sec, livetest.CloseFIN).alive(0, 10*sec), failed(10*sec, 20*sec)).alive(20*sec, 25*sec), 0},
	} {
		if r := c.tale.end(""); r.Idle.Samples != c.good || r.Idle.Discarded != 3-c.good || (r.Outcome == livetest.OutcomeMeasured) != (c.good == 3) {
			t.Errorf("%s: %d good, %d discarded, %q (%s)", name, r.Idle.Samples, r.Idle.Discarded, r.Outcome, r.Reason)
		}
	}
}

// A control connection that ends twice after the same number of requests has met a limit,
// the first time too.
func TestSummarizeControlHabit(t *testing.T) {
	s := three(10*time.Second, livetest.CloseFIN)
	for _, at := range []time.Duration{10, 20} {
		s = append(s, livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: at * time.Second, Request: 20, Close: livetest.CloseFIN})
	}
	if r := s.end(""); r.Control.Failures != 0 || r.Idle.Samples != 3 {
		t.Errorf("%+v, %d samples", r.Control, r.Idle.Samples)
	}
}

// A test without idle samples that was stopped says so instead of a partial answer.
func TestSummarizeStoppedHint(t *testing.T) {
	s := begin()
	s[0].Spec.Measure = []livetest.Measurement{livetest.MeasureHint, livetest.MeasureRequests}
	s = append(s, livetest.Event{Kind: livetest.EventResponse, Role: livetest.RoleHint, Status: 429, Request: 1},
		livetest.Event{Kind: livetest.EventStopped, Text: "stopped: 429"})
	if r := s.end(""); r.Outcome != livetest.OutcomeInconclusive || r.Reason != "stopped: 429" {
		t.Errorf("%q (%s)", r.Outcome, r.Reason)
	}
}
