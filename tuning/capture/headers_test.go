package capture_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.com/keeptune/tuning/capture"
)

var exact = cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })

// Every way in which a TCP segment can be wrapped gives the same segment.
func TestLinks(t *testing.T) {
	inner := func() []gopacket.SerializableLayer {
		return []gopacket.SerializableLayer{ipv4(layers.IPProtocolTCP), tcp(), data(10)}
	}
	with := func(outer ...gopacket.SerializableLayer) []byte { return frame(t, append(outer, inner()...)...) }
	raw := func(head ...byte) []byte { return append(head, with()...) }
	for _, c := range []struct {
		name string
		link layers.LinkType
		file []byte
	}{
		{"Ethernet", layers.LinkTypeEthernet, with(ethernet(layers.EthernetTypeIPv4))},
		{"VLAN", layers.LinkTypeEthernet, with(ethernet(layers.EthernetTypeDot1Q), &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeIPv4})},
		{"QinQ", layers.LinkTypeEthernet, with(ethernet(layers.EthernetTypeQinQ), &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeDot1Q}, &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeIPv4})},
		{"MPLS", layers.LinkTypeEthernet, with(ethernet(layers.EthernetTypeMPLSUnicast), &layers.MPLS{Label: 5}, &layers.MPLS{Label: 6, StackBottom: true})},
		{"PPPoE", layers.LinkTypeEthernet, with(ethernet(layers.EthernetTypePPPoESession), &layers.PPPoE{Version: 1, Type: 1}, &layers.PPP{PPPType: layers.PPPTypeIPv4})},
		{"cooked", layers.LinkTypeLinuxSLL, raw(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0)},
		{"cooked VLAN", layers.LinkTypeLinuxSLL, raw(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 7, 8, 0)},
		{"cooked 2", layers.LinkTypeLinuxSLL2, raw(8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0)},
		{"raw", layers.LinkTypeRaw, with()},
		{"raw of BSD", 12, with()},
		{"raw of OpenBSD", 14, with()},
		{"raw IPv4", layers.LinkTypeIPv4, with()},
		{"null of a little end", layers.LinkTypeNull, raw(2, 0, 0, 0)},
		{"null of a big end", layers.LinkTypeNull, raw(0, 0, 0, 2)},
		{"every interface of macOS", 258, append([]byte{16, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, 'e', 'n', '0', 0}, with()...)},
		{"loop", layers.LinkTypeLoop, raw(0, 0, 0, 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, n := read(t, plain(t, c.link, c.file))
			if d := cmp.Diff([]capture.Segment{theSegment()}, all, exact); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(capture.Counts{Packets: 1, Segments: 1}, n); d != "" {
				t.Error(d)
			}
		})
	}
}

// IPv6 has headers before TCP's, and fragments have none of it.
func TestIPVersions(t *testing.T) {
	six := theSegment()
	six.Src, six.Dst, six.IPID = port("[2001:db8::1]:40000"), port("[2001:db8::5]:8080"), 0
	v6 := func(next layers.IPProtocol, ext ...byte) []byte {
		body := append(ext, frame(t, tcp(), data(10))...)
		return frame(t, ethernet(layers.EthernetTypeIPv6), ipv6(next), gopacket.Payload(body))
	}
	v4 := func(change func(*layers.IPv4)) []byte {
		ip := ipv4(layers.IPProtocolTCP)
		change(ip)
		return frame(t, ethernet(layers.EthernetTypeIPv4), ip, tcp(), data(10))
	}
	zero := v4(func(*layers.IPv4) {})
	zero[16], zero[17] = 0, 0
	jumbo := v6(layers.IPProtocolTCP)
	jumbo[18], jumbo[19] = 0, 0
	options := v4(func(ip *layers.IPv4) {
		ip.Options = []layers.IPv4Option{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 0}}
	})
	four, is := theSegment(), capture.Counts{Packets: 1, Segments: 1}
	fragments := capture.Counts{Packets: 1, Fragments: 1}
	for _, c := range []struct {
		name string
		file []byte
		want *capture.Segment
		n    capture.Counts
	}{
		{"IPv6", v6(layers.IPProtocolTCP), &six, is},
		{"hop by hop, destination, routing", v6(0, 60, 0, 5, 2, 0, 0, 1, 0, 43, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0), &six, is},
		{"authentication", v6(51, 6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2), &six, is},
		{"fragment that is whole", v6(44, 6, 0, 0, 0, 0, 0, 0, 1), &six, is},
		{"first fragment of IPv6", v6(44, 6, 0, 0, 1, 0, 0, 0, 1), nil, fragments},
		{"later fragment of IPv6", v6(44, 6, 0, 0, 8, 0, 0, 0, 1), nil, fragments},
		{"encrypted", v6(50, 1, 2, 3, 4), nil, capture.Counts{Packets: 1, Other: 1}},
		{"header longer than the packet", v6(60, 6, 200), nil, capture.Counts{Packets: 1, Malformed: 1}},
		{"jumbogram", jumbo, &six, is},
		{"options of IPv4", options, &four, is},
		{"first fragment", v4(func(ip *layers.IPv4) { ip.Flags = layers.IPv4MoreFragments }), nil, fragments},
		{"later fragment", v4(func(ip *layers.IPv4) { ip.FragOffset = 1 }), nil, fragments},
		{"not to be fragmented", v4(func(ip *layers.IPv4) { ip.Flags = layers.IPv4DontFragment }), &four, is},
		{"length left to the card", zero, &four, is},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, n := read(t, plain(t, layers.LinkTypeEthernet, c.file))
			var want []capture.Segment
			if c.want != nil {
				want = append(want, *c.want)
			}
			if d := cmp.Diff(want, all, exact); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.n, n); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []layers.TCPOption
		want capture.Options
	}{
		{"none", nil, capture.Options{}},
		{"of a SYN", []layers.TCPOption{
			{OptionType: 2, OptionLength: 4, OptionData: []byte{5, 0xb4}},
			{OptionType: 4, OptionLength: 2},
			{OptionType: 8, OptionLength: 10, OptionData: []byte{0, 0, 1, 0, 0, 0, 0, 0}},
			{OptionType: 1},
			{OptionType: 3, OptionLength: 3, OptionData: []byte{7}},
		}, capture.Options{Has: capture.HasMSS | capture.HasScale | capture.HasSACKPermitted | capture.HasTimestamps, MSS: 1460, Scale: 7, TSVal: 256}},
		{"with blocks", []layers.TCPOption{
			{OptionType: 1},
			{OptionType: 1},
			{OptionType: 5, OptionLength: 18, OptionData: make([]byte, 16)},
		}, capture.Options{SACKs: 2}},
		{"unknown", []layers.TCPOption{
			{OptionType: 30, OptionLength: 12, OptionData: make([]byte, 10)},
			{OptionType: 3, OptionLength: 3, OptionData: []byte{2}},
		}, capture.Options{Has: capture.HasScale, Scale: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := tcp()
			head.Options = c.all
			all, _ := read(t, plain(t, layers.LinkTypeEthernet, frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), head)))
			if len(all) != 1 {
				t.Fatalf("%d segments", len(all))
			}
			if d := cmp.Diff(c.want, all[0].Options); d != "" {
				t.Error(d)
			}
		})
	}
}

// What was cut off is known by the headers; without those there is no segment.
func TestCut(t *testing.T) {
	whole := frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp(), data(1000))
	const head = 14 + 20 + 20 // Ethernet, IPv4, TCP without options
	for _, c := range []struct {
		keep    int
		payload int // -1: no segment
		options capture.OptionSet
	}{
		{len(whole), 1000, capture.HasTimestamps},
		{len(whole) - 1, 999, capture.HasTimestamps},
		{96, 96 - head - 12, capture.HasTimestamps},
		{head + 12, 0, capture.HasTimestamps},
		{head + 11, 0, 0},
		{head, 0, 0},
		{head - 1, -1, 0},
		{14 + 19, -1, 0},
		{13, -1, 0},
		{0, -1, 0},
	} {
		file := plain(t, layers.LinkTypeEthernet, whole[:c.keep])
		file[24+12], file[24+13] = byte(len(whole)), byte(len(whole)>>8) // the length on the wire
		all, n := read(t, file)
		want := capture.Counts{Packets: 1, Segments: 1, Short: 1}
		switch c.payload {
		case 1000:
			want.Short = 0
		case -1:
			want = capture.Counts{Packets: 1, Cut: 1}
		}
		if d := cmp.Diff(want, n); d != "" {
			t.Errorf("%d bytes: %s", c.keep, d)
		}
		if c.payload >= 0 && (len(all) != 1 || all[0].Length != 1000 || len(all[0].Payload) != c.payload || all[0].Options.Has != c.options) {
			t.Errorf("%d bytes: %+v", c.keep, all)
		}
	}
}

// A short frame is filled up to 60 bytes, which are no payload.
func TestFilledFrame(t *testing.T) {
	head := tcp()
	head.Options = nil
	f := append(frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), head), make([]byte, 6)...)
	all, n := read(t, plain(t, layers.LinkTypeEthernet, f))
	if len(all) != 1 || all[0].Length != 0 || len(all[0].Payload) != 0 || n.Short != 0 {
		t.Errorf("%+v %+v", all, n)
	}
}

func TestNoSegments(t *testing.T) {
	arp := frame(t, ethernet(layers.EthernetTypeARP), data(28))
	bad := frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp())
	bad[14+20+12] = 4 << 4 // a header of 16 bytes
	long := frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp())
	long[14+20+12] = 15 << 4 // a header longer than the packet
	ihl := frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp())
	ihl[14] = 0x44
	_, n := read(t, plain(t, layers.LinkTypeEthernet, arp, bad, long, ihl))
	if d := cmp.Diff(capture.Counts{Packets: 4, Other: 1, Malformed: 3}, n); d != "" {
		t.Error(d)
	}
	_, n = read(t, plain(t, layers.LinkTypeLinuxUSB, arp, arp))
	if d := cmp.Diff(capture.Counts{Packets: 2, Strange: 2, Links: []capture.Link{{220, "USB", 2}}}, n); d != "" {
		t.Error(d)
	}
}

// Copies that other interfaces or a mirror port saw are one packet; a packet that was
// sent again is another.
func TestDuplicates(t *testing.T) {
	at := func(iface byte, change func(*layers.IPv4, *layers.TCP)) []byte {
		ip, head := ipv4(layers.IPProtocolTCP), tcp()
		if change != nil {
			change(ip, head)
		}
		return append([]byte{8, 0, 0, 0, 0, 0, 0, iface, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, frame(t, ip, head, data(10))...)
	}
	noID := func(ip *layers.IPv4, _ *layers.TCP) { ip.Id = 0 }
	for _, c := range []struct {
		name       string
		frames     [][]byte // one millisecond apart
		duplicates int64
	}{
		{"another interface", [][]byte{at(1, nil), at(2, nil)}, 1},
		{"routed: the TTL is one less", [][]byte{at(1, nil), at(2, func(ip *layers.IPv4, _ *layers.TCP) { ip.TTL-- })}, 1},
		{"three interfaces", [][]byte{at(1, nil), at(2, nil), at(3, nil)}, 2},
		{"the same interface", [][]byte{at(1, nil), at(1, nil)}, 1},
		{"sent again", [][]byte{at(1, nil), at(1, func(ip *layers.IPv4, _ *layers.TCP) { ip.Id++ })}, 0},
		{"another acknowledgement", [][]byte{at(1, nil), at(2, func(_ *layers.IPv4, h *layers.TCP) { h.Ack++ })}, 0},
		{"without an identification, another interface", [][]byte{at(1, noID), at(2, noID)}, 1},
		{"without an identification, the same interface", [][]byte{at(1, noID), at(1, noID)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, n := read(t, plain(t, layers.LinkTypeLinuxSLL2, c.frames...))
			if n.Duplicates != c.duplicates || len(all) != len(c.frames)-int(c.duplicates) {
				t.Errorf("%d duplicates, %d segments", n.Duplicates, len(all))
			}
			if all[0].Interface != 1 || all[0].TTL != 63 || all[0].Number != 1 {
				t.Errorf("the first copy counts: %+v", all[0])
			}
		})
	}
}

// How long after a packet its copy may come.
func TestDuplicatesInTime(t *testing.T) {
	at := func(iface byte, id uint16) []byte {
		ip := ipv4(layers.IPProtocolTCP)
		ip.Id = id
		return append([]byte{8, 0, 0, 0, 0, 0, 0, iface, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, frame(t, ip, tcp(), data(10))...)
	}
	for _, c := range []struct {
		id    uint16
		later time.Duration
		want  int64
	}{
		{7, time.Second, 1},
		{7, time.Second + 1, 0},
		{7, -1, 0},
		{0, 10 * time.Millisecond, 1},
		{0, 10*time.Millisecond + 1, 0},
		{0, -10 * time.Millisecond, 1},
		{0, -10*time.Millisecond - 1, 0},
	} {
		second := at(2, c.id)
		if c.id != 0 {
			second = at(1, c.id)
		}
		file := plain(t, layers.LinkTypeLinuxSLL2, at(1, c.id), second)
		when := start.Add(c.later)
		record := file[len(file)-len(second)-16:]
		binary.LittleEndian.PutUint32(record, uint32(when.Unix()))
		binary.LittleEndian.PutUint32(record[4:], uint32(when.Nanosecond()))
		if _, n := read(t, file); n.Duplicates != c.want {
			t.Errorf("identification %d, %v later: %d duplicates, not %d", c.id, c.later, n.Duplicates, c.want)
		}
	}
}
