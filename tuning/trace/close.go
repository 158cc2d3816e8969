package trace

import (
	"hash/maphash"
	"net/netip"
	"time"

	"example.com/keeptune/tuning/capture"
)

// A Kind is what a connection was doing when it was closed.
type Kind uint8

// The kinds of a close.
const (
	Open          Kind = iota // nobody closed it
	Idle                      // the last message was answered, and nothing went for a while
	AfterAnswer               // at once after an answer
	BeforeRequest             // nothing was ever asked
	Waiting                   // a message was received and not answered
	Switched                  // it had switched protocols
	GaveUp                    // probes or retransmissions had not been answered
	Foreign                   // reset by a packet that does not look like the end in whose name it came
	MetReset                  // what was sent met a reset of an end that does not know the connection
	Unsure                    // packets are missing that this depends on
)

const kinds = int(Unsure) + 1

// String is a word of JSON and CSV.
func (k Kind) String() string {
	return [...]string{"open", "idle", "after-answer", "before-request", "waiting", "switched", "gave-up", "foreign-reset", "met-reset", "unsure"}[k]
}

// Kinds are all of them, in order.
func Kinds() []Kind {
	return []Kind{Open, Idle, AfterAnswer, BeforeRequest, Waiting, Switched, GaveUp, Foreign, MetReset, Unsure}
}

// atOnce is the longest silence after an answer with which a close belongs to the answer
// where nothing says so.
const atOnce = 100 * time.Millisecond

// fin takes a FIN in.
func (t *Tracker) fin(c *conn, s *capture.Segment, x uint8) {
	e, peer := &c.ends[x], &c.ends[1-x]
	seq := s.Seq + uint32(s.Length)
	if e.is(sentFIN) {
		if ahead(seq+1, e.next) <= 0 && s.Length == 0 {
			t.counts.Retransmitted++
			bump(&e.again)
			e.retry(peer, s)
		}
		return
	}
	whole := e.is(known) && e.next == seq
	e.reach(c, seq)
	if e.is(sentRST) && e.is(forged) {
		c.resumes(e, s.At)
	}
	e.flags |= sentFIN
	e.next = seq + 1
	if c.is(closing) {
		if c.closer != x {
			t.answered(c, s.At)
		}
		return
	}
	if !e.is(probed) && e.run == 0 {
		e.sentAt = s.At
	}
	t.closes(c, s, x, whole)
}

// reset takes a RST in.
func (t *Tracker) reset(c *conn, s *capture.Segment, x uint8) {
	e, peer := &c.ends[x], &c.ends[1-x]
	first := !e.is(sentRST)
	if e.flags |= sentRST; e.is(resumed) {
		e.flags |= ceased
	}
	if first && strange(e, s) {
		e.flags |= forged
		if srv := t.serverOf(c); srv != nil {
			f := &srv.Sides[c.role(x)].Forged
			f.TTL, f.Usual, f.Number = s.TTL, e.ttl, s.Number
		}
	}
	if c.packetAt = max(c.packetAt, s.At); c.is(closing) {
		if c.is(crossing) {
			c.flags |= raced
		}
		return
	}
	if !c.is(handshake) && e.packets == 1 && !peer.is(known) {
		return
	}
	if c.is(handshake) && !c.is(accepted) {
		return // refused
	}
	t.gaveUp(c, s, x)
	t.closes(c, s, x, !e.is(known) || e.next == s.Seq)
}

// strange says whether a reset does not look like its sender: its packets took another
// number of hops so far.
func strange(e *end, s *capture.Segment) bool {
	return e.ttl != 0 && !e.is(wavering) && s.TTL != e.ttl && e.packets > 2
}

// farewells is how soon after a farewell a FIN or a reset belongs to it, in nanoseconds:
// whoever of both sends it, the connection was ended by the one that took its leave.
const farewells = int64(time.Second)

// closes takes in that an end closed the connection first. whole says that nothing is
// missing of what it sent before.
func (t *Tracker) closes(c *conn, s *capture.Segment, x uint8, whole bool) {
	e, peer := &c.ends[x], &c.ends[1-x]
	c.flags |= closing
	c.closer, c.closedAt, c.closeNo = x, s.At, uint32(s.Number)
	yielded := false
	if y := c.farewell; y != nobody && s.At-c.dataAt <= farewells {
		if yielded = y != x; yielded {
			if c.is(perhaps) {
				c.flags |= unsure
			}
			c.closer, c.closedAt, c.closeNo = y, c.dataAt, c.dataNo
		}
		c.dataAt = c.quietAt
		if c.last = c.quietLast; c.last != y && c.ends[y].messages > 0 {
			c.ends[y].messages--
		}
	}
	if c.asker == 1-x && s.Flags.Has(capture.RST) {
		t.stopped(c, s)
	}
	acks := s.Flags.Has(capture.ACK)
	if !whole || peer.packets == 0 || e.missing > 0 || peer.missing > 0 || c.is(disordered) {
		c.flags |= unsure
	}
	late := !yielded && c.last == 1-x && acks && ahead(s.Ack, peer.next) < 0 // sent before the close was seen
	unread := !yielded && !late && acks && c.unread(s, x)
	if late = late || unread; late {
		c.dataAt = c.beforeAt
	}
	c.silence = max(c.closedAt-c.dataAt, 0)
	if c.dataAt == 0 || c.is(blind) && c.last == c.closer && time.Duration(c.silence) <= atOnce {
		c.flags |= unsure
	}
	srv := t.serverOf(c)
	byServer := srv != nil && c.role(c.closer) == TheServer
	client := &c.ends[1-c.serves]
	last := c.last
	asked := client.messages
	if late {
		if last = x; byServer {
			asked--
		}
	}
	switch {
	case s.Flags.Has(capture.RST) && strange(e, s):
		c.kind = Foreign
	case c.is(unsure) || srv == nil:
		c.kind = Unsure
	case s.Flags.Has(capture.RST) && (e.run > 0 || e.tries > 1):
		c.kind = GaveUp
	case s.Flags.Has(capture.RST) && peer.run > 0: // an end that lives answers a probe
		c.kind = MetReset
	case asked == 0 && c.is(handshake) && (c.last == nobody || late):
		c.kind = BeforeRequest
	case s.Flags.Has(capture.RST) && !acks && c.last == 1-x:
		c.kind = MetReset
	case c.is(switched):
		c.kind = Switched
	case last == 1-c.serves:
		c.kind = Waiting
	case c.is(lastAnswer) || time.Duration(c.silence) <= atOnce:
		c.kind = AfterAnswer
	default:
		c.kind = Idle
	}
	if late && byServer && c.kind != Unsure && c.kind != Foreign {
		if unread {
			srv.Race.Unread++
		}
		t.met(c, s.At, 1-x)
	}
	if c.kind != Unsure {
		c.longest = max(c.longest, c.silence)
	}
}

// unread says whether a server closed while a request that ended a long silence lay unread in
// its kernel, which then sends a reset in the place of a FIN (RFC 1122, 4.2.2.13).
func (c *conn) unread(s *capture.Segment, x uint8) bool {
	return s.Flags.Has(capture.RST) && c.server >= 0 && c.role(x) == TheServer && c.last == 1-x && c.ends[1-x].messages > 1 &&
		s.At-c.dataAt <= int64(atOnce) && c.dataAt-c.beforeAt >= int64(boxed)
}

// late takes data in that came after the other end, or the same, had closed.
func (t *Tracker) late(c *conn, s *capture.Segment, x uint8, begins bool) {
	if x == c.closer || parting(s) != stays || c.is(crossing) {
		return
	}
	srv := t.serverOf(c)
	if srv != nil && c.kind == Waiting && c.role(x) == TheServer && ahead(s.Ack, c.ends[c.closer].next) >= 0 {
		c.flags |= halved
	}
	if srv == nil || c.role(x) != Client || !begins && c.last != nobody || c.kind == Unsure {
		return
	}
	c.dataNo = uint32(s.Number)
	fin := c.ends[c.closer].next
	if ahead(s.Ack, fin) >= 0 {
		srv.Race.After++
		return
	}
	srv.Race.behind++
	c.mark = t.mark(s)
	t.met(c, s.At, x)
}

// met takes in that a request met the close.
func (t *Tracker) met(c *conn, at int64, x uint8) {
	c.flags |= crossing | raced
	t.remember(c, at, x)
	srv := t.serverOf(c)
	if srv == nil {
		return
	}
	r := &srv.Race
	r.Crossed++
	r.Silences.Add(time.Duration(c.silence))
	if len(r.Worst) < examples {
		r.Worst = append(r.Worst, Crossing{
			At: when(c.closedAt), Client: c.key.address(x), Silence: time.Duration(c.silence),
			Request: int64(c.dataNo), Close: int64(c.closeNo),
		})
	}
}

// answered takes in that the second end closed, too.
func (t *Tracker) answered(c *conn, at int64) {
	if s := t.serverOf(c); s != nil {
		s.Sides[c.role(c.closer)].HalfClosed.Add(time.Duration(at - c.closedAt))
	}
}

// A loss is a request that met a close, until it is seen again.
type loss struct {
	client netip.Addr
	server int32
	from   int64 // its connection's begin
	at     int64
	mark   uint32
}

// Lost requests are expected to be repeated within so many nanoseconds, and so many of them are
// remembered.
const (
	forget  = int64(10 * time.Second)
	forgets = 64
)

// mark is what a message begins with, as a number that tells nothing of it.
func (t *Tracker) mark(s *capture.Segment) uint32 {
	return uint32(maphash.Bytes(t.seed, s.Payload[:min(len(s.Payload), 64)])) + uint32(s.Length)
}

// remember keeps the mark of a request that was lost.
func (t *Tracker) remember(c *conn, at int64, x uint8) {
	if len(t.losses) >= forgets {
		t.losses = append(t.losses[:0], t.losses[1:]...)
	}
	t.losses = append(t.losses, loss{c.key.address(x).Addr(), c.server, c.firstAt, at, c.mark})
}

// repeated looks whether a message is a request that was lost before.
func (t *Tracker) repeated(c *conn, at int64, x uint8) {
	if len(t.losses) == 0 || t.serverOf(c) == nil || c.role(x) != Client {
		return
	}
	client, found := c.key.address(x).Addr(), false
	keep := t.losses[:0]
	for _, l := range t.losses {
		switch {
		case at-l.at > forget:
		case !found && c.server == l.server && l.mark == c.mark && l.client == client && c.firstAt != l.from:
			t.list[c.server].Race.Repeated++
			found = true
		default:
			keep = append(keep, l)
		}
	}
	t.losses = keep
}

// turn takes in that one end began to speak after the other.
func (t *Tracker) turn(c *conn, x uint8, silence time.Duration) {
	s := t.serverOf(c)
	if s == nil || c.is(disordered) {
		return
	}
	if c.role(x) == Client {
		s.Gaps.Add(silence)
	} else {
		s.Answers.Add(silence)
	}
}

// passed takes in that data after a long silence arrived.
func (t *Tracker) passed(c *conn) {
	if s := t.serverOf(c); s != nil && c.asked > 0 {
		s.Box.Passed.Add(time.Duration(c.asked))
	}
	c.asker, c.asked = nobody, 0
}

// stopped takes in that data after a long silence did not arrive, or met a reset.
func (t *Tracker) stopped(c *conn, rst *capture.Segment) {
	if s := t.serverOf(c); s != nil && c.asked > 0 {
		s.Box.Stopped.Add(time.Duration(c.asked))
		switch {
		case rst == nil:
			s.Box.Nothing++
		case c.ends[1-c.asker].is(forged):
			s.Box.Foreign++
		default:
			s.Box.Resets++
		}
	}
	c.asker, c.asked = nobody, 0
}
