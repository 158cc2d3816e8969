package plot

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// LadderTitle says who sends after the gaps of a ladder.
func LadderTitle(l livetest.Ladder) string {
	text := map[livetest.Direction]string{livetest.Outward: "this end sends after the gap", livetest.Inward: "the far end sends after the gap"}[l.Direction]
	if l.Probes {
		text += ", TCP keep-alive on"
	}
	return text
}

// HTTP2 says in one sentence what a server does with HTTP/2 connections.
func HTTP2(h livetest.HTTP2, limit time.Duration) string {
	if h.Refused != "" {
		return "not spoken: " + h.Refused
	}
	text := "idle " + Idle(h.Idle, limit)
	if h.Settings.MaxStreams != nil {
		text += fmt.Sprintf("; %d streams at once", *h.Settings.MaxStreams)
	}
	if h.Ping != nil {
		text += "; PING answered in " + Short(*h.Ping)
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

// Worth says what reusing a connection saves.
func Worth(w livetest.ReuseSaving) string {
	return fmt.Sprintf("keep-alive is worth %s per request: %s on a fresh connection, %s on an open one", Short(w.Saved()), Short(w.Fresh), Short(w.Reused))
}

// Network says what the path itself takes.
func Network(t livetest.TCP) string {
	text := "connected in " + Short(*t.Connect)
	if t.Handshake != nil {
		text += ", TLS in " + Short(*t.Handshake)
	}
	if t.RTT != nil {
		text += ", RTT " + Short(*t.RTT)
	}
	return fmt.Sprintf("%s, %d segments resent", text, t.Resent)
}

// Socket says which TCP options are in force on the test's own connections.
func Socket(o livetest.SocketOptions) string {
	text := "TCP keep-alive off"
	if o.KeepAlive {
		text = fmt.Sprintf("TCP keep-alive after %s, every %s, %d probes", model.HumanSpan(o.Idle), model.HumanSpan(o.Interval), o.Count)
	}
	if o.UserTimeout > 0 {
		text += ", TCP_USER_TIMEOUT " + model.HumanSpan(o.UserTimeout)
	}
	return text + " (as the kernel says)"
}

// Hold says what became of the connections that were held; limit is how long.
func Hold(h livetest.Hold, limit time.Duration) string {
	text := fmt.Sprintf("%d of %d connections opened", h.Opened, h.Asked)
	if h.Limited != "" {
		text += " (" + h.Limited + ")"
	}
	if h.Refused > 0 {
		text += fmt.Sprintf(", %d gave no answer: %s", h.Refused, h.Why)
	}
	if n := len(h.Closed); n > 0 {
		text += fmt.Sprintf("; %d closed after %s", n, model.HumanRange(h.Closed[0].Round(time.Millisecond), h.Closed[n-1].Round(time.Millisecond)))
	}
	if h.Open > 0 {
		text += fmt.Sprintf("; %d still open after %s", h.Open, model.HumanSpan(limit.Round(time.Millisecond)))
	}
	return text
}

// RaceRatio says how many requests met the close, when they were sent, and what avoids it;
// in poisson mode what the formula expects.
func RaceRatio(q livetest.Race, r livetest.Result) string {
	if q.Requests == 0 {
		return "no request was sent on a connection that looked open"
	}
	text := fmt.Sprintf("%d of %d requests were lost around the close at %s (%.2f %%)",
		q.Failures, q.Requests, model.HumanSpan(q.Around.Round(time.Millisecond)), 100*q.Ratio())
	limit := model.Never
	if spec := r.Spec.Race; spec != nil && spec.ClientLimit > 0 {
		limit = spec.ClientLimit
		text += ", by clients that open a new connection after " + model.HumanSpan(limit) + " of silence"
	}
	if q.Mode == livetest.RacePoisson {
		return text + raceFormula(q, r, limit)
	}
	first, last, lost := q.Lost()
	switch {
	case lost && first == last:
		text += "; they were sent " + besideClose(first)
	case lost:
		text += "; they were sent from " + besideClose(first) + " to " + besideClose(last)
	case q.Done && limit == model.Never && r.TCP.RTT != nil:
		text += "; a request can be lost only within about the RTT (" + Short(*r.TCP.RTT) + ") of the close, and none of the steps met that"
	}
	if safe := q.SafeLimit(); safe > 0 {
		text += ". Clients that open a new connection after " + model.HumanSpan(safe.Round(time.Millisecond)) + " of silence keep clear of it"
	}
	return text
}

// raceFormula is what the formula expects of independent users.
func raceFormula(q livetest.Race, r livetest.Result, limit time.Duration) string {
	spec := r.Spec.Race
	if spec == nil || r.TCP.RTT == nil {
		return ""
	}
	rate := spec.Rate
	if rate == 0 {
		rate = 1 / q.Around.Seconds()
	}
	return fmt.Sprintf("; the formula says %.2f %% for a window of one RTT", 100*tuning.RaceProbability(rate, q.Around, *r.TCP.RTT, limit))
}

// besideClose is a moment as told from the close.
func besideClose(d time.Duration) string {
	switch d = d.Round(100 * time.Microsecond); {
	case d < 0:
		return model.HumanSpan(-d) + " before it"
	case d > 0:
		return model.HumanSpan(d) + " after it"
	}
	return "within 0.1 ms of it"
}

// Short is a time to three digits or so.
func Short(d time.Duration) string {
	if d < time.Millisecond {
		return model.HumanSpan(d.Round(time.Microsecond))
	}
	return model.HumanSpan(d.Round(10 * time.Microsecond))
}

// Idle says how long silence was kept and how it ended; limit is how long it
// was watched.
func Idle(i livetest.Idle, limit time.Duration) string {
	if i.Samples == 0 {
		return "not measured"
	}
	text := fmt.Sprintf("not closed within %s", model.HumanSpan(limit))
	if i.Low != nil && i.High != nil {
		text = fmt.Sprintf("%s, %s", model.HumanRange(i.Low.Round(time.Millisecond), i.High.Round(time.Millisecond)), EndWords[i.Close])
	} else if i.Low != nil {
		text = fmt.Sprintf("%s at the earliest, %d still open after %s", model.HumanSpan(i.Low.Round(time.Millisecond)), i.Open, model.HumanSpan(limit))
	}
	text += fmt.Sprintf(" (%d sample", i.Samples)
	if i.Samples != 1 {
		text += "s"
	}
	if i.Discarded > 0 {
		text += fmt.Sprintf(", %d discarded", i.Discarded)
	}
	return text + ")"
}

// Ticks says what it means that connections ended together, "" where they did not.
func Ticks(i livetest.Idle) string {
	t := i.Ticks
	if t == nil {
		return ""
	}
	from, to, ok := i.Band()
	if !ok {
		text := fmt.Sprintf("all ended at one moment, although they began %s apart: it looks at its clock in steps longer than that", model.HumanSpan(t.Spread.Round(time.Millisecond)))
		if t.Moments > 1 {
			text = fmt.Sprintf("those that began up to %s apart ended at %d moments: it looks at its clock in steps that these do not tell", model.HumanSpan(t.Spread.Round(time.Millisecond)), t.Moments)
		}
		if i.Low != nil {
			text += fmt.Sprintf(", and an end may come up to a whole step earlier or later than %s", model.HumanSpan(i.Low.Round(time.Millisecond)))
		}
		return text
	}
	text := "it looks at its clock every " + model.HumanSpan(t.Step.Round(10*time.Millisecond))
	if !t.Found {
		text += " at most, or a whole part of that"
	}
	return text + ": an end may come after " + model.HumanRange(from.Round(time.Millisecond), to.Round(time.Millisecond))
}

// Second says what a second round was to take.
func Second(s livetest.SecondRound) string {
	return fmt.Sprintf("a second round, spread over up to %s, looked for the server's step; it was to take %s at most",
		model.HumanSpan(s.Spread), model.HumanSpan(s.AtMost.Round(100*time.Millisecond)))
}

// Requests says how many requests one connection is given.
func Requests(q livetest.Requests) string {
	if q.Limit == nil {
		return fmt.Sprintf("no limit found in %d", q.Counted)
	}
	if q.LastSaysClose {
		return fmt.Sprintf("%d on one connection, the last reply says Connection: close", *q.Limit)
	}
	return fmt.Sprintf("%d on one connection, the last reply does not say so", *q.Limit)
}

// Hint is a Keep-Alive header in words.
func Hint(h *livetest.Hint, seen bool) string {
	switch {
	case !seen:
		return "not tried"
	case h == nil:
		return "none"
	}
	var parts []string
	if h.Timeout != nil {
		parts = append(parts, fmt.Sprintf("timeout=%d", int64(h.Timeout.Seconds())))
	}
	if h.Max != nil {
		parts = append(parts, fmt.Sprintf("max=%d", *h.Max))
	}
	if len(parts) == 0 {
		return "empty"
	}
	return strings.Join(parts, ", ")
}

// EndWords say how a connection ended that was watched.
var EndWords = map[livetest.CloseKind]string{
	livetest.CloseFIN: "closed with a FIN", livetest.CloseRST: "reset", livetest.CloseRSTOnSend: "reset on the next packet",
	livetest.CloseSilent: "gone without a word", livetest.Close408: "closed after bytes nobody asked for (408)", livetest.CloseGoAway: "closed with GOAWAY",
	livetest.CloseNone: "still open",
}
