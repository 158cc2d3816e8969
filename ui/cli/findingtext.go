package cli

import (
	"fmt"
	"strings"

	"example.com/keeptune/tuning"
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
		for _, m := range f.Remedies {
			p.line("  - fix: %s", markdown(m.Label))
			if len(m.Costs) > 0 {
				p.line("    - costs: %s", markdown(strings.Join(m.Costs, "; ")))
			}
		}
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
