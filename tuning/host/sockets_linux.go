package host

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/census"
)

// Of include/uapi/linux/inet_diag.h and sock_diag.h.
const (
	sockDiagByFamily = 20
	inetDiagInfo     = 2
	reqSize          = 16 + 56 // nlmsghdr and inet_diag_req_v2
	msgSize          = 72      // inet_diag_msg
	allStates        = 1<<(census.BoundInactive+1) - 2
)

// bufferSize is more than the kernel fills at a time (32 KiB).
const bufferSize = 64 << 10

// Sockets reads the TCP sockets of this host, or of the network namespace that o
// names, by sock_diag(7), listeners first, and hands them to visit one at a time;
// visit keeps nothing of its argument. Owners takes a look into every process.
func Sockets(ctx context.Context, o Options, visit func(*census.Socket)) (got Read, err error) {
	err = within(o.Namespace, func() error {
		var owners map[uint64][]census.Owner
		if o.Owners {
			var err error
			if owners, got.Hidden, err = Owners(ctx); err != nil {
				return err
			}
		}
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
		if err != nil {
			return fmt.Errorf("the kernel lists no sockets here (sock_diag: %w); ss -tanoie | keeptune census - reads a list", err)
		}
		defer unix.Close(fd)
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<20) // fewer pauses; without it, it only takes longer
		d := dump{fd: fd, spans: o.Spans, owners: owners, visit: visit, buf: make([]byte, bufferSize)}
		listening := uint32(1) << census.Listen
		groups := []uint32{listening, allStates &^ listening}
		if o.Listening {
			groups = groups[:1]
		}
		for _, states := range groups {
			for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
				if err := d.run(ctx, family, states); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return got, err
}

// A dump is one conversation with the kernel.
type dump struct {
	fd     int
	spans  bool
	owners map[uint64][]census.Owner
	visit  func(*census.Socket)
	buf    []byte
	row    census.Socket
}

func (d *dump) run(ctx context.Context, family uint8, states uint32) error {
	req := make([]byte, reqSize)
	ne := binary.NativeEndian
	ne.PutUint32(req[0:], reqSize)
	ne.PutUint16(req[4:], sockDiagByFamily)
	ne.PutUint16(req[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	req[16], req[17] = family, unix.IPPROTO_TCP
	if d.spans {
		req[18] = 1 << (inetDiagInfo - 1)
	}
	ne.PutUint32(req[20:], states)
	if err := unix.Sendto(d.fd, req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("asking the kernel for its sockets: %w", err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, _, err := unix.Recvfrom(d.fd, d.buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the kernel's sockets: %w", err)
		}
		done, err := d.messages(d.buf[:n])
		if done || err != nil {
			return err
		}
	}
}

// messages takes what one read gave.
func (d *dump) messages(b []byte) (done bool, err error) {
	ne := binary.NativeEndian
	for len(b) >= unix.SizeofNlMsghdr {
		size := int(ne.Uint32(b))
		if size < unix.SizeofNlMsghdr || size > len(b) {
			return false, errors.New("the kernel's list of sockets is cut short")
		}
		body := b[unix.SizeofNlMsghdr:size]
		switch ne.Uint16(b[4:]) {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			if len(body) < 4 {
				return false, errors.New("the kernel refuses to list its sockets")
			}
			return false, fmt.Errorf("the kernel refuses to list its sockets: %w", unix.Errno(-ne.Uint32(body)))
		case sockDiagByFamily:
			if len(body) >= msgSize {
				d.socket(body)
			}
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return false, nil
}

// socket decodes an inet_diag_msg and, where it was asked for, its tcp_info.
func (d *dump) socket(b []byte) {
	ne, be := binary.NativeEndian, binary.BigEndian
	s := &d.row
	*s = census.Socket{
		State: census.State(b[1]), Timer: census.Timer(b[2]), Tries: int(b[3]),
		Sent: census.Unknown, Received: census.Unknown, Heard: census.Unknown,
		Fires:     time.Duration(ne.Uint32(b[52:])) * time.Millisecond,
		RecvQueue: ne.Uint32(b[56:]), SendQueue: ne.Uint32(b[60:]),
		UID: ne.Uint32(b[64:]), Inode: uint64(ne.Uint32(b[68:])),
		Cookie: uint64(ne.Uint32(b[44:])) | uint64(ne.Uint32(b[48:]))<<32,
	}
	device := ne.Uint32(b[40:])
	s.Local = netip.AddrPortFrom(address(b[0], b[8:24], device), be.Uint16(b[4:]))
	s.Remote = netip.AddrPortFrom(address(b[0], b[24:40], device), be.Uint16(b[6:]))
	if s.Timer == census.NoTimer {
		s.Fires, s.Tries = 0, 0
	}
	for a := b[msgSize:]; len(a) >= 4; {
		size, kind := int(ne.Uint16(a)), ne.Uint16(a[2:])
		if size < 4 || size > len(a) {
			break
		}
		if kind == inetDiagInfo {
			d.info(a[4:size])
		}
		a = a[min(len(a), (size+3)&^3):]
	}
	if d.owners != nil && s.Inode != 0 {
		s.Owners = d.owners[s.Inode]
	}
	d.visit(s)
}

// info takes the spans out of a tcp_info, of which older kernels have less. The kernel
// fills them for sockets that have been connected.
func (d *dump) info(b []byte) {
	var t unix.TCPInfo
	end := unsafe.Offsetof(t.Last_ack_recv) + 4
	if uintptr(len(b)) < end || !d.row.Connected() {
		return
	}
	ms := func(at uintptr) time.Duration {
		return time.Duration(binary.NativeEndian.Uint32(b[at:])) * time.Millisecond
	}
	d.row.Sent = ms(unsafe.Offsetof(t.Last_data_sent))
	d.row.Received = ms(unsafe.Offsetof(t.Last_data_recv))
	d.row.Heard = ms(unsafe.Offsetof(t.Last_ack_recv))
}

// address is one of an inet_diag_sockid; the interface is that of a link-local one.
func address(family uint8, b []byte, device uint32) netip.Addr {
	if family == unix.AF_INET {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	a := netip.AddrFrom16([16]byte(b[:16]))
	if device != 0 && a.IsLinkLocalUnicast() {
		return a.WithZone(strconv.FormatUint(uint64(device), 10))
	}
	return a
}

// within runs f in a network namespace, on a thread that ends with it.
func within(namespace string, f func() error) error {
	if namespace == "" {
		return f()
	}
	file, err := openNamespace(namespace)
	if err != nil {
		return err
	}
	defer file.Close()
	return inside(file, f)
}
