package plot

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// Measures of the SVG, in pixels.
const (
	svgWidth   = 720
	svgLeft    = 60
	svgRight   = 20
	curveTall  = 220
	lineTall   = 18
	sectionGap = 30
)

// SVG draws the whole result for a ticket: curve, ladders and race, as far as
// they were measured, in shapes that need no font of their own.
func SVG(r livetest.Result, marks []Mark, title string) []byte {
	d := titled(title)
	if c := CurveOf(r, marks...); len(c.Points) > 0 {
		d.curve(c)
	}
	for _, l := range r.Ladders {
		d.list("idle gaps, "+l.Title(), rungBars(l))
	}
	if r.Race != nil && len(r.Race.Steps) > 0 {
		d.list(fmt.Sprintf("requests lost around the close at %s", model.HumanSpan(r.Race.Around)), raceBars(*r.Race))
	}
	return d.bytes()
}

// CurveSVG draws a curve, which has a point at least, alone.
func CurveSVG(c Curve, title string) []byte {
	d := titled(title)
	d.curve(c)
	return d.bytes()
}

func titled(title string) *drawing {
	d := &drawing{y: 24}
	d.text(svgLeft, d.y, 14, "start", title)
	d.y += sectionGap
	return d
}

func (d *drawing) bytes() []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif">
<rect width="%[1]d" height="%[2]d" fill="white"/>
%[3]s</svg>
`, svgWidth, d.y+10, d.b.String())
}

type drawing struct {
	b strings.Builder
	y int // where the next section begins
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *drawing) text(x, y, size int, anchor, text string) {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(model.Clean(text, 200)))
	d.add(`<text x="%d" y="%d" font-size="%d" text-anchor="%s">%s</text>`, x, y, size, anchor, escaped.String())
}

// curve draws the survival curve as steps, with the marks as dashed lines.
func (d *drawing) curve(c Curve) {
	const wide = svgWidth - svgLeft - svgRight
	end, bottom := c.end(), d.y+curveTall
	x := func(t time.Duration) int { return svgLeft + int(int64(wide)*int64(t)/int64(end)) }
	y := func(open int) int { return bottom - curveTall*open/c.Total }
	var path strings.Builder
	for i, p := range c.Points {
		if i == 0 {
			fmt.Fprintf(&path, "M%d %d", x(p.After), y(p.Open))
			continue
		}
		fmt.Fprintf(&path, " H%d V%d", x(p.After), y(p.Open))
	}
	last := end
	if c.Known > 0 { // nobody watched any longer
		last = min(end, c.Known)
	}
	fmt.Fprintf(&path, " H%d", x(last))
	d.add(`<path d="M%d %d V%d H%d" stroke="black" fill="none"/>`, svgLeft, d.y, bottom, svgLeft+wide)
	d.add(`<path d="%s" stroke="#0060a0" stroke-width="2" fill="none"/>`, path.String())
	d.text(svgLeft-6, d.y+10, 11, "end", fmt.Sprint(c.Total))
	d.text(svgLeft-6, bottom, 11, "end", "0")
	d.text(svgLeft-6, (d.y+bottom)/2, 11, "end", "open")
	for i := range 5 {
		t := end * time.Duration(i) / 4
		d.text(x(t), bottom+16, 11, "middle", model.HumanSpan(round(t)))
	}
	for i, m := range c.Marks {
		d.add(`<path d="M%d %d V%d" stroke="#a00000" stroke-dasharray="4 3"/>`, x(m.At), d.y, bottom)
		d.text(x(m.At)-4, d.y+14*(i+1), 11, "end", m.Name+" "+model.HumanSpan(m.At.Round(time.Millisecond)))
	}
	d.y = bottom + 16 + sectionGap
}

// A row is a labelled bar.
type row struct {
	label, text string
	share       float64
	bad         bool
}

func rungBars(l livetest.Ladder) []row {
	var rows []row
	for _, r := range l.Rungs {
		if r.State != livetest.SampleOpen && r.State != livetest.SampleClosed {
			continue
		}
		rows = append(rows, row{model.HumanSpan(r.Gap.Round(time.Millisecond)), r.Close.Found(), 1, r.Close != livetest.CloseNone})
	}
	return rows
}

func raceBars(r livetest.Race) []row {
	var rows []row
	for _, s := range r.Steps {
		share := 0.0
		if s.Sent > 0 {
			share = float64(s.Failed) / float64(s.Sent)
		}
		rows = append(rows, row{
			fmt.Sprintf("%+.1f ms", float64(s.Offset)/float64(time.Millisecond)),
			fmt.Sprintf("%s: %d of %d lost", s.Method, s.Failed, s.Sent), share, true,
		})
	}
	return rows
}

func (d *drawing) list(title string, rows []row) {
	const wide = 200
	d.text(svgLeft, d.y, 12, "start", title)
	d.y += lineTall
	for _, r := range rows {
		colour := "#0060a0"
		if r.bad {
			colour = "#a00000"
		}
		d.text(svgLeft+40, d.y, 11, "end", r.label)
		d.add(`<rect x="%d" y="%d" width="%d" height="10" fill="%s"/>`, svgLeft+50, d.y-9, int(wide*r.share), colour)
		d.text(svgLeft+60+wide, d.y, 11, "start", r.text)
		d.y += lineTall
	}
	d.y += sectionGap / 2
}
