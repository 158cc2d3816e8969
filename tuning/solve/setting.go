package solve

import (
	"cmp"
	"math"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A setting is one that may be changed, and the values that are considered.
type setting struct {
	ref     tuning.ParamRef
	place   int // on the path
	param   *model.Param
	row     tuning.Row
	faraway bool  // it is not in the reader's hands: a browser of strangers, a box on the way
	leads   bool  // set, it sets others, too: to write down what is in force changes something
	legs    []int // those that it can touch, in order
	domain  []option
}

// An option is a value that a setting may get, and what that costs. The first of
// a domain is what is there now.
type option struct {
	value model.Value
	cost  int64
}

// change is the cost of a changed setting; how far and how round it is weighs less.
const change = int64(1) << 32

// ladder are the times that people write.
var ladder = []time.Duration{
	time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second,
	45 * time.Second, time.Minute, 75 * time.Second, 90 * time.Second, 2 * time.Minute, 150 * time.Second, 3 * time.Minute, 4 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// tries are the numbers of tries that people write.
var tries = []int64{2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 20}

// settings are all that may be changed and can matter to the goals.
func (p *problem) settings() []*setting {
	var all []*setting
	known := map[tuning.ParamRef]*setting{}
	add := func(place int, row *tuning.Row, settable bool, leg int, faraway bool) {
		ep := p.doc.Path.Endpoints[place]
		if !settable || !p.free(place) || !p.wanted(row.Param.Role, leg) {
			return
		}
		ref := tuning.ParamRef{Endpoint: ep.ID, Param: row.Param.ID}
		if twin := p.twin(ep, row.Param); twin != "" && known[tuning.ParamRef{Endpoint: ep.ID, Param: twin}] != nil {
			ref.Param = twin
		}
		s := known[ref]
		if s == nil {
			s = &setting{ref: ref, place: place, param: row.Param, row: *row, faraway: faraway}
			known[ref] = s
			all = append(all, s)
		}
		s.legs = append(s.legs, leg)
	}
	for i := range p.before.Legs {
		l := &p.before.Legs[i]
		for b := range l.Boxes {
			box := &l.Boxes[b]
			for _, row := range box.Rows {
				add(box.Place, row, box.System.Settable(row.Param, box.Endpoint.VersionOf(box.System)), i, true)
			}
		}
		for _, s := range []*tuning.Side{&l.Client, &l.Server} {
			for j := range s.Rows {
				if row := &s.Rows[j]; p.own(l, s, row) {
					add(s.Place, row, s.Settable(row.Param), i, s.System.Kind == "browser")
				}
			}
		}
	}
	p.handedOn(known)
	p.followed(known)
	kept := all[:0]
	for _, s := range all {
		if s.domain = p.domain(s); len(s.domain) > 1 {
			kept = append(kept, s)
		}
	}
	return kept
}

// handedOn lets what decides about a server's hint touch the leg before the proxy
// that hands it on, too.
func (p *problem) handedOn(known map[tuning.ParamRef]*setting) {
	for i, stretch := range p.stretches {
		if stretch.Beyond < 0 {
			continue
		}
		for _, s := range known {
			if s.place == stretch.Beyond && !slices.Contains(s.legs, i) && slices.Contains([]model.Role{model.RoleIdle, model.RoleHint}, s.param.Role) {
				s.legs = append(s.legs, i)
				slices.Sort(s.legs)
			}
		}
	}
}

// twin is the parameter of a product's other face that has the same one value, which
// only one of them should be set to; empty where there is none.
func (p *problem) twin(ep model.Endpoint, param *model.Param) model.ParamID {
	s, err := p.env.Catalog.System(ep.System)
	if err != nil || len(param.Follows) == 0 {
		return ""
	}
	f, _ := model.At(s.Order, param.Follows, ep.VersionOf(s))
	other := s.Param(f.Of)
	if other == nil || other.Face == param.Face || len(other.Follows) == 0 {
		return ""
	}
	if back, _ := model.At(s.Order, other.Follows, ep.VersionOf(s)); back.Of != param.ID {
		return ""
	}
	return other.ID
}

// followed lets a setting touch every leg on which another follows it.
func (p *problem) followed(known map[tuning.ParamRef]*setting) {
	for i := range p.before.Legs {
		for _, side := range []*tuning.Side{&p.before.Legs[i].Client, &p.before.Legs[i].Server} {
			for j := range side.Rows {
				param := side.Rows[j].Param
				if len(param.Follows) == 0 {
					continue
				}
				f, _ := model.At(side.System.Order, param.Follows, side.Version)
				s := known[tuning.ParamRef{Endpoint: side.Endpoint.ID, Param: f.Of}]
				if s == nil {
					continue
				}
				if !slices.Contains(s.legs, i) {
					s.legs = append(s.legs, i)
					slices.Sort(s.legs)
				}
				if _, given := side.Endpoint.Settings[s.param.ID]; !given && side.Face.Kind == s.param.Face {
					s.leads = true
				}
			}
		}
	}
}

// own reports whether a row is one that a person would turn: the product's own
// before its host's, no half of another protocol, and no limit on somebody's session
// that is not there yet.
func (p *problem) own(l *tuning.Leg, s *tuning.Side, row *tuning.Row) bool {
	_, given := s.Endpoint.Settings[row.Param.ID]
	switch {
	case row.Param.Over != "" && !given:
		return false
	case row.Param.Role == model.RoleIdle:
		return !l.Limit.Session
	case row.Param.Role == model.RoleHint:
		return given
	}
	return s.First(row.Param.Role) == s.Row(row.Param.ID)
}

// free reports whether the goals let an endpoint be changed.
func (p *problem) free(place int) bool { return len(p.change) == 0 || slices.Contains(p.change, place) }

// wanted reports whether a role can matter to what is asked of a leg.
func (p *problem) wanted(role model.Role, leg int) bool {
	return slices.ContainsFunc(p.needs, func(n need) bool {
		return n.leg == leg && involves(n.goal, role, p.tied(leg))
	})
}

// tied reports whether probes hold something open on a leg, or end it.
func (p *problem) tied(leg int) bool {
	l := &p.before.Legs[leg]
	return len(l.Boxes) > 0 || l.Client.Kernel.Count == 0 || l.Server.Kernel.Count == 0
}

// bounds are the times and counts that the candidates of a setting are made from.
type bounds struct {
	detect, outage, hold time.Duration   // the tightest asked for on the setting's legs, 0 where nothing is
	near                 []time.Duration // limits of others on its legs
}

func (p *problem) bounds(s *setting) bounds {
	var b bounds
	for _, n := range p.needs {
		d, ok := n.want.Duration()
		if !ok || !slices.Contains(s.legs, n.leg) {
			continue
		}
		switch n.goal {
		case model.GoalOutage:
			b.outage = max(b.outage, d)
		case model.GoalHold:
			b.hold = d
		default:
			b.detect = max(b.detect, d)
		}
	}
	for _, i := range s.legs {
		l := &p.before.Legs[i]
		for j := range l.Boxes {
			if l.Boxes[j].Row != nil && l.Boxes[j].Row.Low > 0 && l.Boxes[j].Row.Low != model.Never {
				b.near = append(b.near, l.Boxes[j].Row.Low)
			}
		}
		for _, x := range l.Limit.All {
			if x.Known && x.Low != model.Never && x.High != model.Never && x.Ref.Endpoint != s.ref.Endpoint {
				if b.near = append(b.near, x.Low); x.High > x.Low+time.Second {
					b.near = append(b.near, x.High)
				}
			}
		}
	}
	return b
}

// domain is what a setting is now and the values that are considered for it, the
// cheapest first: the times and numbers that people write, as far as they can
// matter, and those at which the goals' own numbers are just met.
func (p *problem) domain(s *setting) []option {
	var values []model.Value
	now := s.row.Value
	spans := func(d ...time.Duration) {
		for _, x := range d {
			values = append(values, model.For(x))
		}
	}
	counts := func(n ...int64) {
		for _, x := range n {
			values = append(values, model.Times(x))
		}
	}
	b := p.bounds(s)
	switch s.param.Role {
	case model.RoleKeepAlive, model.RoleHintReading, model.RolePingIdle:
		values = append(values, model.ValueOn, model.ValueOff)
	case model.RoleProbeIdle, model.RolePingEvery:
		spans(p.pauses(s, b)...)
		if s.param.Role == model.RolePingEvery && now != model.ValueOff {
			values = append(values, model.ValueOff)
		}
	case model.RoleProbeEvery, model.RolePingWait:
		spans(upTo(max(b.detect, 2*b.outage, b.hold))...)
		for _, n := range append(p.counts(s), 126) {
			if b.outage > 0 && n > 1 {
				spans(up(b.outage / time.Duration(n-1)))
			}
			if b.detect > 0 && n > 0 {
				spans((b.detect / time.Duration(2*n)).Truncate(time.Second))
			}
		}
	case model.RoleProbeCount, model.RolePingCount:
		counts(tries...)
		for _, d := range upTo(b.outage) {
			counts(int64((b.outage+d-1)/d) + 1)
		}
	case model.RoleUserTimeout, model.RoleDataAbort, model.RoleProbeAbort:
		for _, d := range ladder {
			if b.detect > 0 && d <= b.detect || b.outage > 0 && d > b.outage && d <= 4*b.outage {
				spans(d)
			}
		}
		if now != model.ValueOff {
			values = append(values, model.ValueOff)
		}
	case model.RoleDataRetries:
		for n := int64(1); n <= 15; n++ {
			counts(n)
		}
	case model.RoleIdle, model.RoleHint, model.RoleMiddleboxTTL:
		spans(p.idles(s, b)...)
	default:
	}
	return s.options(values, b)
}

// pauses are the times between two signs of life that are considered.
func (p *problem) pauses(s *setting, b bounds) []time.Duration {
	longest := max(b.detect, b.hold, slices.Max(append(b.near, 0)))
	var found []time.Duration
	for _, n := range p.needs {
		if n.goal == model.GoalProbes && slices.Contains(s.legs, n.leg) {
			longest = ladder[len(ladder)-1]
			most, _ := n.want.PerSecond()
			if open := p.before.Legs[n.leg].Load.IdleConnections; open != nil && most > 0 {
				for _, sides := range []float64{2, 4} { // a probe and its answer, of one side or both
					if at := sides * *open / most; at < longest.Seconds() {
						found = append(found, up(time.Duration(at*float64(time.Second))))
					}
				}
			}
		}
	}
	return append(found, upTo(longest)...)
}

// idles are the idle times that are considered: those that people write, and those
// just above and below what others on the leg do.
func (p *problem) idles(s *setting, b bounds) []time.Duration {
	found := slices.Clone(ladder)
	for _, d := range slices.Concat(b.near, []time.Duration{b.hold, b.detect}) {
		if d <= 0 || d > ladder[len(ladder)-1] {
			continue
		}
		for _, away := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second} {
			found = append(found, up(d)+away, d.Truncate(time.Second)-away)
		}
	}
	for _, n := range p.needs {
		if n.goal != model.GoalIdle || !slices.Contains(s.legs, n.leg) {
			continue
		}
		most, _ := n.want.Count()
		if rate := p.before.Legs[n.leg].Arrivals(); rate > 0 {
			d := time.Duration(float64(most) / rate * float64(time.Second)).Truncate(time.Second)
			found = append(found, d, d-time.Second, d-2*time.Second)
		}
	}
	return found
}

// counts are how many tries the side of a setting makes, or could be told to make.
func (p *problem) counts(s *setting) []int64 {
	found := []int64{2, 3, 5, 10}
	for _, i := range s.legs {
		for _, side := range []*tuning.Side{&p.before.Legs[i].Client, &p.before.Legs[i].Server} {
			if side.Place != s.place {
				continue
			}
			for _, role := range []model.Role{model.RoleProbeCount, model.RolePingCount} {
				if row := side.First(role); row != nil {
					if n, ok := row.Value.Count(); ok {
						found = append(found, n)
					}
				}
			}
		}
	}
	return found
}

// upTo is the ladder up to a time, with that time itself less a second, and the
// shortest where none is.
func upTo(d time.Duration) []time.Duration {
	var found []time.Duration
	for _, x := range ladder {
		if x <= d {
			found = append(found, x)
		}
	}
	return found
}

// up rounds up to whole seconds.
func up(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// options are the values that the product takes, each once, the cheapest first.
func (s *setting) options(values []model.Value, b bounds) []option {
	found := []option{{value: s.row.Value}}
	for _, v := range values {
		if v == s.row.Value && !s.leads || !s.takes(v) || slices.ContainsFunc(found[1:], func(o option) bool { return o.value == v }) {
			continue
		}
		found = append(found, option{v, change + s.away(v, b)})
	}
	slices.SortFunc(found[1:], func(a, b option) int { return cmp.Compare(a.cost, b.cost) })
	return found
}

// takes reports whether a value can be written as it is meant: in the range and the
// steps of the product, and of the kernel where the program hands it on.
func (s *setting) takes(v model.Value) bool {
	if s.param.Check(v) != nil {
		return false
	}
	if d, ok := v.Duration(); ok {
		if size := s.param.Unit.Size(); d <= 0 || size > 0 && d%size != 0 {
			return false
		}
	}
	got, taken := s.param.HandOn(v)
	return taken && got == v
}

// usual is where a person would begin with a setting that has no number yet: a sign
// of life that may be lost once before its time is over, a timeout a little above
// the outage.
func (s *setting) usual(b bounds) int64 {
	if n, ok := number(s.row.Default.Value); ok {
		return n
	}
	least := func(all ...time.Duration) int64 {
		found := model.Never
		for _, d := range all {
			if d > 0 {
				found = min(found, d)
			}
		}
		if found == model.Never {
			found = time.Minute
		}
		return int64(found)
	}
	switch s.param.Role {
	case model.RoleProbeIdle, model.RolePingEvery:
		near := time.Duration(0)
		if len(b.near) > 0 {
			near = slices.Min(b.near) / 5 * 2
		}
		return least(b.detect/3, b.hold/5*2, near)
	case model.RoleUserTimeout, model.RoleDataAbort, model.RoleProbeAbort:
		return int64(max(b.outage, b.detect))
	case model.RoleProbeCount, model.RolePingCount, model.RoleDataRetries:
		return 3
	default:
		return least()
	}
}

// away is how far a value is from the present one, in 256ths of a doubling, and
// how little round: what a person writes costs nothing more.
func (s *setting) away(v model.Value, b bounds) int64 {
	cost := int64(0)
	if s.faraway {
		cost += 8192
	}
	is, counted := number(v)
	if !counted {
		return cost
	}
	was, ok := number(s.row.Value)
	if !ok {
		was = max(s.usual(b), 1)
	}
	cost += int64(256 * math.Abs(math.Log2(float64(max(is, 1))/float64(max(was, 1)))))
	if d, ok := v.Duration(); ok {
		return cost + unround(d)
	}
	if !slices.Contains(tries, is) {
		cost += 64
	}
	return cost
}

// unround is the price of a time that people seldom write.
func unround(d time.Duration) int64 {
	switch {
	case slices.Contains(ladder, d):
		return 0
	case d%time.Minute == 0, d < 2*time.Minute && d%(5*time.Second) == 0, d < 10*time.Minute && d%(10*time.Second) == 0:
		return 32
	case d%(5*time.Second) == 0:
		return 96
	}
	return 192
}

// number is the number of a span or a count, in nanoseconds or as it is.
func number(v model.Value) (int64, bool) {
	if n, ok := v.Count(); ok {
		return n, true
	}
	d, ok := v.Duration()
	return int64(d), ok && d != model.Never
}
