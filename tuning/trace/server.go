package trace

import (
	"net/netip"
	"slices"
	"time"
)

// A Role is an end's part in a connection.
type Role uint8

// The roles.
const (
	TheServer Role = iota
	Client
)

// String is a word of JSON and CSV.
func (r Role) String() string { return [...]string{"server", "client"}[r] }

// Known is how it is known that an address is a server.
type Known uint8

// The ways, the surest first.
const (
	ByHandshake Known = iota
	ByHTTP            // it answered requests
	ByPort            // of its two ends that has the lower port, below the range that clients take
)

// String is a word of JSON.
func (k Known) String() string { return [...]string{"handshake", "http", "port"}[k] }

// A Server is what was seen of the connections to one address and port.
type Server struct {
	Addr        netip.AddrPort
	By          Known
	Called      string       // what its answers call it in the line Server, without comments; empty where none was seen
	Clients     []netip.Addr // of its connections, the first 16 that were seen
	Connections int
	Refused     int // answered with a reset, or not at all
	Began       int // before the capture
	OneSided    int // captured in one direction only
	Lossy       int // with packets missing
	Open        int // at the end
	HalfOpen    int // closed by one end, open at the end

	Sides    [2]Side // by role
	OpenFor  Spans   // silences of those that are open at the end
	Requests int     // messages of clients on whole connections
	Reuse    Counted // requests of each whole connection that was closed
	Gaps     Spans   // from an answer to the next request on the connection
	Answers  Spans   // from a request to the answer's first byte
	Longest  time.Duration
	Hint     Hint
	Limit    Limit
	Race     Race
	Box      Box

	Retransmitted, ZeroWindows int
	first, last                int64 // first connection, last connection's begin
	arrivals                   int
	burst                      burst
	missed                     bool // the capture says that it lost packets
}

// maxClients is how many addresses of clients are kept.
const maxClients = 16

func (s *Server) client(a netip.Addr) {
	if len(s.Clients) < maxClients && !slices.Contains(s.Clients, a) {
		s.Clients = append(s.Clients, a)
	}
}

// A Side is what one of the two sides did: the server, or all its clients.
type Side struct {
	Closed     [kinds]int // first, by Kind
	Reset      [kinds]int // of these with RST
	Silences   Spans      // before a close of kind Idle
	Before     Spans      // before a close of kind BeforeRequest, from the handshake
	Waited     Spans      // before a close of kind Waiting
	Switched   Spans      // before a close of kind Switched
	AtOnce     Shutdowns
	Announced  int   // of these of kind AfterAnswer, what an HTTP/1 answer said
	HalfClosed Spans // from this side's FIN to the end of the other
	Probes     Probes
	Dead       Dead
	Forged     Forged
	Quiet      time.Duration // longest silence in which this side sent no probe

	first, last int64 // close of kind Idle
	unasked     int   // of kind Idle, on which perhaps nothing was asked: no byte of it was captured
}

// OneMoment says whether all its closes of idle connections were at one moment: then the
// end of a process looks like a timer.
func (s *Side) OneMoment() bool {
	return s.Closed[Idle] > 1 && s.last-s.first <= together
}

// Probes are one side's keep-alive probes.
type Probes struct {
	First    Spans // from the last segment of the peer to a first probe
	Every    Spans // between two that were not answered
	Answered Spans // from an answer to the next probe
	Last     Spans // from the last probe to the reset
	GaveUp   int
	Tries    map[int]*Spans // by probes without an answer: from the last segment of the peer to the reset
}

// Dead are connections that ended in retransmissions nobody answered.
type Dead struct {
	N     int
	Tried Spans // from the data to its last try
	Quiet Spans // from the last try to the end of the capture, or to a reset
	Tries Spans // number of retransmissions, as nanoseconds
	Gap   Spans // between the last two tries
	Reset int   // ended with a RST of the sender
	Still int   // whose next try was not due at the end of the capture

	above, upTo time.Duration // what the sender's limit was, from the first retransmission; see limited
	limited     int           // of how many
}

// Forged are resets that do not look like their sender.
type Forged struct {
	N       int
	Resumed int   // after which the sender went on
	TTL     uint8 // of the last
	Usual   uint8 // what the sender's packets had
	Number  int64 // packet of the last
}

// A Hint is what answers promised in Keep-Alive.
type Hint struct {
	N         int
	Low, High time.Duration // timeout
	Max       int           // the greatest max; 0 without
	timeouts  Spans
}

func (h *Hint) add(x *head) {
	if x.hint {
		if h.N == 0 || x.timeout < h.Low {
			h.Low = x.timeout
		}
		h.High = max(h.High, x.timeout)
		h.timeouts.Add(x.timeout)
		h.N++
	}
	if x.hintMost {
		h.Max = max(h.Max, x.most)
	}
}

// Counted are numbers with how often each was seen; of very many different ones only the
// count, the lowest and the highest.
type Counted struct {
	N, Low, High int
	Sum          int
	of           map[int]int
}

const maxCounted = 512

func (n *Counted) add(v int) {
	if n.N == 0 || v < n.Low {
		n.Low = v
	}
	n.High = max(n.High, v)
	n.N++
	n.Sum += v
	if n.of == nil {
		n.of = map[int]int{}
	}
	if _, ok := n.of[v]; ok || len(n.of) < maxCounted {
		n.of[v]++
	}
}

// Limit is after how many requests the server ended connections with an answer: it closed
// first, or said so and the client did.
type Limit struct {
	Closed Counted // requests of connections that the server ended with an answer
	Others int     // the most requests of a connection that was not closed so
	Said   int     // of Closed, with Connection: close
}

// A Race is requests that met a close of the server.
type Race struct {
	Crossed  int // sent before the client could know of the close
	After    int // sent although it knew
	Unread   int // of Crossed, received by the server's kernel and met with a reset at once
	Repeated int // of Crossed, seen again on another connection of the same client
	Silences Spans
	Worst    []Crossing
	behind   int // of Crossed: captured after the close, so that they are no gap
}

// examples is how many crossings are kept.
const examples = 5

// A Crossing is a request that met a close.
type Crossing struct {
	At             time.Time
	Client         netip.AddrPort
	Silence        time.Duration
	Request, Close int64 // packets
}

// A Box is what data met after a silence of a second or more.
type Box struct {
	Passed  Spans // silences after which data was acknowledged
	Stopped Spans // silences after which it was not
	Nothing int   // of Stopped: nothing came back
	Resets  int   // a reset
	Foreign int   // a reset that does not look like its sender
}

// Shutdowns are moments at which a server closed many connections with different silences.
type Shutdowns struct {
	N, Connections int
	First          time.Time
	Silences       Spans
}

// serve says which end of a connection is the server.
func (t *Tracker) serve(c *conn, x uint8) { t.served(c, x, ByHandshake) }

// spoke says which end answers in HTTP.
func (t *Tracker) spoke(c *conn, x uint8) {
	if c.server < 0 {
		t.served(c, x, ByHTTP)
	}
}

func (t *Tracker) served(c *conn, x uint8, by Known) {
	addr := c.key.address(x)
	i, ok := t.servers[addr]
	if !ok {
		if len(t.list) >= maxServers {
			return
		}
		i = int32(len(t.list))
		t.servers[addr] = i
		t.list = append(t.list, &Server{Addr: addr, By: by})
	}
	t.list[i].By = min(t.list[i].By, by)
	c.server, c.serves = i, x
}

// Clients take ports from here on: Linux from 32768, others from 49152 (RFC 6335, 6).
const clientPorts = 32768

// serverOf is a connection's server, nil where it can't be told.
func (t *Tracker) serverOf(c *conn) *Server {
	if c.server < 0 {
		a, b := c.key.address(0), c.key.address(1)
		_, isA := t.servers[a]
		_, isB := t.servers[b]
		switch {
		case isA != isB:
			t.served(c, side(isB), ByPort)
		case !isA && a.Port() < clientPorts && b.Port() >= clientPorts: // the tuple's first has the lower port
			t.served(c, 0, ByPort)
		}
		if c.server < 0 {
			return nil
		}
	}
	return t.list[c.server]
}

// role is an end's, with server known.
func (c *conn) role(x uint8) Role {
	if x == c.serves {
		return TheServer
	}
	return Client
}
