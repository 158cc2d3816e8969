package cli

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// outageText is what each side survives when the network is out: where somebody
// asked, and where the end of a connection is the end of a session.
func outageText(p *page, leg *tuning.Leg) {
	asked, given := leg.Outage()
	if !given && !leg.Limit.Session {
		return
	}
	all := leg.Survives()
	row := func(name, client, server string) {
		p.line("%s", strings.TrimRight(fmt.Sprintf("%-16s %-30s %s", name, cut(client, 30), cut(server, 33)), " "))
	}
	row("OUTAGE", "client survives", "server survives")
	row("  while busy", survivalText(all.Client.Busy), survivalText(all.Server.Busy))
	row("  decided by", all.Client.Busy.Name, all.Server.Busy.Name)
	row("  while quiet", survivalText(all.Client.Idle), survivalText(all.Server.Idle))
	if all.Client.Idle.Name != "" || all.Server.Idle.Name != "" {
		row("  decided by", all.Client.Idle.Name, all.Server.Idle.Name)
	}
	if given {
		row("  to survive", model.HumanSpan(asked), "")
	}
}

// survivalText is the longest outage survived, and when a longer one ends the connection.
func survivalText(s tuning.Survival) string {
	switch {
	case !s.Known:
		return "not known"
	case s.For == model.Never:
		return "any"
	}
	return brief(s.For) + " (ends at " + brief(s.Ends) + ")"
}

// brief is a span rounded to what a person compares.
func brief(d time.Duration) string {
	if d < time.Minute {
		return model.HumanSpan(d.Round(time.Second / 10))
	}
	return model.HumanSpan(d.Round(time.Second))
}
