package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/plot"
)

// curved is the server of which the most idle connections were seen to be closed by it; nil
// where there are too few for a curve.
func curved(p *trace.Picture) *trace.Server {
	var most *trace.Server
	for _, s := range p.Servers {
		if n := s.Sides[trace.TheServer].Silences.N; n >= livetest.MinGoodSamples && (most == nil || n > most.Sides[trace.TheServer].Silences.N) {
			most = s
		}
	}
	return most
}

// steps is by how many points the closes within 1 % of each other are drawn at most, however many
// they are.
const steps = 64

// survivalOf is how long idle connections lasted until the server closed them.
func survivalOf(s *trace.Server) plot.Curve {
	closed := &s.Sides[trace.TheServer].Silences
	open := closed.N
	c := plot.Curve{Points: []livetest.SurvivalPoint{{Open: open}}, Total: open}
	for _, b := range closed.Bars() {
		n := min(b.N, steps)
		for i := range n { // evenly, within a bar of 1 %
			p := livetest.SurvivalPoint{After: b.Low, Open: open - b.N*(i+1)/n}
			if n > 1 {
				p.After += (b.High - b.Low) * time.Duration(i) / time.Duration(n-1)
			}
			if last := len(c.Points) - 1; last > 0 && c.Points[last].After == p.After {
				c.Points[last] = p
			} else {
				c.Points = append(c.Points, p)
			}
		}
		open -= b.N
	}
	r := livetest.Result{Idle: livetest.Idle{Low: &closed.Low}}
	if h := s.Hint; h.N > 0 {
		r.HTTP.Asked = &livetest.Hint{Timeout: &h.Low}
	}
	c.Marks = plot.MarksOf(r, nil)
	return c
}

// pcapSVG draws how long idle connections of a server lasted.
func pcapSVG(w io.Writer, t *traced) error {
	s := curved(&t.picture)
	if s == nil {
		return errors.New("no server closed three idle connections: there is no curve to draw")
	}
	_, err := w.Write(plot.CurveSVG(survivalOf(s), "keeptune pcap "+model.Clean(t.of, 120)+", "+s.Addr.String()))
	return err
}

// curveText is the same in lines of text, none where there is nothing to draw.
func curveText(p *page, t *traced) {
	s := curved(&t.picture)
	if s == nil {
		return
	}
	p.line("")
	p.wrapped("STILL OPEN  ", "            ", fmt.Sprintf("idle connections of %s, by silence", s.Addr))
	for _, line := range survivalOf(s).Text(chartWidth, chartHeight, plot.ASCII) {
		p.line("%s", line)
	}
}
