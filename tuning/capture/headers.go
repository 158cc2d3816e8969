package capture

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket/layers"
)

// outcome is what became of a packet.
type outcome uint8

const (
	segment   outcome = iota
	other             // no TCP
	fragment          // of an IP packet
	cut               // too little of it was captured
	malformed         // headers that contradict themselves
	strange           // a link type that isn't read
)

// Numbers of protocols in headers: IANA's registries of EtherTypes and of IP protocols.
const (
	etherIPv4   = 0x0800
	etherIPv6   = 0x86dd
	etherVLAN   = 0x8100
	etherQinQ   = 0x88a8
	etherQinQ1  = 0x9100 // before 802.1ad
	etherMPLS   = 0x8847
	etherPPPoE  = 0x8864
	etherBridge = 0x6558 // an Ethernet frame inside
	etherSpan2  = 0x88be // ERSPAN, type I or II
	etherSpan3  = 0x22eb // ERSPAN, type III

	ipHopByHop, ipIPv4, ipTCP, ipUDP       = 0, 4, 6, 17
	ipIPv6, ipRouting, ipFragment, ipGRE   = 41, 43, 44, 47
	ipAuthentication, ipDestination        = 51, 60
	ipMobility, ipHostIdentity, ipShimming = 135, 139, 140

	portVXLAN, portLinuxVXLAN, portGENEVE = 4789, 8472, 6081
)

// maxNested is how many packets inside each other are opened.
const maxNested = 4

// Link types that the library has no name for: https://www.tcpdump.org/linktypes.html
const (
	linkRawBSD     layers.LinkType = 12
	linkRawOpenBSD layers.LinkType = 14
	linkPKTAP      layers.LinkType = 258 // macOS wrote 149 first
)

// packet is what was captured of one, and how long it was on the wire.
type packet struct {
	b      []byte
	length int
}

// skip leaves the first n bytes out.
func (p packet) skip(n int) packet { return packet{p.b[n:], p.length - n} }

// decoder reads one packet's headers into its segment.
type decoder struct {
	into     *Segment
	iface    int  // the kernel's number of the interface, 0 where the link says none
	tunnel   bool // the segment came out of another packet
	outgoing bool
}

// link reads from the link's header on.
func (d *decoder) link(link layers.LinkType, p packet) outcome {
	switch link {
	case layers.LinkTypeEthernet:
		return d.ethernet(p, 0)
	case layers.LinkTypeLinuxSLL:
		if len(p.b) < 16 {
			return cut
		}
		d.outgoing = be16(p.b) == 4
		return d.ether(be16(p.b[14:]), p.skip(16), 0)
	case layers.LinkTypeLinuxSLL2:
		if len(p.b) < 20 {
			return cut
		}
		d.iface, d.outgoing = int(be32(p.b[4:])), p.b[10] == 4
		return d.ether(be16(p.b), p.skip(20), 0)
	case layers.LinkTypeRaw, linkRawBSD, linkRawOpenBSD, layers.LinkTypeIPv4, layers.LinkTypeIPv6:
		return d.ip(p, 0)
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		if len(p.b) < 4 {
			return cut
		}
		// The family is in the byte order of whoever captured: its numbers are small.
		family := be32(p.b)
		if family > 0xffff {
			family = binary.LittleEndian.Uint32(p.b)
		}
		switch family {
		case 2, 10, 24, 28, 30: // IPv4 everywhere; IPv6 of Linux, NetBSD, FreeBSD and macOS
			return d.ip(p.skip(4), 0)
		}
		return other
	case linkPKTAP, layers.LinkTypeApplePKTAP: // tcpdump -i any of macOS: a length, a kind, the link type of what follows
		if len(p.b) < 12 {
			return cut
		}
		size, inner := binary.LittleEndian.Uint32(p.b), binary.LittleEndian.Uint32(p.b[8:])
		switch {
		case size < 12 || inner == uint32(linkPKTAP) || inner == uint32(layers.LinkTypeApplePKTAP):
			return malformed
		case size > uint32(min(len(p.b), 1<<20)):
			return cut
		case inner > 0xffff:
			return strange
		}
		return d.link(layers.LinkType(inner), p.skip(int(size)))
	default:
		return strange
	}
}

func (d *decoder) ethernet(p packet, nested int) outcome {
	if len(p.b) < 14 {
		return cut
	}
	return d.ether(be16(p.b[12:]), p.skip(14), nested)
}

// ether reads what an EtherType announces.
func (d *decoder) ether(kind uint16, p packet, nested int) outcome {
	for {
		switch kind {
		case etherIPv4, etherIPv6:
			return d.ip(p, nested)
		case etherVLAN, etherQinQ, etherQinQ1:
			if len(p.b) < 4 {
				return cut
			}
			kind, p = be16(p.b[2:]), p.skip(4)
		case etherMPLS:
			for last := false; !last; p = p.skip(4) {
				if len(p.b) < 4 {
					return cut
				}
				last = p.b[2]&1 == 1
			}
			return d.ip(p, nested)
		case etherPPPoE:
			if len(p.b) < 8 {
				return cut
			}
			if proto := be16(p.b[6:]); proto != 0x21 && proto != 0x57 {
				return other
			}
			return d.ip(p.skip(8), nested)
		default:
			return other
		}
	}
}

// ip reads an IP packet of either version.
func (d *decoder) ip(p packet, nested int) outcome {
	if len(p.b) == 0 {
		return cut
	}
	switch p.b[0] >> 4 {
	case 4:
		return d.ipv4(p, nested)
	case 6:
		return d.ipv6(p, nested)
	}
	return other
}

func (d *decoder) ipv4(p packet, nested int) outcome {
	b := p.b
	if len(b) < 20 {
		return cut
	}
	head, total := int(b[0]&15)*4, int(be16(b[2:]))
	if total == 0 { // left to the network card, or longer than the field can say
		total = p.length
	}
	if head < 20 || total < head {
		return malformed
	}
	if be16(b[6:])&0x3fff != 0 { // more fragments, or not the first
		return fragment
	}
	if len(b) < head {
		return cut
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	if b[9] == ipTCP {
		d.into.TTL, d.into.IPID = b[8], be16(b[4:])
		return d.tcp(src, dst, b[head:], total-head)
	}
	return d.inside(b[9], packet{b[head:], total - head}, nested)
}

func (d *decoder) ipv6(p packet, nested int) outcome {
	b := p.b
	if len(b) < 40 {
		return cut
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	next, length := b[6], int(be16(b[4:]))
	if length == 0 { // a jumbogram
		length = p.length - 40
	}
	ttl := b[7]
	b = b[40:]
	for {
		var size int
		switch next {
		case ipTCP:
			d.into.TTL, d.into.IPID = ttl, 0
			return d.tcp(src, dst, b, length)
		case ipHopByHop, ipRouting, ipDestination, ipMobility, ipHostIdentity, ipShimming:
			if len(b) < 2 {
				return cut
			}
			size = int(b[1])*8 + 8
		case ipAuthentication:
			if len(b) < 2 {
				return cut
			}
			size = int(b[1])*4 + 8
		case ipFragment:
			if len(b) < 8 {
				return cut
			}
			if be16(b[2:])&0xfff9 != 0 {
				return fragment
			}
			size = 8
		default:
			return d.inside(next, packet{b, length}, nested)
		}
		if size > length {
			return malformed
		}
		if size > len(b) {
			return cut
		}
		next, b, length = b[0], b[size:], length-size
	}
}

func (d *decoder) tcp(src, dst netip.Addr, b []byte, length int) outcome {
	if what := d.into.tcp(b, length); what != segment {
		return what
	}
	d.into.Src, d.into.Dst = netip.AddrPortFrom(src, be16(b)), netip.AddrPortFrom(dst, be16(b[2:]))
	return segment
}

// inside opens a packet that carries another one.
func (d *decoder) inside(proto byte, p packet, nested int) outcome {
	if nested == maxNested {
		return other
	}
	var what outcome
	switch proto {
	case ipIPv4, ipIPv6:
		what = d.ip(p, nested+1)
	case ipGRE:
		what = d.gre(p, nested+1)
	case ipUDP:
		what = d.udp(p, nested+1)
	default:
		return other
	}
	d.tunnel = d.tunnel || what == segment
	return what
}

// udp opens VXLAN (RFC 7348) and GENEVE (RFC 8926).
func (d *decoder) udp(p packet, nested int) outcome {
	if len(p.b) < 16 {
		return other
	}
	port, head := be16(p.b[2:]), p.b[8:]
	switch port {
	case portVXLAN, portLinuxVXLAN:
		if head[0]&0x08 == 0 {
			return other
		}
		return d.ethernet(p.skip(16), nested)
	case portGENEVE:
		size := 16 + int(head[0]&0x3f)*4
		if head[0]>>6 != 0 {
			return other
		}
		if len(p.b) < size {
			return cut
		}
		return d.carried(be16(head[2:]), p.skip(size), nested)
	}
	return other
}

// gre opens GRE (RFC 2784, 2890) and ERSPAN in it.
func (d *decoder) gre(p packet, nested int) outcome {
	if len(p.b) < 4 {
		return cut
	}
	flags, kind, size := be16(p.b), be16(p.b[2:]), 4
	if flags&7 != 0 { // PPTP's
		return other
	}
	for _, field := range [...]uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence number
		if flags&field != 0 {
			size += 4
		}
	}
	switch {
	case kind == etherSpan2 && flags&0x1000 != 0:
		size += 8
	case kind == etherSpan3:
		if len(p.b) < size+12 {
			return cut
		}
		if p.b[size+11]&1 == 1 {
			size += 8
		}
		size += 12
	}
	if len(p.b) < size {
		return cut
	}
	if kind == etherSpan2 || kind == etherSpan3 {
		kind = etherBridge
	}
	return d.carried(kind, p.skip(size), nested)
}

func (d *decoder) carried(kind uint16, p packet, nested int) outcome {
	if kind == etherBridge {
		return d.ethernet(p, nested)
	}
	return d.ether(kind, p, nested)
}
