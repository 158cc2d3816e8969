package model_test

import (
	"testing"

	"example.com/keeptune/model"
)

func TestGoalsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct {
		goal              model.Goal
		text, human, bare string
	}{
		{model.GoalDetect, "60", "60 s", "1m"},
		{model.GoalHold, "5m", "300 s", "5m"},
		{model.GoalIdle, "500", "500", "500"},
		{model.GoalIdle, "0", "0", "0"},
		{model.GoalLost, "0", "0 %", "0%"},
		{model.GoalLost, "0.001", "0.1 %", "0.1%"},
		{model.GoalLost, "0.1 %", "0.1 %", "0.1%"},
		{model.GoalLost, "100%", "100 %", "100%"},
		{model.GoalProbes, "5/s", "5/s", "5"},
	} {
		v, err := tt.goal.Parse(tt.text)
		if err != nil {
			t.Errorf("%s %s: %v", tt.goal, tt.text, err)
			continue
		}
		if got := tt.goal.Human(v); got != tt.human {
			t.Errorf("%s %s reads %q, want %q", tt.goal, tt.text, got, tt.human)
		}
		if got := tt.goal.Text(v); got != tt.bare {
			t.Errorf("%s %s is written %q, want %q", tt.goal, tt.text, got, tt.bare)
		}
		if again, err := tt.goal.Parse(tt.goal.Text(v)); err != nil || again != v {
			t.Errorf("%s is read back as %v (%v)", tt.goal.Text(v), again, err)
		}
	}
}

func TestWhatIsNoGoalIsRefusedInASentence(t *testing.T) {
	for _, tt := range []struct {
		goal       model.Goal
		text, want string
	}{
		{"speed", "1", `there is no goal "speed"; they are detect, detect-client, detect-server, outage, hold, idle, lost and probes`},
		{model.GoalDetect, "0", "detect cannot be 0; it takes a time such as 65, 65s or 1m5s (a bare number is seconds) from 1s to 7d"},
		{model.GoalOutage, "off", "outage cannot be off; it takes a time such as 65, 65s or 1m5s (a bare number is seconds) from 1s to 7d"},
		{model.GoalLost, "101%", `lost takes a share of the requests such as 0, 0.1% or 0.001, not "101%"`},
		{model.GoalLost, "NaN", `lost takes a share of the requests such as 0, 0.1% or 0.001, not "NaN"`},
		{model.GoalIdle, "unset", `idle takes a number from 0 to 1000000000, not "unset"`},
	} {
		if _, err := tt.goal.Parse(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%s %s: %v\nwant %s", tt.goal, tt.text, err, tt.want)
		}
	}
}
