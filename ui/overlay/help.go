package overlay

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Help lists the keys of the focused scope and those that work everywhere.
type Help struct {
	scopes []keymap.Scope
	top    int
	rows   int
	lines  int
}

var _ contract.Overlay = (*Help)(nil)

// NewHelp explains the keys of these scopes.
func NewHelp(scopes ...keymap.Scope) *Help { return &Help{scopes: scopes} }

// Keys is what works now.
func (o *Help) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeHelp) }

// Update takes a key.
func (o *Help) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Edit:
		return contract.Close{Then: contract.ShowKeys{Place: o.scopes[0].ID}}
	default:
		o.top = scrolled(id, o.top, o.lines, o.rows)
	}
	return nil
}

// scrolled is the new first line after a moving key.
func scrolled(id keymap.ID, top, lines, rows int) int {
	by, _ := keymap.Move(id, rows)
	return max(0, min(top+by, lines-rows))
}

// legend explains the signs of the first screen.
var legend = []string{
	"LIMIT      how long an idle connection lives, and whose setting ends it",
	"OK         the side that reuses the connection closes it first",
	"RETRIED    the other side may, but the client repeats whatever meets it",
	"RACE       the other side may close just when a request is on its way",
	"STALE      something between drops it, and neither end is told",
	"UNBOUNDED  nobody closes idle connections",
	"UNKNOWN    a value is missing",
	"margin     how much longer the far side keeps it than the client",
	"DEAD PEER  how long a side does not notice that the other is gone",
	"*  not the default     ?  assumed, or an unknown timer may come first",
	"E W I      a finding: error, warning, worth knowing; {tune.fix|fix} offers a fix",
	"on the path:  == the shown leg; each leg's verdict on its last arrow,",
	"           in short R race, S stale, U unbounded, ? unknown, none: no harm",
	"on the axis:  C client lets go   S server closes   M middlebox",
	"           L limit   C2 S2 M2 the next timer of the same side",
}

// draw draws the keys in one column, or two where there is room.
func (o *Help) draw(c *contract.Context, w, h int) string {
	var lines []string
	narrow := w < 60 // the texts stand below their keys
	for i, s := range o.scopes {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+c.Theme.Title.Render(s.Title))
		for _, b := range s.Bindings {
			keys := b.Labels()
			if narrow {
				lines = append(lines, " "+c.Theme.Key.Render("  "+keys))
				for _, l := range widget.Wrap(b.Long, w-9) {
					lines = append(lines, "     "+l+" ")
				}
				continue
			}
			for i, l := range widget.Wrap(b.Long, max(20, w-27)) {
				if i > 0 {
					keys = ""
				}
				lines = append(lines, " "+c.Theme.Key.Render(widget.FitLine("  "+keys, 20))+" "+l+" ")
			}
		}
		if s.ID == keymap.ScopeTune {
			lines = append(lines, "", " "+c.Theme.Title.Render("what the words mean"))
			for _, l := range legend {
				l = c.Keys.Spell(l, false)
				if !narrow {
					lines = append(lines, "   "+l+" ")
					continue
				}
				lead := "   "
				for _, l := range widget.Wrap(l, w-9) {
					lines = append(lines, lead+l+" ")
					lead = "     "
				}
			}
		}
	}
	for i, l := range lines {
		lines[i] = widget.Cut(l, max(0, w-2), c.Theme.Glyphs.Ellipsis)
	}
	o.lines, o.rows = len(lines), max(0, h-3)
	o.top = max(0, min(o.top, o.lines-o.rows))
	return frameAt(c, "keys", lines, o.top, []keymap.Hint{labelled(o.Keys(c), keymap.Back, "close"), labelled(o.Keys(c), keymap.Edit, "change keys"), {Key: "Up Down PgDn", Text: "scroll"}}, w, h)
}

// labelled is a hint for a binding, "" where the scope lacks it.
func labelled(s keymap.Scope, id keymap.ID, text string) keymap.Hint {
	for _, b := range s.Bindings {
		if b.ID == id && len(b.Keys) > 0 {
			return keymap.Hint{Key: keymap.Label(b.Keys[0]), Text: text}
		}
	}
	return keymap.Hint{Text: strings.TrimSpace(text)}
}
