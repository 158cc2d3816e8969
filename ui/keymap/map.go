package keymap

import (
	"regexp"
	"slices"
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

// Binding is the one that a name such as "tune.edit" stands for, with its scope; false for
// none.
func (m Map) Binding(name string) (Binding, Scope, bool) {
	scope, id, _ := strings.Cut(name, ".")
	s := m.Scope(ScopeID(scope))
	for _, b := range s.Bindings {
		if string(b.ID) == id {
			return b, s, true
		}
	}
	return Binding{}, s, false
}

// Without is the map less one binding of a scope.
func (m Map) Without(scope ScopeID, id ID) Map {
	out := Map{scopes: slices.Clone(m.scopes)}
	for i := range out.scopes {
		if s := &out.scopes[i]; s.ID == scope {
			s.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(b Binding) bool { return b.ID == id })
		}
	}
	return out
}

var marks = regexp.MustCompile(`\{([a-z-]+)\.([a-z0-9-]+)\|([^{}]*)\}`)

// Spell puts keys into a text: {tune.fix|fix} is the first key of that binding, or with
// words what stands behind the bar, for whoever has no keys.
func (m Map) Spell(text string, words bool) string {
	return marks.ReplaceAllStringFunc(text, func(mark string) string {
		part := marks.FindStringSubmatch(mark)
		if words {
			return part[3]
		}
		return m.Key(ScopeID(part[1]), ID(part[2]))
	})
}

// Key is the first key of a binding as a sentence names it, "no key" where there is
// none.
func (m Map) Key(scope ScopeID, id ID) string {
	for _, b := range m.Scope(scope).Bindings {
		if b.ID == id && len(b.Keys) > 0 {
			if rest, ok := strings.CutPrefix(b.Keys[0], "ctrl+"); ok {
				return "Ctrl+" + rest
			}
			return Label(b.Keys[0])
		}
	}
	return "no key"
}
