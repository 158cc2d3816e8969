package wire

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
)

// CensusSchema names the shape of [Census].
const CensusSchema = "keeptune.census/1"

// A Census is a count of sockets: keeptune census --format json.
type Census struct {
	Schema  string        `json:"schema"`
	Version string        `json:"version"`
	Of      string        `json:"of"` // this host, a network namespace, a file
	Taken   string        `json:"taken"`
	Filter  *string       `json:"filter"`
	Read    int           `json:"read"`   // sockets that were read, before the filter
	Hidden  int           `json:"hidden"` // processes whose sockets this user may not see
	Counts  SocketCounts  `json:"counts"`
	Groups  []SocketGroup `json:"groups"`
	Notes   []CensusNote  `json:"notes"`
	Sockets []HostSocket  `json:"sockets"`    // empty without --sockets
	InForce []InForce     `json:"options"`    // empty without --options
	Beside  []Beside      `json:"configured"` // empty without --path and --session
}

// SocketCounts are numbers of sockets. Of the established ones guarded says what would
// find a dead peer: probes, data that is unanswered, or nothing.
type SocketCounts struct {
	All     int            `json:"all"`
	States  map[string]int `json:"states"`
	Guarded Guarded        `json:"guarded"`
	Idle    []IdleFor      `json:"idle"`
	Oldest  *Seconds       `json:"oldest_idle_s"` // null where nobody told
}

// A Beside is a configured time, with the established connections that were idle for longer.
type Beside struct {
	Name   string  `json:"name"`
	After  Seconds `json:"after_s"`
	Longer int     `json:"idle_for_longer"`
}

// InForce are the connections that have the same options.
type InForce struct {
	Options     SocketOptions `json:"options"`
	Connections int           `json:"connections"`
}

// Guarded are established connections by what would find a dead peer.
type Guarded struct {
	Nothing int `json:"no_timer"`
	Probes  int `json:"probes"`
	Data    int `json:"data_unanswered"`
}

// IdleFor are the established connections that have been idle from from_s on and
// below to_s; null is without an end.
type IdleFor struct {
	From    Seconds `json:"from_s"`
	To      Seconds `json:"to_s"`
	Guarded Guarded `json:"guarded"`
}

// A SocketGroup are the connections of one listener, or those to one place.
type SocketGroup struct {
	Inbound bool         `json:"inbound"`
	Port    uint16       `json:"port"`
	Remote  *string      `json:"remote"` // null for inbound ones, and where many addresses are taken together
	Owners  []string     `json:"owners"`
	Counts  SocketCounts `json:"counts"`
}

// A CensusNote is what the count shows.
type CensusNote struct {
	Rule *string `json:"rule"`
	Text string  `json:"text"`
}

// A HostSocket is one row. Spans are null where nobody told them.
type HostSocket struct {
	State     string         `json:"state"`
	Local     string         `json:"local"`
	Remote    string         `json:"remote"`
	Idle      *Seconds       `json:"idle_s"`
	Sent      *Seconds       `json:"sent_s"`
	Received  *Seconds       `json:"received_s"`
	Heard     *Seconds       `json:"heard_s"`
	Timer     string         `json:"timer"`
	Fires     *Seconds       `json:"fires_s"` // null without a timer
	Tries     int            `json:"tries"`
	RecvQueue uint32         `json:"recv_queue"`
	SendQueue uint32         `json:"send_queue"`
	UID       uint32         `json:"uid"`
	Inode     uint64         `json:"inode"`
	Owners    []SocketOwner  `json:"owners"`
	Options   *SocketOptions `json:"options"` // null where nobody looked: census --options does
}

// SocketOptions are what a socket has in force against a dead peer.
type SocketOptions struct {
	KeepAlive   bool    `json:"keepalive"`
	Idle        Seconds `json:"keepidle_s"`
	Every       Seconds `json:"keepintvl_s"`
	Count       int     `json:"keepcnt"`
	UserTimeout Seconds `json:"user_timeout_s"` // 0 is none
}

// FromOptions are options as JSON, null where nobody looked.
func FromOptions(o *census.Options) *SocketOptions {
	if o == nil {
		return nil
	}
	return &SocketOptions{o.KeepAlive, Seconds(o.Idle), Seconds(o.Every), o.Count, Seconds(o.UserTimeout)}
}

// A SocketOwner is a process that holds the socket.
type SocketOwner struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// Counting is what stands around a count.
type Counting struct {
	Version, Of string
	Taken       time.Time
	Hidden      int
	Sockets     []HostSocket
}

// FromCensus is a count as JSON.
func FromCensus(m *census.Summary, c Counting) Census {
	out := Census{
		Schema: CensusSchema, Version: c.Version, Of: model.Clean(c.Of, 200), Taken: c.Taken.UTC().Format(time.RFC3339),
		Filter: word(m.Filter().String()), Read: m.Read, Hidden: c.Hidden, Counts: counts(&m.Counts),
		Groups: []SocketGroup{}, Notes: []CensusNote{}, Sockets: list(c.Sockets), InForce: []InForce{}, Beside: []Beside{},
	}
	for _, g := range m.Groups() {
		group := SocketGroup{Inbound: g.Inbound, Port: g.Port, Owners: []string{}, Counts: counts(&g.Counts)}
		if g.Remote.IsValid() {
			group.Remote = word(g.Remote.String())
		}
		for _, o := range g.Owners {
			group.Owners = append(group.Owners, model.Clean(o, 40))
		}
		out.Groups = append(out.Groups, group)
	}
	for _, o := range m.EffectiveOptions() {
		out.InForce = append(out.InForce, InForce{*FromOptions(&o), m.Effective[o]})
	}
	for _, t := range m.Beside {
		out.Beside = append(out.Beside, Beside{model.Clean(t.Name, 120), Seconds(t.After), t.Longer})
	}
	for _, n := range m.Notes() {
		out.Notes = append(out.Notes, CensusNote{word(n.Rule), n.Text})
	}
	return out
}

func counts(c *census.Counts) SocketCounts {
	out := SocketCounts{All: c.All(), States: map[string]int{}, Guarded: guarded(c.Guarded), Idle: []IdleFor{}, Oldest: told(c.Oldest)}
	if c.States == nil {
		out.Oldest = nil
	}
	for s, n := range c.States {
		out.States[s.String()] = n
	}
	for i, a := range census.Ages() {
		out.Idle = append(out.Idle, IdleFor{Seconds(a.From), Seconds(a.To), guarded(c.Idle[i])})
	}
	return out
}

func guarded(n [3]int) Guarded {
	return Guarded{Nothing: n[census.NotGuarded], Probes: n[census.ByProbes], Data: n[census.ByData]}
}

// told is a span, null where nobody told it.
func told(d time.Duration) *Seconds {
	if d < 0 {
		return nil
	}
	return pointer(&d)
}

// FromHostSocket is a socket as JSON.
func FromHostSocket(s *census.Socket) HostSocket {
	out := HostSocket{
		State: s.State.String(), Local: s.Local.String(), Remote: s.Remote.String(),
		Idle: told(s.Idle()), Sent: told(s.Sent), Received: told(s.Received), Heard: told(s.Heard),
		Timer: s.Timer.String(), Tries: s.Tries, RecvQueue: s.RecvQueue, SendQueue: s.SendQueue, UID: s.UID, Inode: s.Inode,
		Owners: []SocketOwner{}, Options: FromOptions(s.Options),
	}
	if s.Timer != census.NoTimer {
		out.Fires = told(s.Fires)
	}
	for _, o := range s.Owners {
		out.Owners = append(out.Owners, SocketOwner{o.PID, model.Clean(o.Name, 40)})
	}
	return out
}
