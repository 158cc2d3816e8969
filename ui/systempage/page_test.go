package systempage_test

import (
	"strings"
	"testing"
	"unicode"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/systempage"
	"example.com/keeptune/ui/widget"
)

// text is the sheet as one run of words, so that line breaks do not matter.
func text(s systempage.Page, w int) string {
	var b strings.Builder
	for _, l := range s.Lines(w, true) {
		b.WriteString(" " + l.Text)
	}
	return words(b.String())
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// Whatever the catalog says of a system at a version stands on its sheet.
func TestASystemPageSaysEverything(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, v := range s.Known {
			got := text(systempage.New(s, v, "->"), 80)
			says := func(what string) {
				if what = words(what); !strings.Contains(got, what) {
					t.Errorf("%s@%s does not say %q", s.ID, v, what)
				}
			}
			for _, what := range append([]string{s.Text, s.Kind}, s.Surprise...) {
				says(what)
			}
			says(strings.Join(s.Aliases, ", "))
			says(strings.Join(s.Formats, ", "))
			for side, f := range s.Faces {
				says(s.ProofOf(side).Human())
				says(f.Source)
				says(f.Retries)
			}
			for _, p := range s.Params {
				if !s.Has(p, v) {
					continue
				}
				d := s.DefaultAt(p, v)
				for _, what := range []string{p.Name, p.Text, p.Surprise, p.Where, p.Effect, d.Source, d.Seen} {
					if what == d.Seen && d.Source == "not documented" {
						continue
					}
					says(what)
				}
				says(p.Name + " " + valueText(d.Value))
				if late, ok := model.At(s.Order, p.Real, v); ok {
					says(late.Human())
					says(late.Source)
				}
			}
			if before := systempage.Before(s, v); before != "" {
				for _, c := range s.Changes(before, v) {
					says(c.Human("->"))
				}
			}
		}
	}
}

func valueText(v model.Value) string {
	if !v.IsSet() {
		return "not set"
	}
	return v.Human()
}

// No line is longer than its room, however small.
func TestLinesFit(t *testing.T) {
	s, err := model.Embedded().System("nginx")
	if err != nil {
		t.Fatal(err)
	}
	sh := systempage.New(s, "1.22.1", "->")
	for _, w := range []int{16, 36, 38, 76, 118} {
		for _, l := range sh.Lines(w, false) {
			if n := widget.Width(l.Text); n > w {
				t.Errorf("at %d: %d cells: %q", w, n, l.Text)
			}
		}
	}
}

// What a user's file holds is cleaned, and its name told.
func TestForeignTextIsCleaned(t *testing.T) {
	const bad = `\u001b[31m\u0007x`
	file := strings.ReplaceAll(`id = "x"
name = "X BAD"
kind = "server"
text = "BAD"
aliases = ["BAD"]
surprise = ["BAD"]
assume = "2"
known = ["1", "2"]
formats = ["BAD"]
os = "linux"
[server]
close = "BAD"
source = "BAD"
sends = [{ since = "0", when = "always", value = "BAD", source = "BAD" }]
[[server.param]]
name = "BAD"
aliases = ["BAD"]
role = "idle"
unit = "s"
zero = "off"
never = "BAD"
where = "BAD"
effect = "BAD"
text = "BAD"
surprise = "BAD"
default = [{ since = "0", value = "5s", source = "BAD", seen = "BAD" }, { since = "2", value = "6s", distribution = "BAD", source = "BAD", seen = "BAD" }]
real = [{ since = "2", low = "0s", high = "1s", source = "BAD" }]
`, "BAD", bad)
	s, err := model.DecodeSystem("x.toml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	s.Origin = "/home/\x1b[1mme/x.toml"
	for _, l := range systempage.New(s, "2", "->").Lines(80, false) {
		if i := strings.IndexFunc(l.Text, unicode.IsControl); i >= 0 {
			t.Errorf("a control character is left in %q", l.Text)
		}
	}
	if got := text(systempage.New(s, "2", "->"), 80); !strings.Contains(got, "from /home/") {
		t.Errorf("the file is not named: %s", got)
	}
}

func TestProvedInShort(t *testing.T) {
	run := func(sides ...model.FaceKind) []model.Proof {
		var all []model.Proof
		for _, s := range sides {
			all = append(all, model.Proof{Face: s, Version: "1"})
		}
		return all
	}
	for want, e := range map[string]model.Entry{
		"documented": {Server: true, Client: true},
		"run":        {Server: true, Client: true, Proved: run(model.FaceServer, model.FaceClient)},
		"server run": {Server: true, Client: true, Proved: run(model.FaceServer)},
		"client run": {Server: true, Client: true, Proved: run(model.FaceClient)},
	} {
		if got := systempage.Proved(&e); got != want {
			t.Errorf("%+v is %q, want %q", e, got, want)
		}
	}
	os := model.Entry{Kind: "os", Proved: run(model.FaceHost)}
	if got := systempage.Proved(&os); got != "run" {
		t.Errorf("a host that was run is %q", got)
	}
	if p := (&model.Proof{Version: "1.22.1", Package: "Debian 12", Seen: "2026-11-21", What: []model.Aspect{model.AspectIdle, model.AspectHint}}); p.Human() !=
		"run at 1.22.1 from Debian 12, 2026-11-21: idle, hint" {
		t.Errorf("a proof is %q", p.Human())
	}
}
