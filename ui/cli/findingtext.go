package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/cli/wire"
)

// findingsText lists what the rules say of so many legs.
func findingsText(p *page, found []tuning.Finding, legs int) {
	first := true
	for _, f := range found {
		if first {
			p.line("")
			p.line("FINDINGS")
			first = false
		}
		head := fmt.Sprintf("%s  %s  %s", strings.ToUpper(f.Severity.String()), f.Rule.ID, f.Rule.Title)
		if legs > 1 {
			head += fmt.Sprintf(" (leg %d)", f.Leg+1)
		}
		p.wrapped("  ", "      ", head)
		for _, why := range f.Because {
			p.wrapped("      - ", "        ", why)
		}
		for _, r := range f.Assuming {
			p.wrapped("      - ", "        ", "assumed: "+assumedText(r))
		}
		for _, m := range f.Remedies {
			p.wrapped("      fix: ", "           ", m.Label)
			if len(m.Costs) > 0 {
				p.wrapped("           costs: ", "           ", strings.Join(m.Costs, "; "))
			}
		}
		if f.Rule.WrongIf != "" && f.Rule.WrongIf != "never" {
			p.wrapped("      does not apply if ", "           ", f.Rule.WrongIf)
		}
		p.wrapped("      source: ", "           ", f.Rule.Source)
	}
}

// suppressedText lists what is suppressed, and why.
func suppressedText(p *page, c checked) {
	r := &c.report
	if len(r.Suppressed)+len(r.Lapsed) == 0 {
		return
	}
	p.line("")
	p.line("SUPPRESSED")
	for _, s := range r.Suppressed {
		head := fmt.Sprintf("%s  %s  %s", strings.ToUpper(s.Finding.Severity.String()), s.Finding.Rule.ID, s.Finding.Rule.Title)
		if len(r.Legs) > 1 {
			head += fmt.Sprintf(" (leg %d)", s.Finding.Leg+1)
		}
		p.wrapped("  ", "      ", head)
		p.wrapped("      - ", "        ", "reason: "+s.By.Reason)
	}
	for i := range r.Lapsed {
		l := &r.Lapsed[i]
		p.wrapped("  ", "      ", fmt.Sprintf("%s hides nothing: %s", l.By.Rule, l.Text()))
		p.wrapped("      - ", "        ", "reason: "+l.By.Reason)
	}
}

// suppressedMarkdown is the same for a ticket.
func suppressedMarkdown(p *page, c checked) {
	r := &c.report
	if len(r.Suppressed)+len(r.Lapsed) == 0 {
		return
	}
	p.line("")
	p.line("### Suppressed")
	p.line("")
	for _, s := range r.Suppressed {
		p.line("- %s %s (leg %d): %s", s.Finding.Severity, s.Finding.Rule.ID, s.Finding.Leg+1, markdown(s.Finding.Rule.Title))
		p.line("  - reason: %s", markdown(s.By.Reason))
	}
	for i := range r.Lapsed {
		l := &r.Lapsed[i]
		p.line("- %s hides nothing: %s", l.By.Rule, l.Text())
		p.line("  - reason: %s", markdown(l.By.Reason))
	}
}

// planText is what puts the whole path right, where that is more than a remedy of one
// finding.
func planText(p *page, c checked) {
	if c.plan == nil || !c.plan.Beside(c.report.Findings) {
		return
	}
	p.line("")
	p.line("WHOLE PATH")
	p.wrapped("  fix: ", "       ", c.plan.Brief())
	p.wrapped("       leads to ", "       ", c.plan.LeadsTo(c.report))
	if costs := c.plan.Costs(); len(costs) > 0 {
		p.wrapped("       costs: ", "       ", strings.Join(costs, "; "))
	}
	for _, set := range planned(c.plan) {
		p.line("       --set %s", set)
	}
}

// planned are a plan's changes as --set takes them.
func planned(plan *tuning.Plan) []string {
	set := wire.Assignments(plan.Edits())
	var all []string
	for _, at := range slices.Sorted(maps.Keys(set)) {
		all = append(all, quoted(at+"="+set[at]))
	}
	return all
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("._:=-/@,+", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// planMarkdown is the same for a ticket.
func planMarkdown(p *page, c checked) {
	if c.plan == nil || !c.plan.Beside(c.report.Findings) {
		return
	}
	p.line("")
	p.line("### The whole path")
	p.line("")
	p.line("- fix: %s", markdown(c.plan.Brief()))
	p.line("  - leads to %s", markdown(c.plan.LeadsTo(c.report)))
	if costs := c.plan.Costs(); len(costs) > 0 {
		p.line("  - costs: %s", markdown(strings.Join(costs, "; ")))
	}
	for _, set := range planned(c.plan) {
		p.line("  - `--set %s`", set)
	}
}

// findingsMarkdown is the same for a ticket.
func findingsMarkdown(p *page, c checked) {
	if len(c.report.Findings) == 0 {
		return
	}
	p.line("")
	p.line("### Findings")
	p.line("")
	for _, f := range c.report.Findings {
		p.line("- **%s %s** (leg %d): %s", f.Severity, f.Rule.ID, f.Leg+1, markdown(f.Rule.Title))
		for _, why := range f.Because {
			p.line("  - %s", markdown(why))
		}
		for _, r := range f.Assuming {
			p.line("  - assumed: %s", markdown(assumedText(r)))
		}
		for _, m := range f.Remedies {
			p.line("  - fix: %s", markdown(m.Label))
			if len(m.Costs) > 0 {
				p.line("    - costs: %s", markdown(strings.Join(m.Costs, "; ")))
			}
		}
		if f.Rule.WrongIf != "never" {
			p.line("  - does not apply if %s", markdown(f.Rule.WrongIf))
		}
		p.line("  - source: %s", markdown(f.Rule.Source))
	}
}

// assumedText names what was assumed as --set takes it; how a client reads hints
// is no setting.
func assumedText(r tuning.ParamRef) string {
	if r.Param.Name() == "hint" {
		return string(r.Endpoint) + "'s reading of the Keep-Alive hint"
	}
	return fmt.Sprintf("%s:%s", r.Endpoint, r.Param)
}
