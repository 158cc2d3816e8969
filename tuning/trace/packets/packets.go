// Package packets makes captures for tests from what a person can read, one packet in a line:
//
//	0.25 a > data 100 ttl=63
//
// is the time in seconds, the connection, who sends (> the client, < the server), what
// (syn, ack, data with a number of bytes or a quoted text, fin, rst, probe, again: the last data
// once more), and what is unlike the usual: ttl, window, behind (acknowledges so many bytes
// less), noack, lost (it was sent and not captured), port (of the server, 443 otherwise). In a
// text _ is a blank. A line "open 0 a" is a handshake, "ask 1 a" a request of 100 bytes and its
// answer of 200 a millisecond later, each acknowledged. # begins a comment.
package packets

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"example.com/keeptune/tuning/capture"
)

type script struct {
	ends map[string]*[2]wired
	out  []capture.Segment
}

// wired is an end as its kernel keeps it.
type wired struct {
	next, last uint32 // sequence numbers: of what comes, and of the last data
	size       int    // of the last data
	id         uint16
	port       uint16 // of a client
}

// Start is the time 0 of a script.
var Start = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

// Parse reads a script; its lines may be in any order of connections.
func Parse(text string) ([]capture.Segment, error) {
	s := &script{ends: map[string]*[2]wired{}}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) > 0 {
			if err := s.line(f, strings.TrimSpace(line)); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(s.out, func(a, b capture.Segment) int { return cmp.Compare(a.At, b.At) })
	for i := range s.out {
		s.out[i].Number = int64(i + 1)
	}
	return s.out, nil
}

func (s *script) line(f []string, line string) error {
	if f[0] == "open" || f[0] == "ask" {
		at, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		steps := []string{"> syn", "< syn", "> ack"}
		if f[0] == "ask" {
			steps = []string{"> data 100", "< data 200", "> ack"}
		}
		for i, step := range steps {
			words := append(strings.Fields(fmt.Sprintf("%.4f %s %s", at+float64(i)*0.001, f[2], step)), f[3:]...)
			if err := s.line(words, line); err != nil {
				return err
			}
		}
		return nil
	}
	at, err := strconv.ParseFloat(f[0], 64)
	if err != nil || len(f) < 4 {
		return fmt.Errorf("%q is no packet", line)
	}
	name, from := f[1], 0
	if f[2] == "<" {
		from = 1
	}
	ends := s.ends[name]
	if ends == nil {
		ends = &[2]wired{{next: 1000, id: 1, port: 50000 + uint16(len(s.ends))}, {next: 5000, id: 1}}
		s.ends[name] = ends
	}
	e, peer := &ends[from], &ends[1-from]
	client := netip.AddrPortFrom(netip.MustParseAddr("10.0.0.9"), ends[0].port)
	server := netip.AddrPortFrom(netip.MustParseAddr("10.0.0.5"), 443)
	e.id++
	g := capture.Segment{
		At: Start.UnixNano() + 1000*int64(math.Round(at*1e6)), Src: client, Dst: server,
		Seq: e.next, Ack: peer.next, Flags: capture.ACK, Window: 500, TTL: 64, IPID: e.id,
	}
	if from == 1 {
		g.Src, g.Dst = server, client
	}
	rest := f[4:]
	lost := false
	switch f[3] {
	case "syn":
		g.Flags = capture.SYN
		if from == 1 {
			g.Flags |= capture.ACK
		} else {
			g.Ack = 0
		}
		e.next++
	case "ack":
	case "data":
		if n, err := strconv.Atoi(rest[0]); err == nil {
			g.Length, g.Payload = n, make([]byte, n)
		} else {
			text, err := strconv.Unquote(rest[0])
			if err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			text = strings.ReplaceAll(text, "_", " ")
			g.Length, g.Payload = len(text), []byte(text)
		}
		rest = rest[1:]
		e.last, e.size = e.next, g.Length
		e.next += uint32(g.Length)
	case "again":
		g.Seq, g.Length, g.Payload = e.last, e.size, make([]byte, e.size)
	case "fin":
		g.Flags |= capture.FIN
		e.next++
	case "rst":
		g.Flags |= capture.RST
		g.Window = 0
	case "probe":
		g.Seq--
	default:
		return fmt.Errorf("%q: what is %q?", line, f[3])
	}
	for _, m := range rest {
		key, value, _ := strings.Cut(m, "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "ttl":
			g.TTL = uint8(n)
		case "behind": // acknowledges so much less
			g.Ack -= uint32(n)
		case "window":
			g.Window = uint16(n)
		case "noack":
			g.Flags &^= capture.ACK
			g.Ack = 0
		case "port":
			if from == 0 {
				g.Dst = netip.AddrPortFrom(g.Dst.Addr(), uint16(n))
			} else {
				g.Src = netip.AddrPortFrom(g.Src.Addr(), uint16(n))
			}
		case "lost": // not captured
			lost = true
		default:
			return fmt.Errorf("%q: what is %q?", line, m)
		}
	}
	if !lost {
		s.out = append(s.out, g)
	}
	return nil
}

// Pcap writes segments as a capture of Ethernet with times in ns.
func Pcap(all []capture.Segment) ([]byte, error) {
	var out bytes.Buffer
	w := pcapgo.NewWriterNanos(&out)
	if err := w.WriteFileHeader(1<<18, layers.LinkTypeEthernet); err != nil {
		return nil, err
	}
	for i := range all {
		b, err := frame(&all[i])
		if err != nil {
			return nil, err
		}
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(0, all[i].At).UTC(), CaptureLength: len(b), Length: len(b)}, b); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func frame(s *capture.Segment) ([]byte, error) {
	var ip interface {
		gopacket.NetworkLayer
		gopacket.SerializableLayer
	}
	src, dst, kind := s.Src.Addr().AsSlice(), s.Dst.Addr().AsSlice(), layers.EthernetTypeIPv4
	if s.Src.Addr().Is4() {
		ip = &layers.IPv4{Version: 4, TTL: s.TTL, Id: s.IPID, Protocol: layers.IPProtocolTCP, SrcIP: src, DstIP: dst}
	} else {
		kind = layers.EthernetTypeIPv6
		ip = &layers.IPv6{Version: 6, HopLimit: s.TTL, NextHeader: layers.IPProtocolTCP, SrcIP: src, DstIP: dst}
	}
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(s.Src.Port()), DstPort: layers.TCPPort(s.Dst.Port()), Seq: s.Seq, Ack: s.Ack, Window: s.Window,
		SYN: s.Flags.Has(capture.SYN), ACK: s.Flags.Has(capture.ACK), FIN: s.Flags.Has(capture.FIN), RST: s.Flags.Has(capture.RST),
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, err
	}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: kind},
		ip, tcp, gopacket.Payload(s.Payload))
	return buf.Bytes(), err
}
