package cli

import (
	"errors"
	"slices"
	"strings"

	"example.com/keeptune/tuning"
)

// never is a severity for --fail-on: worse than anything.
const never = tuning.Error + 1

// parseFailOn is the least severity at which a check fails.
func parseFailOn(word string) (tuning.Severity, error) {
	if word == "never" {
		return never, nil
	}
	for s := tuning.Info; s <= tuning.Error; s++ {
		if s.String() == word {
			return s, nil
		}
	}
	return 0, errors.New("--fail-on takes error, warning, info or never")
}

// A problem is what makes a check fail.
type problem struct {
	severity tuning.Severity
	rule     *tuning.Rule
	leg      int // from 0
	at       []tuning.ParamRef
	text     string
	because  []string
	remedies []string
	accepted string // the reason for which it is suppressed, else empty
}

// problems are the findings of the rules, what is suppressed last.
func problems(r tuning.Report) []problem {
	var all []problem
	for i := range r.Findings {
		all = append(all, problemOf(&r.Findings[i], ""))
	}
	for i := range r.Suppressed {
		all = append(all, problemOf(&r.Suppressed[i].Finding, r.Suppressed[i].By.Reason))
	}
	return all
}

func problemOf(f *tuning.Finding, accepted string) problem {
	p := problem{
		severity: f.Severity, rule: f.Rule, leg: f.Leg, at: f.At, text: f.Rule.Title, because: f.Because, accepted: accepted,
	}
	for _, m := range f.Remedies {
		p.remedies = append(p.remedies, m.Label)
	}
	return p
}

// told is the problem in one text, reasons included.
func (p problem) told() string {
	if len(p.because) == 0 {
		return p.text
	}
	return p.text + ": " + strings.Join(p.because, "; ")
}

// fails reports whether a finding is as severe as that.
func fails(found []tuning.Finding, least tuning.Severity) bool {
	return slices.ContainsFunc(found, func(f tuning.Finding) bool { return f.Severity >= least })
}
