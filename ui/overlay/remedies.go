package overlay

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/part"
)

// NewRemedies offers the ways out of a finding, each with the verdict that every
// leg gets by it, and one set of changes for the whole path where there is more
// to do than that.
func NewRemedies(s session.Session, f tuning.Finding) *Choice {
	o := &Choice{Title: "what would put " + f.Rule.ID + " right", Text: f.Rule.Title}
	if len(f.Remedies) == 0 {
		o.Text += ". No single setting here puts it right."
	}
	for _, r := range f.Remedies {
		x := Option{Label: r.Label, Then: part.Apply{Why: f.Rule.ID + ": " + r.Label, Edits: r.Edits}}
		x.Leads, x.More = leads(s, &f, r.Edits)
		o.Options = append(o.Options, x.costing(r.Costs))
	}
	if x, ok := wholePath(s, f.Remedies); ok {
		o.Options = append(o.Options, x)
	}
	return o
}

// NewWhole offers the changes for the whole path alone; nil where there are none.
func NewWhole(s session.Session) *Choice {
	x, ok := wholePath(s, nil)
	if !ok {
		return nil
	}
	return &Choice{Title: "fix the whole path", Text: "One step of undo for all legs, with what they share.", Options: []Option{x}}
}

func (x Option) costing(costs []string) Option {
	if len(costs) > 0 {
		x.More = append(x.More, "costs: "+strings.Join(costs, "; "))
	}
	return x
}

// wholePath is the plan for all legs as one choice, unless one of the remedies
// that are offered beside it does the same.
func wholePath(s session.Session, beside []tuning.Remedy) (Option, bool) {
	plan, ok := s.Plan()
	if !ok {
		return Option{}, false
	}
	for _, r := range beside {
		if len(plan.Steps) == 1 && plan.Steps[0].Label == r.Label {
			return Option{}, false
		}
	}
	x := Option{
		Label: "fix the whole path: " + plan.Brief(), Then: part.Apply{Why: "the whole path: " + plan.Brief(), Edits: plan.Edits()},
		Leads: pathLeads(s.Report(), plan.After),
	}
	if plan.Left > 0 {
		x.Leads += ", " + part.Count(plan.Left, "finding", "findings") + " left that no setting here puts right"
	}
	var costs []string
	for _, step := range plan.Steps {
		costs = append(costs, step.Costs...)
	}
	return x.costing(costs), true
}

func leads(s session.Session, f *tuning.Finding, edits []model.Edit) (text string, more []string) {
	next, err := s.Do(time.Time{}, "", edits...)
	if err != nil {
		return "refused: " + model.Clean(err.Error(), 200), nil
	}
	if after := next.Report(); len(after.Legs) > 1 {
		more = []string{"path: " + pathLeads(s.Report(), after)}
	}
	return leadsTo(s.Report(), next.Report(), f), more
}

// leadsTo is the verdict of a finding's leg and what is left to find there.
func leadsTo(before, after tuning.Report, f *tuning.Finding) string {
	if f.Leg >= len(after.Legs) {
		return ""
	}
	text := part.Judged(&after.Legs[f.Leg].Limit)
	left, stays := 0, false
	for i := range after.Findings {
		x := &after.Findings[i]
		if x.Leg != f.Leg || x.Severity == tuning.Info {
			continue
		}
		left++
		stays = stays || x.Rule == f.Rule
	}
	switch {
	case stays:
		return text + ", but " + f.Rule.ID + " stays"
	case left > 0:
		return text + ", " + f.Rule.ID + " gone, " + part.Count(left, "finding", "findings") + " left"
	case text == part.Judged(&before.Legs[f.Leg].Limit):
		return f.Rule.ID + " gone; " + text + " as before"
	}
	return text
}

// legsNamed is how many legs a line names each; of a longer path those that change.
const legsNamed = 5

// pathLeads is the verdict of every leg before and after, and the path's worst.
func pathLeads(before, after tuning.Report) string {
	var legs []string
	for i := range after.Legs {
		was, is := "", part.VerdictWord(after.Legs[i].Limit.Verdict)
		if i < len(before.Legs) {
			was = part.VerdictWord(before.Legs[i].Limit.Verdict)
		}
		switch {
		case was != is:
			legs = append(legs, fmt.Sprintf("leg %d %s to %s", i+1, was, is))
		case len(after.Legs) <= legsNamed:
			legs = append(legs, fmt.Sprintf("leg %d %s", i+1, is))
		}
	}
	if len(after.Legs) == 1 {
		return strings.TrimPrefix(legs[0], "leg 1 ")
	}
	worst := after.Legs[after.Gravest()]
	text := fmt.Sprintf("worst of all: %s on leg %d", part.VerdictWord(worst.Limit.Verdict), worst.Index+1)
	if worst.Limit.Verdict.Gravity() == 0 {
		text = "and none is worse"
	}
	return strings.Join(append(legs, text), ", ")
}
