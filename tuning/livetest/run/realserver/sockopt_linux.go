package realserver

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// SocketTimes are the options of a socket that decide how TCP finds a dead peer. Idle, Every and
// Count hold whether or not KeepAlive is on.
type SocketTimes struct {
	KeepAlive   bool
	Idle        time.Duration // TCP_KEEPIDLE
	Every       time.Duration // TCP_KEEPINTVL
	Count       int           // TCP_KEEPCNT
	UserTimeout time.Duration // TCP_USER_TIMEOUT, 0 is off
}

// ReadSocketTimes reads the options of the socket from local to remote (both "address:port")
// that a process of this machine holds, by a copy of its descriptor. It waits until a process
// has accepted it.
func ReadSocketTimes(t testing.TB, local, remote string) SocketTimes {
	t.Helper()
	s, err := findTimes(local, remote)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openings is how many connections are made for one that lasts until it is looked at.
const openings = 8

// SocketTimesOf is [ReadSocketTimes] for a connection that may end before it is looked at: then
// open makes another.
func SocketTimesOf(t testing.TB, open func() (local, remote string)) SocketTimes {
	t.Helper()
	var s SocketTimes
	var err error
	for range openings {
		if s, err = findTimes(open()); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return s
}

func findTimes(local, remote string) (SocketTimes, error) {
	for deadline := time.Now().Add(Patience); ; time.Sleep(20 * time.Millisecond) {
		inode, err := socketInode(local, remote)
		if err != nil {
			return SocketTimes{}, err
		}
		if pid, fd, held := holder(inode); held {
			s, err := readTimes(pid, fd)
			if err != nil {
				err = fmt.Errorf("socket from %s to %s, descriptor %d of process %d: %w", local, remote, fd, pid, err)
			}
			return s, err
		}
		if time.Now().After(deadline) {
			return SocketTimes{}, fmt.Errorf("no process holds the socket from %s to %s", local, remote)
		}
	}
}

// Established reports whether the connection from local to remote stands.
func Established(local, remote string) bool {
	_, err := socketInode(local, remote)
	return err == nil
}

// socketInode finds the socket in the kernel's tables, IPv6 ones included, since many programs
// reach IPv4 through those.
func socketInode(local, remote string) (string, error) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "01" && tableAddr(f[1]) == local && tableAddr(f[2]) == remote {
				return f[9], nil
			}
		}
	}
	return "", fmt.Errorf("there is no established connection from %s to %s", local, remote)
}

// tableAddr is an address of /proc/net/tcp: words in the machine's byte order, hexadecimal.
func tableAddr(text string) string {
	host, port, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(host)
	if err != nil {
		return ""
	}
	for i := 0; i+4 <= len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.NativeEndian.Uint32(b[i:]))
	}
	ip, ok := netip.AddrFromSlice(b)
	n, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return ""
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)).String()
}

// holder finds a process with a descriptor of the socket, among those of the test before the
// others: to look through the whole machine may take longer than an idle connection lasts.
func holder(inode string) (pid, fd int, ok bool) {
	for _, pid := range family(os.Getpid()) {
		if fd, ok := descriptor(pid, inode); ok {
			return pid, fd, true
		}
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		pid, _ := strconv.Atoi(filepath.Base(process))
		if fd, ok := descriptor(pid, inode); ok {
			return pid, fd, true
		}
	}
	return 0, 0, false
}

// descriptor is a process's own of a socket.
func descriptor(pid int, inode string) (fd int, ok bool) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == "socket:["+inode+"]" {
			fd, _ = strconv.Atoi(filepath.Base(link))
			return fd, true
		}
	}
	return 0, false
}

func readTimes(pid, fd int) (SocketTimes, error) {
	var s SocketTimes
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return s, fmt.Errorf("pidfd_open: %w", err)
	}
	defer func() { _ = unix.Close(process) }()
	socket, err := unix.PidfdGetfd(process, fd, 0)
	if err != nil {
		return s, fmt.Errorf("pidfd_getfd: %w", err)
	}
	defer func() { _ = unix.Close(socket) }()
	var on, idle, every, user int
	for _, o := range []struct {
		level, name int
		to          *int
	}{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, &on},
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, &idle},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, &every},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, &s.Count},
		{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, &user},
	} {
		if *o.to, err = unix.GetsockoptInt(socket, o.level, o.name); err != nil {
			return s, fmt.Errorf("getsockopt: %w", err)
		}
	}
	s.KeepAlive = on != 0
	s.Idle, s.Every = time.Duration(idle)*time.Second, time.Duration(every)*time.Second
	s.UserTimeout = time.Duration(user) * time.Millisecond
	return s, nil
}
