package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Keys lists every binding with its keys, and changes them.
type Keys struct {
	place          keymap.ScopeID // to stand on at first; empty for the first row
	filter         string
	sel, top, rows int
}

var _ interface {
	contract.Overlay
	contract.Asker
} = (*Keys)(nil)

// NewKeys begins with a place, and with what a filter lets through.
func NewKeys(place keymap.ScopeID, filter string) *Keys { return &Keys{place: place, filter: filter} }

// Keys is what works now.
func (o *Keys) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeKeys) }

// A keyRow is one binding.
type keyRow struct {
	scope keymap.Scope
	keymap.Binding
	from string
}

func (r keyRow) name() string { return string(r.scope.ID) + "." + string(r.ID) }

// labels are the keys as a person reads them.
func (r keyRow) labels() string {
	if len(r.Keys) == 0 {
		return "none"
	}
	return r.Labels()
}

// list are the rows that the filter lets through. The keys are all that there are, also
// those of what is hidden in this run.
func (o *Keys) list(c *contract.Context) []keyRow {
	var rows []keyRow
	words := strings.Fields(strings.ToLower(o.filter))
	for _, s := range c.Options.Keys.Scopes() {
		for _, b := range s.Bindings {
			r := keyRow{s, b, c.Options.OriginOf(s.ID, b.ID)}
			text := strings.ToLower(strings.Join([]string{s.Title, r.name(), r.labels(), b.Long, r.from}, " "))
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// settled stands on a row that there is.
func (o *Keys) settled(rows []keyRow) {
	if o.place != "" {
		o.sel = max(0, slices.IndexFunc(rows, func(r keyRow) bool { return r.scope.ID == o.place }))
		o.top = o.sel
	}
	o.sel = max(0, min(o.sel, len(rows)-1))
}

// Update takes a key.
func (o *Keys) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	rows := o.list(c)
	o.settled(rows)
	o.place = ""
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		if o.filter != "" {
			o.filter, o.sel = "", 0
			return nil
		}
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Save:
		return contract.KeepOptions{}
	case keymap.Undo, keymap.Redo:
		return contract.UndoKeys{Redo: id == keymap.Redo}
	case keymap.Copy:
		return contract.Copy{Text: c.Options.Written(), What: "the configuration"}
	case keymap.Filter:
		return contract.Push{Overlay: o.ask()}
	case keymap.PrevPlace, keymap.NextPlace:
		o.sel = otherPlace(rows, o.sel, id == keymap.NextPlace)
		return nil
	default:
	}
	if by, ok := keymap.Move(id, o.rows); ok {
		o.sel = max(0, min(o.sel+by, len(rows)-1))
	}
	if len(rows) == 0 {
		return nil
	}
	r := rows[o.sel]
	switch id {
	case keymap.Edit:
		return contract.Push{Overlay: &press{row: r}}
	case keymap.AddKey:
		return contract.Push{Overlay: &press{row: r, adds: true}}
	case keymap.TypeKeys:
		return contract.Push{Overlay: typeKeys(r)}
	case keymap.ToDefault:
		return contract.SetKeys{Keys: map[string][]string{r.name(): nil}}
	default:
	}
	return nil
}

// ask asks for a filter.
func (o *Keys) ask() *Prompt {
	was := o.filter
	set := func(text string) contract.Action {
		o.filter, o.sel = text, 0
		return nil
	}
	p := &Prompt{Label: "/", Does: "keep", Leaves: "show all", Hint: "words of a row, such as tune, undo, f2, config.toml", Done: set, Change: set}
	return p.Begin(was)
}

// otherPlace is the first row of the place before or after a row's.
func otherPlace(rows []keyRow, at int, on bool) int {
	if len(rows) == 0 {
		return 0
	}
	first := func(i int) int {
		return slices.IndexFunc(rows, func(r keyRow) bool { return r.scope.ID == rows[i].scope.ID })
	}
	if !on {
		return first(max(0, first(at)-1))
	}
	for i := at; i < len(rows); i++ {
		if rows[i].scope.ID != rows[at].scope.ID {
			return i
		}
	}
	return at
}

// typeKeys asks for all keys of a binding by name.
func typeKeys(r keyRow) *Prompt {
	p := &Prompt{
		Label: r.name() + ": ", Does: "set",
		Hint: "keys by name, the one to be shown first: f2 ctrl+x space; nothing switches it off",
		Done: func(text string) contract.Action {
			keys, err := keymap.ParseKeys(text)
			if err != nil {
				return contract.Say{Text: model.Clean(err.Error(), 200), Bad: true}
			}
			return contract.SetKeys{Keys: map[string][]string{r.name(): keys}}
		},
	}
	return p.Begin(keymap.WriteKeys(r.Keys))
}

// Ask is the list in words.
func (o *Keys) Ask(c *contract.Context) contract.Asked {
	q := contract.Asked{Title: "keys of keeptune's screen"}
	for _, r := range o.list(c) {
		q.Text = append(q.Text, r.name()+": "+r.labels()+", "+r.Long+"; "+r.from)
	}
	q.Text = append(q.Text, "keys NAME KEY… gives other keys, keys NAME default the shipped ones, keys NAME none none; keys keep puts changes into the file.")
	return q
}

// draw draws the list, and below it the selected row in full.
func (o *Keys) draw(c *contract.Context, w, h int) string {
	rows := o.list(c)
	o.settled(rows)
	iw := max(1, w-2)
	foot := o.foot(c, rows, iw, max(3, min(h/3, 4)))
	if h < 14 {
		foot = foot[1:] // the blank line
	}
	o.rows = max(1, h-3-len(foot))
	o.top = max(min(o.top, o.sel), o.sel-o.rows+1)
	place, keys := 0, 0
	for _, r := range rows {
		place, keys = max(place, widget.Width(r.scope.Title)), max(keys, widget.Width(r.labels()))
	}
	place, keys = min(place, iw/5), min(keys, max(9, iw/4))
	g := c.Theme.Glyphs
	var body []string
	for i := o.top; i < min(len(rows), o.top+o.rows); i++ {
		r := rows[i]
		mark := " "
		if r.from != "default" {
			mark = "*"
		}
		line := widget.FitLine(widget.Cut(r.labels(), keys, g.Ellipsis), keys) + mark + " " + r.Long
		if iw >= 60 {
			line = widget.FitLine(widget.Cut(r.scope.Title, place, g.Ellipsis), place) + "  " + line
		}
		line = widget.Cut(line, max(1, iw-4), g.Ellipsis)
		if i == o.sel {
			body = append(body, c.Theme.Selected.Render(" "+g.Selected+" "+widget.FitLine(line, max(1, iw-4))+" "))
			continue
		}
		body = append(body, "   "+line)
	}
	if len(rows) == 0 {
		body = wrapped("no row has every word of "+model.Clean(o.filter, 60)+"; "+c.Keys.Key(keymap.ScopeKeys, keymap.Back)+" shows all", iw)
	}
	title := "keys of keeptune"
	if o.filter != "" {
		title += " with " + model.Clean(o.filter, 20)
	}
	if len(rows) > o.rows {
		title += fmt.Sprintf(", %d of %d", o.sel+1, len(rows))
	}
	return frame(c, title, slices.Concat(body, foot), o.Keys(c).Footer(8), w, h)
}

// foot is a blank line, and in so many lines what was said last, or what the selected row
// is about.
func (o *Keys) foot(c *contract.Context, rows []keyRow, iw, room int) []string {
	text := c.Said
	if text == "" && len(rows) > 0 {
		r := rows[o.sel]
		text = r.scope.Title + ", " + r.labels() + ": " + r.Long + ". In the file " + r.name() + ", " + r.from
		if shipped, _, ok := keymap.New().Binding(r.name()); ok && !slices.Equal(shipped.Keys, r.Keys) {
			text += "; as shipped " + shipped.Labels()
		}
	}
	lines := wrapped(text, iw)
	if len(lines) > room {
		lines = lines[:room]
		lines[room-1] = widget.Cut(lines[room-1], iw-3, "") + c.Theme.Glyphs.Ellipsis
	}
	return slices.Concat([]string{""}, lines, make([]string, room-len(lines)))
}

// A press waits for the key that becomes a binding's.
type press struct {
	row  keyRow
	adds bool
	said string
}

var _ contract.Overlay = (*press)(nil)

// Keys is what works now.
func (p *press) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopePress) }

// Update takes the key.
func (p *press) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	if id, ok := p.Keys(c).Find(key); ok && id == keymap.Cancel {
		return contract.Close{}
	}
	k, err := keymap.ParseKey(key.String())
	if err != nil || key.Type == tea.KeyRunes && len(key.Runes) != 1 {
		p.said = "that came as more than one key; press one"
		return nil
	}
	keys := []string{k}
	if p.adds {
		if keys = slices.Clone(p.row.Keys); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return contract.Close{Then: contract.SetKeys{Keys: map[string][]string{p.row.name(): keys}}}
}

// View asks for the key.
func (p *press) View(c *contract.Context, w, h int) string {
	bw := min(w, 66)
	does := "take the place of " + p.row.labels()
	if p.adds {
		does = "work beside " + p.row.labels()
	}
	lines := append(wrapped(p.row.scope.Title+": "+p.row.Long, bw-2), "")
	lines = append(lines, wrapped("Press the key that is to "+does+".", bw-2)...)
	if p.said != "" {
		lines = append(append(lines, ""), wrapped(p.said, bw-2)...)
	}
	return frame(c, "new key", lines, []keymap.Hint{labelled(p.Keys(c), keymap.Cancel, "leave it")}, bw, h)
}
