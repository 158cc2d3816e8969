package tuning

import (
	"slices"
	"time"

	"example.com/keeptune/model"
)

// inTime is the remedy of more than one setting for news that come too late, since
// one alone seldom does. On a quiet connection that is probes, the first within half
// of the time that was asked for and all of them within nine tenths of it; with data
// in flight TCP_USER_TIMEOUT, and probes so that it does not end at a single lost one.
func (t *trial) inTime(f *Finding, tried []*knob) []*option {
	within := t.before.leg.spanGiven(model.QuantityNotice)
	if within == 0 || f.Rule.ID != "KA-3" && f.Rule.ID != "KA-4" {
		return nil
	}
	for _, s := range bothSides(t.before.leg) {
		n := s.count(model.RoleProbeCount, 0)
		if s.Endpoint.ID != f.At[0].Endpoint || n < 1 {
			continue
		}
		var o option
		if f.Rule.ID == "KA-3" {
			first := usualUpTo(within / 2)
			o = s.turned(tried, !s.on(model.RoleKeepAlive), 0, first, wholeDown((within/10*9-first)/time.Duration(n)))
		} else {
			o = s.turned(tried, !s.on(model.RoleKeepAlive), wholeDown(within/10*9), usualUpTo(within/3), wholeDown(within/10))
		}
		if len(o.edits) == 0 || slices.ContainsFunc(o.knobs, func(k *knob) bool { return k.cured(t, f) && !k.foreign() }) {
			continue
		}
		after, ok := t.try(o.edits)
		if !ok {
			continue
		}
		if o.raises, ok = t.cures(f, &after.outcome); ok {
			return []*option{&o}
		}
	}
	return nil
}

// usualUpTo is the longest time that people write and that is not above another.
func usualUpTo(d time.Duration) time.Duration {
	longest := d
	for _, u := range usualSpans {
		if u <= d {
			longest = u
		}
	}
	return longest
}

// turned is the option of setting the probes of a side, and TCP_USER_TIMEOUT unless
// it is 0; without edits where the side has not got the settings.
func (s *Side) turned(tried []*knob, on bool, user, idle, every time.Duration) option {
	var o option
	for _, x := range []struct {
		role  model.Role
		value model.Value
		skip  bool
	}{
		{model.RoleKeepAlive, model.ValueOn, !on},
		{model.RoleUserTimeout, model.For(user), user == 0},
		{model.RoleProbeIdle, model.For(idle), false},
		{model.RoleProbeEvery, model.For(every), false},
	} {
		if x.skip {
			continue
		}
		row := s.First(x.role)
		i := slices.IndexFunc(tried, func(k *knob) bool { return k.side == s && k.row == row })
		if row == nil || i < 0 || !tried[i].takes(x.value) || x.value == model.For(0) {
			return option{}
		}
		o.knobs, o.edits = append(o.knobs, tried[i]), append(o.edits, tried[i].edits(x.value)...)
		o.control, o.foreign = max(o.control, tried[i].control()), o.foreign || row.Param.Face == model.FaceHost
	}
	if len(o.edits) != len(o.knobs) {
		return option{}
	}
	o.rank = rankOf(model.RoleProbeIdle)
	return o
}
