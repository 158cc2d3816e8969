// Package trace follows TCP connections through a capture, as the kernels of both ends
// see them, and concludes from it: who closed first and after how much silence, which
// requests met the close, how each end's keep-alive probes are set, what stood between.
// It keeps a bounded state for each connection that is open, folds those that ended into
// numbers for each server, and never keeps what was said. No clock, no I/O.
package trace

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"time"

	"example.com/keeptune/tuning/capture"
)

// Bounds of what is kept at once. Each connection costs less than 400 bytes.
const (
	maxOpen    = 1 << 21 // connections
	maxServers = 1 << 13 // addresses with a port
	maxLinger  = 1 << 12 // connections that ended, waiting for stragglers
	lingering  = int64(2 * time.Second)
	doubting   = int64(2 * time.Hour) // the same after a reset that does not look like its sender: a first probe of the kernel's comes then
	chunk      = 256                  // connections that memory is taken for at once
	recents    = 1 << 12
)

// A Tracker follows the connections of one capture. Make it with New, give it each
// segment, then ask for the Report.
type Tracker struct {
	ended func(*Connection)

	seed   maphash.Seed
	index  map[uint64]int32 // hash of the four-tuple to the first connection with it
	recent [recents]int32   // connections that were found a moment ago, by their hash; 1 is the first
	slabs  [][]conn
	free   int32 // a chain through next
	live   int
	over   queue // those that ended
	doubts queue // those that ended by a reset that may not have been its sender's
	finish bool

	servers map[netip.AddrPort]int32
	list    []*Server
	losses  []loss // requests that were lost a moment ago
	counts  Counts
	first   int64
	last    int64
}

// Counts are of all segments of a capture. Those of probes, retransmissions, zero windows
// and resets are of both directions.
type Counts struct {
	Segments      int
	Connections   int // that were followed
	Fragments     int // began before the capture and showed nothing, or one end's FIN
	Probes        int // keep-alive probes
	WindowProbes  int // the same on a connection whose peer's window is 0
	Retransmitted int
	OutOfOrder    int
	ZeroWindows   int
	Resets        int
	StrayResets   int // of connections of which nothing else was seen
	Copies        int // packets that were captured twice
	Backwards     int // packets with an earlier time than the one before
	Unfollowed    int // segments of connections or servers beyond what is kept at once
	OneSided      int // connections of which one direction was captured
	Lossy         int // connections of which packets are missing
	Began         int // connections that began before the capture
	Unknown       int // connections whose server can't be told from its client
}

// New is a tracker. Where ended is not nil, it is called with each connection when nothing
// more is expected of it; the connection is valid during the call.
func New(ended func(*Connection)) *Tracker {
	return &Tracker{
		ended: ended, seed: maphash.MakeSeed(), index: map[uint64]int32{}, free: -1,
		servers: map[netip.AddrPort]int32{},
	}
}

// tuple is a connection's addresses and ports, the lower first.
type tuple [36]byte

// tupleOf is the tuple of a segment, and whether its sender is the second of it.
func tupleOf(s *capture.Segment) (k tuple, second bool) {
	src, dst := s.Src.Addr().As16(), s.Dst.Addr().As16()
	second = s.Src.Port() > s.Dst.Port()
	if s.Src.Port() == s.Dst.Port() {
		second = string(src[:]) > string(dst[:])
	}
	a, b, p, q := &src, &dst, s.Src.Port(), s.Dst.Port()
	if second {
		a, b, p, q = b, a, q, p
	}
	copy(k[:], a[:])
	copy(k[16:], b[:])
	binary.BigEndian.PutUint16(k[32:], p)
	binary.BigEndian.PutUint16(k[34:], q)
	return k, second
}

// address is one of the tuple's two.
func (k *tuple) address(second uint8) netip.AddrPort {
	i := int(second)
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(k[16*i:16*i+16])).Unmap(), binary.BigEndian.Uint16(k[32+2*i:]))
}

func (t *Tracker) at(i int32) *conn { return &t.slabs[i/chunk][i%chunk] }

// find is the connection of a tuple, -1 where there is none.
func (t *Tracker) find(hash uint64, k *tuple) int32 {
	recent := &t.recent[hash%recents]
	if i := *recent - 1; i >= 0 && t.at(i).key == *k {
		return i
	}
	i, ok := t.index[hash]
	for ok && i >= 0 {
		c := t.at(i)
		if c.key == *k {
			*recent = i + 1
			return i
		}
		i = c.same
	}
	return -1
}

func (t *Tracker) open(hash uint64, k tuple) int32 {
	if t.free < 0 {
		slab := make([]conn, chunk)
		base := int32(len(t.slabs) * chunk)
		for i := range slab {
			slab[i].next = t.free
			t.free = base + int32(i)
		}
		t.slabs = append(t.slabs, slab)
	}
	i := t.free
	c := t.at(i)
	t.free = c.next
	*c = conn{key: k, same: -1, next: -1, server: -1, asker: nobody, farewell: nobody, last: nobody}
	if j, ok := t.index[hash]; ok {
		c.same = j
	}
	t.index[hash] = i
	t.live++
	return i
}

func (t *Tracker) drop(i int32) {
	c := t.at(i)
	hash := maphash.Bytes(t.seed, c.key[:])
	if j := t.index[hash]; j == i {
		if c.same < 0 {
			delete(t.index, hash)
		} else {
			t.index[hash] = c.same
		}
	} else {
		for t.at(j).same != i {
			j = t.at(j).same
		}
		t.at(j).same = c.same
	}
	*c = conn{next: t.free}
	t.free = i
	t.live--
}

// Add takes the next segment in. It keeps nothing of it.
func (t *Tracker) Add(s *capture.Segment) {
	t.counts.Segments++
	if t.first == 0 {
		t.first, t.last = s.At, s.At
	}
	if s.At < t.last {
		t.counts.Backwards++
	}
	t.last = max(t.last, s.At)
	if s.Flags.Has(capture.RST) {
		t.counts.Resets++
	}
	t.expire(t.last)
	k, second := tupleOf(s)
	hash := maphash.Bytes(t.seed, k[:])
	i := t.find(hash, &k)
	syn := s.Flags&(capture.SYN|capture.RST) == capture.SYN
	if i >= 0 && (syn && t.at(i).again(s, second) || t.at(i).left(s, second)) {
		t.fold(i)
		i = -1
	}
	if i < 0 {
		switch {
		case s.Flags.Has(capture.RST):
			t.counts.StrayResets++
			return
		case t.live >= maxOpen:
			t.counts.Unfollowed++
			return
		}
		i = t.open(hash, k)
		t.at(i).firstAt, t.at(i).number = s.At, uint32(s.Number)
	}
	c := t.at(i)
	t.segment(c, s, second)
	over, doubtful := c.over(), c.doubtful()
	if c.is(queued) && (!over || doubtful != c.is(doubted)) { // the reset was not its sender's, or another one was
		t.unqueue(i)
	}
	if !over || c.is(queued) {
		return
	}
	c.endedAt = t.last
	if c.flags |= queued; doubtful {
		c.flags |= doubted
		t.doubts.all = append(t.doubts.all, i)
	} else {
		t.over.all = append(t.over.all, i)
	}
}

// Pass says that every segment up to a moment was given, of a watch on which nothing comes:
// connections that ended two seconds before it are taken in.
func (t *Tracker) Pass(at time.Time) {
	if !t.finish {
		t.expire(at.UnixNano())
	}
}

// A queue has connections that ended, in order, from a place on; those below 0 left it.
type queue struct {
	all  []int32
	from int
}

// expire folds connections that ended long enough ago.
func (t *Tracker) expire(at int64) {
	t.expired(&t.over, at-lingering)
	t.expired(&t.doubts, at-doubting)
}

func (t *Tracker) expired(q *queue, before int64) {
	for q.from < len(q.all) {
		i := q.all[q.from]
		if i < 0 {
			q.from++
			continue
		}
		if t.at(i).endedAt > before && len(q.all)-q.from <= maxLinger {
			break
		}
		q.all[q.from] = -1
		q.from++
		t.settle(i)
	}
	if q.from > maxLinger || q.from == len(q.all) {
		q.all = append(q.all[:0], q.all[q.from:]...)
		q.from = 0
	}
}

// fold ends a connection before its time: its addresses and ports begin another.
func (t *Tracker) fold(i int32) {
	t.unqueue(i)
	t.settle(i)
}

// unqueue takes a connection out of those that ended.
func (t *Tracker) unqueue(i int32) {
	c := t.at(i)
	if !c.is(queued) {
		return
	}
	q := &t.over
	if c.is(doubted) {
		q = &t.doubts
	}
	c.flags &^= queued | doubted
	for j := q.from; j < len(q.all); j++ {
		if q.all[j] == i {
			q.all[j] = -1
			return
		}
	}
}

// settle adds a connection to the numbers of its server and forgets it.
func (t *Tracker) settle(i int32) {
	t.conclude(t.at(i))
	t.drop(i)
}

// End says that no more segments come. The connections that are open then are counted as
// that.
func (t *Tracker) End() {
	if t.finish {
		return
	}
	t.finish = true
	t.expired(&t.over, 1<<63-1)
	t.expired(&t.doubts, 1<<63-1)
	for s := range t.slabs {
		for j := range t.slabs[s] {
			if c := &t.slabs[s][j]; c.key != (tuple{}) {
				t.settle(int32(s*chunk + j))
			}
		}
	}
	for _, s := range t.list {
		s.burst.flush(s)
	}
}

// Missed says that the capture lost packets by its own count, which makes weaker what is
// concluded from packets that nothing else tells of.
func (t *Tracker) Missed() {
	for _, s := range t.list {
		s.missed = true
	}
}

// Live is how many connections are followed at this moment.
func (t *Tracker) Live() int { return t.live }

// Counts are of what was added so far.
func (t *Tracker) Counts() Counts { return t.counts }

// From is the time of the first segment, and To the latest; both 0 without any.
func (t *Tracker) From() time.Time { return when(t.first) }

// To is the latest time of a segment.
func (t *Tracker) To() time.Time { return when(t.last) }

// when is a time of a capture, the zero time for none.
func when(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
