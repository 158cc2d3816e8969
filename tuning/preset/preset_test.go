package preset

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func analyzed(t *testing.T, p Preset) (model.Document, tuning.Report) {
	t.Helper()
	d, err := p.Document(model.Document{}, model.Embedded())
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(model.Embedded(), 0))
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	return d, r
}

// Each preset is a sane document whose leg has the verdict and the finding that its
// entry gives, and no value of it is missing.
func TestEachPresetShowsWhatItSays(t *testing.T) {
	for _, p := range All() {
		t.Run(p.ID, func(t *testing.T) {
			d, r := analyzed(t, p)
			if err := d.Check(model.Embedded()); err != nil {
				t.Error(err)
			}
			if p.Leg > len(r.Legs) {
				t.Fatalf("it has %d legs, not %d", len(r.Legs), p.Leg)
			}
			leg := &r.Legs[p.Leg-1]
			if leg.Limit.Verdict != p.Verdict {
				t.Errorf("leg %d is %s, the entry says %s", p.Leg, leg.Limit.Verdict, p.Verdict)
			}
			found := slices.ContainsFunc(r.Findings, func(f tuning.Finding) bool { return f.Rule.ID == p.Rule && f.Leg == p.Leg-1 })
			if p.Rule != "" && !found {
				t.Errorf("leg %d has no %s", p.Leg, p.Rule)
			}
			if p.Rule == "" && slices.ContainsFunc(r.Findings, func(f tuning.Finding) bool { return f.Severity > tuning.Info }) {
				t.Error("the entry names no rule, but one fires")
			}
			for i := range r.Legs {
				if r.Legs[i].Limit.Verdict == tuning.VerdictUnknown {
					t.Errorf("leg %d is not known", i+1)
				}
			}
			side := &leg.Client
			if p.At == "server" {
				side = &leg.Server
			}
			if p.At == "middlebox" && len(leg.Boxes) == 0 || p.At != "middlebox" && side.First(p.Role) == nil {
				t.Errorf("the %s of leg %d has no setting of the role %s", p.At, p.Leg, p.Role)
			}
		})
	}
}

// What a preset takes to be so is marked as assumed, and nothing else is set.
func TestWhatAPresetSetsIsAssumed(t *testing.T) {
	for _, p := range All() {
		d, _ := analyzed(t, p)
		n := 0
		for _, e := range d.Path.Endpoints {
			for id, s := range e.Settings {
				if n++; s.Origin.Kind != model.FromAssumed {
					t.Errorf("%s: %s has the origin %s", p.ID, id, s.Origin)
				}
			}
		}
		for _, set := range p.Assume {
			if strings.HasPrefix(set, "leg") {
				n++
			}
		}
		if n != len(p.Assume) {
			t.Errorf("%s: %d settings are there, %d are assumed", p.ID, n, len(p.Assume))
		}
	}
}

// Each symptom leads to a path on which it can occur and on which the first of its rules
// that fires is above info, or the one the path is there for; every rule of it exists.
func TestEachSymptomLeadsToItsFinding(t *testing.T) {
	known := map[string]bool{"EFF-1": true} // what only a measurement shows
	for _, r := range tuning.Rules() {
		known[r.ID] = true
	}
	for _, s := range Starts() {
		p, err := Find(s.Preset)
		if err != nil {
			t.Fatal(err)
		}
		_, r := analyzed(t, p)
		if why := r.Legs[p.Leg-1].Excludes(s.Symptom); why != "" {
			t.Errorf("%s: the path excludes it: %s", s.Symptom, why)
		}
		for _, id := range s.Rules {
			if !known[id] {
				t.Errorf("%s: there is no rule %s", s.Symptom, id)
			}
		}
		first := ""
		for _, id := range s.Rules {
			if slices.ContainsFunc(r.Findings, func(f tuning.Finding) bool { return f.Rule.ID == id && f.Leg == p.Leg-1 }) {
				first = id
				break
			}
		}
		if first != p.Rule {
			t.Errorf("%s: the first rule to look at that fires is %q, the path shows %q", s.Symptom, first, p.Rule)
		}
	}
}

// Busy workers are not helped by a longer timeout.
func TestBusyWorkersAreNotSentToALongerTimeout(t *testing.T) {
	s, ok := Of(tuning.SymptomWorkers)
	if !ok {
		t.Fatal("the symptom leads nowhere")
	}
	p, err := Find(s.Preset)
	if err != nil {
		t.Fatal(err)
	}
	d, r := analyzed(t, p)
	env := tuning.NewEnv(model.Embedded(), 0)
	for _, f := range tuning.Advise(d, env, r, p.Leg-1) {
		if LooksAt(s.Symptom, f.Rule.ID) == len(s.Rules) {
			continue
		}
		for _, remedy := range f.Remedies {
			after := d
			for _, e := range remedy.Edits {
				if after, err = after.With(e, env.Catalog); err != nil {
					t.Fatal(err)
				}
			}
			next, err := tuning.Analyze(after, env)
			if err != nil {
				t.Fatal(err)
			}
			was, is := r.Legs[p.Leg-1].Server.First(model.RoleIdle), next.Legs[p.Leg-1].Server.First(model.RoleIdle)
			a, _ := was.Value.Duration()
			b, _ := is.Value.Duration()
			if b > a {
				t.Errorf("%s: %s raises the idle timeout from %s to %s", f.Rule.ID, remedy.Label, a, b)
			}
		}
	}
}

// Quiet times and outages have opposite remedies: they are two symptoms.
func TestQuietAndOutageAreTwoSymptoms(t *testing.T) {
	quiet, ok := Of(tuning.SymptomQuiet)
	away, also := Of(tuning.SymptomOutage)
	if !ok || !also || quiet.Preset == away.Preset || quiet.Text == away.Text {
		t.Errorf("quiet leads to %q, outages to %q", quiet.Preset, away.Preset)
	}
}

func TestFind(t *testing.T) {
	if p, err := Find(" GRPC-nat "); err != nil || p.ID != "grpc-nat" {
		t.Errorf("got %q, %v", p.ID, err)
	}
	if _, err := Find("grpc"); err == nil || !strings.Contains(err.Error(), `no preset "grpc"; there are browser-iis, `) {
		t.Errorf("got %v", err)
	}
	if _, ok := Of(tuning.SymptomNone); ok {
		t.Error("no symptom leads somewhere")
	}
}

// A fault in the file is named, with the entry.
func TestFaultsOfTheFileAreNamed(t *testing.T) {
	const good = "[[preset]]\nid='a'\ntitle='t'\npath='p'\nleg=1\nat='client'\nshows='s'\n"
	for text, want := range map[string]string{
		good + good: `preset 2 needs an id of its own, not "a"`,
		strings.Replace(good, "title='t'\n", "", 1):                                        "preset a needs title, path and shows",
		strings.Replace(good, "leg=1\n", "", 1):                                            "preset a needs the leg to look at",
		strings.Replace(good, "'client'", "'c'", 1):                                        `preset a is at "c"`,
		good + "colour='red'\n":                                                            `presets.toml:8: unknown key "preset.colour"`,
		good + "[[symptom]]\ntext='t'\n":                                                   "symptom 1 needs symptom and text",
		good + "[[symptom]]\nsymptom='502'\ntext='t'\npreset='b'\n":                        `symptom 502 leads to the preset "b"`,
		good + "[[symptom]]\nsymptom='502'\ntext='t'\npreset='a'\ntest={jump='on'}\n":      `symptom 502 tests "jump"`,
		good + "[[symptom]]\nsymptom='502'\ntext='t'\npreset='a'\ntest={race='quickly'}\n": `symptom 502 has race = "quickly"; it takes steps or`,
		"[[preset": "presets.toml:1: expected ']]'",
	} {
		if _, err := decode(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if e, err := decode(good); err != nil || e.Preset[0].Role != model.RoleIdle {
		t.Errorf("got %v, %v", e, err)
	}
}
