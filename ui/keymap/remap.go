package keymap

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// A Fault is what is wrong with a binding.
type Fault struct {
	Name string // as [Map.With] was given it; "" where the binding is as shipped
	Text string // a clause that begins with the scope, without a full stop

	// Key has a second meaning, Other ("tune.edit"); both are empty for every other fault.
	Key, Other string
}

// Error is the text.
func (f Fault) Error() string { return f.Text }

// With returns the map with other keys. The names are "scope.id" ("tune.edit")
// or an id alone, which means every scope that has it; no keys at all switch a
// binding off. The error joins a [Fault] for every unknown name and every
// conflict, not only the first; the map is unchanged then.
func (m Map) With(keys map[string][]string) (Map, error) {
	out := m.copied()
	var errs []error
	for _, n := range names(keys) {
		if !out.rebind(n, keys[n]) {
			errs = append(errs, Fault{Name: n, Text: unknown(m, n)})
		}
	}
	for _, f := range out.faults(keys) {
		errs = append(errs, f)
	}
	if len(errs) > 0 {
		return m, errors.Join(errs...)
	}
	return out, nil
}

func (m Map) copied() Map {
	scopes := slices.Clone(m.scopes)
	for i := range scopes {
		scopes[i].Bindings = slices.Clone(scopes[i].Bindings)
	}
	return Map{scopes: scopes}
}

// names are the names of bindings, the general ones first, so that the exact one wins.
func names(keys map[string][]string) []string {
	var all []string
	for n := range keys {
		all = append(all, n)
	}
	sort.Slice(all, func(i, j int) bool {
		di, dj := strings.Contains(all[i], "."), strings.Contains(all[j], ".")
		return di != dj && dj || di == dj && all[i] < all[j]
	})
	return all
}

// unknown says that a name stands for no binding, and what would.
func unknown(m Map, name string) string {
	scope, id, dotted := strings.Cut(name, ".")
	if !dotted {
		return fmt.Sprintf("there is no binding %q; keeptune config --print lists them", name)
	}
	s := m.Scope(ScopeID(scope))
	if len(s.Bindings) == 0 {
		return fmt.Sprintf("there is no place %q with keys; keeptune config --print lists them", scope)
	}
	var has []string
	for _, b := range s.Bindings {
		has = append(has, string(b.ID))
	}
	near := slices.DeleteFunc(slices.Clone(has), func(h string) bool { return !strings.Contains(h, id) && !strings.Contains(id, h) })
	if len(near) > 0 {
		has = near
	}
	return fmt.Sprintf("%s has no binding %q; it has %s", scope, id, strings.Join(has[:min(len(has), 6)], ", "))
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
	"ctrl+m": "is Enter to a terminal", "ctrl+i": "is Tab to a terminal", "ctrl+h": "is Backspace to a terminal", "ctrl+[": "is Esc to a terminal",
	"ctrl+b": "is the prefix of tmux", "ctrl+a": "is the prefix of screen",
	"ctrl+s": "is flow control", "ctrl+q": "is flow control",
}

// alone are keys that mean one thing or none.
var alone = map[string]ID{"ctrl+c": Quit, "ctrl+z": Suspend}

// leaving are the ways out of a place.
var leaving = []ID{Back, Cancel, No, Quit}

// Check returns what is wrong with the bindings: two meanings of one key in
// places that are open together, reserved keys, characters bound where text
// is typed, and places without a way out.
func (m Map) Check() []error {
	var errs []error
	for _, f := range m.faults(nil) {
		errs = append(errs, f)
	}
	return errs
}

// met is a binding that has a key.
type met struct {
	scope ScopeID
	id    ID
}

// twice is the fault of a key with two meanings.
func twice(key string, one, other met) Fault {
	name := string(other.scope) + "." + string(other.id)
	return Fault{Text: fmt.Sprintf("%s.%s: key %q means %s there, too; give one of the two another key", one.scope, one.id, key, name), Key: key, Other: name}
}

// faults are those of Check, each with the name among keys that is to blame.
func (m Map) faults(keys map[string][]string) []Fault {
	var all []Fault
	global := m.Scope(ScopeGlobal)
	for _, s := range m.scopes {
		seen := map[string]met{}
		check := func(scope ScopeID, b Binding) {
			fail := func(format string, args ...any) {
				f := Fault{Name: blamed(keys, scope, b.ID), Text: fmt.Sprintf("%s.%s: ", scope, b.ID) + fmt.Sprintf(format, args...)}
				if !slices.Contains(all, f) {
					all = append(all, f)
				}
			}
			for _, k := range b.Keys {
				if other, ok := seen[k]; ok && other.id != b.ID {
					f := twice(k, met{scope, b.ID}, other)
					f.Name = blamed(keys, scope, b.ID)
					if f.Name == "" { // the shipped one is not to blame
						f = twice(k, other, met{scope, b.ID})
						f.Name = blamed(keys, other.scope, other.id)
					}
					if !slices.Contains(all, f) {
						all = append(all, f)
					}
				}
				seen[k] = met{scope, b.ID}
				if what, ok := reserved[k]; ok {
					fail("key %q %s; choose another", k, what)
				}
				if only, ok := alone[k]; ok && only != b.ID {
					fail("key %q means %s alone; choose another", k, only)
				}
				if s.Text && len([]rune(k)) == 1 {
					fail("key %q is a character, but text is typed here; choose one such as f2 or ctrl+x", k)
				}
			}
			if slices.Contains(leaving, b.ID) && !slices.ContainsFunc(b.Keys, func(k string) bool { return k != "esc" }) {
				fail("it is a way out, and Esc alone can be late or lost on a slow link; give it a key besides")
			}
		}
		if !s.Over && s.ID != ScopeGlobal {
			for _, b := range global.Bindings {
				check(ScopeGlobal, b)
			}
		}
		for _, b := range s.Bindings {
			check(s.ID, b)
		}
	}
	return all
}

// blamed is the name that gave a binding its keys, "" for none.
func blamed(keys map[string][]string, scope ScopeID, id ID) string {
	for _, n := range []string{string(scope) + "." + string(id), string(id)} {
		if _, ok := keys[n]; ok {
			return n
		}
	}
	return ""
}
