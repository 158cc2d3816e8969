package tuning_test

import (
	"cmp"
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

// A server that never closes is no way to deal with a client that never lets go, where
// that can be bounded; and what bounds it is undone by no other finding.
func TestAClientThatNeverLetsGoIsBoundedFirst(t *testing.T) {
	for _, path := range []string{
		"python-requests > envoy", "python-requests > actix-web", "python-requests > apache", "python-requests > gunicorn",
		"python-requests > aws-nat-gateway > envoy > jetty", "reactor-netty > node", "apache > node",
	} {
		set := []string{}
		if strings.Contains(path, "gateway") {
			set = append(set, "aws-nat-gateway:idle_timeout=7s")
		}
		d := document(t, model.Embedded(), path, set...)
		agree(t, d)
		env := tuning.NewEnv(model.Embedded(), 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, f := range tuning.Advise(d, env, r, 0) {
			if f.Rule.ID != "ORD-4" {
				continue
			}
			seen = true
			client := d.Path.Endpoints[0].ID
			if len(f.Remedies) == 0 || f.Remedies[0].Edits[0].(model.Set).Endpoint != client { //nolint:forcetypeassert // a remedy sets
				t.Errorf("%s: first is not a setting of %s: %+v", path, client, f.Remedies)
			}
			for _, m := range f.Remedies {
				if strings.Contains(m.Label, " never") {
					t.Errorf("%s: %s", path, m.Label)
				}
			}
		}
		if !seen {
			t.Errorf("%s has no ORD-4", path)
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
				for ref, turns := range directions(r, m) {
					if turns*first[ref] < 0 {
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
	turned := map[tuning.ParamRef]int{}
	for _, e := range m.Edits {
		set, ok := e.(model.Set)
		if !ok { // what somebody asked for, in a conflict
			continue
		}
		ref := tuning.ParamRef{Endpoint: set.Endpoint, Param: set.Param}
		if was, ok := valueOf(r, ref); ok {
			turned[ref] = direction(was, set.Setting.Value)
		}
	}
	return turned
}

func direction(was, is model.Value) int {
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
