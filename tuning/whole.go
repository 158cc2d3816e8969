package tuning

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A Plan is one set of edits for all legs of a path.
type Plan struct {
	Steps []Remedy // a label for each edit, in the order of the legs; their edits are all that is to be done
	After Report
	Left  int // findings above info that no setting here puts right
}

// Edits are those of all steps.
func (p *Plan) Edits() []model.Edit {
	var all []model.Edit
	for _, s := range p.Steps {
		all = append(all, s.Edits...)
	}
	return all
}

// wholeTries bounds the search for a plan: how often the remedies of a finding
// are looked for.
const wholeTries = 24

// Whole looks for edits that put right what can be on all legs at once. A change
// may break another leg for as long as a later one mends it: what two legs share
// has to suit both. It is false where nothing helps.
func Whole(d model.Document, env *Env, r Report) (Plan, bool) {
	w := whole{env: env, start: weigh(r), tries: wholeTries}
	w.best = w.start
	w.search(d, r, nil, nil)
	if w.best == w.start {
		return Plan{}, false
	}
	steps := w.needed(d, w.steps)
	after, err := w.after(d, steps)
	if err != nil {
		return Plan{}, false
	}
	left := weigh(after)
	return Plan{Steps: steps, After: after, Left: left.errors + left.warnings}, true
}

// A weight is how ill a path is.
type weight struct{ errors, warnings int }

func weigh(r Report) weight {
	var w weight
	for i := range r.Findings {
		switch r.Findings[i].Severity {
		case Error:
			w.errors++
		case Warning:
			w.warnings++
		case Info:
		}
	}
	return w
}

func (w weight) less(o weight) bool {
	return w.errors < o.errors || w.errors == o.errors && w.warnings < o.warnings
}

type whole struct {
	env         *Env
	start, best weight
	steps       []Remedy // of the best
	tries       int
}

// search goes on from a document that steps have led to. Findings in given are
// past help there.
func (w *whole) search(d model.Document, r Report, steps []Remedy, given []string) {
	if now := weigh(r); now.less(w.best) || now == w.best && len(steps) < len(w.steps) {
		w.best, w.steps = now, slices.Clone(steps)
	}
	f := worst(r, given)
	if f == nil || w.tries == 0 || w.best == (weight{}) || len(steps) > 2*len(r.Legs)+2 {
		return
	}
	w.tries--
	moves := w.moves(d, r, f)
	for _, m := range moves {
		next, err := w.with(d, m)
		if err != nil {
			continue
		}
		after, err := Analyze(next, w.env)
		if err == nil {
			w.search(next, after, append(slices.Clip(steps), m), given)
		}
		if w.best == (weight{}) {
			return
		}
	}
	if len(moves) == 0 {
		w.search(d, r, steps, append(slices.Clip(given), mark(f)))
	}
}

// movesAtMost bounds the remedies that are followed of one finding.
const movesAtMost = 3

// moves are the remedies of a finding, those that harm no other leg first.
func (w *whole) moves(d model.Document, r Report, f *Finding) []Remedy {
	t := w.env.consult(d, f.Leg, r.of(f.Leg))
	if t == nil {
		return nil
	}
	found := movesIn(nil, t.advised, f)
	if len(found) < movesAtMost {
		found = movesIn(found, t.adviseAlone(), f)
	}
	return found
}

// movesIn adds the remedies that advice has for a finding, as far as they are new.
func movesIn(found []Remedy, advised []Finding, f *Finding) []Remedy {
	for i := range advised {
		if mark(&advised[i]) != mark(f) {
			continue
		}
		for _, m := range advised[i].Remedies {
			if len(found) < movesAtMost && !slices.ContainsFunc(found, func(o Remedy) bool { return o.Label == m.Label }) {
				found = append(found, m)
			}
		}
	}
	return found
}

// worst is the gravest finding that is not past help.
func worst(r Report, given []string) *Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity > Info && !f.Rule.byHand && !slices.Contains(given, mark(f)) {
			return f
		}
	}
	return nil
}

// mark tells one finding from others.
func mark(f *Finding) string {
	at := ""
	if len(f.At) > 0 {
		at = string(f.At[0].Endpoint) + ":" + string(f.At[0].Param)
	}
	return f.Rule.ID + " " + string(legName(f.Leg)) + " " + at
}

func (w *whole) with(d model.Document, m Remedy) (model.Document, error) {
	var err error
	for _, e := range m.Edits {
		if d, err = d.With(e, w.env.Catalog); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (w *whole) after(d model.Document, steps []Remedy) (Report, error) {
	var err error
	for _, m := range steps {
		if d, err = w.with(d, m); err != nil {
			return Report{}, err
		}
	}
	return Analyze(d, w.env)
}

// needed leaves out the steps without which the path is as well: what a later
// one has overtaken.
func (w *whole) needed(d model.Document, steps []Remedy) []Remedy {
	for i := 0; i < len(steps); {
		less := slices.Delete(slices.Clone(steps), i, i+1)
		if r, err := w.after(d, less); err == nil && !w.best.less(weigh(r)) {
			steps = less
			continue
		}
		i++
	}
	return steps
}

// Beside reports whether the plan says more than the findings' own remedies: it is
// none of them alone.
func (p *Plan) Beside(found []Finding) bool {
	for i := range found {
		for _, r := range found[i].Remedies {
			if len(p.Steps) == 1 && p.Steps[0].Label == r.Label {
				return false
			}
		}
	}
	return true
}

// Costs are those of all steps.
func (p *Plan) Costs() []string {
	var all []string
	for _, s := range p.Steps {
		all = append(all, s.Costs...)
	}
	return all
}

// legsNamed is how many legs a line names each; of a longer path those that change.
const legsNamed = 5

// Leads is the verdict of every leg before a change and after it, and the path's
// worst.
func Leads(before, after Report) string {
	word := func(l *Leg) string { return strings.ToUpper(string(l.Limit.Verdict)) }
	var legs []string
	for i := range after.Legs {
		is := word(&after.Legs[i])
		was := is
		if i < len(before.Legs) {
			was = word(&before.Legs[i])
		}
		switch {
		case was != is:
			legs = append(legs, fmt.Sprintf("leg %d %s to %s", i+1, was, is))
		case len(after.Legs) <= legsNamed:
			legs = append(legs, fmt.Sprintf("leg %d %s", i+1, is))
		}
	}
	if len(after.Legs) == 1 {
		return strings.TrimPrefix(legs[0], "leg 1 ")
	}
	worst := &after.Legs[after.Gravest()]
	text := fmt.Sprintf("worst of all: %s on leg %d", word(worst), worst.Index+1)
	if worst.Limit.Verdict.Severity() == 0 {
		text = "and none is worse"
	}
	return strings.Join(append(legs, text), ", ")
}

// LeadsTo is what the plan makes of every leg, and what is left.
func (p *Plan) LeadsTo(before Report) string {
	text := Leads(before, p.After)
	switch {
	case p.Left == 1:
		text += ", 1 finding left that no setting here puts right"
	case p.Left > 1:
		text += fmt.Sprintf(", %d findings left that no setting here puts right", p.Left)
	}
	return text
}

// Brief is what the plan does, in a line: whose settings get which values.
func (p *Plan) Brief() string {
	brief := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		_, sets, _ := strings.Cut(s.Label, ": ")
		if e, ok := s.Edits[0].(model.Set); ok {
			sets = string(e.Endpoint) + " " + sets
		}
		brief[i] = sets
	}
	return strings.Join(brief, "; ")
}
