package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

const windowsKeepAlive model.ParamID = "windows.KeepAliveTime"

// optIn is a rule of its own for the settings of a host, which hold on every leg
// that the host serves.
var optIn = &Rule{
	ID: "KA-1", Severity: Error,
	Title:   "probe times are set, but the program does not ask for probes",
	Why:     "The times of the operating system are only defaults for sockets with SO_KEEPALIVE on.",
	WrongIf: "another program on this host is meant",
	Source:  "socket(7) SO_KEEPALIVE; nsqio/nsq#698",
	check:   checkOptIn,
}

// probeRules are about TCP probes and the detection of dead peers.
var probeRules = []*Rule{
	optIn,
	{
		ID: "KA-5a", Severity: Warning,
		Title:   "TCP_USER_TIMEOUT lets a single lost probe end the connection",
		Why:     "With TCP_USER_TIMEOUT set the probe count is not looked at: a short one closes at the first probe after it.",
		WrongIf: "the detection time shown is the one that is wanted",
		Source:  "Linux tcp_keepalive_timer(); measured: (2, 1, 3) with 1.5 s ends after 3 s, not 5",
		check:   func(l *Leg) []Finding { return l.userTimeout(true) },
	},
	{
		ID: "KA-5b", Severity: Warning,
		Title:   "TCP_USER_TIMEOUT makes detection later than the probes say",
		Why:     "With TCP_USER_TIMEOUT set the probe count is not looked at: probes go on until it has passed.",
		WrongIf: "the detection time shown is the one that is wanted",
		Source:  "Linux tcp_keepalive_timer(), commit dca43c75; measured: (2, 1, 3) with 10 s ends after 10.2 s, not 5",
		check:   func(l *Leg) []Finding { return l.userTimeout(false) },
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
		ID: "KA-11", Severity: Error,
		Title:   "the client pings more often than the server suffers",
		Why:     "After a few such pings the server ends the connection with GOAWAY too_many_pings.",
		WrongIf: "the server's program permits what is not set here",
		Source:  "https://grpc.io/docs/guides/keepalive/; grpc/proposal A8; grpc/grpc-go#2202",
		check:   checkTooManyPings,
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
	{
		ID: "KA-17", Severity: Warning,
		Title:   "the kernel refuses a probe time, and the program does not say so",
		Why:     "TCP_KEEPIDLE and TCP_KEEPINTVL take 1 to 32767 s, TCP_KEEPCNT 1 to 127. A value that is refused, and those that are set after it, stay those of the operating system: two hours by default.",
		WrongIf: "the operating system's times are wanted",
		Source:  "Linux do_tcp_setsockopt(); libuv uv__tcp_keepalive(); Go TCPConn.SetKeepAliveConfig",
		check:   checkRefused,
	},
}

func bothSides(l *Leg) []*Side { return []*Side{&l.Client, &l.Server} }

// checkOptIn looks at the socket options that the product sets.
func checkOptIn(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		if row := s.probeSet(false); row != nil {
			found = append(found, s.notAsked(row)...)
		}
	}
	return found
}

// unusedHosts looks at the probe times of each host that has the end of a leg:
// somebody has to ask for probes on one of its legs.
func unusedHosts(legs []*Leg) []Finding {
	var found []Finding
	for _, l := range legs {
		for _, s := range bothSides(l) {
			if len(s.Endpoint.Settings) == 0 {
				continue
			}
			row := s.probeSet(true)
			if row == nil {
				continue
			}
			other, leg := otherSide(legs, s)
			switch {
			case other == nil:
			case other.on(model.RoleKeepAlive):
				continue
			case s.Face.Kind == model.FaceServer && len(legs[leg].Boxes) > len(l.Boxes),
				s.Face.Kind == model.FaceClient && len(legs[leg].Boxes) >= len(l.Boxes):
				continue // the probes are wanted on the leg with the boxes
			}
			for _, f := range s.notAsked(row) {
				f.Rule, f.Leg, f.Severity = optIn, l.Index, optIn.Severity
				f.lower(l)
				found = append(found, f)
			}
		}
	}
	return found
}

// otherSide is the same endpoint's side of the leg before or behind, or nil.
func otherSide(legs []*Leg, s *Side) (*Side, int) {
	for i := range legs {
		for _, o := range bothSides(legs[i]) {
			if o != s && o.Endpoint.ID == s.Endpoint.ID {
				return o, i
			}
		}
	}
	return nil, 0
}

// probeSet is the first of the probe times that somebody set, the host's or the
// product's.
func (s *Side) probeSet(host bool) *Row {
	for i := range s.Rows {
		row := &s.Rows[i]
		switch row.Param.Role {
		case model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount:
			if row.Changed && (row.Param.Face == model.FaceHost) == host {
				return row
			}
		default:
		}
	}
	return nil
}

// notAsked is what is to say of a probe time without SO_KEEPALIVE.
func (s *Side) notAsked(row *Row) []Finding {
	ka := s.First(model.RoleKeepAlive)
	if ka == nil || ka.Value == model.ValueOn {
		return nil
	}
	f := Finding{
		At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}, {s.Endpoint.ID, ka.Param.ID}},
		Because: []string{fmt.Sprintf("%s: %s, and SO_KEEPALIVE is %s", s.Endpoint.ID, row.describe(), ka.Value.Human())},
	}
	if ka.Value == model.ValueUnknown {
		f.Assuming = []ParamRef{{s.Endpoint.ID, ka.Param.ID}}
	}
	return []Finding{f}
}

func checkTooManyPings(l *Leg) []Finding {
	h := l.Client.heartbeat()
	if h == nil {
		return nil
	}
	least := tooOften(h, &l.Server)
	if least == 0 {
		return nil
	}
	f := Finding{At: []ParamRef{h.Ref}, Because: []string{
		fmt.Sprintf("%s pings after %s of silence, %s suffers it every %s", l.Client.Endpoint.ID, model.HumanSpan(h.Low), l.Server.Endpoint.ID, model.HumanSpan(least)),
	}}
	for _, role := range []model.Role{model.RolePingLeast, model.RolePingPermit} {
		if row := l.Server.First(role); row != nil {
			f.At = append(f.At, ParamRef{l.Server.Endpoint.ID, row.Param.ID})
		}
	}
	if permit := l.Server.First(model.RolePingPermit); h.Quiet && permit != nil && permit.Value != model.ValueOn {
		f.Because = append(f.Because, fmt.Sprintf("%s: without %s pings while no call is open may come only every %s", l.Server.Endpoint.ID, permit.Param.Name, model.HumanSpan(unpermitted)))
	}
	return []Finding{f}
}

// userTimeout holds TCP_USER_TIMEOUT against the probes: too short for two of them,
// or longer than all.
func (l *Leg) userTimeout(short bool) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		row := s.First(model.RoleUserTimeout)
		if row == nil || !s.on(model.RoleKeepAlive) || !row.Changed && s.probeSet(false) == nil && s.probeSet(true) == nil {
			continue // the product's own choice
		}
		u, ok := row.Value.Duration()
		t, i, n := s.span(model.RoleProbeIdle, 0), s.span(model.RoleProbeEvery, 0), s.count(model.RoleProbeCount, 0)
		if !ok || u == 0 || n == 0 {
			continue
		}
		budget := t + time.Duration(n)*i
		f := Finding{At: []ParamRef{{s.Endpoint.ID, row.Param.ID}}, graded: true, Severity: Info}
		for _, role := range []model.Role{model.RoleUserTimeout, model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount} {
			if set := s.First(role); set != nil && s.said(set) {
				f.Severity = Warning // as its makers have it, it is only worth knowing
			}
		}
		switch {
		case short && u < t+2*i:
			f.Because = []string{fmt.Sprintf("%s: %s is less than %s + 2 x %s: one lost probe closes the connection", s.Endpoint.ID, model.HumanSpan(u), model.HumanSpan(t), model.HumanSpan(i))}
		case !short && u >= t+2*i && u > budget:
			f.Because = []string{fmt.Sprintf("%s: %s is more than %s + %d x %s = %s: detection takes longer than the probes say", s.Endpoint.ID, model.HumanSpan(u), model.HumanSpan(t), n, model.HumanSpan(i), model.HumanSpan(budget))}
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
		if x, cuts := s.cutOff(""); cuts {
			found = append(found, Finding{At: []ParamRef{x.Ref}, Because: []string{x.Text}, Meant: s.Row(x.Ref.Param).Default.Value})
		}
	}
	return found
}

func checkRefused(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		for i := range s.Rows {
			row := &s.Rows[i]
			if !row.Refused.IsSet() || !s.on(model.RoleKeepAlive) {
				continue
			}
			nearest := model.Times(row.Param.Kernel)
			if d, ok := row.Refused.Duration(); ok {
				nearest = model.For(min(max(d, time.Second), time.Duration(row.Param.Kernel)*time.Second))
			}
			found = append(found, Finding{
				At: []ParamRef{{s.Endpoint.ID, row.Param.ID}}, Because: []string{string(s.Endpoint.ID) + ": " + row.describe()}, Meant: nearest,
			})
		}
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
				At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}},
				Because: []string{fmt.Sprintf("%s: %d probes %s apart: the burst lasts %s", s.Endpoint.ID, n, model.HumanSpan(every), model.HumanSpan(burst))},
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
		if d, ok := row.Value.Duration(); ok && d < 10*time.Second {
			found = append(found, Finding{
				At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}},
				Because: []string{row.describeOf(s.Endpoint.ID)},
			})
		}
	}
	return found
}
