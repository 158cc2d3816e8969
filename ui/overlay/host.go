package overlay

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/hostpage"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Host shows what was read of this host over the whole screen.
type Host struct {
	top, length, rows int
	all               bool // also what is as it starts with
}

var _ contract.Overlay = (*Host)(nil)

// NewHost shows what the context has of a reading.
func NewHost() *Host { return &Host{} }

// Full says that it covers the whole screen.
func (o *Host) Full() {}

// Keys is what works now.
func (o *Host) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeHost).Only(func(id keymap.ID) bool {
		return id != keymap.Open || c.Host.Machine != nil && len(c.Host.Machine.Paths) > 0
	})
}

// Update takes a key.
func (o *Host) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Open:
		return contract.PickHostPath{}
	case keymap.Recount:
		return contract.ReadHost{}
	case keymap.Census:
		return contract.OpenCensus{}
	case keymap.ShowLog:
		return contract.ShowLog{}
	case keymap.Namespace:
		return contract.AskNamespace{}
	case keymap.ShowAll:
		o.all = !o.all
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(o.lines(c, 80), "\n") + "\n", What: "the page"}
	default:
		o.top = scrolled(id, o.top, o.length, o.rows)
	}
	return nil
}

func (o *Host) lines(c *contract.Context, w int) []string {
	v := &c.Host
	var lines []string
	if v.Err != "" {
		lines = append(widget.Wrap(v.Err, max(1, w)), "")
	}
	if v.Machine == nil {
		if v.Err == "" {
			lines = append(lines, "reading "+c.Where())
		}
		return lines
	}
	return append(lines, hostpage.Lines(v.Machine, hostpage.Options{Width: w, Catalog: c.Session.Env().Catalog, Zone: c.Now.Location(), All: o.all})...)
}

// Settle keeps how long the page is, and how much of it is in view.
func (o *Host) Settle(c *contract.Context, w, h int) {
	o.length, o.rows = len(o.lines(c, w)), max(0, h-2)
	o.top = max(0, min(o.top, o.length-o.rows))
}

// View draws the page and a line of keys.
func (o *Host) View(c *contract.Context, w, h int) string {
	v := &c.Host
	lines := o.lines(c, w)
	foot := ""
	if v.Machine != nil {
		foot = "read at " + c.Clock(v.Machine.Taken)
		if long := foot + "; " + contract.Count(len(v.Machine.Log), "thing was read or run", "things were read or run"); widget.Width(long) <= w {
			foot = long
		}
	}
	if v.Busy {
		foot = "reading " + c.Where()
	}
	body := widget.Window(lines, o.top, w, max(0, h-2), c.Theme.Glyphs)
	return widget.Stack(w, h, body, widget.FitLine(c.Theme.Muted.Render(foot), w), widget.Hints(o.Keys(c).Footer(9), c.Keys.Key(keymap.ScopeHost, keymap.ShowHelp), w, c.Theme))
}

// Log shows every file that was read and every program that was run.
type Log struct {
	text              []string
	top, length, rows int
}

var _ contract.Overlay = (*Log)(nil)

// NewLog shows lines.
func NewLog(lines []string) *Log { return &Log{text: lines} }

// Full says that it covers the whole screen.
func (o *Log) Full() {}

// Keys is what works now.
func (o *Log) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeView) }

// Update takes a key.
func (o *Log) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(o.text, "\n") + "\n", What: "the log"}
	default:
		o.top = scrolled(id, o.top, o.length, o.rows)
	}
	return nil
}

func (o *Log) lines(w int) []string {
	if len(o.text) == 0 {
		return []string{"nothing of this host was read so far, and no program was run"}
	}
	var lines []string
	for _, l := range o.text {
		lines = append(lines, widget.Fold(l, max(1, w))...)
	}
	return lines
}

// Settle keeps how long the page is, and how much of it is in view.
func (o *Log) Settle(_ *contract.Context, w, h int) {
	o.length, o.rows = len(o.lines(w)), max(0, h-1)
	o.top = max(0, min(o.top, o.length-o.rows))
}

// View draws the page and a line of keys.
func (o *Log) View(c *contract.Context, w, h int) string {
	body := widget.Window(o.lines(w), o.top, w, max(0, h-1), c.Theme.Glyphs)
	return widget.Stack(w, h, body, widget.Hints(o.Keys(c).Footer(6), "", w, c.Theme))
}
