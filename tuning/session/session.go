// Package session is what a person does with a document, without a screen:
// edits with undo and redo, the report after each, and a journal of what was
// done and why. It is pure; times are handed in.
package session

import (
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Session is a document under change. Its methods return the changed session
// and leave the receiver as it was; only the environment is shared.
type Session struct {
	env     *tuning.Env
	history model.History[state]
	base    model.Document
	report  tuning.Report
	journal []Change

	advice    advice // of the present state, as are survivals
	survivals survivals
}

// survivals is what the sides survive of the legs that were asked about.
type survivals map[int]tuning.Both[tuning.Survivals]

// advice is the findings of the legs that were asked about, with their remedies.
type advice map[int][]tuning.Finding

// A state is a document, the reason of the step that led to it, and what was measured
// on the way and taken over, and in the place of what.
type state struct {
	doc  model.Document
	why  string
	seen []model.Set
	had  []model.Set // settings as they were before a measured one took their place
}

// Equal compares documents: the reason alone is no difference.
func (s state) Equal(o state) bool { return s.doc.Equal(o.doc) }

// A Change is one line of the journal.
type Change struct {
	At  time.Time
	Why string
}

// journalLimit bounds the journal.
const journalLimit = 5000

// New begins a session with a document that counts as saved. The error is that
// of [tuning.Analyze].
func New(d model.Document, env *tuning.Env) (Session, error) {
	report, err := tuning.Analyze(d, env)
	if err != nil {
		return Session{}, err
	}
	return Session{env: env, history: model.NewHistory(state{doc: d}), base: d, report: report, advice: advice{}, survivals: survivals{}}, nil
}

// Document is the present state.
func (s Session) Document() model.Document { return s.history.Now().doc }

// Report is the judgement of the present state.
func (s Session) Report() tuning.Report { return s.report }

// Advice is the findings of a leg with their remedies. They are sought when they
// are first asked for: it takes some hundred analyses.
func (s Session) Advice(leg int) []tuning.Finding {
	found, ok := s.advice[leg]
	if !ok {
		found = tuning.Advise(s.Document(), s.env, s.report, leg)
		s.advice[leg] = found
	}
	return found
}

// Survives is what each side of a leg survives, from 0. It is computed when it is first
// asked for, and not again for each frame.
func (s Session) Survives(leg int) tuning.Both[tuning.Survivals] {
	all, ok := s.survivals[leg]
	if !ok {
		all = s.report.Legs[leg].Survives()
		s.survivals[leg] = all
	}
	return all
}

// Plan is what would put right all legs at once; false where nothing does.
func (s Session) Plan() (tuning.Plan, bool) { return tuning.Whole(s.Document(), s.env, s.report) }

// Env is the environment of the session's analyses.
func (s Session) Env() *tuning.Env { return s.env }

// Base is the document with which the session began.
func (s Session) Base() model.Document { return s.base }

// LastSaved is the document as it was saved last, or as the session began.
func (s Session) LastSaved() model.Document { return s.history.LastSaved().doc }

// Seen is every measured setting that the session took over and did not take back,
// oldest first: what was in force, whatever it was changed to since.
func (s Session) Seen() []model.Set { return s.history.Now().seen }

// Configured is the document with what was configured in the place of measured settings, as
// far as that is known: what a file says, or what the session had before it took the measured
// one over. The others stay.
func (s Session) Configured() model.Document {
	d := s.Document()
	var back []model.Set
	for _, e := range d.Path.Endpoints {
		for id, x := range e.Settings {
			if x.Origin.Kind != model.FromMeasured {
				continue
			}
			if said := x.Said; said.Value.IsSet() && said.Unread == "" {
				back = append(back, model.Set{Endpoint: e.ID, Param: id, Setting: model.Setting{
					Value: said.Value, Origin: model.Origin{Kind: model.FromFile, Where: said.Where, Line: said.Line},
				}})
				continue
			}
			for _, had := range slices.Backward(s.history.Now().had) {
				if had.Endpoint == e.ID && had.Param == id {
					back = append(back, had)
					break
				}
			}
		}
	}
	for _, x := range back {
		if next, err := d.With(x, s.env.Catalog); err == nil { // the endpoint may be another system now
			d = next
		}
	}
	return d
}

// Journal is what was done, oldest first.
func (s Session) Journal() []Change { return s.journal }

// Dirty reports whether the document differs from what was saved.
func (s Session) Dirty() bool { return s.history.Dirty() }

// Depth is how many steps can be undone and redone.
func (s Session) Depth() (undo, redo int) { return s.history.Depth() }

// Do applies edits as one step of undo. On an error nothing is changed. Steps
// of a single edit with the same key as the one before grow together.
func (s Session) Do(at time.Time, why string, edits ...model.Edit) (Session, error) {
	d, key, seen, had := s.Document(), "", s.Seen(), s.history.Now().had
	for _, e := range edits {
		if set, ok := e.(model.Set); ok && set.Setting.Origin.Kind == model.FromMeasured {
			seen = append(slices.Clip(seen), set)
			if i := d.Path.Index(set.Endpoint); i >= 0 {
				if was := d.Path.Endpoints[i].Settings[set.Param]; was.Origin.Kind != model.FromMeasured {
					had = append(slices.Clip(had), model.Set{Endpoint: set.Endpoint, Param: set.Param, Setting: was})
				}
			}
		}
		var err error
		if d, err = d.With(e, s.env.Catalog); err != nil {
			return s, err
		}
	}
	if len(edits) == 1 {
		key = edits[0].Key()
	}
	if d.Equal(s.Document()) {
		return s, nil
	}
	next := s
	next.history = s.history.Do(state{d, why, seen, had}, key)
	return next.judged(at, why, s)
}

// Seal makes the next edit a step of its own, whatever its key.
func (s Session) Seal() Session { s.history = s.history.Seal(); return s }

// Undo goes one step back; false when there is none.
func (s Session) Undo(at time.Time) (Session, bool) {
	h, ok := s.history.Undo()
	return s.moved(at, "undo: "+s.history.Now().why, h, ok)
}

// Redo goes one undone step forward; false when there is none.
func (s Session) Redo(at time.Time) (Session, bool) {
	h, ok := s.history.Redo()
	return s.moved(at, "redo: "+h.Now().why, h, ok)
}

// Saved marks the document as saved.
func (s Session) Saved() Session { s.history = s.history.Saved(); return s }

func (s Session) moved(at time.Time, why string, h model.History[state], ok bool) (Session, bool) {
	if !ok {
		return s, false
	}
	next := s
	next.history = h
	next, err := next.judged(at, why, s)
	return next, err == nil
}

// judged recomputes the report; where that fails, the session before stands.
func (s Session) judged(at time.Time, why string, before Session) (Session, error) {
	report, err := tuning.Analyze(s.Document(), s.env)
	if err != nil {
		return before, err
	}
	s.report, s.advice, s.survivals = report, advice{}, survivals{}
	journal := s.journal
	if len(journal) >= journalLimit {
		journal = journal[1:]
	}
	s.journal = append(slices.Clip(journal), Change{At: at, Why: why})
	return s, nil
}
