package tuning_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// Each cap from both sides: the settings with which it just holds, and those with which
// the grade is just the better one.
func TestGradesFromBothSides(t *testing.T) {
	prefork := []string{"apache:prefork=on", "apache:MaxRequestWorkers=256"}
	for _, tt := range []struct {
		path   string
		same   []string
		holds  string
		grade  tuning.Grade
		rules  string
		spares string
		better tuning.Grade
	}{
		{"aws-alb > node@22.10", nil, "leg1:period=5900ms", "F", "ORD-3", "leg1:period=5899ms", "D"},
		{"chrome > apache@2.4.66", prefork, "leg1:arrivals=52", "F", "CAP-1", "leg1:arrivals=51", "B"},
		{"chrome > aws-nlb > nginx@1.30.0", []string{"nginx:tcp_keepalive=off", "chrome:tcp_keepalive=off"}, "leg1:slowest=350s", "F", "MID-11", "leg1:slowest=349s", "A"},
		{"aws-alb > apache", prefork, "leg1:arrivals=26", "F", "CAP-5", "leg1:arrivals=25", "D"},
		{"aws-alb > node@22.10", []string{"node:tcp_keepalive=off"}, "node:tcp_keepalive_time=600s", "E", "ORD-1 KA-1", "leg1:rate=1", "D"},
		{"aws-alb > node@22.19", nil, "node:keepAliveTimeout=59050ms", "D", "ORD-1", "node:keepAliveTimeout=59051ms", "B"},
		{"nginx@1.30.0 > node@22.19", nil, "node:keepAliveTimeout=59120ms", "C", "ORD-1", "node:keepAliveTimeout=59121ms", "B"},
		{"aws-alb > node@22.19", nil, "node:keepAliveTimeout=59999ms", "B", "ORD-2", "node:keepAliveTimeout=60s", "A"},
	} {
		for _, side := range []struct {
			set   string
			grade tuning.Grade
			rules string
		}{{tt.holds, tt.grade, tt.rules}, {tt.spares, tt.better, ""}} {
			r := reported(t, model.Embedded(), tt.path, append(slices.Clip(tt.same), side.set))
			g := r.LegGrade(0)
			if g.Grade != side.grade || side.rules != "" && strings.Join(g.Rules, " ") != side.rules || len(g.Withheld) > 0 {
				t.Errorf("%s %s: %s, held by %v, withheld %q; want %s by %s", tt.path, side.set, g.Grade, g.Rules, g.Withheld, side.grade, side.rules)
			}
			if (g.Cap == nil) != (g.Grade == "A") {
				t.Errorf("%s %s: %s with the cap %+v", tt.path, side.set, g.Grade, g.Cap)
			}
		}
	}
	seen := map[tuning.Grade]bool{}
	for _, c := range tuning.Caps() {
		if c.When == "" || c.Means == "" || seen[c.Grade] {
			t.Errorf("the cap %s has no words, or comes twice", c.Grade)
		}
		seen[c.Grade] = true
	}
}

// A box that forgets is as bad for the grade as a server that closes, also where its time
// is only assumed, so that it is a warning.
func TestAStaleConnectionHasAC(t *testing.T) {
	c := model.Embedded()
	for idle, want := range map[string]tuning.Grade{"60s": "C", "2m": "A"} {
		d := document(t, c, "nginx@1.30.0 > firewall > nginx@1.30.0", "nginx-2:keepalive_timeout=75s", "firewall:idle_timeout="+idle)
		set := d.Path.Endpoints[1].Settings["firewall.idle_timeout"]
		set.Origin.Kind = model.FromAssumed
		d, err := d.With(model.Set{Endpoint: "firewall", Param: "firewall.idle_timeout", Setting: set}, c)
		if err != nil {
			t.Fatal(err)
		}
		r := analyzed(t, d)
		if stale := r.Legs[0].Limit.Verdict == tuning.VerdictStale; stale != (want == "C") {
			t.Errorf("%s: %s", idle, r.Legs[0].Limit.Verdict)
		}
		if g := r.LegGrade(0); g.Grade != want {
			t.Errorf("%s: %s, held by %v, withheld %q; want %s", idle, g.Grade, g.Rules, g.Withheld, want)
		}
	}
}

// A grade is given only where all that it rests on is known.
func TestGradesAreWithheld(t *testing.T) {
	for _, tt := range []struct {
		path  string
		sets  []string
		why   string // "" where it is given
		grade tuning.Grade
	}{
		{"chrome > firewall > nginx@1.30.0", nil, "idle_timeout of firewall is not known", ""},
		{"chrome > firewall > nginx@1.30.0", []string{"firewall:idle_timeout=1h"}, "", "A"},
		{"cloudflare > node@22.10", nil, "whether cloudflare repeats a request is not known", ""},
		{"cloudflare > node@22.10", []string{"node:keepAliveTimeout=16m"}, "", "A"},
		{"chrome > apache@2.4.66", []string{"apache:prefork=on"}, "leg1:arrivals", ""},
		{"chrome > apache@2.4.66", []string{"apache:prefork=on", "leg1:arrivals=1"}, "", "A"},
		{"chrome > apache@2.4.66", []string{"apache:prefork=on", "leg1:connections=10"}, "", "A"},
		{"chrome > apache@2.4.66", nil, "", "A"},
		{"chrome > nginx@0.8", nil, "the version is older than any", ""},
		{"chrome > apache@2.4.66", []string{"apache:KeepAlive=off"}, "nothing to judge", ""},
	} {
		r := reported(t, model.Embedded(), tt.path, tt.sets)
		g := r.PathGrade()
		if g.Grade != tt.grade || (len(g.Withheld) > 0) != (tt.why != "") || !strings.Contains(strings.Join(g.Withheld, "; "), tt.why) {
			t.Errorf("%s %q: %q, withheld %q, want %q because %q", tt.path, tt.sets, g.Grade, g.Withheld, tt.grade, tt.why)
		}
	}
}

func TestThePathHasTheGradeOfItsWorstLeg(t *testing.T) {
	c := model.Embedded()
	for path, want := range map[string]string{
		"chrome > nginx@1.30.0 > node@22.10":            "C leg 2",
		"aws-alb > node@22.10":                          "D leg 1",
		"chrome > nginx@1.30.0 > firewall > node@22.10": "withheld leg 2: idle_timeout of firewall",
	} {
		r := reported(t, c, path, nil)
		g := r.PathGrade()
		got := string(g.Grade) + " leg " + string(rune('1'+g.Leg))
		if g.Grade == "" {
			got = "withheld " + g.Text()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	// A reason makes no connection better.
	d := document(t, c, "aws-alb > node@22.10")
	r := analyzed(t, d)
	d, err := d.With(model.Suppress{Suppression: r.Suppression(&r.Findings[0], "known")}, c)
	if err != nil {
		t.Fatal(err)
	}
	if r = analyzed(t, d); r.PathGrade().Grade != "D" || len(r.Findings) > 0 {
		t.Errorf("suppressed: %+v", r.PathGrade())
	}
}

func TestTheVerdictIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		path string
		sets []string
		want string
	}{
		{"ie@11 > apache@2.4.66", []string{"apache:KeepAliveTimeout=75s"}, "safe: the client closes first, with enough margin"},
		{"aws-alb > node@22.10", nil, "not safe: the server may close first, after 6 s: a request on a reused connection can meet the close"},
		{"aws-alb > node@22.19", []string{"node:keepAliveTimeout=59999ms"}, "safe, but the client closes first, but only just"},
		{"chrome > aws-nlb > nginx@1.30.0", []string{"leg1:slowest=350s", "nginx:tcp_keepalive=off", "chrome:tcp_keepalive=off"}, "not safe: a box forgets the connection while the server works on a request"},
		{"chrome > firewall > nginx@1.30.0", nil, "cannot be judged: idle_timeout of firewall is not known, and it could be the smallest"},
		{"chrome > nginx@1.30.0 > node@22.10", nil, "not safe: on leg 2 the server may close first, after 6 s: a request on a reused connection can meet the close"},
		{"chrome > nginx@1.30.0 > node@22.10", []string{"node:keepAliveTimeout=65s"}, "safe: on no leg can a request meet a close that is not made good"},
		{"chrome > firewall > nginx@1.30.0 > node@22.10", nil, "not safe: on leg 2 the server may close first, after 6 s: a request on a reused connection can meet the close; leg 1 cannot be judged yet"},
		{"aws-alb > node@22.10", []string{"node:keepAliveTimeout=never"}, "safe: "},
	} {
		r := reported(t, model.Embedded(), tt.path, tt.sets)
		if got := r.Words(); !strings.HasPrefix(got, tt.want) || len(got) > len(tt.want)+80 {
			t.Errorf("%s %q: %q, want %q", tt.path, tt.sets, got, tt.want)
		}
	}
}
