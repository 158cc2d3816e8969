package overlay

import (
	"cmp"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Options lists what can be set about keeptune itself, the value that holds and where
// it is from, and after that the keys that are not as shipped and what is wrong with
// the configuration.
type Options struct{ sel, top, rows int }

var _ contract.Overlay = (*Options)(nil)

// NewOptions begins with the first option.
func NewOptions() *Options { return &Options{} }

// Keys is what works now.
func (o *Options) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeOptions) }

// An optionRow is one option or binding.
type optionRow struct{ name, value, from, what string }

func optionRows(c *contract.Context) []optionRow {
	var rows []optionRow
	for _, v := range c.Options.Set {
		what := v.What + ". It takes " + v.Takes() + ": " + v.Line() + " in the file, or " + v.Env()
		if f := v.Flag(); f != "" {
			what += ", or " + f
		}
		rows = append(rows, optionRow{v.Name, v.Text, v.Origin, what})
	}
	rows = append(rows, optionRow{"keys", fmt.Sprint(len(c.Options.Rebound)), "changed", "which key does what; each can be changed"})
	for _, b := range c.Options.Rebound {
		rows = append(rows, optionRow{b.Name, b.Labels(), b.Origin, "The keys of " + b.Name + ", which stand under [keys] in the file."})
	}
	return rows
}

// Update takes a key.
func (o *Options) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	rows := optionRows(c)
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Edit:
		return o.change(c)
	case keymap.Save:
		return contract.KeepOptions{}
	case keymap.Copy:
		return contract.Copy{Text: c.Options.Written(), What: "the configuration"}
	default:
		by, _ := keymap.Move(id, o.rows)
		o.sel = max(0, min(o.sel+by, len(rows)-1))
	}
	return nil
}

// change gives the selected option its next value, or asks for one.
func (o *Options) change(c *contract.Context) contract.Action {
	switch i := o.sel - len(c.Options.Set); {
	case i == 0:
		return contract.ShowKeys{}
	case i > 0:
		return contract.ShowKeys{Filter: c.Options.Rebound[i-1].Name}
	}
	v := c.Options.Set[o.sel]
	if next, ok := v.Next(); ok {
		return contract.SetOption{Name: v.Name, Text: next}
	}
	p := &Prompt{
		Label: v.Name + ": ", Hint: v.What + "; it takes " + v.Takes(), Does: "set",
		Done: func(text string) contract.Action { return contract.SetOption{Name: v.Name, Text: text} },
	}
	return contract.Push{Overlay: p.Begin(v.Text)}
}

// draw draws the list, and below it what the selected row is about.
func (o *Options) draw(c *contract.Context, w, h int) string {
	rows := optionRows(c)
	o.sel = max(0, min(o.sel, len(rows)-1))
	iw := max(1, w-2)
	var head []string
	for _, f := range c.Options.Faults {
		head = append(head, wrapped("! "+c.Options.Short(f), iw)...)
	}
	room := max(1, h/3)
	if len(head) < room {
		head = append([]string{" " + c.Options.Reads()}, head...)
	}
	if len(head) > room {
		head = append(head[:room-1], " "+c.Theme.Glyphs.Ellipsis+" keeptune config tells the others")
	}
	for i, l := range head {
		head[i] = widget.Cut(l, iw, c.Theme.Glyphs.Ellipsis)
	}
	var foot []string
	if len(rows) > 0 {
		foot = append([]string{""}, wrapped(cmp.Or(c.Said, rows[o.sel].what), iw)...)
		foot = foot[:min(len(foot), room)]
	}
	name, value := 0, 0
	for _, r := range rows {
		name, value = max(name, widget.Width(r.name)), max(value, widget.Width(r.value))
	}
	name, value = min(name, iw/3), min(value, iw/4)
	const few = 3
	if h-4-len(head)-len(foot) < few {
		foot = nil
	}
	o.rows = max(1, h-4-len(head)-len(foot))
	o.top = max(min(o.top, o.sel), o.sel-o.rows+1)
	var body []string
	for i := o.top; i < min(len(rows), o.top+o.rows); i++ {
		r := rows[i]
		line := widget.FitLine(r.name, name) + "  " + widget.FitLine(r.value, value) + "  " + r.from
		line = widget.Cut(line, max(1, iw-4), c.Theme.Glyphs.Ellipsis)
		if i == o.sel {
			body = append(body, c.Theme.Selected.Render(" "+c.Theme.Glyphs.Selected+" "+line+" "))
			continue
		}
		body = append(body, "   "+line)
	}
	lines := slices.Concat(head, []string{""}, body, foot)
	keys := []keymap.Hint{
		labelled(o.Keys(c), keymap.Edit, "change"), labelled(o.Keys(c), keymap.Save, "keep"), labelled(o.Keys(c), keymap.Copy, "copy as a file"), labelled(o.Keys(c), keymap.Back, "close"),
	}
	title := "options of keeptune"
	if len(rows) > o.rows {
		title += fmt.Sprintf(", %d of %d", o.sel+1, len(rows))
	}
	return frame(c, title, lines, keys, w, h)
}
