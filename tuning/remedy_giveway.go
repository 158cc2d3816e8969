package tuning

import (
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A wish is one of the two times that contradict each other, with another value.
type wish struct {
	quantity model.Quantity
	value    model.Value
}

// giveWay are the ways out of a dead peer that is to be noticed before an outage ends
// that is to be survived: one of the two times with a value that the other allows, or
// without one, and the settings that meet both then.
func (t *trial) giveWay() []Remedy {
	l := t.before.leg
	notice, outage := l.spanGiven(model.QuantityNotice), l.outage
	var later, less []wish
	for _, n := range []time.Duration{2, 3} {
		later = append(later, wish{model.QuantityNotice, model.For(nearest10(n * outage))})
		less = append(less, wish{model.QuantityOutage, model.For(nearest10(notice / (2 * n)))})
	}
	var found []Remedy
	for _, out := range []struct {
		wishes []wish
		label  func(model.Value) string
	}{
		{later, func(v model.Value) string {
			return "survive " + model.HumanSpan(outage) + " and notice a dead peer within " + v.Human()
		}},
		{less, func(v model.Value) string {
			return "notice a dead peer within " + model.HumanSpan(notice) + " and survive " + v.Human()
		}},
		{[]wish{{model.QuantityOutage, model.ValueUnset}}, func(model.Value) string {
			return "notice a dead peer within " + model.HumanSpan(notice) + " and take up again what an outage ends"
		}},
	} {
		for _, w := range out.wishes {
			if m, ok := t.meets(w); ok {
				m.Label = out.label(w.value) + m.Label
				found = append(found, m)
				break
			}
		}
	}
	return found
}

// giveWayEdits bounds how many findings are put right on the way to a wish.
const giveWayEdits = 6

// meets looks for settings with which the leg does what is asked for once a wish has
// given way: the best remedy of each finding in turn. It is false where some finding of
// the two times stays, or where another one comes.
func (t *trial) meets(w wish) (m Remedy, ok bool) {
	d := model.Document{Path: t.path}
	given := model.SetQuantity{Leg: t.leg, Quantity: w.quantity, Setting: model.Setting{Value: w.value}}
	if w.value.IsSet() {
		given.Setting = model.Typed(w.value)
	}
	var err error
	if d, err = d.With(given, t.env.Catalog); err != nil {
		return Remedy{}, false
	}
	var sets []string
	for range giveWayEdits {
		u, err := newTrial(d, t.env, t.leg)
		if err != nil {
			return Remedy{}, false
		}
		f := u.pulled()
		if f == nil {
			if len(sets) > 0 {
				m.Label = ": " + strings.Join(sets, ", ")
			}
			m.Edits = append(m.Edits, given)
			return m, !u.worse(&t.before.outcome)
		}
		u.turn()
		offered := u.remedies(f, u.knobs)
		i := slices.IndexFunc(offered, func(r Remedy) bool { return !u.ends(&r) })
		if i < 0 {
			return Remedy{}, false
		}
		r := offered[i]
		for _, e := range r.Edits {
			set, ok := e.(model.Set)
			if !ok {
				return Remedy{}, false
			}
			if d, err = d.With(set, t.env.Catalog); err != nil {
				return Remedy{}, false
			}
			m.Edits = slices.DeleteFunc(m.Edits, func(o model.Edit) bool {
				was, ok := o.(model.Set)
				return ok && was.Endpoint == set.Endpoint && was.Param == set.Param
			})
			m.Edits = append(m.Edits, set)
		}
		for _, c := range r.Costs {
			news := strings.Contains(c, " a dead peer ") // against the step before, which nobody sees
			if !news && !slices.Contains(m.Costs, c) {
				m.Costs = append(m.Costs, c)
			}
		}
		sets = u.named(m.Edits)
	}
	return Remedy{}, false
}

// pulled is the first finding of the leg about the two times, nil where there is none.
func (t *trial) pulled() *Finding {
	for i := range t.before.findings {
		if f := &t.before.findings[i]; f.Leg == t.leg && f.Severity > Info && (f.Rule == newsAgainstOutage || t.before.leg.pulls(f)) {
			return f
		}
	}
	return nil
}

// worse reports whether a rule says more, above info, than it did.
func (t *trial) worse(was *outcome) bool {
	return slices.ContainsFunc(t.before.findings, func(f Finding) bool {
		return f.Severity > Info && t.before.count(f.Rule, f.Leg, f.Severity) > was.count(f.Rule, f.Leg, f.Severity)
	})
}

// ends reports whether a remedy of a session ends it: that is no way to notice a dead
// peer, and none to survive.
func (t *trial) ends(m *Remedy) bool {
	l := t.before.leg
	return l.Limit.Session && slices.ContainsFunc(m.Edits, func(e model.Edit) bool {
		set, ok := e.(model.Set)
		if !ok {
			return false
		}
		for _, s := range bothSides(l) {
			if row := s.Row(set.Param); row != nil && s.Endpoint.ID == set.Endpoint && row.Param.Role == model.RoleIdle {
				return true
			}
		}
		return false
	})
}

// named are edits as their products write them.
func (t *trial) named(edits []model.Edit) []string {
	var out []string
	for _, e := range edits {
		set, ok := e.(model.Set)
		if !ok {
			continue
		}
		name := string(set.Param)
		for _, s := range bothSides(t.before.leg) {
			if row := s.Row(set.Param); row != nil && s.Endpoint.ID == set.Endpoint {
				name = row.Param.Name
			}
		}
		out = append(out, string(set.Endpoint)+" "+name+" "+said(set.Setting.Value))
	}
	return out
}
