package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// A segment is one TCP segment, at the time the kernel stamped it with.
type segment struct {
	at            time.Duration // CLOCK_MONOTONIC
	out, syn, fin bool
	window        int
	payload       int
}

// A capture sees every segment of one end's interface.
type capture struct {
	fd   int
	seen []segment
}

// newCapture listens in the thread's namespace.
func newCapture() (*capture, error) {
	dev, err := net.InterfaceByName(device)
	if err != nil {
		return nil, err
	}
	fd, err := tap(dev.Index)
	if err != nil {
		return nil, err
	}
	c := &capture{fd: fd}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		c.close()
		return nil, fmt.Errorf("SO_TIMESTAMPNS: %w", err)
	}
	return c, nil
}

// tap is a packet socket that sees what an interface of the thread's namespace
// receives and sends, without link layer headers.
func tap(index int) (int, error) {
	all := int(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL)))
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, all)
	if err != nil {
		return -1, fmt.Errorf("packet socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(all), Ifindex: index}); err != nil { //nolint:gosec // made from 16 bits
		_ = unix.Close(fd)
		return -1, fmt.Errorf("packet socket: %w", err)
	}
	return fd, nil
}

func (c *capture) close() { _ = unix.Close(c.fd) }

// read takes in what has come since the last call. The stamps are of the real
// time clock: read soon after what is asked for.
func (c *capture) read() []segment {
	shift := monotonic()
	packet, control := make([]byte, 128), make([]byte, 128)
	for {
		n, controls, _, from, err := unix.Recvmsg(c.fd, packet, control, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return c.seen
		}
		link, ok := from.(*unix.SockaddrLinklayer)
		if !ok {
			continue
		}
		if s, ok := parse(packet[:n]); ok {
			s.at, s.out = stamp(control[:controls])+shift, link.Pkttype == unix.PACKET_OUTGOING
			c.seen = append(c.seen, s)
		}
	}
}

// stamp is the SO_TIMESTAMPNS of a message.
func stamp(control []byte) time.Duration {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		if m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			return time.Duration(binary.NativeEndian.Uint64(m.Data))*time.Second + time.Duration(binary.NativeEndian.Uint64(m.Data[8:])) //nolint:gosec // a time
		}
	}
	return 0
}

// parse reads the headers of an IPv4 packet that carries TCP.
func parse(p []byte) (s segment, ok bool) {
	if len(p) < 20 || p[0]>>4 != 4 || p[9] != unix.IPPROTO_TCP {
		return s, false
	}
	ip := int(p[0]&15) * 4
	if len(p) < ip+20 {
		return s, false
	}
	tcp := p[ip:]
	s.syn, s.fin = tcp[13]&2 != 0, tcp[13]&1 != 0
	s.window = int(binary.BigEndian.Uint16(tcp[14:]))
	s.payload = int(binary.BigEndian.Uint16(p[2:])) - ip - int(tcp[12]>>4)*4
	return s, true
}

// clockSlack is how far two stamps may be out of order: each batch of them is
// turned into CLOCK_MONOTONIC by a reading of its own.
const clockSlack = time.Millisecond

// since waits up to limit for the first segment from a time on that fits.
func (c *capture) since(from, limit time.Duration, fits func(segment) bool) (segment, error) {
	for end := now() + limit; ; {
		for _, s := range c.read() {
			if s.at >= from-clockSlack && fits(s) {
				return s, nil
			}
		}
		if now() > end {
			return segment{}, fmt.Errorf("no such packet within %s", limit)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// answerToFIN waits for the first segment that came in behind the FIN that went out.
func (c *capture) answerToFIN() (segment, error) {
	for end := now() + time.Second; now() < end; time.Sleep(2 * time.Millisecond) {
		sent := false
		for _, s := range c.read() {
			if sent && !s.out {
				return s, nil
			}
			sent = sent || s.out && s.fin
		}
	}
	return segment{}, errors.New("the FIN is not answered")
}

// lastReceived is when the last segment came in.
func (c *capture) lastReceived() (segment, error) {
	seen := c.read()
	for _, s := range slices.Backward(seen) {
		if !s.out {
			return s, nil
		}
	}
	return segment{}, fmt.Errorf("no packet was received")
}
