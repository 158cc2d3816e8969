package model_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// climbing is a ladder's run: replies to the control connection, and rungs of the gaps 1, 3,
// 5 and 9 s that begin at 1 s.
func climbing() tale {
	spec := model.NewProbeSpec(model.ProbeTarget{Host: "192.0.2.1"})
	spec.Measure = []model.Measurement{model.MeasureLadder}
	spec.Ladder = &model.LadderSpec{Gaps: []time.Duration{time.Second, 3 * time.Second, 5 * time.Second, 9 * time.Second}}
	return tale{{Kind: model.EventStarted, Spec: &spec}}
}

// rung adds one; after is when it ended in silence, else it was tried at its gap. wait is how
// long its answer took.
func (s tale) rung(gap int, kind model.CloseKind, after, wait time.Duration) tale {
	e := model.Event{At: time.Second, Kind: model.EventRung, Conn: gap, Role: model.ProbeRoleLadder, Gap: time.Duration(gap) * time.Second, Direction: model.Outward}
	end := e
	end.Done, end.Close, end.After, end.At = true, kind, after, time.Second+e.Gap+wait
	if after > 0 {
		end.At = time.Second + after
	}
	return append(s, e, end)
}

func TestSummarizeLadder(t *testing.T) {
	const sec, wait = time.Second, 4 * time.Second
	pause := func(from, at time.Duration) model.Event {
		return model.Event{Kind: model.EventPaused, From: from, At: at}
	}
	found := climbing().rung(1, "none", 0, 0).rung(3, "none", 0, 0).rung(5, "silent", 0, wait)
	late := climbing().alive(0, 20*sec).rung(1, "none", 0, 0).rung(3, "silent", 0, wait)
	late[len(late)-1].Took = 3400 * time.Millisecond
	for name, c := range map[string]struct {
		tale        tale
		alive, dead time.Duration // 0: none
		kind        model.CloseKind
		outcome     model.Outcome
	}{
		"no control at all":        {found, 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"the path works":           {found.alive(0, 20*sec), 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"dead before it is tried":  {found.alive(0, 4*sec), 3 * sec, 0, "", model.OutcomeInconclusive},
		"an outage while it waits": {found.alive(0, 6*sec).alive(9*sec, 20*sec), 3 * sec, 0, "", model.OutcomeInconclusive},
		"an outage as it is tried": {found.alive(0, 5*sec).alive(7*sec, 20*sec), 3 * sec, 0, "", model.OutcomeInconclusive},
		"an outage long before":    {found.alive(0, sec).alive(3*sec, 20*sec), 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"an outage after":          {found.alive(0, 11*sec).alive(14*sec, 20*sec), 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"a pause while it waits":   {append(found.alive(0, 20*sec), pause(7*sec, 7500*time.Millisecond)), 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"a long one":               {append(found.alive(0, 20*sec), pause(7*sec, 8500*time.Millisecond)), 3 * sec, 0, "", model.OutcomeInconclusive},
		"one as the wait ends":     {append(found.alive(0, 20*sec), pause(9500*time.Millisecond, 10*sec)), 3 * sec, 0, "", model.OutcomeInconclusive},
		"a pause before":           {append(found.alive(0, 20*sec), pause(5*sec, 5500*time.Millisecond)), 3 * sec, 5 * sec, "silent", model.OutcomeMeasured},
		"tried late":               {late, sec, 3400 * time.Millisecond, "silent", model.OutcomeMeasured},
		"the top": {
			climbing().alive(0, 20*sec).rung(1, "none", 0, 0).rung(9, "none", 0, 0), 9 * sec, 0, "", model.OutcomeMeasured,
		},
		"not to the top": {
			climbing().alive(0, 20*sec).rung(1, "none", 0, 0).rung(5, "none", 0, 0), 5 * sec, 0, "", model.OutcomeInconclusive,
		},
		"contradicting": {
			climbing().alive(0, 20*sec).rung(3, "silent", 0, wait).rung(5, "none", 0, 0), 5 * sec, 3 * sec, "silent", model.OutcomeInconclusive,
		},
		"a server's timer spreads": {
			climbing().alive(0, 20*sec).rung(5, "none", 0, 0).rung(9, "fin", 4800*time.Millisecond, 0), 5 * sec, 4800 * time.Millisecond, "fin", model.OutcomeMeasured,
		},
		"the shortest met the timer, another saw it": {
			climbing().alive(0, 20*sec).rung(5, "silent", 0, wait).rung(9, "rst", 5010*time.Millisecond, 0), 0, 5 * sec, "rst", model.OutcomeMeasured,
		},
		"nothing": {climbing(), 0, 0, "", model.OutcomeInconclusive},
	} {
		r := c.tale.end("")
		var l model.ProbeLadder
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
	without := model.ProbeLadder{Direction: model.Outward, Alive: some(3), Dead: some(4), Close: model.CloseSilent}
	for name, c := range map[string]struct {
		with        model.ProbeLadder
		held, known bool
	}{
		"outlived":                        {model.ProbeLadder{Alive: some(6)}, true, true},
		"not outlived":                    {model.ProbeLadder{Alive: some(5), Dead: some(6), Close: model.CloseSilent}, false, true},
		"too short to say":                {model.ProbeLadder{Alive: some(3)}, false, false},
		"held up to the server's own FIN": {model.ProbeLadder{Alive: some(5), Dead: some(6), Close: model.CloseFIN}, true, true},
		"a FIN that says nothing":         {model.ProbeLadder{Dead: some(2), Close: model.CloseFIN}, false, false},
		"another direction":               {model.ProbeLadder{Direction: model.Inward, Alive: some(6)}, false, false},
	} {
		if c.with.Probes = true; c.with.Direction == "" {
			c.with.Direction = model.Outward
		}
		if held, known := model.Held([]model.ProbeLadder{without, c.with}); held != c.held || known != c.known {
			t.Errorf("%s: held %v, known %v", name, held, known)
		}
	}
}
