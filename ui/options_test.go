package ui

import (
	"fmt"
	"testing"

	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
)

// configuredBy is a run with a configuration file.
func configuredBy(text string) func(*Config) {
	return func(c *Config) {
		c.Options = options.Load(options.Parse("/home/me/.config/keeptune/config.toml", []byte(text)), func(string) string { return "" }, map[string]string{"ascii": "true"})
		c.Options.Path, c.Options.Exists = "/home/me/.config/keeptune/config.toml", true
	}
}

func TestOptionsScreen(t *testing.T) {
	const text = "theme = \"dark\"\nfps = 1000\n[keys]\nundo = [\"z\"]\n"
	for _, size := range []struct{ w, h int }{{80, 24}, {40, 12}} {
		d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", size.w, size.h, configuredBy(text))
		golden(t, fmt.Sprintf("options-%dx%d", size.w, size.h), d.press(",").screen())
	}
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, configuredBy(text))
	d.press(":", "settings", "Enter").shows("theme", "dark", "config.toml:1", "ascii", "--ascii", "1 of 14")
	d.press("End").shows("undo", "z", "config.toml:4")
	d.press("q").lacks("options of keeptune")
}

// What is wrong is told on the first screen, and what is right holds.
func TestWrongConfigurationIsTold(t *testing.T) {
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, configuredBy("fps = 1000\n[keys]\nundo = [\"z\"]\n"))
	d.shows("config.toml:1: fps is 1000", "from 1 to 240")
	d.press("+").lacks("fps is").shows("typed").press("z").shows("undo")
}

// Wherever a key is named, it is the one that works.
func TestRemappedKeysAreShown(t *testing.T) {
	const text = `[keys]
help = ["f1"]
"global.back" = ["Q", "esc"]
"global.undo" = ["z"]
"global.redo" = ["f3"]
"global.save" = ["f4"]
"global.test" = ["f5"]
"global.export" = ["f6"]
"tune.edit" = ["f8"]
"tune.why" = ["f2"]
fix = ["X"]
"global.screen-2" = ["f11"]
"test.start" = ["f12"]
"test.adopt" = ["A"]
"test.stop" = ["f9"]
`
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 120, 40, configuredBy(text))
	if len(d.app.cfg.Options.Faults) > 0 {
		t.Fatal(d.app.cfg.Options.Faults)
	}
	d.shows("f1 help", "Q quit", "f5 tests", "z undo", "f4 save", "f8 edit").lacks("? help", "q quit", "u undo", "t tests", "w save", "Enter edit")
	d.press("+", "5").shows("1 step to undo (z), 0 steps to redo (f3)", "Q back")
	d.press("Q", "F1").shows("f8", "edit the value").press("q")
	d.press("Esc").shows("Q quits").press("z").shows("nothing more to undo, f3 redoes 1")
	d.press("u").lacks("redo")
	if undo, redo := d.app.s.Depth(); undo != 0 || redo != 1 {
		t.Errorf("%d steps to undo and %d to redo; want 0 and 1", undo, redo)
	}
	d.press("+", "Down", "+", "z").shows("z undoes 1 more, f3 redoes 1")
	d.press("Esc", "j").shows("f2 why  X fix").press("3").shows("f11 why", "f5 or f12 runs the test")
	d.press("7", "X").shows("z takes it back").press("Esc", "s", "known", "Enter").shows("z undoes")
	d.press("S", "Enter").shows("counts again   z undoes")
}

// Every binding can be moved to another key, and the moved one works as the shipped one.
func TestEveryBindingCanBeMoved(t *testing.T) {
	for _, s := range keymap.New().Scopes() {
		for _, b := range s.Bindings {
			if b.ID == keymap.Quit || b.ID == keymap.Suspend {
				continue
			}
			name := string(s.ID) + "." + string(b.ID)
			m, err := keymap.New().With(map[string][]string{name: {"alt+f12"}})
			if err != nil {
				t.Errorf("%s cannot be moved: %v", name, err)
				continue
			}
			if id, ok := m.Scope(s.ID).Lookup("alt+f12"); !ok || id != b.ID {
				t.Errorf("%s does not have its new key", name)
			}
		}
	}
}
