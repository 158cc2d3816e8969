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

// proposal is what an assignment comes to, each choice explained.
func (p *problem) proposal(at, needs []int) (*Proposal, error) {
	d, err := p.with(at)
	if err != nil {
		return nil, err
	}
	after, err := tuning.Analyze(d, p.env)
	if err != nil {
		return nil, err
	}
	x := &Proposal{After: after, Goals: standings(p.doc.Goals, p.needs, &after), New: graver(p.before.Findings, after.Findings)}
	var chosen []int
	for i := range p.all {
		if at[i] > 0 {
			chosen = append(chosen, i)
		}
	}
	slices.SortStableFunc(chosen, func(a, b int) int { return cmp.Compare(p.all[a].place, p.all[b].place) })
	for _, i := range chosen {
		s := p.all[i]
		why, err := p.why(at, i, needs)
		if err != nil {
			return nil, err
		}
		x.Choices = append(x.Choices, Choice{Endpoint: s.ref.Endpoint, Param: s.param, Was: s.row.Value, Is: s.domain[at[i]].value, Why: why})
	}
	return x, nil
}

// why is what would be amiss if one choice alone were not made: of a cheapest
// assignment each is needed.
func (p *problem) why(at []int, i int, needs []int) (string, error) {
	without := slices.Clone(at)
	without[i] = 0
	d, err := p.with(without)
	if err != nil {
		return "", err
	}
	r, err := tuning.Analyze(d, p.env)
	if err != nil {
		return "", err
	}
	as := fmt.Sprintf("with %s as now", p.all[i].row.Value.Human())
	if !p.all[i].row.Value.IsSet() {
		as = "without it"
	}
	for _, k := range needs {
		if n := p.needs[k]; !n.met(&r.Legs[n.leg]) {
			return as + " " + n.tell(&r.Legs[n.leg]), nil
		}
	}
	if found := graver(p.before.Findings, r.Findings); len(found) > 0 {
		return fmt.Sprintf("%s there would be %s: %s", as, found[0].Rule.ID, found[0].Rule.Title), nil
	}
	return as + " the goals are met, too", nil
}

// giveUp finds out which goals cannot be met together, and what giving one up buys.
func (p *problem) giveUp(ctx context.Context, a *Answer) error {
	able, err := p.able(ctx, p.every(), false)
	if err != nil {
		return err
	}
	a.Quiet = able
	core := p.doc.Goals.Asked()
	for _, goal := range slices.Backward(p.doc.Goals.Asked()) {
		rest := slices.DeleteFunc(slices.Clone(core), func(g model.Goal) bool { return g == goal })
		if able, err = p.able(ctx, p.of(rest), a.Quiet); err != nil {
			return err
		}
		if !able {
			core = rest
		}
	}
	a.Conflict = core
	for _, goal := range core {
		rest := slices.DeleteFunc(p.doc.Goals.Asked(), func(g model.Goal) bool { return g == goal })
		x, err := p.solve(ctx, p.of(rest), true)
		if err != nil {
			return err
		}
		a.WaysOut = append(a.WaysOut, p.without(goal, x))
	}
	if a.Quiet {
		x, err := p.solve(ctx, p.every(), false)
		if err != nil {
			return err
		}
		if x != nil {
			a.WaysOut = append(a.WaysOut, WayOut{Warn: true, Proposal: x, Text: fmt.Sprintf("put up with %s: every goal is met by %s", warnings(x.New), x.Brief())})
		}
	}
	return p.allow(ctx, a)
}

// able reports whether some of the needs can be met at all.
func (p *problem) able(ctx context.Context, needs []int, quiet bool) (bool, error) {
	_, ok, err := p.assign(ctx, needs, quiet)
	return ok, err
}

// of are the indexes of the needs of some goals.
func (p *problem) of(goals []model.Goal) []int {
	var found []int
	for i, n := range p.needs {
		if slices.Contains(goals, n.goal) {
			found = append(found, i)
		}
	}
	return found
}

func (p *problem) without(goal model.Goal, x *Proposal) WayOut {
	asked := goal.Human(p.doc.Goals.Wanted[goal])
	w := WayOut{Goal: goal, Proposal: x}
	switch {
	case x == nil:
		w.Text = fmt.Sprintf("give up %s %s: the others cannot be met together all the same", goal, asked)
		return w
	case len(x.Choices) == 0:
		w.Text = fmt.Sprintf("give up %s %s: the others are met as it is", goal, asked)
	default:
		w.Text = fmt.Sprintf("give up %s %s: the others are met by %s", goal, asked, x.Brief())
	}
	for _, s := range x.Goals {
		if s.Goal == goal && s.Text != "" {
			w.Text += "; " + s.Text
		}
	}
	return w
}

// allow looks for a proposal that changes what may not be changed.
func (p *problem) allow(ctx context.Context, a *Answer) error {
	if len(p.change) == 0 {
		return nil
	}
	d := p.doc
	d.Goals.Change = nil
	all, err := newProblem(d, p.env)
	if err != nil {
		return err
	}
	x, err := all.solve(ctx, all.every(), true)
	if err != nil || x == nil {
		return err
	}
	w := WayOut{Proposal: x}
	for _, c := range x.Choices {
		if !slices.Contains(p.change, d.Path.Index(c.Endpoint)) && !slices.Contains(w.Allow, c.Endpoint) {
			w.Allow = append(w.Allow, c.Endpoint)
		}
	}
	ids := make([]string, len(w.Allow))
	for i, id := range w.Allow {
		ids[i] = string(id)
	}
	w.Text = fmt.Sprintf("let %s be changed, too: every goal is met by %s", strings.Join(ids, " and "), x.Brief())
	a.WaysOut = append(a.WaysOut, w)
	return nil
}

// Brief is the changes in a line: whose settings get which values.
func (p *Proposal) Brief() string {
	brief := make([]string, len(p.Choices))
	for i := range p.Choices {
		c := &p.Choices[i]
		brief[i] = c.Setting() + " " + c.Is.Human()
	}
	return strings.Join(brief, ", ")
}

// warnings names findings by their rules.
func warnings(found []tuning.Finding) string {
	var ids []string
	for i := range found {
		text := fmt.Sprintf("%s (%s)", found[i].Rule.ID, found[i].Rule.Title)
		if !slices.Contains(ids, text) {
			ids = append(ids, text)
		}
	}
	return strings.Join(ids, " and ")
}

// Contradiction says which goals cannot be met together, in a clause; empty where
// all can.
func (a *Answer) Contradiction() string {
	goals := make([]string, len(a.Conflict))
	for i, goal := range a.Conflict {
		at := slices.IndexFunc(a.Goals, func(s Standing) bool { return s.Goal == goal })
		goals[i] = fmt.Sprintf("%s %s", goal, goal.Human(a.Goals[at].Asked))
	}
	quiet := ""
	if a.Quiet {
		quiet = " without a new warning"
	}
	switch last := len(goals) - 1; last {
	case -1:
		return ""
	case 0:
		return fmt.Sprintf("no setting that may be changed meets %s%s", goals[0], quiet)
	default:
		return fmt.Sprintf("%s and %s cannot be met together%s by what may be changed", strings.Join(goals[:last], ", "), goals[last], quiet)
	}
}
