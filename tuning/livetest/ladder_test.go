package livetest_test

import (
	"slices"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// ladderTale is a ladder's run: replies to the control connection, and rungs of the gaps 1, 3,
// 5 and 9 s that begin at 1 s.
func ladderTale() tale {
	spec := livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})
	spec.Measure = []livetest.Measurement{livetest.MeasureLadder}
	spec.Ladder = &livetest.LadderSpec{Gaps: []time.Duration{time.Second, 3 * time.Second, 5 * time.Second, 9 * time.Second}}
	return tale{{Kind: livetest.EventStarted, Spec: &spec}}
}

// rung adds one; after is when it ended in silence, else it was tried at its gap. wait is how
// long its answer took.
func (s tale) rung(gap int, kind livetest.CloseKind, after, wait time.Duration) tale {
	e := livetest.Event{At: time.Second, Kind: livetest.EventRung, Conn: gap, Role: livetest.RoleLadder, Gap: time.Duration(gap) * time.Second, Direction: livetest.Outward}
	end := e
	end.Done, end.Close, end.After, end.At = true, kind, after, time.Second+e.Gap+wait
	if after > 0 {
		end.At = time.Second + after
	}
	return append(s, e, end)
}

func TestSummarizeLadder(t *testing.T) {
	const sec, wait = time.Second, 4 * time.Second
	pause := func(from, at time.Duration) livetest.Event {
		return livetest.Event{Kind: livetest.EventPaused, From: from, At: at}
	}
	found := ladderTale().rung(1, "none", 0, 0).rung(3, "none", 0, 0).rung(5, "silent", 0, wait)
	late := ladderTale().alive(0, 20*sec).rung(1, "none", 0, 0).rung(3, "silent", 0, wait)
	late[len(late)-1].Took = 3400 * time.Millisecond
	twice := ladderTale().alive(0, 20*sec).rung(5, "silent", 0, wait).rung(5, "rst-on-send", 0, wait)
	twice[len(twice)-2].Conn, twice[len(twice)-1].Conn = 6, 6
	for name, c := range map[string]struct {
		tale        tale
		alive, dead time.Duration // 0: none
		kind        livetest.CloseKind
		outcome     livetest.Outcome
	}{
		"no control at all":        {found, 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"the path works":           {found.alive(0, 20*sec), 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"dead before it is tried":  {found.alive(0, 4*sec), 3 * sec, 0, "", livetest.OutcomeInconclusive},
		"an outage while it waits": {found.alive(0, 6*sec).alive(9*sec, 20*sec), 3 * sec, 0, "", livetest.OutcomeInconclusive},
		"an outage as it is tried": {found.alive(0, 5*sec).alive(7*sec, 20*sec), 3 * sec, 0, "", livetest.OutcomeInconclusive},
		"an outage long before":    {found.alive(0, sec).alive(3*sec, 20*sec), 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"an outage after":          {found.alive(0, 11*sec).alive(14*sec, 20*sec), 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"a pause while it waits":   {append(found.alive(0, 20*sec), pause(7*sec, 7500*time.Millisecond)), 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"a long one":               {append(found.alive(0, 20*sec), pause(7*sec, 8500*time.Millisecond)), 3 * sec, 0, "", livetest.OutcomeInconclusive},
		"one as the wait ends":     {append(found.alive(0, 20*sec), pause(9500*time.Millisecond, 10*sec)), 3 * sec, 0, "", livetest.OutcomeInconclusive},
		"a pause before":           {append(found.alive(0, 20*sec), pause(5*sec, 5500*time.Millisecond)), 3 * sec, 5 * sec, "silent", livetest.OutcomeMeasured},
		"tried late":               {late, sec, 3400 * time.Millisecond, "silent", livetest.OutcomeMeasured},
		"the top": {
			ladderTale().alive(0, 20*sec).rung(1, "none", 0, 0).rung(9, "none", 0, 0), 9 * sec, 0, "", livetest.OutcomeMeasured,
		},
		"not to the top": {
			ladderTale().alive(0, 20*sec).rung(1, "none", 0, 0).rung(5, "none", 0, 0), 5 * sec, 0, "", livetest.OutcomeInconclusive,
		},
		"contradicting": {
			ladderTale().alive(0, 20*sec).rung(3, "silent", 0, wait).rung(5, "none", 0, 0), 5 * sec, 3 * sec, "silent", livetest.OutcomeInconclusive,
		},
		"a server's timer spreads": {
			ladderTale().alive(0, 20*sec).rung(5, "none", 0, 0).rung(9, "fin", 4800*time.Millisecond, 0), 5 * sec, 4800 * time.Millisecond, "fin", livetest.OutcomeMeasured,
		},
		"the shortest met the timer, another saw it": {
			ladderTale().alive(0, 20*sec).rung(5, "silent", 0, wait).rung(9, "rst", 5010*time.Millisecond, 0), 0, 5 * sec, "rst", livetest.OutcomeMeasured,
		},
		"another saw it a tenth of a second later": {
			ladderTale().alive(0, 20*sec).rung(5, "silent", 0, wait).rung(9, "rst", 5100*time.Millisecond, 0), 0, 5 * sec, "rst", livetest.OutcomeMeasured,
		},
		"another saw one of its own": {
			ladderTale().alive(0, 20*sec).rung(5, "silent", 0, wait).rung(9, "rst", 5101*time.Millisecond, 0), 0, 5 * sec, "silent", livetest.OutcomeMeasured,
		},
		"the shorter of two that another saw": {
			ladderTale().alive(0, 20*sec).rung(9, "rst", 5050*time.Millisecond, 0).rung(5, "silent", 0, wait), 0, 5 * sec, "rst", livetest.OutcomeMeasured,
		},
		"two at one gap, the first is told": {
			twice, 0, 5 * sec, "silent", livetest.OutcomeMeasured,
		},
		"nothing": {ladderTale(), 0, 0, "", livetest.OutcomeInconclusive},
	} {
		r := c.tale.end("")
		var l livetest.Ladder
		if len(r.Ladders) > 0 {
			l = r.Ladders[0]
		}
		is := func(got *time.Duration, want time.Duration) bool {
			return got == nil && want == 0 || got != nil && *got == want
		}
		if !is(l.Alive, c.alive) || !is(l.Dead, c.dead) || l.Close != c.kind || r.Outcome != c.outcome {
			t.Errorf("%s: alive %v, dead %v %s, %s (%s)", name, l.Alive, l.Dead, l.Close, r.Outcome, r.Reason)
		}
	}
}

func TestHeld(t *testing.T) {
	without := livetest.Ladder{Direction: livetest.Outward, Alive: some(3), Dead: some(4), Close: livetest.CloseSilent}
	for name, c := range map[string]struct {
		with        livetest.Ladder
		held, known bool
	}{
		"outlived":                        {livetest.Ladder{Alive: some(6)}, true, true},
		"not outlived":                    {livetest.Ladder{Alive: some(5), Dead: some(6), Close: livetest.CloseSilent}, false, true},
		"too short to say":                {livetest.Ladder{Alive: some(3)}, false, false},
		"held up to the server's own FIN": {livetest.Ladder{Alive: some(5), Dead: some(6), Close: livetest.CloseFIN}, true, true},
		"a FIN that says nothing":         {livetest.Ladder{Dead: some(2), Close: livetest.CloseFIN}, false, false},
		"just not outlived":               {livetest.Ladder{Alive: new(4*sec - 1)}, false, false},
		"outlived to the same gap":        {livetest.Ladder{Alive: some(4)}, true, true},
		"a FIN at the same gap":           {livetest.Ladder{Dead: some(4), Close: livetest.CloseFIN}, false, false},
		"a FIN just later":                {livetest.Ladder{Dead: new(4*sec + 1), Close: livetest.CloseFIN}, true, true},
		"a 408 just later":                {livetest.Ladder{Dead: new(4*sec + 1), Close: livetest.Close408}, true, true},
		"another direction":               {livetest.Ladder{Direction: livetest.Inward, Alive: some(6)}, false, false},
	} {
		if c.with.Probes = true; c.with.Direction == "" {
			c.with.Direction = livetest.Outward
		}
		if held, known := livetest.Held([]livetest.Ladder{without, c.with}); held != c.held || known != c.known {
			t.Errorf("%s: held %v, known %v", name, held, known)
		}
	}
}

// Rungs stand by their gap. What is sent later than its gap by more than a timer's noise was
// silent for longer; one that the test itself spoiled or that gave no answer says why.
func TestRungs(t *testing.T) {
	t.Parallel()
	kept := func(took time.Duration) tale {
		s := ladderTale().rung(5, livetest.CloseSilent, 0, 0)
		s[len(s)-1].Took = took
		return s
	}
	withdrawn := ladderTale().rung(5, "", 0, 0)
	withdrawn[len(withdrawn)-1].Text = "another address answered"
	refused := append(ladderTale().rung(5, livetest.CloseNone, 0, 0)[:2], livetest.Event{Kind: livetest.EventFailed, Role: livetest.RoleLadder, Conn: 5, Text: "connection refused"})
	for name, x := range map[string]struct {
		tale  tale
		state livetest.SampleState
		kept  time.Duration
		why   string
	}{
		"sent in time":               {kept(5*sec + 20*milli), livetest.SampleClosed, 0, ""},
		"sent late":                  {kept(5*sec + 20*milli + 1), livetest.SampleClosed, 5*sec + 20*milli + 1, ""},
		"no answer that counts":      {withdrawn, livetest.SampleDiscarded, 0, "another address answered"},
		"refused":                    {refused, livetest.SampleFailed, 0, "connection refused"},
		"alive, a long pause before": {append(ladderTale().rung(5, livetest.CloseNone, 0, 0), paused(5*sec, 6*sec, 0)), livetest.SampleDiscarded, 0, "the test itself did not run for 1s"},
		"alive, a short pause":       {append(ladderTale().rung(5, livetest.CloseNone, 0, 0), paused(5500*milli, 6*sec, 0)), livetest.SampleOpen, 0, ""},
		"reset, a short pause":       {append(ladderTale().rung(5, livetest.CloseRSTOnSend, 0, 0), paused(5500*milli, 6*sec, 0)), livetest.SampleClosed, 0, ""},
		"closed in a short pause":    {append(ladderTale().rung(5, livetest.CloseFIN, 2*sec, 0), paused(2500*milli, 3*sec, 0)), livetest.SampleDiscarded, 0, "the test itself did not run for 500ms"},
		"closed before a pause":      {append(ladderTale().rung(5, livetest.CloseFIN, 2*sec, 0), paused(5500*milli, 6*sec, 0)), livetest.SampleClosed, 0, ""},
	} {
		if r := x.tale.end("").Ladders[0].Rungs[0]; r.State != x.state || r.Kept != x.kept || r.Why != x.why {
			t.Errorf("%s: %s, kept %v (%s), want %s, %v (%s)", name, r.State, r.Kept, r.Why, x.state, x.kept, x.why)
		}
	}
	for name, x := range map[string]struct {
		tale tale
		why  string
	}{
		"refused":   {refused, "the ladder has no answer: connection refused"},
		"withdrawn": {withdrawn, "the ladder has no answer: another address answered"},
	} {
		if got := x.tale.end("").Reason; got != x.why {
			t.Errorf("%s: %q, want %q", name, got, x.why)
		}
	}
	// Without gaps that it was to reach, any answer is one.
	for kind, want := range map[livetest.CloseKind]livetest.Outcome{livetest.CloseNone: livetest.OutcomeMeasured, livetest.CloseRST: livetest.OutcomeMeasured, "": livetest.OutcomeInconclusive} {
		s := ladderTale().rung(5, kind, 0, 0)
		s[0].Spec.Ladder.Gaps = nil
		if got := s.end("").Outcome; got != want {
			t.Errorf("a rung that ended %q alone: %s, want %s", kind, got, want)
		}
	}
	var gaps []time.Duration
	l := ladderTale().rung(9, livetest.CloseFIN, 0, 0).rung(3, livetest.CloseNone, 0, 0).rung(5, livetest.CloseNone, 0, 0).end("").Ladders[0]
	for _, r := range l.Rungs {
		gaps = append(gaps, r.Gap)
	}
	if want := []time.Duration{3 * sec, 5 * sec, 9 * sec}; !slices.Equal(gaps, want) || l.Seen() {
		t.Errorf("the rungs stand as %v, a close was seen: %v", gaps, l.Seen())
	}
	if l := ladderTale().rung(9, livetest.CloseFIN, 8*sec, 0).end("").Ladders[0]; !l.Seen() {
		t.Error("a close was seen, and is not told so")
	}
}
