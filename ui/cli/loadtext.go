package cli

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// loadText tells what a leg costs, as far as its quantities were given.
func loadText(p *page, l tuning.Load) {
	first := true
	for _, f := range []struct {
		what  string
		value *float64
		unit  string
	}{
		{"idle connections held open", l.IdleConnections, ""},
		{"connections closed", l.ClosesPerSecond, "/s"},
		{"sockets in TIME_WAIT", l.TimeWait, ""},
		{"dead connections held by the client", l.ZombiesClient, ""},
		{"dead connections held by the server", l.ZombiesServer, ""},
		{"TCP probes and their answers", l.ProbePacketsPerSecond, " packets/s"},
		{"TCP probes and their answers", l.ProbeBytesPerSecond, " bytes/s"},
		{"requests that meet a close", percent(l.RaceProbability), " %"},
		{"requests that meet a close", l.FailuresPerHour, " an hour"},
		{"workers held by idle connections", percent(l.WorkersHeld), " %"},
	} {
		if f.value == nil {
			continue
		}
		if first {
			p.line("")
			p.line("LOAD")
			first = false
		}
		p.line("  %-38s %s%s", f.what, number(*f.value), f.unit)
	}
}

func percent(share *float64) *float64 {
	if share == nil {
		return nil
	}
	v := *share * 100
	return &v
}

// number is a figure to three digits.
func number(f float64) string { return model.Figures(f, 3) }
