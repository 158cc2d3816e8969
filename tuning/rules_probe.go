package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

const windowsKeepAlive model.ParamID = "windows.KeepAliveTime"

// probeRules are about TCP probes and the detection of dead peers.
var probeRules = []*Rule{
	{
		ID: "KA-1", Severity: Error,
		Title:   "probe times are set, but the program does not ask for probes",
		Why:     "The times of the operating system are only defaults for sockets with SO_KEEPALIVE on.",
		WrongIf: "another program on this host is meant",
		Source:  "socket(7) SO_KEEPALIVE; nsqio/nsq#698",
		check:   checkOptIn,
	},
	{
		ID: "KA-5", Severity: Warning,
		Title:   "TCP_USER_TIMEOUT and the probes contradict each other",
		Why:     "With TCP_USER_TIMEOUT set the probe count is not looked at: a short one closes after a single lost probe, a long one waits longer than the probes say.",
		WrongIf: "the detection time shown is the one that is wanted",
		Source:  "Linux tcp_keepalive_timer(); detection.md R2",
		check:   checkUserTimeout,
	},
	{
		ID: "KA-10", Severity: Info,
		Title:   "all of Windows' probes go out within a few seconds",
		Why:     "A network gap that is longer than the burst closes a connection that would have lived; the number of probes cannot be changed.",
		WrongIf: "no outage is to be survived",
		Source:  "MicrosoftDocs/win32 sio-keepalive-vals",
		check:   checkWindowsBurst,
	},
	{
		ID: "KA-15", Severity: Warning,
		Title:   "Windows probes more often than every ten seconds",
		Why:     "Every idle connection carries traffic, and working ones are dropped on latency.",
		WrongIf: "the network has very low latency and the machine few connections",
		Source:  "Windows KeepAliveTime guidance",
		check:   checkEagerWindows,
	},
	{
		ID: "KA-16", Severity: Warning,
		Title:   "no probes are sent, so idle connections are cut off",
		Why:     "tcp_keepalive_probes = 0 neither switches probing off nor makes it endless: when the first probe would be due, the kernel aborts the connection (ETIMEDOUT, and a RST to the peer), also where the peer is well.",
		WrongIf: "idle connections are meant to end then",
		Source:  "Linux tcp_keepalive_timer(); measured on 6.18",
		check:   checkNoProbes,
	},
}

func bothSides(l *Leg) []*Side { return []*Side{&l.Client, &l.Server} }

func checkOptIn(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		ka := s.First(model.RoleKeepAlive)
		if ka == nil || ka.Value == model.ValueOn {
			continue
		}
		for i := range s.Rows {
			row := &s.Rows[i]
			probe := row.Param.Role == model.RoleProbeIdle || row.Param.Role == model.RoleProbeEvery || row.Param.Role == model.RoleProbeCount
			if !row.Changed || !probe {
				continue
			}
			f := Finding{
				At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}, {s.Endpoint.ID, ka.Param.ID}},
				Because: []string{fmt.Sprintf("%s: %s, and SO_KEEPALIVE is %s", s.Endpoint.ID, row.describe(), ka.Value.Human())},
			}
			if ka.Value == model.ValueUnknown {
				f.Assuming = []ParamRef{{s.Endpoint.ID, ka.Param.ID}}
			}
			if s.settable(ka.Param) {
				f.Remedies = []Remedy{{
					Label: fmt.Sprintf("switch it on: %s %s on", s.Endpoint.ID, ka.Param.Name),
					Edits: []model.Edit{model.Set{Endpoint: s.Endpoint.ID, Param: ka.Param.ID, Setting: model.Typed(model.ValueOn)}},
				}}
			}
			found = append(found, f)
			break
		}
	}
	return found
}

func checkUserTimeout(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		row := s.First(model.RoleUserTimeout)
		if row == nil || !s.on(model.RoleKeepAlive) {
			continue
		}
		u, ok := row.Value.Duration()
		t, i, n := s.span(model.RoleProbeIdle, 0), s.span(model.RoleProbeEvery, 0), s.count(model.RoleProbeCount, 0)
		if !ok || u == 0 || n == 0 {
			continue
		}
		budget := t + time.Duration(n)*i
		f := Finding{At: []ParamRef{{s.Endpoint.ID, row.Param.ID}}, Remedies: setTo(s, row.Param.ID, budget-i/2, "fit it to the probes")}
		switch {
		case u < t+2*i:
			f.Because = []string{fmt.Sprintf("%s is less than %s + 2 x %s: one lost probe closes the connection", model.HumanSpan(u), model.HumanSpan(t), model.HumanSpan(i))}
		case u > budget:
			f.Because = []string{fmt.Sprintf("%s is more than %s + %d x %s = %s: detection takes longer than the probes say", model.HumanSpan(u), model.HumanSpan(t), n, model.HumanSpan(i), model.HumanSpan(budget))}
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

func checkNoProbes(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		x, cuts := s.cutOff("")
		if !cuts {
			continue
		}
		f := Finding{At: []ParamRef{x.Ref}, Because: []string{x.Text}}
		if row := s.Row(x.Ref.Param); s.settable(row.Param) {
			f.Remedies = []Remedy{{
				Label: fmt.Sprintf("probe as often as by default: %s %s %s", s.Endpoint.ID, row.Param.Name, row.Default.Value.Human()),
				Edits: []model.Edit{model.Set{Endpoint: s.Endpoint.ID, Param: row.Param.ID, Setting: model.Typed(row.Default.Value)}},
			}}
		}
		found = append(found, f)
	}
	return found
}

func checkWindowsBurst(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		row := s.First(model.RoleProbeEvery)
		if s.Host.ID != "windows" || !s.on(model.RoleKeepAlive) || row == nil {
			continue
		}
		every, n := s.span(model.RoleProbeEvery, 0), s.count(model.RoleProbeCount, 0)
		if burst := time.Duration(n) * every; burst < 30*time.Second {
			found = append(found, Finding{
				At:       []ParamRef{{s.Endpoint.ID, row.Param.ID}},
				Because:  []string{fmt.Sprintf("%d probes %s apart: the burst lasts %s", n, model.HumanSpan(every), model.HumanSpan(burst))},
				Remedies: setTo(s, "windows.KeepAliveInterval", 10*time.Second, "space the probes out"),
			})
		}
	}
	return found
}

func checkEagerWindows(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		row := s.Row(windowsKeepAlive)
		if row == nil {
			continue
		}
		if d, ok := row.Value.Duration(); ok && d < floors[windowsKeepAlive] {
			found = append(found, Finding{
				At:       []ParamRef{{s.Endpoint.ID, row.Param.ID}},
				Because:  []string{row.describe()},
				Remedies: setTo(s, row.Param.ID, time.Minute, "probe once a minute"),
			})
		}
	}
	return found
}
