package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Namespaces chooses a network namespace of this host.
type Namespaces struct {
	all      []contract.Namespace
	then     contract.Action // that follows, chosen or not
	field    *widget.Field
	sel, top int
	rows     int
	drawn    []int // the namespace of each drawn line of the table, -1 for none
}

var _ contract.Overlay = (*Namespaces)(nil)

// NewNamespaces asks for one of a list; now is the one that is chosen, which is selected.
func NewNamespaces(all []contract.Namespace, now string, then contract.Action) *Namespaces {
	at := slices.IndexFunc(all, func(n contract.Namespace) bool { return n.Name == now })
	return &Namespaces{all: all, then: then, field: &widget.Field{}, sel: max(0, at)}
}

// Keys is what works now.
func (o *Namespaces) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeNamespaces)
}

// Update takes a key.
func (o *Namespaces) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	list := o.list()
	switch id {
	case keymap.Cancel:
		return contract.Close{Then: o.then}
	case keymap.Accept:
		return o.accept(list)
	case keymap.ClearField:
		o.field.Set("")
		o.sel, o.top = 0, 0
	default:
		if by, ok := keymap.Move(id, o.rows); ok {
			o.sel = max(0, min(o.sel+by, len(list)-1))
			return nil
		}
		before := o.field.Value()
		if used := o.field.Update(key); !used && key.String() == "backspace" {
			return contract.Close{Then: o.then}
		}
		if o.field.Value() != before {
			o.sel, o.top = 0, 0
		}
	}
	return nil
}

// list is what has every word that was typed.
func (o *Namespaces) list() []contract.Namespace {
	var list []contract.Namespace
	for _, n := range o.all {
		has := strings.ToLower(shownName(&n) + " " + n.Whose + " " + n.First)
		if !slices.ContainsFunc(strings.Fields(strings.ToLower(o.field.Value())), func(w string) bool { return !strings.Contains(has, w) }) {
			list = append(list, n)
		}
	}
	return list
}

// accept takes the selected namespace; what no row has may still name one.
func (o *Namespaces) accept(list []contract.Namespace) contract.Action {
	name := strings.TrimSpace(o.field.Value())
	if o.sel < len(list) {
		name = list[o.sel].Name
	}
	return contract.Close{Then: contract.ChooseNamespace{Name: name, Then: o.then}}
}

// shownName is what stands for a namespace.
func shownName(n *contract.Namespace) string {
	if n.Name == "" {
		return "(this host's own)"
	}
	return n.Name
}

// Click selects the row at a line of the drawn box, and chooses the selected one.
func (o *Namespaces) Click(_ *contract.Context, _, y int) (contract.Action, bool) {
	list := o.list()
	if y -= firstRow; y < 0 || y >= len(o.drawn) || o.drawn[y] < 0 || o.drawn[y] >= len(list) {
		return nil, true
	}
	if at := o.drawn[y]; at != o.sel {
		o.sel = at
		return nil, true
	}
	return o.accept(list), true
}

// draw draws the list.
func (o *Namespaces) draw(c *contract.Context, w, h int) string {
	bw := min(w, 78)
	list := o.list()
	o.rows = max(1, min(h-5, max(len(list), 3)))
	t := widget.Table{Selected: o.sel, Top: o.top, Columns: []widget.TableColumn{
		{Title: "namespace", Width: 16, Elastic: true},
		{Title: "container", Width: 23, Drop: 2},
		{Title: "processes", Width: 9, Right: true, Drop: 3},
		{Title: "the first", Width: 16, Drop: 1},
	}}
	for i := range list {
		n := &list[i]
		t.Rows = append(t.Rows, []string{shownName(n), n.Whose, fmt.Sprint(n.Processes), n.First})
	}
	if len(list) == 0 {
		t.Selected = -1
	}
	o.drawn = t.Scroll(bw-2, o.rows+1, c.Theme)
	o.top = t.Top
	lines := []string{" type to filter: " + o.field.View(max(0, bw-20), c.Theme)}
	drawn := strings.Split(t.View(bw-2, o.rows+1, c.Theme), "\n")
	if len(list) == 0 {
		copy(drawn[1:], widget.Wrap("  no row has it; Enter takes it as the number of a process or a file", bw-4))
	}
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Accept, "choose"), labelled(scope, keymap.Cancel, "leave")}
	return frame(c, "which network namespace?", append(lines, drawn...), keys, bw, h)
}

// Settle keeps what follows from the size.
func (o *Namespaces) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Namespaces) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Ask is the choice in words.
func (o *Namespaces) Ask(*contract.Context) contract.Asked {
	q := contract.Asked{Title: "which network namespace?"}
	for i := range o.all {
		n := &o.all[i]
		label := shownName(n)
		if n.Whose != "" {
			label += ", " + n.Whose
		}
		if n.First != "" {
			label += ", " + contract.Count(n.Processes, "process", "processes") + ", the first " + n.First
		}
		q.Answers = append(q.Answers, contract.Answered{Label: label, Then: contract.ChooseNamespace{Name: n.Name, Then: o.then}})
	}
	return q
}
