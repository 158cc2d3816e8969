package overlay

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Wanted is what a picker is to find.
type Wanted struct {
	What   string                  // client, server, hop
	Now    model.SystemID          // what is there
	Fits   func(*model.Entry) bool // who may stand there
	Chosen func(model.Endpoint) contract.Action
}

// Picker chooses a system from the catalog, and then its version where several
// are known.
type Picker struct {
	want     Wanted
	catalog  *model.Catalog
	all      []*model.Entry
	others   []*model.Entry // who may not stand there
	field    *widget.Field
	found    []*model.Entry // what fits foundFor
	foundFor string
	meant    model.Endpoint // what was typed, where it is a system with a version or a host
	sel, top int
	rows     int
	drawn    []int                  // the system of each drawn line of the table, -1 for none
	version  map[model.SystemID]int // chosen with the arrow keys
	versions *versionList           // the second question
	err      string
	begun    bool
}

var _ contract.Overlay = (*Picker)(nil)

// NewPicker asks for a system; the catalog's broken files are told in the
// list's last line.
func NewPicker(catalog *model.Catalog, want Wanted) *Picker {
	p := &Picker{want: want, catalog: catalog, field: &widget.Field{}, version: map[model.SystemID]int{}}
	all, err := catalog.Entries()
	for _, e := range all {
		if want.Fits(e) {
			p.all = append(p.all, e)
		} else {
			p.others = append(p.others, e)
		}
	}
	if err != nil {
		p.err = err.Error()
	}
	return p
}

// Keys is what works now.
func (p *Picker) Keys(c *contract.Context) keymap.Scope {
	scope := c.Keys.Scope(keymap.ScopePicker)
	if p.versions == nil {
		return scope
	}
	scope = scope.Only(func(id keymap.ID) bool { return id != keymap.NextChoice && id != keymap.PrevChoice })
	for i, b := range scope.Bindings {
		if b.ID == keymap.Cancel {
			scope.Bindings[i].Short = "back to the list"
		}
	}
	return scope
}

// Update takes a key.
func (p *Picker) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	if p.versions != nil {
		return p.pickVersion(id)
	}
	list := p.list(c)
	p.begin(list)
	switch id {
	case keymap.Cancel:
		return contract.Close{}
	case keymap.Accept:
		return p.accept(list)
	case keymap.ShowSystem:
		return p.page(list)
	case keymap.NextChoice:
		p.turn(list, 1)
	case keymap.PrevChoice:
		p.turn(list, -1)
	case keymap.ClearField:
		p.field.Set("")
		p.sel = 0
	default:
		if by, ok := keymap.Move(id, p.rows); ok {
			p.sel = max(0, min(p.sel+by, len(list)-1))
			return nil
		}
		before := p.field.Value()
		if used := p.field.Update(key); !used && key.String() == "backspace" {
			return contract.Close{}
		}
		if p.field.Value() != before {
			p.sel, p.top = 0, 0
			clear(p.version)
		}
	}
	return nil
}

// list is what fits the part of the field before a version, or the system that
// was typed with one: node 22, ie11.
func (p *Picker) list(c *contract.Context) []*model.Entry {
	typed := p.field.Value()
	if p.found != nil && typed == p.foundFor {
		return p.found
	}
	name, _, _ := strings.Cut(typed, "@")
	found := matches(p.all, c.Recent, name)
	if product, _, os := strings.Cut(name, "/"); os && len(found) == 0 {
		found = matches(p.all, c.Recent, product)
	}
	p.meant = model.Endpoint{}
	if e, err := model.ParseEndpoint(typed, p.catalog); err == nil && (e.Version != "" || e.OS.System != "") {
		if i := slices.IndexFunc(p.all, func(a *model.Entry) bool { return a.ID == e.System }); i >= 0 {
			p.meant, found = e, p.all[i:i+1]
		}
	}
	p.found, p.foundFor = found, typed
	return found
}

// begin stands on the system that is there now.
func (p *Picker) begin(list []*model.Entry) {
	if p.begun {
		return
	}
	p.begun = true
	p.sel = max(0, slices.IndexFunc(list, func(e *model.Entry) bool { return e.ID == p.want.Now }))
}

// turn goes through the versions of the selected system.
func (p *Picker) turn(list []*model.Entry, by int) {
	if p.sel >= len(list) || len(list[p.sel].Known) == 0 {
		return
	}
	e := list[p.sel]
	known := newestFirst(e.Known)
	at, chosen := p.version[e.ID]
	if !chosen {
		at = max(0, slices.Index(known, e.Assume))
	}
	p.version[e.ID] = turned(at, by, len(known))
}

// turned is the place after at in a ring of n.
func turned(at, by, n int) int { return (at + by + n) % n }

// newestFirst are the versions to choose from.
func newestFirst(known []model.Version) []model.Version {
	out := slices.Clone(known)
	slices.Reverse(out)
	return out
}

// accept takes the selected system, the version typed after @ or turned to,
// or asks for it.
func (p *Picker) accept(list []*model.Entry) contract.Action {
	if p.sel >= len(list) {
		return nil
	}
	s := list[p.sel]
	if _, turned := p.version[s.ID]; p.meant.System == s.ID && !turned {
		return p.chosen(p.meant)
	}
	e := model.Endpoint{ID: model.EndpointID(s.ID), System: s.ID}
	if at, ok := p.version[s.ID]; ok {
		e.Version = newestFirst(s.Known)[at]
		return p.chosen(e)
	}
	switch len(s.Known) {
	case 0:
		return p.chosen(e)
	case 1:
		e.Version = s.Known[0]
		return p.chosen(e)
	}
	whole, err := p.catalog.System(s.ID)
	if err != nil {
		return contract.Say{Text: err.Error(), Bad: true}
	}
	p.versions = newVersionList(whole)
	return nil
}

func (p *Picker) chosen(e model.Endpoint) contract.Action {
	return contract.Close{Then: p.want.Chosen(e)}
}

// page shows everything about the selected system at the version turned to.
func (p *Picker) page(list []*model.Entry) contract.Action {
	if p.sel >= len(list) {
		return nil
	}
	e := list[p.sel]
	return p.open(e.ID, p.versionOf(e))
}

// open shows the page of a system; Enter on it chooses.
func (p *Picker) open(id model.SystemID, v model.Version) contract.Action {
	s, err := p.catalog.System(id)
	if err != nil {
		return contract.Say{Text: err.Error(), Bad: true}
	}
	page := NewSystemPage(s, v)
	page.choose = func(e model.Endpoint) contract.Action { return contract.Close{Then: p.chosen(e)} }
	return contract.Push{Overlay: page}
}

func (p *Picker) pickVersion(id keymap.ID) contract.Action {
	v := p.versions
	switch id {
	case keymap.Cancel:
		p.versions = nil
	case keymap.ShowSystem:
		return p.open(v.system.ID, v.chosen())
	case keymap.Accept:
		e := model.Endpoint{ID: model.EndpointID(v.system.ID), System: v.system.ID, Version: v.chosen()}
		return p.chosen(e)
	default:
		if by, ok := keymap.Move(id, p.rows); ok {
			v.sel = max(0, min(v.sel+by, len(v.known)))
		}
	}
	return nil
}

// Click selects the row at a line of the drawn box, and chooses the selected
// one.
func (p *Picker) Click(c *contract.Context, _, y int) (contract.Action, bool) {
	list := p.list(c)
	if p.versions != nil {
		return nil, false
	}
	if y -= firstRow; y < 0 || y >= len(p.drawn) || p.drawn[y] < 0 || p.drawn[y] >= len(list) {
		return nil, true
	}
	at := p.drawn[y]
	if at == p.sel {
		return p.accept(list), true
	}
	p.sel = at
	return nil, true
}

func (p *Picker) versionOf(e *model.Entry) model.Version {
	if at, ok := p.version[e.ID]; ok {
		return newestFirst(e.Known)[at]
	}
	if p.meant.System == e.ID && p.meant.Version != "" {
		return p.meant.Version
	}
	return e.Assume
}
