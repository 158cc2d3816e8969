// Package capture reads TCP segments from captures: pcap and pcapng files, as
// tcpdump, Wireshark and clouds write them, plain or compressed. It reads from
// an io.Reader, keeps one packet at a time and needs no network.
package capture

import (
	"net/netip"
	"strings"
)

// Segment is one TCP segment, as its headers say. A Reader uses its memory again:
// Payload is valid until the next call of Next.
type Segment struct {
	At        int64 // nanoseconds since 1970, UTC, as the capture's clock had it
	Number    int64 // of the packet in the file, from 1, as Wireshark counts
	Src, Dst  netip.AddrPort
	Seq, Ack  uint32 // as sent, not relative
	Flags     Flags
	Window    uint16 // as sent, not scaled
	Options   Options
	Length    int    // of the payload in bytes, by the headers, whatever was captured
	Payload   []byte // its part that was captured
	TTL       uint8  // or the hop limit of IPv6
	IPID      uint16 // identification of IPv4, 0 in IPv6
	Interface int    // of the capture: the kernel's number with -i any, the place in the file otherwise
}

// Flags are the control bits of TCP's header.
type Flags uint8

// The control bits (RFC 9293, 3.1).
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has says whether all of f are set.
func (f Flags) Has(all Flags) bool { return f&all == all }

// String gives the names of the bits that are set, as "SYN ACK".
func (f Flags) String() string {
	var set []string
	for i, name := range [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"} {
		if f&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, " ")
}

// Options are those of TCP's options that were captured.
type Options struct {
	Has          OptionSet
	MSS          uint16 // bytes, with HasMSS
	Scale        uint8  // window scale as a power of two, with HasScale
	TSVal, TSEcr uint32 // ticks of the sender's and the peer's clock, with HasTimestamps
	SACKs        uint8  // blocks of a selective acknowledgement
}

// OptionSet says which options a segment had.
type OptionSet uint8

// The options that are read.
const (
	HasMSS OptionSet = 1 << iota
	HasScale
	HasSACKPermitted
	HasTimestamps
)

// tcp reads a segment's TCP header from b, what was captured of it; length is what
// the IP header says of header and payload.
func (s *Segment) tcp(b []byte, length int) outcome {
	if len(b) < 20 {
		if length < 20 {
			return malformed
		}
		return cut
	}
	head := int(b[12]>>4) * 4
	if head < 20 || length < head {
		return malformed
	}
	s.Seq, s.Ack = be32(b[4:]), be32(b[8:])
	s.Flags, s.Window = Flags(b[13]), be16(b[14:])
	s.Length, s.Payload = length-head, nil
	s.Options = Options{}
	if head > 20 {
		s.Options.read(b[20:min(head, len(b))])
	}
	if len(b) > head {
		s.Payload = b[head:min(length, len(b))]
	}
	return segment
}

// read takes the options of a TCP header in; it stops where they were cut or are wrong.
func (o *Options) read(b []byte) {
	// What nearly every segment has: two fillers and the timestamps.
	if len(b) == 12 && be32(b) == 0x0101080a {
		o.Has, o.TSVal, o.TSEcr = HasTimestamps, be32(b[4:]), be32(b[8:])
		return
	}
	for len(b) > 0 {
		switch b[0] {
		case 0:
			return
		case 1:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return
		}
		v := b[2:b[1]]
		switch {
		case b[0] == 2 && len(v) == 2:
			o.Has |= HasMSS
			o.MSS = be16(v)
		case b[0] == 3 && len(v) == 1:
			o.Has |= HasScale
			o.Scale = v[0]
		case b[0] == 4 && len(v) == 0:
			o.Has |= HasSACKPermitted
		case b[0] == 5 && len(v)%8 == 0:
			o.SACKs = b[1] / 8
		case b[0] == 8 && len(v) == 8:
			o.Has |= HasTimestamps
			o.TSVal, o.TSEcr = be32(v), be32(v[4:])
		}
		b = b[b[1]:]
	}
}

func be16(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }

func be32(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
