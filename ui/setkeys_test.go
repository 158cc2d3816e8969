package ui

import (
	"fmt"
	"strings"
	"testing"

	"example.com/keeptune/ui/keymap"
)

const mine = "# mine\ntheme = \"dark\"\n\n[keys]\nundo = [\"z\"] # as in vi\n"

// A key is changed by pressing the new one, and wherever it is named the new one stands.
func TestKeysAreChangedOnTheScreen(t *testing.T) {
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, configuredBy(mine))
	d.press("?").shows("Enter change keys").press("Enter").shows("keys of keeptune", "> tune Enter =", "tune.edit, default")
	d.press("Enter").shows("Press the key that is to take the place of Enter =").press("F2 x").shows("that came as more than one key").press("F2")
	d.shows("tune.edit is f2, was Enter =, until keeptune ends; w puts it into", "> tune f2 *")
	d.press("q").shows("f2 edit").press("Enter").lacks("accept").press("F2").shows("Enter accept").press("Esc")

	d.press(":", "keys tune.edit", "Enter").shows("keys of keeptune with tune.edit", "here, not kept; as shipped Enter =")
	d.press("a", "F3").shows("tune.edit is f2 f3").press("z").shows("undone: tune.edit is f2").press("Ctrl+r").shows("done again: tune.edit is f2 f3")
	d.press("d").shows("tune.edit is Enter =, was f2 f3").press("z").shows("undone: tune.edit is f2 f3")
	d.press("=").shows("tune.edit: f2 f3").press("Ctrl+u", "f4 Space ctrl+x", "Enter").shows("Space is taken")
	if keys := d.app.cfg.Options.Bindings()["tune.edit"]; strings.Join(keys, " ") != "f2 f3" {
		t.Errorf("a conflict left %q", keys)
	}
	d.press("n", "=", "Ctrl+u", "f4 ctrl+x", "Enter").shows("tune.edit is f4 Ctrl+x").press("w")
	d.shows("1 binding put into /home/me/.config/keeptune/config.toml")
	d.press("w").shows("nothing was changed here").press("z", "w").shows("1 binding put into")
}

// A key that something else has is told before anything is changed, and can be taken from
// there in one step of undo.
func TestTakenKeysAreTold(t *testing.T) {
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, configuredBy(mine))
	d.press(":", "keys tune.edit", "Enter", "Enter", "x")
	d.shows("x is taken", "x means already: export the configuration (everywhere, global.export).", "Taken from there, that is left with no key.")
	d.press("n").shows("tune.edit, default").lacks("is taken")
	if n := len(d.app.cfg.Options.KeysHere()); n != 0 {
		t.Errorf("%d bindings were changed", n)
	}
	d.press("Enter", "x", "y").shows("tune.edit is x, was Enter =, global.export is no key, was x").press("z").shows("undone: global.export is x, tune.edit is Enter =")
	d.press("Enter", "Ctrl+b").shows("is the prefix of tmux").press("Enter", "Esc").lacks("Press the key")
	d.press("q", "/", "global.quit", "Enter", "a", "F9", "d").shows("global.quit is Ctrl+c, was Ctrl+c f9")
	d.press("=", "Ctrl+u", "Enter").shows("it is a way out").press("q", "/", "global.help", "Enter", "Enter", "y").shows("and in 6 more places")
	if n := len(d.app.cfg.Options.KeysHere()); n != 0 {
		t.Errorf("%d bindings were changed", n)
	}
}

func TestKeysScreen(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {40, 12}} {
		d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", size.w, size.h, configuredBy(mine))
		d.press(",", "Down").press(strings.Split(strings.Repeat("Down ", 11)+"Enter", " ")...)
		golden(t, fmt.Sprintf("keys-%dx%d", size.w, size.h), d.shows("keys of keeptune", "1 of").press("Down", "Down", "Down", "Down").screen())
	}
}

// What this run may not do keeps its key, and stays hidden when keys change.
func TestChangedKeysHideWhatIsHidden(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press(":", "keys undo z", "Enter").shows("undo is z, was u")
	if d.app.keys.Key(keymap.ScopeGlobal, keymap.TryHere) != "no key" || d.app.cfg.Options.Keys.Key(keymap.ScopeGlobal, keymap.TryHere) != "!" {
		t.Error("a trial has a key in a run that may not write")
	}
	d.press(":", "keys nothing z", "Enter").shows("there is no binding \"nothing\"").press(":", "keys tune.nothing z", "Enter").shows("tune has no binding \"nothing\"")
	d.press(":", "keys tune.edit none", "Enter").shows("tune.edit is no key, was Enter =").press(":", "keys tune.edit default", "Enter").shows("tune.edit is Enter =, was no key")
}
