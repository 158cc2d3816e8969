package solve

import (
	"context"
	"math"
	"slices"
	"strconv"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A search looks for the cheapest assignment that meets some needs. What is not
// decided yet stays as it is now; where that leaves a need unmet, one of the settings
// that matter to it has to change, and each is tried. It leaves out only what cannot
// lead to a better assignment: a need that settings still open cannot mend, and what
// costs more than the best with the least that the rest costs by itself.
type search struct {
	p        *problem
	ctx      context.Context
	settings []*setting
	legs     []int
	on       map[int][]int // the settings of a leg, by their index
	checks   []*check
	quiet    bool // new findings count
	whole    bool // the whole path is looked at in the end, not each leg alone
	parts    []part

	at     []int // the option of each setting, -1 where it is open
	best   int64
	found  []int
	nodes  int
	cut    bool // something was left out for its cost alone
	err    error
	beyond int64 // what may be changed, at most
}

// A part is some needs by themselves: what meeting them costs at least.
type part struct {
	settings []int // that matter to them
	cost     int64
}

// A check is a need and, for each setting of its leg, the options that serve it best.
// Where a user timeout is in force, what is survived goes up and down with the times
// of the probes: there every option may be the best.
type check struct {
	need  int
	leg   int
	scope []int // the settings that matter to it
	best  map[int][]int
	wavy  map[int]bool // those that a user timeout makes so
	user  int          // the setting of the user timeout, -1 where there is none
	kept  bool         // one is in force that cannot be changed
}

// none is the cost of no assignment.
const none = int64(math.MaxInt64)

// mending is how many settings more than the goals alone take are changed to be rid
// of new findings.
const mending = 2

func (p *problem) newSearch(ctx context.Context, legs, needs []int, quiet bool) *search {
	s := &search{p: p, ctx: ctx, settings: p.all, legs: legs, on: p.on, quiet: quiet, beyond: none}
	for _, n := range needs {
		if slices.Contains(legs, p.needs[n].leg) {
			s.checks = append(s.checks, p.check(n))
		}
	}
	return s
}

// check is how a need hangs on the settings, made once.
func (p *problem) check(n int) *check {
	if c := p.made[n]; c != nil {
		return c
	}
	need := p.needs[n]
	c := &check{need: n, leg: need.leg, best: map[int][]int{}, wavy: map[int]bool{}, user: -1}
	for _, i := range p.on[need.leg] {
		s := p.all[i]
		best := p.serving(need, s)
		if best == nil {
			continue
		}
		c.best[i], c.scope = best, append(c.scope, i)
		if need.goal != model.GoalOutage {
			continue
		}
		switch s.param.Role {
		case model.RoleUserTimeout:
			c.user = i
		case model.RoleProbeIdle, model.RoleProbeEvery:
			c.wavy[i] = true
		default:
		}
	}
	side := &p.before.Legs[need.leg].Client
	if need.by == tuning.ByServer {
		side = &p.before.Legs[need.leg].Server
	}
	c.kept = c.user < 0 && side.Kernel.UserTimeout > 0
	p.made[n] = c
	return c
}

// run is the cheapest assignment, none where there is none. It allows one change more
// each time.
func (s *search) run() ([]int, int64, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, none, err
	}
	s.at = make([]int, len(s.settings))
	for i := range s.at {
		s.at[i] = -1
	}
	for _, c := range s.checks {
		if !s.possible(c) {
			return nil, none, nil
		}
	}
	for k := s.rest() / change; ; k++ {
		s.best, s.found, s.cut = (k+1)*change, nil, false
		if s.best > s.beyond {
			return nil, none, s.err
		}
		s.try(0)
		switch {
		case s.err != nil:
			return nil, none, s.err
		case s.found != nil:
			return s.found, s.best, nil
		case !s.cut:
			return nil, none, nil
		}
	}
}

// rest is what has to be spent at least on what is not met: of parts that share no
// setting the sum, of which the legs or the sides of legs give more.
func (s *search) rest() int64 {
	greatest := int64(0)
	for first := range min(2, len(s.parts)) { // every second leg shares nothing
		taken := uint64(0)
		sum := int64(0)
		for k := range s.parts {
			x := &s.parts[(k+first)%len(s.parts)]
			left, mask := x.cost, uint64(0)
			for _, i := range x.settings {
				mask |= 1 << (i % 64)
				if s.at[i] > 0 {
					left -= s.settings[i].domain[s.at[i]].cost
				}
			}
			if left > 0 && taken&mask == 0 {
				taken |= mask
				sum += left
			}
		}
		greatest = max(greatest, sum)
	}
	return greatest
}

// try goes on from what is decided.
func (s *search) try(cost int64) {
	if s.nodes++; s.nodes%64 == 0 && s.ctx.Err() != nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return
	}
	if cost+s.rest() >= s.best {
		s.cut = true
		return
	}
	open := s.amiss()
	if open == nil {
		s.best, s.found = cost, s.decided()
		return
	}
	for k, i := range open {
		for o := 1; o < len(s.settings[i].domain); o++ {
			next := cost + s.settings[i].domain[o].cost
			if next >= s.best {
				s.cut = true
				break
			}
			s.at[i] = o
			if s.all(i) {
				s.try(next)
			}
		}
		s.at[i] = 0
		if !s.all(i) {
			for _, j := range open[:k+1] {
				s.at[j] = -1
			}
			return
		}
	}
	for _, i := range open {
		s.at[i] = -1
	}
}

// decided is the assignment in which everything that is open stays as it is.
func (s *search) decided() []int {
	at := slices.Clone(s.at)
	for i := range at {
		at[i] = max(at[i], 0)
	}
	return at
}

// amiss are the open settings of which one has to change, since something is not as
// it should be while they stay as they are; nil where nothing is amiss.
func (s *search) amiss() []int {
	for _, c := range s.checks {
		if s.met(c) {
			continue
		}
		open := []int{}
		for _, i := range c.scope {
			if s.at[i] < 0 {
				open = append(open, i)
			}
		}
		return open
	}
	if !s.quiet {
		return nil
	}
	if s.whole {
		d, err := s.p.with(s.decided())
		if err != nil {
			return s.open(s.legs)
		}
		r, err := tuning.Analyze(d, s.p.env)
		if err != nil || len(graver(s.p.before.Findings, r.Findings)) > 0 {
			return s.open(s.legs)
		}
		return nil
	}
	for _, leg := range s.legs {
		if !s.p.peaceful(leg, s.decided()) {
			return s.open([]int{leg})
		}
	}
	return nil
}

// open are the open settings of legs.
func (s *search) open(legs []int) []int {
	found := []int{}
	for _, leg := range legs {
		for _, i := range s.on[leg] {
			if s.at[i] < 0 && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	return found
}

// met reports whether a need is met while everything that is open stays as it is.
func (s *search) met(c *check) bool {
	on := s.on[c.leg]
	at := s.p.row(len(on))
	for k, i := range on {
		if c.best[i] != nil {
			at[k] = max(s.at[i], 0)
		}
	}
	return s.p.meets(c.need, at)
}

// all reports whether every need to which a setting matters can be met.
func (s *search) all(setting int) bool {
	for _, c := range s.checks {
		if c.best[setting] != nil && !s.possible(c) {
			return false
		}
	}
	return true
}

// possible reports whether a need is met, or can be by settings that are open.
func (s *search) possible(c *check) bool {
	if s.met(c) { // mostly nothing has to change for it
		return true
	}
	on := s.on[c.leg]
	at := s.p.row(len(on))
	wavy := s.timed(c)
	var vary func(k int) bool
	vary = func(k int) bool {
		for k < len(on) && (c.best[on[k]] == nil || s.at[on[k]] >= 0) {
			if c.best[on[k]] != nil {
				at[k] = s.at[on[k]]
			}
			k++
		}
		if k == len(on) {
			return s.p.meets(c.need, at)
		}
		if wavy && c.wavy[on[k]] {
			for o := range s.settings[on[k]].domain {
				if at[k] = o; vary(k + 1) {
					return true
				}
			}
			return false
		}
		for _, o := range c.best[on[k]] {
			if at[k] = o; vary(k + 1) {
				return true
			}
		}
		return false
	}
	return vary(0)
}

// timed reports whether a user timeout may be in force.
func (s *search) timed(c *check) bool {
	if c.user < 0 {
		return c.kept
	}
	o := s.at[c.user]
	return o < 0 || s.settings[c.user].domain[o].value != model.ValueOff
}

// row is an assignment of the settings of a leg in which all are as they are now.
func (p *problem) row(n int) []int { return make([]int, n) }

// meets reports whether a need is met with these options of the settings of its leg.
// What was computed is remembered.
func (p *problem) meets(n int, at []int) bool {
	leg := p.needs[n].leg
	var room [64]byte
	key := keyOf(room[:0], at)
	known := p.memo[leg][string(key)]
	if known.asked&p.needs[n].bit != 0 {
		return known.met&p.needs[n].bit != 0
	}
	l, err := p.leg(leg, at)
	for i, x := range p.needs {
		// What an outage does is costly to find out, and hangs on other settings.
		if i != n && (x.leg != leg || x.goal == model.GoalOutage) {
			continue
		}
		known.asked |= x.bit
		if err == nil && x.met(&l) {
			known.met |= x.bit
		}
	}
	p.memo[leg][string(key)] = known
	p.judged++
	return known.met&p.needs[n].bit != 0
}

// A standing is which needs were looked at, and which of them are met, a bit each.
type standing struct{ asked, met uint64 }

// peaceful reports whether an assignment brings no finding graver than information to
// a leg that was not there before.
func (p *problem) peaceful(leg int, all []int) bool {
	on := p.on[leg]
	at := p.row(len(on))
	for k, i := range on {
		at[k] = all[i]
	}
	var room [64]byte
	key := keyOf(room[:0], at)
	if known, ok := p.peace[leg][string(key)]; ok {
		return known
	}
	l, err := p.leg(leg, at)
	calm := err == nil && len(graver(p.found[leg], tuning.FindingsOf(&l))) == 0
	p.peace[leg][string(key)] = calm
	p.judged++
	return calm
}

func keyOf(key []byte, at []int) []byte {
	for _, o := range at {
		key = append(strconv.AppendInt(key, int64(o), 36), ' ')
	}
	return key
}

// leg is a leg with these options of its settings.
func (p *problem) leg(leg int, at []int) (tuning.Leg, error) {
	path := p.doc.Path
	path.Endpoints = append(p.room[:0], path.Endpoints...)
	p.room = path.Endpoints
	for k, i := range p.on[leg] {
		if s := p.all[i]; at[k] > 0 {
			path.Endpoints[s.place] = path.Endpoints[s.place].With(s.param.ID, model.Typed(s.domain[at[k]].value))
		}
	}
	return tuning.Judge(path, p.env, p.stretches[leg])
}

// with is the document with these options of all settings.
func (p *problem) with(at []int) (model.Document, error) {
	d := p.doc
	var err error
	for i, s := range p.all {
		if at[i] > 0 {
			if d, err = d.With(s.edit(at[i]), p.env.Catalog); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

func (s *setting) edit(option int) model.Set {
	return model.Set{Endpoint: s.ref.Endpoint, Param: s.ref.Param, Setting: model.Typed(s.domain[option].value)}
}
