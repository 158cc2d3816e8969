package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Survival is how long the network may be out before one side ends a
// connection that would have lived.
type Survival struct {
	Known bool
	For   time.Duration // the longest outage that is survived wherever it begins; [model.Never] for any
	Ends  time.Duration // a longer one ends the connection after so much of it, at the earliest
	By    string        // what ends it, as in an [End]
	Ref   ParamRef      // the setting that drives it
	Name  string        // as its product writes it
	Text  string        // one clause
}

// Survivals are those of a quiet connection, and of one with data in flight.
type Survivals struct{ Idle, Busy Survival }

// Survives is what each side of the leg survives. It is computed when asked for:
// no verdict rests on it.
func (l *Leg) Survives() Both[Survivals] {
	client, server := l.Client.ownInFlight(l.Detection.Client.InFlight), l.Server.ownInFlight(l.Detection.Server.InFlight)
	return Both[Survivals]{survives(&l.Client, &l.Server, client), survives(&l.Server, &l.Client, server)}
}

// ownInFlight is what the side's kernel does with data in flight. What was computed for
// the leg is something else where a box ends TCP: it acknowledges for a dead peer, but
// not in an outage on its near side. A trial has computed none.
func (s *Side) ownInFlight(computed detect.Detection) detect.Detection {
	if !computed.Known || computed.Low == model.Never {
		return detect.InFlight(s.Kernel)
	}
	return computed
}

// Outage is how long an outage the leg should survive; false where nobody said.
func (l *Leg) Outage() (time.Duration, bool) { return l.outage, l.outage > 0 }

func survives(s, peer *Side, kernel detect.Detection) Survivals {
	h := s.heartbeat()
	busy := s.inFlight(kernel, model.Never, "")
	if row := s.First(model.RoleSend); finite(row) {
		busy = briefer(busy, s.inFlight(kernel, row.Low, "send timer").driven(s, row))
	}
	if h != nil && !h.Sending {
		busy = briefer(busy, s.asked(kernel, h))
	}
	idle := Survival{Known: true, For: model.Never, Ends: model.Never}
	if h != nil && h.Quiet {
		idle = briefer(s.inFlight(kernel, model.Never, h.Name), s.asked(kernel, h))
	}
	if h == nil || !h.Quiet || h.Low >= s.Kernel.Idle {
		idle = briefer(idle, s.probed(peer))
	}
	if s.Face.Kind == model.FaceServer {
		idle = briefer(idle, s.watching(peer))
	}
	return Survivals{Idle: idle, Busy: busy}
}

// watching is what a server survives that waits for the client's signs of life: the
// outage begins as one is due.
func (s *Side) watching(client *Side) Survival {
	end := s.watch(client)
	if end.High == model.Never {
		return Survival{Known: true, For: model.Never, Ends: model.Never}
	}
	row := client.Row(end.Ref.Param)
	every, _ := row.Value.Duration()
	left := max(end.Low-every, 0)
	return Survival{
		Known: true, For: left, Ends: left, By: end.By, Ref: end.Ref, Name: row.Param.Name,
		Text: fmt.Sprintf("%s, so it ends one that is late by %s", end.Because[0], model.HumanSpan(left)),
	}
}

// briefer is the one of two that survives less.
func briefer(a, b Survival) Survival {
	if !a.Known || b.Known && b.For < a.For {
		return b
	}
	return a
}

// driven is a survival that a setting of the product decides.
func (x Survival) driven(s *Side, row *Row) Survival {
	if row.Via != nil {
		if via := s.Row(row.Via.ID); via != nil {
			row = via
		}
	}
	x.Ref, x.Name = ParamRef{s.Endpoint.ID, row.Param.ID}, row.Param.Name
	return x
}

// inFlight is what data that is sent as the outage begins survives, where
// something else, that has a name, may end the connection after a time.
func (s *Side) inFlight(kernel detect.Detection, until time.Duration, what string) Survival {
	if !kernel.Known {
		return Survival{}
	}
	tried := kernel.Try
	if until < kernel.Low {
		tried, _ = detect.Outlasts(s.Kernel, until)
	}
	x := Survival{Known: true, For: tried, Ends: min(kernel.Low, until), By: "retransmission"}
	who := "data in flight"
	switch {
	case until < kernel.Low:
		x.By = what
	case what != "":
		who = what + ", which is data in flight then,"
	}
	x.Text = fmt.Sprintf("%s is given up after %s, and the last try goes out after %s", who, model.HumanSpan(x.Ends), model.HumanSpan(tried))
	if until < kernel.Low {
		x.Text = fmt.Sprintf("the %s gives up after %s, and the last try before goes out after %s", what, model.HumanSpan(until), model.HumanSpan(tried))
	}
	for _, role := range []model.Role{model.RoleUserTimeout, model.RoleDataRetries, model.RoleDataAbort} {
		if row := s.First(role); row != nil && (role != model.RoleUserTimeout || s.Kernel.UserTimeout > 0) {
			return x.driven(s, row)
		}
	}
	return x
}

// asked is what the questions of a heartbeat survive: the first goes out as the
// outage begins, and so many without an answer end the connection.
func (s *Side) asked(kernel detect.Detection, h *Heartbeat) Survival {
	until := h.Wait
	switch {
	case h.Count == 0:
		return Survival{}
	case until == 0 && h.Count == 1: // MQTT.js 5.16 gives up half the time later, Paho a whole one
		until = h.Low / 2
	case until == 0:
		until = times(h.Low, h.Count-1)
	}
	x := s.inFlight(kernel, until, "wait for an answer")
	row := s.First(model.RolePingEvery)
	for _, role := range []model.Role{model.RolePingWait, model.RolePingCount} {
		if found := s.First(role); found != nil && s.settable(found.Param) {
			row = found
			break
		}
	}
	if x.By == "retransmission" {
		return x
	}
	x.By = "application pings"
	return x.driven(s, row)
}

// probed is what the kernel's probes survive. What the peer sends by itself puts
// the first of them off.
func (s *Side) probed(peer *Side) Survival {
	x := Survival{Known: true, By: "TCP probes"}
	x.For, x.Ends = detect.ProbesOutlast(s.Kernel)
	if x.For == model.Never {
		return Survival{Known: true, For: model.Never, Ends: model.Never}
	}
	x.Text = fmt.Sprintf("%s goes unanswered, %s apart: given up after %s", probes(s.Kernel), model.HumanSpan(s.Kernel.Every), model.HumanSpan(x.Ends))
	if h := peer.heartbeat(); h != nil && h.Quiet && h.High < s.Kernel.Idle {
		late := s.Kernel.Idle - h.High
		x.For, x.Ends = model.Add(x.For, late), model.Add(x.Ends, late)
	}
	roles := []model.Role{model.RoleProbeEvery}
	if s.Kernel.ProbeAbort > 0 {
		x.Text = fmt.Sprintf("probe after probe goes unanswered, each after a longer wait: given up after %s", model.HumanSpan(x.Ends))
		roles = []model.Role{model.RoleProbeAbort}
	}
	if s.Kernel.UserTimeout > 0 {
		roles = []model.Role{model.RoleUserTimeout, model.RoleProbeEvery}
	}
	for _, role := range roles {
		if row := s.First(role); row != nil {
			return x.driven(s, row)
		}
	}
	return x
}

// probes is how many probes are sent, in words.
func probes(k detect.Socket) string {
	switch {
	case k.UserTimeout > 0 && k.Stack == model.StackLinux:
		return fmt.Sprintf("probe after probe within a user timeout of %s", model.HumanSpan(k.UserTimeout))
	case k.Count == 1:
		return "a single probe"
	}
	return fmt.Sprintf("a burst of %d probes", k.Count)
}
