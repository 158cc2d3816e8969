package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/plot"
)

// Measures of the charts in text.
const (
	chartWidth  = 76
	chartHeight = 10
)

// partsText adds what was measured beside idle, requests and hint.
func (p *page) partsText(r model.ProbeResult, say func(title, format string, args ...any)) {
	yes := map[bool]string{true: "the connection is kept open", false: "the connection is not kept open"}
	if r.Head != nil {
		say("HEAD", "%s", yes[*r.Head])
	}
	if h := r.HTTP2; h != nil {
		say("HTTP/2", "%s", http2Text(*h, r.Spec.IdleLimit))
	}
	if w := r.Worth; w != nil {
		say("WORTH", "a reused connection saves %s of %s for each request", short(w.Saved()), short(w.Fresh))
	}
	if o := r.Socket; o != nil {
		say("OUR SOCKETS", "%s", socketText(*o))
	}
	for _, d := range []model.Direction{model.Outward, model.Inward} {
		if text := plot.Conclusion(r.Ladders, d); text != "" {
			say("LADDER", "%s", text)
		}
	}
	for _, l := range r.Ladders {
		p.line(pad("", 16) + ladderTitle(l))
		for _, line := range plot.Rungs(l, r.Elapsed, chartWidth-4, plot.ASCII) {
			p.line("    " + line)
		}
	}
	if h := r.Hold; h != nil {
		say("HELD", "%s", holdText(*h, r.Spec.IdleLimit))
	}
	if q := r.Race; q != nil {
		say("RACE", "%s", raceText(*q, r))
		for _, line := range plot.Race(*q, chartWidth-4, plot.ASCII) {
			p.line("    " + line)
		}
	}
}

func ladderTitle(l model.ProbeLadder) string {
	text := map[model.Direction]string{model.Outward: "this end sends after the gap", model.Inward: "the far end sends after the gap"}[l.Direction]
	if l.Probes {
		text += ", TCP keep-alive on"
	}
	return text + ":"
}

func http2Text(h model.ProbeHTTP2, limit time.Duration) string {
	if h.Refused != "" {
		return "not spoken: " + h.Refused
	}
	text := "idle " + idleText(h.Idle, limit)
	if h.Settings.MaxStreams != nil {
		text += fmt.Sprintf("; %d streams at once", *h.Settings.MaxStreams)
	}
	if h.Ping != nil {
		text += "; PING answered in " + short(*h.Ping)
	} else {
		text += "; PING not answered"
	}
	if h.Pings > 0 {
		text += fmt.Sprintf("; the server sent %d PINGs", h.Pings)
	}
	if h.GoAway != "" {
		text += "; GOAWAY: " + h.GoAway
	}
	return text
}

func socketText(o model.SocketOptions) string {
	text := "TCP keep-alive off"
	if o.KeepAlive {
		text = fmt.Sprintf("TCP keep-alive after %s, every %s, %d probes", model.HumanSpan(o.Idle), model.HumanSpan(o.Interval), o.Count)
	}
	if o.UserTimeout > 0 {
		text += ", TCP_USER_TIMEOUT " + model.HumanSpan(o.UserTimeout)
	}
	return text + " (as the kernel says)"
}

func holdText(h model.ProbeHold, limit time.Duration) string {
	text := fmt.Sprintf("%d of %d connections opened", h.Opened, h.Asked)
	if h.Limited != "" {
		text += " (" + h.Limited + ")"
	}
	if h.Refused > 0 {
		text += fmt.Sprintf(", %d gave no answer: %s", h.Refused, h.Why)
	}
	if n := len(h.Closed); n > 0 {
		text += fmt.Sprintf("; %d closed after %s", n, rangeText(h.Closed[0].Round(time.Millisecond), h.Closed[n-1].Round(time.Millisecond)))
	}
	if h.Open > 0 {
		text += fmt.Sprintf("; %d still open after %s", h.Open, model.HumanSpan(limit))
	}
	return text
}

func raceText(q model.ProbeRace, r model.ProbeResult) string {
	if q.Requests == 0 {
		return "no request was sent on a connection that looked open"
	}
	text := fmt.Sprintf("%d of %d requests were lost around the close at %s (%.2f %%)",
		q.Failures, q.Requests, model.HumanSpan(q.Around.Round(time.Millisecond)), 100*q.Ratio())
	if spec := r.Spec.Race; spec != nil && q.Mode == model.RacePoisson && r.TCP.RTT != nil {
		rate, limit := spec.Rate, spec.ClientLimit
		if rate == 0 {
			rate = 1 / q.Around.Seconds()
		}
		if limit == 0 {
			limit = model.Never
		}
		text += fmt.Sprintf("; the formula says %.2f %% for a window of one RTT", 100*tuning.RaceProbability(rate, q.Around, *r.TCP.RTT, limit))
	}
	return text
}

// marks are what belongs on the curve.
func (t tested) marks() []plot.Mark {
	var configured *time.Duration
	if t.promise.given {
		configured = &t.promise.says
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
