//go:build real && linux

package trace_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// apart runs a function in a network namespace of its own, with loopback up.
func apart(t *testing.T, do func()) {
	t.Helper()
	realserver.Need(t, "ip", "nft")
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
			return
		}
		do()
	}()
	<-done
}

func nft(t *testing.T, rules string) {
	t.Helper()
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
}

// pair is a connection within a namespace, both ends of it.
func pair(t *testing.T, l net.Listener) (client, server *net.TCPConn) {
	t.Helper()
	d := net.Dialer{KeepAlive: -1}
	c, err := d.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), s.Close() })
	_ = s.(*net.TCPConn).SetKeepAlive(false)
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// The settings of a kernel's probes are read from its packets, exactly.
func TestRealProbesOnTheWire(t *testing.T) {
	t.Parallel()
	type setting struct{ idle, every, count int }
	var sets []setting
	for range 50 {
		sets = append(sets, setting{1 + rand.IntN(5), 1 + rand.IntN(3), 1 + rand.IntN(4)})
	}
	apart(t, func() {
		marker := listen(t)
		r := record(t, "tcp")
		var addrs []string
		for _, s := range sets {
			l := listen(t)
			addrs = append(addrs, l.Addr().String())
			c, _ := pair(t, l)
			if err := c.SetKeepAliveConfig(net.KeepAliveConfig{
				Enable: true, Idle: time.Duration(s.idle) * time.Second, Interval: time.Duration(s.every) * time.Second, Count: s.count,
			}); err != nil {
				t.Fatal(err)
			}
		}
		// From now on the servers' answers are lost.
		var ports []string
		for _, a := range addrs {
			_, port, _ := net.SplitHostPort(a)
			ports = append(ports, port)
		}
		nft(t, "table ip k { chain o { type filter hook output priority 0; tcp sport { "+strings.Join(ports, ",")+" } drop; }; }")
		<-time.After(5*time.Second + 4*3*time.Second + 2*time.Second) // the kernel's timers
		tr := r.follow(t, marker)
		for i, s := range sets {
			p := on(t, tr, addrs[i]).Sides[trace.Client].Probes
			idle, every := time.Duration(s.idle)*time.Second, time.Duration(s.every)*time.Second
			if got := p.Idle(); got != (trace.Setting{Low: idle, High: idle}) {
				t.Errorf("TCP_KEEPIDLE = %v: %v of %+v", idle, got, p.First)
			}
			if got := p.Interval(); got != (trace.Setting{Low: every, High: every}) {
				t.Errorf("TCP_KEEPINTVL = %v: %v of %+v", every, got, p.Every)
			}
			if after := p.Tries[s.count]; p.GaveUp != 1 || after == nil || after.N != 1 {
				t.Errorf("TCP_KEEPCNT = %d: %v", s.count, p.Tries)
			}
		}
	})
}

// What a connection tracker forgets is told from what it keeps; a reset in another's name from
// its own.
func TestRealBoxOnTheWire(t *testing.T) {
	t.Parallel()
	apart(t, func() {
		nft(t, `table ip k {
			ct timeout short {
				protocol tcp; l3proto ip
				policy = { established : 4 }
			}
			chain p { type filter hook output priority -50; tcp dport 7000 ct timeout set "short"; }
			chain i { type filter hook input priority 10; tcp dport 7000 ct state invalid drop; tcp dport 7000 ct state new tcp flags & (syn | ack) != syn drop; }
		}`)
		if err := os.WriteFile("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", []byte("0"), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp4", "127.0.0.1:7000")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		marker := listen(t)
		r := record(t, "tcp")
		var all sync.WaitGroup
		for _, silence := range []time.Duration{1500 * time.Millisecond, 2500 * time.Millisecond, 3500 * time.Millisecond, 5500 * time.Millisecond, 6500 * time.Millisecond} {
			c, s := pair(t, l)
			say(t, c, s)
			all.Go(func() {
				<-time.After(silence)
				_, _ = c.Write([]byte("again"))
			})
		}
		// One connection is reset in the server's name.
		c, s := pair(t, l)
		say(t, c, s)
		say(t, c, s)
		if err := resetFor(c, 77); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		<-time.After(3 * time.Second) // retransmissions after 0.2, 0.4, 0.8 s
		tr := r.follow(t, marker)
		seen := on(t, tr, "127.0.0.1:7000")
		box := about(seen, trace.TopicBox, trace.TheServer)
		if len(box) != 1 || box[0].N != 2 || box[0].Low > 4*time.Second || box[0].High < 4*time.Second || box[0].Low < 3*time.Second {
			t.Errorf("a box that forgets after 4 s: %+v", box)
		}
		forged := about(seen, trace.TopicForged, trace.TheServer)
		if len(forged) != 1 || forged[0].N != 1 || !strings.Contains(forged[0].Text, "TTL 77, not 64") {
			t.Errorf("a reset with TTL 77: %+v", forged)
		}
	})
}

// say sends a message and its answer.
func say(t *testing.T, c, s net.Conn) {
	t.Helper()
	b := make([]byte, 16)
	for _, ends := range [][2]net.Conn{{c, s}, {s, c}} {
		if _, err := ends[0].Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if _, err := ends[1].Read(b); err != nil {
			t.Fatal(err)
		}
	}
}

// resetFor sends a reset to one end of a connection in the other's name.
func resetFor(c *net.TCPConn, ttl byte) error {
	var next int
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var bad error
	if err := raw.Control(func(fd uintptr) {
		// TCP_REPAIR tells the sequence number that is expected.
		bad = errors.Join(
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_REPAIR, 1),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_REPAIR_QUEUE, 1))
		if bad == nil {
			next, bad = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUEUE_SEQ)
		}
		bad = errors.Join(bad, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_REPAIR, -1))
	}); err != nil || bad != nil {
		return errors.Join(err, bad)
	}
	from, to := c.RemoteAddr().(*net.TCPAddr).AddrPort(), c.LocalAddr().(*net.TCPAddr).AddrPort()
	p := make([]byte, 40)
	p[0], p[3], p[8], p[9] = 0x45, 40, ttl, unix.IPPROTO_TCP
	a, b := from.Addr().As4(), to.Addr().As4()
	copy(p[12:], a[:])
	copy(p[16:], b[:])
	tcp := p[20:]
	tcp[0], tcp[1], tcp[2], tcp[3] = byte(from.Port()>>8), byte(from.Port()), byte(to.Port()>>8), byte(to.Port())
	tcp[4], tcp[5], tcp[6], tcp[7] = byte(next>>24), byte(next>>16), byte(next>>8), byte(next)
	tcp[12], tcp[13] = 5<<4, 4
	sum := uint32(unix.IPPROTO_TCP + 20)
	for i := 12; i < 40; i += 2 {
		sum += uint32(p[i])<<8 | uint32(p[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	tcp[16], tcp[17] = byte(^sum>>8), byte(^sum)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_RAW)
	if err != nil {
		return fmt.Errorf("a raw socket: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	return unix.Sendto(fd, p, 0, &unix.SockaddrInet4{Addr: b})
}
