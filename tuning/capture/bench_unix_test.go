//go:build unix

package capture_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
)

// written makes a file of 1,000,000 packets of 50,000 connections, 1,000 of them open
// at once: a handshake, seven requests with answers, and a close after a silence.
func written(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "million.pcap")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	w := pcapgo.NewWriter(out)
	if err := w.WriteFileHeader(262144, layers.LinkTypeEthernet); err != nil {
		b.Fatal(err)
	}
	there := frame(b, ethernet(layers.EthernetTypeIPv4), ipv4(layers.IPProtocolTCP), tcp(), data(120))
	back := bytes.Clone(there)
	copy(back[26:30], there[30:34])
	copy(back[30:34], there[26:30])
	copy(back[34:36], there[36:38])
	at := start
	const open = 1000
	var id uint16
	for first := 0; first < 50_000; first += open {
		for step := range 20 {
			for c := first; c < first+open; c++ {
				p, ours, size := there, 26, 0
				if step%2 == 1 {
					p, ours = back, 30
				}
				flags := byte(0x10)
				switch {
				case step == 0:
					flags = 0x02
				case step == 1:
					flags = 0x12
				case step == 2:
				case step < 17:
					flags, size = 0x18, 120
				case step < 19:
					flags = 0x11
				}
				asks, answers := uint32(max(0, (step-2)/2))*120, uint32(max(0, (step-3)/2))*120
				seq, ack := 1000+asks, 5000+answers
				if step%2 == 1 {
					seq, ack = ack, seq
				}
				id++
				binary.BigEndian.PutUint16(p[16:], uint16(20+32+size))
				binary.BigEndian.PutUint16(p[18:], id)
				p[ours+1], p[ours+2] = byte(c>>14), byte(c>>6)
				sport := uint16(1024 + c)
				if step%2 == 1 {
					binary.BigEndian.PutUint16(p[36:], sport)
				} else {
					binary.BigEndian.PutUint16(p[34:], sport)
				}
				binary.BigEndian.PutUint32(p[38:], seq)
				binary.BigEndian.PutUint32(p[42:], ack)
				p[47] = flags
				at = at.Add(20 * time.Microsecond)
				n := 14 + 20 + 32 + size
				if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: n, Length: n}, p[:n]); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}

// BenchmarkCapture reads and follows a file of a million packets beside tcpdump, which
// copies it, and tshark, which lists its conversations, where that is installed.
func BenchmarkCapture(b *testing.B) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		b.Skip("tcpdump is not installed")
	}
	name := written(b)
	var ours, theirs time.Duration // the shortest of five
	for b.Loop() {
		for range 5 {
			ours = min(cmp.Or(ours, time.Hour), took(func() { follow(b, name) }))
			theirs = min(cmp.Or(theirs, time.Hour), took(func() { run(b, "tcpdump", "-r", name, "-w", "/dev/null") }))
		}
	}
	b.ReportMetric(float64(ours)/1e6, "ns/packet")
	b.ReportMetric(float64(ours)/float64(theirs), "x-tcpdump")
	if _, err := exec.LookPath("tshark"); err == nil {
		tshark := took(func() { run(b, "tshark", "-q", "-z", "conv,tcp", "-r", name) })
		b.ReportMetric(float64(ours)/float64(tshark), "x-tshark")
	}
}

// follow is what keeptune pcap does with a file.
func follow(b *testing.B, name string) {
	b.Helper()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r, err := capture.Open(f)
	if err != nil {
		b.Fatal(err)
	}
	t := trace.New(nil)
	var s capture.Segment
	for err = r.Next(&s); err == nil; err = r.Next(&s) {
		t.Add(&s)
	}
	t.End()
	if n := t.Counts(); !errors.Is(err, io.EOF) || n.Segments != 1_000_000 || n.Connections != 50_000 {
		b.Fatal(err, n)
	}
}

func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func run(b *testing.B, program string, args ...string) {
	b.Helper()
	if out, err := exec.CommandContext(b.Context(), program, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s: %v: %s", program, err, out)
	}
}

// BenchmarkCaptureOpen is the memory of connections that are open at once.
func BenchmarkCaptureOpen(b *testing.B) {
	const open = 100_000
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		t := trace.New(nil)
		s := capture.Segment{Dst: port("10.0.0.5:8080"), TTL: 64, Window: 500}
		for c := range open {
			s.At, s.Number = int64(c), int64(c)
			s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(c >> 16), byte(c >> 8)}), uint16(20000+c&255))
			s.Flags, s.Seq, s.Length = capture.SYN, 1, 0
			t.Add(&s)
			s.Flags, s.Seq, s.Length = capture.ACK|capture.PSH, 2, 100
			t.Add(&s)
		}
		b.ReportMetric(float64(heap()-before)/open, "B/conn")
		if t.Live() != open {
			b.Fatal(t.Live())
		}
	}
}
