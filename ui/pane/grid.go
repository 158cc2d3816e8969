package pane

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
)

// order is the roles from top to bottom: what decides the limit first, then
// the other HTTP timers, then TCP.
var order = []model.Role{
	model.RoleMiddleboxTTL, model.RoleReuse, model.RolePool, model.RoleIdle, model.RoleIdleExtra, model.RoleHint, model.RoleHintReading,
	model.RoleRequests, model.RoleAge, model.RoleProtocol, model.RoleRetry, model.RoleHeader, model.RoleFirstByte,
	model.RoleResponse, model.RoleSend, model.RoleInformation, model.RolePingEvery, model.RolePingCount, model.RolePingWait,
	model.RoleKeepAlive, model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount, model.RoleProbeAbort, model.RoleUserTimeout,
	model.RoleDataRetries, model.RoleDataAbort, model.RoleRTOMin, model.RoleRTOMax, model.RoleTailLoss, model.RoleThinLinear,
	model.RoleOrphans, model.RoleSynRetries, model.RoleSynLinear, model.RoleWorkers, model.RolePins,
}

// A pair is one line of the grid; either cell may be nil.
type pair [2]*cell

// A sieve says what is shown of a grid.
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
	return strings.Contains(strings.ToLower(c.label+" "+c.name()), find)
}

// slotOf is where a setting stands: by its role, and below all others where it is an
// operating system's and the product has an option of its own.
func slotOf(r model.Role, below bool) int {
	at := slices.Index(order, r)
	if at < 0 { // a role that has no place yet is still shown
		at = slices.Index(order, model.RoleInformation)
	}
	if below {
		at += len(order)
	}
	return at
}

// grid aligns the settings of both sides by role. What follows from them is shown
// beside what is known of the leg; nobody can stand on it, so that it may be left
// out.
func grid(c *contract.Context, s sieve, follows []*cell) []pair {
	leg := c.Shown()
	client, server := cells(leg, false, s), cells(leg, true, s)
	out := make([]pair, 0, len(client)+len(server)+len(asked)+len(follows))
	for len(client) > 0 || len(server) > 0 {
		var p pair
		at := len(order) * 2
		for _, side := range [][]*cell{client, server} {
			if len(side) > 0 {
				at = min(at, side[0].slot)
			}
		}
		if len(client) > 0 && client[0].slot == at {
			p[0], client = client[0], client[1:]
		}
		if len(server) > 0 && server[0].slot == at {
			p[1], server = server[0], server[1:]
		}
		out = append(out, p)
	}
	return append(out, legLines(c, s, follows)...)
}

// column is one side of the grid alone.
func column(c *contract.Context, server bool, s sieve) []pair {
	var out []pair
	for _, x := range cells(c.Shown(), server, s) {
		var p pair
		p[index(server)] = x
		out = append(out, p)
	}
	for _, p := range legLines(c, s, figureCells(c, s)) {
		if p[index(server)] != nil {
			p[1-index(server)] = nil
			out = append(out, p)
		}
	}
	return out
}

// find is the line of a setting, or of the nearest that this side has.
func find(lines []pair, at contract.Place, near int) int {
	col := index(at.Server)
	for i, p := range lines {
		if p[col].selectable() && p[col].at() == at {
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
