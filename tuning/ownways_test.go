package tuning

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// set is an edit of a setting, in seconds.
func set(e model.EndpointID, p model.ParamID, n int) model.Set {
	return model.Set{Endpoint: e, Param: p, Setting: model.Typed(model.For(time.Duration(n) * time.Second))}
}

// offers are remedies of one edit each, as "c:x.p=5".
func offers(edits ...model.Set) (all []Remedy) {
	for _, e := range edits {
		all = append(all, Remedy{Label: string(e.Param) + " " + e.Setting.Value.Human(), Edits: []model.Edit{e}})
	}
	return all
}

func labels(all []Remedy) string {
	var out []string
	for _, m := range all {
		out = append(out, m.Label)
	}
	return strings.Join(out, ", ")
}

// A leg between c and s, with settings of 60 s each, and a box b.
func handLeg() *Leg {
	rows := func(names ...string) (all []Row) {
		for i, n := range names {
			role := model.RoleIdle
			if i > 0 {
				role = model.RoleProbeIdle
			}
			all = append(all, Row{Param: &model.Param{ID: model.ParamID("x." + n[:1]), Name: n, Role: role}, Value: model.For(time.Minute)})
		}
		return all
	}
	l := &Leg{}
	l.Client, l.Server = Side{Endpoint: model.Endpoint{ID: "c"}, Rows: rows("p", "q")}, Side{Endpoint: model.Endpoint{ID: "s"}, Rows: rows("r", "pp")}
	l.Boxes = []Box{{Endpoint: model.Endpoint{ID: "b"}, Row: &rows("p")[0]}, {Endpoint: model.Endpoint{ID: "b2"}, Row: &rows("z")[0]}}
	return l
}

// What a lesser finding puts first is not undone by a later choice of a graver one; of two
// that are as grave each keeps its choices.
func TestLaterChoicesGiveWay(t *testing.T) {
	t.Parallel()
	tr := &trial{before: state{leg: handLeg()}}
	for _, x := range []struct {
		a, b   Severity
		first  model.Set
		want   string // of a
		others string // of b
	}{
		{Error, Warning, set("c", "x.q", 70), "x.p 10 s, x.r 5 s", "x.q 70 s"},
		{Warning, Warning, set("c", "x.q", 70), "x.p 10 s, x.q 50 s, x.r 5 s", "x.q 70 s"},
		{Info, Warning, set("c", "x.q", 70), "x.p 10 s, x.q 50 s, x.r 5 s", "x.q 70 s"},
		{Error, Warning, set("c", "x.q", 60), "x.p 10 s, x.q 50 s, x.r 5 s", "x.q 60 s"}, // it changes nothing
		{Error, Warning, set("s", "x.p", 70), "x.p 10 s, x.q 50 s, x.r 5 s", "x.p 70 s"}, // of another end
	} {
		rule := &Rule{ID: "A-1"}
		found := []Finding{
			{Rule: rule, Severity: x.a, Remedies: offers(set("c", "x.p", 10), set("c", "x.q", 50), set("s", "x.r", 5))},
			{Rule: rule, Severity: x.b, Remedies: offers(x.first)},
			{Rule: rule, Severity: Info},
		}
		tr.reconcile(found)
		if got, others := labels(found[0].Remedies), labels(found[1].Remedies); got != x.want || others != x.others {
			t.Errorf("%s against %s of %s: %s; %s", x.a, x.b, x.others, got, others)
		}
	}
	// Where the first ones are opposite, one takes its next; with none left the lesser says why.
	found := []Finding{{Rule: &Rule{ID: "A-1"}, Remedies: offers(set("c", "x.q", 70))}, {Rule: &Rule{ID: "A-2"}, Remedies: offers(set("c", "x.q", 50), set("s", "x.r", 5))}, {Rule: &Rule{ID: "A-3"}}}
	if tr.reconcile(found); labels(found[1].Remedies) != "x.r 5 s, x.q 50 s" {
		t.Errorf("the next one: %s", labels(found[1].Remedies))
	}
	found[1].Remedies = offers(set("c", "x.q", 50))
	if tr.reconcile(found); len(found[1].Remedies) != 0 || strings.Join(found[1].Because, "") != "what would end this undoes what A-1 asks for: x.q 70 s" {
		t.Errorf("no next one: %+v", found[1])
	}
}

// A finding whose first remedy gives another value than a way out puts first what leaves that
// setting alone, where it has such.
func TestFindingsFollowAWayOut(t *testing.T) {
	t.Parallel()
	tr := &trial{before: state{leg: handLeg()}}
	for _, x := range []struct {
		own  []Remedy
		want string
	}{
		{offers(set("c", "x.q", 2), set("s", "x.r", 3)), "x.r 3 s, x.q 2 s"},
		{offers(set("c", "x.q", 2), set("c", "x.q", 3), set("s", "x.r", 3), set("c", "x.p", 4)), "x.r 3 s, x.q 2 s, x.q 3 s, x.p 4 s"},
		{offers(set("c", "x.q", 2), set("c", "x.q", 3)), "x.q 2 s, x.q 3 s"},
		{offers(set("c", "x.q", 1), set("c", "x.q", 3)), "x.q 1 s, x.q 3 s"},
		{offers(set("s", "x.r", 3), set("c", "x.q", 3)), "x.r 3 s, x.q 3 s"},
		{nil, ""},
	} {
		found := []Finding{{Remedies: x.own}, {Remedies: offers(set("c", "x.q", 1))}}
		if tr.follow(found, 1, nil); labels(found[0].Remedies) != x.want {
			t.Errorf("%s becomes %s, want %s", labels(x.own), labels(found[0].Remedies), x.want)
		}
	}
	l := handLeg()
	l.Boxes[0].Row.Value = model.For(time.Hour)
	for ref, want := range map[ParamRef]model.Value{
		{"b", "x.p"}: model.For(time.Hour), {"b2", "x.z"}: model.For(time.Minute), {"b", "x.z"}: model.ValueUnset, {"c", "x.p"}: model.For(time.Minute), {"d", "x.p"}: model.ValueUnset,
	} {
		if got := l.value(ref); got != want {
			t.Errorf("%v is %v, want %v", ref, got, want)
		}
	}
}

// Edits are named as the product of their own end does; an idle time of its own end ends a
// session.
func TestEditsOfEitherEnd(t *testing.T) {
	t.Parallel()
	l := handLeg()
	tr := &trial{before: state{leg: l}}
	own := []model.Edit{set("c", "x.p", 5), set("s", "x.p", 6), model.SetQuantity{}, set("s", "x.r", 7), set("c", "x.n", 8)}
	if got := strings.Join(tr.named(own), ", "); got != "c p 5 s, s pp 6 s, s r 7 s, c x.n 8 s" {
		t.Errorf("named %s", got)
	}
	for _, session := range []bool{true, false} {
		l.Limit.Session = session
		for want, edits := range map[bool][]model.Edit{true: {set("c", "x.q", 5), set("c", "x.p", 5)}, false: {set("s", "x.p", 5), set("c", "x.r", 5), set("d", "x.p", 5), model.SetQuantity{}}} {
			if got := tr.ends(&Remedy{Edits: edits}); got != (want && session) {
				t.Errorf("%v ends a session (%v): %v", edits, session, got)
			}
		}
	}
}

// What is pulled both ways is above info and of this leg; worse is what a rule says more often,
// or graver.
func TestWhatIsPulledAndWhatIsWorse(t *testing.T) {
	t.Parallel()
	probes, other := &Rule{ID: "KA-7"}, &Rule{ID: "A-1"}
	for _, x := range []struct {
		f    Finding
		want bool
	}{
		{Finding{Rule: probes, Severity: Warning}, true},
		{Finding{Rule: probes, Severity: Info}, false},
		{Finding{Rule: newsAgainstOutage, Severity: Warning}, true},
		{Finding{Rule: probes, Severity: Warning, Leg: 1}, false},
		{Finding{Rule: other, Severity: Error}, false},
	} {
		tr := &trial{before: state{leg: &Leg{}, outcome: outcome{findings: []Finding{x.f}}}}
		if got := tr.pulled() != nil; got != x.want {
			t.Errorf("%s %s of leg %d is pulled: %v", x.f.Rule.ID, x.f.Severity, x.f.Leg+1, got)
		}
	}
	warned := []Finding{{Rule: other, Severity: Warning}}
	for about, x := range map[string]struct {
		was, is []Finding
		want    bool
	}{
		"the same": {warned, warned, false}, "one more": {warned, append(warned[:1:1], warned...), true}, "new": {nil, warned, true},
		"graver": {warned, []Finding{{Rule: other, Severity: Error}}, true}, "gone": {warned, nil, false}, "told": {nil, []Finding{{Rule: other}}, false},
	} {
		tr := &trial{before: state{outcome: outcome{findings: x.is}}}
		if got := tr.worse(&outcome{findings: x.was}); got != x.want {
			t.Errorf("%s is worse: %v", about, got)
		}
	}
}

// What was tried of a leg is remembered, for the last four legs and documents.
func TestTrialsAreRemembered(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	path, err := model.ParsePath("python-requests > gcp-alb > node", c)
	if err != nil {
		t.Fatal(err)
	}
	env := NewEnv(c, 0)
	var all []*trial
	ask := func(period string, leg int) *trial {
		d, err := model.Document{Path: path}.Assign(c, "leg1:period="+period)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		return env.consult(d, leg, r.of(leg))
	}
	for _, period := range []string{"1m", "2m", "3m"} {
		all = append(all, ask(period, 0), ask(period, 1))
	}
	if all[0] == nil || all[0] == all[1] || all[0] == all[2] || len(env.consulted) != consultationsAtMost {
		t.Fatalf("%d trials are remembered", len(env.consulted))
	}
	if ask("2m", 0) != all[2] || ask("3m", 1) != all[5] {
		t.Error("one of the last four was tried again")
	}
	if ask("1m", 1) == all[1] {
		t.Error("a fifth is remembered")
	}
	if env.consult(model.Document{Path: path}, 0, nil) != nil {
		t.Error("nothing was told, and something tried")
	}
}
