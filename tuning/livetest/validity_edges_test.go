package livetest_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	sec   = time.Second
	milli = time.Millisecond
)

func paused(from, at, jump time.Duration) livetest.Event {
	return livetest.Event{Kind: livetest.EventPaused, From: from, At: at, Jump: jump}
}

// controlEnded is a close of the control connection after so many requests, idle since after.
func controlEnded(at time.Duration, requests int, after time.Duration) livetest.Event {
	return livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleControl, At: at, Request: requests, After: after}
}

// controlFailed is an exchange on the control connection without an answer.
func controlFailed(from, at time.Duration) livetest.Event {
	return livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleControl, At: at, Took: at - from, Text: "there was no answer in time"}
}

// replied are answers to the control connection at these times, each after so long.
func (s tale) replied(took time.Duration, at ...time.Duration) tale {
	for _, a := range at {
		s = append(s, livetest.Event{At: a, Kind: livetest.EventResponse, Conn: 99, Role: livetest.RoleControl, Request: 1, Took: took})
	}
	return s
}

// Samples that were silent from 0.1 s on and closed, or were given up, at 20.1 s: the last
// moment at which something else makes them count for nothing, and the first at which it
// does not.
func TestEdgesOfValidity(t *testing.T) {
	t.Parallel()
	const begun, end, short = 100 * milli, 20*sec + 100*milli, sec - 1
	closed := func(e ...livetest.Event) tale { return append(three(20*sec, livetest.CloseFIN), e...) }
	open := func() tale { return three(20*sec, livetest.CloseNone) }
	at := func(after time.Duration, e ...livetest.Event) tale {
		return append(three(after, livetest.CloseFIN), e...)
	}
	for name, x := range map[string]struct {
		tale    tale
		counts  bool
		because string
	}{
		"clocks apart by almost a tenth":  {closed(paused(8*sec, 8*sec, 100*milli-1)), true, ""},
		"clocks apart by a tenth":         {closed(paused(8*sec, 8*sec, 100*milli)), false, "the clocks drifted apart by 100ms"},
		"clocks set just before the end":  {closed(paused(end-1, end+short, sec)), false, "the clocks drifted apart by 1s"},
		"clocks set from the end on":      {closed(paused(end, end+short, sec)), true, ""},
		"clocks set up to time zero":      {closed(paused(0, begun, sec)), true, ""},
		"clocks set just after time zero": {closed(paused(0, begun+1, sec)), false, "the clocks drifted apart by 1s"},
		"stood still for almost a second": {closed(paused(end-short, end, 0)), true, ""},
		"stood still for a second":        {closed(paused(end-sec, end, 0)), false, "the test itself did not run for 1s"},
		"stood still up to a tenth before": {
			closed(paused(end-3*sec, end-100*milli, 0)), false, "the test itself did not run for 2.9s",
		},
		"stood still up to more than a tenth before": {closed(paused(end-3*sec, end-100*milli-1, 0)), true, ""},
		"stood still from the end on":                {closed(paused(end, end+2*sec, 0)), false, "the test itself did not run for 2s"},
		"stood still after the end":                  {closed(paused(end+1, end+2*sec, 0)), true, ""},

		"the control closed by a timer a tenth shorter":         {closed(controlEnded(end, 1, 20*sec-100*milli)), true, ""},
		"the control closed by a timer more than that shorter":  {closed(controlEnded(end, 1, 20*sec-100*milli-1)), false, "the control connection failed at that moment: the server closed the control connection"},
		"the control closed by such a timer before any request": {closed(controlEnded(end, 0, 20*sec)), false, "the control connection failed at that moment: the server closed the control connection"},
		"the control failed as samples closed at once":          {at(50*milli, controlFailed(100*milli, 150*milli)), false, "the control connection failed"},
		"the control failed twice":                              {closed(controlFailed(end, end), controlFailed(end, end)), false, "the control connection failed"},
		"the control failed a second before":                    {closed(controlFailed(end-sec, end-sec)), false, "the control connection failed"},
		"the control failed more than a second before":          {closed(controlFailed(end-sec-1, end-sec-1)), true, ""},
		"the control failed a second after":                     {closed(controlFailed(end+sec, end+sec)), false, "the control connection failed"},
		"the control failed more than a second after":           {closed(controlFailed(end+sec+1, end+sec+1)), true, ""},

		// A reply counts for 2 s and twice the slowest, which is 300 ms here.
		"open, the last reply just in time":      {open().replied(300*milli, sec, end-2600*milli), true, ""},
		"open, the last reply too long before":   {open().replied(300*milli, sec, end-2600*milli-1), false, "the control connection had no reply at the end of the wait"},
		"open, the next reply just in time":      {open().replied(300*milli, sec, end+sec), true, ""},
		"open, the next reply too long after":    {open().replied(300*milli, sec, end+sec+1), false, "the control connection had no reply at the end of the wait"},
		"open, no control connection that tells": {open(), true, ""},
	} {
		r := x.tale.end("")
		why := ""
		for _, p := range r.Samples {
			why = p.Why
		}
		if counts := r.Idle.Samples == 3; counts != x.counts || r.Idle.Samples+r.Idle.Discarded != 3 || !strings.HasPrefix(why, x.because) || x.counts != (why == "") {
			t.Errorf("%s: %d count, %d do not (%q), want %v (%q)", name, r.Idle.Samples, r.Idle.Discarded, why, x.counts, x.because)
		}
	}
}

// A rung that was silent from 1 s to 6 s, whose packet then vanished up to 10 s or was
// answered by a reset: when the silence of the others makes that no answer.
func TestEdgesOfAnUnansweredRung(t *testing.T) {
	t.Parallel()
	const sent, found = 6 * sec, 10 * sec
	vanished := func(wait time.Duration) tale { return ladderTale().rung(5, livetest.CloseSilent, 0, wait) }
	reset := ladderTale().rung(5, livetest.CloseRSTOnSend, 0, 4*sec)
	const stood, alone = "the test itself did not run for ", "the control connection had no reply either"
	for name, x := range map[string]struct {
		tale tale
		why  string // "" where it counts
	}{
		"a pause of almost a second in the wait":                  {append(vanished(4*sec), paused(7*sec, 8*sec-1, 0)), ""},
		"a pause of a second in the wait":                         {append(vanished(4*sec), paused(7*sec, 8*sec, 0)), stood + "1s"},
		"a reset is an answer all the same":                       {append(reset, paused(7*sec, 8*sec, 0)), ""},
		"a short pause over the end of the wait":                  {append(vanished(4*sec), paused(found-1, found+500*milli, 0)), stood + "500ms"},
		"a short pause from the end of the wait on":               {append(vanished(4*sec), paused(found, found+500*milli, 0)), ""},
		"found at once, a pause up to a tenth before it was sent": {append(vanished(0), paused(sent-500*milli, sent-100*milli, 0)), ""},
		"found at once, a pause up to later than that":            {append(vanished(0), paused(sent-500*milli, sent-100*milli+1, 0)), stood + "400ms"},
		"found at once, a pause over it":                          {append(vanished(0), paused(sent-500*milli, sent+50*milli, 0)), stood + "550ms"},
		"the control failed and never replied":                    {append(vanished(4*sec), controlFailed(20*sec, 30*sec)), alone},
		"the first reply after it was sent":                       {vanished(4*sec).alive(7*sec, 20*sec), alone},
		"the first reply as the wait ends":                        {vanished(4*sec).replied(10*milli, found), alone},
		"a hole of 1.5 s and twice the usual reply":               {vanished(4*sec).replied(300*milli, 5*sec, 7100*milli, 9*sec, 11*sec), ""},
		"a longer hole":                              {vanished(4*sec).replied(300*milli, 5*sec, 7100*milli+1, 9*sec, 11*sec), alone},
		"one slow reply makes no longer hole":        {vanished(4*sec).replied(10*milli, sec, 2*sec, 3*sec, 4*sec, 5*sec).replied(2*sec, 7100*milli).replied(10*milli, 9*sec, 11*sec), alone},
		"the last reply a hole before the wait ends": {vanished(4*sec).replied(300*milli, 5*sec, 6*sec, 7900*milli), ""},
		"the last reply longer before the wait ends": {vanished(4*sec).replied(300*milli, 5*sec, 6*sec, 7900*milli-1), alone},
		"a hole that ends as it is sent":             {vanished(4*sec).replied(300*milli, sec, sent, 7*sec, 9*sec), alone},
		"a hole that ends just before it is sent":    {vanished(4*sec).replied(300*milli, sec, sent-1, 7*sec, 9*sec), ""},
	} {
		rungs := x.tale.end("").Ladders[0].Rungs
		if r := rungs[0]; !strings.HasPrefix(r.Why, x.why) || (r.State == livetest.SampleClosed) != (x.why == "") {
			t.Errorf("%s: %s %q, want %q", name, r.State, r.Why, x.why)
		}
	}
}

// A race that stands still sends too late; of held connections only the closes meet a pause.
// Each ran from 10 s to 40 s, and held ones were closed at 30 s.
func TestEdgesOfADisturbedPart(t *testing.T) {
	t.Parallel()
	event := func(role livetest.Role, kind livetest.EventKind, at time.Duration) livetest.Event {
		return livetest.Event{At: at, Kind: kind, Role: role, Conn: 5, Gap: 5 * sec, Sent: 1, Method: "GET", After: 5 * sec, Close: livetest.CloseFIN}
	}
	ran := func(m livetest.Measurement) tale {
		s := begin()
		s[0].Spec.Measure, s[0].Spec.Hold = []livetest.Measurement{m}, 1
		role := livetest.Role(m)
		if m == livetest.MeasureRace {
			return append(s, event(role, livetest.EventStep, 10*sec), event(role, livetest.EventStep, 40*sec))
		}
		return append(s, event(role, livetest.EventResponse, 10*sec), event(role, livetest.EventClosed, 30*sec), event(role, livetest.EventConnected, 40*sec))
	}
	race, hold := livetest.MeasureRace, livetest.MeasureHold
	for name, x := range map[string]struct {
		of   livetest.Measurement
		more livetest.Event
		why  string // "" where it counts
	}{
		"race: a pause of almost a second":         {race, paused(20*sec, 21*sec-1, 0), ""},
		"race: a pause of a second":                {race, paused(20*sec, 21*sec, 0), "the race does not count: the test itself did not run for 1s"},
		"race: a pause up to its begin":            {race, paused(5*sec, 10*sec, 0), ""},
		"race: a pause into its begin":             {race, paused(5*sec, 10*sec+1, 0), "the race does not count: the test itself did not run for 5s"},
		"race: a pause just before its end":        {race, paused(40*sec-1, 45*sec, 0), "the race does not count: the test itself did not run for 5s"},
		"race: a pause from its end on":            {race, paused(40*sec, 45*sec, 0), ""},
		"race: clocks apart by almost a tenth":     {race, paused(20*sec, 20*sec+1, 100*milli-1), ""},
		"race: clocks apart by a tenth":            {race, paused(20*sec, 20*sec+1, -100*milli), "the race does not count: the clocks drifted apart by -100ms meanwhile"},
		"race: the control connection failed":      {race, controlFailed(29*sec, 30*sec), ""},
		"held: a pause that no close meets":        {hold, paused(20*sec, 25*sec, 0), ""},
		"held: a pause from the close on":          {hold, paused(30*sec, 32*sec, 0), "the held connections do not count: the test itself did not run for 2s"},
		"held: a pause just after the close":       {hold, paused(30*sec+1, 32*sec, 0), ""},
		"held: a pause up to a tenth before":       {hold, paused(20*sec, 30*sec-100*milli, 0), "the held connections do not count: the test itself did not run for 9.9s"},
		"held: a pause up to more than that":       {hold, paused(20*sec, 30*sec-100*milli-1, 0), ""},
		"held: the control failed a second before": {hold, controlFailed(29*sec, 29*sec), "the held connections do not count: the control connection failed when they were closed: there was no answer in time"},
		"held: the control failed earlier":         {hold, controlFailed(29*sec-1, 29*sec-1), ""},
		"held: the control failed a second after":  {hold, controlFailed(31*sec, 31*sec), "the held connections do not count: the control connection failed when they were closed"},
		"held: the control failed later":           {hold, controlFailed(31*sec+1, 31*sec+1), ""},
		// A FIN sent into an outage of 5 s is sent again up to 5 s after it.
		"held: closed as long after an outage as that": {hold, controlFailed(20*sec, 25*sec), "the held connections do not count: the control connection failed when they were closed"},
		"held: closed longer after it":                 {hold, controlFailed(20*sec, 25*sec-1), ""},
	} {
		r := append(ran(x.of), x.more).end("")
		if (r.Outcome == livetest.OutcomeMeasured) != (x.why == "") || !strings.HasPrefix(r.Reason, x.why) || x.why == "" && r.Reason != "" {
			t.Errorf("%s: %s (%s), want %q", name, r.Outcome, r.Reason, x.why)
		}
	}
}
