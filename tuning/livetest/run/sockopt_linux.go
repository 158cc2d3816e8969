package run

import (
	"encoding/binary"
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/livetest"
)

// lateFrom is the lateness that TCP_INFO is trusted with: it counts in jiffies (up to 4 ms
// each), so less than two of them is noise.
const lateFrom = 8 * time.Millisecond

// maxLate bounds what a time stamp may claim; beyond it a clock was set.
const maxLate = 10 * time.Minute

// stampSocket asks for receive time stamps; without them time zero is the read's return.
func stampSocket(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1)
	})
}

// recv reads like net.Conn and tells when the data reached this machine. A zero time means
// that the kernel did not say.
func recv(c syscall.RawConn, p, oob []byte) (n int, at time.Time, err error) {
	var oobn int
	var failure error
	err = c.Read(func(fd uintptr) bool {
		for {
			n, oobn, _, _, failure = unix.Recvmsg(int(fd), p, oob, 0)
			if !errors.Is(failure, unix.EINTR) {
				return !errors.Is(failure, unix.EAGAIN)
			}
		}
	})
	now := time.Now()
	if err == nil {
		err = failure
	}
	if err != nil {
		return 0, time.Time{}, err
	}
	return n, arrival(now, oob[:oobn]), nil
}

// arrival converts the kernel's wall clock stamp to the monotonic clock of now.
func arrival(now time.Time, oob []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Time{}
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_SOCKET || m.Header.Type != unix.SO_TIMESTAMPNS_NEW || len(m.Data) < 16 {
			continue
		}
		sec := int64(binary.NativeEndian.Uint64(m.Data))      //nolint:gosec // a kernel timespec is signed
		nsec := int64(binary.NativeEndian.Uint64(m.Data[8:])) //nolint:gosec // as above
		if late := now.Round(0).Sub(time.Unix(sec, nsec)); late >= 0 && late < maxLate {
			return now.Add(-late)
		}
	}
	return time.Time{}
}

// lateness is how long ago the last segment arrived: after an EOF that is the FIN.
func lateness(c syscall.RawConn) (time.Duration, bool) {
	info, err := tcpInfo(c)
	if err != nil {
		return 0, false
	}
	return trusted(info.Last_ack_recv)
}

// dataLateness is how long ago the last data arrived, for a read without a time stamp: the
// kernel takes some time to begin with them, and none is used when the clock was set back.
func dataLateness(c syscall.RawConn) (time.Duration, bool) {
	info, err := tcpInfo(c)
	if err != nil {
		return 0, false
	}
	return trusted(info.Last_data_recv)
}

func trusted(ms uint32) (time.Duration, bool) {
	late := time.Duration(ms) * time.Millisecond
	if late < lateFrom || late > maxLate {
		return 0, late <= maxLate
	}
	return late, true
}

func tcpInfo(c syscall.RawConn) (*unix.TCPInfo, error) {
	var info *unix.TCPInfo
	var err error
	if e := c.Control(func(fd uintptr) {
		info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); e != nil {
		return nil, e
	}
	return info, err
}

// pathOf reads what the kernel knows of a connection's path.
func pathOf(c syscall.RawConn) (path, error) {
	info, err := tcpInfo(c)
	if err != nil {
		return path{}, err
	}
	return path{
		rtt: time.Duration(info.Rtt) * time.Microsecond, rto: time.Duration(info.Rto) * time.Microsecond,
		resent: int(info.Total_retrans), unacked: int(info.Unacked) + int(info.Probes),
		heard: time.Duration(min(info.Last_ack_recv, info.Last_data_recv)) * time.Millisecond,
	}, nil
}

// setSocket sets the TCP options that were asked for and reads back what is in force.
func setSocket(c syscall.RawConn, o livetest.SocketOptions) (now livetest.SocketOptions, err error) {
	failure := c.Control(func(fd uintptr) {
		on := 0
		if o.KeepAlive {
			on = 1
		}
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE, on)
		for _, s := range []struct{ option, value int }{
			{unix.TCP_KEEPIDLE, int(o.Idle / time.Second)},
			{unix.TCP_KEEPINTVL, int(o.Interval / time.Second)},
			{unix.TCP_KEEPCNT, o.Count},
			{unix.TCP_USER_TIMEOUT, int(o.UserTimeout / time.Millisecond)},
		} {
			if s.value > 0 || s.option == unix.TCP_USER_TIMEOUT {
				err = errors.Join(err, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, s.option, s.value))
			}
		}
		now = readSocket(int(fd))
	})
	return now, errors.Join(failure, err)
}

func readSocket(fd int) livetest.SocketOptions {
	get := func(level, option int) int {
		n, _ := unix.GetsockoptInt(fd, level, option)
		return n
	}
	return livetest.SocketOptions{
		KeepAlive:   get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 0,
		Idle:        time.Duration(get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)) * time.Second,
		Interval:    time.Duration(get(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)) * time.Second,
		Count:       get(unix.IPPROTO_TCP, unix.TCP_KEEPCNT),
		UserTimeout: time.Duration(get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond,
	}
}

func isReset(err error) bool {
	return errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
}

func refused(error) bool { return false }
