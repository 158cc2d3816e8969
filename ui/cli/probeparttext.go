package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/plot"
)

// Measures of the charts in text.
const (
	chartWidth  = 76
	chartHeight = 10
)

// measuredText says what each measurement found: those that were made alone, or the others.
func (p *page) measuredText(r livetest.Result, alone bool, say func(title, format string, args ...any)) {
	for _, m := range livetest.AllMeasurements() {
		if m.Alone() != alone {
			continue
		}
		for _, l := range m.Lines(r) {
			say(l.Title, "%s", l.Text)
		}
		for _, chart := range m.Charts(r, r.Elapsed) {
			if chart.Title != "" {
				p.line(pad("", 16) + chart.Title)
			}
			for _, line := range plot.Bars(chart.Bars, chartWidth-4, plot.ASCII) {
				p.line("    " + line)
			}
		}
	}
}

// A heldCount tells of held connections once a second at most: of thousands each would be a
// line.
type heldCount struct {
	opened, ended, failed int
	told                  time.Duration
}

// text is what there is to tell after an event, "" where that is nothing yet.
func (h *heldCount) text(e livetest.Event) string {
	switch e.Kind {
	case livetest.EventResponse:
		h.opened++
	case livetest.EventClosed:
		h.ended++
	case livetest.EventFailed:
		h.failed++
	default:
		return ""
	}
	if e.At-h.told < time.Second {
		return ""
	}
	h.told = e.At
	return fmt.Sprintf("%d connections held, %d closed, %d without an answer", h.opened-h.ended, h.ended, h.failed)
}

// marks are what belongs on the curve.
func (t tested) marks() []plot.Mark {
	var configured *time.Duration
	if t.promise.given {
		configured = &t.promise.timer.Low
	}
	return plot.MarksOf(t.result, configured)
}

// probeSVG is the chart for a ticket.
func probeSVG(w io.Writer, t tested) error {
	title := "keeptune probe " + model.Clean(t.result.Spec.Target.String(), 120)
	if t.started != nil {
		title += ", " + t.started.In(t.zone).Format("2006-01-02 15:04 MST")
	}
	_, err := w.Write(plot.SVG(t.result, t.marks(), title))
	return err
}

// probeMarkdown is the summary for a ticket: the text, and the curve, fenced.
func probeMarkdown(w io.Writer, t tested) error {
	var text strings.Builder
	if err := probeText(&text, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "### keeptune probe `%s`\n\n```\n%s```\n", strings.ReplaceAll(model.Clean(t.result.Spec.Target.String(), 120), "`", ""), text.String())
	return err
}
