package cli

import (
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
	add := func(cells ...string) { p.lines(row([]int{16, 30, 32}, cells...)) }
	add("OUTAGE", "client survives", "server survives")
	add("  while busy", survivalText(all.Client.Busy), survivalText(all.Server.Busy))
	add("  decided by", all.Client.Busy.Name, all.Server.Busy.Name)
	add("  while quiet", survivalText(all.Client.Idle), survivalText(all.Server.Idle))
	if all.Client.Idle.Name != "" || all.Server.Idle.Name != "" {
		add("  decided by", all.Client.Idle.Name, all.Server.Idle.Name)
	}
	if given {
		add("  to survive", model.HumanSpan(asked), "")
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
