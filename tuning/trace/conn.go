package trace

import (
	"time"

	"example.com/keeptune/tuning/capture"
)

// nobody is neither end of a connection.
const nobody uint8 = 2

// Facts about a connection.
const (
	handshake  uint16 = 1 << iota // its SYN or SYN-ACK was captured
	accepted                      // and the client's answer to it
	queued                        // waits for stragglers
	disordered                    // packets of the two directions are not in their order
	closing                       // somebody ended it: closer, kind and silence are known
	unsure                        // packets are missing that the silence before the close depends on
	switched                      // 101 Switching Protocols
	lastAnswer                    // an answer with Connection: close, or without keep-alive
	lastAsked                     // the client asked for that
	raced                         // a request met the close
	crossing                      // the request that is unanswered was sent before the close was seen
	doubted                       // it waits among the doubts of the tracker
	blind                         // the last data was short, came unasked and was not captured
	perhaps                       // the farewell may be a ping of HTTP/2: in TLS that is as long as a GOAWAY
	halved                        // the client had closed its half alone: it was answered after that
	greeting                      // a handshake of TLS is under way: nothing was asked yet
)

// Facts about an end.
const (
	known uint16 = 1 << iota // a segment of it was captured, so that next is right
	sentFIN
	sentRST
	probed   // its last probe was answered, and nothing else happened since
	guessed  // next is that of a segment without data, which may have been a probe
	forged   // a reset in its name that is not its own
	wavering // its TTL changed before
	resumed  // data went on after its reset
	ceased   // and it was reset once more
	headless // the client's first data was not captured: it may be a handshake of TLS
	changed  // in a handshake of TLS, the client changed its cipher
	finished // and said all of its part
)

// A conn is a connection as far as it was captured. It has no pointers and at most 320
// bytes.
type conn struct {
	key       tuple
	ends      [2]end
	firstAt   int64 // first segment
	dataAt    int64 // last data that was new, or the end of the handshake
	beforeAt  int64 // what dataAt was before the message that is going on
	quietAt   int64 // what dataAt was before the farewell
	packetAt  int64 // last segment of either end
	closedAt  int64 // first FIN or RST
	endedAt   int64
	silence   int64 // before the close
	asked     int64 // silence before the data that is not acknowledged yet; see asker
	longest   int64 // silence between data, or between a handshake and data
	next      int32 // of a chain
	same      int32 // next connection with the same hash
	server    int32 // in the tracker's list, -1 while it is not known
	number    uint32
	dataNo    uint32 // packet of dataAt
	closeNo   uint32 // packet of closedAt
	mark      uint32 // of what the last message begins with
	flags     uint16
	serves    uint8 // the end that is the server, valid with server >= 0
	last      uint8 // the end that sent data last, or nobody
	closer    uint8
	kind      Kind
	farewell  uint8 // the end that seems to take its leave
	quietLast uint8 // what last was before the farewell
	asker     uint8 // the end whose data after a long silence is unanswered
}

// An end is what one end sent.
type end struct {
	sentAt   int64  // last data that was new
	spokeAt  int64  // last segment that is no keep-alive probe
	probeAt  int64  // last keep-alive probe
	againAt  int64  // last retransmission
	gap      int64  // between the last two tries of the same data
	bytes    uint64 // of data
	next     uint32 // sequence number after all that was sent
	acked    uint32 // highest acknowledgement sent
	first    uint32 // sequence number of the SYN
	missing  uint32 // bytes that were not captured
	packets  uint32
	messages uint32 // runs of data
	heads    uint32 // of HTTP/1
	again    uint16
	zero     uint16
	probes   uint16
	ipid     uint16
	window   uint16
	run      uint8 // probes without an answer, in a row
	tries    uint8 // retransmissions without an answer, in a row
	ttl      uint8
	flags    uint16
	left     uint16 // of a record of a handshake of TLS: bytes that follow
}

func (e *end) is(f uint16) bool  { return e.flags&f != 0 }
func (c *conn) is(f uint16) bool { return c.flags&f != 0 }

// ended says whether it reset the connection, and did not go on after that.
func (e *end) ended() bool { return e.is(sentRST) && (!e.is(resumed) || e.is(ceased)) }

// over says whether nothing more is to be expected of it.
func (c *conn) over() bool {
	a, b := &c.ends[0], &c.ends[1]
	return a.ended() || b.ended() || a.is(sentFIN) && b.is(sentFIN)
}

// doubtful says whether it is over by resets alone that do not look like their sender: then
// it may go on, after whatever silence.
func (c *conn) doubtful() bool {
	a, b := &c.ends[0], &c.ends[1]
	genuine := a.ended() && !a.is(forged) || b.ended() && !b.is(forged) || a.is(sentFIN) && b.is(sentFIN)
	return c.kind == Foreign && c.over() && !genuine
}

// continues is how far sequence numbers of a connection that goes on lie from those that were
// sent, at most.
const continues = 1 << 20

// goesOn says whether a segment is of the connection as it was left, by its sequence numbers.
func (c *conn) goesOn(s *capture.Segment, second bool) bool {
	e, peer := &c.ends[side(second)], &c.ends[1-side(second)]
	near := func(a, b uint32) bool { d := ahead(a, b); return -continues < d && d < continues }
	return (!e.is(known) || near(s.Seq, e.next)) && (!peer.is(known) || !s.Flags.Has(capture.ACK) || near(s.Ack, peer.next))
}

// left says whether a segment is of another connection than one that was left a while ago.
func (c *conn) left(s *capture.Segment, second bool) bool {
	return c.is(doubted) && s.At-c.endedAt > lingering && !c.goesOn(s, second)
}

// resumes takes in that an end sent on after a reset in its name. What comes a while after
// that was not on its way already: then the connection was not closed by it.
func (c *conn) resumes(e *end, at int64) {
	if e.flags |= resumed | forged; c.is(closing) && c.kind == Foreign && at-c.closedAt > int64(atOnce) {
		c.flags &^= closing
		e.flags &^= ceased
		c.kind = Open
	}
}

// again says whether a SYN begins another connection with the same addresses and ports. One
// that comes after its sender's reset does: that was of what the other end still had open
// (RFC 9293, 3.5.1).
func (c *conn) again(s *capture.Segment, second bool) bool {
	e := &c.ends[side(second)]
	return !s.Flags.Has(capture.ACK) && (!c.is(handshake) || e.is(known) && (e.first != s.Seq || e.is(sentRST)))
}

func side(second bool) uint8 {
	if second {
		return 1
	}
	return 0
}

// ahead is how much further a is than b, below 0 where it is behind.
func ahead(a, b uint32) int32 { return int32(a - b) }

// segment takes a segment of a connection in.
func (t *Tracker) segment(c *conn, s *capture.Segment, second bool) {
	x := side(second)
	e, peer := &c.ends[x], &c.ends[1-x]
	old := s.IPID != 0 && e.is(known) && s.IPID == e.ipid && ahead(s.Seq+length(s), e.next) <= 0 && s.At-c.packetAt < int64(time.Second)
	if old && (length(s) > 0 || s.Window == e.window && s.Ack == e.acked) {
		t.counts.Copies++
		return
	}
	e.packets++
	id := e.ipid
	e.ipid = s.IPID
	if s.Flags.Has(capture.SYN) {
		t.opening(c, s, x)
		return
	}
	if c.is(handshake) && !c.is(accepted) && x != c.serves && peer.is(known) && !s.Flags.Has(capture.RST) && !c.is(closing) {
		t.accepts(c, s, e)
	}
	quiet := s.At - c.packetAt
	t.acknowledge(c, s, x)
	if s.Flags.Has(capture.RST) {
		t.reset(c, s, x)
		return
	}
	if s.Window == 0 && !s.Flags.Has(capture.FIN) {
		t.counts.ZeroWindows++
		bump(&e.zero)
	}
	e.window = s.Window
	e.hops(s)
	switch {
	case t.probe(c, s, x):
	default:
		e.answers(peer, s)
		if s.Length > 0 {
			t.data(c, s, x, quiet, follows(id, s.IPID))
		}
		if s.Flags.Has(capture.FIN) {
			t.fin(c, s, x)
		}
		if s.Length == 0 && !s.Flags.Has(capture.FIN) {
			e.reach(c, s.Seq)
		}
		e.spokeAt = s.At
	}
	c.packetAt = max(c.packetAt, s.At)
}

// length is what a segment takes of the sequence numbers.
func length(s *capture.Segment) uint32 {
	n := uint32(s.Length)
	if s.Flags.Has(capture.FIN) {
		n++
	}
	if s.Flags.Has(capture.SYN) {
		n++
	}
	return n
}

func bump(n *uint16) {
	if *n < 1<<16-1 {
		*n++
	}
}

// hops remembers what packets of an end look like on the way.
func (e *end) hops(s *capture.Segment) {
	if e.ttl != 0 && e.ttl != s.TTL {
		e.flags |= wavering
	}
	e.ttl = s.TTL
}

// opening takes a SYN in.
func (t *Tracker) opening(c *conn, s *capture.Segment, x uint8) {
	e := &c.ends[x]
	if e.is(known) && e.first == s.Seq && c.is(handshake) {
		t.counts.Retransmitted++
		bump(&e.again)
		return
	}
	if e.is(known) {
		return // a SYN on a connection that stands, answered by its kernel with an ACK
	}
	e.flags |= known
	e.first, e.next, e.window = s.Seq, s.Seq+1, s.Window
	e.spokeAt = s.At
	e.hops(s)
	server := 1 - x
	if s.Flags.Has(capture.ACK) {
		e.acked = s.Ack
		server = x
		if peer := &c.ends[1-x]; !peer.is(known) {
			peer.flags |= known
			peer.first, peer.next = s.Ack-1, s.Ack
		} else if n := ahead(s.Ack, peer.next); n > 0 { // data went with the SYN: TCP Fast Open (RFC 7413)
			peer.next = s.Ack
			peer.bytes += uint64(n)
			peer.messages++
			c.last = 1 - x
		}
	}
	if !c.is(handshake) {
		c.flags |= handshake
		t.serve(c, server)
	}
	if s.Flags.Has(capture.ACK) {
		c.dataAt = s.At
	}
	c.packetAt = max(c.packetAt, s.At)
}

// prompt is how soon after the SYN-ACK the client's answer is taken for the first.
const prompt = int64(time.Second)

// accepts takes in the client's first segment after the handshake.
func (t *Tracker) accepts(c *conn, s *capture.Segment, e *end) {
	c.flags |= accepted
	switch {
	case c.dataAt != 0 && s.At-c.dataAt > prompt:
		c.flags |= disordered // that was not the first
	case length(s) == 0 && s.Seq == e.next:
		c.dataAt = s.At
	}
}

// acknowledge takes the acknowledgement of a segment in.
func (t *Tracker) acknowledge(c *conn, s *capture.Segment, x uint8) {
	if !s.Flags.Has(capture.ACK) {
		return
	}
	e, peer := &c.ends[x], &c.ends[1-x]
	if e.acked != 0 && ahead(s.Ack, e.acked) <= 0 {
		return
	}
	e.acked = s.Ack
	peer.tries = 0
	if c.asker == 1-x && peer.is(known) && ahead(s.Ack, peer.next) >= 0 {
		t.passed(c)
	}
	if unseen := ahead(s.Ack, peer.next); unseen > 0 {
		if peer.is(known) && !s.Flags.Has(capture.RST) && (!peer.is(guessed) || unseen != 1) {
			peer.missing += uint32(unseen)
			c.flags |= disordered
		}
		peer.next = s.Ack
		peer.flags = peer.flags&^guessed | known
	}
}

// reach notes that an end has sent as far as its next segment begins.
func (e *end) reach(c *conn, seq uint32) {
	d := ahead(seq, e.next)
	switch {
	case !e.is(known):
		e.next = seq
		e.flags |= known | guessed
	case d == 1 && e.is(guessed):
		e.next = seq
	case d > 0:
		e.missing += uint32(d)
		c.flags |= disordered
		e.next = seq
	}
}

// reorder is how soon a segment that comes late still is one out of order.
const reorder = int64(3 * time.Millisecond)

// follows says whether the identification of a packet is that of one which was sent after
// another, and not long after: most systems count.
func follows(before, id uint16) bool {
	const many = 1000
	return before != 0 && id != 0 && id-before-1 < many
}

// data takes data in. anew says that it was sent after what came before it.
func (t *Tracker) data(c *conn, s *capture.Segment, x uint8, quiet int64, anew bool) {
	e, peer := &c.ends[x], &c.ends[1-x]
	until := s.Seq + uint32(s.Length)
	e.reach(c, s.Seq)
	e.flags &^= guessed
	if behind := ahead(e.next, s.Seq); behind > 0 {
		n := uint32(min(int(behind), s.Length))
		if e.missing >= n && s.At-c.packetAt < reorder && !anew {
			e.missing -= n
			t.counts.OutOfOrder++
		} else {
			e.missing -= min(n, e.missing)
			t.counts.Retransmitted++
			bump(&e.again)
			e.retry(peer, s)
			if c.asker == nobody && e.tries == 1 {
				c.asker = x
			}
		}
		if ahead(until, e.next) <= 0 {
			return
		}
	}
	e.bytes += uint64(min(int(ahead(until, e.next)), s.Length))
	e.next = until
	if e.is(sentRST) {
		c.resumes(e, s.At)
	}
	t.message(c, s, x, quiet)
	e.sentAt = s.At
}

// retry notes another try of the same data.
func (e *end) retry(peer *end, s *capture.Segment) {
	if peer.acked != s.Seq {
		return // it was acknowledged, or is not what is waited for: one of several that were lost
	}
	from := e.againAt
	if e.tries == 0 {
		from = e.sentAt
	}
	e.gap = s.At - from
	e.againAt = s.At
	if e.tries < 255 {
		e.tries++
	}
}

// message takes data that is new in: what it says about turns and silences.
func (t *Tracker) message(c *conn, s *capture.Segment, x uint8, quiet int64) {
	e := &c.ends[x]
	silence := s.At - c.dataAt
	begins, greets := c.last != x, c.greets(s, x)
	t.read(c, s, x)
	c.parts(parting(s), x, time.Duration(silence))
	if c.farewell == 1-x {
		return // its answer to that
	}
	c.flags &^= blind
	if len(s.Payload) < min(s.Length, 5) && s.Length <= 512 && time.Duration(silence) > atOnce {
		c.flags |= blind // an alert of TLS, for all that is known
	}
	if c.is(closing) && c.kind != Foreign {
		if !greets {
			t.late(c, s, x, begins)
		}
		return
	}
	if greets {
		c.longest = max(c.longest, silence)
		c.dataAt, c.dataNo = s.At, uint32(s.Number)
		return
	}
	if begins {
		e.messages++
		c.beforeAt = c.dataAt
		if c.server < 0 || c.role(x) == Client {
			c.mark = t.mark(s)
		}
	}
	if c.dataAt != 0 {
		c.longest = max(c.longest, silence)
		if begins && c.last == 1-x {
			t.turn(c, x, time.Duration(silence))
		}
	}
	if quiet >= int64(boxed) && c.packetAt != 0 && c.farewell == nobody && c.ends[1-x].window != 0 {
		c.asker, c.asked = x, quiet
	}
	c.last, c.dataAt, c.dataNo = x, s.At, uint32(s.Number)
	if !c.is(closing) && begins {
		t.repeated(c, s.At, x)
	}
}

// parts takes in whether data, after so much silence, looks like a farewell. The first of
// both ends to take its leave is the one that ends the connection.
func (c *conn) parts(how leave, x uint8, silence time.Duration) {
	switch {
	case how == stays || c.farewell == 1-x && how == mayLeave && c.is(perhaps) && silence <= atOnce: // a ping and its answer
		c.farewell = nobody
	case c.farewell == 1-x && silence <= time.Duration(farewells) && (how == leaving || !c.is(perhaps)): // the answer to one
	case c.farewell != x || silence > atOnce:
		c.farewell, c.quietAt, c.quietLast = x, c.dataAt, c.last
		if c.flags &^= perhaps; how == mayLeave {
			c.flags |= perhaps
		}
	case how == leaving:
		c.flags &^= perhaps
	}
}

// boxed is a silence from which on it is asked whether a box on the way survived it.
const boxed = time.Second
