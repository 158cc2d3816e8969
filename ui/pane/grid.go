package pane

import (
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/part"
)

// order is the roles from top to bottom: what decides the limit first, then
// the other HTTP timers, then TCP.
var order = []model.Role{
	model.RoleReuse, model.RolePool, model.RoleIdle, model.RoleIdleExtra, model.RoleHint, model.RoleHintReading,
	model.RoleRequests, model.RoleAge, model.RoleProtocol, model.RoleHeader, model.RoleFirstByte,
	model.RoleResponse, model.RoleSend, model.RoleMiddleboxTTL, model.RoleInformation,
	model.RoleKeepAlive, model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount, model.RoleUserTimeout,
	model.RoleDataRetries, model.RoleRTOMin, model.RoleRTOMax, model.RoleTailLoss, model.RoleThinLinear,
	model.RoleOrphans, model.RoleSynRetries, model.RoleSynLinear,
}

// A cell is what one side shows in one line: a setting, or a remark under one.
type cell struct {
	row    *tuning.Row // nil for a remark
	server bool
	label  string
	value  string
	origin string
}

func (c *cell) selectable() bool { return c != nil && c.row != nil }

// A pair is one line of the grid; either cell may be nil.
type pair [2]*cell

// What is shown of a grid.
type sieve struct {
	text    string
	changed bool
}

func (s sieve) passes(c *cell) bool {
	if s.changed && !c.row.Changed {
		return false
	}
	if s.text == "" {
		return true
	}
	find := strings.ToLower(s.text)
	return strings.Contains(strings.ToLower(c.label+" "+c.row.Param.Name), find)
}

// A slot is where a setting stands: by its role, and after all others where
// it is an operating system's and the product has an option of its own.
type slot struct {
	role  model.Role
	below bool
}

// slots are the places from top to bottom.
var slots = func() []slot {
	var all []slot
	for _, below := range []bool{false, true} {
		for _, r := range order {
			all = append(all, slot{r, below})
		}
	}
	return all
}()

// grid aligns the settings of both sides by role.
func grid(leg *tuning.Leg, s sieve) []pair {
	client, server := cells(leg, false, s), cells(leg, true, s)
	var out []pair
	for _, at := range slots {
		a, b := client[at], server[at]
		for i := range max(len(a), len(b)) {
			var p pair
			if i < len(a) {
				p[0] = a[i]
			}
			if i < len(b) {
				p[1] = b[i]
			}
			out = append(out, p)
		}
	}
	return out
}

// column is one side of the grid alone.
func column(leg *tuning.Leg, server bool, s sieve) []pair {
	by := cells(leg, server, s)
	var out []pair
	for _, at := range slots {
		for _, c := range by[at] {
			var p pair
			p[index(server)] = c
			out = append(out, p)
		}
	}
	return out
}

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
	for i := range side.Rows {
		row := &side.Rows[i]
		if hidden(side, row) {
			continue
		}
		c := &cell{row: row, server: server, label: label(side, row), value: part.Value(row), origin: part.Origin(row)}
		if !s.passes(c) {
			continue
		}
		at := slot{row.Param.Role, doubled(side, row)}
		out[at] = append(out[at], c)
		if at.role == model.RoleIdle {
			out[at] = append(out[at], remarks(leg, server, row)...)
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
		if other.Param.Role != p.Role || other.Param.Side == p.Side {
			continue
		}
		if p.Side != model.SideHost && p.Fixed && !row.Setting.Value.IsSet() {
			return true
		}
		if p.Side == model.SideHost && other.Param.Fixed && other.Setting.Value.IsSet() && !row.Changed {
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
	if row.Param.Side != model.SideHost || !row.Param.Role.TCP() {
		return false
	}
	for i := range side.Rows {
		if o := &side.Rows[i]; o.Param.Role == row.Param.Role && o.Param.Side != row.Param.Side && !hidden(side, o) {
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
				out = append(out, &cell{label: " heeds the hint", value: part.Short(x.Low)})
			}
		case x.Ref.Param == row.Param.ID && ok && d != model.Never && row.Setting.Origin.Kind != model.FromMeasured:
			if off := x.Low - d; off.Abs() >= 100*time.Millisecond {
				out = append(out, &cell{label: " really closes at", value: part.Short(x.Low), origin: signed(off)})
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
		return "+" + part.Short(d)
	}
	return part.Short(d)
}

// find is the line of a setting, or of the nearest that this side has.
func find(lines []pair, server bool, id model.ParamID, near int) int {
	col := index(server)
	for i, p := range lines {
		if p[col].selectable() && p[col].row.Param.ID == id {
			return i
		}
	}
	best := -1
	for i, p := range lines {
		if p[col].selectable() && (best < 0 || abs(i-near) < abs(best-near)) {
			best = i
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// step is the next line that this side can stand on, by lines away.
func step(lines []pair, server bool, from, by int) int {
	col := index(server)
	var can []int
	for i, p := range lines {
		if p[col].selectable() {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		return -1
	}
	at, _ := slices.BinarySearch(can, from)
	return can[max(0, min(at+by, len(can)-1))]
}
