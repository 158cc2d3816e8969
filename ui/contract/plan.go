package contract

import (
	"maps"
	"slices"
	"time"

	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// A TestPlan is what the next live test measures, as chosen on its screen. It
// lasts as long as the program. Its zero value is the default test.
type TestPlan struct {
	Skip          bool                            // leave the default test out
	Chosen        map[livetest.Measurement]string // what else is measured, as its Choice was set; With changes it
	Socket        livetest.SocketOptions
	FarEnd, Token string        // of the ladder
	Limit         time.Duration // how long silence is watched; 0 for as long as the settings suggest
	Second        time.Duration // over which a second round is spread; 0 for what suits the server, below 0 for none
}

// With is the plan with a measurement chosen; "" leaves it out.
func (p TestPlan) With(m livetest.Measurement, value string) TestPlan {
	chosen := maps.Clone(p.Chosen)
	if chosen == nil {
		chosen = map[livetest.Measurement]string{}
	}
	chosen[m] = value
	p.Chosen = chosen
	return p
}

// longestAutomatic is the longest idle time that a test watches unasked.
const longestAutomatic = 10 * time.Minute

// IdleLimit is how long the next test watches silence: as typed, or beyond the
// shown server's idle timeout.
func (c *Context) IdleLimit() time.Duration {
	if c.Plan.Limit > 0 {
		return c.Plan.Limit
	}
	limit := livetest.DefaultIdleLimit
	for _, x := range c.Shown().Limit.All {
		if x.By == tuning.ByServer && x.Known && x.High < longestAutomatic {
			limit = max(limit, x.High+10*time.Second)
		}
	}
	return limit
}

// TestTarget is what the next test connects to; for the built-in server, which
// has no address yet, this machine.
func (c *Context) TestTarget() livetest.Target {
	t, err := livetest.ParseTarget(c.Session.Document().Target)
	if err != nil {
		return livetest.Target{Host: "localhost"}
	}
	return t
}

// Spec is the test that the plan makes of a target. It is false where nothing
// is left to measure.
func (p TestPlan) Spec(t livetest.Target, limit time.Duration) (spec livetest.Spec, ok bool) {
	s := livetest.Spec{Target: t, IdleLimit: limit, Socket: p.Socket, Second: p.Second}
	if !p.Skip {
		s.Measure = slices.Clone(s.Normalize().Measure)
	}
	for _, m := range livetest.Choices() {
		if value := p.Chosen[m]; value != "" && (m.Plain() || !t.Plain()) {
			m.Choose(&s, value)
		}
	}
	if s.Measures(livetest.MeasureLadder) {
		s.Ladder = &livetest.LadderSpec{FarEnd: p.FarEnd, Token: p.Token}
	}
	if len(s.Measure) == 0 {
		return s, false
	}
	return s.Normalize(), true
}

// NextTest is the test that the plan makes of the target and of what is known of the shown
// server. It is false where nothing is left to measure.
func (c *Context) NextTest() (spec livetest.Spec, ok bool) {
	plan := c.Plan
	if plan.Second == 0 {
		plan.Second = livetest.SecondFor(tuning.StepOf(c.Shown()))
	}
	return plan.Spec(c.TestTarget(), c.IdleLimit())
}

// Cost is what a plan takes at most: connections at once, and time.
func (p TestPlan) Cost(t livetest.Target, limit time.Duration) (connections int, longest time.Duration) {
	s, ok := p.Spec(t, limit)
	if !ok {
		return 0, 0
	}
	return s.AllSockets(), s.Longest()
}
