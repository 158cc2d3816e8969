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
func grid(c *contract.Context, s sieve) []pair {
	leg := c.Shown()
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
	return append(out, legLines(c, s)...)
}

// column is one side of the grid alone.
func column(c *contract.Context, server bool, s sieve) []pair {
	by := cells(c.Shown(), server, s)
	var out []pair
	for _, at := range slots {
		for _, x := range by[at] {
			var p pair
			p[index(server)] = x
			out = append(out, p)
		}
	}
	for _, p := range legLines(c, s) {
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
