package pane

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
)

// A hit is where a setting was drawn: line y, cells from x up to but not with
// end.
type hit struct {
	y, x, end int
	at        contract.Place
}

// drawn remembers where a cell is, while the pane settles.
func (t *Tune) drawn(c *cell, y, x, end int) {
	if c != nil && c.of != nil {
		c = c.of
	}
	if t.settles && c.selectable() {
		t.hits = append(t.hits, hit{y: y, x: x, end: end, at: c.at()})
	}
}

// Click selects the setting or the hop at a place of the pane; the selected one
// it opens. It is false where nothing is.
func (t *Tune) Click(c *contract.Context, x, y int) (contract.Action, bool) {
	if t.edit != nil {
		return nil, false
	}
	if y == 0 {
		return t.clickPath(c, x-1)
	}
	for _, h := range t.hits {
		if h.y != y || x < h.x || x >= h.end {
			continue
		}
		t.path = nil
		if t.At(c) == h.at {
			if cell := t.cell(c); cell.row.Param.Shape() != model.ShapeSwitch {
				t.edit = openEditor(cell, t.typed[h.at.Param])
			}
			return nil, true
		}
		t.StandOn(h.at)
		return nil, true
	}
	return nil, false
}

// clickPath goes to the leg of a hop and to its side; where the hop is selected,
// it asks for another system in its place.
func (t *Tune) clickPath(c *contract.Context, x int) (contract.Action, bool) {
	for _, h := range t.hops {
		if x < h.x || x >= h.end {
			continue
		}
		selected := c.Side(t.server).Place
		if t.path != nil {
			selected = t.path.hop
		}
		if h.place == selected && (t.path != nil || t.At(c).Middlebox == "") {
			return contract.PickHop{At: h.place}, true
		}
		if t.path != nil {
			return t.path.selects(c, h.place), true
		}
		leg := c.Shown()
		for i := range leg.Boxes {
			if box := &leg.Boxes[i]; box.Place == h.place {
				at := contract.Place{Param: box.Row.Param.ID, Middlebox: box.Endpoint.ID}
				if t.At(c) == at {
					return contract.PickHop{At: h.place}, true
				}
				t.StandOn(at)
				return nil, true
			}
		}
		if h.place < leg.Client.Place || h.place > leg.Server.Place {
			leg = legOf(c, h.place)
		}
		if server := h.place == leg.Server.Place; t.At(c).Middlebox != "" {
			t.Stand(c, server, model.RoleIdle)
		} else {
			t.side(c, server)
		}
		if leg.Index == c.Shown().Index {
			return nil, true
		}
		return contract.GoLeg{By: leg.Index - c.Shown().Index}, true
	}
	return t.openPath(c, x)
}

// openPath gives the keys to the path where its hint was clicked.
func (t *Tune) openPath(c *contract.Context, x int) (contract.Action, bool) {
	if n := len(t.hops); t.path != nil || n == 0 || x <= t.hops[n-1].end {
		return nil, false
	}
	t.path = &pathEditor{hop: c.Side(t.server).Place}
	return nil, true
}

// legOf is the first leg that a hop belongs to.
func legOf(c *contract.Context, place int) *tuning.Leg {
	for i := range c.Report.Legs {
		if l := &c.Report.Legs[i]; l.Client.Place <= place && place <= l.Server.Place {
			return l
		}
	}
	return c.Shown()
}

// Click shows the format whose name is at a place of the pane.
func (p *Export) Click(_ *contract.Context, x, y int) (contract.Action, bool) {
	for _, n := range p.names {
		if n.y == y && x >= n.x && x < n.end && p.field == nil {
			p.Choose(n.format)
		}
	}
	return nil, true
}
