package pane

import (
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// suppressedLines are what is suppressed of the shown leg, and what hides nothing there.
func suppressedLines(c *contract.Context, w int) []string {
	var out []string
	for _, s := range c.Suppressed() {
		for i, l := range widget.Wrap(s.Finding.Severity.String()+" "+s.Finding.Rule.ID+"  "+s.Finding.Rule.Title, max(1, w-3)) {
			lead := "  "
			if i > 0 {
				lead = "    "
			}
			out = append(out, widget.FitLine(c.Theme.Muted.Render(lead+l), w))
		}
		out = append(out, bullets(c, []string{"reason: " + s.By.Reason}, w)...)
	}
	for i := range c.Report.Lapsed {
		if l := &c.Report.Lapsed[i]; lapsedHere(c, l) {
			out = append(out, bullets(c, []string{l.By.Rule + " hides nothing: " + l.Text() + " (reason: " + l.By.Reason + ")"}, w)...)
		}
	}
	return out
}

// lapsedHere reports whether a suppression that hides nothing is told with the shown
// leg: it is of that leg, or of none that there is and this is the first.
func lapsedHere(c *contract.Context, l *tuning.Lapsed) bool {
	leg := 0
	for i := range c.Report.Legs {
		if x := &c.Report.Legs[i]; x.Client.Endpoint.ID == l.By.Client && x.Server.Endpoint.ID == l.By.Server {
			leg = i
		}
	}
	return leg == c.Shown().Index
}
