package overlay

import (
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
)

// NewSuppressed lists what is suppressed, each to be taken back; nil where nothing is.
func NewSuppressed(r tuning.Report) *Choice {
	o := &Choice{Title: "suppressed findings", Text: "They are listed apart and do not count.", Does: "count again", Final: true}
	for i := range r.Lapsed {
		l := &r.Lapsed[i]
		o.Options = append(o.Options, Option{
			Label: l.By.Rule + ": " + l.By.Reason, Leads: "hides nothing: " + l.Text(), Then: contract.Unsuppress{Suppression: l.By},
		})
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		o.Options = append(o.Options, Option{
			Label: s.By.Rule + ": " + s.By.Reason, Leads: hides(r, s), Then: contract.Unsuppress{Suppression: s.By},
		})
	}
	if len(o.Options) == 0 {
		return nil
	}
	return o
}

// hides says what a suppression hides.
func hides(r tuning.Report, s *tuning.Suppressed) string {
	text := fmt.Sprintf("%s: %s", s.Finding.Severity, s.Finding.Rule.Title)
	if len(r.Legs) > 1 {
		text += fmt.Sprintf(" (leg %d)", s.Finding.Leg+1)
	}
	return model.Clean(text, 300)
}
