package model_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/keeptune/model"
)

// every calls f for each system of the embedded catalog.
func every(t *testing.T, f func(t *testing.T, s *model.System)) {
	t.Helper()
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 90 {
		t.Fatalf("only %d systems are embedded", len(all))
	}
	for _, s := range all {
		t.Run(string(s.ID), func(t *testing.T) { f(t, s) })
	}
}

func TestEveryDefaultIsSourcedAndPossible(t *testing.T) {
	day := regexp.MustCompile(`^20\d\d-\d\d-\d\d$`)
	every(t, func(t *testing.T, s *model.System) {
		for _, p := range s.Params {
			if len(p.Defaults) == 0 {
				t.Errorf("%s has no default, not even an unknown one", p.ID)
			}
			for _, at := range p.Defaults {
				if at.Since != "0" && !s.Order.Valid(at.Since) {
					t.Errorf("%s: a default holds since %q, which is no version", p.ID, at.Since)
				}
				for _, d := range at.Fact {
					if d.Source == "" || !day.MatchString(d.Seen) {
						t.Errorf("%s since %s: source %q, seen %q", p.ID, at.Since, d.Source, d.Seen)
					}
					if d.Value.Kind == model.Span || d.Value.Kind == model.Count {
						if err := p.Check(d.Value); err != nil {
							t.Errorf("%s since %s: %v", p.ID, at.Since, err)
						}
					}
				}
			}
			for _, r := range p.Real {
				if r.Fact.Source == "" {
					t.Errorf("%s: what is really seen since %s has no source", p.ID, r.Since)
				}
			}
		}
	})
}

func TestEveryParameterIsExplained(t *testing.T) {
	every(t, func(t *testing.T, s *model.System) {
		seen := map[string]bool{}
		for _, p := range s.Params {
			key := strings.ToLower(string(p.ID))
			if seen[key] {
				t.Errorf("%s is there twice", p.ID)
			}
			seen[key] = true
			option := strings.HasPrefix(p.ID.Name(), "tcp_keep") || p.ID.Name() == "tcp_user_timeout"
			switch {
			case !p.Role.Known() || p.Unit == "" || p.Zero == "" || p.Text == "":
				t.Errorf("%s: role %q, unit %q, zero %q, text %q", p.ID, p.Role, p.Unit, p.Zero, p.Text)
			case p.Where == "" && (!option || !p.Fixed):
				t.Errorf("%s does not say where it is written", p.ID)
			case p.Effect == "" && !option:
				t.Errorf("%s does not say when a change takes effect", p.ID)
			}
			if p.Surprise != "" && !sentence(p.Surprise) {
				t.Errorf("%s: the surprise %q is not a sentence", p.ID, p.Surprise)
			}
			if !sentence(p.Text) {
				t.Errorf("%s: the text %q is not a sentence", p.ID, p.Text)
			}
		}
	})
}

// sentence reports whether text ends as one and keeps to what every terminal
// and export can show.
func sentence(text string) bool {
	return strings.HasSuffix(text, ".") && !strings.ContainsAny(text, "\n\t—–“”’")
}

func TestEveryFaceIsSourced(t *testing.T) {
	closes := []model.CloseKind{"fin", "rst", "at-reuse", "unknown"}
	every(t, func(t *testing.T, s *model.System) {
		if s.Kind != "os" && s.Kind != "middlebox" && len(s.Faces) == 0 {
			t.Error("it is neither a client nor a server")
		}
		for side, f := range s.Faces {
			if f.Source == "" || !slices.Contains(closes, f.Close) {
				t.Errorf("%s: close %q, source %q", side, f.Close, f.Source)
			}
			switch side {
			case model.FaceServer:
				if len(f.Sends) == 0 {
					t.Error("the server does not say whether it sends a hint, not even that it is unknown")
				}
			case model.FaceClient:
				if len(f.Reads) == 0 || !slices.Contains([]model.Answer{"yes", "no", "unknown"}, f.Asks) || f.Retries == "" {
					t.Errorf("reads %v, asks %q, retries %q", f.Reads, f.Asks, f.Retries)
				}
				if len(f.Repeats) == 0 || f.Repeats[0].Since != "0" {
					t.Errorf("repeats %v: the client does not say what it repeats at any version, not even that it is unknown", f.Repeats)
				}
			case model.FaceHost:
			}
			for _, h := range f.Sends {
				if h.Fact.Source == "" || (h.Fact.When == "asked" || h.Fact.When == "always") && h.Fact.Value != "idle" && h.Fact.Value != "hint" {
					t.Errorf("a hint since %s without a source or value", h.Since)
				}
			}
			for _, h := range f.Reads {
				if h.Fact.Source == "" {
					t.Errorf("the reading of hints since %s has no source", h.Since)
				}
				for _, id := range []model.ParamID{h.Fact.NeedsID, h.Fact.MinusID} {
					if id != "" && s.Param(id) == nil {
						t.Errorf("the reading of hints since %s refers to %s, which is no parameter", h.Since, id)
					}
				}
			}
		}
	})
}

func TestEverySystemIsWhole(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	catalog := model.Embedded()
	taken := map[string]model.SystemID{}
	every(t, func(t *testing.T, s *model.System) {
		if !name.MatchString(string(s.ID)) || s.Text == "" || s.Origin != "" {
			t.Errorf("id %q, text %q, origin %q", s.ID, s.Text, s.Origin)
		}
		for _, text := range append([]string{s.Text}, s.Surprise...) {
			if !sentence(text) {
				t.Errorf("%q is not a sentence", text)
			}
		}
		for _, alias := range append([]string{string(s.ID)}, s.Aliases...) {
			if alias != strings.ToLower(alias) || taken[alias] != "" {
				t.Errorf("the alias %q is not lower case or belongs to %q, too", alias, taken[alias])
			}
			taken[alias] = s.ID
		}
		if !slices.Contains(s.Known, s.Assume) {
			t.Errorf("the assumed version %s is not among the known ones", s.Assume)
		}
		if s.Middlebox() {
			own := s.ByRole(model.FaceHost, model.RoleMiddleboxTTL, s.Assume)
			own = slices.DeleteFunc(own, func(p *model.Param) bool { return p.Unless != "" })
			if len(own) != 1 {
				t.Error("a middlebox has one idle timer, or others whose place one takes")
			}
			return
		}
		for _, v := range append([]model.Version{s.Assume}, s.Known...) {
			ref := s.HostAt(v)
			host, err := catalog.System(ref.System)
			if err != nil || host.Kind != "os" || ref.Version != "" && !host.Order.Valid(ref.Version) {
				t.Errorf("version %s runs on %v: %v", v, ref, err)
			}
		}
		if _, ok := model.At(s.Order, s.Stack, s.Assume); ok != (s.Kind == "os") {
			t.Error("operating systems, and nothing else, have a TCP stack")
		}
	})
}

func TestUserFilesStandOnTop(t *testing.T) {
	mine := fstest.MapFS{
		"nginx.toml":   {Data: []byte(small("nginx", "9s"))},
		"gateway.toml": {Data: []byte(small("gateway", "7s"))},
		"broken.toml":  {Data: []byte("id = \"broken\"\nkolor = \"red\"\n")},
	}
	c := model.Embedded().With("keeptune.d", mine)
	for id, want := range map[model.SystemID]string{"nginx": "9s", "gateway": "7s"} {
		s, err := c.System(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.DefaultAt(s.Param(model.ParamID(id+".idle")), s.Assume).Value.String(); got != want {
			t.Errorf("%s: the idle timeout is %s, want %s", id, got, want)
		}
		if s.Origin != "keeptune.d/"+string(id)+".toml" {
			t.Errorf("%s: origin %q does not name the file", id, s.Origin)
		}
	}
	all, err := c.All()
	if err == nil || !strings.Contains(err.Error(), "keeptune.d/broken.toml:2: ") {
		t.Errorf("the broken file is reported as: %v", err)
	}
	embedded, _ := model.Embedded().All()
	if len(all) != len(embedded)+1 {
		t.Errorf("%d systems beside a broken file, want %d", len(all), len(embedded)+1)
	}
	if _, err := c.System("broken"); err == nil {
		t.Error("the broken system was given out")
	}
}

func BenchmarkCatalogLoad(b *testing.B) {
	for b.Loop() {
		if _, err := unread().All(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSystemLoad(b *testing.B) {
	for b.Loop() {
		if _, err := unread().System("nginx"); err != nil {
			b.Fatal(err)
		}
	}
}

// unread is the catalog before anything of it was asked for.
func unread() *model.Catalog { return model.Embedded().With("", fstest.MapFS{}) }
