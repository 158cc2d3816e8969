package pane

import (
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Reason is why the verdict is what it is, in one sentence.
func Reason(leg *tuning.Leg) string {
	l := &leg.Limit
	switch {
	case !l.Reused:
		return "keep-alive is off: each connection serves one request"
	case l.Verdict == tuning.VerdictUnknown:
		return string(l.Limiter.Ref.Endpoint) + " " + l.Limiter.Name + " is not known: it could be the smallest"
	case l.Verdict == tuning.VerdictUnbounded && l.HeldBy() != "":
		return "neither side closes it, and it is " + l.HeldBy()
	case l.Verdict == tuning.VerdictUnbounded:
		return "neither side surely closes it: it can stay open for ever"
	case l.Verdict == tuning.VerdictRetried && l.Repeats.Loses == "":
		return string(leg.Client.Endpoint.ID) + " repeats what meets the close, for a round trip"
	case l.Verdict == tuning.VerdictRetried:
		return l.Costs
	case l.Verdict == tuning.VerdictStale && l.Closes.OnSend():
		return "it is forgotten without a word: the next request meets a reset"
	case l.Verdict == tuning.VerdictStale:
		return "it is dropped without a word: the next request may hang"
	case l.Verdict == tuning.VerdictRace && !l.HasMargin:
		return "the client never lets go: a request can meet the " + string(l.First) + "'s close"
	case l.Verdict == tuning.VerdictRace && l.Margin == 0:
		return "both let go after " + model.HumanSpan(farFirst(l).Low) + ": a request can meet the close"
	case l.Verdict == tuning.VerdictRace && l.Margin > 0:
		return "the margin is within the race window of " + model.HumanSpan(leg.Window.Width)
	case l.Verdict == tuning.VerdictRace:
		return "the client may reuse it up to " + model.HumanSpan(-l.Margin) + " after the close"
	case l.Session && l.First == tuning.ByServer:
		return "the server ends a quiet session; there is no pool that would use it again"
	case l.HasMargin:
		far := "the server closes"
		if x := farFirst(l); x.By == tuning.ByMiddlebox {
			far = string(x.Ref.Endpoint) + " drops it"
		}
		return "the client lets go " + model.HumanSpan(l.Margin) + " before " + far
	}
	return "only the client closes, so no request can meet a close"
}

// shortly is the reason for the verdict where there is no room for more.
func shortly(leg *tuning.Leg) string {
	l := &leg.Limit
	switch {
	case !l.Reused:
		return "keep-alive is off"
	case l.Verdict == tuning.VerdictUnknown:
		return string(l.Limiter.Ref.Endpoint) + " " + l.Limiter.Name + " is not known"
	case l.Verdict == tuning.VerdictUnbounded && l.HeldBy() != "":
		return "it is " + l.HeldBy()
	case l.Verdict == tuning.VerdictUnbounded:
		return "neither side surely closes it"
	case l.Verdict == tuning.VerdictRetried:
		return "what meets the close is repeated"
	case l.Verdict == tuning.VerdictStale:
		return "it is forgotten without a word"
	case l.Verdict == tuning.VerdictRace:
		return "a request can meet the close"
	case l.Session && l.First == tuning.ByServer:
		return "the server ends a quiet session"
	case l.HasMargin:
		return "the client lets go first"
	}
	return "only the client closes"
}

// farFirst is what ends an idle connection first on the far side: the server
// or a middlebox.
func farFirst(l *tuning.Limit) tuning.Limiter {
	first := tuning.Limiter{Low: model.Never}
	for _, x := range l.All {
		if x.By != tuning.ByClient && x.Known && x.Low < first.Low {
			first = x
		}
	}
	return first
}

// ReasonLine is the gravest finding, or else the reason for the verdict, with
// the keys that lead on from a screen. A finding takes two lines of the first
// screen where one is too narrow.
func ReasonLine(c *contract.Context, screen contract.Screen, w int) []string {
	if why := c.Shown().Excludes(c.Symptom); why != "" && screen == contract.Tune {
		return []string{excludedLine(c, why, w)}
	}
	if f, more := Gravest(c); f != nil && screen != contract.Findings { // there it stands in the list
		return findingLine(c, f, more, screen, w)
	}
	key := c.Keys.Key(keymap.ScopeGlobal, keymap.Screen2)
	switch screen {
	case contract.Tune:
		key = c.Keys.Key(keymap.ScopeTune, keymap.Why)
	case contract.Why:
		key = ""
	default:
	}
	lead, explains := " why: ", " explains "
	if w < besideFrom {
		lead, explains = " ", " why "
	}
	room := w - widget.Width(lead) - widget.Width("  "+key+explains)
	texts := []string{Reason(c.Shown()), shortly(c.Shown())}
	if n := len(c.Shown().Limit.Assuming); n > 0 {
		texts = append([]string{texts[0] + " (" + contract.Count(n, "assumption", "assumptions") + ")"}, texts...)
	}
	if n := len(c.Suppressed()); n > 0 {
		note := " (" + strconv.Itoa(n) + " suppressed)"
		texts = append([]string{texts[0] + note, shortly(c.Shown()) + note}, texts...)
	}
	text := firstThatFits(room, texts...)
	if widget.Width(text) > room { // how to go on is said in help, too
		key = ""
	}
	parts := []widget.Part{widget.Fixed(lead, c.Theme.Muted), widget.Elastic(text, c.Theme.Plain)}
	if key != "" {
		parts = append(parts, widget.Fixed("  "+key, c.Theme.Key), widget.Fixed(explains, c.Theme.Plain))
	}
	return []string{widget.Line(w, c.Theme.Glyphs.Ellipsis, parts...)}
}

// excludedLine says that what brought the user does not come from the shown leg.
func excludedLine(c *contract.Context, why string, w int) string {
	parts := []widget.Part{
		widget.Fixed(" no "+string(c.Symptom)+" from here: ", c.Theme.Muted),
		widget.Elastic(why, c.Theme.Plain),
	}
	if f, _ := Gravest(c); f != nil {
		parts = append(parts, widget.Fixed("  f", c.Theme.Key), widget.Fixed(" fix "+f.Rule.ID, c.Theme.Plain))
	}
	if leg := suspect(c); leg >= 0 {
		parts = append(parts, widget.Fixed("  [ ]", c.Theme.Key), widget.Fixed(" leg "+strconv.Itoa(leg+1)+" can", c.Theme.Plain))
	}
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, parts...)
}

// suspect is the gravest leg that what brought the user can come from, -1 where
// there is none.
func suspect(c *contract.Context) int {
	found := -1
	for i := range c.Report.Legs {
		l := &c.Report.Legs[i]
		if l.Excludes(c.Symptom) == "" && (found < 0 || l.Limit.Verdict.Severity() > c.Report.Legs[found].Limit.Verdict.Severity()) {
			found = i
		}
	}
	return found
}

// reasons are the steps behind the limit in at most h lines.
func reasons(c *contract.Context, w, h int) []string {
	lines := bullets(c, c.Shown().Limit.Because, w)
	if refs := c.Shown().Limit.Assuming; len(refs) > 0 {
		lines = append(lines, bullets(c, []string{"assuming " + refList(c.Shown(), refs)}, w)...)
	}
	if len(lines) > h {
		lines = append(lines[:max(0, h-1)], widget.FitLine("   "+c.Theme.Glyphs.Ellipsis+" "+c.Keys.Key(keymap.ScopeTune, keymap.Why)+" shows all of it", w))
	}
	return lines
}

// bullets are sentences, wrapped, each with a sign in front.
func bullets(c *contract.Context, texts []string, w int) []string {
	out := make([]string, 0, 3*len(texts))
	sign := " " + c.Theme.Glyphs.Bullet + " "
	for _, text := range texts {
		out = widget.Hang(out, sign, "   ", model.Clean(text, 1000), max(1, w-4))
	}
	return out
}

func refList(leg *tuning.Leg, refs []tuning.ParamRef) string {
	words := make([]string, len(refs))
	for i, r := range refs {
		words[i] = RefText(leg, r)
	}
	return strings.Join(words, ", ")
}

// RefText names a setting of an endpoint to a person.
func RefText(leg *tuning.Leg, r tuning.ParamRef) string {
	name := leg.Name(r)
	if name == "hint" {
		name = "reading of the Keep-Alive hint"
	}
	if name == "" {
		name = string(r.Param)
	}
	if strings.HasPrefix(string(r.Endpoint), "leg") {
		return string(r.Endpoint) + "'s " + name
	}
	return string(r.Endpoint) + "'s " + name
}
