package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// aliveRules are about when a dead peer is noticed, and at what price.
var aliveRules = []*Rule{
	{
		ID: "KA-2", Severity: Error,
		Title:   "the sysctls are set where the server does not run",
		Why:     "tcp_keepalive_time, intvl and probes are per network namespace, and a new namespace begins with 7200, 75 and 9 whatever the machine has.",
		WrongIf: "they are set in the namespace itself: securityContext.sysctls of a pod, docker --sysctl",
		Source:  "Linux commit 13b287e8; kubernetes/kubernetes#71358",
		check:   checkNamespace,
	},
	{
		ID: "KA-3", Severity: Warning,
		Title:   "a dead peer on a quiet connection is noticed later than asked for",
		Why:     "Until then the connection looks well: it holds its place on a server, and whoever waits on it waits in vain.",
		WrongIf: "the program asks its peer for a sign of life, and it is not given here",
		Source:  "Linux tcp_keepalive_timer(); alibaba/druid#4440",
		check:   func(l *Leg) []Finding { return l.lateNews(true) },
	},
	{
		ID: "KA-4", Severity: Warning,
		Title:   "a dead peer is noticed late while data is in flight",
		Why:     "TCP probes do not run then: retransmission decides, a quarter of an hour on Linux, unless TCP_USER_TIMEOUT or a timer of the program ends it.",
		WrongIf: "the program has a timer of its own for what it sends, and it is not given here",
		Source:  "Linux tcp_write_timeout(); grpc/proposal A18; canonical/lxd#9416",
		check:   func(l *Leg) []Finding { return l.lateNews(false) },
	},
	{
		ID: "KA-6", Severity: Error,
		Title:   "an application that writes keeps the probes from running",
		Why:     "What it writes to a dead peer waits in the send buffer, and the probe timer does not run beside data in flight: retransmission decides, whatever the probes say.",
		WrongIf: "the peer answers each write, and the application waits for the answer",
		Source:  "measured: alive after 60 s with 3/1/3; nesquena/hermes-webui#7105",
		check:   checkWrites,
	},
	{
		ID: "KA-8", Severity: Warning,
		Title:   "signs of life cost more than they may",
		Why:     "Each probe is a packet, and so is its answer, on every idle connection.",
		WrongIf: "most connections are busy",
		Source:  "grpc/proposal A8",
		check:   checkBudget,
	},
	{
		ID: "KA-9", Severity: Warning,
		Title:   "one lost or slow answer ends a connection that is well",
		Why:     "With a single probe, or an interval below two round trips, there is no second chance.",
		WrongIf: "no packet is ever lost",
		Source:  "Linux tcp_keepalive_timer()",
		check:   checkHastyProbes,
	},
	{
		ID: "KA-12", Severity: Info,
		Title:   "SSH asks for no sign of life in a way that helps",
		Why:     "ServerAliveInterval 0, and PuTTY's keepalives 0, send nothing; TCPKeepAlive sends after two hours; a CountMax of 0 ends a session at the first question or never.",
		WrongIf: "sessions need not outlive a pause",
		Source:  "https://man.openbsd.org/ssh_config; curationexperts/ansible-hydra#266",
		check:   checkSSH,
	},
	{
		ID: "KA-13", Severity: Info,
		Title:   "Go's own probes hold this path, and others do not have them",
		Why:     "Go's dialer probes every 15 s unless told otherwise: what works from a Go program may fail from another.",
		WrongIf: "never",
		Source:  "go1.26.8:src/net/dial.go; measured; xuzhougeng/wispterm#499",
		check:   checkGoProbes,
	},
}

// checkNamespace looks for a host's probe time that is in force on the server.
func checkNamespace(l *Leg) []Finding {
	s := &l.Server
	if !l.holds(model.QuantityContainer) || !s.on(model.RoleKeepAlive) {
		return nil
	}
	f := Finding{}
	for _, role := range []model.Role{model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount} {
		row := s.First(role)
		if row == nil || row.Via == nil && row.Param.Face != model.FaceHost {
			continue
		}
		if row.Via != nil {
			row = s.Row(row.Via.ID)
		}
		if row != nil && row.Param.Face == model.FaceHost && row.Changed {
			f.At = append(f.At, s.ref(row))
			f.Because = append(f.Because, fmt.Sprintf("%s: %s, and it runs in a network namespace of its own", s.Endpoint.ID, row.describe()))
		}
	}
	if len(f.At) == 0 {
		return nil
	}
	f.At = append(f.At, l.quantity(model.QuantityContainer))
	return []Finding{f}
}

// lateNews is where a dead peer is noticed later than somebody asked for, by each
// side that is too late.
func (l *Leg) lateNews(quiet bool) []Finding {
	within := l.spanGiven(model.QuantityNotice)
	if within == 0 {
		return nil
	}
	var found []Finding
	for _, x := range []struct {
		side *Side
		ends *EndStates
	}{{&l.Client, &l.Ends.Client}, {&l.Server, &l.Ends.Server}} {
		end, role, state := x.ends.InFlight, model.RoleUserTimeout, "with data in flight"
		if quiet {
			end, role, state = x.ends.Idle, model.RoleKeepAlive, "on a quiet connection"
		}
		if !end.Known || end.High <= within || quiet && (end.TimerNotKnown || l.watched(x.side)) {
			continue
		}
		f := Finding{graded: true, Severity: Warning, At: []ParamRef{x.side.refOf(role)}}
		if f.At[0].Param == "" {
			f.At[0] = end.Ref
		}
		after := "never"
		if end.High != model.Never {
			after = "after " + model.HumanSpan(end.High)
		}
		f.Because = []string{fmt.Sprintf("%s notices a dead peer %s %s; %s was asked for", x.side.Endpoint.ID, state, after, model.HumanSpan(within))}
		if end.TimerNotKnown {
			f.Assuming = []ParamRef{{x.side.Endpoint.ID, model.ParamID(x.side.System.ID) + ".send-timeout"}}
		}
		f.At = append(f.At, l.quantity(model.QuantityNotice))
		found = append(found, f)
	}
	return found
}

func checkWrites(l *Leg) []Finding {
	p := l.spanGiven(model.QuantityWriteEvery)
	if p == 0 {
		return nil
	}
	var found []Finding
	for _, s := range bothSides(l) {
		ka, row := s.First(model.RoleKeepAlive), s.First(model.RoleProbeIdle)
		if row == nil || !s.on(model.RoleKeepAlive) || s.Kernel.UserTimeout > 0 || p >= row.Low || !finite(row) {
			continue
		}
		f := Finding{
			At: []ParamRef{s.ref(row), l.quantity(model.QuantityWriteEvery)}, graded: true,
			Because: []string{fmt.Sprintf("%s: the application writes every %s, %s, and TCP_USER_TIMEOUT is off", s.Endpoint.ID, model.HumanSpan(p), row.describe())},
		}
		if s.said(row) || s.said(ka) { // somebody counts on the probes
			f.Severity = Error
		}
		found = append(found, f)
	}
	return found
}

// askedTooOften is the time between pings below which gRPC wants the consent of
// whoever runs the server (grpc/proposal A8).
const askedTooOften = time.Minute

func checkBudget(l *Leg) []Finding {
	if h := l.Client.heartbeat(); h != nil && l.Client.one("grpc-client", "grpc-js") && !l.Server.one("grpc-js-server") && h.Low < askedTooOften && tooOften(h, &l.Server) == 0 {
		return []Finding{{
			At: []ParamRef{h.Ref}, graded: true,
			Because: []string{fmt.Sprintf("%s pings after %s; less than a minute takes the consent of whoever runs the server", l.Client.Endpoint.ID, model.HumanSpan(h.Low))},
		}}
	}
	budget, ok := perSecond(l.given, model.QuantityBudget)
	if costs := l.Load.ProbePacketsPerSecond; ok && costs != nil && *costs > budget {
		f := Finding{Because: []string{fmt.Sprintf("probes and their answers are %s packets a second, %s are allowed", model.Figures(*costs, 4), model.Figures(budget, 4))}}
		for _, s := range bothSides(l) {
			if row := s.First(model.RoleProbeIdle); row != nil && s.on(model.RoleKeepAlive) {
				f.At = append(f.At, s.ref(row))
			}
		}
		f.At = append(f.At, l.quantity(model.QuantityBudget))
		return []Finding{f}
	}
	return nil
}

func checkHastyProbes(l *Leg) []Finding {
	rtt, known := l.given.RTT()
	var found []Finding
	for _, s := range bothSides(l) {
		count, every := s.First(model.RoleProbeCount), s.First(model.RoleProbeEvery)
		if !s.on(model.RoleKeepAlive) || count == nil || every == nil {
			continue
		}
		switch n, ok := count.Value.Count(); {
		case ok && n == 1 && s.said(count) && s.Kernel.UserTimeout == 0:
			found = append(found, Finding{At: []ParamRef{s.ref(count)}, Because: []string{fmt.Sprintf("%s: %s", s.Endpoint.ID, count.describe())}})
		case known && finite(every) && every.Low < 2*rtt:
			found = append(found, Finding{At: []ParamRef{s.ref(every)}, Because: []string{fmt.Sprintf("%s: %s, a round trip takes %s", s.Endpoint.ID, every.describe(), model.HumanSpan(rtt))}})
		}
	}
	return found
}

// checkSSH looks at both ends of a session. What a box then forgets is MID-2's.
func checkSSH(l *Leg) []Finding {
	if l.Client.System.Protocol != "ssh" {
		return nil
	}
	var found []Finding
	for _, s := range bothSides(l) {
		count, every := s.First(model.RolePingCount), s.First(model.RolePingEvery)
		if n, ok := zeroCount(count); ok && n && s.said(count) && s.heartbeat() != nil {
			found = append(found, Finding{
				At: []ParamRef{s.ref(count)}, graded: true,
				Because: []string{fmt.Sprintf("%s: %s, %s", s.Endpoint.ID, count.describe(), every.describe())},
			})
		}
	}
	every := l.Client.First(model.RolePingEvery)
	if every == nil || l.Client.heartbeat() != nil {
		return found
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; l.open(b) {
			found = append(found, Finding{
				At: []ParamRef{l.Client.ref(every), b.ref()}, graded: true,
				Because: []string{fmt.Sprintf("%s: %s; %s forgets after %s", l.Client.Endpoint.ID, every.describe(), b.Endpoint.ID, model.HumanSpan(b.Row.Low))},
			})
		}
	}
	return found
}

// zeroCount reports whether a number of questions is 0, however the product reads
// that; ok is false where there is none.
func zeroCount(row *Row) (zero, ok bool) {
	if row == nil {
		return false, false
	}
	n, counted := row.Value.Count()
	return counted && n == 0 || row.Value == model.ValueNever || row.Value == model.ValueOff, true
}

func checkGoProbes(l *Leg) []Finding {
	s := &l.Client
	row := s.First(model.RoleProbeIdle)
	if !s.one("go-client") || row == nil || s.said(row) {
		return nil
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; b.Refreshed && b.Held == s.ref(row) && detect.ProbesEvery(l.Server.Kernel) >= b.Row.Low {
			return []Finding{{
				At: []ParamRef{s.ref(row), b.ref()}, graded: true,
				Because: []string{fmt.Sprintf("%s: %s holds %s, which forgets after %s", s.Endpoint.ID, row.describe(), b.Endpoint.ID, model.HumanSpan(b.Row.Low))},
			}}
		}
	}
	return nil
}
