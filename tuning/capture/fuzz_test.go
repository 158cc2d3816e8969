package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.com/keeptune/tuning/capture"
)

// FuzzOpen reads anything: no panic, no endless file, bounded memory, and each packet
// is counted once.
func FuzzOpen(f *testing.F) {
	little := order(binary.LittleEndian)
	one := oneFrame(f)
	f.Add(pcap(little, 0xa1b2c3d4, 5, 1, one))
	f.Add(pcap(binary.BigEndian, 0xa1b23c4d, 5, 1, one))
	f.Add(bytes.Join([][]byte{section(little), iface(little, 1, 0x8a), enhanced(little, 0, 1<<40, one), statistics(little, 0, 4)}, nil))
	f.Add(zipped(f, "gzip", pcap(little, 0xa1b2c3d4, 5, 1, one)))
	f.Add(zipped(f, "zstd", pcap(little, 0xa1b2c3d4, 5, 1, one)))
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := capture.Open(bytes.NewReader(file))
		if err != nil {
			return
		}
		var s capture.Segment
		for n := 0; r.Next(&s) == nil && n < 1<<20; n++ {
			if len(s.Payload) > s.Length || s.Length < 0 {
				t.Fatalf("%d bytes of a payload of %d", len(s.Payload), s.Length)
			}
		}
		n := r.Counts()
		if err := r.Next(&s); errors.Is(err, io.EOF) && n.Packets != n.Segments+n.Duplicates+n.Other+n.Unread() {
			t.Fatalf("counts don't add up: %+v", n)
		}
		runtime.ReadMemStats(&after)
		if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 256<<20 {
			t.Fatalf("%d bytes of memory for a file of %d", grown, len(file))
		}
	})
}

// FuzzFrame holds the headers of an Ethernet frame against gopacket's reading of it.
func FuzzFrame(f *testing.F) {
	f.Add(oneFrame(f))
	f.Add(frame(f, ethernet(layers.EthernetTypeIPv6), ipv6(layers.IPProtocolTCP), tcp(), data(3)))
	f.Add(frame(f, ethernet(layers.EthernetTypeDot1Q), &layers.Dot1Q{Type: layers.EthernetTypeIPv4}, ipv4(layers.IPProtocolTCP), tcp(), data(3)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 || len(b) > 65535 {
			return
		}
		all, n := read(t, plain(t, layers.LinkTypeEthernet, b))
		if n.Packets != 1 {
			t.Fatalf("%+v", n)
		}
		p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
		theirs, ok := p.TransportLayer().(*layers.TCP)
		if len(all) == 0 || !ok || p.ErrorLayer() != nil || n.Tunnelled > 0 {
			return // what is cut, or wrong, each takes in its own way
		}
		ours := all[0]
		if uint16(theirs.SrcPort) != ours.Src.Port() || theirs.Seq != ours.Seq || theirs.Ack != ours.Ack || theirs.Window != ours.Window || theirs.RST != ours.Flags.Has(capture.RST) {
			t.Fatalf("%+v\n%+v", ours, theirs)
		}
		if src := p.NetworkLayer().NetworkFlow().Src().String(); src != ours.Src.Addr().Unmap().String() && ours.Src.Addr().Is4() {
			t.Fatalf("%s, not %s", ours.Src, src)
		}
	})
}
