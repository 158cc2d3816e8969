package capture_test

import (
	"net/netip"
	"testing"

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
