package cli

import (
	"io"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// checkMarkdown is a check for a ticket.
func checkMarkdown(w io.Writer, c checked) error {
	var p page
	p.line("## Keep-alive of `%s`", c.document.Path)
	for _, x := range c.read.chosen {
		p.line("")
		p.line("In force: %s", markdown(c.read.choiceText(x)))
	}
	p.line("")
	p.line("**Verdict**: %s.", markdown(c.report.Words()))
	p.line("")
	p.line("**Grade**: %s.", markdown(gradeText(c.report.PathGrade(), len(c.report.Legs))))
	for i := range c.report.Legs {
		legMarkdown(&p, &c.report.Legs[i], len(c.report.Legs))
	}
	findingsMarkdown(&p, c)
	suppressedMarkdown(&p, c)
	planMarkdown(&p, c)
	unusedMarkdown(&p, c.read.unused)
	if a := c.against; a != nil {
		p.line("")
		p.line("### Against %s", markdown(c.other))
		p.line("")
		p.line("| setting | before | now |")
		p.line("|---|---|---|")
		for _, v := range a.Values {
			p.line("| `%s` | %s | %s |", v.At, markdown(or(v.From, "-")), markdown(or(v.To, "-")))
		}
		for _, t := range a.Legs {
			p.line("| leg %d | %s | %s |", t.Leg, judgeText(t.From), judgeText(t.To))
		}
	}
	p.line("")
	p.line("keeptune %s, knowledge of %s", versionText(), model.KnowledgeDate)
	return p.flush(w)
}

// unusedMarkdown lists lines of configurations that were not used.
func unusedMarkdown(p *page, lines []native.Line) {
	if len(lines) == 0 {
		return
	}
	p.line("")
	p.line("### Not used")
	p.line("")
	for _, l := range lines {
		p.line("- %s:%d: `%s`: %s", markdown(l.File), l.Line, l.Text, markdown(l.Why))
	}
}

func legMarkdown(p *page, leg *tuning.Leg, legs int) {
	l := leg.Limit
	p.line("")
	if legs > 1 {
		p.line("### Leg %d: %s to %s", leg.Index+1, leg.Client.Endpoint.ID, leg.Server.Endpoint.ID)
		p.line("")
	}
	p.line("**LIMIT %s**", markdown(strings.Join(strings.Fields(limitText(l)), " ")))
	p.line("")
	p.line("%s.", markdown(l.Words()))
	p.line("")
	p.line("| side | setting | value | origin |")
	p.line("|---|---|---|---|")
	for _, s := range []*tuning.Side{&leg.Client, &leg.Server} {
		for i := range s.Rows {
			if r := &s.Rows[i]; r.Param.Role != model.RoleInformation && r.Value.IsSet() {
				p.line("| %s | `%s` | %s | %s |", s.Endpoint.ID, r.Param.Name, markdown(r.Value.Human()), markdown(r.Setting.Origin.String()))
			}
		}
	}
	p.line("")
	p.line("Source: %s.", markdown(strings.Join(sources(leg), "; ")))
	p.line("")
	p.line("| dead peer | client | server |")
	p.line("|---|---|---|")
	for _, row := range endRows(leg.Ends) {
		p.line("| %s | %s | %s |", row.state, endText(row.client), endText(row.server))
	}
	p.line("")
	p.line("Because:")
	p.line("")
	for _, why := range l.Because {
		p.line("- %s", markdown(why))
	}
	for _, r := range l.Assuming {
		p.line("- assumed: `%s`", assumedText(r))
	}
}

// markdown keeps text from being read as markup.
func markdown(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "'").Replace(s)
}
