package tuning

import (
	"cmp"
	"slices"

	"example.com/keeptune/model"
)

// A Remedy is one way out of a finding: a label and the edits that carry it out.
type Remedy struct {
	Label string
	Edits []model.Edit
	Costs []string // what it costs beside, a clause each
}

// remediesAtMost bounds what is offered for one finding.
const remediesAtMost = 5

// Advise is the findings of one leg of an analyzed document, each with its
// remedies, the best first. A remedy is one setting of one product on that leg,
// or a switch and the time that belongs to it, after which the finding is gone
// and nothing as grave has come in its place, on this leg or beside it. It is
// found by trying, not by knowing the rules.
func Advise(d model.Document, env *Env, r Report, leg int) []Finding {
	told := r.of(leg)
	if t := env.consult(d, leg, told); t != nil {
		return slices.Clone(t.advised)
	}
	return told
}

// of are the findings of a leg.
func (r *Report) of(leg int) []Finding {
	var found []Finding
	for _, f := range r.Findings {
		if f.Leg == leg {
			found = append(found, f)
		}
	}
	return found
}

// consultationsAtMost bounds the trials that an environment remembers.
const consultationsAtMost = 4

// consult tries the settings of a leg for what was told of it, or remembers that. It
// is nil where nothing has to be done.
func (e *Env) consult(d model.Document, leg int, told []Finding) *trial {
	if !slices.ContainsFunc(told, func(f Finding) bool { return !f.Calm() }) {
		return nil
	}
	for _, t := range e.consulted {
		if t.leg == leg && t.path.Equal(d.Path) && slices.EqualFunc(t.told, told, func(a, b Finding) bool { return a.same(b) }) {
			return t
		}
	}
	var t *trial
	e.aside(func() {
		var err error
		if t, err = newTrial(d, e, leg); err != nil {
			t = nil // a document that was analyzed can be tried
			return
		}
		t.told = told
		t.turn()
		t.advised = t.advise()
	})
	if t != nil {
		e.consulted = append(e.consulted[max(0, len(e.consulted)+1-consultationsAtMost):], t)
	}
	return t
}

// aside does what must not push out the analysis before, and needs only what the
// rules rest on.
func (e *Env) aside(do func()) {
	before, was := slices.Clone(e.last), e.trying
	e.trying = true
	defer func() { e.last, e.trying = before, was }()
	do()
}

// advise is what was told, with remedies.
func (t *trial) advise() []Finding {
	found, tried := slices.Clone(t.told), t.fresh()
	for i := range found {
		if !found[i].Calm() && !found[i].Rule.byHand {
			found[i].Remedies = t.remedies(&found[i], tried)
		}
	}
	t.reconcile(found)
	for i := range found {
		if found[i].Rule == newsAgainstOutage {
			t.env.aside(func() { found[i].Remedies = t.giveWay() })
			t.follow(found, i, tried)
		}
	}
	return found
}

// adviseAlone is the same where what comes of it beside the leg does not count.
func (t *trial) adviseAlone() []Finding {
	if len(t.legs) == 1 {
		return t.advised
	}
	t.alone = true
	defer func() { t.alone = false }()
	var found []Finding
	t.env.aside(func() { found = t.advise() })
	return found
}

// Advised is the report with the remedies of every finding.
func Advised(d model.Document, env *Env, r Report) Report {
	var all []Finding
	for i := range r.Legs {
		all = append(all, Advise(d, env, r, i)...)
	}
	byGravity(all)
	r.Findings = all
	return r
}

// byGravity sorts the gravest first, and leaves the order of the legs.
func byGravity(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
}

// A harm is what a change costs beside what it cures, from nothing on.
type harm int

const (
	harmless  harm = iota
	shorter        // idle connections live for less time
	endless        // nothing ends an idle connection any more, or a dead one, or nobody knows what does
	reuseless      // every request needs a connection of its own
	unbounded      // neither end closes an idle connection any more
	sessions       // it ends sessions that somebody may be using
)

// An option is a remedy that was found, and what decides about its place.
type option struct {
	edits   []model.Set
	knobs   []*knob
	harm    harm
	raises  Severity // the gravest that it brings, less grave than what it cures
	control int      // how far it is out of the reader's hands
	wide    bool     // it takes reuse from all clients of a server
	cause   bool     // what it changes is all that the finding is about, or was written amiss
	foreign bool     // it is no setting of the product's own
	rank    int      // of the role
	change  float64
}

// repeats reports whether requests are sent twice by it, which a server may do
// twice: what ends the race comes before.
func (a *option) repeats() bool { return a.knobs[0].param.Role == model.RoleRetry && !a.cause }

// compare is the order in which two options are offered.
func (a *option) compare(b *option) int {
	return cmp.Or(
		compareBool(a.repeats(), b.repeats()),
		cmp.Compare(a.harm, b.harm),
		compareBool(a.wide, b.wide),
		cmp.Compare(a.raises, b.raises),
		compareBool(b.cause, a.cause),
		cmp.Compare(a.control, b.control),
		compareBool(a.foreign, b.foreign),
		cmp.Compare(len(a.edits), len(b.edits)),
		cmp.Compare(a.rank, b.rank),
		cmp.Compare(a.change, b.change),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// remedies are the ways out of one finding of the trial's leg.
func (t *trial) remedies(f *Finding, tried []*knob) []Remedy {
	var options []*option
	for _, k := range tried {
		if o := t.single(f, k); o != nil {
			options = append(options, o)
		}
	}
	options = append(options, t.pairs(f, tried)...)
	options = append(options, t.waysOut(f, tried)...)
	options = append(options, t.inTime(f, tried)...)
	for _, k := range tried {
		if len(options) > 0 {
			break
		}
		if k.matters(t) && t.between(f, k) {
			options = append(options, t.single(f, k))
		}
	}
	if len(options) == 0 {
		return nil
	}
	slices.SortStableFunc(options, (*option).compare)
	best := options[0]
	var out []Remedy
	for _, o := range options {
		// What costs more than the best is no choice, except between the first two kinds.
		if len(out) == remediesAtMost || o.harm > max(best.harm, shorter) || o.raises > best.raises {
			continue
		}
		r := Remedy{Label: t.label(o), Costs: t.price(o)}
		if slices.ContainsFunc(out, func(other Remedy) bool { return phraseOf(other) == phraseOf(r) }) {
			continue // the same of the same end by another setting, less direct
		}
		for _, e := range o.edits {
			r.Edits = append(r.Edits, e)
		}
		out = append(out, r)
	}
	return out
}
