package tuning

import (
	"slices"

	"example.com/keeptune/model"
)

// A trial changes settings of one leg and looks at what the rules say then.
type trial struct {
	env    *Env
	path   model.Path // worked on: each try takes its edits back
	leg    int
	legs   []span // the leg and its neighbours, which share its ends
	before state
	alone  bool    // what comes of it beside the leg does not count
	knobs  []*knob // as they are before any remedy is sought

	told, advised []Finding // without remedies, and with
}

// A span is where a leg lies on the path.
type span struct {
	first, last, index int
	boxes              []int
}

// An outcome is what a try makes of the leg's limit, and what the rules say of the
// leg and its neighbours then.
type outcome struct {
	limit    *Limit
	findings []Finding
}

// A state is an outcome with the whole leg.
type state struct {
	leg *Leg
	outcome
}

func newTrial(d model.Document, env *Env, leg int) (*trial, error) {
	t := &trial{env: env, path: d.Path, leg: leg}
	t.path.Endpoints = slices.Clone(d.Path.Endpoints)
	for first, index := 0, 0; first < len(d.Path.Endpoints)-1 && index <= leg+1; index++ {
		last, boxes := nextEnd(d.Path, first, env.Catalog)
		if index >= leg-1 {
			t.legs = append(t.legs, span{first, last, index, boxes})
		}
		first = last
	}
	var err error
	t.before, err = t.run()
	return t, err
}

func (t *trial) run() (state, error) {
	var o state
	legs := make([]*Leg, 0, len(t.legs))
	for _, s := range t.legs {
		j, err := t.env.judged(t.path, s.first, s.last, s.boxes, s.index)
		if err != nil {
			return o, err
		}
		if s.index == t.leg {
			limit := j.leg.Limit // alone: a try that is kept keeps no leg
			o.leg, o.limit = &j.leg, &limit
		}
		legs = append(legs, &j.leg)
		o.findings = append(o.findings, j.findings...)
	}
	o.findings = append(o.findings, across(legs)...)
	return o, nil
}

// try is what edits lead to; false where a product does not take one of them.
func (t *trial) try(edits []model.Set) (state, bool) {
	for _, e := range edits {
		place := t.path.Index(e.Endpoint)
		was := t.path.Endpoints[place]
		defer func() { t.path.Endpoints[place] = was }()
		t.path.Endpoints[place] = was.With(e.Param, e.Setting)
	}
	o, err := t.run()
	return o, err == nil
}

// cures reports whether an outcome is without the finding, or tells of it as
// information only, and without a new one as grave: raises is the gravest of
// those it brings.
func (t *trial) cures(f *Finding, o *outcome) (raises Severity, ok bool) {
	left := 0
	for i := range o.findings {
		x := &o.findings[i]
		if x.Rule != f.Rule || x.Leg != f.Leg || x.Calm() && !f.Calm() {
			continue
		}
		if left++; len(x.At) > 0 && len(f.At) > 0 && x.At[0] == f.At[0] {
			return 0, false
		}
	}
	if left >= t.before.count(f.Rule, f.Leg, Info) {
		return 0, false
	}
	for i := range o.findings {
		x := &o.findings[i]
		if t.alone && x.Leg != t.leg || o.count(x.Rule, x.Leg, x.Severity) <= t.before.count(x.Rule, x.Leg, x.Severity) {
			continue
		}
		if x.Severity >= f.Severity {
			return 0, false
		}
		raises = max(raises, x.Severity)
	}
	return raises, true
}

// count is how many findings a rule has on a leg, this grave or graver.
func (o *outcome) count(rule *Rule, leg int, from Severity) int {
	n := 0
	for i := range o.findings {
		if x := &o.findings[i]; x.Rule == rule && x.Leg == leg && x.Severity >= from {
			n++
		}
	}
	return n
}

// touches reports whether a finding of the leg is gone, or reads differently:
// what the rules say names every number that it rests on.
func (t *trial) touches(o *outcome) bool {
	for i := range t.before.findings {
		a := &t.before.findings[i]
		if a.Leg == t.leg && !slices.ContainsFunc(o.findings, a.same) {
			return true
		}
	}
	return false
}

func (f *Finding) same(o Finding) bool {
	return f.Rule == o.Rule && f.Leg == o.Leg && f.Severity == o.Severity && slices.Equal(f.At, o.At) &&
		slices.Equal(f.Because, o.Because) && slices.Equal(f.Assuming, o.Assuming)
}

// costs is the harm of setting these knobs to a value.
func (t *trial) costs(o *outcome, knobs []*knob, v model.Value) harm {
	was, is := t.before.limit, o.limit
	worst := harmless
	for _, k := range knobs {
		worst = max(worst, k.costs(t, v))
	}
	switch {
	case was.Reused && was.Idle > 0 && (!is.Reused || is.Idle == 0), !is.Reused && slices.ContainsFunc(knobs, (*knob).asksForReuse):
		return max(worst, reuseless)
	case was.Verdict != VerdictUnknown && is.Verdict == VerdictUnknown:
		return max(worst, endless)
	case is.Idle < was.Idle, is.Age != nil && (was.Age == nil || is.Age.After < was.Age.After),
		is.Requests != nil && (was.Requests == nil || is.Requests.Count < was.Requests.Count):
		return max(worst, shorter)
	}
	return worst
}

// costs is the harm that lies in a value itself.
func (k *knob) costs(t *trial, v model.Value) harm {
	_, finite := number(v)
	switch k.param.Role {
	case model.RoleWorkers:
		return shorter
	case model.RoleIdle, model.RoleAge:
		if k.side != nil && finite && !t.before.leg.pooled() && !grows(k.row.Value, v) {
			return sessions
		}
		switch {
		case finite || v == model.ValueUnset:
		case k.side == &t.before.leg.Server && t.before.leg.neverLetsGo():
			return unbounded
		default:
			return endless
		}
	case model.RoleMiddleboxTTL:
		if v == model.ValueNever {
			return endless
		}
	case model.RoleKeepAlive, model.RoleProbeIdle, model.RolePingEvery, model.RoleProbeCount:
		if v == model.ValueOff || v == model.ValueNever {
			return endless
		}
	default:
	}
	return harmless
}

// asksForReuse reports whether somebody set a knob so that connections are reused,
// whether they are or not.
func (k *knob) asksForReuse() bool { return k.set && k.param.Role == model.RolePool }

// neverLetsGo reports whether the client has no limit of its own on idle connections.
func (l *Leg) neverLetsGo() bool {
	return !slices.ContainsFunc(l.Limit.All, func(x Limiter) bool { return x.By == ByClient && x.High != model.Never })
}

// pooled reports whether a connection of the leg serves request after request
// for whoever has one, so that its end ends nothing else.
func (l *Leg) pooled() bool {
	return l.Client.System.Protocol == model.ProtocolHTTP || l.Client.First(model.RolePool) != nil
}
