package tuning

import (
	"testing"

	"example.com/keeptune/model"
)

// A path with the verdicts of its legs.
func legs(verdicts ...Verdict) (r Report) {
	for i, v := range verdicts {
		r.Legs = append(r.Legs, Leg{Index: i, Limit: Limit{Verdict: v}})
	}
	return r
}

// Where a plan leads is said of every leg up to five, of a longer path of those that change,
// and then of the worst.
func TestWhereAPlanLeads(t *testing.T) {
	t.Parallel()
	const ok, race, retried, unknown = VerdictOK, VerdictRace, VerdictRetried, VerdictUnknown
	for _, x := range []struct {
		before, after Report
		left          int
		want          string
	}{
		{legs(race), legs(ok), 0, "RACE to OK"},
		{legs(ok), legs(ok), 1, "OK, 1 finding left that no setting here puts right"},
		{legs(ok), legs(ok), 2, "OK, 2 findings left that no setting here puts right"},
		{legs(ok, race), legs(ok, ok), 0, "leg 1 OK, leg 2 RACE to OK, and none is worse"},
		{legs(ok, race), legs(ok, retried), 0, "leg 1 OK, leg 2 RACE to RETRIED, and none is worse"},
		{legs(race, race), legs(ok, race), 0, "leg 1 RACE to OK, leg 2 RACE, worst of all: RACE on leg 2"},
		{legs(ok), legs(ok, unknown), 0, "leg 1 OK, leg 2 UNKNOWN, worst of all: UNKNOWN on leg 2"},
		{legs(race, ok, ok, ok, ok), legs(ok, ok, ok, ok, ok), 0, "leg 1 RACE to OK, leg 2 OK, leg 3 OK, leg 4 OK, leg 5 OK, and none is worse"},
		{legs(ok, ok, ok, ok, ok, race), legs(ok, ok, ok, ok, ok, ok), 0, "leg 6 RACE to OK, and none is worse"},
	} {
		p := Plan{After: x.after, Left: x.left}
		if got := p.LeadsTo(x.before); got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
}

// A plan says more than the findings unless it is a single step that one of them offers.
func TestAPlanBesideTheFindings(t *testing.T) {
	t.Parallel()
	a, b := Remedy{Label: "a"}, Remedy{Label: "b"}
	found := []Finding{{}, {Remedies: []Remedy{b, a}}}
	for _, x := range []struct {
		steps []Remedy
		want  bool
	}{{[]Remedy{a}, false}, {[]Remedy{a, b}, true}, {[]Remedy{{Label: "c"}}, true}} {
		if got := (&Plan{Steps: x.steps}).Beside(found); got != x.want {
			t.Errorf("%v beside a and b: %v", x.steps, got)
		}
	}
}

// What is followed is the gravest finding that is not past help, and of its remedies three.
func TestWhatAPlanFollows(t *testing.T) {
	t.Parallel()
	rule, hand := &Rule{ID: "A-1"}, &Rule{ID: "A-2", byHand: true}
	at := func(e model.EndpointID) []ParamRef { return []ParamRef{{Endpoint: e, Param: "x.y"}} }
	r := Report{Findings: []Finding{
		{Rule: hand, Severity: Error},
		{Rule: rule, Severity: Error},
		{Rule: rule, Severity: Warning, At: at("one")},
		{Rule: rule, Severity: Warning, At: at("two")},
		{Rule: rule, Severity: Info, At: at("three")},
	}}
	var given []string
	for _, want := range []*Finding{&r.Findings[1], &r.Findings[2], &r.Findings[3], nil} {
		f := worst(r, given)
		if f != want {
			t.Fatalf("after %q comes %+v, want %+v", given, f, want)
		}
		if f != nil {
			given = append(given, mark(f))
		}
	}
	f := &r.Findings[2]
	offer := func(labels string) []Finding {
		x := Finding{Rule: rule, At: f.At}
		for _, l := range labels {
			x.Remedies = append(x.Remedies, Remedy{Label: string(l)})
		}
		return []Finding{{Rule: rule, At: at("two"), Remedies: []Remedy{{Label: "other"}}}, x}
	}
	for _, x := range []struct{ first, more, want string }{{"", "a", "a"}, {"ab", "bc", "abc"}, {"ab", "abcd", "abc"}, {"abcd", "", "abc"}} {
		got := ""
		for _, m := range movesIn(movesIn(nil, offer(x.first), f), offer(x.more), f) {
			got += m.Label
		}
		if got != x.want {
			t.Errorf("of %q and %q is followed %q, want %q", x.first, x.more, got, x.want)
		}
	}
}

// Each finding that is looked at costs a try; all edits of a step are carried out, and what
// cannot be put right does not end the search.
func TestAPlanIsSoughtWithinItsTries(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	path, err := model.ParsePath("python-requests > gcp-alb > nginx@1.30.0 > node@22", c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: path}
	for tries, want := range []weight{{1, 2}, {0, 2}, {0, 1}, {0, 0}} {
		env := NewEnv(c, 0)
		r, err := Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		w := whole{env: env, start: weigh(r), best: weigh(r), tries: tries}
		if w.search(d, r, nil, nil); w.best != want || w.tries < 0 || w.tries > tries || len(w.steps) > tries {
			t.Errorf("%d tries: %+v after %d steps, %d tries left, want %+v", tries, w.best, len(w.steps), w.tries, want)
		}
	}
	w := whole{env: NewEnv(c, 0)}
	e := path.Endpoints[3].ID
	m := Remedy{}
	for _, id := range []model.ParamID{"node.keepAliveTimeout", "node.headersTimeout"} {
		m.Edits = append(m.Edits, model.Set{Endpoint: e, Param: id, Setting: model.Typed(model.For(90_000_000_000))})
	}
	if next, err := w.with(d, m); err != nil || len(next.Path.Endpoints[3].Settings) != 2 {
		t.Errorf("%v: two edits set %v", err, next.Path.Endpoints[3].Settings)
	}
	m.Edits = append([]model.Edit{model.Set{Endpoint: "nobody"}}, m.Edits...)
	if _, err := w.with(d, m); err == nil {
		t.Error("a setting of nobody is set")
	}
}
