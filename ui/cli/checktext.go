package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
)

// width is what text output fits into.
const width = 80

// A page collects lines; its error is that of the last flush.
type page struct {
	b strings.Builder
	w int // how wide a line may be; 0 is width
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *page) lines(all []string) {
	for _, l := range all {
		p.line("%s", strings.TrimRight(l, " "))
	}
}

// wrapped writes text in lines of at most width cells, later ones indented.
func (p *page) wrapped(first, later, text string) {
	for i, l := range wrap(first+text, later, cmp.Or(p.w, width)) {
		if i > 0 {
			l = later + l
		}
		p.line("%s", strings.TrimRight(l, " "))
	}
}

func (p *page) flush(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// checkText is a check to be read in 80 columns.
func checkText(w io.Writer, c checked) error {
	var p page
	p.wrapped("PATH  ", "      ", strings.ReplaceAll(c.document.Path.String(), " > ", " --> "))
	contextsText(&p, &c.read)
	p.wrapped("VERDICT  ", "         ", c.report.Words())
	p.wrapped("GRADE  ", "       ", gradeText(c.report.PathGrade(), len(c.report.Legs)))
	for i := range c.report.Legs {
		leg := &c.report.Legs[i]
		p.line("")
		if n := len(c.report.Legs); n > 1 {
			p.line("LEG %d of %d  %s --> %s%s", i+1, n, leg.Client.Endpoint.ID, leg.Server.Endpoint.ID, legGradeText(c.report.LegGrade(i)))
		}
		sides(&p, leg)
		p.line("")
		verdictLines(&p, leg)
	}
	if len(c.report.Legs) > 1 {
		worst := c.report.Legs[c.report.Shortest]
		p.line("")
		text := fmt.Sprintf("%s   on leg %d", limitText(worst.Limit), c.report.Shortest+1)
		if grave := c.report.Gravest(); c.report.Legs[grave].Limit.Verdict.Severity() > worst.Limit.Verdict.Severity() {
			text += fmt.Sprintf("; leg %d: %s", grave+1, strings.ToUpper(string(c.report.Legs[grave].Limit.Verdict)))
		}
		p.wrapped("PATH LIMIT  ", "            ", text)
	}
	if c.report.HZAssumed {
		p.line("")
		p.wrapped("", "", fmt.Sprintf("Linux timers of HZ %d are assumed; --hz gives another.", c.report.HZ))
	}
	findingsText(&p, c.report.Findings, len(c.report.Legs))
	suppressedText(&p, c)
	planText(&p, c)
	unusedText(&p, c.read.unused)
	if c.against != nil {
		againstText(&p, c)
	}
	return p.flush(w)
}

// gradeText is a grade of a path of so many legs, and why.
func gradeText(g tuning.Grading, legs int) string {
	switch {
	case g.Grade == "":
		return "not given: " + g.Text()
	case legs > 1 && g.Cap != nil:
		return fmt.Sprintf("%s  leg %d: %s", g.Grade, g.Leg+1, g.Text())
	}
	return fmt.Sprintf("%s  %s", g.Grade, g.Text())
}

// legGradeText is the grade of a leg behind its name, where it is given.
func legGradeText(g tuning.Grading) string {
	if g.Grade == "" {
		return ""
	}
	return "   grade " + string(g.Grade)
}

// sides prints the settings of both ends beside each other.
func sides(p *page, leg *tuning.Leg) {
	const half = (width - 3) / 2
	left, right := sideLines(&leg.Client, "CLIENT", half), sideLines(&leg.Server, "SERVER", half)
	for i := range max(len(left), len(right)) {
		p.line("%s", strings.TrimRight(pad(at(left, i), half)+" | "+at(right, i), " "))
	}
	for i := range leg.Boxes {
		b := &leg.Boxes[i]
		does := "forgets"
		if b.System.Tracking != nil && b.System.Tracking.EndsTCP {
			does = "closes"
		}
		text := fmt.Sprintf("%s never %s an idle connection", b.Endpoint.ID, does)
		switch b.Row.Value.Kind {
		case model.Forever:
		case model.Unknown:
			text = fmt.Sprintf("after what time %s %s an idle connection is not known", b.Endpoint.ID, does)
		default:
			text = fmt.Sprintf("%s %s an idle connection after %s", b.Endpoint.ID, does, b.Row.Value.Human())
		}
		if b.Refreshed {
			text += "; " + b.Because
		}
		p.wrapped("BETWEEN  ", "         ", text)
	}
	for _, text := range notKnown(leg) {
		p.wrapped("VERSION  ", "         ", text)
	}
	p.wrapped("SOURCE   ", "         ", strings.Join(sources(leg), "; "))
}

// notKnown says which versions of a leg are not known, and where they lie.
func notKnown(leg *tuning.Leg) []string {
	var all []string
	for _, s := range []*tuning.Side{&leg.Client, &leg.Server} {
		for _, text := range []string{s.System.NotKnown(s.Version), s.Host.NotKnown(s.HostAt)} {
			if text != "" && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func sideLines(s *tuning.Side, title string, w int) []string {
	host := model.OSRef{System: s.Host.ID, Version: s.HostAt}
	lines := wrap(fmt.Sprintf("%s  %s %s  %s", title, s.Endpoint.ID, s.Version, host), "        ", w)
	for i := range lines[1:] {
		lines[i+1] = "        " + lines[i+1]
	}
	tcp := false
	for i := range s.Rows {
		r := &s.Rows[i]
		if !telling(s, r) {
			continue
		}
		if !tcp && r.Param.Role.TCP() {
			tcp = true
			lines = append(lines, "")
		}
		lines = append(lines, rowLines(r, w)...)
		if d, ok := r.Value.Duration(); ok && r.Low != d {
			lines = append(lines, pad("  really ends after", w-19)+padLeft(model.HumanSpan(r.Low), 10))
		}
	}
	return lines
}

// telling says whether a row is worth a line: not those that only stand behind
// a socket option that is shown, nor those that hardly anybody changes.
func telling(s *tuning.Side, r *tuning.Row) bool {
	switch {
	case r.Changed:
		return true
	case r.Param.Role == model.RoleInformation || r.Param.Role == model.RoleRetry:
		return false
	case r.Param.Face != model.FaceHost:
		return true
	}
	switch r.Param.Role {
	case model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount, model.RoleUserTimeout, model.RoleDataRetries, model.RoleProbeAbort, model.RoleDataAbort:
		return s.First(r.Param.Role) == r
	default:
		return false
	}
}

// rowLines is a setting with its value; a name that has no room beside it stands
// above it.
func rowLines(r *tuning.Row, w int) []string {
	mark := " "
	if r.Changed {
		mark = "*"
	}
	name, value := r.Param.Name, r.Value.Human()
	if !r.Value.IsSet() {
		value = "-"
	}
	end := " " + value + mark + pad(r.Setting.Origin.Kind.String(), 8)
	room := w - ansi.StringWidth(end)
	if ansi.StringWidth(name) <= room {
		return []string{pad(name, room) + end}
	}
	return append(row([]int{w}, name), padLeft(end, w))
}

// verdictLines are LIMIT, DEAD PEER and why.
func verdictLines(p *page, leg *tuning.Leg) {
	l := leg.Limit
	p.wrapped("LIMIT  ", "       ", limitText(l))
	p.wrapped("       ", "       ", l.Words())
	if r := l.Requests; r != nil && l.Reused {
		text := fmt.Sprintf("one connection serves %d requests", r.Count)
		if r.LastSaysClose {
			text += ", the last answer says Connection: close"
		}
		p.wrapped("       ", "       ", fmt.Sprintf("%s (%s %s)", text, r.Ref.Endpoint, r.Ref.Param.Name()))
	}
	if a := l.Age; a != nil {
		p.wrapped("       ", "       ", fmt.Sprintf("a connection lives for %s at most (%s %s)", model.HumanSpan(a.After), a.Ref.Endpoint, a.Ref.Param.Name()))
	}
	p.line("")
	deadPeer(p, leg)
	outageText(p, leg)
	loadText(p, leg.Load)
	p.line("")
	p.line("WHY")
	for _, why := range l.Because {
		p.wrapped("  - ", "    ", why)
	}
	for _, r := range l.Assuming {
		p.wrapped("  - ", "    ", "assumed: "+assumedText(r))
	}
}

// limitText is a limit in one line.
func limitText(l tuning.Limit) string {
	word := strings.ToUpper(string(l.Verdict))
	switch {
	case l.Verdict == tuning.VerdictUnknown:
		return fmt.Sprintf("not known   %s %s   %s", l.Limiter.Ref.Endpoint, l.Limiter.Name, word)
	case l.HeldBy() != "":
		return fmt.Sprintf("none   %s   %s", l.HeldBy(), word)
	case l.Idle == model.Never:
		return "none   " + word
	}
	text := fmt.Sprintf("%s   %s %s", model.HumanSpan(l.Idle), l.Limiter.Ref.Endpoint, l.Limiter.Name)
	var also strings.Builder
	for _, r := range l.Also {
		fmt.Fprintf(&also, ", %s %s", r.Endpoint, r.Param.Name())
	}
	text += also.String()
	text += "   " + word
	if l.HasMargin {
		text += "   margin " + model.HumanSpan(l.Margin)
	}
	return text
}

// deadPeer is how long each side holds a dead connection, by state.
func deadPeer(p *page, leg *tuning.Leg) {
	p.line("%-16s %-30s %s", "DEAD PEER", "client", "server")
	for _, row := range endRows(leg.Ends) {
		p.line("%s", strings.TrimRight(fmt.Sprintf("  %-14s %-30s %s", row.state, endText(row.client), endText(row.server)), " "))
	}
	if w := leg.Writing; w != nil {
		p.line("%s", strings.TrimRight(fmt.Sprintf("  %-14s %-30s %s", "while writing", writingText(w.Client), writingText(w.Server)), " "))
	}
}

// writingText is the worst over all times at which the application may write.
func writingText(d detect.Detection) string {
	switch {
	case !d.Known:
		return "not known"
	case d.High == model.Never:
		return "never"
	}
	return "up to " + model.HumanSpan(d.High)
}

// An endRow is what ends a dead connection in one state, on each side.
type endRow struct {
	state          string
	client, server tuning.End
}

func endRows(e tuning.Both[tuning.EndStates]) []endRow {
	c, s := e.Client, e.Server
	return []endRow{
		{"idle", c.Idle, s.Idle},
		{"in flight", c.InFlight, s.InFlight},
		{"awaiting reply", c.Waiting, s.Waiting},
		{"zero window", c.ZeroWindow, s.ZeroWindow},
	}
}

// endText is low to high, or why there is none.
func endText(e tuning.End) string {
	switch {
	case !e.Known:
		return "not known"
	case e.TimerNotKnown && e.High == model.Never:
		return "not known (TCP: never)"
	case e.TimerNotKnown:
		return "at most " + model.HumanSpan(e.High)
	}
	return model.HumanRange(e.Low, e.High)
}
