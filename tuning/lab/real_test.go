//go:build real

package lab_test

import (
	"errors"
	"os"
	"testing"

	"example.com/keeptune/tuning/lab"
)

func run(t *testing.T, p lab.Plan) lab.Summary {
	t.Helper()
	summary, err := lab.Run(t.Context(), p, func(s lab.Sample) {
		t.Logf("%-12s %-50s %s..%s %s %s inside=%v repeated=%v %s", s.Settings.Scenario, s.Settings,
			s.Prediction.Low, s.Prediction.High, s.Measured, s.Outcome, s.Inside(), s.Repeated, s.Error)
		if !s.Inside() {
			t.Errorf("%s %s took %s and ended with %s %s, not within %s to %s with %s", s.Settings.Scenario, s.Settings,
				s.Measured, s.Outcome, s.Error, s.Prediction.Low, s.Prediction.High, s.Prediction.Outcome)
		}
	})
	if no, ok := errors.AsType[*lab.UnavailableError](err); ok {
		if os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1" {
			t.Fatal(no)
		}
		t.Skip(no)
	}
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestRealLabRandom(t *testing.T) {
	t.Parallel()
	s := run(t, lab.Plan{Scenario: lab.All, Random: 21, Seed: 7})
	if s.Samples != 21 || s.HZ == 0 {
		t.Errorf("summary %+v of 21 samples", s)
	}
}
