package trace

import (
	"cmp"
	"net/netip"
	"slices"
)

// Recent keeps connections that ended: of each server the latest, and apart from them the
// latest that went wrong. The zero value is empty. It is not safe for several goroutines.
type Recent struct {
	of map[netip.AddrPort]*[2]ring
	n  int
}

// Bounds of what is kept: of one server, and of all together.
const (
	recentUsual  = 400
	recentWrong  = 200
	recentOfAll  = 1 << 15
	usual, wrong = 0, 1
)

type ring struct {
	all  []Connection
	next int // the oldest, where it is full
}

// Wrong says whether a connection ended otherwise than by a side that had no more to do: a
// request met its close, or it was reset while something was under way.
func (c *Connection) Wrong() bool {
	switch c.Kind {
	case GaveUp, Foreign, MetReset, Waiting:
		return true
	case Open, Idle, AfterAnswer, BeforeRequest, Switched, Unsure:
	}
	return c.Raced
}

// Add takes a connection in.
func (r *Recent) Add(c *Connection) {
	if r.of == nil {
		r.of = map[netip.AddrPort]*[2]ring{}
	}
	both, ok := r.of[c.Server]
	if !ok {
		if r.n >= recentOfAll {
			return
		}
		both = &[2]ring{}
		r.of[c.Server] = both
	}
	to, most := &both[usual], recentUsual
	if c.Wrong() {
		to, most = &both[wrong], recentWrong
	}
	switch {
	case len(to.all) >= most || r.n >= recentOfAll && len(to.all) > 0:
		to.all[to.next] = *c
		to.next = (to.next + 1) % len(to.all)
	case r.n < recentOfAll:
		to.all = append(to.all, *c)
		r.n++
	}
}

// Connections are those that are kept of a server, in the order in which they began.
func (r *Recent) Connections(server netip.AddrPort) []Connection {
	both := r.of[server]
	if both == nil {
		return nil
	}
	all := slices.Concat(both[usual].all, both[wrong].all)
	slices.SortFunc(all, func(a, b Connection) int { return cmp.Or(a.Begun.Compare(b.Begun), cmp.Compare(a.Packet, b.Packet)) })
	return all
}
