package tuning

import (
	"fmt"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// box resolves a middlebox: its timers, and the sockets of one that ends TCP.
func (e *Env) box(ep model.Endpoint, place int, leg model.Quantities) (Box, error) {
	side, err := e.Alone(ep, model.FaceHost)
	if err != nil {
		return Box{}, err
	}
	s := side.System
	b := Box{Endpoint: ep, Place: place, System: s}
	if b.timers(&side); b.Row == nil {
		return b, fmt.Errorf("%s has no idle timer in the catalog", s.ID)
	}
	b.OnExpiry, b.Probed = model.CloseUnknown, model.Never
	if s.Tracking != nil {
		b.OnExpiry = s.Tracking.Expiry(side.value)
		if s.Tracking.EndsTCP {
			host, err := e.Catalog.System("linux")
			if err != nil {
				return b, err
			}
			b.Own = &Both[Side]{side.toward(model.FaceClient, host), side.toward(model.FaceServer, host)}
			for _, own := range []*Side{&b.Own.Client, &b.Own.Server} {
				own.Kernel = socket(own, leg, e.HZ)
			}
		}
	}
	return b, nil
}

// toward is the part of a box that is its socket towards one end. What nothing
// sets is as its operating system has it.
func (s *Side) toward(end model.FaceKind, host *model.System) Side {
	own := Side{Endpoint: s.Endpoint, Place: s.Place, System: s.System, Version: s.Version, Host: host, HostAt: host.Assume, Face: s.Face}
	for i := range s.Rows {
		if s.Rows[i].Param.Toward == end {
			own.Rows = append(own.Rows, s.Rows[i])
		}
	}
	return own
}

// beside are the two sockets between which a box stands, the one towards the
// client first: of the ends, or of a box that has a connection of its own to each.
func (l *Leg) beside(b *Box) [2]*Side {
	at := [2]*Side{&l.Client, &l.Server}
	for i := range l.Boxes {
		switch o := &l.Boxes[i]; {
		case o.Own == nil:
		case o.Place < b.Place:
			at[0] = &o.Own.Server
		case o.Place > b.Place && at[1] == &l.Server:
			at[1] = &o.Own.Client
		}
	}
	return at
}

// stopped says whose probes, set by somebody, another box answers before they
// reach b.
func (l *Leg) stopped(b *Box) []string {
	var all []string
	for i, s := range bothSides(l) {
		row, next := s.First(model.RoleProbeIdle), l.beside(b)[i]
		if next != s && s.on(model.RoleKeepAlive) && row != nil && s.said(row) && b.System.Tracking != nil && b.System.Tracking.Refreshed == model.AnswerYes {
			all = append(all, fmt.Sprintf("the probes of %s do not come so far: %s answers them", s.Endpoint.ID, next.Endpoint.ID))
		}
	}
	return all
}

// pass finds out what passes each box in time. The probes of a socket go as far as
// the next place that has a connection of its own to each end; a heartbeat is
// bytes, and goes all the way.
func (l *Leg) pass(beats []*Heartbeat) {
	for i := range l.Boxes {
		b := &l.Boxes[i]
		at := l.beside(b)
		left, right := at[0], at[1]
		if detect.ProbesEvery(right.Kernel) != model.Never {
			b.Probed = right.Kernel.Idle
		}
		for _, h := range beats {
			if h.By == ByServer && h.Quiet {
				b.Probed = min(b.Probed, h.Low)
			}
		}
		b.refresh(left, right, beats)
	}
}

// timers finds the idle timer that counts: the shortest of those whose place no
// other takes. What is not known could be the shortest.
func (b *Box) timers(s *Side) {
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Param.Role == model.RoleMiddleboxTTL || row.Param.Toward != "" {
			b.Rows = append(b.Rows, row)
		}
		if row.Param.Role != model.RoleMiddleboxTTL {
			continue
		}
		switch {
		case b.Row == nil:
			b.Row = row
		case !row.Value.IsSet() || s.value(row.Param.Unless).IsSet():
		case !b.Row.Value.IsSet() || s.value(b.Row.Param.Unless).IsSet():
			b.Row = row
		case row.Value.Kind == model.Unknown || b.Row.Value.Kind != model.Unknown && row.Low < b.Row.Low:
			b.Row = row
		}
	}
}

// refresh finds out whether something passes the box in time: a heartbeat of an
// application, or probes, P + g(P) < X for P = max(T, I), where g is the
// lateness of the prober's own timer.
func (b *Box) refresh(left, right *Side, beats []*Heartbeat) {
	if d, ok := b.Row.Value.Duration(); !ok || d == model.Never || b.System.Tracking == nil {
		return
	}
	for _, h := range beats {
		if h.holds(b.Row.Low) {
			b.Refreshed, b.Held, b.Because = true, h.Ref, h.held()
			return
		}
	}
	if b.System.Tracking.Refreshed != model.AnswerYes {
		return
	}
	for _, s := range []*Side{left, right} {
		if latest := detect.ProbesEvery(s.Kernel); latest < b.Row.Low {
			b.Refreshed, b.Held, b.Because = true, s.refOf(model.RoleProbeIdle), fmt.Sprintf("TCP probes at least every %s hold its %s", model.HumanSpan(latest), model.HumanSpan(b.Row.Low))
			return
		}
	}
}

// value is a parameter's value in force; unset where there is none, as for no name.
func (s *Side) value(id model.ParamID) model.Value {
	if row := s.Row(id); row != nil {
		return row.Value
	}
	return model.ValueUnset
}

// boxLimiter is a middlebox's timer as a limiter. Where the client's next packet
// makes a new entry the time ends nothing, unless the server probes in between:
// then its end is reset and nobody tells the client.
func boxLimiter(b *Box) Limiter {
	x := Limiter{
		By: ByMiddlebox, Ref: ParamRef{b.Endpoint.ID, b.Row.Param.ID}, Name: b.Row.Param.Name, System: b.System.Name,
		Known: true, Low: b.Row.Low, High: b.Row.High, Closes: b.OnExpiry,
		Text: b.Row.describeOf(b.Endpoint.ID),
	}
	switch limit, ok := b.Row.Value.Duration(); {
	case !ok:
		x.Known, x.Low, x.High = false, model.Never, model.Never
	case b.OnExpiry != model.CloseRenewed || limit == model.Never:
	case b.Probed == model.Never:
		x.Low, x.High = model.Never, model.Never
		x.Text += "; the client's next packet makes a new entry and passes, what the server sends before is answered with RST"
	default:
		x.Low, x.High = max(x.Low, b.Probed), max(x.High, b.Probed)
		x.Closes = model.CloseRSTOnSendOne
		x.Text += fmt.Sprintf("; the server's probe after %s is answered with RST, and the client does not learn of it", model.HumanSpan(b.Probed))
	}
	return x
}

// refOf names the setting of a role, the face's before the host's.
func (s *Side) refOf(role model.Role) ParamRef {
	if row := s.First(role); row != nil {
		return ParamRef{s.Endpoint.ID, row.Param.ID}
	}
	return ParamRef{Endpoint: s.Endpoint.ID}
}

// endAtBoxes takes back what TCP would find of the other end where a box between
// them has a connection of its own to each.
func (l *Leg) endAtBoxes() {
	for i := range l.Boxes {
		b := &l.Boxes[i]
		if b.System.Tracking == nil || !b.System.Tracking.EndsTCP {
			continue
		}
		none := detect.Detection{
			Known: true, After: model.Never, Low: model.Never, High: model.Never,
			Because: []string{fmt.Sprintf("%s answers for the other end: it has a connection of its own to each", b.Endpoint.ID)},
		}
		l.Detection = Both[States]{Client: States{none, none, none, none}, Server: States{none, none, none, none}}
	}
}

// endDead ends the connections of both ends where one of them is gone, if boxes
// have connections of their own to each: the one next to it finds that out, and
// ends its other connection, too. Idle timers end both at any of them.
func (l *Leg) endDead(e *Env) {
	var first, last *Box
	for i := range l.Boxes {
		b := &l.Boxes[i]
		if b.Own == nil {
			continue
		}
		if first == nil {
			first = b
		}
		last = b
		x := boxLimiter(b)
		end := never()
		if end.TimerNotKnown = !x.Known; x.Known && x.Low != model.Never {
			end = End{By: "idle timer", Ref: x.Ref, Known: true, After: x.Low, Low: x.Low, High: x.High, Because: []string{x.Text}}
		}
		for _, side := range []*EndStates{&l.Ends.Client, &l.Ends.Server} {
			for _, at := range []*End{&side.Idle, &side.InFlight, &side.Waiting, &side.ZeroWindow} {
				*at = earlier(*at, end)
			}
		}
	}
	if first == nil {
		return
	}
	last.finds(e, &last.Own.Server, "server", &l.Ends.Client)
	first.finds(e, &first.Own.Client, "client", &l.Ends.Server)
}

// finds ends a connection of the box at the end of its other one, whose peer is
// gone.
func (b *Box) finds(e *Env, own *Side, peer string, of *EndStates) {
	d := own.doubt(e.states(own.Kernel))
	for _, x := range []struct {
		at   *End
		name string
		d    detect.Detection
	}{{&of.Idle, "TCP probes", d.Idle}, {&of.Waiting, "TCP probes", d.Waiting}, {&of.InFlight, "retransmission", d.InFlight}, {&of.ZeroWindow, "window probes", d.ZeroWindow}} {
		end := tcpEnd(x.name, own, x.d)
		end.Because = slices.Concat([]string{fmt.Sprintf("%s has a connection of its own to the %s, finds it dead and ends the other one, too", b.Endpoint.ID, peer)}, end.Because)
		*x.at = earlier(*x.at, end)
	}
}
