package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// orphaned closes the socket while its last words are not acknowledged.
func (t *trial) orphaned(ctx context.Context) (ending, error) {
	d, at, err := t.own.seen()
	if err != nil {
		return ending{}, err
	}
	defer d.close()
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	from := now()
	if err := t.own.send(message); err != nil {
		return ending{}, err
	}
	t.own.close()
	t.own = -1
	sent, err := t.log.since(from, time.Second, func(s segment) bool { return s.out && s.payload > 0 })
	if err != nil {
		return ending{}, err
	}
	return t.vanished(d, at, sent.at)
}

// halfClosed closes one direction, and cuts the path where probes are to find
// that the peer is silent.
func (t *trial) halfClosed(ctx context.Context) (ending, error) {
	switch t.s.Half {
	case OwnClose:
		return t.finWait()
	case PeerShut:
		if err := unix.Shutdown(int(t.peer), unix.SHUT_WR); err != nil {
			return ending{}, err
		}
	case OwnShut:
		if err := unix.Shutdown(int(t.own), unix.SHUT_WR); err != nil {
			return ending{}, err
		}
	}
	const finWait2, closeWait = 5, 8 // TCP_FIN_WAIT2, TCP_CLOSE_WAIT
	want := map[Half]uint8{PeerShut: closeWait, OwnShut: finWait2}[t.s.Half]
	for until := now() + time.Second; ; time.Sleep(time.Millisecond) {
		i, err := t.own.info()
		if err != nil {
			return ending{}, err
		}
		if i.State == want {
			break
		}
		if now() > until {
			return ending{}, fmt.Errorf("the TCP state is %d, not %d", i.State, want)
		}
	}
	if err := t.settle(); err != nil { // the FIN is acknowledged
		return ending{}, err
	}
	last, err := t.log.lastReceived()
	if err != nil {
		return ending{}, err
	}
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	return t.judge(last.at, 0), nil // the FIN can be read all the time
}

// finWait closes the socket and waits for the kernel to forget it. The peer is
// well, acknowledges and does not close.
func (t *trial) finWait() (ending, error) {
	d, at, err := t.own.seen()
	if err != nil {
		return ending{}, err
	}
	defer d.close()
	t.own.close()
	t.own = -1
	answer, err := t.log.answerToFIN()
	if err != nil {
		return ending{}, err
	}
	return t.vanished(d, at, answer.at)
}

// vanished predicts, and waits until the kernel has no such socket any more.
func (t *trial) vanished(d diag, of [2]unix.SockaddrInet4, from time.Duration) (ending, error) {
	t.prediction = predict(t.s, t.f)
	last := now()
	for until := from + t.prediction.High + patience; ; time.Sleep(time.Millisecond) {
		there, err := d.has(of)
		at := now()
		late := at > last+time.Millisecond+tooLate
		last = at
		switch {
		case err != nil:
			return ending{}, err
		case !there:
			return ending{from, at, Gone, late}, nil
		case at > until:
			return ending{from, at, Alive, late}, nil
		}
	}
}

// names are the socket's own address and that of its peer.
func (e end) names() (names [2]unix.SockaddrInet4, err error) {
	own, err := unix.Getsockname(int(e))
	if err != nil {
		return names, err
	}
	peer, err := unix.Getpeername(int(e))
	if err != nil {
		return names, err
	}
	for i, a := range []unix.Sockaddr{own, peer} {
		v4, ok := a.(*unix.SockaddrInet4)
		if !ok {
			return names, fmt.Errorf("%T is not an IPv4 address", a)
		}
		names[i] = *v4
	}
	return names, nil
}

// seen is where the kernel tells of the socket, and the socket's addresses. Without its module
// tcp_diag the kernel answers as if there were none.
func (e end) seen() (d diag, at [2]unix.SockaddrInet4, err error) {
	if at, err = e.names(); err != nil {
		return -1, at, err
	}
	if d, err = newDiag(); err != nil {
		return -1, at, err
	}
	there, err := d.has(at)
	if err == nil && !there {
		err = errors.New("sock_diag: the kernel tells of no TCP socket (module tcp_diag)")
	}
	if err != nil {
		d.close()
	}
	return d, at, err
}

// A diag asks the kernel for single sockets of the thread's namespace
// (sock_diag(7)), also for those that no program holds.
type diag int

func newDiag() (diag, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return -1, fmt.Errorf("sock_diag: %w", err)
	}
	return diag(fd), nil
}

func (d diag) close() { _ = unix.Close(int(d)) }

// has says whether the kernel holds a TCP socket between two addresses.
func (d diag) has(of [2]unix.SockaddrInet4) (bool, error) {
	const request = 56 // struct inet_diag_req_v2
	ask := make([]byte, unix.SizeofNlMsghdr+request)
	native := binary.NativeEndian
	native.PutUint32(ask, uint32(len(ask))) //nolint:gosec // 72
	native.PutUint16(ask[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(ask[6:], unix.NLM_F_REQUEST)
	body := ask[unix.SizeofNlMsghdr:]
	body[0], body[1] = unix.AF_INET, unix.IPPROTO_TCP
	native.PutUint32(body[4:], ^uint32(0))                    // in any state
	binary.BigEndian.PutUint16(body[8:], uint16(of[0].Port))  //nolint:gosec // a port
	binary.BigEndian.PutUint16(body[10:], uint16(of[1].Port)) //nolint:gosec // a port
	copy(body[12:], of[0].Addr[:])
	copy(body[28:], of[1].Addr[:])
	for i := range 8 {
		body[48+i] = 0xff // whatever its cookie
	}
	if err := unix.Sendto(int(d), ask, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return false, fmt.Errorf("sock_diag: %w", err)
	}
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(int(d), answer, 0)
	switch {
	case err != nil:
		return false, fmt.Errorf("sock_diag: %w", err)
	case n < unix.SizeofNlMsghdr+4:
		return false, errors.New("sock_diag: a short answer")
	case native.Uint16(answer[4:]) != unix.NLMSG_ERROR:
		return true, nil
	}
	if no := unix.Errno(-int32(native.Uint32(answer[unix.SizeofNlMsghdr:]))); no != unix.ENOENT { //nolint:gosec // an error number
		return false, fmt.Errorf("sock_diag: %w", no)
	}
	return false, nil
}
