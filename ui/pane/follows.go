package pane

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/ui/contract"
)

// follows is what a setting leads to on the shown leg: its part in the limit,
// or the detection that it takes part in, with the steps.
func follows(c *contract.Context, row *tuning.Row) (title string, steps []string) {
	leg := c.Shown()
	role := row.Param.Role
	states, ends := leg.Detection.Client, leg.Ends.Client
	if c.At.Server {
		states, ends = leg.Detection.Server, leg.Ends.Server
	}
	switch {
	case role == model.RoleIdle || role == model.RoleMiddleboxTTL:
		return limiterTitle(leg, row), nil
	case role == model.RoleUserTimeout || role == model.RoleDataRetries || role == model.RoleDataAbort || role == model.RoleRTOMin || role == model.RoleRTOMax || role == model.RoleTailLoss:
		return notices(states.InFlight, "unacknowledged data is given up after ", "unacknowledged data is never given up"), states.InFlight.Because
	case role.TCP() && role != model.RoleOrphans && role != model.RoleSynRetries && role != model.RoleSynLinear:
		return notices(states.Idle, "TCP notices a dead idle peer after ", "TCP never notices a dead idle peer"), states.Idle.Because
	case role == model.RoleResponse || role == model.RoleHeader:
		return endTitle("a peer that owes an answer", ends.Waiting), nil
	case role == model.RoleSend:
		return endTitle("a peer that takes no data", ends.InFlight), nil
	}
	return "", nil
}

func notices(d detect.Detection, after, never string) string {
	if d.Known && d.High == model.Never {
		return never
	}
	return after + detected(d)
}

func limiterTitle(leg *tuning.Leg, row *tuning.Row) string {
	for _, x := range leg.Limit.All {
		if x.Ref.Param != row.Param.ID {
			continue
		}
		if x.Ref == leg.Limit.Limiter.Ref {
			return "it is the limit of this leg: " + between(x)
		}
		if x.Low == model.Never {
			return "it never ends an idle connection; the limit is " + model.HumanSpan(leg.Limit.Idle)
		}
		return "it would end an idle connection after " + between(x) + "; the limit is " + model.HumanSpan(leg.Limit.Idle)
	}
	return ""
}

func endTitle(what string, e tuning.End) string {
	if e.High == model.Never {
		return ""
	}
	return what + " is given up after " + contract.Short(e.High) + " at the latest, by the " + e.By
}

// detected is a detection with its bounds; the ideal time never stands alone.
func detected(d detect.Detection) string {
	switch {
	case !d.Known:
		return "a time that is not known"
	case d.High == model.Never:
		return "never"
	case d.Low == d.High:
		return model.HumanSpan(d.High)
	}
	return model.HumanSpan(d.Low) + " to " + model.HumanSpan(d.High) + " (with ideal timers " + model.HumanSpan(d.After) + ")"
}
