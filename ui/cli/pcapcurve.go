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
func curved(t *trace.Tracker) *trace.Server {
	var most *trace.Server
	for _, s := range t.Servers() {
		if n := s.Sides[trace.TheServer].Silences.N; n >= livetest.MinGoodSamples && (most == nil || n > most.Sides[trace.TheServer].Silences.N) {
			most = s
		}
	}
	return most
}

// resultOf is what a live test would have said of the closes that were seen, to be drawn.
func resultOf(s *trace.Server) livetest.Result {
	var r livetest.Result
	closed := &s.Sides[trace.TheServer].Silences
	for _, b := range closed.Bars() {
		for i := range b.N { // evenly, within a bar of 1 %
			after := b.Low
			if b.N > 1 {
				after += (b.High - b.Low) * time.Duration(i) / time.Duration(b.N-1)
			}
			r.Samples = append(r.Samples, livetest.Sample{Role: livetest.RoleIdle, State: livetest.SampleClosed, After: after})
		}
	}
	r.Idle.Low = &closed.Low
	if h := s.Hint; h.N > 0 {
		r.HTTP.Asked = &livetest.Hint{Timeout: &h.Low}
	}
	return r
}

// pcapSVG draws how long idle connections of a server lasted.
func pcapSVG(w io.Writer, t *traced) error {
	s := curved(t.tracker)
	if s == nil {
		return errors.New("no server closed three idle connections: there is no curve to draw")
	}
	r := resultOf(s)
	_, err := w.Write(plot.SVG(r, plot.MarksOf(r, nil), "keeptune pcap "+model.Clean(t.of, 120)+", "+s.Addr.String()))
	return err
}

// curveText is the same in lines of text, none where there is nothing to draw.
func curveText(p *page, t *traced) {
	s := curved(t.tracker)
	if s == nil {
		return
	}
	r := resultOf(s)
	p.line("")
	p.wrapped("STILL OPEN  ", "            ", fmt.Sprintf("idle connections of %s, by silence", s.Addr))
	for _, line := range plot.CurveOf(r, plot.MarksOf(r, nil)...).Text(chartWidth, chartHeight, plot.ASCII) {
		p.line("%s", line)
	}
}
