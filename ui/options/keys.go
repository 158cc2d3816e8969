package options

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/ui/keymap"
)

// Bindings are the keys that are not as shipped, by the names of [keymap.Map.With].
func (l Loaded) Bindings() map[string][]string { return maps.Clone(l.now) }

// Rebind is what is set after bindings were given other keys while the program runs. The
// names are those of [keymap.Map.With]; nil puts the shipped keys back, an empty list
// switches a binding off. A name without a place is of every place that has it. The error
// joins a [keymap.Fault] for each conflict; nothing is changed then.
func (l Loaded) Rebind(keys map[string][]string) (Loaded, error) {
	now := maps.Clone(l.now)
	if now == nil {
		now = map[string][]string{}
	}
	shipped := keymap.New()
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		_, id, exact := strings.Cut(name, ".")
		if !exact { // it holds everywhere, so no place has its own any more
			maps.DeleteFunc(now, func(n string, _ []string) bool { return n == name || strings.HasSuffix(n, "."+name) })
			if keys[name] != nil {
				now[name] = keys[name]
			}
			continue
		}
		delete(now, name)
		b, _, known := shipped.Binding(name)
		want, without := keys[name], b.Keys
		if want == nil {
			want = b.Keys
		}
		if general, ok := now[id]; ok {
			without = general
		}
		if !known || !slices.Equal(want, without) {
			now[name] = want
		}
	}
	return l.Bound(now)
}

// Bound is what is set with these keys and no others; the names and the error are those of
// [Loaded.Rebind].
func (l Loaded) Bound(now map[string][]string) (Loaded, error) {
	m, err := keymap.New().With(now)
	if err != nil {
		return l, err
	}
	was := map[string]Rebound{}
	for _, r := range l.Rebound {
		was[r.Name] = r
	}
	l.Keys, l.now, l.Rebound = m, now, nil
	for _, name := range slices.Sorted(maps.Keys(now)) {
		r := Rebound{Name: name, Keys: now[name], Origin: notKept}
		if kept, ok := l.kept[name]; ok && slices.Equal(kept, r.Keys) {
			r.Origin = was[name].Origin
			if r.Origin == "" || r.Origin == notKept {
				r.Origin = l.fileName()
			}
		}
		l.Rebound = append(l.Rebound, r)
	}
	return l, nil
}

// KeysHere are the names of the bindings that were changed while the program runs and are
// not so in the file.
func (l Loaded) KeysHere() []string {
	var all []string
	for name := range l.now {
		if kept, ok := l.kept[name]; !ok || !slices.Equal(kept, l.now[name]) {
			all = append(all, name)
		}
	}
	for name := range l.kept {
		if _, ok := l.now[name]; !ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// OriginOf says where the keys of a binding are from: "default", a line of the file, or here.
func (l Loaded) OriginOf(scope keymap.ScopeID, id keymap.ID) string {
	for _, name := range []string{string(scope) + "." + string(id), string(id)} {
		for _, r := range l.Rebound {
			if r.Name == name {
				return r.Origin
			}
		}
	}
	if slices.Contains(l.KeysHere(), string(scope)+"."+string(id)) {
		return "default, not kept"
	}
	return "default"
}

// keysLine is a binding as a line of the file has it.
func keysLine(name string, keys []string) string { return fmt.Sprintf("%q = %s", name, list(keys)) }

// putKeys is a file with the keys that were changed.
func (l Loaded) putKeys(text string) string {
	for _, name := range l.KeysHere() {
		keys, on := l.now[name]
		if !on {
			text = dropKeys(text, name)
			continue
		}
		text = putKey(text, name, keys)
	}
	return text
}

// putKey is a file with the keys of one binding.
func putKey(text, name string, keys []string) string {
	end, has, inside := 0, false, false // of the table
	for _, s := range statements(text) {
		if s.name == "keys."+name && !s.header {
			return text[:s.value] + list(keys) + text[s.to:]
		}
		if s.header {
			inside = s.name == "keys"
		}
		if inside {
			end, has = s.end, true
		}
	}
	if from, to, ok := keyComment(text, name); ok {
		line := strings.TrimLeft(strings.TrimLeft(text[from:to], " \t"), "#")
		line = strings.TrimLeft(line, " \t")
		value := len(key(line)) + 1
		value += len(line[value:]) - len(strings.TrimLeft(line[value:], " \t"))
		return text[:from] + line[:value] + list(keys) + line[valueEnd(line, value):] + text[to:]
	}
	line := keysLine(name, keys) + "\n"
	if !has {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + "\n[keys]\n" + line
	}
	if end > 0 && text[end-1] != '\n' {
		line = "\n" + line
	}
	return text[:end] + line + text[end:]
}

// keyComment finds the comment that stands for a binding, in the table of keys.
func keyComment(text, name string) (from, to int, ok bool) {
	inside := false
	all := statements(text)
	for at := 0; at < len(text); at = lineEnd(text, at) {
		for _, s := range all {
			if s.header && s.start == at {
				inside = s.name == "keys"
			}
		}
		end := lineEnd(text, at)
		rest, is := strings.CutPrefix(strings.TrimSpace(text[at:end]), "#")
		if !inside || !is || !strings.Contains(rest, "=") || inValue(all, at) {
			continue
		}
		if plain(key(rest)) == name {
			return at, end, true
		}
	}
	return 0, 0, false
}

// inValue reports whether a place is inside of a value of several lines.
func inValue(all []statement, at int) bool {
	return slices.ContainsFunc(all, func(s statement) bool { return !s.header && at > s.value && at < s.to })
}

// dropKeys is a file in which a binding has no line but a comment, with the shipped keys
// where it is of one place.
func dropKeys(text, name string) string {
	for _, s := range statements(text) {
		if s.name != "keys."+name || s.header {
			continue
		}
		value := text[s.value:s.to]
		if b, _, ok := keymap.New().Binding(name); ok {
			value = list(b.Keys)
		} else if strings.Contains(value, "\n") {
			value = "[]"
		}
		return text[:s.start] + "# " + strings.TrimLeft(text[s.start:s.value], " \t") + value + text[s.to:]
	}
	return text
}

// keysIn is the error of a file that does not say the keys that were changed, or in which
// something else has one of them; was is the file before.
func (l Loaded) keysIn(f, was File) error {
	if len(l.KeysHere()) == 0 {
		return nil
	}
	_, rebound, faults := f.bound()
	if _, _, before := was.bound(); len(faults) > len(before) {
		return faults[len(faults)-1]
	}
	for _, name := range l.KeysHere() {
		i := slices.IndexFunc(rebound, func(r Rebound) bool { return r.Name == name })
		keys, on := l.now[name]
		if on != (i >= 0) || on && !slices.Equal(rebound[i].Keys, keys) {
			do := "write " + keysLine(name, keys) + " yourself"
			if !on {
				do = "take " + name + " out yourself"
			}
			return fmt.Errorf("%s: the keys of %s cannot be put in their place there; %s", l.Path, name, do)
		}
	}
	return nil
}
