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
	leg      int
	label    string
	value    string
	origin   string
	of       *cell // the cell whose name this line carries
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
		return model.SetQuantity{Leg: c.leg, Quantity: c.quantity, Setting: model.Typed(v)}
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

// cells are what a side shows, by role, each setting followed by its remarks.
func cells(leg *tuning.Leg, server bool, s sieve) map[slot][]*cell {
	side := &leg.Client
	if server {
		side = &leg.Server
	}
	out := map[slot][]*cell{}
	if !server {
		out[slot{role: model.RoleMiddleboxTTL}] = boxCells(leg, s)
	}
	for i := range side.Rows {
		row := &side.Rows[i]
		if hidden(side, row) {
			continue
		}
		c := &cell{row: row, endpoint: side.Endpoint.ID, server: server, label: label(side, row), value: contract.Value(row), origin: contract.Origin(row)}
		if !s.passes(c) {
			continue
		}
		at := slot{row.Param.Role, doubled(side, row)}
		if !slices.Contains(order, at.role) { // a role that has no place yet is still shown
			at.role = model.RoleInformation
		}
		out[at] = append(out[at], c)
		if at.role == model.RoleIdle {
			out[at] = append(out[at], remarks(leg, server, row)...)
		}
	}
	return out
}

// boxCells are the idle timers of the middleboxes between the two sides.
func boxCells(leg *tuning.Leg, s sieve) []*cell {
	var out []*cell
	for i := range leg.Boxes {
		b := &leg.Boxes[i]
		if b.Row == nil {
			continue
		}
		c := &cell{
			row: b.Row, endpoint: b.Endpoint.ID, box: true, label: string(b.Endpoint.ID) + " " + b.Row.Param.Name,
			value: contract.Value(b.Row), origin: contract.Origin(b.Row),
		}
		if !s.passes(c) {
			continue
		}
		out = append(out, c)
		if b.Refreshed {
			out = append(out, &cell{label: " held open"})
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
func label(side *tuning.Side, row *tuning.Row) string {
	p := row.Param
	if !p.Role.TCP() {
		return p.Name
	}
	if doubled(side, row) {
		return p.Name
	}
	switch p.Role {
	case model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount:
		return " " + p.Role.Title()
	default:
		return p.Role.Title()
	}
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

// remarks tell what a timer really does where that is not what it says.
func remarks(leg *tuning.Leg, server bool, row *tuning.Row) []*cell {
	var out []*cell
	d, ok := row.Value.Duration()
	side := &leg.Client
	by := tuning.ByClient
	if server {
		side, by = &leg.Server, tuning.ByServer
	}
	for _, x := range leg.Limit.All {
		switch {
		case x.By != by || !x.Known:
		case x.Ref.Endpoint != side.Endpoint.ID:
			if firstIdle(side) == row.Param.ID {
				out = append(out, &cell{label: " heeds the hint", value: contract.Short(x.Low)})
			}
		case x.Ref.Param == row.Param.ID && ok && d != model.Never:
			if off := x.Low - d; off.Abs() >= 100*time.Millisecond {
				why := signed(off)
				if row.Setting.Origin.Kind == model.FromMeasured {
					why = "measured"
				}
				out = append(out, &cell{label: " really closes at", value: contract.Short(x.Low), origin: why})
			}
			if x.High == model.Never {
				out = append(out, &cell{label: " or any time later", value: ""})
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
