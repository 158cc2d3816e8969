package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/theme"
)

func (f *fake) KeepOptions(l options.Loaded) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.options = append(f.options, l.Here()...)
	return nil
}

// An option is changed on its screen, holds at once, and is kept when that is asked for.
func TestOptionsAreChangedOnTheScreen(t *testing.T) {
	var styled []string
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24, configuredBy("theme = \"dark\"\n"), func(c *Config) {
		c.Restyle = func(l options.Loaded) theme.Theme {
			styled = append(styled, l.Set.Text("theme"))
			return theme.New(theme.Mode(l.Set.Text("theme")), c.Theme.Glyphs)
		}
	})
	d.press(",").shows("theme dark config.toml:1", "Enter change", "w keep")
	d.press("Enter").shows("theme default here, not kept", "theme is default until keeptune ends; w puts it into the file")
	if strings.Join(styled, " ") != "default" {
		t.Errorf("drawn anew as %q", styled)
	}
	for range 6 {
		d.press("Down")
	}
	d.press("Enter").shows("timezone: ", "Enter set").press("Ctrl+u", "Asia/Nowhere", "Enter").shows("timezone is \"Asia/Nowhere\"; it takes Local, UTC or a name such as")
	d.press("Enter", "Ctrl+u", "Asia/Tokyo", "Enter").shows("Asia/Tokyo here, not kept")
	if zone := d.app.now.Location().String(); zone != "Asia/Tokyo" {
		t.Errorf("times are shown in %s", zone)
	}
	d.press("w").shows("2 options put into /home/me/.config/keeptune/config.toml", "theme default config.toml")
	if len(d.fake.options) != 2 {
		t.Errorf("kept are %+v", d.fake.options)
	}
	d.press("w").shows("nothing was changed here")
	d.press("q", "+", "5").shows(d.app.now.Format(time.TimeOnly))
}

// Every key that a sentence of the presets names is one that there is, on a screen as in
// a session in lines.
func TestSentencesOfPresetsNameKeys(t *testing.T) {
	m, err := keymap.New().With(map[string][]string{"tune.fix": {"f9"}, "tune.edit": {"f8"}})
	if err != nil {
		t.Fatal(err)
	}
	const text = "= {tune.edit|set} gives yours, {tune.fix|fix} what helps"
	if got := m.Spell(text, false); got != "= f8 gives yours, f9 what helps" {
		t.Errorf("%q", got)
	}
	if got := m.Spell(text, true); got != "= set gives yours, fix what helps" {
		t.Errorf("%q", got)
	}
	d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	for _, key := range "1234567" {
		d.press("0", string(key)).lacks("no key", "{", "|fix").press("Esc")
	}
}
