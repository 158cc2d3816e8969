package overlay

import (
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
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
		x := Option{Label: r.Label, Then: contract.Apply{Why: f.Rule.ID + ": " + r.Label, Edits: r.Edits}}
		x.Leads, x.More = leads(s, &f, r.Edits)
		o.Options = append(o.Options, x.costing(r.Costs))
	}
	if x, ok := wholePath(s, []tuning.Finding{f}); ok {
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
func wholePath(s session.Session, beside []tuning.Finding) (Option, bool) {
	plan, ok := s.Plan()
	if !ok || !plan.Beside(beside) {
		return Option{}, false
	}
	x := Option{
		Label: "fix the whole path: " + plan.Brief(), Then: contract.Apply{Why: "the whole path: " + plan.Brief(), Edits: plan.Edits()},
		Leads: plan.LeadsTo(s.Report()),
	}
	return x.costing(plan.Costs()), true
}

func leads(s session.Session, f *tuning.Finding, edits []model.Edit) (text string, more []string) {
	next, err := s.Do(time.Time{}, "", edits...)
	if err != nil {
		return "refused: " + model.Clean(err.Error(), 200), nil
	}
	if after := next.Report(); len(after.Legs) > 1 {
		more = []string{"path: " + tuning.Leads(s.Report(), after)}
	}
	return leadsTo(s.Report(), next.Report(), f), more
}

// leadsTo is the verdict of a finding's leg and what is left to find there.
func leadsTo(before, after tuning.Report, f *tuning.Finding) string {
	if f.Leg >= len(after.Legs) {
		return ""
	}
	text := contract.Judged(&after.Legs[f.Leg].Limit)
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
		return text + ", " + f.Rule.ID + " gone, " + contract.Count(left, "finding", "findings") + " left"
	case text == contract.Judged(&before.Legs[f.Leg].Limit):
		return f.Rule.ID + " gone; " + text + " as before"
	}
	return text
}
