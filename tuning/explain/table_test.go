package explain_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/explain"
)

// table is one for all tests: making it costs the most.
var table = explain.NewTable(model.Embedded())

func signs(t *testing.T) []explain.Sign {
	t.Helper()
	all, err := table.Signs()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func ask(t *testing.T, text string, path []explain.Sign) []explain.Answer {
	t.Helper()
	seen := explain.Observe(text)
	if len(seen) != 1 {
		t.Fatalf("%q has %d times, want 1", text, len(seen))
	}
	found, err := table.Explain(table.Ask(text, seen[0]), path)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// place is the place of a sign among the answers, from 1 on. Those before it that
// have the same time exactly do not count: a time alone cannot tell them apart.
// 0 is not there at all.
func place(found []explain.Answer, s *explain.Sign) int {
	n := 1
	for i := range found {
		a := &found[i].Sign
		if a.System == s.System && a.Cause == s.Cause && a.Param == s.Param && a.Face == s.Face && a.Since == s.Since && a.Value == s.Value && a.Endpoint == s.Endpoint {
			return n
		}
		if a.After != s.After {
			n++
		}
	}
	return 0
}

// Every time of every system and operating system leads back to it among the
// first three, as it is computed and as a stopwatch sees it.
func TestEveryTimeLeadsBack(t *testing.T) {
	systems := map[model.SystemID]bool{}
	for _, s := range signs(t) {
		systems[s.System.ID] = true
		text := model.HumanSpan(s.After)
		if n := place(ask(t, text, nil), &s); n == 0 || n > 3 {
			t.Errorf("%q leads to %s %s (%s) at place %d", text, s.System.ID, s.Setting, s.Cause, n)
		}
		text = fmt.Sprintf("%s: %s", s.System.ID, model.HumanSpan((s.Low+s.High)/2))
		if n := place(ask(t, text, nil), &s); n == 0 || n > 3 {
			t.Errorf("%q leads to %s %s (%s, %s) at place %d", text, s.System.ID, s.Setting, s.Cause, s.Versions(), n)
		}
	}
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if !systems[s.ID] && timed(s) {
			t.Errorf("%s has no sign", s.ID)
		}
	}
}

// timed reports whether a system has a finite default of a timer that runs.
func timed(s *model.System) bool {
	for _, p := range s.Params {
		if on := s.Param(p.Needs); on != nil && s.DefaultAt(on, s.Assume).Value != model.ValueOn {
			continue
		}
		switch p.Role {
		case model.RoleIdle, model.RoleAge, model.RoleFirstByte, model.RoleHeader, model.RoleResponse, model.RoleMiddleboxTTL:
			if d, ok := s.DefaultAt(p, s.Assume).Value.Duration(); ok && d > 0 && d != model.Never {
				return true
			}
		default:
		}
	}
	return false
}

// A setting that somebody changed leads back to it among the first three on its
// path.
func TestRandomSettingsLeadBack(t *testing.T) {
	const n = 200
	r := rand.New(rand.NewPCG(13, 2026))
	paths := []string{"chrome > aws-alb > nginx > node", "curl > firewall > haproxy > apache", "libpq > firewall > postgresql", "go-client > aws-nlb > go-server", "putty/windows > firewall > sshd", "undici > envoy > tomcat", "okhttp > varnish > iis"}
	env := tuning.NewEnv(model.Embedded(), 0)
	shipped := map[string][]explain.Sign{}
	for done := 0; done < n; {
		text := paths[r.IntN(len(paths))]
		path, err := model.ParsePath(text, model.Embedded())
		if err != nil {
			t.Fatal(err)
		}
		all, ok := shipped[text]
		if !ok {
			report, err := tuning.Analyze(model.Document{Path: path}, env)
			if err != nil {
				t.Fatal(err)
			}
			all = explain.OfPath(&report)
			shipped[text] = all
		}
		s := all[r.IntN(len(all))]
		at := path.Index(s.Endpoint)
		p := s.System.Param(s.Param)
		switch {
		case p == nil || p.Shape() != model.ShapeSpan || s.System.Kind == "os" || p.Fixed || s.Cause == explain.CauseUnanswered || s.Cause == explain.CauseProbes:
			continue
		case s.Cause == explain.CauseFirstProbe:
			continue // the kernel counts from other settings, too
		}
		d := time.Duration(20+r.IntN(3000)) * time.Second
		if low, high := p.Range(); d < time.Duration(low) || d > time.Duration(high) {
			continue
		}
		doc := model.Document{Path: path}
		if doc, err = doc.With(model.Set{Endpoint: s.Endpoint, Param: p.ID, Setting: model.Setting{Value: model.For(d)}}, model.Embedded()); err != nil {
			continue // not at this version
		}
		report, err := tuning.Analyze(doc, env)
		if err != nil {
			t.Fatal(err)
		}
		found := ask(t, model.HumanSpan(d), explain.OfPath(&report))
		if len(found) > 3 {
			found = found[:3]
		}
		if !slices.ContainsFunc(found, func(a explain.Answer) bool { return a.Sign.Endpoint == s.Endpoint && a.Sign.Param == p.ID }) {
			t.Errorf("%s of %s set to %s does not lead back on %s (place %d)", p.ID, s.Endpoint, model.HumanSpan(d), path, at)
		}
		done++
	}
}

func TestKnownQuestions(t *testing.T) {
	for _, c := range []struct {
		text   string
		system model.SystemID
		cause  explain.Cause
		within int // among so many answers
	}{
		{"hangs for 7875 s", "linux", explain.CauseProbes, 1},
		{"it hangs for 2 h 11 m 15 s", "linux", explain.CauseProbes, 1},
		{"hangs for 8000 s", "linux", explain.CauseProbes, 1},
		{"7210 s", "windows", explain.CauseProbes, 1},
		{"7205 s", "windows", explain.CauseProbes, 2},
		{"dies after exactly 350 s", "aws-nlb", explain.CauseBox, 4},
		{"dies after 5 m 50 s", "aws-nat-gateway", explain.CauseBox, 4},
		{"15 m 40 s", "linux", explain.CauseFlight, 1},
		{"hangs about 15 minutes", "linux", explain.CauseFlight, 3},
		{"connect fails after 127 s", "linux", explain.CauseConnect, 1},
		{"connecting takes 131 s", "linux", explain.CauseConnect, 1},
		{"connect: 21 s", "windows", explain.CauseConnect, 1},
		{"connect: 31 s", "windows", explain.CauseConnect, 1},
		{"drops after 18.9 s", "windows", explain.CauseFlight, 1},
		{"drops after 4 min", "azure-lb", explain.CauseBox, 2},
		{"node closes after 6 s", "node", explain.CauseIdle, 1},
		{"nginx 75 s", "nginx", explain.CauseIdle, 1},
		{"5 s, now and then 6", "node", explain.CauseIdle, 29},
		{"ipvs: 900 s", "ipvs", explain.CauseBox, 1},
		{"45 s", "socket-io", explain.CauseUnanswered, 6},
		{"go 150 s", "go-server", explain.CauseProbes, 5}, // behind what else was run and has Go's probes
	} {
		found := ask(t, c.text, nil)
		at := slices.IndexFunc(found, func(a explain.Answer) bool { return a.Sign.System.ID == c.system && a.Sign.Cause == c.cause })
		if at < 0 || at >= c.within {
			t.Errorf("%q leads to %s %s at place %d, want one of the first %d", c.text, c.system, c.cause, at+1, c.within)
		}
	}
}

// What fits no timer is not explained.
func TestNoSuchTime(t *testing.T) {
	for _, text := range []string{"exactly 123456 s", "exactly 7.3 s", "exactly 0.004 s"} {
		if found := ask(t, text, nil); len(found) > 0 && found[0].Fit == explain.Exact {
			t.Errorf("%q is explained by %s %s", text, found[0].Sign.System.ID, found[0].Sign.Setting)
		}
	}
	// Just outside of what Linux does with data in flight, on both sides.
	for _, c := range []struct {
		text string
		want bool
	}{{"exactly 937 s", false}, {"exactly 938 s", true}, {"exactly 964 s", true}, {"exactly 967 s", false}} {
		found := ask(t, c.text, nil)
		got := slices.ContainsFunc(found, func(a explain.Answer) bool { return a.Sign.System.ID == "linux" && a.Sign.Cause == explain.CauseFlight })
		if got != c.want {
			t.Errorf("%q leads to data in flight on Linux: %v, want %v", c.text, got, c.want)
		}
	}
}

// What is added to a setting is told, a sign spans the usual timer frequencies, and a
// session of ssh is not explained by what speaks HTTP first.
func TestWhatASignSays(t *testing.T) {
	if s := ask(t, "node closes after 6 s", nil)[0].Sign; s.Value != "5 s + 1 s" || s.After != 6*time.Second {
		t.Errorf("Node.js: %s = %s, %v", s.Setting, s.Value, s.After)
	}
	for text, want := range map[string]bool{"exactly 7882 s": true, "exactly 8217 s": true, "exactly 8221 s": false} {
		found := ask(t, text, nil)
		if got := slices.ContainsFunc(found, func(a explain.Answer) bool {
			return a.Sign.System.ID == "linux" && a.Sign.Cause == explain.CauseProbes
		}); got != want {
			t.Errorf("%q is within what Linux does with probes: %v, want %v", text, got, want)
		}
	}
	for _, a := range ask(t, "putty drops after 2 min", nil)[:3] {
		if s := a.Sign.System; s.Protocol == model.ProtocolHTTP && s.Kind != "os" && !s.Middlebox() {
			t.Errorf("a session of PuTTY is explained by %s", s.ID)
		}
	}
}

// A default that changed has its versions beside it.
func TestVersions(t *testing.T) {
	want := map[string]string{"connect 127 s": "before 6.5", "connect 131 s": "from 6.5 on", "node: 5 s": ""}
	for text, versions := range want {
		if got := ask(t, text, nil)[0].Sign.Versions(); got != versions && versions != "" {
			t.Errorf("%q: %q, want %q", text, got, versions)
		}
	}
}

func TestEverySignHasWords(t *testing.T) {
	for _, s := range signs(t) {
		if s.Says() == s.System.Name || s.Seen() == "" || len(s.Next("")) == 0 || s.Setting == "" || s.By == "" {
			t.Errorf("%s %s (%s) has no words: %q, %q, %q", s.System.ID, s.Setting, s.Cause, s.Says(), s.Seen(), s.Next(""))
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	if _, err := model.Embedded().All(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		t := explain.NewTable(model.Embedded())
		if _, err := t.Text("hangs for 7875 s", nil); err != nil {
			b.Fatal(err)
		}
	}
}
