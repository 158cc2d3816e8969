package host

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
)

// A Watch takes packets from the kernel by a ring of memory that both see (packet(7),
// TPACKET_V3): the kernel fills blocks and hands each on when it is full or has waited
// for long enough. It sends nothing and changes no interface.
type Watch struct {
	options WatchOptions
	fd      int
	wake    int // an eventfd that ends a wait
	ring    []byte
	block   int // which is next
	in      capture.Intake
	packet  capture.Packet // the one that is handed on
	dropped int64
	until   int64 // ns since 1970: packets from then on aren't taken; 0 is no end
	past    bool  // such a packet came
}

const (
	blockSize = 512 << 10
	handOn    = 200 // ms after which a block that isn't full is handed on

	// Each wait costs as much as hundreds of packets: while the ring is nearly empty, blocks
	// gather for so long.
	gather     = 20 * time.Millisecond
	gatherings = 8 // of the ring may be full in that time
)

// OpenWatch begins to watch: what passes from now on is kept until Run takes it. The
// error of who may not has ErrMayNotWatch in it.
func OpenWatch(o WatchOptions) (*Watch, error) {
	if o.Snap <= 0 {
		o.Snap = defaultSnap
	}
	if o.Buffer <= 0 {
		o.Buffer = defaultBuffer
	}
	w := &Watch{options: o, fd: -1, wake: -1}
	open := w.open
	if o.Namespace != "" {
		namespace, err := openNamespace(o.Namespace)
		if err != nil {
			return nil, err
		}
		defer namespace.Close()
		open = func() error { return inside(namespace, w.open) }
	}
	if err := open(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Watch) open() error {
	o := &w.options
	index := 0
	if o.Interface != "" {
		on, err := net.InterfaceByName(o.Interface)
		if err != nil {
			return noInterface(o.Interface)
		}
		index = on.Index
	}
	program, err := capture.Filter(o.Ports, uint32(min(o.Snap, 1<<18))) //nolint:gosec // positive
	if err != nil {
		return err
	}
	// Without a protocol, nothing arrives before the filter and the ring are there.
	w.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES):
		return ErrMayNotWatch
	case err != nil:
		return fmt.Errorf("the kernel gives no packet socket: %w", err)
	}
	if w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("the kernel gives no event: %w", err)
	}
	filters := make([]unix.SockFilter, len(program))
	for i, s := range program {
		filters[i] = unix.SockFilter{Code: s.Op, Jt: s.Jt, Jf: s.Jf, K: s.K}
	}
	if err := unix.SetsockoptSockFprog(w.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]}); err != nil { //nolint:gosec // a hundred
		return fmt.Errorf("the kernel takes no filter: %w", err)
	}
	if err := unix.SetsockoptInt(w.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("the kernel has no TPACKET_V3: %w", err)
	}
	blocks := max(o.Buffer/blockSize, 2)
	const frame = 2048 // only checked by the kernel: frames are as long as their packets
	err = unix.SetsockoptTpacketReq3(w.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(blocks), Frame_size: frame, Frame_nr: uint32(blocks) * (blockSize / frame), //nolint:gosec // small
		Retire_blk_tov: handOn,
	})
	if err != nil {
		return fmt.Errorf("the kernel gives no %d MiB to capture into: %w", blocks*blockSize>>20, err)
	}
	if w.ring, err = unix.Mmap(w.fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE); err != nil {
		return fmt.Errorf("the memory that the kernel captures into can't be seen: %w", err)
	}
	if err := unix.Bind(w.fd, &unix.SockaddrLinklayer{Protocol: all(), Ifindex: index}); err != nil {
		return fmt.Errorf("interface %s can't be watched: %w", model.Clean(o.Interface, 40), err)
	}
	return nil
}

// all is ETH_P_ALL in the network's order.
func all() uint16 {
	return binary.NativeEndian.Uint16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL & 0xff})
}

// noInterface names those that there are.
func noInterface(name string) error {
	var names []string
	if list, err := net.Interfaces(); err == nil {
		for _, i := range list {
			names = append(names, i.Name)
		}
	}
	slices.Sort(names)
	if len(names) > 8 {
		names = append(names[:8], "…")
	}
	return fmt.Errorf("there is no interface %q; there are %s", model.Clean(name, 40), strings.Join(names, ", "))
}

// Run hands each segment on, which is valid during the call, until ctx is done; then it
// takes what was captured until that moment. It calls tick in between, about every so
// often, from the same goroutine. Its error is a sentence about an interface that went
// away, or one of Packet.
func (w *Watch) Run(ctx context.Context, every time.Duration, take func(*capture.Segment), tick func()) error {
	stop := context.AfterFunc(ctx, func() { _, _ = unix.Write(w.wake, binary.NativeEndian.AppendUint64(nil, 1)) })
	defer stop()
	var s capture.Segment
	gathered := time.NewTimer(0)
	defer gathered.Stop()
	var last time.Time // until when the block that is being filled is waited for
	for next := time.Now().Add(every); ; {
		gave, err := w.blocks(&s, take)
		now := time.Now()
		if w.until == 0 && ctx.Err() != nil {
			w.until, last = now.UnixNano(), now.Add(2*handOn*time.Millisecond)
		}
		switch {
		case err != nil:
			return err
		case w.past || !last.IsZero() && gave == 0 && now.After(last):
			return nil
		case !now.Before(next):
			tick()
			next = now.Add(every)
		case gave > len(w.ring)/blockSize/gatherings:
		case gave > 0 && last.IsZero():
			gathered.Reset(min(gather, next.Sub(now)))
			select { // not by a system call: the runtime looks after those again and again
			case <-gathered.C:
			case <-ctx.Done():
			}
		case last.IsZero():
			err = w.wait(next.Sub(now), true)
		default: // the block that is being filled comes by itself
			err = w.wait(last.Sub(now)+time.Millisecond, false)
		}
		if err != nil {
			return err
		}
	}
}

// wait returns when a block is there, ctx of Run is done, or after d.
func (w *Watch) wait(d time.Duration, awake bool) error {
	fds := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN | unix.POLLERR}, {Fd: int32(w.wake), Events: unix.POLLIN}} //nolint:gosec // file descriptors
	if !awake {
		fds = fds[:1]
	}
	_, err := unix.Poll(fds, int((d+time.Millisecond-1)/time.Millisecond))
	switch {
	case err != nil && !errors.Is(err, unix.EINTR):
		return os.NewSyscallError("poll", err)
	case fds[0].Revents&unix.POLLERR != 0:
		return w.lost()
	}
	return nil
}

// lost words why the socket is in error.
func (w *Watch) lost() error {
	no, err := unix.GetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	switch why := unix.Errno(no); why {
	case 0:
		return nil
	case unix.ENETDOWN:
		return fmt.Errorf("interface %s went down", model.Clean(w.options.Interface, 40))
	default:
		return fmt.Errorf("interface %s can't be watched any more: %w", model.Clean(w.options.Interface, 40), why)
	}
}

// blocks hands on the packets of the blocks that are there, of one round of the ring at
// most, and says how many there were.
func (w *Watch) blocks(s *capture.Segment, take func(*capture.Segment)) (int, error) {
	gave := 0
	for range len(w.ring) / blockSize {
		b := w.ring[w.block*blockSize : (w.block+1)*blockSize]
		head := (*unix.TpacketHdrV1)(unsafe.Pointer(&(*unix.TpacketBlockDesc)(unsafe.Pointer(&b[0])).Hdr)) //nolint:gosec // the kernel's layout
		if atomic.LoadUint32(&head.Block_status)&unix.TP_STATUS_USER == 0 {
			return gave, nil
		}
		gave++
		err := w.packets(b, head.Offset_to_first_pkt, head.Num_pkts, s, take)
		atomic.StoreUint32(&head.Block_status, unix.TP_STATUS_KERNEL)
		w.block = (w.block + 1) % (len(w.ring) / blockSize)
		if err != nil {
			return gave, err
		}
	}
	return gave, nil
}

// packets hands on those of a block.
func (w *Watch) packets(b []byte, at, count uint32, s *capture.Segment, take func(*capture.Segment)) error {
	const protocolAt = uint32(unsafe.Offsetof(unix.RawSockaddrLinklayer{}.Protocol))
	const linkAt = (unix.SizeofTpacket3Hdr + unix.TPACKET_ALIGNMENT - 1) &^ (unix.TPACKET_ALIGNMENT - 1)
	for range count {
		h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b[at]))                    //nolint:gosec // the kernel's layout
		link := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[at+linkAt])) //nolint:gosec // the kernel's layout
		p := &w.packet
		*p = capture.Packet{
			At:        int64(h.Sec)*int64(time.Second) + int64(h.Nsec),
			Interface: int(link.Ifindex), Outgoing: link.Pkttype == unix.PACKET_OUTGOING,
			EtherType: binary.BigEndian.Uint16(b[at+linkAt+protocolAt:]),
			Data:      b[at+uint32(h.Net):][:h.Snaplen], Length: int(h.Len),
		}
		at += h.Next_offset
		if w.until != 0 && p.At > w.until {
			w.past = true
			continue
		}
		if w.options.Packet != nil {
			if err := w.options.Packet(p); err != nil {
				return err
			}
		}
		if w.in.Take(s, p) && w.wanted(s) {
			take(s)
		}
	}
	return nil
}

// wanted is for packets inside others, which the kernel's filter doesn't look into.
func (w *Watch) wanted(s *capture.Segment) bool {
	ports := w.options.Ports
	return len(ports) == 0 || slices.Contains(ports, s.Src.Port()) || slices.Contains(ports, s.Dst.Port())
}

// Counts are of what was taken so far; Dropped are packets for which the ring had no room.
func (w *Watch) Counts() capture.Counts {
	if w.fd >= 0 {
		if n, err := unix.GetsockoptTpacketStatsV3(w.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil { // since it was last asked
			w.dropped += int64(n.Drops)
		}
	}
	n := w.in.Counts()
	n.Dropped = w.dropped
	return n
}

// Close ends the watch; Counts stay.
func (w *Watch) Close() error {
	if w.fd >= 0 {
		w.Counts()
	}
	var err error
	if w.ring != nil {
		err = unix.Munmap(w.ring)
	}
	for _, fd := range []*int{&w.fd, &w.wake} {
		if *fd >= 0 {
			err = errors.Join(err, unix.Close(*fd))
			*fd = -1
		}
	}
	w.ring = nil
	return err
}
