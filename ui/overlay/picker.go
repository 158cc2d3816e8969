package overlay

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

// Wanted is what a picker is to find.
type Wanted struct {
	What   string                   // client, server, hop
	Now    model.SystemID           // what is there
	Fits   func(*model.System) bool // who may stand there
	Chosen func(model.Endpoint) part.Action
}

// Picker chooses a system from the catalog, and then its version where several
// are known.
type Picker struct {
	want     Wanted
	catalog  *model.Catalog
	all      []*model.System
	field    *widget.Field
	sel, top int
	rows     int
	version  map[model.SystemID]int // chosen with the arrow keys
	versions *versionList           // the second question
	err      string
	begun    bool
}

var _ part.Overlay = (*Picker)(nil)

// NewPicker asks for a system; the catalog's broken files are told in the
// list's last line.
func NewPicker(catalog *model.Catalog, want Wanted) *Picker {
	p := &Picker{want: want, catalog: catalog, field: &widget.Field{}, version: map[model.SystemID]int{}}
	all, err := catalog.All()
	for _, s := range all {
		if want.Fits(s) {
			p.all = append(p.all, s)
		}
	}
	if err != nil {
		p.err = err.Error()
	}
	return p
}

// Keys is what works now.
func (p *Picker) Keys(c *part.Context) keymap.Scope { return c.Keys.Scope(keymap.Picker) }

// Update takes a key.
func (p *Picker) Update(c *part.Context, key tea.KeyMsg) part.Action {
	id, _ := p.Keys(c).Find(key)
	if p.versions != nil {
		return p.pickVersion(id)
	}
	list := p.list(c)
	p.begin(list)
	switch id {
	case keymap.Cancel:
		return part.Close{}
	case keymap.Accept:
		return p.accept(list)
	case keymap.NextChoice:
		p.turn(list, 1)
	case keymap.PrevChoice:
		p.turn(list, -1)
	case keymap.ClearField:
		p.field.Set("")
		p.sel = 0
	default:
		if by, ok := moved(id, p.rows); ok {
			p.sel = max(0, min(p.sel+by, len(list)-1))
			return nil
		}
		before := p.field.Value()
		if used := p.field.Update(key); !used && key.String() == "backspace" {
			return part.Close{}
		}
		if p.field.Value() != before {
			p.sel, p.top = 0, 0
		}
	}
	return nil
}

func moved(id keymap.ID, rows int) (int, bool) {
	switch id {
	case keymap.Up:
		return -1, true
	case keymap.Down:
		return 1, true
	case keymap.PageUp:
		return -max(1, rows-2), true
	case keymap.PageDown:
		return max(1, rows-2), true
	default:
		return 0, false
	}
}

// list is what fits the part of the field before a version.
func (p *Picker) list(c *part.Context) []*model.System {
	name, _, _ := strings.Cut(p.field.Value(), "@")
	name, _, _ = strings.Cut(name, "/")
	return matches(p.all, c.Recent, name)
}

// begin stands on the system that is there now.
func (p *Picker) begin(list []*model.System) {
	if p.begun {
		return
	}
	p.begun = true
	p.sel = max(0, slices.IndexFunc(list, func(s *model.System) bool { return s.ID == p.want.Now }))
}

// turn goes through the versions of the selected system.
func (p *Picker) turn(list []*model.System, by int) {
	if p.sel >= len(list) {
		return
	}
	s := list[p.sel]
	n := len(known(s))
	if n == 0 {
		return
	}
	at, chosen := p.version[s.ID]
	if !chosen {
		at = max(0, slices.Index(known(s), s.Assume))
	}
	p.version[s.ID] = (at + by + n) % n
}

// known are the versions to choose from, newest first.
func known(s *model.System) []model.Version {
	out := slices.Clone(s.Known)
	slices.Reverse(out)
	return out
}

// accept takes the selected system, the version typed after @ or turned to,
// or asks for it.
func (p *Picker) accept(list []*model.System) part.Action {
	if text := p.field.Value(); strings.ContainsAny(text, "@/") {
		if e, err := model.ParseEndpoint(text, p.catalog); err == nil {
			return p.chosen(e)
		}
	}
	if p.sel >= len(list) {
		return nil
	}
	s := list[p.sel]
	e := model.Endpoint{ID: model.EndpointID(s.ID), System: s.ID}
	if at, ok := p.version[s.ID]; ok {
		e.Version = known(s)[at]
		return p.chosen(e)
	}
	switch len(s.Known) {
	case 0:
		return p.chosen(e)
	case 1:
		e.Version = s.Known[0]
		return p.chosen(e)
	}
	p.versions = newVersionList(s)
	return nil
}

func (p *Picker) chosen(e model.Endpoint) part.Action {
	return part.Close{Then: p.want.Chosen(e)}
}

func (p *Picker) pickVersion(id keymap.ID) part.Action {
	v := p.versions
	switch id {
	case keymap.Cancel:
		p.versions = nil
	case keymap.Accept:
		e := model.Endpoint{ID: model.EndpointID(v.system.ID), System: v.system.ID, Version: v.chosen()}
		return p.chosen(e)
	default:
		if by, ok := moved(id, p.rows); ok {
			v.sel = max(0, min(v.sel+by, len(v.known)))
		}
	}
	return nil
}

// View draws the list, or the versions.
func (p *Picker) View(c *part.Context, w, h int) string {
	if p.versions != nil {
		return p.versions.view(c, p.Keys(c), w, h)
	}
	bw := min(w, 78)
	list := p.list(c)
	p.begin(list)
	rows := max(1, min(h-5, 16))
	p.rows = rows
	p.top = widget.Scroll(p.top, p.sel, len(list), rows)
	t := widget.Table{Selected: p.sel, Top: p.top, Columns: []widget.TableColumn{
		{Title: "system", Width: 18},
		{Title: "version", Width: 8, Drop: 1},
		{Title: "kind", Width: 10, Drop: 3},
		{Title: "what it is", Width: 12, Elastic: true, Drop: 2},
	}}
	for _, s := range list {
		t.Rows = append(t.Rows, []string{string(s.ID), p.versionText(s), s.Kind, model.Clean(cmp.Or(s.Text, s.Name), 200)})
	}
	if len(list) == 0 {
		t.Selected = -1
		t.Rows = [][]string{{"none", "", "", "nothing fits; Ctrl+u empties the field"}}
	}
	body := " type to filter: " + p.field.View(max(0, bw-20), c.Theme) + "\n" + t.View(bw-2, rows+1, c.Theme)
	if p.err != "" {
		body += "\n " + widget.Cut(model.Clean(p.err, 300), bw-4, c.Theme.Glyphs.Ellipsis)
	}
	scope := p.Keys(c)
	keys := []keymap.Hint{
		labelled(scope, keymap.Accept, "choose"), labelled(scope, keymap.NextChoice, "other version"), labelled(scope, keymap.Cancel, "leave"),
	}
	return frame(c, "which "+p.want.What+"?", strings.Split(body, "\n"), keys, bw, h)
}

func (p *Picker) versionText(s *model.System) string {
	if at, ok := p.version[s.ID]; ok {
		return string(known(s)[at])
	}
	return string(s.Assume)
}
