package capture

import (
	"encoding/binary"
	"net/netip"
)

// Anonymiser gives each address another one in its place, the same one each time: in
// order of appearance out of 198.18.0.0/15, the block for tests of networks (RFC 2544),
// then 240.0.0.0/4, which nobody has; of IPv6 out of 2001:db8::/32, the block for
// documentation (RFC 3849). Ports stay, and so do loopback and unspecified addresses.
// A nil one leaves everything as it is.
type Anonymiser struct {
	of     map[netip.Addr]netip.Addr
	v4, v6 uint32 // how many were given
}

// NewAnonymiser returns one that has given nothing yet.
func NewAnonymiser() *Anonymiser { return &Anonymiser{of: map[netip.Addr]netip.Addr{}} }

// Blocks of IPv4, as numbers.
const (
	testBlock     = 198<<24 | 18<<16
	testBlockSize = 1 << 17
	reservedBlock = 240 << 24
)

// Addr is what stands in the place of an address.
func (a *Anonymiser) Addr(of netip.Addr) netip.Addr {
	if a == nil || of.IsLoopback() || of.IsUnspecified() || !of.IsValid() {
		return of
	}
	of = of.WithZone("")
	if to, ok := a.of[of]; ok {
		return to
	}
	var to netip.Addr
	if of.Is4() || of.Is4In6() {
		a.v4++
		n := testBlock + a.v4
		if a.v4 >= testBlockSize {
			n = reservedBlock + (a.v4-testBlockSize)%(1<<28)
		}
		to = netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
	} else {
		a.v6++
		b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
		binary.BigEndian.PutUint32(b[12:], a.v6)
		to = netip.AddrFrom16(b)
	}
	a.of[of] = to
	return to
}

// Segment replaces both addresses of a segment; its payload stays.
func (a *Anonymiser) Segment(s *Segment) {
	if a == nil {
		return
	}
	s.Src = netip.AddrPortFrom(a.Addr(s.Src.Addr()), s.Src.Port())
	s.Dst = netip.AddrPortFrom(a.Addr(s.Dst.Addr()), s.Dst.Port())
}
