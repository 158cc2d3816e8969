//go:build unix

package capture_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"example.com/keeptune/tuning/capture"
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

// BenchmarkCaptureRead holds reading a file of a million packets against tcpdump's.
func BenchmarkCaptureRead(b *testing.B) {
	name := written(b)
	cpu := func(who int) time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	var ours, theirs, oursWall, theirsWall time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began, used := time.Now(), cpu(syscall.RUSAGE_SELF)
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		r, err := capture.Open(f)
		if err != nil {
			b.Fatal(err)
		}
		var s capture.Segment
		for err = r.Next(&s); err == nil; err = r.Next(&s) {
		}
		if !errors.Is(err, io.EOF) || r.Counts().Segments != 1_000_000 {
			b.Fatal(err, r.Counts())
		}
		f.Close()
		oursWall += time.Since(began)
		ours += cpu(syscall.RUSAGE_SELF) - used
		began, used = time.Now(), cpu(syscall.RUSAGE_CHILDREN)
		if out, err := exec.CommandContext(b.Context(), "tcpdump", "-r", name, "-w", "/dev/null").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		theirsWall += time.Since(began)
		theirs += cpu(syscall.RUSAGE_CHILDREN) - used
	}
	b.ReportMetric(float64(oursWall)/float64(theirsWall), "x-tcpdump-wall")
	b.ReportMetric(float64(ours)/float64(theirs), "x-tcpdump-cpu")
	b.ReportMetric(float64(ours)/float64(b.N)/1e6, "ns/packet")
}
