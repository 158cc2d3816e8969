package pane

import (
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
)

// A cell is what one side shows in one line: a setting, or a remark under one.
type cell struct {
	row      *tuning.Row // nil for a remark
	endpoint model.EndpointID
	box      bool // a middlebox's, shown in the client's column
	server   bool
	quantity model.Quantity // of a leg, in the client's column
	leg      *tuning.Leg    // of the quantity
	slot     int            // where it stands: slotOf
	label    string
	value    string // of a setting once it is filled
	origin   string
	of       *cell // the cell whose name this line carries
}

// filled is a cell with its texts: of most settings nobody asks for them, since a
// grid is made for each question where the cursor is.
func (c *cell) filled() *cell {
	switch {
	case c == nil || c.row == nil || c.value != "":
	case c.quantity == "" || c.row.Changed:
		c.value, c.origin = contract.Value(c.row), contract.Origin(c.row)
	case c.quantity == model.QuantityWindow:
		c.value, c.origin = contract.Short(c.leg.Window.Width), "assumed"
	default:
		c.value = notGiven
	}
	return c
}

// at is the place of a setting.
func (c *cell) at() contract.Place {
	p := contract.Place{Server: c.server, Param: c.row.Param.ID}
	if c.box || c.quantity != "" {
		p.Middlebox = c.endpoint
	}
	return p
}

// name is the setting's as :set has it.
func (c *cell) name() string {
	if c.quantity != "" {
		return string(c.quantity)
	}
	return c.row.Param.Name
}

// edit gives the setting a value.
func (c *cell) edit(v model.Value) model.Edit {
	if c.quantity != "" {
		return model.SetQuantity{Leg: c.leg.Index, Quantity: c.quantity, Setting: model.Typed(v)}
	}
	return model.Set{Endpoint: c.endpoint, Param: c.row.Param.ID, Setting: model.Typed(v)}
}

func (c *cell) selectable() bool { return c != nil && c.row != nil }

func index(server bool) int {
	if server {
		return 1
	}
	return 0
}

// cells are what a side shows, by slot, each setting followed by its remarks.
func cells(leg *tuning.Leg, server bool, s sieve) []*cell {
	side := &leg.Client
	if server {
		side = &leg.Server
	}
	out := make([]*cell, 0, len(side.Rows)+4)
	if !server {
		out = boxCells(out, leg, s)
	}
	all := make([]cell, len(side.Rows))
	for i := range side.Rows {
		row, c := &side.Rows[i], &all[i]
		if hidden(side, row) {
			continue
		}
		below := doubled(side, row)
		*c = cell{row: row, endpoint: side.Endpoint.ID, server: server, slot: slotOf(row.Param.Role, below), label: label(row, below)}
		if !s.passes(c) {
			continue
		}
		out = append(out, c)
		if row.Param.Role == model.RoleIdle {
			out = remarks(out, leg, c)
		}
	}
	slices.SortStableFunc(out, func(a, b *cell) int { return a.slot - b.slot })
	return out
}

// boxCells adds the idle timers of the middleboxes between the two sides.
func boxCells(out []*cell, leg *tuning.Leg, s sieve) []*cell {
	at := slotOf(model.RoleMiddleboxTTL, false)
	for i := range leg.Boxes {
		b := &leg.Boxes[i]
		if b.Row == nil {
			continue
		}
		c := &cell{row: b.Row, endpoint: b.Endpoint.ID, box: true, slot: at, label: string(b.Endpoint.ID) + " " + b.Row.Param.Name}
		if !s.passes(c) {
			continue
		}
		out = append(out, c)
		if b.Refreshed {
			out = append(out, &cell{slot: at, label: " held open"})
		}
	}
	return out
}

// hidden leaves out the socket options that a product cannot set where the
// operating system's value rules, and the operating system's where the product
// has a value of its own that cannot be changed.
func hidden(side *tuning.Side, row *tuning.Row) bool {
	p := row.Param
	if !p.Role.TCP() {
		return false
	}
	for i := range side.Rows {
		other := &side.Rows[i]
		if other.Param.Role != p.Role || other.Param.Face == p.Face {
			continue
		}
		if p.Face != model.FaceHost && p.Fixed && !row.Setting.Value.IsSet() {
			return true
		}
		if p.Face == model.FaceHost && other.Param.Fixed && other.Setting.Value.IsSet() && !row.Changed {
			return true
		}
	}
	return false
}

// label is the product's own name for HTTP settings and plain words for TCP's;
// where a side has both its own option and the operating system's, the latter
// keeps its name.
func label(row *tuning.Row, doubled bool) string {
	p := row.Param
	switch {
	case !p.Role.TCP() || doubled:
		return p.Name
	case nested[p.Role] != "":
		return nested[p.Role]
	}
	return p.Role.Title()
}

// nested are the roles that belong to the line above them.
var nested = map[model.Role]string{
	model.RoleProbeIdle:  " " + model.RoleProbeIdle.Title(),
	model.RoleProbeEvery: " " + model.RoleProbeEvery.Title(),
	model.RoleProbeCount: " " + model.RoleProbeCount.Title(),
}

// doubled reports whether a setting is the operating system's, with an option
// of the product's own in view.
func doubled(side *tuning.Side, row *tuning.Row) bool {
	if row.Param.Face != model.FaceHost || !row.Param.Role.TCP() {
		return false
	}
	for i := range side.Rows {
		if o := &side.Rows[i]; o.Param.Role == row.Param.Role && o.Param.Face != row.Param.Face && !hidden(side, o) {
			return true
		}
	}
	return false
}

// remarks adds what a timer really does where that is not what it says.
func remarks(out []*cell, leg *tuning.Leg, of *cell) []*cell {
	row := of.row
	d, ok := row.Value.Duration()
	side := &leg.Client
	by := tuning.ByClient
	if of.server {
		side, by = &leg.Server, tuning.ByServer
	}
	for _, x := range leg.Limit.All {
		switch {
		case x.By != by || !x.Known:
		case x.Ref.Endpoint != side.Endpoint.ID:
			if firstIdle(side) == row.Param.ID {
				out = append(out, &cell{slot: of.slot, label: " heeds the hint", value: contract.Short(x.Low)})
			}
		case x.Ref.Param == row.Param.ID && ok && d != model.Never:
			if off := x.Low - d; off.Abs() >= 100*time.Millisecond {
				why := signed(off)
				if row.Setting.Origin.Kind == model.FromMeasured {
					why = "measured"
				}
				out = append(out, &cell{slot: of.slot, label: " really closes at", value: contract.Short(x.Low), origin: why})
			}
			if x.High == model.Never {
				out = append(out, &cell{slot: of.slot, label: " or any time later", value: ""})
			}
		}
	}
	return out
}

func firstIdle(side *tuning.Side) model.ParamID {
	if row := side.First(model.RoleIdle); row != nil {
		return row.Param.ID
	}
	return ""
}

func signed(d time.Duration) string {
	if d > 0 {
		return "+" + contract.Short(d)
	}
	return contract.Short(d)
}
