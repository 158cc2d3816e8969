package pane

import (
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/plot"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// signs are what charts are drawn with.
func signs(g theme.Glyphs) plot.Signs {
	if g.ASCII {
		return plot.ASCII
	}
	return plot.Unicode
}

// nothingMeasured names the keys that lead to a measurement.
func nothingMeasured(c *contract.Context) string {
	return "Nothing was measured yet: " + c.Keys.Key(keymap.ScopeTest, keymap.PlanTest) + " chooses what to measure, " + c.Keys.Key(keymap.ScopeTest, keymap.Start) + " runs the test."
}

// missing says why a view is empty and what fills it.
func missing(c *contract.Context, w int, m livetest.Measurement, what string) []string {
	text := "This test does not measure " + what + ": " + c.Keys.Key(keymap.ScopeTest, keymap.PlanTest) + " puts it into the next one."
	switch {
	case !c.Test.Running && !c.Test.Ran:
		text = nothingMeasured(c)
	case c.Test.Result.Spec.Measures(m) && c.Test.Running:
		text = "Not begun yet: what needs the stage for itself comes after the silent connections."
	case c.Test.Result.Spec.Measures(m):
		text = "The test ended before it came to this."
	}
	return bullets(c, []string{text}, w)
}

// indented sets lines of a chart off from the edge.
func indented(lines []string, w int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = widget.FitLine(" "+l, w)
	}
	return out
}

// charts are those of a measurement, each below its title where it has one.
func charts(c *contract.Context, m livetest.Measurement, w int) []string {
	var out []string
	for _, chart := range m.Charts(c.Test.Result, c.Test.Elapsed(c.Now)) {
		if chart.Title != "" {
			out = append(out, "", " "+c.Theme.Muted.Render(widget.Cut(chart.Title, w-1, c.Theme.Glyphs.Ellipsis)))
		}
		out = append(out, indented(plot.Bars(chart.Bars, w-1, signs(c.Theme.Glyphs)), w)...)
	}
	return out
}

// ladderLines are the sentence of each direction, then every gap.
func ladderLines(c *contract.Context, w int) []string {
	r := c.Test.Result
	if len(r.Ladders) == 0 {
		return missing(c, w, livetest.MeasureLadder, "the ladder")
	}
	var texts []string
	for _, l := range livetest.MeasureLadder.Lines(r) {
		texts = append(texts, l.Text)
	}
	if _, _, ok := plot.Bracket(r); ok && c.Test.Ran {
		texts = append(texts, c.Keys.Key(keymap.ScopeTest, keymap.Adopt)+" takes that over as a middlebox's idle timeout.")
	}
	if len(texts) == 0 {
		texts = []string{"No gap has its answer yet."}
	}
	return append(bullets(c, texts, w), charts(c, livetest.MeasureLadder, w)...)
}

// expected is the server's idle timeout that the test is held against; false
// where another server is tested.
func expected(c *contract.Context) (tuning.Limiter, bool) {
	if c.Elsewhere() {
		return tuning.Limiter{}, false
	}
	return tuning.Expected(&c.Shown().Limit)
}

// Marks are the times that belong on the axis of a result's curve.
func Marks(c *contract.Context) []plot.Mark {
	x, ok := expected(c)
	if !ok {
		return plot.MarksOf(c.Test.Result, nil)
	}
	return plot.MarksOf(c.Test.Result, &x.Low)
}

// chart is the survival curve in at most h lines; nil where there is none.
func chart(c *contract.Context, w, h int) []string {
	return indented(plot.CurveOf(c.Test.Result, Marks(c)...).Text(w-1, min(h, 20), signs(c.Theme.Glyphs)), w)
}

func curveLines(c *contract.Context, w, h int) []string {
	r := c.Test.Result
	var texts []string
	if r.Hold != nil {
		texts = append(texts, r.Hold.Text(r.Watched())+".")
	}
	out := bullets(c, texts, w)
	lines := chart(c, w, max(8, h-len(out)))
	if lines == nil {
		return append(out, missing(c, w, livetest.MeasureIdle, "idle connections")...)
	}
	return append(out, lines...)
}

func raceLines(c *contract.Context, w int) []string {
	r := c.Test.Result
	if r.Race == nil {
		return missing(c, w, livetest.MeasureRace, "the race")
	}
	out := append(bullets(c, []string{r.Race.Text(r) + "."}, w), "")
	return append(out, charts(c, livetest.MeasureRace, w)...)
}
