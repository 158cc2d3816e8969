package keymap

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

type spelled string

func (s spelled) String() string { return string(s) }

func TestShippedBindings(t *testing.T) {
	m := New()
	for _, err := range m.Check() {
		t.Error(err)
	}
	for _, s := range m.Scopes() {
		if s.Title == "" {
			t.Errorf("%s has no title", s.ID)
		}
		for _, b := range s.Bindings {
			if b.Long == "" || len(b.Keys) == 0 {
				t.Errorf("%s.%s has no text or no key", s.ID, b.ID)
			}
			if len(b.Short) > 11 {
				t.Errorf("%s.%s: %q is too long for a footer", s.ID, b.ID, b.Short)
			}
			for _, k := range b.Keys {
				if id, ok := s.Find(spelled(k)); !ok || id != b.ID {
					t.Errorf("%s: %q finds %s, want %s", s.ID, k, id, b.ID)
				}
			}
		}
	}
}

// Esc may be swallowed or late: each scope that Esc leaves has another
// key that leaves it.
func TestEscIsNeverAlone(t *testing.T) {
	for _, s := range New().Scopes() {
		for _, b := range s.Bindings {
			if slices.Contains(b.Keys, "esc") && len(b.Keys) < 2 {
				t.Errorf("%s: only Esc means %s", s.ID, b.ID)
			}
		}
	}
}

func TestOneKeyDestroysNothing(t *testing.T) {
	m := New()
	for _, id := range []ID{WriteFile, Quit} {
		for _, s := range m.Scopes() {
			for _, b := range s.Bindings {
				if b.ID == id && s.ID == ScopeTune {
					t.Errorf("%s lies on the first screen", id)
				}
			}
		}
	}
}

func TestCheckFindsPlantedFaults(t *testing.T) {
	for name, keys := range map[string]map[string][]string{
		`tune.edit: key "u" means global.undo there, too`:  {"tune.edit": {"u"}},
		`global.undo: key "d" means tune.to-default there`: {"undo": {"d"}},
		`is Enter`:                       {"global.redo": {"ctrl+m"}},
		`is a character`:                 {"picker.accept": {"c"}},
		`tune has no binding "fly"; it `: {"tune.fly": {"z"}},
		`tune has no binding "edi"; it has edit, edit-path`: {"tune.edi": {"z"}},
		`there is no place "tuning"`:                        {"tuning.edit": {"z"}},
		`there is no binding "fly"`:                         {"fly": {"z"}},
		`is the prefix of t`:                                {"undo": {"ctrl+b"}},
		`"ctrl+z" means suspend alone`:                      {"undo": {"ctrl+z"}},
		`"ctrl+c" means quit alone`:                         {"journal.copy": {"ctrl+c"}},
		`help.back: it is a way out`:                        {"help.back": {"esc"}},
		`global.quit: it is a way out`:                      {"global.quit": {}},
	} {
		if _, err := New().With(keys); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("With(%v) = %v, want an error with %q", keys, err, name)
		}
	}
}

func TestRemap(t *testing.T) {
	m, err := New().With(map[string][]string{"undo": {"z"}, "tune.edit": {"Z"}})
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := m.Scope(ScopeGlobal).Lookup("z"); id != Undo {
		t.Error("z does not undo")
	}
	if _, ok := m.Scope(ScopeTune).Lookup("enter"); ok {
		t.Error("the old key still edits")
	}
	if id, _ := New().Scope(ScopeGlobal).Lookup("u"); id != Undo {
		t.Error("remapping changed the shipped bindings")
	}
}

func TestFooter(t *testing.T) {
	hints := New().Scope(ScopeTune).Footer(5)
	if len(hints) != 5 || hints[0] != (Hint{Key: "Enter", Text: "edit"}) {
		t.Errorf("Footer(5) = %v", hints)
	}
	if got := New().Scope("nowhere").Footer(5); got != nil {
		t.Errorf("an unknown scope has hints: %v", got)
	}
	none := New().Scope(ScopeTune).Only(func(id ID) bool { return id == Inspect })
	if len(none.Bindings) != 1 {
		t.Errorf("Only keeps %d", len(none.Bindings))
	}
}

func TestMarkdown(t *testing.T) {
	md := New().Markdown()
	for _, want := range []string{"| everywhere | `?` |", "`Ctrl+r`", "`G (shift+g)`", "| lists | `Up` `k` | move up |"} {
		if !strings.Contains(md, want) {
			t.Errorf("the table lacks %q:\n%s", want, md)
		}
	}
	for line := range strings.Lines(md) {
		if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 4 {
			t.Errorf("not a row of three cells: %s", line)
		}
	}
}

// Each fault names the entry that is to blame, never a shipped binding.
func TestFaultsNameTheEntry(t *testing.T) {
	for name, keys := range map[string]map[string][]string{
		"tune.edit": {"tune.edit": {"u"}, "global.save": {"W"}},
		"undo":      {"undo": {"d"}, "global.save": {"W"}},
		"help":      {"help": {"ctrl+s"}},
	} {
		_, err := New().With(keys)
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("With(%v) = %v", keys, err)
		}
		for _, e := range joined.Unwrap() {
			if f, ok := errors.AsType[Fault](e); !ok || f.Name != name {
				t.Errorf("With(%v) blames %q for %v", keys, f.Name, e)
			}
		}
	}
	if _, err := New().With(map[string][]string{"undo": {"z"}, "tune.to-default": {"u"}}); err != nil {
		t.Errorf("a key that was given up cannot be taken: %v", err)
	}
	if m, err := New().With(map[string][]string{"tune.adopt": {}}); err != nil || len(m.Scope(ScopeTune).Bindings) == 0 {
		t.Errorf("a binding cannot be switched off: %v", err)
	}
}

func TestParseKey(t *testing.T) {
	for text, want := range map[string]string{
		"u": "u", "L": "L", "shift+l": "L", "Ctrl+R": "ctrl+r", "^r": "ctrl+r", "Space": " ", "PgDn": "pgdown", "shift+tab": "shift+tab",
		"F2": "f2", "alt+L": "alt+L", "alt+enter": "alt+enter", "ä": "ä", "control+x": "ctrl+x", "ctrl-x": "ctrl+x", "shift+up": "shift+up",
	} {
		if got, err := ParseKey(text); err != nil || got != want {
			t.Errorf("ParseKey(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "\x1b", "f21", "ctrl+1", "hyper+x", "uu", "shift+pgup", "alt+"} {
		if got, err := ParseKey(text); err == nil {
			t.Errorf("ParseKey(%q) = %q", text, got)
		}
	}
	for _, s := range New().Scopes() {
		for _, b := range s.Bindings {
			for _, k := range b.Keys {
				if got, err := ParseKey(k); err != nil || got != k {
					t.Errorf("%s.%s: ParseKey(%q) = %q, %v", s.ID, b.ID, k, got, err)
				}
			}
		}
	}
}
