package options

import (
	"slices"
	"strings"
	"testing"
)

// Keys go into the line that has them, into the comment that stands for them, or to the end
// of their table; no other line changes.
func TestRewritePutsKeys(t *testing.T) {
	tests := []struct {
		name, file, binding string
		keys                []string
		want                string
	}{
		{"its line", "[keys]\n\"tune.edit\" = [\"f2\"] # mine\n", "tune.edit", []string{"f3", "alt+x"}, "[keys]\n\"tune.edit\" = [\"f3\", \"alt+x\"] # mine\n"},
		{"one key as a text", "[keys]\nundo = 'z'#x\n", "undo", []string{"ctrl+x"}, "[keys]\nundo = [\"ctrl+x\"]#x\n"},
		{"several lines", "[keys]\n\"tune.edit\" = [ # a = \"b\"\n  \"f2\", # ]\n  \"]\",\n]\nundo = \"z\"\n[x]\n", "tune.edit", []string{"f3"}, ""},
		{"several lines", "[keys]\n\"tune.why\" = [ # a = \"b\"\n  \"f2\", # ]\n  \"#\",\n]\nundo = \"z\"\n", "tune.why", []string{"f3"}, "[keys]\n\"tune.why\" = [\"f3\"]\nundo = \"z\"\n"},
		{"a dotted name", "[keys]\ntune.edit = [\"f2\"]\n", "tune.edit", []string{"f3"}, "[keys]\ntune.edit = [\"f3\"]\n"},
		{"a table of a place", "[keys.tune]\nedit = [\"f2\"]\n", "tune.edit", []string{"f3"}, "[keys.tune]\nedit = [\"f3\"]\n"},
		{"a name at the top", "keys.tune.edit = [\"f2\"]\n", "tune.edit", []string{"f3"}, "keys.tune.edit = [\"f3\"]\n"},
		{"the comment for it", "[keys]\n# \"tune.edit\" = [\"enter\", \"=\"] # edit = it\n# undo\n", "tune.edit", []string{"ctrl+]"}, "[keys]\n\"tune.edit\" = [\"ctrl+]\"] # edit = it\n# undo\n"},
		{"no comment of another table", "# \"tune.edit\" = []\n[keys]\n", "tune.edit", []string{"f3"}, "# \"tune.edit\" = []\n[keys]\n\"tune.edit\" = [\"f3\"]\n"},
		{"the end of the table", "[keys]\nundo = \"z\"\n\n# end\n", "tune.edit", []string{}, "[keys]\nundo = \"z\"\n\"tune.edit\" = []\n\n# end\n"},
		{"without an end of line", "[keys]", "tune.edit", []string{"f3"}, "[keys]\n\"tune.edit\" = [\"f3\"]\n"},
		{"no table", "theme = \"dark\"", "tune.edit", []string{"f3"}, "theme = \"dark\"\n\n[keys]\n\"tune.edit\" = [\"f3\"]\n"},
		{"before a place's table", "[keys]\n[keys.tune]\nwhy = \"f4\"\n", "tune.edit", []string{"f3"}, "[keys]\n\"tune.edit\" = [\"f3\"]\n[keys.tune]\nwhy = \"f4\"\n"},
		{"a table in one line", "keys = {undo = \"z\"}\n", "tune.edit", []string{"f3"}, ""},
		{"back to the shipped", "[keys]\n\"tune.edit\" = [\n\"f2\"] # mine\n", "tune.edit", nil, "[keys]\n# \"tune.edit\" = [\"enter\", \"=\"] # mine\n"},
		{"of every place", "[keys]\nundo = [\"z\"]\n", "undo", nil, "[keys]\n# undo = [\"z\"]\n"},
		{"against every place", "[keys]\nedit = [\"f2\"]\n", "tune.edit", nil, "[keys]\nedit = [\"f2\"]\n\"tune.edit\" = [\"enter\", \"=\"]\n"},
	}
	for _, tt := range tests {
		was := loaded(t, tt.file)
		l, err := was.Rebind(map[string][]string{tt.binding: tt.keys})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := l.Rewrite([]byte(tt.file), l.Here())
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s: became\n%s", tt.name, got)
			}
			continue
		}
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.name, err, got, tt.want)
			continue
		}
		again := loaded(t, string(got))
		for _, s := range l.Keys.Scopes() {
			for i, b := range s.Bindings {
				if now := again.Keys.Scope(s.ID).Bindings[i].Keys; !slices.Equal(now, b.Keys) {
					t.Errorf("%s: %s.%s is %q in the file, %q here", tt.name, s.ID, b.ID, now, b.Keys)
				}
			}
		}
		if kept := l.Kept(); len(kept.KeysHere()) != 0 || len(l.KeysHere()) != 1 {
			t.Errorf("%s: kept leaves %q of %q", tt.name, kept.KeysHere(), l.KeysHere())
		}
	}
}

// A whole file is written where there is none, and nothing where it says what contradicts
// it by now.
func TestRewriteOfKeysElsewhere(t *testing.T) {
	l, err := loaded(t, "").Rebind(map[string][]string{"tune.edit": {"f2"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Rewrite(nil, nil)
	if err != nil || !strings.Contains(string(got), "\n\"tune.edit\" = [\"f2\"] # ") || !strings.Contains(string(got), "\n# \"tune.why\" = [\"e\"] # ") {
		t.Errorf("%v\n%s", err, got)
	}
	if got, err := l.Rewrite([]byte("[keys]\n\"tune.why\" = [\"f2\"]\n"), nil); err == nil {
		t.Errorf("a key with two meanings was written:\n%s", got)
	}
}

func TestRebind(t *testing.T) {
	l := loaded(t, "[keys]\nundo = [\"z\"]\n\"tune.edit\" = [\"f2\"]\n")
	if got := l.OriginOf("tune", "edit") + " " + l.OriginOf("goals", "undo") + " " + l.OriginOf("tune", "why"); got != "config.toml:3 config.toml:2 default" {
		t.Error(got)
	}
	back, err := l.Rebind(map[string][]string{"tune.edit": {"enter", "="}})
	if err != nil || back.OriginOf("tune", "edit") != "default, not kept" || len(l.KeysHere()) != 0 {
		t.Errorf("%v %s", err, back.OriginOf("tune", "edit"))
	}
	same, err := back.Rebind(map[string][]string{"tune.edit": {"f2"}})
	if err != nil || len(same.KeysHere()) != 0 || same.OriginOf("tune", "edit") != "config.toml" {
		t.Errorf("%v %v %s", err, same.KeysHere(), same.OriginOf("tune", "edit"))
	}
	every, err := l.Rebind(map[string][]string{"edit": {"f8"}})
	if b, _, _ := every.Keys.Binding("tune.edit"); err != nil || !slices.Equal(b.Keys, []string{"f8"}) {
		t.Errorf("%v %q", err, b.Keys)
	}
	for name, keys := range map[string][]string{"tune.none": {"f2"}, "none": {"f2"}, "tune.why": {"f2"}, "field.accept": {"x"}, "global.help": {"ctrl+b"}} {
		if _, err := l.Rebind(map[string][]string{name: keys}); err == nil {
			t.Errorf("%s took %q", name, keys)
		}
	}
}
