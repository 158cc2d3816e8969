package model

import (
	"fmt"
	"strings"
)

// Unproved is said of a side without a [Proof].
const Unproved = "no test of this project runs it"

// Human is a proof in one line: run at 1.22.1 from Debian 12, 2026-11-21: idle,
// requests, hint. Without one it is [Unproved].
func (p *Proof) Human() string {
	if p == nil {
		return Unproved
	}
	words := make([]string, len(p.What))
	for i, a := range p.What {
		words[i] = string(a)
	}
	text := fmt.Sprintf("run at %s from %s, %s: %s", p.Version, p.Package, p.Seen, strings.Join(words, ", "))
	if len(p.Also) > 0 {
		also := make([]string, len(p.Also))
		for i, v := range p.Also {
			also[i] = string(v)
		}
		text += "; and its silences at " + strings.Join(also, ", ")
	}
	return Clean(text, 300)
}

// Human says when the Keep-Alive header is sent, and from which value.
func (h HintSending) Human() string {
	var text string
	switch h.When {
	case HintNever:
		return "no Keep-Alive: timeout= is sent"
	case HintUnknown, "":
		return "not known whether Keep-Alive: timeout= is sent"
	case HintAsked:
		text = "Keep-Alive: timeout= is sent to clients that ask with Connection: keep-alive"
	default:
		text = "Keep-Alive: timeout= is sent with every answer"
	}
	switch h.Value {
	case "idle":
		text += ", with the idle timeout"
	case "hint":
		text += ", from the advertised timeout where that is set"
	}
	if h.Floor > 0 {
		text += ", rounded down to " + HumanSpan(h.Floor)
	}
	if h.Max {
		text += ", and max="
	}
	return text
}

// Human says what a client does with a server's Keep-Alive: timeout=.
func (h HintReading) Human() string {
	var text string
	switch h.How {
	case HintIgnored:
		return "a server's Keep-Alive: timeout= is ignored"
	case HintUseUnknown, "":
		return "not known what is made of a server's Keep-Alive: timeout="
	case HintShortens:
		text = "a server's Keep-Alive: timeout= shortens the idle timeout"
	default:
		text = "a server's Keep-Alive: timeout= takes the place of the idle timeout"
	}
	switch {
	case h.MinusID != "":
		text += fmt.Sprintf(", less %s (%s)", HumanSpan(h.Minus), h.MinusID.Name())
	case h.Minus > 0:
		text += ", less " + HumanSpan(h.Minus)
	}
	switch {
	case h.CapID != "":
		text += fmt.Sprintf(", at most %s (%s)", HumanSpan(h.Cap), h.CapID.Name())
	case h.Cap > 0:
		text += ", at most " + HumanSpan(h.Cap)
	}
	if h.NeedsKA {
		text += ", only beside Connection: keep-alive"
	}
	if h.First {
		text += ", only as the first word of the header"
	}
	if h.NeedsID != "" {
		text += ", only while " + h.NeedsID.Name() + " has an end"
	}
	return text
}

// Human says which setting sets the parameter too; "" for none.
func (f Follow) Human() string {
	switch {
	case f.Of == "":
		return ""
	case f.Fixed.IsSet():
		return fmt.Sprintf("a setting of %s sets it, to %s", f.Of.Name(), f.Fixed.Human())
	case f.Divide > 1:
		return fmt.Sprintf("a setting of %s sets it too, to 1/%d of that", f.Of.Name(), f.Divide)
	}
	return "a setting of " + f.Of.Name() + " sets it too"
}

// Human is how much later than set a timer really ends: +52 ms to +108 ms, and
// 0.1 % of the time; -1 s is earlier.
func (s Spread) Human() string {
	if s.Low == 0 && s.High == 0 && s.Ratio == 0 {
		return "on time"
	}
	if s.Up {
		of := s
		of.Up = false
		return of.Human() + " of the time in whole " + HumanSpan(s.Step)
	}
	low := HumanSpan(s.Low)
	if s.Low >= 0 {
		low = "+" + low
	}
	text := low + " to +" + HumanSpan(s.High)
	if s.Ratio > 0 {
		text += fmt.Sprintf(", and %g %% of the time", s.Ratio*100)
	}
	return text
}
