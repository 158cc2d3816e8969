package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// socket is one side of a leg as its kernel sees it.
func socket(s *Side, leg model.Quantities, hz int) detect.Socket {
	stack, _ := model.At(s.Host.Order, s.Host.Stack, s.HostAt)
	k := detect.Of(stack)
	k.HZ = hz
	k.KeepAlive = s.on(model.RoleKeepAlive)
	k.Idle = s.span(model.RoleProbeIdle, k.Idle)
	k.Every = s.span(model.RoleProbeEvery, k.Every)
	k.Count = s.count(model.RoleProbeCount, k.Count)
	k.UserTimeout = s.span(model.RoleUserTimeout, 0)
	k.Retries = s.count(model.RoleDataRetries, k.Retries)
	k.Orphans = s.count(model.RoleOrphans, k.Orphans)
	k.SynRetries = s.count(model.RoleSynRetries, k.SynRetries)
	k.SynLinear = s.count(model.RoleSynLinear, k.SynLinear)
	k.RTOMin = s.span(model.RoleRTOMin, k.RTOMin)
	k.RTOMax = s.span(model.RoleRTOMax, k.RTOMax)
	k.ProbeAbort = s.span(model.RoleProbeAbort, k.ProbeAbort)
	k.DataAbort = s.span(model.RoleDataAbort, k.DataAbort)
	if rtt, ok := leg.RTT(); ok {
		k.RTT = rtt
	}
	if k.Stack == model.StackLinux {
		k.Unclamped = s.Host.Order.Compare(s.HostAt, "4.19") < 0
	}
	return k
}

func (s *Side) on(role model.Role) bool {
	row := s.First(role)
	return row != nil && row.Value == model.ValueOn
}

// span is the value of a role, or other where there is none; a switched-off
// span is 0 and one without end is a very long one that the arithmetic can hold.
func (s *Side) span(role model.Role, other time.Duration) time.Duration {
	row := s.First(role)
	if row == nil {
		return other
	}
	d, ok := row.Value.Duration()
	switch {
	case row.Value == model.ValueOff:
		return 0
	case !ok:
		return other
	}
	return min(d, 1<<31*time.Second)
}

func (s *Side) count(role model.Role, other int64) int64 {
	row := s.First(role)
	if row == nil {
		return other
	}
	if row.Value == model.ValueOff {
		return 0
	}
	if n, ok := row.Value.Count(); ok {
		return n
	}
	return other
}

// cutOff is the end of an idle connection by a kernel that has no probes to
// send: tcp_keepalive_probes is 0, so their time is the connection's.
func (s *Side) cutOff(by By) (Limiter, bool) {
	d := detect.Spared(s.Kernel)
	row := s.First(model.RoleProbeCount)
	if d.After == model.Never || row == nil {
		return Limiter{}, false
	}
	if row.Via != nil {
		row = s.Row(row.Via.ID)
	}
	return Limiter{
		By: by, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: s.Host.Name,
		Known: true, Low: d.Low, High: d.High, Closes: model.CloseRST,
		Text: fmt.Sprintf("%s: %s: the kernel aborts an idle connection after %s, without a probe", s.Endpoint.ID, row.describe(), model.HumanSpan(d.After)),
	}, true
}

// states computes the detection of a side in each state. A peer that owes
// bytes and sends none leaves the socket idle, as far as TCP can tell.
func states(k detect.Socket) States {
	idle := detect.Idle(k)
	return States{Idle: idle, InFlight: detect.InFlight(k), Waiting: idle, ZeroWindow: detect.ZeroWindow(k)}
}

// ends finds what really ends a dead connection first, application timers
// included. The idle timers of a side are its limiters.
func ends(s *Side, d States, idle []Limiter) EndStates {
	var e EndStates
	e.Idle = never()
	for _, x := range idle {
		if x.Closes == model.CloseAtReuse { // nothing runs while the connection is idle
			continue
		}
		if !x.Known {
			e.Idle.TimerNotKnown = true
			continue
		}
		e.Idle = earlier(e.Idle, End{By: "idle timer", Ref: x.Ref, Known: true, After: x.Low, Low: x.Low, High: x.High, Because: []string{x.Text}})
	}
	h := s.heartbeat()
	quiet := h
	if h != nil && !h.Quiet {
		quiet = nil
	}
	e.Idle = earlier(e.Idle, s.silence(quiet, d.Idle, d.InFlight))
	waits := []model.Role{model.RoleResponse}
	if s.Face.Kind == model.FaceServer {
		waits = []model.Role{model.RoleHeader, model.RoleResponse}
	}
	e.Waiting = earlier(s.timer("response timer", waits...), s.silence(h, d.Waiting, d.InFlight))
	e.InFlight = earlier(s.timer("send timer", model.RoleSend), tcpEnd("retransmission", s, d.InFlight))
	e.ZeroWindow = earlier(s.timer("send timer", model.RoleSend), tcpEnd("window probes", s, d.ZeroWindow))
	if h != nil && !h.Sending {
		e.InFlight, e.ZeroWindow = earlier(e.InFlight, h.counted()), earlier(e.ZeroWindow, h.counted())
	}
	return e
}

// silence is what ends the connection of a dead peer that owes nothing to TCP:
// its probes, or a heartbeat. Probes stop where a heartbeat is sent meanwhile,
// for that is data in flight.
func (s *Side) silence(h *Heartbeat, probes, flight detect.Detection) End {
	tcp := tcpEnd("TCP probes", s, probes)
	if h == nil {
		return tcp
	}
	if !probes.Known || probes.High > h.Low {
		tcp = never()
	}
	return sooner(h.unanswered(flight), tcp)
}

// timer is the application timer of the first role that this side has. Without
// one that is known, the end says that one may exist.
func (s *Side) timer(name string, roles ...model.Role) End {
	none := never()
	for _, role := range roles {
		row := s.First(role)
		if row == nil {
			continue
		}
		if _, ok := row.Value.Duration(); !ok {
			none.TimerNotKnown = row.Value.Kind == model.Unknown
			return none
		}
		if row.Low == model.Never {
			return none
		}
		return End{
			By: name, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Known: true, After: row.Low, Low: row.Low, High: row.High,
			Because: []string{string(s.Endpoint.ID) + ": " + row.describe()},
		}
	}
	none.TimerNotKnown = true
	return none
}

func tcpEnd(name string, s *Side, d detect.Detection) End {
	if !d.Known {
		return End{After: model.Never, Low: model.Never, High: model.Never, Because: d.Because}
	}
	role := model.RoleKeepAlive
	if name != "TCP probes" {
		role = model.RoleDataRetries
	}
	e := End{By: name, Known: true, After: d.After, Low: d.Low, High: d.High, Because: d.Because}
	if d.High == model.Never {
		e.By = ""
	}
	row := s.First(role)
	if row == nil && role == model.RoleDataRetries {
		row = s.First(model.RoleDataAbort)
	}
	if row != nil {
		e.Ref = ParamRef{s.Endpoint.ID, row.Param.ID}
	}
	return e
}

// earlier is the end that surely comes first; what is not known of either is
// not known of the result.
func earlier(a, b End) End {
	first := a
	if b.High < a.High || a.High == model.Never && b.High == model.Never && len(a.Because) == 0 {
		first = b
	}
	first.Known = a.Known && b.Known || first.High != model.Never
	first.TimerNotKnown = a.TimerNotKnown || b.TimerNotKnown
	return first
}

// doubt takes back what was computed of probes whose times nobody knows.
func (s *Side) doubt(d States) States {
	if !s.on(model.RoleKeepAlive) {
		return d
	}
	for _, role := range []model.Role{model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount} {
		if row := s.First(role); row != nil && row.Value == model.ValueUnknown {
			d.Idle = detect.Detection{
				After: model.Never, Low: model.Never, High: model.Never,
				Because: []string{fmt.Sprintf("%s probes, but its %s is not known", s.Endpoint.ID, row.Param.Name)},
			}
			d.Waiting = d.Idle
			return d
		}
	}
	return d
}
