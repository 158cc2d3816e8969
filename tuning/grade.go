package tuning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A Grade says how good a connection is, from A, which has nothing to mend, to F; it is
// empty where it is withheld.
type Grade string

// A Cap is what a grade cannot be better than, and when.
type Cap struct {
	Grade Grade
	Means string // in a few words
	When  string // in a clause
	holds func(*Leg, []*Finding) []*Finding
}

// Caps lists every cap, the hardest first. A leg that none holds for has an A.
func Caps() []Cap { return slices.Clone(caps) }

// fatal are the rules by which nearly every use of a connection fails, where they are errors.
var fatal = []string{"EFF-15", "ORD-3", "CAP-1", "CAP-5", "MID-11"}

var caps = []Cap{
	{
		Grade: "F", Means: "nearly every use fails", When: "an error by which it does: the ends speak different protocols, requests come just at the close, no worker is left, or slow answers are cut off",
		holds: func(_ *Leg, found []*Finding) []*Finding {
			return slices.DeleteFunc(errorsOf(found), func(f *Finding) bool { return !slices.Contains(fatal, f.Rule.ID) })
		},
	},
	{
		Grade: "E", Means: "it fails in normal use, and in more than one way", When: "errors of more than one kind: ORD (the order of closes), EFF (what is in force), MID (boxes), KA (probes), CAP (capacity)",
		holds: func(_ *Leg, found []*Finding) []*Finding {
			grave := errorsOf(found)
			if !slices.ContainsFunc(grave, func(f *Finding) bool { return f.Rule.group() != grave[0].Rule.group() }) {
				return nil
			}
			return grave
		},
	},
	{
		Grade: "D", Means: "it fails in normal use", When: "an error",
		holds: func(_ *Leg, found []*Finding) []*Finding { return errorsOf(found) },
	},
	{
		Grade: "C", Means: "a request can meet a close", When: "a warning, where the verdict is race or stale: not every request that meets a close is repeated",
		holds: func(l *Leg, found []*Finding) []*Finding {
			if l.Limit.Verdict != VerdictRace && l.Limit.Verdict != VerdictStale {
				return nil
			}
			return above(found, Warning)
		},
	},
	{
		Grade: "B", Means: "it fails under conditions that occur", When: "a warning",
		holds: func(_ *Leg, found []*Finding) []*Finding { return above(found, Warning) },
	},
}

func above(found []*Finding, least Severity) (graver []*Finding) {
	for _, f := range found {
		if f.Severity >= least {
			graver = append(graver, f)
		}
	}
	return graver
}

func errorsOf(found []*Finding) []*Finding { return above(found, Error) }

// group is ORD of ORD-1.
func (r *Rule) group() string { group, _, _ := strings.Cut(r.ID, "-"); return group }

// A Grading is a grade with its reasons.
type Grading struct {
	Grade    Grade    // empty where it is withheld
	Leg      int      // whose it is; of a path the leg that decides
	Cap      *Cap     // what it cannot be better than; nil for an A
	Rules    []string // that hold the cap
	Withheld []string // why it is not given, a clause each
}

// Text is why the grade is what it is, in a clause.
func (g *Grading) Text() string {
	switch {
	case len(g.Withheld) > 0:
		return strings.Join(g.Withheld, "; ")
	case g.Cap == nil:
		return "nothing above info is found"
	}
	return fmt.Sprintf("%s (%s)", g.Cap.Means, strings.Join(g.Rules, ", "))
}

// LegGrade is the grade of a leg. What is suppressed counts for it: a reason makes no
// connection better.
func (r *Report) LegGrade(leg int) Grading {
	l, g := &r.Legs[leg], Grading{Leg: leg}
	found := make([]*Finding, 0, len(r.Findings)+len(r.Suppressed))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Leg == leg {
			found = append(found, f)
		}
	}
	for i := range r.Suppressed {
		if f := &r.Suppressed[i].Finding; f.Leg == leg {
			found = append(found, f)
		}
	}
	if g.Withheld = l.withheld(found); len(g.Withheld) > 0 {
		return g
	}
	g.Grade = "A"
	for i := range caps {
		if hold := caps[i].holds(l, found); len(hold) > 0 {
			g.Grade, g.Cap = caps[i].Grade, &caps[i]
			for _, f := range hold {
				if !slices.Contains(g.Rules, f.Rule.ID) {
					g.Rules = append(g.Rules, f.Rule.ID)
				}
			}
			break
		}
	}
	return g
}

// PathGrade is the grade of the worst leg, and withheld where that of a leg is.
func (r *Report) PathGrade() Grading {
	worst := Grading{}
	var withheld []string
	for i := range r.Legs {
		g := r.LegGrade(i)
		if g.Grade == "" && len(r.Legs) == 1 {
			return g
		}
		for _, why := range g.Withheld {
			withheld = append(withheld, fmt.Sprintf("leg %d: %s", i+1, why))
		}
		if cmp.Compare(g.Grade, worst.Grade) > 0 {
			worst = g
		}
	}
	if len(withheld) > 0 {
		return Grading{Withheld: withheld}
	}
	return worst
}

// withheld is why a leg gets no grade, a clause each.
func (l *Leg) withheld(found []*Finding) []string {
	var why []string
	if l.Limit.Verdict == VerdictUnknown {
		why = append(why, fmt.Sprintf("%s of %s is not known", l.Limit.Limiter.Name, l.Limit.Limiter.Ref.Endpoint))
	}
	if !l.Limit.Reused {
		why = append(why, "no connection is used again, so there is nothing to judge")
	}
	if l.Limit.Reused && l.Server.on(model.RolePins) && l.Server.count(model.RoleWorkers, 0) > 0 && l.Load.WorkersHeld == nil {
		why = append(why, fmt.Sprintf("how many connections hold a worker of %s is not known: leg%d:arrivals, or leg%d:connections, says it", l.Server.Endpoint.ID, l.Index+1, l.Index+1))
	}
	for _, f := range found {
		switch {
		case f.Rule.blind:
			why = append(why, f.Rule.Title)
		case f.Severity > Info:
			for _, ref := range f.Assuming {
				if text := l.notKnown(ref); text != "" && !slices.Contains(why, text) {
					why = append(why, text)
				}
			}
		}
	}
	return why
}

// notKnown says what is not known of something that a finding assumes, "" where it is
// only a default that may be another in this version.
func (l *Leg) notKnown(ref ParamRef) string {
	for _, s := range bothSides(l) {
		if s.Endpoint.ID != ref.Endpoint {
			continue
		}
		row := s.Row(ref.Param)
		switch {
		case row == nil && ref.Param.Name() == "retries":
			return fmt.Sprintf("whether %s repeats a request is not known", ref.Endpoint)
		case row == nil && ref.Param.Name() == "hint":
			return fmt.Sprintf("whether %s heeds the Keep-Alive hint is not known", ref.Endpoint)
		case row != nil && (!row.Value.IsSet() || row.Value.Kind == model.Unknown):
			return fmt.Sprintf("%s of %s is not known", row.Param.Name, ref.Endpoint)
		}
	}
	return ""
}
