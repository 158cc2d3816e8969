package capture_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"example.com/keeptune/tuning/capture"
)

// The packets of these tests are written by gopacket, which is not what reads them.

var start = time.Date(2026, 11, 2, 9, 30, 0, 123456789, time.UTC)

// frame lays layers over each other, with lengths and checksums.
func frame(t testing.TB, all ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, all...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(buf.Bytes())
}

func ethernet(kind layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: kind}
}

func ipv4(proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 63, Id: 4711, Protocol: proto, SrcIP: net.IP{10, 0, 0, 1}, DstIP: net.IP{10, 0, 0, 5}}
}

func ipv6(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 63, NextHeader: next, SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::5")}
}

func tcp() *layers.TCP {
	return &layers.TCP{SrcPort: 40000, DstPort: 8080, Seq: 1000, Ack: 2000, PSH: true, ACK: true, Window: 501, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindNop},
		{OptionType: layers.TCPOptionKindNop},
		{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte{0, 0, 0, 7, 0, 0, 0, 8}},
	}}
}

func data(n int) gopacket.Payload { return bytes.Repeat([]byte("x"), n) }

// plain is a pcap file in ns of frames one millisecond apart.
func plain(t testing.TB, link layers.LinkType, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriterNanos(&b)
	if err := w.WriteFileHeader(262144, link); err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		at := start.Add(time.Duration(i) * time.Millisecond)
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(f), Length: len(f)}, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// read returns all segments of a file, with payloads of their own.
func read(t testing.TB, file []byte) ([]capture.Segment, capture.Counts) {
	t.Helper()
	r, err := capture.Open(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var all []capture.Segment
	var s capture.Segment
	for {
		err := r.Next(&s)
		if errors.Is(err, io.EOF) {
			return all, r.Counts()
		}
		if err != nil {
			t.Fatal(err)
		}
		kept := s
		kept.Payload = bytes.Clone(s.Payload)
		all = append(all, kept)
	}
}

func port(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// theSegment is what frame(…, ipv4(TCP), tcp(), data(10)) is to be read as.
func theSegment() capture.Segment {
	return capture.Segment{
		At: start.UnixNano(), Number: 1, Src: port("10.0.0.1:40000"), Dst: port("10.0.0.5:8080"), Seq: 1000, Ack: 2000,
		Flags: capture.PSH | capture.ACK, Window: 501, Options: capture.Options{Has: capture.HasTimestamps, TSVal: 7, TSEcr: 8},
		Length: 10, Payload: []byte("xxxxxxxxxx"), TTL: 63, IPID: 4711,
	}
}
