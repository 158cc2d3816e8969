package options_test

import (
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
)

func env(all map[string]string) func(string) string {
	return func(name string) string { return all[name] }
}

func value(t *testing.T, s options.Set, name string) options.Value {
	t.Helper()
	i := slices.IndexFunc(s, func(v options.Value) bool { return v.Name == name })
	if i < 0 {
		t.Fatalf("there is no option %s", name)
	}
	return s[i]
}

// A flag comes before a variable, a variable before the file, the file before the default.
func TestPrecedence(t *testing.T) {
	file := options.Parse("config.toml", []byte("# mine\ntheme = \"dark\"\n"))
	none := options.Parse("config.toml", nil)
	for _, c := range []struct {
		name         string
		file         options.File
		env, flags   map[string]string
		text, origin string
	}{
		{"nothing", none, nil, nil, "default", "default"},
		{"file", file, nil, nil, "dark", "config.toml:2"},
		{"variable", file, map[string]string{"KEEPTUNE_THEME": "light"}, nil, "light", "KEEPTUNE_THEME"},
		{"flag", file, map[string]string{"KEEPTUNE_THEME": "light"}, map[string]string{"theme": "default"}, "default", "--theme"},
	} {
		set, faults := options.Resolve(c.file, env(c.env), c.flags)
		if v := value(t, set, "theme"); v.Text != c.text || v.Origin != c.origin || len(faults) > 0 {
			t.Errorf("%s: theme is %s from %s, %v; want %s from %s", c.name, v.Text, v.Origin, faults, c.text, c.origin)
		}
	}
	set, _ := options.Resolve(none, env(map[string]string{"NO_COLOR": "1"}), nil)
	if v := value(t, set, "no-color"); v.Text != "true" || v.Origin != "NO_COLOR" {
		t.Errorf("NO_COLOR makes no-color %s from %s", v.Text, v.Origin)
	}
}

// What is wrong is told with file, line, value and what would be right; the rest holds.
func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"theme = \"pink\"":                       `config.toml:1: theme is "pink"; it takes default, light or dark, in quotes`,
		"\ntheme = dark":                         `config.toml:2: a value is text in quotes, a number, true, false or a list; an option is written as theme = "dark"`,
		"\n\nascii = \"yes\"":                    `config.toml:3: ascii is "yes"; it takes true or false`,
		"fps = 241":                              `config.toml:1: fps is 241; it takes a whole number from 1 to 240, or 0`,
		"fps = -1":                               `config.toml:1: fps is -1; it takes a whole number from 1 to 240, or 0`,
		"fps = 1.5":                              `config.toml:1: fps is 1.5; it takes`,
		"timezone = \"Mars/Olympus\"":            `config.toml:1: timezone is "Mars/Olympus"; it takes Local, UTC or a name such as Europe/Berlin`,
		"fail_on = \"error\"":                    `config.toml:1: there is no option "fail_on"; did you mean fail-on?`,
		"hue = 1":                                `config.toml:1: there is no option "hue"; there are theme, no-color`,
		"format = []":                            `config.toml:1: format is a list; it takes text, json or markdown`,
		"keys = 1":                               `config.toml:1: keys is 1; it is a table, which begins with [keys]`,
		"[keys]\nundo = [\"z\"]\nredo = [\"z\"]": `config.toml:3: global.redo: key "z" means global.undo there, too`,
		"[keys]\n\"tune.edit\" = [\"u\"]":        `config.toml:2: tune.edit: key "u" means global.undo there, too`,
		"[keys]\ntune.edit = \"u\"":              `config.toml:2: tune.edit: key "u" means global.undo there, too`,
		"[keys.tune]\nedit = \"u\"":              `config.toml:2: tune.edit: key "u" means global.undo there, too`,
		"[keys]\nundo = [\"ctrl+s\"]":            `config.toml:2: global.undo: key "ctrl+s" is flow control`,
		"[keys]\nundo = [\"hyper+x\"]":           `config.toml:2: undo: "hyper+x" is no key that a terminal sends`,
		"[keys]\nundo = [1]":                     `config.toml:2: undo has 1; a key is written in quotes`,
		"[keys]\nundo = true":                    `config.toml:2: undo is true; it takes keys such as`,
		"[keys]\nfly = [\"z\"]":                  `config.toml:2: there is no binding "fly"`,
		"theme = \"\\u001b]0;x\\u0007\"":         `config.toml:1: theme is `,
	} {
		l := options.Load(options.Parse("config.toml", []byte(text+"\n")), env(nil), nil)
		if len(l.Faults) == 0 || !strings.HasPrefix(l.Faults[0].Error(), want) {
			t.Errorf("%q: %v, want %s", text, l.Faults, want)
		}
		for _, f := range l.Faults {
			if strings.ContainsAny(f.Error(), "\x1b\a\n") {
				t.Errorf("%q: a control character is told: %q", text, f.Error())
			}
		}
	}
	l := options.Load(options.Parse("c", []byte("theme = \"pink\"\nascii = true\n[keys]\nundo = [\"z\"]\nredo = [\"ctrl+s\"]\n")), env(map[string]string{"KEEPTUNE_FPS": "fast"}), nil)
	if len(l.Faults) != 3 || l.Set.Text("ascii") != "true" || l.Set.Text("theme") != "default" {
		t.Errorf("three faults and ascii: %v, %s, %s", l.Faults, l.Set.Text("ascii"), l.Set.Text("theme"))
	}
	if id, _ := l.Keys.Scope(keymap.ScopeGlobal).Lookup("z"); id != keymap.Undo {
		t.Error("the binding that is right does not hold beside one that is wrong")
	}
	if id, _ := l.Keys.Scope(keymap.ScopeGlobal).Lookup("ctrl+r"); id != keymap.Redo {
		t.Error("the binding that is wrong does not leave the shipped one")
	}
}

// What is written is read back to the same values and keys, from the file alone.
func TestWrittenIsReadBack(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		flags := map[string]string{}
		for _, o := range options.All() {
			if o.Flag() == "" || !rapid.Bool().Draw(t, "set "+o.Name) {
				continue
			}
			switch {
			case len(o.Words()) > 0:
				flags[o.Name] = rapid.SampledFrom(o.Words()).Draw(t, o.Name)
			case o.Kind == options.Switch:
				flags[o.Name] = rapid.SampledFrom([]string{"true", "false"}).Draw(t, o.Name)
			case o.Kind == options.Number:
				flags[o.Name] = rapid.SampledFrom([]string{"1", "30", "240"}).Draw(t, o.Name)
			default:
				flags[o.Name] = rapid.SampledFrom([]string{"UTC", "Local", "Europe/Berlin"}).Draw(t, o.Name)
			}
		}
		keys := "[keys]\n"
		for _, line := range []string{`undo = ["z", "alt+z"]`, `"tune.adopt" = []`, `"tune.toggle" = ["space", "f2"]`, `"plan.start" = ["\\"]`} {
			if rapid.Bool().Draw(t, line) {
				keys += line + "\n"
			}
		}
		first := options.Load(options.Parse("a", []byte(keys)), env(nil), flags)
		text := first.Written()
		second := options.Load(options.Parse("b", []byte(text)), env(nil), nil)
		if len(first.Faults)+len(second.Faults) > 0 {
			t.Fatalf("%v %v\n%s", first.Faults, second.Faults, text)
		}
		for i, v := range first.Set {
			if got := second.Set[i]; got.Text != v.Text || got.Own() != v.Own() {
				t.Fatalf("%s is %s, and %s when it is read back", v.Name, v.Text, got.Text)
			}
		}
		if a, b := first.Keys.Markdown(), second.Keys.Markdown(); a != b {
			t.Fatalf("the keys differ when they are read back:\n%s", text)
		}
	})
}

// With every # of an option or a binding taken away the file says what is shipped.
func TestEveryLineIsRight(t *testing.T) {
	shipped := options.Load(options.File{}, env(nil), nil)
	var b strings.Builder
	n := 0
	for line := range strings.Lines(shipped.Written()) {
		if bare := strings.TrimPrefix(line, "# "); strings.Contains(bare, " = ") && !strings.Contains(bare, "line") {
			line = bare
			n++
		}
		b.WriteString(line)
	}
	l := options.Load(options.Parse("c", []byte(b.String())), env(nil), nil)
	if len(l.Faults) > 0 || n < 200 {
		t.Fatalf("%d lines, %v", n, l.Faults)
	}
	if l.Keys.Markdown() != keymap.New().Markdown() {
		t.Error("other keys than those shipped")
	}
	for i, v := range l.Set {
		if v.Text != shipped.Set[i].Text || v.Source != options.FromFile {
			t.Errorf("%s is %s from %s", v.Name, v.Text, v.Origin)
		}
	}
}

// Every key with a name is one that Bubble Tea sends.
func TestKeysAreSent(t *testing.T) {
	sent := map[string]bool{}
	for k := tea.KeyType(-200); k < 200; k++ {
		sent[k.String()] = true
	}
	for _, name := range []string{"up", "shift+up", "ctrl+shift+end", "ctrl+pgup", "pgdown", "insert", "delete", "f1", "f20", "shift+tab", "ctrl+x", "ctrl+@", "ctrl+\\", "ctrl+]", "ctrl+^", "ctrl+_", "enter", "esc", "backspace", "tab", "home", "ctrl+left"} {
		if key, err := keymap.ParseKey(name); err != nil || !sent[key] {
			t.Errorf("%s is taken as %q (%v), which nothing sends", name, key, err)
		}
	}
}
