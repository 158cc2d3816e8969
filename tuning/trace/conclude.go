package trace

import (
	"net/netip"
	"time"
)

// A Connection is what was seen of one, when nothing more is expected of it.
type Connection struct {
	Server, Client netip.AddrPort // the client is the second of both where that is not known
	Known          bool           // which end is the server
	Whole          bool           // from its handshake on, with every packet
	Begun          time.Time      // first packet
	Packet         int64          // its number
	Requests       int            // messages of the client
	Sent, Received uint64         // bytes of the client, and of the server
	Kind           Kind
	By             Role // who closed, where Kind is not Open
	Reset          bool
	Silence        time.Duration // before the close, or until the capture's end
	Closed         time.Time
	ClosePacket    int64
	Longest        time.Duration // silence
	Probes         [2]int        // by role
	Retransmitted  [2]int
	ZeroWindows    [2]int
	Raced          bool
}

// conclude adds a connection that ended, or that is open at the capture's end, to the
// numbers of its server.
func (t *Tracker) conclude(c *conn) {
	a, b := &c.ends[0], &c.ends[1]
	if c.is(halved) && c.kind == Waiting && !c.ends[c.closer].ended() {
		c.kind = Unsure // it waited on, with its half closed
	}
	if client := &c.ends[1-c.serves]; c.server >= 0 && c.kind == Waiting && client.unclear() {
		c.kind = Unsure
	}
	if !c.is(handshake) && a.bytes+b.bytes == 0 && a.probes+b.probes == 0 && !c.over() { // a lone FIN comes again, too
		t.counts.Fragments++
		return
	}
	t.counts.Connections++
	s := t.serverOf(c)
	if !c.is(handshake) {
		t.counts.Began++
	}
	lossy := a.missing+b.missing > 0 || c.is(disordered)
	sided := a.packets == 0 || b.packets == 0
	switch {
	case sided && a.packets+b.packets > 2:
		t.counts.OneSided++
	case lossy:
		t.counts.Lossy++
	}
	if s == nil {
		t.counts.Unknown++
	} else {
		t.count(c, s, lossy, sided)
	}
	if t.ended != nil {
		t.ended(t.shown(c, lossy || sided))
	}
}

// count is conclude for a server.
func (t *Tracker) count(c *conn, s *Server, lossy, sided bool) {
	server, client := &c.ends[c.serves], &c.ends[1-c.serves]
	s.Connections++
	s.client(c.key.address(1 - c.serves).Addr())
	s.Retransmitted += int(server.again) + int(client.again)
	s.ZeroWindows += int(server.zero) + int(client.zero)
	if c.is(handshake) {
		s.arrivals++
		if s.first == 0 {
			s.first = c.firstAt
		}
		s.first, s.last = min(s.first, c.firstAt), max(s.last, c.firstAt)
	} else {
		s.Began++
	}
	if sided && server.packets+client.packets > 2 {
		s.OneSided++
	} else if lossy {
		s.Lossy++
	}
	if c.is(handshake) && !c.is(accepted) {
		if server.is(sentRST) || server.packets == 0 && client.acked == 0 && client.bytes == 0 {
			s.Refused++
		}
		return
	}
	s.Longest = max(s.Longest, time.Duration(c.longest))
	for x := range c.ends {
		e, side := &c.ends[x], &s.Sides[c.role(uint8(x))]
		if e.probes == 0 && !sided {
			side.Quiet = max(side.Quiet, time.Duration(c.longest))
		}
		if e.is(forged) {
			side.Forged.N++
			if e.is(resumed) {
				side.Forged.Resumed++
			}
		}
		t.dead(c, uint8(x), side)
	}
	whole := c.is(accepted) && !lossy && !sided
	if whole {
		s.Requests += int(client.messages)
	}
	if !c.is(closing) {
		s.Open++
		if c.dataAt != 0 && !sided {
			s.OpenFor.Add(time.Duration(t.last - c.dataAt))
			if c.asker == nobody {
				for x := range s.Sides {
					if c.ends[x].probes == 0 {
						q := &s.Sides[c.role(uint8(x))].Quiet
						*q = max(*q, time.Duration(t.last-c.dataAt))
					}
				}
			}
		}
		return
	}
	if !c.over() {
		s.HalfOpen++
	}
	t.closed(c, s, whole)
}

// closed counts a connection that somebody closed.
func (t *Tracker) closed(c *conn, s *Server, whole bool) {
	client := &c.ends[1-c.serves]
	by := c.role(c.closer)
	side := &s.Sides[by]
	side.Closed[c.kind]++
	if c.ends[c.closer].ended() {
		side.Reset[c.kind]++
	}
	silence := time.Duration(c.silence)
	switch c.kind {
	case Idle:
		if side.first == 0 || c.closedAt < side.first {
			side.first = c.closedAt
		}
		side.last = max(side.last, c.closedAt)
		if client.unclear() {
			side.unasked++
		}
		if by == TheServer {
			s.burst.add(s, c.closedAt, silence)
		} else {
			side.Silences.Add(silence)
		}
	case BeforeRequest:
		side.Before.Add(silence)
	case Waiting:
		side.Waited.Add(silence)
	case Switched:
		side.Switched.Add(silence)
	case AfterAnswer:
		if by == TheServer && c.is(lastAnswer) {
			side.Announced++
		}
	case Open, GaveUp, Foreign, MetReset, Unsure:
	}
	if !whole {
		return
	}
	n := int(client.messages)
	s.Reuse.add(n)
	exact := client.heads == 0 || client.heads == client.messages
	switch {
	case client.is(headless):
	case c.kind == AfterAnswer && (by == TheServer || c.is(lastAnswer)) && exact && !c.is(lastAsked) && !c.is(raced):
		s.Limit.Closed.add(n)
		if c.is(lastAnswer) {
			s.Limit.Said++
		}
	default:
		s.Limit.Others = max(s.Limit.Others, n)
	}
}

// few is how many retransmissions in a row, unanswered, are a peer that may be dead.
const few = 3

// dead counts data of an end that was sent again and again and never acknowledged.
func (t *Tracker) dead(c *conn, x uint8, side *Side) {
	e, peer := &c.ends[x], &c.ends[1-x]
	if peer.packets == 0 {
		return // not captured
	}
	if c.asker == x && e.tries >= few && max(peer.spokeAt, peer.probeAt) <= e.sentAt {
		t.stopped(c, nil)
	}
	if e.tries < few || peer.is(sentRST) {
		return
	}
	d := &side.Dead
	d.N++
	d.Tried.Add(time.Duration(e.againAt - e.sentAt))
	d.Tries.Add(time.Duration(e.tries))
	d.Gap.Add(time.Duration(e.gap))
	switch rest := t.last - e.againAt; {
	case e.is(sentRST):
		d.Reset++
	case rest < 2*e.gap+e.gap/8:
		d.Still++
	default:
		d.Quiet.Add(time.Duration(rest))
		if !e.is(sentFIN) && e.tries < 64 {
			d.gaveUp(time.Duration(e.againAt-e.sentAt), time.Duration(e.gap), int(e.tries))
		}
	}
}

// rtoMax is the longest that a Linux kernel waits for its next try, its timer's lateness
// included.
const rtoMax = 135 * time.Second

// gaveUp takes in an end that stopped to try: the last timer before its limit was the last
// try, at which tried was over, and the next one, after twice the gap, was past it. A limit
// counts from the first timer, which came one timeout after the data, or after a tail loss
// probe and one: a part of the gap, since each is twice the one before.
func (d *Dead) gaveUp(tried, gap time.Duration, tries int) {
	first := gap >> (tries - 1)
	above, upTo := tried-max(4*first, gap/32), tried+min(2*gap, rtoMax)-first+gap/32
	if d.limited == 0 {
		d.above, d.upTo = above, upTo
	}
	d.above, d.upTo = max(d.above, above), min(d.upTo, upTo)
	d.limited++
}

// shown is the connection for the list of all.
func (t *Tracker) shown(c *conn, weak bool) *Connection {
	server := uint8(0)
	if c.server >= 0 {
		server = c.serves
	}
	e, p := &c.ends[server], &c.ends[1-server]
	k := &Connection{
		Server: c.key.address(server), Client: c.key.address(1 - server), Known: c.server >= 0,
		Whole: c.is(accepted) && !weak, Begun: when(c.firstAt), Packet: int64(c.number),
		Requests: int(p.messages), Sent: p.bytes, Received: e.bytes, Longest: time.Duration(c.longest),
		Probes:        [2]int{int(e.probes), int(p.probes)},
		Retransmitted: [2]int{int(e.again), int(p.again)}, ZeroWindows: [2]int{int(e.zero), int(p.zero)},
		Raced: c.is(raced),
	}
	if c.is(closing) {
		k.Kind, k.By, k.Silence = c.kind, c.role(c.closer), time.Duration(c.silence)
		k.Reset = c.ends[c.closer].ended()
		k.Closed, k.ClosePacket = when(c.closedAt), int64(c.closeNo)
	} else if c.dataAt != 0 {
		k.Silence = time.Duration(t.last - c.dataAt)
	}
	return k
}

// A burst is closes of a server that follow each other at once, until it is clear whether
// a timer of each connection was behind them or an end of the process.
type burst struct {
	from, to int64
	all      Spans
	sets     int // bursts with different silences so far
}

// Closes belong together that lie no further apart than this; as many of them with
// silences so different are an end of the process.
const (
	together  = int64(200 * time.Millisecond)
	many      = 5
	different = 2
)

func (b *burst) add(s *Server, at int64, silence time.Duration) {
	if b.all.N > 0 && (at > b.to+together || at < b.from-together) {
		b.flush(s)
	}
	if b.all.N == 0 {
		b.from, b.to = at, at
	}
	b.from, b.to = min(b.from, at), max(b.to, at)
	b.all.Add(silence)
}

// flush puts the burst where it belongs. A server that ends many at once again and again
// looks at its timers in steps: then they are idle timers after all.
func (b *burst) flush(s *Server) {
	side := &s.Sides[TheServer]
	alike := b.all.N < many || b.all.High < different*b.all.Low || b.to-b.from > 5*together
	switch {
	case b.all.N == 0:
		return
	case alike || b.sets > 2:
		side.Silences.Merge(&b.all)
	default:
		b.sets++
		side.AtOnce.N++
		side.AtOnce.Connections += b.all.N
		if side.AtOnce.First.IsZero() {
			side.AtOnce.First = when(b.from)
		}
		side.AtOnce.Silences.Merge(&b.all)
	}
	if b.sets > 2 && side.AtOnce.N > 0 {
		side.Silences.Merge(&side.AtOnce.Silences)
		side.AtOnce = Shutdowns{}
	}
	*b = burst{sets: b.sets}
}
