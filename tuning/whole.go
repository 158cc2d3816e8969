package tuning

import (
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
	var found []Remedy
	for _, alone := range []bool{false, true} {
		for _, x := range advise(d, w.env, r, f.Leg, alone) {
			if mark(&x) != mark(f) {
				continue
			}
			for _, m := range x.Remedies {
				if len(found) < movesAtMost && !slices.ContainsFunc(found, func(o Remedy) bool { return o.Label == m.Label }) {
					found = append(found, m)
				}
			}
		}
	}
	return found
}

// worst is the gravest finding that is not past help.
func worst(r Report, given []string) *Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity > Info && !slices.Contains(given, mark(f)) {
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
