package wire

import (
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Finding is what a rule says about a leg, which counts from 1.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity" enum:"error,warning,info"`
	Leg      int      `json:"leg"`
	At       []string `json:"at"`
	Because  []string `json:"because"`
	Assuming []string `json:"assuming"`
	Remedies []Remedy `json:"remedies"`
	Title    string   `json:"title"`
	Why      string   `json:"why"`
	WrongIf  string   `json:"wrong_if"`
	Source   string   `json:"source"`
}

// A Remedy is a change that would settle a finding. The keys of Set and its
// values are what --set takes.
type Remedy struct {
	Label string            `json:"label"`
	Set   map[string]string `json:"set"`
	Costs []string          `json:"costs"` // beside what it settles
}

// A Suppressed finding is one that somebody accepts.
type Suppressed struct {
	Finding Finding `json:"finding"`
	Level   string  `json:"level" enum:"error,warning,info"` // the gravest that is accepted
	Reason  string  `json:"reason"`
}

// A Lapsed suppression hides nothing.
type Lapsed struct {
	Rule    string   `json:"rule"`
	At      []string `json:"at"`
	Level   string   `json:"level" enum:"error,warning,info"`
	Reason  string   `json:"reason"`
	Because string   `json:"because"` // why it hides nothing
}

func finding(f *tuning.Finding) Finding {
	j := Finding{
		Rule: f.Rule.ID, Severity: f.Severity.String(), Leg: f.Leg + 1, At: names(f.At), Because: list(f.Because),
		Assuming: names(f.Assuming), Remedies: []Remedy{},
		Title: f.Rule.Title, Why: f.Rule.Why, WrongIf: f.Rule.WrongIf, Source: f.Rule.Source,
	}
	for _, r := range f.Remedies {
		j.Remedies = append(j.Remedies, Remedy{Label: r.Label, Set: Assignments(r.Edits), Costs: list(r.Costs)})
	}
	return j
}

// A Plan is one set of changes for all legs. The keys of Set and its values are what
// --set takes.
type Plan struct {
	Label string            `json:"label"`
	Set   map[string]string `json:"set"`
	Costs []string          `json:"costs"`
	Legs  []PlannedLeg      `json:"legs"`
	Left  int               `json:"left"` // findings above info that no setting here puts right
}

// A PlannedLeg is a leg's verdict before the plan and after it. Legs count from 1.
type PlannedLeg struct {
	Leg     int    `json:"leg"`
	Before  string `json:"before" enum:"ok,retried,race,stale,unbounded,unknown"`
	Verdict string `json:"verdict" enum:"ok,retried,race,stale,unbounded,unknown"`
}

// PlanOf is a plan for a report, nil for none.
func PlanOf(before tuning.Report, p *tuning.Plan) *Plan {
	if p == nil {
		return nil
	}
	j := &Plan{Label: p.Brief(), Set: Assignments(p.Edits()), Costs: list(p.Costs()), Legs: []PlannedLeg{}, Left: p.Left}
	for i := range p.After.Legs {
		j.Legs = append(j.Legs, PlannedLeg{i + 1, string(before.Legs[i].Limit.Verdict), string(p.After.Legs[i].Limit.Verdict)})
	}
	return j
}

// Assignments are edits as --set takes them, PARAM by VALUE. Edits that are no
// settings have no place there.
func Assignments(edits []model.Edit) map[string]string {
	set := map[string]string{}
	for _, e := range edits {
		switch e := e.(type) {
		case model.Set:
			set[ref(tuning.ParamRef{Endpoint: e.Endpoint, Param: e.Param})] = e.Setting.Value.String()
		case model.SetQuantity:
			set[fmt.Sprintf("leg%d:%s", e.Leg+1, e.Quantity)] = e.Setting.Value.String()
		case model.Choose, model.Insert, model.Remove, model.Move, model.SetTarget, model.SetGoals, model.SetPlace,
			model.Suppress, model.Unsuppress, model.Replace:
		}
	}
	return set
}
