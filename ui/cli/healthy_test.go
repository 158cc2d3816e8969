package cli_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
)

// A pair is a set-up that nothing is wrong with, and the one setting that
// makes it ill.
type pair struct {
	Path string
	Set  []string
	Ill  string // in the place of the setting of the same name, or beside the others
	Rule string // what it fires, and nothing else above info
	Why  string
}

// illNotYet lists, by path, the pairs that are right and not yet told so.
var illNotYet = map[string]string{}

func TestHealthyPaths(t *testing.T) {
	data, err := os.ReadFile("testdata/healthy.toml")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Pair []pair }
	if err := model.ReadTOML("healthy.toml", data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Pair) < 40 {
		t.Errorf("%d pairs, at least 40 are meant to be there", len(all.Pair))
	}
	b := newBench(t)
	for _, p := range all.Pair {
		t.Run(p.Path, func(t *testing.T) {
			wrong := append(p.judge(t, b, p.Set, ""), p.judge(t, b, p.ill(), p.Rule)...)
			switch missing, listed := illNotYet[p.Path]; {
			case listed && len(wrong) == 0:
				t.Errorf("the pair is right now; take it off the list (%s)", missing)
			case !listed && len(wrong) > 0:
				t.Errorf("%s", strings.Join(wrong, "\n"))
			}
		})
	}
}

// ill are the settings of the ill twin.
func (p *pair) ill() []string {
	name, _, _ := strings.Cut(p.Ill, "=")
	set := slices.DeleteFunc(slices.Clone(p.Set), func(s string) bool { return strings.HasPrefix(s, name+"=") })
	return append(set, p.Ill)
}

// judge lists what keeptune check says other than the one rule, or than nothing.
func (p *pair) judge(t *testing.T, b *bench, set []string, rule string) []string {
	t.Helper()
	c := fieldCase{Path: p.Path, Set: set}
	_, got, err := c.check(t, b)
	if err != nil {
		return []string{fmt.Sprintf("%q: %v", set, err)}
	}
	var wrong []string
	// What is healthy has an A, or none where a limit of it is not known; what is ill has neither.
	switch g := got.Path.Grade; {
	case g.Grade == nil && got.Legs[0].Limit.Verdict == "unknown", g.Grade != nil && (*g.Grade == "A") == (rule == ""):
	case g.Grade == nil && rule != "":
	default:
		wrong = append(wrong, fmt.Sprintf("%q: graded %s", set, g.Because))
	}
	fired := false
	for _, f := range got.Findings {
		switch {
		case f.Severity == "info":
			continue
		case rule == "" || f.Rule != rule:
			wrong = append(wrong, fmt.Sprintf("%q: %s %q", set, f, f.Because))
		}
		fired = fired || f.Rule == rule
	}
	if rule != "" && !fired {
		wrong = append(wrong, fmt.Sprintf("%q: %s says nothing above info: limit %s, findings %v", set, rule, got.Legs[0].Limit.Verdict, got.Findings))
	}
	return wrong
}
