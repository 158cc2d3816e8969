package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/klauspost/compress/zstd"
)

// window is the most memory that a zstd file may ask for, in bytes: what zstd itself
// grants without --long.
const window = 128 << 20

// Reader reads the TCP segments of a capture, one after the other, in bounded memory.
type Reader struct {
	from    *bufio.Reader // what pcapgo reads from: the file, uncompressed
	inner   *bufio.Reader // what from reads of pcapng
	given   *counter      // bytes that were taken of the file
	packed  string        // "gzip" or "zstd", "" where the file is plain
	packets source
	link    layers.LinkType // of all packets; pcapng says it of each
	ng      *pcapgo.NgReader
	units   []int64 // of an interface's times in a second, where it is a power of two
	in      Intake
	dropped map[int]int64 // by interface of the section
	before  int64         // dropped in sections before
	done    bool
}

// source is what pcapgo's readers have in common.
type source interface {
	ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// counter counts the bytes that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Open reads the head of a capture: pcap with times in µs or ns, or pcapng, in either
// byte order, plain or compressed by gzip or zstd. An error says what is wrong with the
// bytes and leaves the file's name to the caller.
func Open(r io.Reader) (*Reader, error) {
	c := &Reader{dropped: map[int]int64{}}
	c.in.strange = map[layers.LinkType]int64{}
	if err := c.unpack(r); err != nil {
		return nil, err
	}
	magic, err := c.from.Peek(4)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, c.fault(err)
	case len(magic) == 0:
		return nil, errors.New("empty: a capture begins with a header, even where it has no packets")
	case len(magic) < 4:
		return nil, fmt.Errorf("ends after %d bytes, within the header of a capture", len(magic))
	}
	switch binary.BigEndian.Uint32(magic) {
	case 0x0a0d0d0a:
		err = c.openNg()
	case 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1:
		err = c.openPlain()
	default:
		return nil, fmt.Errorf("no capture: begins with % x; pcap and pcapng are read, plain or compressed by gzip or zstd", magic)
	}
	if err != nil {
		return nil, c.fault(err)
	}
	return c, nil
}

// unpack uncompresses what follows, where it is compressed.
func (c *Reader) unpack(r io.Reader) error {
	c.given = &counter{r: r}
	c.from = bufio.NewReaderSize(c.given, 1<<18)
	magic, _ := c.from.Peek(4)
	var z io.Reader
	var err error
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		c.packed = "gzip"
		z, err = gzip.NewReader(c.from)
	case len(magic) == 4 && binary.LittleEndian.Uint32(magic) == 0xfd2fb528:
		c.packed = "zstd"
		z, err = zstd.NewReader(c.from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("begins like %s, then is none (%w)", c.packed, err)
	}
	c.given = &counter{r: z}
	c.from = bufio.NewReaderSize(c.given, 1<<18)
	return nil
}

func (c *Reader) openPlain() error {
	p, err := pcapgo.NewReader(c.from) // takes a buffer of this size as its own
	if err != nil {
		return err
	}
	p.SetSnaplen(min(p.Snaplen(), maxBlock))
	c.packets, c.link = p, p.LinkType()
	return nil
}

func (c *Reader) openNg() error {
	c.inner = c.from
	c.from = bufio.NewReaderSize(&blocks{from: c.inner}, 1<<18)
	p, err := pcapgo.NewNgReader(c.from, pcapgo.NgReaderOptions{
		WantMixedLinkType:  true,
		SkipUnknownVersion: true,
		SectionEndCallback: func([]pcapgo.NgInterface, pcapgo.NgSectionInfo) {
			c.before, c.units = c.missed(), c.units[:0]
			clear(c.dropped)
		},
		StatisticsCallback: func(iface int, s pcapgo.NgInterfaceStatistics) {
			if s.PacketsDropped != pcapgo.NgNoValue64 {
				c.dropped[iface] = int64(min(s.PacketsDropped, 1<<62))
			}
		},
	})
	if err != nil {
		return err
	}
	c.packets, c.ng = p, p
	return nil
}

// at is how many bytes of the uncompressed file were used.
func (c *Reader) at() int64 {
	n := c.given.n - int64(c.from.Buffered())
	if c.inner != nil {
		n -= int64(c.inner.Buffered())
	}
	return n
}

// fault words an error of the file's head.
func (c *Reader) fault(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends at byte %d%s, within the header of a capture", c.at(), c.unpacked())
	}
	return fmt.Errorf("no capture that can be read: byte %d%s: %w", c.at(), c.unpacked(), err)
}

// unpacked says of an offset that it isn't the compressed file's.
func (c *Reader) unpacked() string {
	if c.packed == "" {
		return ""
	}
	return " of what " + c.packed + " holds"
}

// Next reads the next TCP segment into s, and io.EOF after the last. What is no TCP or
// can't be read is counted. A file that breaks off ends like a whole one, and
// Counts().End says where.
func (c *Reader) Next(s *Segment) error {
	for !c.done {
		start := c.at()
		b, info, err := c.packets.ZeroCopyReadPacketData()
		if err != nil {
			c.end(start, err)
			break
		}
		if c.take(s, b, &info) {
			return nil
		}
	}
	return io.EOF
}

// take reads a packet into s and says whether it is a segment to hand on.
func (c *Reader) take(s *Segment, b []byte, info *gopacket.CaptureInfo) bool {
	c.in.counts.Packets++
	at, ok := c.time(info)
	if !ok {
		c.in.counts.Timeless++
		return false
	}
	link := c.link
	if c.ng != nil {
		link = info.AncillaryData[0].(layers.LinkType)
	}
	d := decoder{into: s}
	what := d.link(link, packet{b, info.Length})
	if what == strange {
		c.in.strange[link]++
	}
	return c.in.sort(&d, what, at, info.InterfaceIndex)
}

// time is a packet's, in ns since 1970, and whether it can be told. pcapgo gives those
// of interfaces that count in powers of two with a whole number of ns for each unit,
// which is wrong by up to 73 ms. Up to 2^-29 s the units can be had back from it.
func (c *Reader) time(info *gopacket.CaptureInfo) (int64, bool) {
	at := info.Timestamp.UnixNano()
	if c.ng == nil || info.Timestamp.IsZero() {
		return at, !info.Timestamp.IsZero()
	}
	for len(c.units) <= info.InterfaceIndex {
		var units int64
		if of, err := c.ng.Interface(len(c.units)); err == nil && of.TimestampResolution.Binary() {
			units = 1 << min(of.TimestampResolution.Exponent(), 62)
		}
		c.units = append(c.units, units)
	}
	switch units := c.units[info.InterfaceIndex]; {
	case units == 0:
		return at, true
	case units > 1<<29:
		return 0, false
	default:
		sec := info.Timestamp.Unix()
		return sec*1e9 + (at-sec*1e9)/(1e9/units)*1e9/units, true
	}
}

// end notes why no packet follows the one before byte start.
func (c *Reader) end(start int64, err error) {
	c.done = true
	switch {
	case errors.Is(err, io.EOF) && (c.ng != nil || c.at() == start): // pcapgo says the same after a record's header
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		c.in.counts.End = fmt.Sprintf("The capture breaks off within a record, at byte %d%s: the packets before it count.", c.at(), c.unpacked())
	default:
		c.in.counts.End = fmt.Sprintf("After packet %d, at byte %d%s, the capture can't be read (%v): what stands before it counts.",
			c.in.counts.Packets, start, c.unpacked(), err)
	}
}

// Counts returns what was counted so far.
func (c *Reader) Counts() Counts {
	n := c.in.Counts()
	n.Dropped = c.missed()
	return n
}

// missed counts the packets that were dropped, by the capture's own counters.
func (c *Reader) missed() int64 {
	n := c.before
	for _, d := range c.dropped {
		n += d
	}
	return n
}
