package overlay

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/systempage"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A SystemPage is the page of one system: everything the catalog knows at a version.
type SystemPage struct {
	system   *model.System
	versions []model.Version // newest first
	at       int
	choose   func(model.Endpoint) contract.Action // nil where nothing is chosen
	top      int
	rows     int
	drawn    struct { // what lines was made for
		at, w int
		lines []systempage.Line
	}
}

var _ contract.Overlay = (*SystemPage)(nil)

// NewSystemPage is the page of a system at a version; without one, at the version
// that is assumed.
func NewSystemPage(s *model.System, v model.Version) *SystemPage {
	if v == "" {
		v = s.Assume
	}
	o := &SystemPage{system: s, versions: newestFirst(s.Known)}
	if o.at = slices.Index(o.versions, v); o.at < 0 { // a version between the known ones
		o.versions = append(o.versions, v)
		slices.SortStableFunc(o.versions, func(a, b model.Version) int { return s.Order.Compare(b, a) })
		o.at = slices.Index(o.versions, v)
	}
	return o
}

// Full says that it covers the whole screen.
func (o *SystemPage) Full() {}

// Keys is what works now.
func (o *SystemPage) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeSystem).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Accept:
			return o.choose != nil
		case keymap.NextChoice, keymap.PrevChoice:
			return len(o.versions) > 1
		default:
			return true
		}
	})
}

// Update takes a key.
func (o *SystemPage) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	v := o.versions[o.at]
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Accept:
		return contract.Close{Then: o.choose(model.Endpoint{ID: model.EndpointID(o.system.ID), System: o.system.ID, Version: v})}
	case keymap.NextChoice:
		o.at = turned(o.at, 1, len(o.versions))
	case keymap.PrevChoice:
		o.at = turned(o.at, -1, len(o.versions))
	case keymap.Copy:
		return contract.Copy{Text: o.text(), What: "the page"}
	case keymap.ShowHelp:
		return contract.Push{Overlay: NewHelp(o.Keys(c))}
	case keymap.NextPart:
		o.top = o.part(1)
	case keymap.PrevPart:
		o.top = o.part(-1)
	default:
		o.top = scrolled(id, o.top, len(o.drawn.lines), o.rows)
	}
	return nil
}

// part is the line of the next or the previous heading or setting.
func (o *SystemPage) part(by int) int {
	at := o.top // the first line in full view: below the mark that there is more
	if at > 0 {
		at++
	}
	for i := at + by; i >= 0 && i < len(o.drawn.lines); i += by {
		if l := o.drawn.lines[i].Look; l == systempage.Heading || l == systempage.Value {
			return max(0, min(i-1, len(o.drawn.lines)-o.rows))
		}
	}
	return o.top
}

// text is the page to be pasted elsewhere.
func (o *SystemPage) text() string {
	var b strings.Builder
	s := o.page("->")
	b.WriteString(s.Name + " " + s.Version + "\n")
	for _, l := range s.Lines(78, true) {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

func (o *SystemPage) page(arrow string) systempage.Page {
	return systempage.New(o.system, o.versions[o.at], arrow)
}

// draw draws the page over the whole screen.
func (o *SystemPage) draw(c *contract.Context, w, h int) string {
	iw, ih := widget.BoxInner(w, h-1)
	if d := &o.drawn; d.lines == nil || d.at != o.at || d.w != iw {
		d.at, d.w, d.lines = o.at, iw, o.page(arrow(c.Theme.Glyphs)).Lines(max(1, iw-2), false)
	}
	o.rows = ih
	o.top = max(0, min(o.top, len(o.drawn.lines)-ih))
	lines := make([]string, len(o.drawn.lines))
	for i := o.top; i < min(len(lines), o.top+ih); i++ { // what is out of view need not be painted
		l := o.drawn.lines[i]
		lines[i] = " " + look(c.Theme, l.Look).Render(l.Text)
	}
	title := contract.SystemName(o.system) + " " + model.Clean(string(o.versions[o.at]), 20) + ", " + o.system.Kind
	if o.system.Origin != "" {
		title += ", from " + model.Clean(o.system.Origin, 200)
	}
	body := widget.Window(lines, o.top, iw, ih, c.Theme.Glyphs)
	hints := pad(o.Keys(c).Footer(7))
	return widget.Stack(w, h, widget.Box(title, body, w, max(0, h-1), true, c.Theme), widget.Hints(hints, "", w, c.Theme))
}

func look(th theme.Theme, l systempage.Look) theme.Style {
	switch l {
	case systempage.Heading:
		return th.Title
	case systempage.Value:
		return th.Key
	case systempage.Warning:
		return th.Warn
	case systempage.Quiet:
		return th.Muted
	case systempage.Plain:
	}
	return th.Plain
}
