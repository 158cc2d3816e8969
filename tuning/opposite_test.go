package tuning_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

// TestFindingsDoNotContradict: what one finding advises first, no other advises
// to turn the other way, be it a later choice of a graver one.
func TestFindingsDoNotContradict(t *testing.T) {
	c := model.Embedded()
	draw := newDrawer(t, c)
	pairs := 0
	documents := lawcheck.Cases(400)
	if lawcheck.Long() {
		documents = 1000
	}
	for seed := range documents {
		random := rand.New(rand.NewPCG(uint64(seed), 12))
		d := draw.document(random)
		for range random.IntN(10) {
			d = draw.edit(random, d)
		}
		pairs += agree(t, d)
	}
	t.Logf("%d pairs of findings with remedies", pairs)
	if pairs == 0 {
		t.Error("no document had two findings with remedies")
	}
}

// The one way that ORD-4 knows is that Envoy waits for ever, so MID-2 first bounds
// the age rather than the wait.
func TestTheOnlyWayOfOneFindingIsNotUndoneByAnother(t *testing.T) {
	d := document(t, model.Embedded(), "python-requests > aws-nat-gateway > envoy > jetty", "aws-nat-gateway:idle_timeout=7s")
	if agree(t, d) == 0 {
		t.Error("no two findings have remedies")
	}
	env := tuning.NewEnv(model.Embedded(), 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]string{}
	for _, f := range tuning.Advise(d, env, r, 0) {
		first[f.Rule.ID] = f.Remedies[0].Label
	}
	for rule, want := range map[string]string{"ORD-4": "idle_timeout never", "MID-2": "max_connection_duration"} {
		if !strings.Contains(first[rule], want) {
			t.Errorf("%s says %q first, want %q", rule, first[rule], want)
		}
	}
}

// agree is the number of pairs of findings with remedies, none of which may be
// opposite.
func agree(t *testing.T, d model.Document) (pairs int) {
	t.Helper()
	env := tuning.NewEnv(model.Embedded(), 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	r = tuning.Advised(d, env, r)
	for i := range r.Findings {
		for j := range r.Findings {
			a, b := &r.Findings[i], &r.Findings[j]
			if i == j || a.Severity < b.Severity || len(a.Remedies) == 0 || len(b.Remedies) == 0 {
				continue
			}
			pairs++
			first := directions(r, b.Remedies[0])
			for n, m := range a.Remedies {
				if n > 0 && a.Severity == b.Severity {
					break
				}
				for ref, way := range directions(r, m) {
					if way*first[ref] < 0 {
						t.Errorf("%s: %s of leg %d says %q, %s of leg %d says %q\n%s", d.Path,
							a.Rule.ID, a.Leg+1, m.Label, b.Rule.ID, b.Leg+1, b.Remedies[0].Label, settings(d))
					}
				}
			}
		}
	}
	return pairs
}

// directions are the settings that a remedy turns up (1) or down (-1).
func directions(r tuning.Report, m tuning.Remedy) map[tuning.ParamRef]int {
	ways := map[tuning.ParamRef]int{}
	for _, e := range m.Edits {
		set, ok := e.(model.Set)
		if !ok {
			panic(fmt.Sprintf("%T", e))
		}
		ref := tuning.ParamRef{Endpoint: set.Endpoint, Param: set.Param}
		if was, ok := valueOf(r, ref); ok {
			ways[ref] = way(was, set.Setting.Value)
		}
	}
	return ways
}

func way(was, is model.Value) int {
	a, known := size(was)
	b, also := size(is)
	if !known || !also {
		return 0
	}
	return cmp.Compare(b, a)
}

func size(v model.Value) (float64, bool) {
	if n, ok := v.Count(); ok {
		return float64(n), true
	}
	switch v {
	case model.ValueOn:
		return 1, true
	case model.ValueOff:
		return 0, true
	}
	d, ok := v.Duration()
	return float64(d), ok
}

func valueOf(r tuning.Report, ref tuning.ParamRef) (model.Value, bool) {
	for i := range r.Legs {
		l := &r.Legs[i]
		for _, s := range []*tuning.Side{&l.Client, &l.Server} {
			if row := s.Row(ref.Param); row != nil && s.Endpoint.ID == ref.Endpoint {
				return row.Value, true
			}
		}
		for _, b := range l.Boxes {
			if b.Endpoint.ID == ref.Endpoint && b.Row.Param.ID == ref.Param {
				return b.Row.Value, true
			}
		}
	}
	return model.Value{}, false
}
