package tuning_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
)

// worstOf is the gravest finding of a leg, -1 for none.
func worstOf(r tuning.Report, leg int) int {
	worst := -1
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Leg == leg {
			worst = max(worst, int(f.Severity))
		}
	}
	return worst
}

// TestARemedyHarmsNoLegAndIsUndone: whatever remedy is taken of whatever finding, its leg
// is not worse off by it, and one undo gives back the very document and what was found.
func TestARemedyHarmsNoLegAndIsUndone(t *testing.T) {
	c := model.Embedded()
	draw := newDrawer(t, c)
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	taken := 0
	for seed := range lawcheck.Cases(1000) {
		random := rand.New(rand.NewPCG(uint64(seed), 14))
		d := draw.document(random)
		for range random.IntN(8) {
			d = draw.edit(random, d)
		}
		s, err := session.New(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		before := s.Report()
		for leg := range before.Legs {
			for _, f := range s.Advice(leg) {
				for _, m := range f.Remedies {
					taken++
					next, err := s.Do(at, m.Label, m.Edits...)
					if err != nil {
						t.Fatalf("%s: %s: %v", d.Path, m.Label, err)
					}
					if is, was := worstOf(next.Report(), leg), worstOf(before, leg); is > was {
						t.Errorf("%s: %s of leg %d says %q: the worst is %d, was %d\n%s", d.Path, f.Rule.ID, leg+1, m.Label, is, was, settings(d))
					}
					back, ok := next.Undo(at)
					if !ok || !back.Document().Equal(d) {
						t.Fatalf("%s: %q is not undone", d.Path, m.Label)
					}
					if got, want := allTold(back.Report().Findings), allTold(before.Findings); len(got) != len(want) {
						t.Errorf("%s: %q undone leads to %q, before was %q", d.Path, m.Label, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d remedies", taken)
	if taken == 0 {
		t.Error("no document had a remedy")
	}
}

// TestOneSettingHasOneValue: what findings put first does not give one setting two values,
// unless both put it right; the whole path has one set of changes in any case.
func TestOneSettingHasOneValue(t *testing.T) {
	c := model.Embedded()
	draw := newDrawer(t, c)
	for seed := range lawcheck.Cases(1000) {
		random := rand.New(rand.NewPCG(uint64(seed), 15))
		d := draw.document(random)
		env := tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		r = tuning.Advised(d, env, r)
		type said struct {
			value model.Value
			by    *tuning.Finding
		}
		first := map[tuning.ParamRef]said{}
		for i := range r.Findings {
			f := &r.Findings[i]
			if len(f.Remedies) == 0 {
				continue
			}
			for _, e := range f.Remedies[0].Edits {
				set, ok := e.(model.Set)
				if !ok {
					continue
				}
				ref := tuning.ParamRef{Endpoint: set.Endpoint, Param: set.Param}
				if o, ok := first[ref]; ok && o.value != set.Setting.Value {
					t.Errorf("%s: %s of leg %d sets %s to %s, %s of leg %d to %s\n%s", d.Path, o.by.Rule.ID, o.by.Leg+1, ref.Param, o.value, f.Rule.ID, f.Leg+1, set.Setting.Value, settings(d))
				}
				first[ref] = said{set.Setting.Value, f}
			}
		}
	}
}
