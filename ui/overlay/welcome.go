package overlay

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// A Menu is a question with an answer in each row; every answer leads onto the screen
// that helps.
type Menu struct {
	title string
	rows  []answer
	skip  string // what Esc does, in a few words
	sel   int
}

var _ contract.Overlay = (*Menu)(nil)

// An answer is one row of a Menu.
type answer struct {
	key   string // chooses it at once
	text  string
	leads []string // what it leads to, told of the selected row
	then  contract.Action
}

// NewWelcome asks what brings the user here, over the first screen.
func NewWelcome() *Menu {
	m := &Menu{title: "What brings you here?", skip: "straight to the screen"}
	for _, s := range preset.Starts() {
		m.numbered(answer{text: s.Text, leads: leadsOf(s), then: Start(s)})
	}
	m.numbered(answer{text: "start from a preset: a path as many have it", leads: []string{"browser to IIS, ALB to nginx to Node.js, gRPC through a NAT, and others"}, then: contract.Push{Overlay: NewPresets()}})
	m.numbered(answer{text: "I know my two ends: choose client and server", leads: []string{"hops between them are added with {tune.edit-path|path}"}, then: contract.ChooseBoth{}})
	m.rows = append(m.rows,
		answer{key: "e", text: "I saw a time, or a line in a log: what is it?", leads: []string{"which setting gives \"7875 s\", \"dies after 350 s\", or what a line means"}, then: contract.AskExplain{}},
		answer{key: "h", text: "read this host: its servers, their files, the path they make", leads: []string{"asks first, changes nothing; H there shows its connections"}, then: contract.AskHost{}},
		answer{key: "d", text: "show me: test the built-in server (offline)", leads: []string{"a live test of some seconds; nothing leaves this machine"}, then: contract.Preset{
			Path: "ie@11 > built-in", Screen: contract.Test, Role: model.RoleIdle, Server: true, Test: true,
		}},
	)
	return m
}

// NewPresets asks which path to start from.
func NewPresets() *Menu {
	m := &Menu{title: "Start from which path?", skip: "leave"}
	for _, p := range preset.All() {
		m.numbered(answer{text: p.Title, leads: []string{p.Path, p.Shows}, then: Open(p)})
	}
	return m
}

// Start leads from a symptom to its path, the setting to look at and the test to run.
func Start(s preset.Start) contract.Preset {
	p, _ := preset.Find(s.Preset) // decoding holds that it is there
	x := Open(p)
	x.Say, x.Symptom, x.Measure = s.Say, s.Symptom, s.Test
	return x
}

// Open puts the path of a preset in the place of the document.
func Open(p preset.Preset) contract.Preset {
	return contract.Preset{
		Path: p.Path, Assume: p.Assume, Screen: contract.Tune, Role: p.Role, Server: p.At == "server", Leg: p.Leg - 1, Say: p.Shows,
	}
}

// leadsOf is where a symptom leads: path, rules, test.
func leadsOf(s preset.Start) []string {
	p, _ := preset.Find(s.Preset)
	tests := []string{"idle timeout"}
	for _, m := range livetest.Choices() {
		if s.Test[m] != "" {
			tests = append(tests, m.Choice().Name)
		}
	}
	return []string{p.Path, "look at " + strings.Join(s.Rules[:min(len(s.Rules), 3)], " ") + "; {global.test|test} tests: " + strings.Join(tests, ", ")}
}

// numbers are the keys of rows in their order; letters follow that move nothing.
const numbers = "123456789abcdefhilmnoprstuvwxyz"

// numbered adds a row with the next number as its key.
func (o *Menu) numbered(a answer) {
	if n := len(o.rows); n < len(numbers) {
		a.key = numbers[n : n+1]
	}
	o.rows = append(o.rows, a)
}

// Keys is what works now.
func (o *Menu) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeWelcome) }

// Update takes a key.
func (o *Menu) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	if key.Type == tea.KeyRunes {
		if i := slices.IndexFunc(o.rows, func(a answer) bool { return a.key == string(key.Runes) }); i >= 0 {
			return contract.Close{Then: o.rows[i].then}
		}
	}
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Accept:
		return contract.Close{Then: o.rows[o.sel].then}
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	default:
		by, _ := keymap.Move(id, len(o.rows))
		o.sel = max(0, min(o.sel+by, len(o.rows)-1))
	}
	return nil
}

// View draws the question, and under it what the selected answer leads to.
func (o *Menu) View(c *contract.Context, w, h int) string {
	lines, at, last := []string{}, 0, 0
	for i, a := range o.rows {
		for j, l := range widget.Wrap(a.key+" "+a.text, max(1, w-7)) {
			lead := "   "
			if j > 0 {
				lead = "     "
			}
			if l = strings.TrimRight(l, " ") + " "; i != o.sel {
				lines = append(lines, lead+l)
				continue
			}
			if j == 0 {
				at, lead = len(lines), " "+c.Theme.Glyphs.Selected+" "
			}
			lines = append(lines, c.Theme.Selected.Render(lead+l))
			last = len(lines) - 1
		}
	}
	room := h - 3 - len(lines) // the frame and the keys take three
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Accept, "or its key"), labelled(scope, keymap.Back, o.skip)}
	rows := max(0, h-3)
	if room >= 3 {
		lines = append(lines, o.told(c, w, room-1)...)
	}
	top := widget.Scroll(widget.Scroll(0, last, len(lines), rows), at, len(lines), rows)
	return frameAt(c, o.title, lines, top, keys, w, h)
}

// told is what the selected answer leads to, in as much room as the longest answer
// needs, so that the frame stays where it is.
func (o *Menu) told(c *contract.Context, w, h int) []string {
	most, widest, sel := 0, 0, []string(nil)
	for i, a := range o.rows {
		var lines []string
		for _, text := range a.leads {
			lead := "   " + c.Theme.Glyphs.Arrow + " "
			for _, l := range widget.Wrap(c.Keys.Spell(text, false), max(1, min(w, 78)-10)) {
				lines = append(lines, lead+strings.TrimRight(l, " ")+" ")
				widest = max(widest, widget.Width(lines[len(lines)-1]))
				lead = strings.Repeat(" ", widget.Width(lead))
			}
		}
		if most = max(most, len(lines)); i == o.sel {
			sel = lines
		}
	}
	out := append([]string{widget.FitLine("", widest)}, sel...)
	for len(out) <= most {
		out = append(out, "")
	}
	return out[:min(len(out), h+1)]
}
