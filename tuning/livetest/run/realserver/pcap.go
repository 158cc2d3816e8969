package realserver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"
)

// A Conn is what a capture shows of one connection to the server's port.
type Conn struct {
	Client   string    // address of the client
	Server   string    // address of the server
	Accepted time.Time // first SYN-ACK
	Requests int       // client segments with data
	First    []byte    // start of what the client sent first
	Answer   []byte    // start of what the server sent, at most kept bytes
	Tail     []byte    // end of what the server sent, at most kept bytes
	LastData time.Time // last data byte of the server
	End      time.Time // first FIN or RST of the server, before any of the client
	Reset    bool      // it was an RST

	ClientEnd   time.Time // first FIN or RST of the client, before any of the server
	ClientReset bool      // it was an RST

	Heard, Said []time.Time // each segment with data, of the client and of the server
}

// ServerEnded reports whether the server ended the connection first.
func (c Conn) ServerEnded() bool { return !c.End.IsZero() }

// Idle is the time from the last data byte, or from the SYN-ACK, to the server's end.
func (c Conn) Idle() time.Duration {
	if c.Requests == 0 || c.LastData.IsZero() {
		return c.End.Sub(c.Accepted)
	}
	return c.End.Sub(c.LastData)
}

// kept is how many bytes are kept at the start and at the end of what a server sends.
const kept = 1 << 10

const (
	flagFIN = 1
	flagSYN = 2
	flagRST = 4
)

// A segment is one TCP segment of a capture.
type segment struct {
	at       time.Time
	src, dst string
	toServer bool
	flags    byte
	payload  []byte // as far as it was captured
}

// ClientEnded reports whether the client ended the connection first.
func (c Conn) ClientEnded() bool { return !c.ClientEnd.IsZero() }

// ClientIdle is the time from the server's last data byte to the client's end.
func (c Conn) ClientIdle() time.Duration { return c.ClientEnd.Sub(c.LastData) }

// parsePcap reads a little-endian pcap file of Ethernet (tcpdump -i lo) with IPv4 or IPv6.
func parsePcap(b []byte, port int) ([]Conn, error) {
	if len(b) < 24 {
		return nil, errors.New("the capture has no header")
	}
	if magic := binary.LittleEndian.Uint32(b); magic != 0xa1b2c3d4 {
		return nil, fmt.Errorf("the capture starts with %#x, not with pcap's microsecond magic", magic)
	}
	if link := binary.LittleEndian.Uint32(b[20:]); link != 1 {
		return nil, fmt.Errorf("the capture has link type %d, not Ethernet", link)
	}
	byPair := map[[2]string]int{}
	var conns []Conn
	done := map[[2]string]bool{}
	for b = b[24:]; len(b) >= 16; {
		size := int(binary.LittleEndian.Uint32(b[8:]))
		if size > len(b)-16 {
			break
		}
		at := time.Unix(int64(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:]))*1000)
		s, ok := parseSegment(b[16:16+size], port)
		b = b[16+size:]
		if !ok {
			continue
		}
		s.at = at
		pair := [2]string{s.dst, s.src} // client, server
		if s.toServer {
			pair = [2]string{s.src, s.dst}
		}
		i, known := byPair[pair]
		if s.toServer && s.flags&flagSYN != 0 && (!known || done[pair]) {
			byPair[pair], done[pair] = len(conns), false
			conns = append(conns, Conn{Client: pair[0], Server: pair[1]})
			continue
		}
		if known && !done[pair] {
			done[pair] = conns[i].take(s)
		}
	}
	return conns, nil
}

// take adds a segment and reports whether one side ended the connection.
func (c *Conn) take(s segment) bool {
	if s.toServer {
		if len(s.payload) > 0 {
			c.Heard = append(c.Heard, s.at)
			if c.Requests++; c.First == nil {
				c.First = bytes.Clone(s.payload)
			}
		}
		if s.flags&(flagFIN|flagRST) != 0 {
			c.ClientEnd, c.ClientReset = s.at, s.flags&flagRST != 0
			return true
		}
		return false
	}
	if room := kept - len(c.Answer); room > 0 {
		c.Answer = append(c.Answer, s.payload[:min(room, len(s.payload))]...)
	}
	c.Tail = append(c.Tail, s.payload...)
	c.Tail = c.Tail[max(0, len(c.Tail)-kept):]
	switch {
	case s.flags&flagSYN != 0:
		if c.Accepted.IsZero() { // deferred accept repeats its SYN-ACK
			c.Accepted = s.at
		}
	case s.flags&(flagFIN|flagRST) != 0:
		c.End, c.Reset = s.at, s.flags&flagRST != 0
		return true
	case len(s.payload) > 0:
		c.LastData = s.at
		c.Said = append(c.Said, s.at)
	}
	return false
}

func parseSegment(frame []byte, port int) (segment, bool) {
	var s segment
	if len(frame) < 14+20+20 {
		return s, false
	}
	ip := frame[14:]
	var src, dst net.IP
	var tcp []byte
	switch binary.BigEndian.Uint16(frame[12:]) {
	case 0x0800:
		head, total := int(ip[0]&15)*4, min(int(binary.BigEndian.Uint16(ip[2:])), len(ip))
		if ip[9] != 6 || head+20 > total {
			return s, false
		}
		src, dst, tcp = net.IP(ip[12:16]), net.IP(ip[16:20]), ip[head:total]
	case 0x86dd:
		total := min(40+int(binary.BigEndian.Uint16(ip[4:])), len(ip))
		if ip[6] != 6 || total < 60 {
			return s, false
		}
		src, dst, tcp = net.IP(ip[8:24]), net.IP(ip[24:40]), ip[40:total]
	default:
		return s, false
	}
	from, to := int(binary.BigEndian.Uint16(tcp)), int(binary.BigEndian.Uint16(tcp[2:]))
	offset := int(tcp[12]>>4) * 4
	if offset > len(tcp) || from != port && to != port {
		return s, false
	}
	s.src, s.dst = fmt.Sprintf("%s:%d", src, from), fmt.Sprintf("%s:%d", dst, to)
	s.toServer = to == port
	s.flags = tcp[13]
	s.payload = tcp[offset:]
	return s, true
}
