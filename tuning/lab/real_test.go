//go:build real

package lab_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"example.com/keeptune/tuning/lab"
)

func run(t *testing.T, p lab.Plan) lab.Summary {
	t.Helper()
	summary, err := lab.Run(t.Context(), p, func(s lab.Sample) {
		t.Logf("%-12s %-50s %s..%s %s %s inside=%v repeated=%v %s", s.Case.Scenario, s.Case,
			s.Prediction.Low, s.Prediction.High, s.Measured, s.Outcome, s.Inside(), s.Repeated, s.Error)
		if !s.Inside() {
			t.Errorf("%s %s took %s and ended with %s %s, not within %s to %s with %s", s.Case.Scenario, s.Case,
				s.Measured, s.Outcome, s.Error, s.Prediction.Low, s.Prediction.High, s.Prediction.Outcome)
			t.Logf("    outlived %s; %s", s.Outlived, s.Reason)
			rungs(t, s.Ladders)
		}
	})
	available(t, err)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// available skips the test where this host has no lab, or fails it where there must be one.
func available(t *testing.T, err error) {
	t.Helper()
	if no, ok := errors.AsType[*lab.UnavailableError](err); ok {
		if os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1" {
			t.Fatal(no)
		}
		t.Skip(no)
	}
}

// All scenarios mixed, on the host's kernel.
func TestRealLabRandom(t *testing.T) {
	t.Parallel()
	s := run(t, lab.Plan{Scenario: lab.All, Random: 24, Seed: 7})
	if s.Samples != 24 || s.HZ == 0 {
		t.Errorf("summary %+v of 24 samples", s)
	}
}

// What ends at once or within seconds, from the scenarios' own tables.
func TestRealLabGone(t *testing.T) {
	t.Parallel()
	run(t, lab.Plan{Scenario: lab.PeerGone})
}

// The lab ends with its context, and says so.
func TestRealLabStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	_, err := lab.Run(ctx, lab.Plan{Scenario: lab.IdleConnection}, func(lab.Sample) {})
	available(t, err)
	if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > time.Minute {
		t.Errorf("ended after %s with %v", took, err)
	}
}
