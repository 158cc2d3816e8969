package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/keymap"
)

func keyOf(t rapid.TB, name string) tea.KeyMsg {
	k, ok := pressed(name)
	if !ok {
		k = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
	}
	if k.String() != name {
		t.Fatalf("there is no key %q", name)
	}
	return k
}

// Whatever is pressed, nothing panics, the screen stays exact, and the
// document can be undone to its beginning.
func TestAnyKeys(t *testing.T) {
	var names []string
	for _, s := range keymap.New().Scopes() {
		for _, b := range s.Bindings {
			names = append(names, b.Keys...)
		}
	}
	names = append(names, "0", "1", "5", "9", "s", "m", "o", "f", "off", "180s", "nginx", "x", "é", "日")
	lawcheck.Check(t, func(rt *rapid.T) {
		path := rapid.SampledFrom([]string{"ie@11 > apache", "chrome > aws-alb > nginx > node", "putty > firewall > sshd"}).Draw(rt, "path")
		d := sit(t, path, 80, 24, unicode)
		d.fake.events = allMeasured()
		first := d.app.s.Document()
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 40).Draw(rt, "keys") {
			if name == "ctrl+z" {
				continue
			}
			d.send(keyOf(rt, name))
			if d.app.out.crash != nil {
				rt.Fatalf("%v\n%s", d.app.out.crash.value, d.app.out.crash.stack)
			}
			if d.quit {
				return
			}
		}
		w, h := rapid.IntRange(40, 200).Draw(rt, "w"), rapid.IntRange(12, 60).Draw(rt, "h")
		d.send(tea.WindowSizeMsg{Width: w, Height: h})
		exactly(rt, d.screen(), w, h)
		if d.app.out.crash != nil {
			rt.Fatalf("%v\n%s", d.app.out.crash.value, d.app.out.crash.stack)
		}
		s := d.app.s
		for {
			undone, ok := s.Undo(d.app.now)
			if !ok {
				break
			}
			s = undone
		}
		if d.app.file == "" && !s.Document().Equal(first) {
			rt.Fatalf("undone to the beginning it is %s, not %s", s.Document().Path, first.Path)
		}
		if fresh, err := tuning.Analyze(d.app.s.Document(), tuning.NewEnv(d.app.s.Env().Catalog, 0)); err != nil || len(fresh.Legs) != len(d.app.s.Report().Legs) {
			rt.Fatalf("the document does not analyze: %v", err)
		}
	})
}
