package tuning_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

// told is a finding in one line that tells it from all others of its report.
func told(f *tuning.Finding) string {
	return f.Rule.ID + " " + f.Severity.String() + " " + strings.Join(f.Because, "; ")
}

func allTold(found []tuning.Finding) []string {
	var all []string
	for i := range found {
		all = append(all, told(&found[i]))
	}
	slices.Sort(all)
	return all
}

// TestSuppressingNeverHidesASecondFault: what is accepted is hidden, and nothing else,
// be it now, after any edits or after a change of the path.
func TestSuppressingNeverHidesASecondFault(t *testing.T) {
	c := model.Embedded()
	draw := newDrawer(t, c)
	hidden, grew := 0, 0
	for seed := range lawcheck.Cases(3000) {
		random := rand.New(rand.NewPCG(uint64(seed), 13))
		d := draw.document(random)
		r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) == 0 {
			continue
		}
		f := r.Findings[random.IntN(len(r.Findings))]
		d, err = d.With(model.Suppress{Suppression: r.Suppression(&f, "known")}, c)
		if err != nil {
			t.Fatal(err)
		}
		after, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if len(after.Suppressed) != 1 || told(&after.Suppressed[0].Finding) != told(&f) || len(after.Lapsed) > 0 {
			t.Fatalf("%s: %q was accepted, hidden is %+v, lapsed %+v", d.Path, told(&f), after.Suppressed, after.Lapsed)
		}
		system := func(of model.Document, r tuning.Report, leg int) string { // of both ends and what is between
			a, b := of.Path.Index(r.Legs[leg].Client.Endpoint.ID), of.Path.Index(r.Legs[leg].Server.Endpoint.ID)
			return string(of.Path.Endpoints[a].System) + string(of.Path.Endpoints[b].System)
		}
		was := system(d, r, f.Leg)
		for range random.IntN(8) {
			switch random.IntN(6) {
			case 0:
				if next, err := d.With(model.Remove{Index: 1}, c); err == nil {
					d = next
				}
			case 1:
				if next, err := d.With(model.Move{Index: 1}, c); err == nil {
					d = next
				}
			default:
				d = draw.edit(random, d)
			}
		}
		bare := d
		bare.Suppressed = nil
		all, err := tuning.Analyze(bare, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if after, err = tuning.Analyze(d, tuning.NewEnv(c, 0)); err != nil {
			t.Fatal(err)
		}
		both := slices.Clone(after.Findings)
		for _, s := range after.Suppressed {
			hidden++
			both = append(both, s.Finding)
			if s.Finding.Rule != f.Rule || s.Finding.Severity > f.Severity || len(s.Finding.At) != len(f.At) || system(d, after, s.Finding.Leg) != was {
				t.Errorf("%s: accepted was %s, hidden is %s", d.Path, told(&f), told(&s.Finding))
			}
		}
		for _, l := range after.Lapsed {
			if l.Grew {
				grew++
			}
		}
		if got, want := allTold(both), allTold(all.Findings); !slices.Equal(got, want) {
			t.Errorf("%s: shown and hidden are %q, found are %q", d.Path, got, want)
		}
		if len(after.Suppressed)+len(after.Lapsed) != len(d.Suppressed) {
			t.Errorf("%s: %d hide and %d have lapsed of %d", d.Path, len(after.Suppressed), len(after.Lapsed), len(d.Suppressed))
		}
	}
	t.Logf("%d hidden after edits, %d became graver", hidden, grew)
	if hidden == 0 {
		t.Error("no suppression outlived an edit")
	}
}

func parse(t *testing.T, path, text string, sets ...string) (model.Document, model.Suppression, error) {
	t.Helper()
	c := model.Embedded()
	d := document(t, c, path, sets...)
	s, err := tuning.ParseSuppression(text, d, reported(t, c, path, sets), c)
	if err == nil {
		if d, err = d.With(model.Suppress{Suppression: s}, c); err != nil {
			t.Fatal(err)
		}
	}
	return d, s, err
}

func analyzed(t *testing.T, d model.Document) tuning.Report {
	t.Helper()
	r, err := tuning.Analyze(d, tuning.NewEnv(model.Embedded(), 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSuppressionsAreWrittenShortly(t *testing.T) {
	for _, tt := range []struct{ path, text, hides string }{
		{"aws-alb > node@22.10", "ORD-1=the balancer is replaced", "ORD-1"},
		{"aws-alb > node@22.10", "ord-1 = no log shows any", "ORD-1"},
		{"aws-alb > node@22.10", "ORD-1:error@node.keepAliveTimeout=r=1", "ORD-1"},
		{"aws-alb > node@22.10", "ORD-1@aws-alb.idle_timeout.timeout_seconds+node.keepAliveTimeout=r", "ORD-1"},
		{"nginx@1.30.0 > node@22.10 ", "ORD-1:info=r", ""},          // it is a warning
		{"aws-alb > node@22.10", "ORD-2=r", ""},                     // another rule
		{"aws-alb > node@22.10", "ORD-1@node.headersTimeout=r", ""}, // another place
		{"aws-alb > nginx > node@22.10", "ORD-1@node.keepAliveTimeout=r", "ORD-1"},
	} {
		d, s, err := parse(t, tt.path, tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		r := analyzed(t, d)
		hides := ""
		for _, x := range r.Suppressed {
			hides = x.Finding.Rule.ID
		}
		if hides != tt.hides || (hides == "") != (len(r.Lapsed) == 1) {
			t.Errorf("%s: %+v hides %q", tt.text, s, hides)
		}
	}
}

func TestSuppressionsThatCannotBeMeant(t *testing.T) {
	two := []string{"nginx:tcp_keepalive_time=600", "node:tcp_keepalive_time=600"}
	for text, want := range map[string]string{
		"ORD-1":                    `"ORD-1" is not RULE[:LEVEL]`,
		"=why":                     `"=why" is not RULE`,
		"ORD-99=why":               `there is no rule "ORD-99"`,
		"ORD-1= ":                  "ORD-1 needs a reason",
		"ORD-1:grave=why":          "a level is info, warning or error",
		"ORD-1@apache.Timeout=why": "ORD-1: the path chrome > nginx > node has no parameter \"apache.Timeout\"",
		"KA-1=why":                 "KA-1 fires 2 times here; say which: KA-1@nginx:linux.tcp_keepalive_time or KA-1@node:linux.tcp_keepalive_time",
	} {
		_, _, err := parse(t, "chrome > nginx > node", text, two...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	// Each of what is offered takes one.
	_, _, err := parse(t, "chrome > nginx > node", "KA-1=why", two...)
	_, offered, _ := strings.Cut(err.Error(), "say which: ")
	for place := range strings.SplitSeq(offered, " or ") {
		if d, _, err := parse(t, "chrome > nginx > node", place+"=why", two...); err != nil || len(analyzed(t, d).Suppressed) != 1 {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// A rule is found however it is written; what does not fire is accepted of the first leg.
func TestARuleIsNamedInAnyCase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"ka-5A=r": "KA-5a", "KA-5B=r": "KA-5b", "ord-2=r": "ORD-2"} {
		_, s, err := parse(t, "aws-alb > nginx > node", text)
		if err != nil || s.Rule != want || s.Client != "aws-alb" || s.Server != "nginx" || s.Level != "error" {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
	if s, err := tuning.ParseSuppression("ORD-1=r", model.Document{}, tuning.Report{}, model.Embedded()); err != nil || s.Client != "" || s.Rule != "ORD-1" {
		t.Errorf("without a leg: %+v, %v", s, err)
	}
}

// What was accepted as a warning speaks up when it is an error; what was mended is told
// to be accepted no more.
func TestAGraverFindingIsNotHidden(t *testing.T) {
	c := model.Embedded()
	crowd := func(arrivals string) model.Document {
		return document(t, c, "chrome > apache@2.4.66", "apache:prefork=on", "apache:MaxRequestWorkers=256", "leg1:arrivals="+arrivals)
	}
	r := analyzed(t, crowd("40"))
	f := fired(r, "CAP-1")
	s := r.Suppression(f, "a small site")
	for _, tt := range []struct {
		arrivals string
		hidden   int
		says     string
	}{
		{"30", 1, ""},
		{"51", 1, ""},
		{"52", 0, "suppressed as warning, and now it is error"},
		{"20", 0, "it does not fire"},
	} {
		d, err := crowd(tt.arrivals).With(model.Suppress{Suppression: s}, c)
		if err != nil {
			t.Fatal(err)
		}
		r, says := analyzed(t, d), ""
		for i := range r.Lapsed {
			says = r.Lapsed[i].Text()
		}
		if len(r.Suppressed) != tt.hidden || says != tt.says {
			t.Errorf("%s arrivals: %d hidden, lapsed %q", tt.arrivals, len(r.Suppressed), says)
		}
	}
}
