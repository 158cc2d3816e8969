package tuning

import (
	"cmp"
	"slices"

	"example.com/keeptune/model"
)

// reconcile orders the remedies of a leg's findings, the gravest first, so that
// no two put first what turns one setting in opposite directions, and takes from
// a graver finding the later choices that undo what a lesser one puts first. Where
// both can be silenced by that setting alone, in opposite directions, the graver
// finding keeps its choice, and the lesser says what it gives way to.
func (t *trial) reconcile(found []Finding) {
	for j := range found {
		for i := range found[:j] {
			a, b := &found[i], &found[j]
			if len(a.Remedies) == 0 || len(b.Remedies) == 0 || !t.opposite(&a.Remedies[0], &b.Remedies[0]) {
				continue
			}
			if !t.lead(found, j) && !t.lead(found, i) {
				t.yield(b, a)
			}
		}
	}
	t.agree(found)
	for i := range found {
		a := &found[i]
		for j := range found {
			if b := &found[j]; a.Severity > b.Severity && len(a.Remedies) > 1 && len(b.Remedies) > 0 {
				later := slices.DeleteFunc(slices.Clone(a.Remedies[1:]), func(m Remedy) bool { return t.opposite(&m, &b.Remedies[0]) })
				a.Remedies = append(a.Remedies[:1:1], later...)
			}
		}
	}
}

// agree gives one setting one value: where two findings put first another one of the same
// setting, the lesser takes over what the graver says, or the graver what the lesser says,
// whichever puts both right; else the lesser puts first what does not touch it, or gives way.
func (t *trial) agree(found []Finding) {
	for j := range found {
		for i := range found[:j] {
			a, b := &found[i], &found[j]
			if len(a.Remedies) == 0 || len(b.Remedies) == 0 || !differs(&a.Remedies[0], &b.Remedies[0]) {
				continue
			}
			switch {
			case t.takesOver(b, a.Remedies[0]), t.takesOver(a, b.Remedies[0]):
				continue
			}
			b.Remedies = slices.DeleteFunc(slices.Clone(b.Remedies), func(m Remedy) bool { return differs(&a.Remedies[0], &m) })
			if len(b.Remedies) == 0 {
				b.Because = append(slices.Clone(b.Because), "what would end this has to wait for what "+a.Rule.ID+" asks for: "+a.Remedies[0].Label)
			}
		}
	}
}

// takesOver puts another finding's remedy first where it ends this one, too.
func (t *trial) takesOver(f *Finding, m Remedy) bool {
	var edits []model.Set
	for _, e := range m.Edits {
		set, ok := e.(model.Set)
		if !ok {
			return false
		}
		edits = append(edits, set)
	}
	o, ok := t.try(edits)
	if !ok {
		return false
	}
	if _, ok = t.cures(f, &o.outcome); !ok {
		return false
	}
	rest := slices.DeleteFunc(slices.Clone(f.Remedies), func(o Remedy) bool { return differs(&o, &m) || o.Label == m.Label })
	f.Remedies = append([]Remedy{m}, rest...)
	return true
}

// follow lets the other findings take over a setting's value from the first way out of a
// conflict, where it puts them right, too; else they put first what does not touch it.
func (t *trial) follow(found []Finding, conflict int, tried []*knob) {
	if len(found[conflict].Remedies) == 0 {
		return
	}
	first := &found[conflict].Remedies[0]
	for i := range found {
		f := &found[i]
		if i == conflict || len(f.Remedies) == 0 || !differs(&f.Remedies[0], first) || t.takesOne(f, first, tried) {
			continue
		}
		if k := slices.IndexFunc(f.Remedies, func(m Remedy) bool { return !differs(&m, first) }); k > 0 {
			f.Remedies = slices.Concat(f.Remedies[k:k+1], f.Remedies[:k], f.Remedies[k+1:])
		}
	}
}

// takesOne puts first what a way out does to the setting that a finding puts first, where
// that alone ends the finding.
func (t *trial) takesOne(f *Finding, out *Remedy, tried []*knob) bool {
	for _, e := range out.Edits {
		set, ok := e.(model.Set)
		k := slices.IndexFunc(tried, func(k *knob) bool { return ok && k.endpoint == set.Endpoint && k.param.ID == set.Param })
		if k < 0 {
			continue
		}
		o := &option{edits: []model.Set{set}, knobs: tried[k : k+1]}
		m := Remedy{Label: t.label(o), Costs: t.price(o), Edits: []model.Edit{set}}
		if differs(&f.Remedies[0], &m) && t.takesOver(f, m) {
			return true
		}
	}
	return false
}

// differs reports whether two remedies give one setting two values.
func differs(a, b *Remedy) bool {
	for _, x := range a.Edits {
		for _, y := range b.Edits {
			m, ok := x.(model.Set)
			n, also := y.(model.Set)
			if ok && also && m.Endpoint == n.Endpoint && m.Param == n.Param && m.Setting.Value != n.Setting.Value {
				return true
			}
		}
	}
	return false
}

// yield takes from a finding the choices that undo what a graver one puts first.
func (t *trial) yield(f, to *Finding) {
	first := &to.Remedies[0]
	f.Remedies = slices.DeleteFunc(slices.Clone(f.Remedies), func(m Remedy) bool { return t.opposite(&m, first) })
	f.Because = append(slices.Clone(f.Because), "what would end this undoes what "+to.Rule.ID+" asks for: "+first.Label)
}

// lead puts first the best remedy of a finding that is not opposite to what
// another puts first; false where there is none.
func (t *trial) lead(found []Finding, of int) bool {
	own := found[of].Remedies
	for k := range own {
		if slices.ContainsFunc(found, func(f Finding) bool {
			return len(f.Remedies) > 0 && &f.Remedies[0] != &own[0] && t.opposite(&own[k], &f.Remedies[0])
		}) {
			continue
		}
		best := own[k]
		copy(own[1:k+1], own[:k])
		own[0] = best
		return true
	}
	return false
}

// opposite reports whether one remedy turns up a setting that the other turns down.
func (t *trial) opposite(a, b *Remedy) bool {
	for _, x := range a.Edits {
		for _, y := range b.Edits {
			m, ok := x.(model.Set)
			n, also := y.(model.Set)
			if ok && also && m.Endpoint == n.Endpoint && m.Param == n.Param && t.direction(m)*t.direction(n) < 0 {
				return true
			}
		}
	}
	return false
}

// direction is 1 where an edit makes its setting longer, more or on, -1 where less.
func (t *trial) direction(e model.Set) int {
	was, known := size(t.before.leg.value(ParamRef{e.Endpoint, e.Param}))
	is, also := size(e.Setting.Value)
	if !known || !also {
		return 0
	}
	return cmp.Compare(is, was)
}

// size is a value as a number; without an end is the greatest.
func size(v model.Value) (int64, bool) {
	switch v {
	case model.ValueOn:
		return 1, true
	case model.ValueOff:
		return 0, true
	}
	if n, ok := v.Count(); ok {
		return n, true
	}
	d, ok := v.Duration()
	return int64(d), ok
}

// value is what is in force for a setting of the leg, unset where it has none.
func (l *Leg) value(ref ParamRef) model.Value {
	for _, s := range []*Side{&l.Client, &l.Server} {
		if s.Endpoint.ID == ref.Endpoint {
			return s.value(ref.Param)
		}
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; b.Endpoint.ID == ref.Endpoint && b.Row.Param.ID == ref.Param {
			return b.Row.Value
		}
	}
	return model.ValueUnset
}
