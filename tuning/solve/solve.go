// Package solve finds settings with which a path does what is asked of it: notice
// dead peers in time, survive outages, pass boxes that forget, lose no request, and
// at no greater price than allowed. It is exact on what it considers: for each
// setting the value that it has, on and off, the times and numbers that people
// write, and those at which a goal is just met; among them it finds the fewest and
// smallest changes with which [tuning.Analyze] says that every goal is met and no
// new warning comes up, or there are none. It is pure.
package solve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An Answer is what became of the goals of a document.
type Answer struct {
	Goals    []Standing // as they stand now, in the order of [model.AllGoals]
	Before   tuning.Report
	Proposal *Proposal    // nil where the goals cannot be met together
	Conflict []model.Goal // then: the fewest that cannot be met together
	Quiet    bool         // then: and that no new warning comes up is part of the conflict
	WaysOut  []WayOut     // then: what to give up, and what that buys
	Unjudged []int        // legs on which goals of numbers were not judged: nobody said how many connections they have
	Settings int          // that could be changed
}

// A Standing is a goal and how far a path meets it.
type Standing struct {
	Goal  model.Goal
	Asked model.Value
	Met   bool
	Leg   int    // on which it is met least; -1 where no leg was judged
	Text  string // what that leg does, in a clause
}

// A Proposal is a set of changes that meets the goals.
type Proposal struct {
	Choices []Choice
	Goals   []Standing
	After   tuning.Report
	New     []tuning.Finding // what comes up with it and was not there before
}

// A Choice is one setting of a proposal.
type Choice struct {
	Endpoint model.EndpointID
	Param    *model.Param
	Was, Is  model.Value
	Why      string // a sentence with the number that decides it
}

// Setting names the setting: nginx keepalive_timeout, or nginx
// upstream.keepalive_timeout for the face towards its servers, where that has a value
// of its own.
func (c *Choice) Setting() string {
	name := c.Param.Name
	if strings.HasPrefix(c.Param.ID.Short(), "upstream.") && len(c.Param.Follows) == 0 {
		name = "upstream." + name
	}
	return string(c.Endpoint) + " " + name
}

// Edits are what carries the proposal out, as one step.
func (p *Proposal) Edits() []model.Edit {
	all := make([]model.Edit, len(p.Choices))
	for i, c := range p.Choices {
		all[i] = model.Set{Endpoint: c.Endpoint, Param: c.Param.ID, Setting: model.Typed(c.Is)}
	}
	return all
}

// A WayOut is something to give up, and what becomes possible then.
type WayOut struct {
	Goal     model.Goal         // a goal that is given up; empty for the others
	Allow    []model.EndpointID // whose settings are to be changed, too
	Warn     bool               // new warnings are put up with
	Text     string             // a sentence: what is given up and what that buys
	Proposal *Proposal          // nil where the rest cannot be met either
}

type problem struct {
	doc       model.Document
	env       *tuning.Env
	before    tuning.Report
	stretches []tuning.Stretch
	change    []int // places that may be changed; empty: all
	needs     []need
	found     [][]tuning.Finding // of each leg alone, before
	memo      []map[string]standing
	peace     []map[string]bool
	room      []model.Endpoint
	judged    int
	all       []*setting
	on        map[int][]int // the settings of a leg, by their index
	made      []*check
}

// Solve answers the goals of a document. It computes with an environment of its own,
// so that it can run beside others. The error is one sentence: of a document that
// cannot be analyzed, of goals that cannot be judged, or that of a context that
// ended.
func Solve(ctx context.Context, d model.Document, c *model.Catalog, hz int) (Answer, error) {
	var a Answer
	p, err := newProblem(d, tuning.NewEnv(c, hz))
	if err != nil {
		return a, err
	}
	a.Before, a.Settings = p.before, len(p.all)
	a.Goals = standings(d.Goals, p.needs, &p.before)
	a.Unjudged = p.unjudged()
	every := p.every()
	a.Proposal, err = p.solve(ctx, every, true)
	if err != nil || a.Proposal != nil {
		return a, err
	}
	return a, p.giveUp(ctx, &a)
}

func newProblem(d model.Document, env *tuning.Env) (*problem, error) {
	p := &problem{doc: d, env: env}
	var err error
	if p.before, err = tuning.Analyze(d, p.env); err != nil {
		return nil, err
	}
	for _, id := range d.Goals.Change {
		place := d.Path.Index(id)
		if place < 0 {
			return nil, fmt.Errorf("the path has no endpoint %q that could be changed; it is %s", model.Clean(string(id), 60), d.Path)
		}
		p.change = append(p.change, place)
	}
	if len(d.Goals.Wanted) == 0 {
		return nil, fmt.Errorf("no goal is given; there are %s", names(model.AllGoals()))
	}
	p.needs = needs(d.Goals, &p.before)
	for _, goal := range d.Goals.Asked() {
		if !slices.ContainsFunc(p.needs, func(n need) bool { return n.goal == goal }) {
			return nil, fmt.Errorf("%s needs to know how many connections a leg has: give its arrivals (per second) or connections", goal)
		}
	}
	p.stretches = tuning.Stretches(d.Path, p.env)
	p.found = make([][]tuning.Finding, len(p.stretches))
	for i := range p.stretches {
		p.found[i] = tuning.FindingsOf(&p.before.Legs[i])
	}
	p.memo, p.peace = make([]map[string]standing, len(p.stretches)), make([]map[string]bool, len(p.stretches))
	for i := range p.stretches {
		p.memo[i], p.peace[i] = map[string]standing{}, map[string]bool{}
	}
	p.arrange(p.settings())
	return p, nil
}

// arrange takes settings as those that may be changed.
func (p *problem) arrange(all []*setting) {
	slices.SortStableFunc(all, func(a, b *setting) int { return cmp.Compare(a.group(), b.group()) })
	p.all, p.on, p.made = all, map[int][]int{}, make([]*check, len(p.needs))
	for i, x := range all {
		for _, leg := range x.legs {
			p.on[leg] = append(p.on[leg], i)
		}
	}
}

// unjudged are the legs of which nobody said how many connections they have, where a
// goal asks for such a number.
func (p *problem) unjudged() []int {
	var found []int
	for _, goal := range []model.Goal{model.GoalIdle, model.GoalProbes} {
		if _, ok := p.doc.Goals.Wanted[goal]; !ok {
			continue
		}
		for i := range p.before.Legs {
			if !p.before.Legs[i].Counted() && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	slices.Sort(found)
	return found
}

// every is the indexes of all needs.
func (p *problem) every() []int {
	all := make([]int, len(p.needs))
	for i := range all {
		all[i] = i
	}
	return all
}

// solve is the best proposal that meets some of the needs, nil where there is none.
func (p *problem) solve(ctx context.Context, needs []int, quiet bool) (*Proposal, error) {
	at, ok, err := p.assign(ctx, needs, quiet)
	if err != nil || !ok {
		return nil, err
	}
	return p.proposal(at, needs)
}

// assign finds the best option of every setting. Legs that share no setting are
// solved apart; where what is found across legs speaks against their union, all are
// solved at once.
func (p *problem) assign(ctx context.Context, needs []int, quiet bool) ([]int, bool, error) {
	at := make([]int, len(p.all))
	for _, legs := range p.components() {
		found, cost, err := p.assignLegs(ctx, legs, needs, quiet, false)
		if err != nil || cost == none {
			return nil, false, err
		}
		for i, o := range found {
			at[i] = max(at[i], o)
		}
	}
	d, err := p.with(at)
	if err != nil {
		return nil, false, err
	}
	after, err := tuning.Analyze(d, p.env)
	if err != nil || !quiet || len(graver(p.before.Findings, after.Findings)) == 0 {
		return at, err == nil, err
	}
	legs := make([]int, len(p.stretches))
	for i := range legs {
		legs[i] = i
	}
	found, cost, err := p.assignLegs(ctx, legs, needs, quiet, true)
	return found, cost != none && err == nil, err
}

// assignLegs finds the best option of the settings of legs: first what the needs of
// each side cost by themselves, then those of each leg, then all.
func (p *problem) assignLegs(ctx context.Context, legs, needs []int, quiet, whole bool) ([]int, int64, error) {
	var sides []part
	for _, leg := range legs {
		for _, by := range []tuning.By{tuning.ByClient, tuning.ByServer} {
			of := slices.DeleteFunc(slices.Clone(needs), func(n int) bool { return p.needs[n].leg != leg || p.needs[n].by != by })
			x, _, err := p.part(ctx, []int{leg}, of, nil)
			if err != nil || x.cost == none {
				return nil, none, err
			}
			sides = append(sides, x)
		}
	}
	var each []part
	if len(legs) > 1 {
		for _, leg := range legs {
			x, _, err := p.part(ctx, []int{leg}, needs, sides)
			if err != nil || x.cost == none {
				return nil, none, err
			}
			each = append(each, x)
		}
	}
	all, found, err := p.part(ctx, legs, needs, append(each, sides...))
	if err != nil || all.cost == none || !quiet {
		return found, all.cost, err
	}
	s := p.newSearch(ctx, legs, needs, true)
	s.parts, s.whole = append(slices.Clip(each), sides...), whole
	s.beyond = (all.cost/change + mending + 1) * change
	return s.run()
}

// part is what some needs of legs cost by themselves, none where they cannot be met.
func (p *problem) part(ctx context.Context, legs, needs []int, parts []part) (part, []int, error) {
	s := p.newSearch(ctx, legs, needs, false)
	s.parts = parts
	found, cost, err := s.run()
	x := part{cost: cost}
	for _, c := range s.checks {
		for _, i := range c.scope {
			if !slices.Contains(x.settings, i) {
				x.settings = append(x.settings, i)
			}
		}
	}
	return x, found, err
}

// components are the legs that settings tie together.
func (p *problem) components() [][]int {
	group := make([]int, len(p.stretches))
	for i := range group {
		group[i] = i
	}
	for _, s := range p.all {
		for _, leg := range s.legs[1:] {
			from, to := group[leg], group[s.legs[0]]
			for i := range group {
				if group[i] == from {
					group[i] = to
				}
			}
		}
	}
	var found [][]int
	for g := range group {
		var legs []int
		for i := range group {
			if group[i] == g {
				legs = append(legs, i)
			}
		}
		if len(legs) > 0 {
			found = append(found, legs)
		}
	}
	return found
}

// group orders settings: those of one leg beside each other, idle times before the
// signs of life of either side, switches before the times that they switch on.
func (s *setting) group() int {
	class := 1
	switch s.param.Role {
	case model.RoleIdle, model.RoleHint, model.RoleHintReading, model.RoleMiddleboxTTL:
		class = 0
	default:
	}
	return (s.legs[0]*2+class)*model.MaxEndpoints + s.place
}

// standings is how far a report meets each goal.
func standings(g model.Goals, all []need, r *tuning.Report) []Standing {
	var found []Standing
	for _, goal := range g.Asked() {
		s := Standing{Goal: goal, Asked: g.Wanted[goal], Leg: -1}
		if n, x, ok := worst(all, goal, r.Legs); ok {
			s.Met, s.Leg, s.Text = n.met(&r.Legs[n.leg]), n.leg, x.text
		}
		found = append(found, s)
	}
	return found
}

func names(goals []model.Goal) string {
	words := make([]string, len(goals))
	for i, g := range goals {
		words[i] = string(g)
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
