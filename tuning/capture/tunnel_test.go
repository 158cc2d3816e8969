package capture_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.com/keeptune/tuning/capture"
)

// What clouds and mirror ports put around a packet is taken off again.
func TestTunnels(t *testing.T) {
	outer := func(proto layers.IPProtocol) []gopacket.SerializableLayer {
		o := ipv4(proto)
		o.TTL, o.Id, o.SrcIP, o.DstIP = 250, 1, []byte{192, 0, 2, 1}, []byte{192, 0, 2, 2}
		return []gopacket.SerializableLayer{ethernet(layers.EthernetTypeIPv4), o}
	}
	inner := []gopacket.SerializableLayer{ipv4(layers.IPProtocolTCP), tcp(), data(10)}
	framed := append([]gopacket.SerializableLayer{ethernet(layers.EthernetTypeIPv4)}, inner...)
	udp := func(port layers.UDPPort) gopacket.SerializableLayer {
		return &layers.UDP{SrcPort: 50000, DstPort: port}
	}
	wrap := func(o []gopacket.SerializableLayer, in []gopacket.SerializableLayer, between ...gopacket.SerializableLayer) []byte {
		return frame(t, append(append(o, between...), in...)...)
	}
	const bridge = layers.EthernetTypeTransparentEthernetBridging
	for name, file := range map[string][]byte{
		"VXLAN":             wrap(outer(layers.IPProtocolUDP), framed, udp(4789), &layers.VXLAN{ValidIDFlag: true, VNI: 9}),
		"VXLAN of flannel":  wrap(outer(layers.IPProtocolUDP), framed, udp(8472), &layers.VXLAN{ValidIDFlag: true, VNI: 9}),
		"GENEVE":            wrap(outer(layers.IPProtocolUDP), framed, udp(6081), &layers.Geneve{Protocol: bridge, VNI: 9}),
		"GENEVE, options":   wrap(outer(layers.IPProtocolUDP), inner, udp(6081), &layers.Geneve{Protocol: layers.EthernetTypeIPv4, Options: []*layers.GeneveOption{{Class: 0x108, Type: 1, Length: 12, Data: make([]byte, 8)}}}),
		"GRE":               wrap(outer(layers.IPProtocolGRE), inner, &layers.GRE{Protocol: layers.EthernetTypeIPv4}),
		"GRE, key and all":  wrap(outer(layers.IPProtocolGRE), framed, &layers.GRE{Protocol: bridge, KeyPresent: true, SeqPresent: true, ChecksumPresent: true}),
		"ERSPAN":            wrap(outer(layers.IPProtocolGRE), framed, &layers.GRE{Protocol: layers.EthernetTypeERSPAN, SeqPresent: true}, &layers.ERSPANII{Version: 1, SessionID: 3}),
		"IP in IP":          wrap(outer(layers.IPProtocolIPv4), inner),
		"VXLAN within VLAN": wrap(append([]gopacket.SerializableLayer{ethernet(layers.EthernetTypeDot1Q), &layers.Dot1Q{Type: layers.EthernetTypeIPv4}}, outer(layers.IPProtocolUDP)[1:]...), framed, udp(4789), &layers.VXLAN{ValidIDFlag: true}),
	} {
		t.Run(name, func(t *testing.T) {
			all, n := read(t, plain(t, layers.LinkTypeEthernet, file))
			if d := cmp.Diff([]capture.Segment{theSegment()}, all, exact); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(capture.Counts{Packets: 1, Segments: 1, Tunnelled: 1}, n); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("no VXLAN at its port", func(t *testing.T) {
		_, n := read(t, plain(t, layers.LinkTypeEthernet, wrap(outer(layers.IPProtocolUDP), framed, udp(4789), &layers.VXLAN{VNI: 9})))
		if d := cmp.Diff(capture.Counts{Packets: 1, Other: 1}, n); d != "" {
			t.Error(d)
		}
	})
	t.Run("packets in packets without end", func(t *testing.T) {
		deep := func(n int) []byte {
			all := outer(layers.IPProtocolIPv4)
			for range n - 1 {
				all = append(all, ipv4(layers.IPProtocolIPv4))
			}
			return frame(t, append(all, inner...)...)
		}
		_, n := read(t, plain(t, layers.LinkTypeEthernet, deep(4), deep(5)))
		if d := cmp.Diff(capture.Counts{Packets: 2, Segments: 1, Tunnelled: 1, Other: 1}, n); d != "" {
			t.Error(d)
		}
	})
}

// Where a capture does not say on which interface a packet was seen, one of IPv6, which has no
// identification, is a copy of the same packet in a tunnel, and none of another like it.
func TestCopyInATunnel(t *testing.T) {
	bare := frame(t, ethernet(layers.EthernetTypeIPv6), ipv6(layers.IPProtocolTCP), tcp(), data(10))
	within := frame(t, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 50000, DstPort: 4789},
		&layers.VXLAN{ValidIDFlag: true, VNI: 9}, ethernet(layers.EthernetTypeIPv6), ipv6(layers.IPProtocolTCP), tcp(), data(10))
	for name, c := range map[string]struct {
		packets [][]byte
		copies  int64
	}{
		"in the tunnel first": {[][]byte{within, bare}, 1},
		"outside of it first": {[][]byte{bare, within}, 1},
		"twice outside of it": {[][]byte{bare, bare}, 0},
		"twice in it":         {[][]byte{within, within}, 0},
		"another one each":    {[][]byte{within, bare, within, bare}, 2},
	} {
		if _, n := read(t, plain(t, layers.LinkTypeEthernet, c.packets...)); n.Duplicates != c.copies {
			t.Errorf("%s: %d copies, want %d", name, n.Duplicates, c.copies)
		}
	}
}
