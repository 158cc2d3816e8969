package explain

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
)

// timers are the roles of settings that end a connection by themselves while it
// is not idle.
var timers = []struct {
	role  model.Role
	cause Cause
}{
	{model.RoleFirstByte, CauseFirstByte},
	{model.RoleHeader, CauseHeader},
	{model.RoleResponse, CauseResponse},
	{model.RoleSend, CauseSend},
	{model.RoleAge, CauseAge},
}

// sideSigns are the signs of a product's face: its own timers, its heartbeat, and
// its sockets where it does not leave them to the system.
func sideSigns(s *tuning.Side) []Sign {
	var all []Sign
	add := func(x Sign) {
		x.Face, x.stack = s.Face.Kind, s.Kernel.Stack
		if x.By == "" {
			x.By = string(s.Face.Kind)
		}
		if x.finite() {
			all = append(all, x)
		}
	}
	shown := map[model.ParamID]bool{}
	for _, l := range s.Limiters() {
		row := s.Row(l.Ref.Param)
		if row == nil || !l.Known || row.Param.Face == model.FaceHost {
			continue
		}
		shown[row.Param.ID] = true
		cause := CauseIdle
		if l.Age {
			cause = CauseAge
		}
		after, value := l.Low, row.Value.Human()
		if d, ok := row.Value.Duration(); ok {
			after = d
			if extra := l.Low - row.Low; extra > 0 {
				after, value = d+extra, model.HumanSpan(d)+" + "+model.HumanSpan(extra)
			}
		}
		add(Sign{Cause: cause, Param: row.Param.ID, Setting: row.Param.Name, Value: value, After: after, Low: l.Low, High: l.High, Closes: l.Closes})
	}
	for i := range s.Rows {
		row := &s.Rows[i]
		d, ok := row.Value.Duration()
		if !ok || row.Param.Face == model.FaceHost || shown[row.Param.ID] {
			continue
		}
		for _, t := range timers {
			if t.role == row.Param.Role {
				add(Sign{Cause: t.cause, Param: row.Param.ID, Setting: row.Param.Name, Value: row.Value.Human(), After: d, Low: row.Low, High: row.High, Closes: s.Face.Close})
			}
		}
	}
	for _, x := range heartbeatSigns(s) {
		add(x)
	}
	for _, x := range socketSigns(s) {
		add(x)
	}
	return all
}

// heartbeatSigns are when a sign of life is due, and when its absence ends the
// connection.
func heartbeatSigns(s *tuning.Side) []Sign {
	h := s.Heartbeat()
	row := s.First(model.RolePingEvery)
	if h == nil || row == nil {
		return nil
	}
	every := row.Value.Human()
	all := []Sign{{Cause: CauseHeartbeat, Param: row.Param.ID, Setting: h.Name, Value: every, After: h.Low, Low: h.Low, High: h.High, Closes: ClosesNothing}}
	gone := h.Unanswered()
	if gone.After == model.Never {
		return all
	}
	setting, value := h.Name, fmt.Sprintf("%s x %d", every, h.Count)
	if row := s.First(model.RolePingCount); row != nil {
		setting += " x " + row.Param.Name
	}
	if row := s.First(model.RolePingWait); row != nil && h.Wait > 0 {
		setting, value = h.Name+" + "+row.Param.Name, every+" + "+model.HumanSpan(h.Wait)
	}
	return append(all, Sign{Cause: CauseUnanswered, Param: row.Param.ID, Setting: setting, Value: value, After: gone.After, Low: gone.Low, High: gone.High, Closes: s.Face.Close})
}

// socketSigns are those of probes and user timeouts that a product sets itself.
func socketSigns(s *tuning.Side) []Sign {
	k := s.Kernel
	var all []Sign
	if row := own(s, model.RoleUserTimeout); row != nil && k.UserTimeout > 0 && k.Stack == model.StackLinux {
		all = append(all, kernelSign(CauseFlight, row.Param, row.Param.Name, row.Value.Human(), detect.InFlight(k)))
	}
	row := own(s, model.RoleProbeIdle)
	if !k.KeepAlive || row == nil {
		return all
	}
	setting := nameOf(func(role model.Role) *model.Param {
		if r := s.First(role); r != nil {
			return r.Param
		}
		return nil
	})
	first := kernelSign(CauseFirstProbe, row.Param, row.Param.Name, row.Value.Human(), firstProbe(k))
	return append(all, first, kernelSign(CauseProbes, row.Param, setting, probesText(k), detect.Idle(k)))
}

// own is the row of a role that the product itself gives a value, or nil.
func own(s *tuning.Side, role model.Role) *tuning.Row {
	row := s.First(role)
	if row == nil || row.Param.Face == model.FaceHost || row.Via != nil && row.Via.Face == model.FaceHost || !row.Value.IsSet() || row.Value.Kind == model.Unknown {
		return nil
	}
	return row
}

// nameOf is the settings of the probes, to be read.
func nameOf(param func(model.Role) *model.Param) string {
	var names []string
	for _, role := range []model.Role{model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount} {
		if p := param(role); p != nil {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

func probesText(k detect.Socket) string {
	if k.UserTimeout > 0 {
		return fmt.Sprintf("%s, then every %s until %s", model.HumanSpan(k.Idle), model.HumanSpan(k.Every), model.HumanSpan(k.UserTimeout))
	}
	return fmt.Sprintf("%s + %d x %s", model.HumanSpan(k.Idle), k.Count, model.HumanSpan(k.Every))
}

// firstProbe is when the first probe goes out, which a reset may answer.
func firstProbe(k detect.Socket) detect.Detection {
	late := detect.ProbesEvery(k)
	if late == model.Never {
		return detect.Detection{}
	}
	return detect.Detection{Known: true, After: k.Idle, Low: k.Idle, High: max(late, k.Idle)}
}

// kernelSign is a detection as a sign. What ends is the kernel's own side: its
// calls fail.
func kernelSign(cause Cause, p *model.Param, setting, value string, d detect.Detection) Sign {
	x := Sign{Cause: cause, Setting: setting, Value: value, Closes: ClosesTimeout, After: d.After, Low: d.Low, High: d.High}
	if p != nil {
		x.Param = p.ID
	}
	switch cause {
	case CauseFirstProbe:
		x.Closes = model.CloseRST
	case CauseFinWait, CauseOrphan:
		x.Closes = ClosesNothing
	default:
	}
	if !d.Known {
		x.After = model.Never
	}
	return x
}

// frequencies are those with which Linux is built most; a machine that is not
// known may have any.
var frequencies = []int{100, 250, 1000}

// kernelSigns are those of an operating system at a version, whose sockets have
// its defaults and probe.
func kernelSigns(s *model.System, v model.Version) []Sign {
	k := tuning.HostSocket(s, v)
	k.KeepAlive = true
	all := signsOfKernel(k, func(role model.Role) *model.Param {
		for _, p := range s.ByRole(model.FaceHost, role, v) {
			return p
		}
		return nil
	})
	if k.Stack != model.StackLinux {
		return all
	}
	for _, hz := range frequencies {
		k.HZ = hz
		for i, x := range signsOfKernel(k, func(model.Role) *model.Param { return nil }) {
			all[i].Low, all[i].High = min(all[i].Low, x.Low), max(all[i].High, x.High)
		}
	}
	return all
}

// sideKernelSigns are those of the kernel under a side of a path.
func sideKernelSigns(s *tuning.Side) []Sign {
	all := signsOfKernel(s.Kernel, func(role model.Role) *model.Param {
		if row := s.First(role); row != nil {
			if row.Via != nil {
				return row.Via
			}
			return row.Param
		}
		return nil
	})
	for i := range all {
		all[i].System = s.Host
		all[i].By = string(s.Face.Kind)
	}
	return all
}

// signsOfKernel are all that a socket's arithmetic gives.
func signsOfKernel(k detect.Socket, param func(model.Role) *model.Param) []Sign {
	var all []Sign
	add := func(cause Cause, role model.Role, setting, value string, d detect.Detection) {
		p := param(role)
		if p != nil && setting == "" {
			setting = p.Name
		}
		x := kernelSign(cause, p, setting, value, d)
		x.Face, x.By, x.stack = model.FaceHost, "the side whose kernel it is", k.Stack
		if x.finite() {
			all = append(all, x)
		}
	}
	retries, limit := fmt.Sprintf("%d", k.Retries), ""
	if param(model.RoleDataRetries) == nil {
		retries, limit = "", "the system's limit of retransmissions"
	}
	if k.UserTimeout > 0 {
		retries = "TCP_USER_TIMEOUT " + model.HumanSpan(k.UserTimeout)
	}
	if k.KeepAlive {
		add(CauseProbes, model.RoleProbeIdle, nameOf(param), probesText(k), detect.Idle(k))
		add(CauseFirstProbe, model.RoleProbeIdle, "", model.HumanSpan(k.Idle), firstProbe(k))
	}
	add(CauseFlight, model.RoleDataRetries, limit, retries, detect.InFlight(k))
	connect, value := "the system's SYN retries", ""
	if k.Stack == model.StackLinux {
		connect, value = "tcp_syn_retries", fmt.Sprintf("%d", k.SynRetries)
	}
	add(CauseConnect, model.RoleSynRetries, connect, value, detect.Connect(k))
	add(CauseWindow, model.RoleDataRetries, limit, retries, detect.ZeroWindow(k))
	if k.Stack == model.StackLinux {
		add(CauseFinWait, "", "tcp_fin_timeout", model.HumanSpan(k.FinTimeout), detect.FinWait(k))
		add(CauseOrphan, model.RoleOrphans, "tcp_orphan_retries", fmt.Sprintf("%d", k.Orphans), detect.Orphan(k))
	}
	return all
}

// boxSigns are the idle timers of a middlebox.
func boxSigns(s *tuning.Side) []Sign {
	expiry := model.CloseUnknown
	if s.System.Tracking != nil {
		expiry = s.System.Tracking.Expiry(func(id model.ParamID) model.Value {
			if row := s.Row(id); row != nil {
				return row.Value
			}
			return model.ValueUnset
		})
	}
	var all []Sign
	for i := range s.Rows {
		if x, ok := boxSign(s.System, &s.Rows[i], expiry); ok {
			all = append(all, x)
		}
	}
	return all
}

func boxSign(s *model.System, row *tuning.Row, expiry model.CloseKind) (Sign, bool) {
	d, ok := row.Value.Duration()
	if !ok || row.Param.Role != model.RoleMiddleboxTTL {
		return Sign{}, false
	}
	x := Sign{
		Cause: CauseBox, System: s, Face: model.FaceHost, Param: row.Param.ID, Setting: row.Param.Name, Value: row.Value.Human(),
		After: d, Low: row.Low, High: row.High, By: "middlebox", Closes: expiry,
	}
	return x, x.finite()
}
