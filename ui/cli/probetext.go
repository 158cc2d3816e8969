package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/plot"
)

func probeJSON(w io.Writer, t tested) error {
	p := wire.FromProbe(t.result, t.started, t.findings, versionText())
	p.Expected = append(p.Expected, t.expected...)
	return wire.Print(w, p)
}

// probeCSV is one line for each sample.
func probeCSV(w io.Writer, t tested) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"conn", "role", "state", "after_s", "close", "bytes_before_close", "exact", "why", "rtt_s", "rto_s", "resent", "unanswered"}}
	for _, s := range t.result.Samples {
		after := ""
		if s.Close != "" {
			after = seconds(s.After)
		}
		rows = append(rows, []string{
			strconv.Itoa(s.Conn), string(s.Role), string(s.State), after, string(s.Close),
			strconv.FormatInt(s.Bytes, 10), strconv.FormatBool(s.Exact), s.Why,
			seconds(s.RTT), seconds(s.RTO), strconv.Itoa(s.Resent), strconv.Itoa(s.Unacked),
		})
	}
	return out.WriteAll(rows)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

// probeText is a result to be read.
func probeText(w io.Writer, t tested) error {
	var p page
	r := t.result
	say := func(title, format string, args ...any) {
		p.wrapped(pad(title, 16), pad("", 16), fmt.Sprintf(format, args...))
	}
	target := model.Clean(r.Spec.Target.String(), 200)
	if r.Address != "" && !strings.Contains(target, r.Address) {
		target += " at " + model.Clean(r.Address, 80)
	}
	say("TARGET", "%s", target)
	if t.started != nil {
		say("TESTED", "%s, for %s", t.started.In(t.zone).Format("2006-01-02 15:04:05 MST"), model.HumanSpan(r.Elapsed.Round(100*time.Millisecond)))
	}
	say("OUTCOME", "%s", outcomeText(r))
	p.line("")
	p.measuredText(r, false, say)
	if w := r.ReuseSaving; w != nil {
		say("WORTH", "%s", plot.ReuseSaving(*w))
	}
	if o := r.Socket; o != nil {
		say("OUR SOCKETS", "%s", plot.Socket(*o))
	}
	p.measuredText(r, true, say)
	if r.TCP.Connect != nil {
		say("NETWORK", "%s", plot.Network(r.TCP))
	}
	for _, v := range r.Verdicts {
		word := "agrees"
		if !v.Agrees {
			word = "DOES NOT AGREE"
		}
		say(strings.ToUpper(v.Compare), "%s, measured %s: %s", model.HumanSpan(v.Says), model.HumanSpan(v.Measured.Round(time.Millisecond)), word)
	}
	for _, e := range t.expected {
		measured, word := "not measured", "NOT MET"
		if e.Measured != nil {
			measured = "measured " + *e.Measured
		}
		if e.Met {
			word = "met"
		}
		say("EXPECTED", "%s, %s: %s", e.Text, measured, word)
	}
	findingsText(&p, t.findings, len(t.promise.report.Legs))
	if t.chartless {
		return p.flush(w)
	}
	if curve := plot.CurveOf(r, t.marks()...).Text(chartWidth, chartHeight, plot.ASCII); curve != nil && r.Idle.Low != nil || r.Hold != nil {
		p.line("")
		for _, line := range curve {
			p.line(line)
		}
	}
	return p.flush(w)
}

func outcomeText(r livetest.Result) string {
	text := string(r.Outcome)
	if text == "" {
		text = string(livetest.OutcomeInconclusive)
	}
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	return text
}

// toldText is an event as a session in lines tells it: not each of the many connections
// that a race, held connections or their controls take.
func toldText(e livetest.Event) string {
	switch e.Role {
	case livetest.RoleControl, livetest.RoleRace, livetest.RoleHold:
		if e.Conn > 0 {
			return ""
		}
	default:
	}
	return eventText(e)
}

// eventText is an event as a line of progress, empty for what is no news.
func eventText(e livetest.Event) string {
	switch e.Kind {
	case livetest.EventStarted:
		return "started: " + e.Text
	case livetest.EventResolved:
		return "testing " + e.Text
	case livetest.EventClosed:
		return fmt.Sprintf("connection %d (%s): %s after %s", e.Conn, e.Role, e.Close.Ended(), model.HumanSpan(e.After.Round(time.Millisecond)))
	case livetest.EventExpired:
		return fmt.Sprintf("connection %d (%s): still open after %s", e.Conn, e.Role, model.HumanSpan(e.After.Round(time.Millisecond)))
	case livetest.EventFailed:
		return fmt.Sprintf("connection %d (%s): %s", e.Conn, e.Role, e.Text)
	case livetest.EventCounted:
		if e.Done {
			return fmt.Sprintf("%d requests counted on one connection", e.Request)
		}
	case livetest.EventPaused, livetest.EventStopped, livetest.EventSecond:
		return e.Text
	case livetest.EventFinished:
		return "finished: " + string(e.Outcome)
	case livetest.EventRung:
		if e.Done && e.Close != "" {
			return fmt.Sprintf("connection %d: a gap of %s: %s", e.Conn, model.HumanSpan(e.Gap.Round(time.Millisecond)), e.Close.Ended())
		}
	case livetest.EventLimited:
		return e.Text
	case livetest.EventConnected, livetest.EventResponse, livetest.EventAnswered, livetest.EventHTTP10, livetest.EventHead, livetest.EventHTTP2, livetest.EventStep, livetest.EventSocket:
	}
	return ""
}
