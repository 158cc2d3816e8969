package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Goal is something that a path is to do, with a number that says how well.
type Goal string

// The goals.
const (
	GoalDetect       Goal = "detect"        // each side notices a dead peer on a quiet connection within
	GoalDetectClient Goal = "detect-client" // the same of the client of each leg alone
	GoalDetectServer Goal = "detect-server" // the same of the server of each leg alone
	GoalOutage       Goal = "outage"        // connections survive an outage of the network that lasts so long
	GoalHold         Goal = "hold"          // quiet connections outlive a box that forgets after so long
	GoalIdle         Goal = "idle"          // at most so many idle connections on a leg
	GoalLost         Goal = "lost"          // at most so great a share of requests meets a close
	GoalProbes       Goal = "probes"        // at most so many packets of probes per second on a leg
)

// goals gives each goal a parameter's clothes, so that it is parsed and checked
// like a setting.
var goals = map[Goal]*Param{
	GoalDetect:       {ID: "detect", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Min: 1, Max: 7 * 86400},
	GoalDetectClient: {ID: "detect-client", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Min: 1, Max: 7 * 86400},
	GoalDetectServer: {ID: "detect-server", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Min: 1, Max: 7 * 86400},
	GoalOutage:       {ID: "outage", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Min: 1, Max: 7 * 86400},
	GoalHold:         {ID: "hold", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Min: 1, Max: 7 * 86400},
	GoalIdle:         {ID: "idle", Role: RoleRequests, Unit: UnitCount, Zero: ZeroLiteral, Max: 1_000_000_000},
	GoalLost:         {ID: "lost", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1},
	GoalProbes:       {ID: "probes", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1_000_000_000},
}

// AllGoals lists them in the order in which people think of them.
func AllGoals() []Goal {
	return []Goal{GoalDetect, GoalDetectClient, GoalDetectServer, GoalOutage, GoalHold, GoalIdle, GoalLost, GoalProbes}
}

var goalTitles = map[Goal]string{
	GoalDetect:       "a dead peer is noticed within",
	GoalDetectClient: "clients notice a dead peer within",
	GoalDetectServer: "servers notice a dead peer within",
	GoalOutage:       "an outage is survived of",
	GoalHold:         "quiet connections outlive boxes of",
	GoalIdle:         "idle connections on a leg, at most",
	GoalLost:         "requests lost to a close, at most",
	GoalProbes:       "packets of probes a second, at most",
}

// Title is the goal in a few words, to be followed by its number.
func (g Goal) Title() string { return goalTitles[g] }

// Known reports whether there is such a goal.
func (g Goal) Known() bool { return goals[g] != nil }

// Parse reads the number of a goal as people write it: 60s, 500, 0.1%. The error
// is one sentence that says what would be right.
func (g Goal) Parse(text string) (Value, error) {
	p := goals[g]
	if p == nil {
		return Value{}, fmt.Errorf("there is no goal %q; they are %s", Clean(string(g), 40), goalNames())
	}
	text = strings.TrimSpace(text)
	if g != GoalLost {
		v, err := p.ParseValue(text)
		if err == nil && v.Kind != Span && v.Kind != Count && v.Kind != Rate {
			err = fmt.Errorf("%s takes %s, not %q", g, p.Accepts(), Clean(text, 40))
		}
		return v, err
	}
	number, percent := strings.CutSuffix(text, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return Value{}, fmt.Errorf("%s takes a share of the requests such as 0, 0.1%% or 0.001, not %q", g, Clean(text, 40))
	}
	return PerSecond(f), nil
}

// Check reports in one sentence why v cannot be the number of this goal.
func (g Goal) Check(v Value) error {
	p := goals[g]
	if p == nil {
		return fmt.Errorf("there is no goal %q; they are %s", Clean(string(g), 40), goalNames())
	}
	switch v.Kind {
	case Span, Count, Rate:
		return p.Check(v)
	default:
		return fmt.Errorf("%s takes a number, not %s", g, v)
	}
}

// Human is the number of a goal as a person reads it.
func (g Goal) Human(v Value) string {
	f, ok := v.PerSecond()
	switch {
	case g == GoalLost && ok:
		return decimal(f*100, 4, " %")
	case ok:
		return v.String() + "/s"
	}
	return v.Human()
}

// Text is the number of a goal as [Goal.Parse] reads it back.
func (g Goal) Text(v Value) string {
	if f, ok := v.PerSecond(); ok && g == GoalLost {
		return decimal(f*100, 4, "%")
	}
	return v.String()
}

func goalNames() string {
	var names []string
	for _, g := range AllGoals() {
		names = append(names, string(g))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Goals are what a path is to do, and by whose settings. The zero Goals ask for
// nothing.
type Goals struct {
	Wanted map[Goal]Value
	Change []EndpointID // whose settings may be changed; empty: all that can be
}

// With is the goals with one of them given, or taken away with an unset value.
func (g Goals) With(goal Goal, v Value) Goals {
	g.Wanted = maps.Clone(g.Wanted)
	if !v.IsSet() {
		delete(g.Wanted, goal)
		return g
	}
	if g.Wanted == nil {
		g.Wanted = map[Goal]Value{}
	}
	g.Wanted[goal] = v
	return g
}

// Asked lists the goals that are given, in the order of [AllGoals].
func (g Goals) Asked() []Goal {
	var found []Goal
	for _, goal := range AllGoals() {
		if _, ok := g.Wanted[goal]; ok {
			found = append(found, goal)
		}
	}
	return found
}

// Empty reports whether nothing is asked for and nothing said about who may change.
func (g Goals) Empty() bool { return len(g.Wanted) == 0 && len(g.Change) == 0 }

// Equal reports whether two goals say the same.
func (g Goals) Equal(o Goals) bool {
	return maps.Equal(g.Wanted, o.Wanted) && slices.Equal(g.Change, o.Change)
}

// check reports in one sentence what is wrong with the goals.
func (g Goals) check() error {
	for _, goal := range slices.Sorted(maps.Keys(g.Wanted)) {
		if err := goal.Check(g.Wanted[goal]); err != nil {
			return err
		}
	}
	return nil
}
