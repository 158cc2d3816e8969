package capture

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
)

// Blocks of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockNames     = 4
	blockPacket    = 6          // its other forms and an interface's numbers are below
	blockCustom    = 0x40000bad // of which a copy isn't asked for

	orderMagic = 0x1a2b3c4d
)

// The most that is read of a file: no capture has as much, and pcapgo would keep it all.
const (
	maxBlock      = 16 << 20 // bytes
	maxInterfaces = 1 << 16  // of a section
)

// blocks hands pcapng on, as many bytes as there are, so that pcapgo keeps little of it: it
// remembers all names of a section, so these come with the type of a block that is skipped,
// and too many interfaces or too long a block of those it reads is an error.
type blocks struct {
	from       *bufio.Reader
	order      binary.ByteOrder
	left       int64   // bytes of the block that is handed on; all that follow after one that is none
	kind       [4]byte // that it is handed on with
	at         int     // bytes of the kind that were
	interfaces int
}

func (b *blocks) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && (n == 0 || b.from.Buffered() > 0) {
		if b.left == 0 {
			if n > 0 && b.from.Buffered() < 12 {
				break // the next head would have to be waited for
			}
			if err := b.head(); err != nil {
				if n > 0 {
					break // it comes again
				}
				return 0, err
			}
		}
		m, err := b.from.Read(p[n : n+int(min(int64(len(p)-n), b.left))])
		if b.at < len(b.kind) {
			b.at += copy(p[n:n+m], b.kind[b.at:])
		}
		n += m
		b.left -= int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// head looks at the next block.
func (b *blocks) head() error {
	h, err := b.from.Peek(12)
	if len(h) == 0 {
		return err
	}
	if len(h) < 12 { // it breaks off
		b.left, b.at = math.MaxInt64, len(b.kind)
		return nil
	}
	b.kind, b.at = [4]byte(h), 0
	if binary.BigEndian.Uint32(h) == blockSection { // the same in both orders
		b.interfaces = 0
		switch uint32(orderMagic) {
		case binary.BigEndian.Uint32(h[8:]):
			b.order = binary.BigEndian
		case binary.LittleEndian.Uint32(h[8:]):
			b.order = binary.LittleEndian
		default:
			b.order = nil // pcapgo says so
		}
	}
	if b.order == nil {
		b.left = math.MaxInt64
		return nil
	}
	kind, length := b.order.Uint32(h), b.order.Uint32(h[4:])
	switch {
	case kind == blockNames:
		b.order.PutUint32(b.kind[:], blockCustom)
	case length > maxBlock && (kind <= blockPacket || kind == blockSection):
		return fmt.Errorf("a block of type %d has %d bytes, which no packet has", kind, length)
	case kind == blockInterface && b.interfaces == maxInterfaces:
		return fmt.Errorf("a section has more than %d interfaces", maxInterfaces)
	case kind == blockInterface:
		b.interfaces++
	}
	if b.left = int64(length); length < 12 {
		b.left = math.MaxInt64 // it is none, which pcapgo says
	}
	return nil
}
