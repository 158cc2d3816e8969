package overlay

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/part"
)

// NewRemedies offers the ways out of a finding, each with the verdict that the
// document gets by it.
func NewRemedies(s session.Session, f tuning.Finding) *Choice {
	o := &Choice{Title: "what would put " + f.Rule.ID + " right", Text: f.Rule.Title}
	for _, r := range f.Remedies {
		o.Options = append(o.Options, Option{
			Label: r.Label, Leads: leads(s, &f, r.Edits), Then: part.Apply{Why: f.Rule.ID + ": " + r.Label, Edits: r.Edits},
		})
	}
	return o
}

func leads(s session.Session, f *tuning.Finding, edits []model.Edit) string {
	next, err := s.Do(time.Time{}, "", edits...)
	if err != nil {
		return "refused: " + model.Clean(err.Error(), 200)
	}
	return leadsTo(next.Report(), f)
}

// leadsTo is the verdict of a finding's leg and what is left to find there.
func leadsTo(r tuning.Report, f *tuning.Finding) string {
	if f.Leg >= len(r.Legs) {
		return ""
	}
	text := part.Judged(&r.Legs[f.Leg].Limit)
	left, stays := 0, false
	for i := range r.Findings {
		x := &r.Findings[i]
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
	}
	return text
}
