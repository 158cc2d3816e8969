package pane

import (
	"example.com/keeptune/model"
	"example.com/keeptune/ui/part"
)

// A hit is where a setting was drawn: line y, cells from x up to but not with
// end.
type hit struct {
	y, x, end int
	at        part.Place
}

// drawn remembers where a cell is.
func (t *Tune) drawn(c *cell, y, x, end int) {
	if c.selectable() {
		t.hits = append(t.hits, hit{y: y, x: x, end: end, at: c.at()})
	}
}

// Click selects the setting at a place of the pane; on the selected one it
// opens the value. It is false where nothing is.
func (t *Tune) Click(c *part.Context, x, y int) bool {
	if t.edit != nil {
		return false
	}
	for _, h := range t.hits {
		if h.y != y || x < h.x || x >= h.end {
			continue
		}
		if t.At(c) == h.at {
			if cell := t.cell(c); cell.row.Param.Shape() != model.ShapeSwitch {
				t.edit = openEditor(cell, t.typed[h.at.Param])
			}
			return true
		}
		t.StandOn(h.at)
		return true
	}
	return false
}
