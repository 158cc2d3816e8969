//go:build real && linux

package trace_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A link joins two network namespaces, of a client and of a server, by a pair of TUN devices:
// what is sent into one comes out of the other a while later. The test's own goroutine is moved
// from one namespace to the other.
type link struct {
	client, server int // namespaces
}

// The addresses of its ends, and what the device is called at both.
const clientAddr, serverAddr, device = "10.99.0.1", "10.99.0.2", "link0"

// newLink makes one. mix is given each packet of the client and says what arrives in its place,
// in that order; nil changes nothing.
func newLink(t *testing.T, delay time.Duration, mix func(packet []byte) [][]byte) *link {
	t.Helper()
	realserver.Need(t, "ip")
	runtime.LockOSThread() // for good: the thread ends with the goroutine
	l := &link{}
	one := l.space(t, &l.client, clientAddr, serverAddr)
	two := l.space(t, &l.server, serverAddr, clientAddr)
	same := func(p []byte) [][]byte { return [][]byte{p} }
	if mix == nil {
		mix = same
	}
	carry(one, two, delay, mix)
	carry(two, one, delay, same)
	return l
}

// space makes a namespace with its end of the link, and enters it.
func (l *link) space(t *testing.T, namespace *int, own, other string) *os.File {
	t.Helper()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	var err error
	if *namespace, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(*namespace) })
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	request, err := unix.NewIfreq(device)
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "/dev/net/tun") // polls it, which takes a device
	t.Cleanup(func() { _ = file.Close() })
	for _, args := range []string{"link set lo up", "addr add " + own + " peer " + other + " dev " + device, "link set " + device + " up"} {
		if out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	}
	return file
}

// enter moves the calling goroutine, which made the link.
func (l *link) enter(t *testing.T, namespace int) {
	t.Helper()
	if err := unix.Setns(namespace, unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
}

// carry hands packets on, in their order, until one of the devices is closed.
func carry(from, to *os.File, delay time.Duration, mix func([]byte) [][]byte) {
	type sent struct {
		due time.Time
		p   []byte
	}
	queue := make(chan sent, 1<<12)
	go func() {
		defer close(queue)
		for {
			p := make([]byte, 2048)
			n, err := from.Read(p)
			if err != nil {
				return
			}
			due := time.Now().Add(delay)
			for _, q := range mix(p[:n]) {
				queue <- sent{due, q}
			}
		}
	}()
	go func() {
		for s := range queue {
			<-time.After(time.Until(s.due))
			_, _ = to.Write(s.p)
		}
	}()
}
