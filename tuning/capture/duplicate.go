package capture

import (
	"encoding/binary"
	"time"
)

// Two copies of a packet follow each other within these times. With an IP
// identification, which a sender gives to one packet, the second copy may have been
// held up on the way; without one, two packets that look the same are only a copy
// when they were seen at different places, which are interfaces, directions and whether a
// tunnel was around them, and soon.
const (
	copyWithin     = int64(time.Second)
	likenessWithin = int64(10 * time.Millisecond)
)

// seen remembers recent packets, to tell their copies: a capture on all interfaces
// sees a packet at each it passes, and a mirror port often twice.
type seen [1 << 12]struct {
	of   uint64
	at   int64
	from int
}

// again says whether s is a copy of a packet that was seen.
func (t *seen) again(s *Segment, from int) bool {
	of := identity(s)
	e := &t[of>>52]
	d := s.At - e.at
	copied := e.of == of && (s.IPID != 0 && d >= 0 && d <= copyWithin || from != e.from && d >= -likenessWithin && d <= likenessWithin)
	if !copied {
		e.of, e.at, e.from = of, s.At, from
	}
	return copied
}

// identity mixes what two copies of a packet have in common and two packets have not.
func identity(s *Segment) uint64 {
	const odd = 0x9e3779b97f4a7c15
	h := uint64(odd)
	mix := func(v uint64) {
		h = (h ^ v) * odd
		h ^= h >> 29
	}
	if src, dst := s.Src.Addr(), s.Dst.Addr(); src.Is4() && dst.Is4() {
		a, b := src.As4(), dst.As4()
		mix(uint64(binary.LittleEndian.Uint32(a[:]))<<32 | uint64(binary.LittleEndian.Uint32(b[:])))
	} else {
		a, b := src.As16(), dst.As16()
		mix(binary.LittleEndian.Uint64(a[:8]))
		mix(binary.LittleEndian.Uint64(a[8:]))
		mix(binary.LittleEndian.Uint64(b[:8]))
		mix(binary.LittleEndian.Uint64(b[8:]))
	}
	mix(uint64(s.Seq)<<32 | uint64(s.Ack))
	mix(uint64(s.Src.Port())<<48 | uint64(s.Dst.Port())<<32 | uint64(s.IPID)<<16 | uint64(s.Window))
	mix(uint64(s.Options.TSVal)<<32 | uint64(s.Options.TSEcr))
	mix(uint64(s.Flags)<<32 ^ uint64(s.Length)) //nolint:gosec // any bits will do
	return h
}
