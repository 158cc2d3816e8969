package wire

import (
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/solve"
)

// SolveSchema names the shape of [Solve].
const SolveSchema = "keeptune.solve/1"

// A Solve is what becomes of the goals of a path: keeptune solve --format json.
type Solve struct {
	Schema    string    `json:"schema"`
	Version   string    `json:"version"`
	Knowledge string    `json:"knowledge"`
	Path      string    `json:"path"`
	Goals     []Goal    `json:"goals"`    // as they stand now
	Proposal  *Proposal `json:"proposal"` // null where the goals cannot be met together
	Conflict  []string  `json:"conflict"` // the fewest goals that cannot be met together, empty where all can
	Warnings  bool      `json:"warnings"` // that no new warning comes up is part of the conflict
	Ways      []WayOut  `json:"ways"`     // out of the conflict
	Unjudged  []int     `json:"unjudged"` // legs, from 1 on, of which nobody said how many connections they have
}

// A Goal is something that a path is to do, and how far it does.
type Goal struct {
	Goal  string `json:"goal"`
	Asked string `json:"asked"` // as --goal takes it
	Met   bool   `json:"met"`
	Leg   int    `json:"leg"` // on which it is met least, from 1 on
	Text  string `json:"text"`
}

// A Proposal is a set of changes that meets the goals.
type Proposal struct {
	Changes []Choosing        `json:"changes"`
	Set     map[string]string `json:"set"` // the changes as --set takes them, PARAM by VALUE
	Goals   []Goal            `json:"goals"`
	Legs    []PlannedLeg      `json:"legs"`
	New     []string          `json:"new"` // rules that find something that was not there before
}

// A Choosing is one setting of a proposal.
type Choosing struct {
	Endpoint string `json:"endpoint"`
	Param    string `json:"param"`
	Setting  string `json:"setting"` // as the product writes it
	Was      string `json:"was"`
	Is       string `json:"is"`
	Why      string `json:"why"`
}

// A WayOut is something to give up, and what becomes possible then.
type WayOut struct {
	GiveUp   *string   `json:"give_up"`  // a goal
	Change   []string  `json:"change"`   // endpoints that are to be changed, too
	Warnings bool      `json:"warnings"` // new warnings are put up with
	Text     string    `json:"text"`
	Proposal *Proposal `json:"proposal"` // null where the rest cannot be met either
}

// FromAnswer is the JSON of an answer.
func FromAnswer(a *solve.Answer, path, version, knowledge string) Solve {
	out := Solve{
		Schema: SolveSchema, Version: version, Knowledge: knowledge, Path: path, Goals: goals(a.Goals),
		Proposal: proposal(a.Proposal, &a.Before), Conflict: []string{}, Warnings: a.Quiet, Ways: []WayOut{}, Unjudged: []int{},
	}
	for _, goal := range a.Conflict {
		out.Conflict = append(out.Conflict, string(goal))
	}
	for i := range a.WaysOut {
		w := &a.WaysOut[i]
		one := WayOut{GiveUp: word(string(w.Goal)), Change: []string{}, Warnings: w.Warn, Text: w.Text, Proposal: proposal(w.Proposal, &a.Before)}
		for _, id := range w.Allow {
			one.Change = append(one.Change, string(id))
		}
		out.Ways = append(out.Ways, one)
	}
	for _, leg := range a.Unjudged {
		out.Unjudged = append(out.Unjudged, leg+1)
	}
	return out
}

func goals(all []solve.Standing) []Goal {
	out := []Goal{}
	for _, s := range all {
		out = append(out, Goal{string(s.Goal), s.Goal.Text(s.Asked), s.Met, s.Leg + 1, s.Text})
	}
	return out
}

func proposal(p *solve.Proposal, before *tuning.Report) *Proposal {
	if p == nil {
		return nil
	}
	out := &Proposal{Changes: []Choosing{}, Set: Assignments(p.Edits()), Goals: goals(p.Goals), Legs: []PlannedLeg{}, New: []string{}}
	for _, c := range p.Choices {
		out.Changes = append(out.Changes, Choosing{string(c.Endpoint), string(c.Param.ID), c.Param.Name, c.Was.String(), c.Is.String(), c.Why})
	}
	for i := range p.After.Legs {
		out.Legs = append(out.Legs, PlannedLeg{i + 1, string(before.Legs[i].Limit.Verdict), string(p.After.Legs[i].Limit.Verdict)})
	}
	for i := range p.New {
		out.New = append(out.New, p.New[i].Rule.ID)
	}
	return out
}
