package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"
	"github.com/klauspost/compress/zstd"

	"example.com/keeptune/tuning/capture"
)

// order is a byte order to write files in.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// pcap writes a file of one frame, with any magic number and byte order.
func pcap(o order, magic uint32, fraction uint32, link uint32, frame []byte) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 96, link, uint32(start.Unix()), fraction, uint32(len(frame)), uint32(len(frame))} {
		b = o.AppendUint32(b, v)
	}
	return append(b, frame...)
}

// block writes a block of pcapng (draft-ietf-opsawg-pcapng).
func block(o order, kind uint32, body []byte) []byte {
	body = append(body, make([]byte, -len(body)&3)...)
	n := uint32(len(body) + 12)
	b := o.AppendUint32(o.AppendUint32(nil, kind), n)
	return o.AppendUint32(append(b, body...), n)
}

func section(o order) []byte {
	b := o.AppendUint32(nil, 0x1a2b3c4d)
	b = o.AppendUint16(o.AppendUint16(b, 1), 0)
	return block(o, 0x0a0d0d0a, o.AppendUint64(b, 1<<64-1))
}

// iface describes an interface whose times are in units of resolution (if_tsresol).
func iface(o order, link uint16, resolution byte) []byte {
	b := o.AppendUint32(o.AppendUint16(o.AppendUint16(nil, link), 0), 0)
	b = append(o.AppendUint16(o.AppendUint16(b, 9), 1), resolution, 0, 0, 0)
	return block(o, 1, o.AppendUint32(b, 0))
}

// enhanced is a packet seen at a number of units since 1970.
func enhanced(o order, at int, units uint64, frame []byte) []byte {
	b := o.AppendUint32(nil, uint32(at))
	for _, v := range []uint32{uint32(units >> 32), uint32(units), uint32(len(frame)), uint32(len(frame))} {
		b = o.AppendUint32(b, v)
	}
	return block(o, 6, append(b, frame...))
}

// statistics says that an interface dropped packets (isb_ifdrop).
func statistics(o order, at int, dropped uint64) []byte {
	b := append(o.AppendUint32(nil, uint32(at)), make([]byte, 8)...)
	b = o.AppendUint16(o.AppendUint16(b, 5), 8)
	return block(o, 5, o.AppendUint32(o.AppendUint64(b, dropped), 0))
}

func oneFrame(t testing.TB) []byte {
	return frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp(), data(10))
}

func zipped(t testing.TB, how string, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if how == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every kind of file gives the same segment, at the time that its resolution can say.
func TestFiles(t *testing.T) {
	little, big := order(binary.LittleEndian), order(binary.BigEndian)
	f := oneFrame(t)
	ng := func(o order, resolution byte, units uint64) []byte {
		return bytes.Join([][]byte{section(o), iface(o, 1, resolution), enhanced(o, 0, units, f)}, nil)
	}
	sec, ns := uint64(start.Unix()), uint64(start.Nanosecond())
	micro := start.Truncate(time.Microsecond)
	for _, c := range []struct {
		name string
		file []byte
		at   time.Time
	}{
		{"µs", pcap(little, 0xa1b2c3d4, uint32(ns/1000), 1, f), micro},
		{"µs, big end", pcap(big, 0xa1b2c3d4, uint32(ns/1000), 1, f), micro},
		{"ns", pcap(little, 0xa1b23c4d, uint32(ns), 1, f), start},
		{"ns, big end", pcap(big, 0xa1b23c4d, uint32(ns), 1, f), start},
		{"with a checksum behind frames", pcap(little, 0xa1b23c4d, uint32(ns), 0x24000001, f), start},
		{"pcapng in µs", ng(little, 6, (sec*1e9+ns)/1000), micro},
		{"pcapng in ns", ng(little, 9, sec*1e9+ns), start},
		{"pcapng in ns, big end", ng(big, 9, sec*1e9+ns), start},
		{"pcapng in 2^-10 s", ng(little, 0x8a, sec<<10+1023), time.Unix(int64(sec), 1023*1e9>>10)},
		{"pcapng in 2^-20 s", ng(little, 0x94, sec<<20+1<<20-1), time.Unix(int64(sec), (1<<20-1)*1e9>>20)},
		{"pcapng in 2^-29 s", ng(little, 0x9d, sec<<29+1<<29-1), time.Unix(int64(sec), (1<<29-1)*1e9>>29)},
		{"gzip", zipped(t, "gzip", pcap(little, 0xa1b23c4d, uint32(ns), 1, f)), start},
		{"zstd", zipped(t, "zstd", ng(little, 9, sec*1e9+ns)), start},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := theSegment()
			want.At = c.at.UnixNano()
			all, n := read(t, c.file)
			if d := cmp.Diff([]capture.Segment{want}, all, exact); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(capture.Counts{Packets: 1, Segments: 1}, n); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTimesInTooSmallUnits(t *testing.T) {
	little := order(binary.LittleEndian)
	_, n := read(t, bytes.Join([][]byte{section(little), iface(little, 1, 0x9e), enhanced(little, 0, 1, oneFrame(t))}, nil))
	if d := cmp.Diff(capture.Counts{Packets: 1, Timeless: 1}, n); d != "" {
		t.Error(d)
	}
}

// One file of pcapng: two sections in two byte orders, interfaces with link types and
// resolutions of their own, names, secrets, packets without a time, and losses.
func TestSections(t *testing.T) {
	little, big := order(binary.LittleEndian), order(binary.BigEndian)
	f := oneFrame(t)
	other := oneFrame(t)
	other[19]++ // IP identification: another packet
	sec := uint64(start.Unix())
	simple := block(little, 3, append(little.AppendUint32(nil, uint32(len(f))), f...))
	file := bytes.Join([][]byte{
		section(little), iface(little, 1, 0x8a), iface(little, uint16(layers.LinkTypeRaw), 9),
		block(little, 4, make([]byte, 4)),                                             // names: none
		block(little, 10, append([]byte("KSLT\x04\x00\x00\x00"), 's', 'e', 'c', 'r')), // TLS secrets
		enhanced(little, 0, sec<<10, f),
		simple,
		block(little, 0x0bad, []byte("a custom block")),
		enhanced(little, 1, sec*1e9+2, other[14:]),
		statistics(little, 0, 3), statistics(little, 0, 5), statistics(little, 1, 1<<64-1),
		section(big), iface(big, 1, 9),
		enhanced(big, 0, (sec+3)*1e9+7, f),
		statistics(big, 0, 2),
	}, nil)
	all, n := read(t, file)
	want := []capture.Segment{theSegment(), theSegment(), theSegment()}
	want[0].At = int64(sec * 1e9)
	want[1].At, want[1].Number, want[1].Interface, want[1].IPID = int64(sec*1e9+2), 3, 1, 4712
	want[2].At, want[2].Number = int64((sec+3)*1e9+7), 4
	if d := cmp.Diff(want, all, exact); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(capture.Counts{Packets: 4, Segments: 3, Timeless: 1, Dropped: 7}, n); d != "" {
		t.Error(d)
	}
}

// Wherever a file breaks off, the packets before count, and the end is told with its byte.
func TestTruncated(t *testing.T) {
	little := order(binary.LittleEndian)
	f := oneFrame(t)
	ng := bytes.Join([][]byte{section(little), iface(little, 1, 9)}, nil)
	ngEnds := []int{len(ng)}
	for i := range 3 {
		ng = append(ng, enhanced(little, 0, uint64(start.UnixNano())+uint64(i)*2e9, f)...)
		ngEnds = append(ngEnds, len(ng))
	}
	second, third := bytes.Clone(f), bytes.Clone(f)
	second[19]++
	third[19] += 2
	whole := plain(t, layers.LinkTypeEthernet, f, second, third)
	each := 16 + len(f)
	for _, c := range []struct {
		name string
		file []byte
		ends []int // where packets end, with the head
	}{
		{"pcap", whole, []int{24, 24 + each, 24 + 2*each, 24 + 3*each}},
		{"pcapng", ng, ngEnds},
	} {
		for size := c.ends[0]; size <= len(c.file); size++ {
			packets := 0
			for packets+1 < len(c.ends) && c.ends[packets+1] <= size {
				packets++
			}
			all, n := read(t, c.file[:size])
			if len(all) != packets {
				t.Fatalf("%s of %d bytes: %d segments, not %d", c.name, size, len(all), packets)
			}
			want := ""
			if size != c.ends[packets] {
				want = fmt.Sprintf("The capture breaks off within a record, at byte %d: the packets before it count.", size)
			}
			if n.End != want {
				t.Fatalf("%s of %d bytes:\n%s\nwant\n%s", c.name, size, n.End, want)
			}
		}
		for size := range c.ends[0] {
			if c.name == "pcapng" && size >= len(section(little)) {
				continue // a section, without interfaces and packets
			}
			if _, err := capture.Open(bytes.NewReader(c.file[:size])); err == nil {
				t.Errorf("%s of %d bytes opens", c.name, size)
			}
		}
	}
}

func TestBadFiles(t *testing.T) {
	little := order(binary.LittleEndian)
	f := oneFrame(t)
	good := plain(t, layers.LinkTypeEthernet, f, f, f)
	huge := bytes.Clone(good)
	binary.LittleEndian.PutUint32(huge[24+16+len(f)+8:], 1<<31)
	far := append(section(little), iface(little, 1, 9)...)
	far = append(far, bytes.Repeat(enhanced(little, 0, 1, f), 5000)...)
	far = append(far, block(little, 6, little.AppendUint32(nil, 1))...)
	far = append(far, make([]byte, 1<<20-16)...)
	boundless := bytes.Clone(huge)
	binary.LittleEndian.PutUint32(boundless[16:], 1<<32-1)
	binary.LittleEndian.PutUint32(boundless[24+16+len(f)+12:], 1<<31)
	old := bytes.Clone(good)
	old[4] = 1
	for _, c := range []struct {
		name, file, want string
	}{
		{"empty", "", "empty: a capture begins with a header, even where it has no packets"},
		{"three bytes", "\xd4\xc3\xb2", "ends after 3 bytes, within the header of a capture"},
		{"a program", "\x7fELF\x02\x01", "no capture: begins with 7f 45 4c 46; pcap and pcapng are read, plain or compressed by gzip or zstd"},
		{"half a head", string(good[:20]), "ends at byte 20, within the header of a capture"},
		{"half a head in gzip", string(zipped(t, "gzip", good[:20])), "ends at byte 20 of what gzip holds, within the header of a capture"},
		{"no gzip", "\x1f\x8b\x00\x00zzzzzzzzzz", "begins like gzip, then is none (gzip: invalid header)"},
		{"text in gzip", string(zipped(t, "gzip", []byte("hello"))), "no capture: begins with 68 65 6c 6c; pcap and pcapng are read, plain or compressed by gzip or zstd"},
		{"an old version", string(old), "no capture that can be read: byte 24: Unknown major version 1"},
	} {
		_, err := capture.Open(strings.NewReader(c.file))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
	packed := zipped(t, "gzip", good)
	broken := bytes.Clone(packed)
	broken[len(broken)-6] ^= 1 // the checksum
	for _, c := range []struct {
		name  string
		file  []byte
		count int
		want  string
	}{
		{"a packet of 2 GiB", huge, 1, "After packet 1, at byte 116, the capture can't be read (capture length exceeds snap length: 2147483648 > 262144): what stands before it counts."},
		{"and of a capture that allows it", boundless, 1, "After packet 1, at byte 116, the capture can't be read (capture length exceeds snap length: 2147483648 > 16777216): what stands before it counts."},
		{"far from the beginning", far, 5000, fmt.Sprintf("After packet 5000, at byte %d, the capture can't be read (Interface id 1 not present in section (have only 1 interfaces)): what stands before it counts.", len(far)-1<<20)},
		{"an interface that isn't there", bytes.Join([][]byte{section(little), iface(little, 1, 9), enhanced(little, 1, 1, f), []byte("more")}, nil), 0, "After packet 0, at byte 28, the capture can't be read (Interface id 1 not present in section (have only 1 interfaces)): what stands before it counts."},
		{"a wrong checksum of gzip", broken, 3, "After packet 3, at byte 300 of what gzip holds, the capture can't be read (gzip: invalid checksum): what stands before it counts."},
	} {
		all, n := read(t, c.file)
		if int(n.Packets) != c.count || n.End != c.want {
			t.Errorf("%s: %d segments of %d packets, %s\nwant %s", c.name, len(all), n.Packets, n.End, c.want)
		}
	}
}

// names is a block of name resolution with so many names of addresses.
func names(o order, n int) []byte {
	one := append(o.AppendUint16(o.AppendUint16(nil, 1), 6), 10, 0, 0, 1, 'a', 0, 0, 0)
	return block(o, 4, append(bytes.Repeat(one, n), make([]byte, 4)...))
}

// What pcapgo would keep of a file is bounded: names and secrets are skipped, and neither a
// block nor the interfaces of a section grow without end.
func TestBlocksAreBounded(t *testing.T) {
	little := order(binary.LittleEndian)
	head := bytes.Join([][]byte{section(little), iface(little, 1, 9)}, nil)
	packet := enhanced(little, 0, uint64(start.UnixNano()), oneFrame(t))
	secrets := block(little, 10, append(little.AppendUint32([]byte("KSLT"), 4<<20), make([]byte, 4<<20)...))
	file := bytes.Join([][]byte{head, names(little, 1<<19), secrets, secrets, packet}, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := capture.Open(iotest.HalfReader(bytes.NewReader(file)))
	if err != nil {
		t.Fatal(err)
	}
	var s capture.Segment
	if err := r.Next(&s); err != nil || s.Number != 1 {
		t.Fatal(err, r.Counts())
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 3<<20 {
		t.Errorf("%d bytes of memory for a file of %d", grown, len(file))
	}
	for _, c := range []struct {
		name string
		add  []byte
		want string
	}{
		{"as many interfaces as a section may have", bytes.Repeat(iface(little, 1, 9), 1<<16-1), ""},
		{"one more", bytes.Repeat(iface(little, 1, 9), 1<<16), "(a section has more than 65536 interfaces)"},
		{"as many in each section", bytes.Join([][]byte{bytes.Repeat(iface(little, 1, 9), 1<<16-1), section(little), bytes.Repeat(iface(little, 1, 9), 1<<16)}, nil), ""},
		{"a block of 16 MiB", block(little, 5, append(make([]byte, 12), make([]byte, 16<<20-24)...)), ""},
		{"a longer one", block(little, 5, make([]byte, 16<<20-8)), "(a block of type 5 has 16777220 bytes, which no packet has)"},
		{"a long one that is skipped", block(little, 10, make([]byte, 16<<20)), ""},
	} {
		all, n := read(t, bytes.Join([][]byte{head, c.add, packet}, nil))
		if (len(all) == 1) != (c.want == "") || (n.End == "") != (c.want == "") || !strings.Contains(n.End, c.want) {
			t.Errorf("%s: %d segments; %s", c.name, len(all), n.End)
		}
	}
}

// A capture that comes through a pipe is read as it comes: a segment is handed on
// before the next packet is there.
func TestPipe(t *testing.T) {
	f := oneFrame(t)
	file := plain(t, layers.LinkTypeEthernet, f)
	in, out := io.Pipe()
	go func() { _, _ = out.Write(file) }() // and no more
	r, err := capture.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	var s capture.Segment
	if err := r.Next(&s); err != nil || s.Number != 1 {
		t.Fatal(err, s)
	}
	one, err := capture.Open(iotest.OneByteReader(bytes.NewReader(file)))
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Next(&s); err != nil {
		t.Fatal(err)
	}
}
