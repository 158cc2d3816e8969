package census

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// An Age is a range of idle times: from From on and below To, which is [model.Never]
// for the last.
type Age struct{ From, To time.Duration }

// Ages are the columns of the histogram.
func Ages() []Age {
	bounds := []time.Duration{0, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 10 * time.Minute, time.Hour, model.Never}
	out := make([]Age, len(bounds)-1)
	for i := range out {
		out[i] = Age{bounds[i], bounds[i+1]}
	}
	return out
}

var ages = Ages()

// Counts are numbers of connections.
type Counts struct {
	States  map[State]int
	Guarded [3]int // established ones, by their [Guard]

	// Idle are the established connections by how long they have been so and their
	// guard; NoAge those of which nobody told it.
	Idle  [7][3]int
	NoAge int

	Oldest time.Duration // the longest idle time of an established connection, [Unknown] without one
}

func (c *Counts) add(s *Socket) {
	if c.States == nil {
		c.States, c.Oldest = map[State]int{}, Unknown
	}
	state := s.state()
	c.States[state]++
	if state != Established {
		return
	}
	g := s.Guard()
	c.Guarded[g]++
	idle := s.Idle()
	if idle < 0 {
		c.NoAge++
		return
	}
	c.Oldest = max(c.Oldest, idle)
	at, _ := slices.BinarySearchFunc(ages, idle, func(a Age, d time.Duration) int {
		if d < a.From {
			return 1
		}
		if d >= a.To {
			return -1
		}
		return 0
	})
	c.Idle[at][g]++
}

// All is the number of sockets in all states.
func (c *Counts) All() int {
	n := 0
	for _, k := range c.States {
		n += k
	}
	return n
}

// IdleFor is how many established connections of a guard have been idle for at
// least d, which is a bound of [Ages].
func (c *Counts) IdleFor(d time.Duration, g Guard) int {
	n := 0
	for i, a := range ages {
		if a.From >= d {
			n += c.Idle[i][g]
		}
	}
	return n
}

// A Group are the connections that belong together: those that a listener accepts or accepted, by
// its port, or those that this host opened to one address and port.
type Group struct {
	Inbound bool
	Port    uint16
	Remote  netip.Addr // of outbound connections; not valid where many are taken together
	Counts
	Owners []string // names of processes, at most [ownersShown]
}

const (
	ownersShown = 3
	groupsKept  = 2000 // of outbound connections, before addresses are taken together
)

type groupKey struct {
	inbound bool
	port    uint16
	remote  netip.Addr
}

// A Summary is the whole count. Make it with [NewSummary], and add listeners before the
// connections that they accepted, as kernels and ss tell them.
type Summary struct {
	Counts
	Read      int             // rows that came, before the filter
	Effective map[Options]int // connections, by what they have in force where that was read; empty otherwise
	Beside    []Timeout       // what somebody configured, from the shortest on, with how many connections were idle for longer
	filter    Filter
	listen    map[uint16]bool
	groups    map[groupKey]*Group
	idle      map[uint64]time.Duration // of established connections by cookie, where they are followed
}

// A Timeout is a configured time, with what was counted beside it.
type Timeout struct {
	Name   string // "nginx keepalive_timeout"
	After  time.Duration
	Longer int // established connections that have been idle for longer
}

// NewSummary counts what f takes.
func NewSummary(f Filter) *Summary {
	return &Summary{Counts: Counts{Oldest: Unknown}, Effective: map[Options]int{}, filter: f, listen: map[uint16]bool{}, groups: map[groupKey]*Group{}}
}

// Compare counts the connections that come from now on beside configured timeouts, too.
// It keeps a copy of them.
func (m *Summary) Compare(t []Timeout) {
	m.Beside = slices.Clone(t)
	slices.SortStableFunc(m.Beside, func(a, b Timeout) int { return cmp.Compare(a.After, b.After) })
}

// Filter is what the summary takes.
func (m *Summary) Filter() Filter { return m.filter }

// Add counts a row, and says whether the filter takes it. It keeps nothing of s.
func (m *Summary) Add(s *Socket) bool {
	m.Read++
	if s.State == Listen {
		m.listen[s.Local.Port()] = true
	}
	if !m.filter.Match(s) {
		return false
	}
	m.add(s)
	if s.State == Established {
		if m.idle != nil {
			m.idle[s.Cookie] = s.Idle()
		}
		for i, idle := 0, s.Idle(); i < len(m.Beside) && m.Beside[i].After < idle; i++ {
			m.Beside[i].Longer++
		}
	}
	if s.Options != nil && s.Connected() {
		m.Effective[*s.Options]++
	}
	if s.State == Listen || s.State == Closed || s.State == BoundInactive {
		return true
	}
	g := m.group(s)
	g.add(s)
	for _, o := range s.Owners {
		if len(g.Owners) < ownersShown && !slices.Contains(g.Owners, o.Name) {
			g.Owners = append(g.Owners, o.Name)
		}
	}
	return true
}

func (m *Summary) group(s *Socket) *Group {
	key := groupKey{inbound: m.listen[s.Local.Port()] || called(s), port: s.Local.Port()}
	if !key.inbound {
		key.port, key.remote = s.Remote.Port(), plain(s.Remote.Addr())
		if m.groups[key] == nil && len(m.groups) >= groupsKept {
			key.remote = netip.Addr{}
		}
	}
	g := m.groups[key]
	if g == nil {
		g = &Group{Inbound: key.inbound, Port: key.port, Remote: key.remote}
		m.groups[key] = g
	}
	return g
}

// ephemeral is the first port that Linux gives connections which ask for none
// (net.ipv4.ip_local_port_range as it starts).
const ephemeral = 32768

// called says whether a connection looks accepted by a listener that has gone since: its
// own port is nothing that a kernel hands out, and the other end's is.
func called(s *Socket) bool {
	return s.Local.Port() < ephemeral && s.Remote.Port() >= ephemeral
}

// Groups are the connections by listener and by where they go, the most first.
func (m *Summary) Groups() []*Group {
	return slices.SortedFunc(maps.Values(m.groups), func(a, b *Group) int {
		return cmp.Or(
			cmp.Compare(b.All(), a.All()),
			cmp.Compare(a.Port, b.Port),
			a.Remote.Compare(b.Remote),
		)
	})
}

// EffectiveOptions are the keys of Effective, those of the most connections first.
func (m *Summary) EffectiveOptions() []Options {
	return slices.SortedFunc(maps.Keys(m.Effective), func(a, b Options) int {
		return cmp.Or(cmp.Compare(m.Effective[b], m.Effective[a]), cmp.Compare(a.String(), b.String()))
	})
}
