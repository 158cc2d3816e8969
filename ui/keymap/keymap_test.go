package keymap

import (
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
		`means both`:         {"tune.edit": {"u"}},
		`is Enter`:           {"global.redo": {"ctrl+m"}},
		`is a character`:     {"picker.accept": {"c"}},
		`unknown key`:        {"tune.fly": {"z"}},
		`is the prefix of t`: {"undo": {"ctrl+b"}},
	} {
		if _, err := New().With(keys); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("With(%v) = %v, want an error with %q", keys, err, name)
		}
	}
}

func TestRemap(t *testing.T) {
	m, err := New().With(map[string][]string{"undo": {"z"}, "tune.edit": {"E"}})
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
