package tuning

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// What a finding above info assumes and nobody knows withholds the grade, once, with the end
// whose it is; a value that is known does not, be it only a default.
func TestWhatWithholdsAGrade(t *testing.T) {
	t.Parallel()
	l := handLeg()
	l.Limit = Limit{Reused: true, Verdict: VerdictOK}
	l.Client.Rows[0].Value, l.Server.Rows[1].Value = model.ValueUnset, model.ValueUnset
	l.Client.Rows[1].Value = model.Value{Kind: model.Unknown}
	rule := &Rule{ID: "A-1", Title: "nothing is sure"}
	blind := &Rule{ID: "A-2", Title: "nobody sees", blind: true}
	for _, x := range []struct {
		rule     *Rule
		severity Severity
		assuming ParamRef
		want     string
	}{
		{rule, Warning, ParamRef{"c", "x.p"}, "p of c is not known"},
		{rule, Warning, ParamRef{"s", "x.p"}, "pp of s is not known"},
		{rule, Warning, ParamRef{"c", "x.q"}, "q of c is not known"},
		{rule, Warning, ParamRef{"s", "x.r"}, ""},
		{rule, Warning, ParamRef{"c", "x.retries"}, "whether c repeats a request is not known"},
		{rule, Warning, ParamRef{"s", "x.hint"}, "whether s heeds the Keep-Alive hint is not known"},
		{rule, Warning, ParamRef{"c", "x.other"}, ""},
		{rule, Warning, ParamRef{"b", "x.p"}, ""},
		{rule, Info, ParamRef{"c", "x.p"}, ""},
		{blind, Info, ParamRef{"s", "x.r"}, "nobody sees"},
	} {
		f := &Finding{Rule: x.rule, Severity: x.severity, Assuming: []ParamRef{x.assuming, x.assuming}}
		if got := strings.Join(l.withheld([]*Finding{f}), "; "); got != x.want {
			t.Errorf("%s that assumes %v withholds %q, want %q", x.severity, x.assuming, got, x.want)
		}
	}
	// Workers that idle connections hold, where nobody says how many there are.
	l.Index = 1
	pins := Row{Param: &model.Param{ID: "x.pins", Role: model.RolePins, Unit: model.UnitSwitch}, Value: model.ValueOn}
	for n, want := range map[int64]string{0: "", 1: "how many connections hold a worker of s is not known: leg2:arrivals, or leg2:connections, says it"} {
		l.Server.Rows = []Row{pins, {Param: &model.Param{ID: "x.workers", Role: model.RoleWorkers, Unit: model.UnitCount}, Value: model.Times(n)}}
		if got := strings.Join(l.withheld(nil), "; "); got != want {
			t.Errorf("with %d workers is withheld %q, want %q", n, got, want)
		}
	}
	// A path has the grade of its worst leg, of equal ones that of the first; with one leg its
	// reasons name none.
	r := legs(VerdictOK, VerdictOK, VerdictOK)
	for i := range r.Legs {
		r.Legs[i].Limit.Reused = true
	}
	r.Findings = []Finding{{Rule: rule, Leg: 1, Severity: Warning}, {Rule: rule, Leg: 2, Severity: Warning}}
	if g := r.PathGrade(); g.Grade != "B" || g.Leg != 1 {
		t.Errorf("the grade is %s of leg %d, want B of leg 2", g.Grade, g.Leg+1)
	}
	r.Legs[1].Limit.Reused = false
	if g := r.PathGrade(); g.Text() != "leg 2: no connection is used again, so there is nothing to judge" {
		t.Errorf("withheld: %q", g.Text())
	}
	r = legs(VerdictOK)
	if g := r.PathGrade(); g.Text() != "no connection is used again, so there is nothing to judge" {
		t.Errorf("withheld: %q", g.Text())
	}
}

// What is out of the reader's hands, what is not the product's own, and what a finding is all
// about.
func TestWhoseAKnobIs(t *testing.T) {
	t.Parallel()
	side, own, provided, browser := &Side{}, &model.System{}, &model.System{Managed: true}, &model.System{Kind: "browser"}
	for _, x := range []struct {
		k    knob
		want int
	}{
		{knob{system: own, side: side}, 0}, {knob{system: own}, 1}, {knob{system: provided, side: side}, 1}, {knob{system: browser, side: side}, 2},
	} {
		if got := x.k.control(); got != x.want {
			t.Errorf("%+v is %d out of hand, want %d", x.k.system, got, x.want)
		}
	}
	alias := []string{"SO_KEEPALIVE"}
	for _, x := range []struct {
		p    model.Param
		side *Side
		want bool
	}{
		{model.Param{Face: model.FaceHost}, side, true},
		{model.Param{Role: model.RoleIdle}, side, false},
		{model.Param{Role: model.RoleProbeIdle}, side, true},
		{model.Param{Role: model.RoleProbeIdle, Aliases: alias}, side, false},
		{model.Param{Face: model.FaceHost, Aliases: alias}, side, true},
		{model.Param{Role: model.RoleProbeIdle}, nil, false},
	} {
		if got := (&knob{param: &x.p, side: x.side}).foreign(); got != x.want {
			t.Errorf("%s of %q is foreign: %v", x.p.Role, x.p.Face, got)
		}
	}
	p := &model.Param{ID: "x.p"}
	at := func(refs ...ParamRef) []ParamRef { return refs }
	mine, other := ParamRef{"c", "x.p"}, ParamRef{"c", "x.q"}
	for _, x := range []struct {
		set, driven bool
		side        *Side
		at          []ParamRef
		want        bool
	}{
		{true, false, side, at(mine), true},
		{false, true, side, at(mine), true},
		{false, false, side, at(mine), false},
		{true, true, nil, at(mine), false},
		{true, true, side, nil, false},
		{true, true, side, at(mine, other), false},
		{true, true, side, at(other), false},
		{true, true, side, at(mine, mine), true},
	} {
		k := &knob{endpoint: "c", param: p, side: x.side, set: x.set}
		if got := k.causes(&Finding{Rule: &Rule{driven: x.driven}, At: x.at}); got != x.want {
			t.Errorf("set %v, driven %v, of a side %v, at %v: it is all about it %v", x.set, x.driven, x.side != nil, x.at, got)
		}
	}
	// What a value was meant to be, a rule says of what it points at first.
	five := model.Times(5)
	for _, x := range []struct {
		f    Finding
		want model.Value
	}{
		{Finding{Meant: five, At: at(mine, other)}, five},
		{Finding{Meant: five, At: at(other, mine)}, model.ValueUnset},
		{Finding{Meant: five}, model.ValueUnset},
		{Finding{At: at(mine)}, model.ValueUnset},
	} {
		tr := &trial{before: state{outcome: outcome{findings: []Finding{x.f}}}}
		if got := tr.meant(&knob{endpoint: "c", param: p}); got != x.want {
			t.Errorf("%+v is meant to be %v", x.f.At, got)
		}
	}
	a := rating{shorter, Warning}
	for _, x := range []struct {
		b    rating
		want bool
	}{
		{rating{harmless, Error}, true}, {rating{shorter, Info}, true}, {a, false}, {rating{shorter, Error}, false}, {rating{endless, Info}, false},
	} {
		if got := x.b.better(a); got != x.want {
			t.Errorf("%+v is better than %+v: %v", x.b, a, got)
		}
	}
	signs := signsOfLife(region{high: int64(time.Minute), found: true, capped: true})
	if first, last := signs[0], signs[len(signs)-1]; first != int64(30*time.Second) || last != int64(30*time.Second) {
		t.Errorf("signs of life for a minute are from %v, at last %v", time.Duration(first), time.Duration(last))
	}
	if open := signsOfLife(region{high: int64(time.Hour)}); open[0] != int64(time.Hour) {
		t.Errorf("signs of life without an end begin with %v", time.Duration(open[0]))
	}
}
