package cli

import (
	"bytes"
	"io"
	"strings"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/plot"
)

// reports are what the screen can write of a live test: what keeptune probe
// prints of it.
func (a *app) reports() []contract.Report {
	render := func(print func(io.Writer, tested) error) func(contract.Tested) ([]byte, error) {
		return func(t contract.Tested) ([]byte, error) {
			var b bytes.Buffer
			x := tested{result: t.Result, started: &t.Started, zone: a.global.zone}
			if t.Configured != nil {
				x.promise.given, x.promise.timer.Low = true, *t.Configured
			}
			err := print(&b, x)
			return []byte(a.redact.Text(b.String())), err
		}
	}
	return []contract.Report{
		{ID: "test-summary", Title: "what the test found, for a ticket (Markdown)", Name: "keeptune-test.md", Render: render(probeMarkdown)},
		{ID: "test-csv", Title: "its samples (CSV)", Name: "keeptune-test.csv", Render: render(probeCSV)},
		{ID: "test-json", Title: "all of it (JSON, keeptune.probe/1)", Name: "keeptune-test.json", Render: render(probeJSON)},
		{ID: "test-svg", Title: "its chart (SVG)", Name: "keeptune-test.svg", Render: render(probeSVG)},
		{ID: "test-chart", Title: "its chart (text)", Name: "keeptune-test.txt", Render: render(probeChart)},
	}
}

// summary is what a test found, in text without a chart.
func (a *app) summary(t contract.Tested) ([]byte, error) {
	var b bytes.Buffer
	x := tested{result: t.Result, started: &t.Started, zone: a.global.zone, chartless: true}
	if t.Configured != nil {
		x.promise.given, x.promise.timer.Low = true, *t.Configured
	}
	err := probeText(&b, x)
	return b.Bytes(), err
}

// probeChart is the charts in text.
func probeChart(w io.Writer, t tested) error {
	lines := plot.Text(t.result, t.marks(), chartWidth, 2*chartHeight, plot.ASCII)
	_, err := io.WriteString(w, strings.Join(append(lines, ""), "\n"))
	return err
}
