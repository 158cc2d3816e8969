package cli

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/cli/wire"
)

// againstText is the difference of values and verdicts.
func againstText(p *page, c checked) {
	p.line("")
	p.line("AGAINST %s", c.other)
	a := c.against
	if a.Path != nil {
		p.wrapped("  ", "    ", fmt.Sprintf("path: %s  ->  %s", *a.Path.From, *a.Path.To))
	}
	for _, v := range a.Values {
		p.wrapped("  ", "    ", fmt.Sprintf("%s: %s -> %s", v.At, or(v.From, "not there"), or(v.To, "not there")))
	}
	if a.Path == nil && len(a.Values) == 0 {
		p.line("  no value differs")
	}
	for _, t := range a.Legs {
		switch {
		case t.Same:
			p.line("  leg %d: the same, %s", t.Leg, judgeText(t.To))
		default:
			p.wrapped("  ", "    ", fmt.Sprintf("leg %d: %s -> %s", t.Leg, judgeText(t.From), judgeText(t.To)))
		}
	}
}

func or(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

func judgeText(j *wire.Judge) string {
	if j == nil {
		return "no such leg"
	}
	text := j.Verdict
	if j.Idle != nil {
		text += " " + model.HumanSpan(time.Duration(*j.Idle))
	}
	if j.Param != nil {
		text += " by " + *j.Param
	}
	if j.Margin != nil {
		text += ", margin " + model.HumanSpan(time.Duration(*j.Margin))
	}
	return text
}
