package wire

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/trial"
)

// TrialPlanSchema names the shape of [TrialPlan].
const TrialPlanSchema = "keeptune.trial/1"

// A TrialPlan is what a trial would change, and the trial where it was made: keeptune apply and
// keeptune sockets with --format json.
type TrialPlan struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version"`
	For     string         `json:"for"` // what it is made from
	Window  Seconds        `json:"window_s"`
	Changes []TrialPlanned `json:"changes"`
	Same    []TrialPlanned `json:"in_force_already"`
	Refused []TrialRefused `json:"refused"`
	Files   []string       `json:"files"` // that keep it over a start of the host
	Notes   []string       `json:"notes"`
	Trial   *Trial         `json:"trial"` // null where nothing was changed
}

// A TrialPlanned is one value of a plan.
type TrialPlanned struct {
	Name    string  `json:"name"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Effect  *string `json:"effect"` // on live connections
	Command *string `json:"command"`
	// Lines are those that change of a server's files: its name, with the line where they begin,
	// then those that go, behind "- ", and those that come, behind "+ ".
	Lines []string `json:"lines"`
}

// A TrialRefused cannot be tried.
type TrialRefused struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// FromTrialPlan is the JSON of a plan, with its trial or nil.
func FromTrialPlan(p *trial.Plan, window time.Duration, s *trial.State, version string, now time.Time) TrialPlan {
	x := TrialPlan{
		Schema: TrialPlanSchema, Version: version, For: p.For, Window: Seconds(window), Changes: planChanges(p.Changes), Same: planChanges(p.Same), Refused: []TrialRefused{},
		Files: []string{}, Notes: list(p.Notes), Trial: FromTrial(s, version, now).Trial,
	}
	for _, r := range p.Refused {
		x.Refused = append(x.Refused, TrialRefused(r))
	}
	for _, f := range p.Keep {
		x.Files = append(x.Files, f.Path)
	}
	return x
}

func planChanges(all []trial.Change) []TrialPlanned {
	out := []TrialPlanned{}
	for i := range all {
		c := &all[i]
		about := c.Target.About()
		lines := []string{}
		if s, ok := c.Target.(*trial.Server); ok {
			for _, l := range s.Difference() {
				lines = append(lines, model.Clean(l, 200))
			}
		}
		out = append(out, TrialPlanned{about.Name, c.Shown(c.From), c.Shown(c.To), word(about.Effect), word(c.Target.Command(c.To)), lines})
	}
	return out
}
