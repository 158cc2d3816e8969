package capture

import "github.com/gopacket/gopacket/layers"

// Packet is one that a kernel hands on from an interface, without the link's header.
type Packet struct {
	At        int64  // ns since 1970
	Interface int    // the kernel's number
	Outgoing  bool   // sent by this host
	EtherType uint16 // of Data, which begins with the network's header
	Data      []byte // what was captured
	Length    int    // of the whole, in bytes
}

// Intake takes packets in and tells TCP segments from all else, which it counts. Its
// zero value is ready.
type Intake struct {
	counts  Counts
	strange map[layers.LinkType]int64
	seen    seen
}

// Take reads a packet into s and says whether it is a segment to hand on: no copy of one
// that was seen already. Their numbers count all packets that were given.
func (k *Intake) Take(s *Segment, p *Packet) bool {
	k.counts.Packets++
	d := decoder{into: s, iface: p.Interface, outgoing: p.Outgoing}
	what := d.ether(p.EtherType, packet{p.Data, max(p.Length, len(p.Data))}, 0)
	return k.sort(&d, what, p.At, p.Interface)
}

// Counts returns what was counted so far.
func (k *Intake) Counts() Counts {
	n := k.counts
	n.Links = links(k.strange)
	return n
}

// sort counts a packet and completes its segment.
func (k *Intake) sort(d *decoder, what outcome, at int64, iface int) bool {
	if what != segment {
		k.counts.add(what)
		return false
	}
	s := d.into
	s.At, s.Number, s.Interface = at, k.counts.Packets, iface
	if d.iface != 0 {
		s.Interface = d.iface
	}
	from := s.Interface << 2
	if d.outgoing {
		from |= 1
	}
	if d.tunnel { // seen within its tunnel and outside of it, by tcpdump -i any with cooked v1, too
		from |= 2
	}
	if k.seen.again(s, from) {
		k.counts.Duplicates++
		return false
	}
	k.counts.Segments++
	if d.tunnel {
		k.counts.Tunnelled++
	}
	if len(s.Payload) < s.Length {
		k.counts.Short++
	}
	return true
}
