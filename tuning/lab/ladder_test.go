package lab

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// A ladder's sample is inside where the box's time lies in a narrow bracket and the words agree.
func TestLadderInside(t *testing.T) {
	const sec = time.Second
	s := Default(Middlebox)
	s.Router, s.Ladder = Router{Timeout: 4 * sec, Policy: Strict}, LadderScenario{Path: OverTCP}
	milli := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, c := range map[string]struct {
		change         func(*Case)
		outcome        Outcome
		outlived, dead time.Duration
		inside         bool
	}{
		"inside":                 {nil, "silent, held", milli(3900), milli(4100), true},
		"too wide":               {nil, "silent, held", milli(3000), milli(5000), false},
		"dead too early":         {nil, "silent, held", milli(3800), milli(3900), false},
		"alive too late":         {nil, "silent, held", milli(4200), milli(4300), false},
		"another kind":           {nil, "rst-on-send, held", milli(3900), milli(4100), false},
		"not held":               {nil, "silent, not held", milli(3900), milli(4100), false},
		"no answer":              {nil, Inconclusive, 0, 0, false},
		"outlived all":           {func(s *Case) { s.Router.Policy, s.Router.Loose = DropInvalid, true }, Alive, 8 * sec, 0, true},
		"outlived some":          {func(s *Case) { s.Router.Policy, s.Router.Loose = DropInvalid, true }, Alive, 5 * sec, 0, false},
		"a reset is seen":        {func(s *Case) { s.Router.ResetBoth = true }, "rst, held", 3 * sec, milli(4005), true},
		"a reset is late":        {func(s *Case) { s.Router.ResetBoth = true }, "rst, held", 3 * sec, milli(4500), false},
		"pulled, and it says so": {func(s *Case) { s.Ladder.PulledAt = sec }, Inconclusive, 0, 0, true},
		"pulled, and a number":   {func(s *Case) { s.Ladder.PulledAt = sec }, "silent, held", milli(3900), milli(4100), false},
	} {
		one := s
		if c.change != nil {
			c.change(&one)
		}
		sample := Sample{Case: one, Prediction: predict(one, facts{}), Outcome: c.outcome, Outlived: c.outlived, Measured: c.dead}
		if sample.Inside() != c.inside {
			t.Errorf("%s: inside is %v, predicted %+v", name, !c.inside, sample.Prediction)
		}
	}
}

// The words for a result are those of the prediction.
func TestLadderFound(t *testing.T) {
	span := func(n int) *time.Duration { d := time.Duration(n) * time.Second; return &d }
	s := Default(Middlebox)
	s.Ladder = LadderScenario{Path: FarEnd, Inward: true, ServerIdle: 6 * time.Second}
	r := livetest.Result{
		Spec: livetest.Spec{Ladder: &livetest.LadderSpec{FarEnd: "192.0.2.1:7022"}}, Outcome: livetest.OutcomeMeasured,
		Idle: livetest.Idle{Low: span(6), Close: livetest.CloseFIN},
		Ladders: []livetest.Ladder{
			{Direction: livetest.Outward, Alive: span(8)},
			{Direction: livetest.Inward, Alive: span(3), Dead: span(4), Close: livetest.CloseSilent},
			{Direction: livetest.Inward, Probes: true, Alive: span(7)},
		},
	}
	o, alive, dead := ladderFound(s, r)
	if o != "silent, held; the server closes at 6s" || alive != 3*time.Second || dead != 4*time.Second {
		t.Errorf("%q, alive %v, dead %v", o, alive, dead)
	}
	r.Outcome = livetest.OutcomeInconclusive
	if o, _, _ := ladderFound(s, r); o != Inconclusive {
		t.Errorf("%q without an outcome", o)
	}
}

func TestLadderRefusals(t *testing.T) {
	s := Default(Middlebox)
	s.Router.Timeout = 4 * time.Second
	for want, c := range map[string]struct {
		of     Scenario
		ladder LadderScenario
	}{
		`no path "udp"`:              {Middlebox, LadderScenario{Path: "udp"}},
		"needs the scenario":         {LateWrite, LadderScenario{Path: OverTCP}},
		"back at 2 s, before it is ": {Middlebox, LadderScenario{Path: OverTCP, PulledAt: 3 * time.Second, BackAt: 2 * time.Second}},
	} {
		one := s
		one.Scenario, one.Ladder, one.WriteAt = c.of, c.ladder, time.Second
		if err := one.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
