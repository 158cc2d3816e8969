package capture

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
)

// The filter, run by its definition instead of a kernel, which is what says the first
// three values of a packet.
func TestFilter(t *testing.T) {
	built := func(all ...gopacket.SerializableLayer) []byte {
		buf := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, all...); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	v4 := func(proto layers.IPProtocol) *layers.IPv4 {
		return &layers.IPv4{Version: 4, Protocol: proto, SrcIP: []byte{10, 0, 0, 1}, DstIP: []byte{10, 0, 0, 5}}
	}
	v6 := func(proto layers.IPProtocol) *layers.IPv6 {
		return &layers.IPv6{Version: 6, NextHeader: proto, SrcIP: make([]byte, 16), DstIP: make([]byte, 16)}
	}
	tcp := func(src, dst layers.TCPPort) *layers.TCP { return &layers.TCP{SrcPort: src, DstPort: dst} }
	udp := func(dst layers.UDPPort) *layers.UDP { return &layers.UDP{SrcPort: 443, DstPort: dst} }
	options := v4(6)
	options.Options = []layers.IPv4Option{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 0}}
	later, laterUDP := v4(6), v4(17)
	later.FragOffset, laterUDP.FragOffset = 1, 1
	some := []uint16{443, 8443}
	for _, c := range []struct {
		name   string
		iface  uint32
		sent   bool
		proto  uint32
		b      []byte
		ports  []uint16
		picked bool
	}{
		{"TCP", 2, false, etherIPv4, built(v4(6), tcp(1000, 2000)), nil, true},
		{"TCP on its way out", 2, true, etherIPv4, built(v4(6), tcp(1000, 2000)), nil, true},
		{"TCP on its way out of loopback", 1, true, etherIPv4, built(v4(6), tcp(1000, 2000)), nil, false},
		{"TCP into loopback", 1, false, etherIPv4, built(v4(6), tcp(1000, 2000)), nil, true},
		{"to a port", 2, false, etherIPv4, built(v4(6), tcp(1000, 443)), some, true},
		{"from a port", 2, false, etherIPv4, built(v4(6), tcp(8443, 1000)), some, true},
		{"another port", 2, false, etherIPv4, built(v4(6), tcp(444, 8444)), some, false},
		{"behind options", 2, false, etherIPv4, built(options, tcp(1000, 443)), some, true},
		{"another port behind options", 2, false, etherIPv4, built(options, tcp(1000, 444)), some, false},
		{"a later fragment", 2, false, etherIPv4, built(later, tcp(1000, 444)), some, true},
		{"UDP", 2, false, etherIPv4, built(v4(17), udp(443)), some, false},
		{"VXLAN", 2, false, etherIPv4, built(v4(17), udp(4789)), some, true},
		{"GENEVE", 2, false, etherIPv4, built(v4(17), udp(6081)), nil, true},
		{"a later fragment of UDP", 2, false, etherIPv4, built(laterUDP, udp(4789)), nil, false},
		{"GRE", 2, false, etherIPv4, built(v4(47)), some, true},
		{"ICMP", 2, false, etherIPv4, built(v4(1)), nil, false},
		{"TCP in IPv6", 2, false, etherIPv6, built(v6(6), tcp(1000, 2000)), nil, true},
		{"to a port in IPv6", 2, false, etherIPv6, built(v6(6), tcp(1000, 8443)), some, true},
		{"from a port in IPv6", 2, false, etherIPv6, built(v6(6), tcp(443, 1000)), some, true},
		{"another port in IPv6", 2, false, etherIPv6, built(v6(6), tcp(1000, 444)), some, false},
		{"VXLAN in IPv6", 2, false, etherIPv6, built(v6(17), udp(8472)), some, true},
		{"UDP in IPv6", 2, false, etherIPv6, built(v6(17), udp(443)), some, false},
		{"a header before TCP", 2, false, etherIPv6, built(v6(60)), some, true},
		{"ICMP in IPv6", 2, false, etherIPv6, built(v6(58)), some, false},
		{"a second VLAN tag", 2, false, etherVLAN, make([]byte, 40), some, true},
		{"ARP", 2, false, 0x0806, make([]byte, 28), nil, false},
	} {
		program, err := filter(c.ports, 200)
		if err != nil {
			t.Fatal(err)
		}
		for i, op := range program {
			if load, ok := op.(bpf.LoadExtension); ok {
				kind := uint32(0)
				if c.sent {
					kind = sentOut
				}
				program[i] = bpf.LoadConstant{Dst: bpf.RegA, Val: map[bpf.Extension]uint32{bpf.ExtInterfaceIndex: c.iface, bpf.ExtType: kind, bpf.ExtProto: c.proto}[load.Num]}
			}
		}
		vm, err := bpf.NewVM(program)
		if err != nil {
			t.Fatal(err)
		}
		n, err := vm.Run(c.b)
		if err != nil || (n == 200) != c.picked || n != 0 && n != 200 {
			t.Errorf("%s: %d bytes are picked, %v", c.name, n, err)
		}
	}
}

func TestFilterOfManyPorts(t *testing.T) {
	ports := make([]uint16, MaxPorts)
	if all, err := Filter(ports, 96); err != nil || len(all) > 4096 {
		t.Errorf("%d steps, %v", len(all), err)
	}
	if _, err := Filter(append(ports, 1), 96); err == nil {
		t.Error("one more is taken")
	}
}
