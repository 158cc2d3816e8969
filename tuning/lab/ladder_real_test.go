//go:build real

package lab_test

import (
	"testing"

	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/tuning/livetest"
)

// The live test's ladder finds the time of a box that is the kernel's own conntrack, or an
// nft set: its truth is the sysctl, or the set's timeout.
func TestRealLabLadder(t *testing.T) {
	t.Parallel()
	all, err := lab.Plan{Scenario: lab.Middlebox}.List()
	if err != nil {
		t.Fatal(err)
	}
	var ladders []lab.Case
	for _, s := range all {
		if s.Ladder != (lab.LadderScenario{}) {
			ladders = append(ladders, s)
		}
	}
	if s := run(t, lab.Plan{Cases: ladders}); s.Samples != len(ladders) || s.Samples < 20 {
		t.Errorf("%d samples of %d", s.Samples, len(ladders))
	}
}

// rungs are a sample's ladders, for a failure's message.
func rungs(t *testing.T, all []livetest.Ladder) {
	t.Helper()
	for _, l := range all {
		for _, g := range l.Rungs {
			t.Logf("    %s probes=%v round %d: %v %s %s after %v, kept %v: %s", l.Direction, l.Probes, g.Round, g.Gap, g.State, g.Close, g.After, g.Kept, g.Why)
		}
	}
}
