package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// A flow is a TCP connection as a router sees it.
type flow struct {
	client, server endpoint
}

type endpoint struct {
	ip   [4]byte
	port uint16
}

// A watched flow is one that a resetter would end.
type watched struct {
	toClient, toServer uint32 // what each end expects next: what it acknowledged last
	last               time.Duration
}

// A resetter is the part of a middlebox that conntrack does not have: when a
// connection was idle for too long, both ends get a RST with the sequence
// number that they wait for. It captures what the router forwards and sends
// from there, in the other end's name.
type resetter struct {
	tap, raw int
	timeout  time.Duration
	flows    map[flow]*watched
}

// resetBoth starts a resetter on the router until ctx ends.
func (c *cell) resetBoth(ctx context.Context, timeout time.Duration) error {
	r := &resetter{tap: -1, raw: -1, timeout: timeout, flows: map[flow]*watched{}}
	err := c.router.do(func() error {
		dev, err := net.InterfaceByName(clientInterface)
		if err != nil {
			return err
		}
		if r.tap, err = tap(dev.Index); err != nil {
			return err
		}
		r.raw, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
		return err
	})
	if err != nil {
		r.close()
		return fmt.Errorf("the box that resets both ends: %w", err)
	}
	go r.run(ctx)
	return nil
}

func (r *resetter) close() {
	for _, fd := range []int{r.tap, r.raw} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}

// run takes in packets, and resets what is idle, until ctx ends.
func (r *resetter) run(ctx context.Context) {
	defer r.close()
	packet := make([]byte, 128)
	for ctx.Err() == nil {
		wait := time.Second
		for f, w := range r.flows {
			if !r.expired(f, w) {
				wait = min(wait, w.last+r.timeout-now())
			}
		}
		wait = max(0, wait)
		fds := []unix.PollFd{{Fd: int32(r.tap), Events: unix.POLLIN}} //nolint:gosec // a file descriptor
		if n, err := unix.Poll(fds, int(wait/time.Millisecond)+1); err != nil || n == 0 {
			continue
		}
		for {
			n, _, err := unix.Recvfrom(r.tap, packet, 0)
			if err != nil {
				break
			}
			r.take(packet[:n])
		}
	}
}

// expired resets both ends of a flow that was idle for too long.
func (r *resetter) expired(f flow, w *watched) bool {
	if now() < w.last+r.timeout {
		return false
	}
	r.reset(f.server, f.client, w.toClient)
	r.reset(f.client, f.server, w.toServer)
	delete(r.flows, f)
	return true
}

// take follows a flow by a packet in either direction.
func (r *resetter) take(p []byte) {
	if _, ok := parse(p); !ok {
		return
	}
	tcp := p[int(p[0]&15)*4:]
	from := endpoint{[4]byte(p[12:16]), binary.BigEndian.Uint16(tcp)}
	to := endpoint{[4]byte(p[16:20]), binary.BigEndian.Uint16(tcp[2:])}
	const fin, rst, ack = 1, 4, 16
	f, fromClient := flow{from, to}, from.ip == address(clientAddress).Addr
	if !fromClient {
		f = flow{to, from}
	}
	if tcp[13]&(fin|rst) != 0 {
		delete(r.flows, f)
		return
	}
	if tcp[13]&ack == 0 {
		return
	}
	w := r.flows[f]
	switch {
	case w == nil:
		w = &watched{}
		r.flows[f] = w
	case r.expired(f, w): // it comes too late to refresh
		return
	}
	w.last = now()
	next := binary.BigEndian.Uint32(tcp[8:])
	if fromClient {
		w.toClient = next
	} else {
		w.toServer = next
	}
}

// reset sends a RST in the name of an end.
func (r *resetter) reset(from, to endpoint, seq uint32) {
	p := make([]byte, 40)
	p[0], p[8], p[9] = 0x45, 64, unix.IPPROTO_TCP // the kernel fills in length and checksum
	binary.BigEndian.PutUint16(p[2:], 40)
	copy(p[12:], from.ip[:])
	copy(p[16:], to.ip[:])
	tcp := p[20:]
	binary.BigEndian.PutUint16(tcp, from.port)
	binary.BigEndian.PutUint16(tcp[2:], to.port)
	binary.BigEndian.PutUint32(tcp[4:], seq)
	tcp[12], tcp[13] = 5<<4, 4 // five words, RST
	binary.BigEndian.PutUint16(tcp[16:], checksum(from.ip, to.ip, tcp))
	_ = unix.Sendto(r.raw, p, 0, &unix.SockaddrInet4{Addr: to.ip})
}

// checksum is that of a TCP segment over IPv4 (RFC 9293 section 3.1).
func checksum(from, to [4]byte, segment []byte) uint16 {
	pseudo := append(append([]byte{}, from[:]...), to[:]...)
	pseudo = binary.BigEndian.AppendUint16(append(pseudo, 0, unix.IPPROTO_TCP), uint16(len(segment))) //nolint:gosec // 20 bytes
	sum := uint32(0)
	for _, part := range [][]byte{pseudo, segment} {
		for i := 0; i+1 < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
