package cli_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/ui/cli/wire"
)

// A judgement is what these tests read of keeptune check --format json.
type judgement struct {
	Legs     []struct{ Limit struct{ Verdict string } }
	Findings []struct{ Severity string }
	Plan     *wire.Plan
}

// TestWholePathIsWhatItLeadsTo carries out the plan of keeptune check as it is
// printed, and finds the verdicts that it told.
func TestWholePathIsWhatItLeadsTo(t *testing.T) {
	planned := func(args ...string) (judgement, string) {
		args = append([]string{"check"}, args...)
		_, text := run(t, args...)
		reads(t, strings.Join(args, " "), string(text))
		_, out := run(t, append(args, "--format", "json")...)
		if err := validate("check", string(out)); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		var c judgement
		if err := json.Unmarshal(out, &c); err != nil {
			t.Fatal(err)
		}
		return c, string(text)
	}
	for path, told := range map[string]bool{
		"chrome > aws-alb > nginx > apache": false, // one remedy puts it right
		"aws-alb > apache > node":           true,
		"python-requests > nginx > node":    true,
		"okhttp > apache > nginx > node":    true,
	} {
		c, text := planned("--path", path)
		if c.Plan == nil {
			t.Errorf("%s: no plan", path)
			continue
		}
		if got := strings.Contains(text, "\nWHOLE PATH\n"); got != told {
			t.Errorf("%s: told %v\n%s", path, got, text)
		}
		args := []string{"--path", path}
		for _, at := range slices.Sorted(maps.Keys(c.Plan.Set)) {
			set := at + "=" + c.Plan.Set[at]
			args = append(args, "--set", set)
			if told && !strings.Contains(text, "  --set "+set+"\n") && !strings.Contains(text, "  --set '"+set+"'\n") {
				t.Errorf("%s: the text lacks --set %s", path, set)
			}
		}
		after, _ := planned(args...)
		left := 0
		for i, leg := range after.Legs {
			if p := c.Plan.Legs[i]; p.Verdict != leg.Limit.Verdict || p.Before != c.Legs[i].Limit.Verdict || p.Leg != i+1 {
				t.Errorf("%s: leg %d is %s then, the plan says %+v", path, i+1, leg.Limit.Verdict, p)
			}
		}
		for _, f := range after.Findings {
			if f.Severity != "info" {
				left++
			}
		}
		if left != c.Plan.Left {
			t.Errorf("%s: %d findings are left, the plan says %d", path, left, c.Plan.Left)
		}
	}
	if c, text := planned("--path", "aws-alb > nginx"); c.Plan != nil || strings.Contains(text, "WHOLE PATH") {
		t.Errorf("a plan where nothing is to be done: %+v\n%s", c.Plan, text)
	}
}
