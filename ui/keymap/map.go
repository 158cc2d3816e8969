package keymap

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// A Map is every scope of the program. It is not changed after it was made.
type Map struct{ scopes []Scope }

// New returns the bindings as shipped.
func New() Map {
	m := Map{scopes: make([]Scope, len(defaults))}
	for i, s := range defaults {
		s.Bindings = slices.Clone(s.Bindings)
		for j := range s.Bindings {
			s.Bindings[j].Keys = slices.Clone(s.Bindings[j].Keys)
		}
		m.scopes[i] = s
	}
	return m
}

// Scopes returns all scopes in the order of the help screen.
func (m Map) Scopes() []Scope { return slices.Clone(m.scopes) }

// Scope returns one scope; an unknown id gives an empty one.
func (m Map) Scope(id ScopeID) Scope {
	for _, s := range m.scopes {
		if s.ID == id {
			return s
		}
	}
	return Scope{ID: id}
}

// With returns the map with other keys. The names are "scope.id" ("tune.edit")
// or an id alone, which means every scope that has it. The error lists every
// unknown name and every conflict, not only the first.
func (m Map) With(keys map[string][]string) (Map, error) {
	out := New()
	out.scopes = slices.Clone(m.scopes)
	for i := range out.scopes {
		out.scopes[i].Bindings = slices.Clone(out.scopes[i].Bindings)
	}
	names := make([]string, 0, len(keys))
	for n := range keys {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { // the general name first, so that the exact one wins
		di, dj := strings.Contains(names[i], "."), strings.Contains(names[j], ".")
		return di != dj && dj || di == dj && names[i] < names[j]
	})
	var errs []error
	for _, n := range names {
		if !out.rebind(n, keys[n]) {
			errs = append(errs, fmt.Errorf("unknown key binding %q: see keeptune man for the names", n))
		}
	}
	errs = append(errs, out.Check()...)
	if len(errs) > 0 {
		return m, errors.Join(errs...)
	}
	return out, nil
}

func (m Map) rebind(name string, keys []string) bool {
	scope, id, dotted := strings.Cut(name, ".")
	if !dotted {
		scope, id = "", name
	}
	found := false
	for _, s := range m.scopes {
		if scope != "" && string(s.ID) != scope {
			continue
		}
		for i, b := range s.Bindings {
			if string(b.ID) == id {
				s.Bindings[i].Keys = slices.Clone(keys)
				found = true
			}
		}
	}
	return found
}

// reserved keys cannot be bound: the terminal cannot tell them from another
// key, or something between keyboard and program takes them.
var reserved = map[string]string{
	"ctrl+m": "Enter", "ctrl+i": "Tab", "ctrl+h": "Backspace", "ctrl+[": "Esc",
	"ctrl+b": "the prefix of tmux", "ctrl+a": "the prefix of screen",
	"ctrl+s": "flow control", "ctrl+q": "flow control",
}

// Check returns what is wrong with the bindings: two meanings of one key in
// places that are open together, reserved keys, characters bound where text
// is typed, and overlays without a way out.
func (m Map) Check() []error {
	var errs []error
	global := m.Scope(ScopeGlobal)
	for _, s := range m.scopes {
		seen := map[string]ID{}
		list := s.Bindings
		if !s.Over && s.ID != ScopeGlobal {
			list = join(global.Bindings, list)
		}
		for _, b := range list {
			for _, k := range b.Keys {
				if other, ok := seen[k]; ok && other != b.ID {
					errs = append(errs, fmt.Errorf("%s: key %q means both %s and %s", s.ID, k, other, b.ID))
				}
				seen[k] = b.ID
				if what, ok := reserved[k]; ok {
					errs = append(errs, fmt.Errorf("%s: key %q of %s is %s", s.ID, k, b.ID, what))
				}
				if s.Text && len([]rune(k)) == 1 {
					errs = append(errs, fmt.Errorf("%s: key %q of %s is a character, but text is typed here", s.ID, k, b.ID))
				}
			}
		}
	}
	return errs
}
