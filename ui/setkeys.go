package ui

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/overlay"
)

// A rebinding is all keys that are not as shipped, of which undo and redo take one or another.
type rebinding map[string][]string

// Equal compares the keys of every binding.
func (r rebinding) Equal(o rebinding) bool { return maps.EqualFunc(r, o, slices.Equal) }

// allowed are the keys less those of what this run may not do.
func (a app) allowed(m keymap.Map) keymap.Map {
	if a.cfg.Trials == nil {
		m = m.Without(keymap.ScopeGlobal, keymap.TryHere).Without(keymap.ScopeCensus, keymap.TrySockets)
	}
	return m
}

// setKeys gives bindings other keys, which hold at once. What is wrong with them is told,
// and a key that something else has may be taken from there.
func (a app) setKeys(x contract.SetKeys) (app, tea.Cmd) {
	names := slices.Sorted(maps.Keys(x.Keys))
	next, err := a.cfg.Options.Rebind(x.Keys)
	if err != nil {
		if f, other, ok := a.elsewhere(x, err); ok {
			return a.perform(contract.Push{Overlay: a.takeKey(f, names[0], other)})
		}
		return a.complain(faultText(err)), nil
	}
	rebound := a.rebound.Do(next.Bindings(), "")
	if rebound.Now().Equal(a.rebound.Now()) {
		return a.say(names[0] + " is " + a.keysOf(a.cfg.Options, names[0]) + " already"), nil
	}
	a.rebound = rebound
	slices.SortStableFunc(names, func(a, b string) int { // what was asked for comes before what it was taken from
		return cmp.Compare(min(1, len(x.Keys[b])), min(1, len(x.Keys[a])))
	})
	var texts []string
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%s is %s, was %s", name, a.keysOf(next, name), a.keysOf(a.cfg.Options, name)))
	}
	a = a.bind(next)
	return a.say(strings.Join(texts, ", ") + ", until keeptune ends; " + a.keepKey() + " puts it into the file"), nil
}

// keepKey is what puts keys into the file.
func (a app) keepKey() string {
	if a.words {
		return "keys keep"
	}
	return a.keys.Key(keymap.ScopeKeys, keymap.Save)
}

// bind makes keys hold.
func (a app) bind(l options.Loaded) app {
	a.cfg.Options = l
	if !a.words {
		a.keys = a.allowed(l.Keys)
	}
	return a
}

// keysOf are the keys of a binding in words; of a name without a place those of the first.
func (a app) keysOf(l options.Loaded, name string) string {
	for _, s := range l.Keys.Scopes() {
		for _, b := range s.Bindings {
			if (string(s.ID)+"."+string(b.ID) == name || string(b.ID) == name) && len(b.Keys) > 0 {
				return b.Labels()
			}
		}
	}
	return "no key"
}

// undoKeys goes one step back or forward among changes of keys.
func (a app) undoKeys(redo bool) app {
	step, word, done := a.rebound.Undo, "undo", "undone"
	if redo {
		step, word, done = a.rebound.Redo, "redo", "done again"
	}
	rebound, ok := step()
	if !ok {
		return a.say("no change of a key is left to " + word)
	}
	was, now := a.rebound.Now(), rebound.Now()
	next, err := a.cfg.Options.Bound(now)
	if err != nil {
		return a.complain(faultText(err))
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(mapUnion(was, now))), func(name string) bool {
		_, set := was[name]
		_, still := now[name]
		return set == still && slices.Equal(was[name], now[name])
	})
	a.rebound = rebound
	a = a.bind(next)
	var texts []string
	for _, name := range names {
		texts = append(texts, name+" is "+a.keysOf(next, name))
	}
	return a.say(done + ": " + strings.Join(texts, ", "))
}

func mapUnion(a, b map[string][]string) map[string][]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string][]string{}
	}
	maps.Copy(all, b)
	return all
}

// faultText is what is wrong with keys, in one sentence.
func faultText(err error) string {
	var faults []keymap.Fault
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range all.Unwrap() {
			if f, ok := errors.AsType[keymap.Fault](e); ok {
				faults = append(faults, f)
			}
		}
	}
	if len(faults) == 0 {
		return model.Clean(err.Error(), 300)
	}
	text := model.Clean(faults[0].Text, 300)
	if n := len(faults) - 1; n > 0 {
		text += fmt.Sprintf(" (and in %s)", contract.Count(n, "more place", "more places"))
	}
	return text
}

// elsewhere is the binding that has a key which was asked for, where taking it from there
// is all that is in the way: other are its keys without that.
func (a app) elsewhere(x contract.SetKeys, err error) (f keymap.Fault, other contract.SetKeys, ok bool) {
	all, is := err.(interface{ Unwrap() []error })
	if !is || len(all.Unwrap()) != 1 || len(x.Keys) != 1 {
		return f, other, false
	}
	f, is = errors.AsType[keymap.Fault](all.Unwrap()[0])
	b, _, known := a.cfg.Options.Keys.Binding(f.Other)
	if !is || !known {
		return f, other, false
	}
	left := slices.DeleteFunc(slices.Clone(b.Keys), func(k string) bool { return k == f.Key })
	other = contract.SetKeys{Keys: mapUnion(x.Keys, map[string][]string{f.Other: left})}
	_, err = a.cfg.Options.Rebind(other.Keys)
	return f, other, err == nil
}

// takeKey asks whether a key is to be taken from what has it.
func (a app) takeKey(f keymap.Fault, name string, other contract.SetKeys) *overlay.Confirm {
	b, s, _ := a.cfg.Options.Keys.Binding(f.Other)
	label := keymap.Binding{Keys: []string{f.Key}}.Labels()
	left := "no key"
	if keys := other.Keys[f.Other]; len(keys) > 0 {
		left = keymap.Binding{Keys: keys}.Labels()
	}
	return &overlay.Confirm{
		Title: label + " is taken",
		Text:  []string{fmt.Sprintf("%s means already: %s (%s, %s). Taken from there, that is left with %s.", label, b.Long, s.Title, f.Other, left)},
		Yes:   "take it for " + name, No: "leave both", OnYes: other,
	}
}

// keysLine is :keys, which lists keys, gives a binding others, or keeps them.
func (a app) keysLine(rest string) (app, tea.Cmd) {
	name, keys, _ := strings.Cut(rest, " ")
	keys = strings.TrimSpace(keys)
	switch {
	case rest == "keep":
		return a.keepOptions()
	case keys == "":
		return a.perform(contract.ShowKeys{Filter: name})
	case keys == "default":
		return a.perform(contract.SetKeys{Keys: map[string][]string{name: nil}})
	case keys == "none":
		return a.perform(contract.SetKeys{Keys: map[string][]string{name: {}}})
	}
	list, err := keymap.ParseKeys(keys)
	if err != nil {
		return a.complain(model.Clean(err.Error(), 300)), nil
	}
	return a.perform(contract.SetKeys{Keys: map[string][]string{name: list}})
}
