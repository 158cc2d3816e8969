package solve

import (
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A lean is which values of a setting serve a need best.
type lean uint8

const (
	least lean = 1 << iota // the smallest number
	most                   // the greatest number, or one without end
	on                     // switched on
	off                    // switched off
)

// serving are the options of a setting of the need's leg among which one is best for
// the need, whatever the others are; nil where the setting does not matter to it.
// A number serves the longer or the shorter it is, one way or the other. What is not
// so plain has both ends.
func (p *problem) serving(n need, s *setting) []int {
	if !involves(n.goal, s.param.Role, p.tied(n.leg)) {
		return nil
	}
	stretch := p.stretches[n.leg]
	other := n.by == tuning.ByClient && s.place != stretch.First || n.by == tuning.ByServer && s.place != stretch.Last
	switch s.param.Role {
	case model.RolePingEvery, model.RolePingIdle, model.RoleMiddleboxTTL: // they matter to both
	case model.RoleIdle, model.RoleHint: // a server's can be what its client is told
		if other && n.by == tuning.ByServer {
			return nil
		}
	case model.RoleDataRetries, model.RoleDataAbort:
		if other || n.goal != model.GoalOutage && !p.asks(n) {
			return nil
		}
	default:
		if other {
			return nil
		}
	}
	l := n.leans(s, stretch, p.tied(n.leg))
	if !s.leads {
		return s.pick(l)
	}
	found := []int{0} // not set it does something else than set to anything
	set := &setting{param: s.param, domain: s.domain[1:]}
	for _, o := range set.pick(l) {
		found = append(found, o+1)
	}
	return found
}

// asks reports whether the side of a need can ask for signs of life.
func (p *problem) asks(n need) bool {
	side := &p.before.Legs[n.leg].Client
	if n.by == tuning.ByServer {
		side = &p.before.Legs[n.leg].Server
	}
	return side.First(model.RolePingEvery) != nil
}

// leans is how a need leans in what a setting is.
func (n need) leans(s *setting, stretch tuning.Stretch, tied bool) lean {
	role := s.param.Role
	switch role {
	case model.RolePingIdle, model.RoleHintReading:
		return on | off
	case model.RolePingEvery:
		return least | most | off
	default:
	}
	switch n.goal {
	case model.GoalDetect, model.GoalDetectClient, model.GoalDetectServer:
		if role == model.RoleUserTimeout {
			return least | off
		}
		return least | on
	case model.GoalOutage:
		switch role {
		case model.RoleKeepAlive:
			return off
		case model.RoleProbeEvery, model.RoleProbeIdle:
			return least | most
		default:
		}
		return most | off
	case model.GoalHold:
		return least | on
	case model.GoalIdle, model.GoalProbes:
		switch role {
		case model.RoleIdle, model.RoleHint, model.RoleMiddleboxTTL:
			return least
		default:
		}
		if !tied {
			return most | off
		}
		return least | most | on | off
	case model.GoalLost:
		switch role {
		case model.RoleIdle:
			if s.place == stretch.First {
				return least
			}
			return least | most // a server's may be its hint, too
		case model.RoleMiddleboxTTL:
			return most
		default:
		}
		return least | on | off
	}
	return least | most | on | off
}

// pick are the options of a lean.
func (s *setting) pick(l lean) []int {
	var found []int
	add := func(i int) {
		if i >= 0 && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	small, great := -1, -1
	for i, o := range s.domain {
		switch d, _ := number(o.value); {
		case o.value == model.ValueOn && l&on != 0, o.value == model.ValueOff && (l&off != 0 || s.param.Shape() != model.ShapeSwitch):
			add(i)
		case o.value.Kind == model.Span || o.value.Kind == model.Count:
			if small < 0 || d < value(s, small) {
				small = i
			}
			if great < 0 || d > value(s, great) {
				great = i
			}
		case o.value == model.ValueOn, o.value == model.ValueOff:
		default: // without end, unset or not known
			add(i)
		}
	}
	if l&least != 0 {
		add(small)
	}
	if l&most != 0 {
		add(great)
	}
	if len(found) == 0 {
		for i := range s.domain {
			add(i)
		}
	}
	return found
}

func value(s *setting, option int) int64 {
	n, _ := number(s.domain[option].value)
	return n
}
