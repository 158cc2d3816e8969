package ui

import (
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/pane"
)

// summarize puts the verdict in front of what was said already, for the
// scrollback.
func (o *outcome) summarize(s session.Session) {
	var lines []string
	for _, leg := range s.Report().Legs {
		l := leg.Limit
		limit := model.HumanSpan(l.Idle)
		if l.Verdict == tuning.VerdictUnknown {
			limit = "?"
		}
		text := fmt.Sprintf("%s > %s: LIMIT %s %s", leg.Client.Endpoint.ID, leg.Server.Endpoint.ID, limit, contract.VerdictWord(l.Verdict))
		if l.Limiter.Name != "" {
			text += fmt.Sprintf(" by %s %s", l.Limiter.Ref.Endpoint, l.Limiter.Name)
		}
		lines = append(lines, text+": "+pane.Reason(&leg))
		if len(lines) == 10 {
			break
		}
	}
	o.said = append(lines, o.said...)
	if s.Dirty() {
		o.said = append(o.said, "not saved; keeptune resume 1 opens it again")
	}
}
