//go:build real && linux

package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// A recording is tcpdump on a loopback interface. Its times are the kernel's.
type recording struct {
	cmd    *exec.Cmd
	file   string
	exited chan struct{}
	ended  sync.Once
}

// record begins to capture what the filter takes, in the network namespace of the calling thread.
func record(t *testing.T, filter string) *recording {
	t.Helper()
	realserver.Need(t, "tcpdump")
	r := &recording{file: filepath.Join(realserver.Dir(t), "lo.pcap"), exited: make(chan struct{})}
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "tcpdump", "-i", "lo", "-n", "-U", "-s", "512", "-B", "32768", "--immediate-mode", "-Z", "root", "-w", r.file, filter)
	errs, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan bool, 1)
	go func() {
		var all strings.Builder
		b := make([]byte, 256)
		for {
			n, err := errs.Read(b)
			all.Write(b[:n])
			if strings.Contains(all.String(), "listening on") {
				select {
				case listening <- true:
				default:
				}
			}
			if err != nil {
				break
			}
		}
		_ = r.cmd.Wait()
		close(r.exited)
	}()
	t.Cleanup(r.stop)
	select {
	case <-listening:
	case <-r.exited:
		t.Fatal("tcpdump does not capture")
	}
	return r
}

func (r *recording) stop() {
	r.ended.Do(func() {
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		<-r.exited
	})
}

// follow waits until a last connection, to the marker, is in the file, and gives what all show.
func (r *recording) follow(t *testing.T, marker net.Listener) (*trace.Tracker, []trace.Connection) {
	t.Helper()
	conn, err := net.Dial("tcp", marker.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	want := netip.MustParseAddrPort(marker.Addr().String())
	for deadline := time.Now().Add(realserver.Patience); ; {
		data, err := os.ReadFile(r.file)
		if err != nil {
			t.Fatal(err)
		}
		var all []trace.Connection
		tr := trace.New(func(c *trace.Connection) { all = append(all, *c) })
		in, err := capture.Open(bytes.NewReader(data))
		if err == nil {
			var s capture.Segment
			seen := false
			for err = in.Next(&s); err == nil; err = in.Next(&s) {
				seen = seen || s.Dst == want
				tr.Add(&s)
			}
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if seen {
				r.stop()
				tr.End()
				return tr, all
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("tcpdump does not write what it sees")
		}
		select {
		case <-r.exited:
			t.Fatal("tcpdump ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// on is what was seen of a server.
func on(t *testing.T, tr *trace.Tracker, addr string) *trace.Server {
	t.Helper()
	for _, s := range tr.Servers() {
		if s.Addr.String() == addr {
			return s
		}
	}
	t.Fatalf("no connection to %s was seen", addr)
	return nil
}

// about is what is concluded on a topic.
func about(s *trace.Server, topic trace.Topic, side trace.Role) []trace.Conclusion {
	var all []trace.Conclusion
	for _, c := range s.Conclusions() {
		if c.Topic == topic && c.Side == side {
			all = append(all, c)
		}
	}
	return all
}

// ask makes so many requests on one connection and waits for the server to close it.
func ask(t *testing.T, addr string, requests int) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(realserver.Patience))
	b := make([]byte, 4096)
	for range requests {
		if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")); err != nil {
			t.Errorf("%s: %v", addr, err)
			return
		}
		var got []byte
		for !bytes.Contains(got, []byte("ok\n")) {
			n, err := conn.Read(b)
			if got = append(got, b[:n]...); err != nil {
				t.Errorf("%s: %v after %q", addr, err, got)
				return
			}
		}
	}
	_, _ = io.Copy(io.Discard, conn)
}

// What the packets of real servers prove is what they are configured to.
func TestRealServersOnTheWire(t *testing.T) {
	t.Parallel()
	type served struct {
		name   string
		addr   string
		idle   time.Duration // how long it keeps silence
		late   time.Duration // by how much more it may do so on its own
		before time.Duration // the same before a request; 0 is not looked at
		limit  int
		hint   time.Duration
	}
	second := time.Second
	servers := []served{
		{"nginx", realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 2s 9s; keepalive_requests 5; client_header_timeout 3s;"}).Addr, 2 * second, 0, 3 * second, 5, 9 * second},
		{"apache", realserver.Apache(t, realserver.ApacheConf{Server: "KeepAliveTimeout 2\nMaxKeepAliveRequests 4"}).Addr, 2 * second, 0, 0, 5, 2 * second}, // the first request is none of its 4,
		{"haproxy", realserver.HAProxy(t, realserver.HAProxyConf{Defaults: "timeout client 20s\ntimeout http-keep-alive 2s\ntimeout http-request 3s"}).Addr, 2 * second, 0, 3 * second, 0, 0},
		{"node", realserver.Node(t, "server.keepAliveTimeout = 2000; server.keepAliveTimeoutBuffer = 0; server.maxRequestsPerSocket = 6").Addr, 2 * second, second, 0, 6, 2 * second},
	}
	marker := listen(t)
	ports := []string{"tcp port " + strconv.Itoa(marker.Addr().(*net.TCPAddr).Port)}
	for _, s := range servers {
		_, port, _ := net.SplitHostPort(s.addr)
		ports = append(ports, "tcp port "+port)
	}
	r := record(t, strings.Join(ports, " or "))
	var all sync.WaitGroup
	for _, s := range servers {
		for i := range 4 {
			all.Go(func() { ask(t, s.addr, 1+i%3) })
			if s.limit > 0 && i < 3 {
				all.Go(func() { ask(t, s.addr, s.limit) })
			}
			if s.before > 0 && i < 3 {
				all.Go(func() { ask(t, s.addr, 0) })
			}
		}
	}
	all.Wait()
	tr, _ := r.follow(t, marker)
	// A busy machine holds programs up; timers never end early.
	const busy = 500 * time.Millisecond
	within := func(name, what string, c []trace.Conclusion, n int, want, late time.Duration) {
		const eps = 5 * time.Millisecond
		if len(c) != 1 || c[0].N != n || c[0].Low < want-eps || c[0].High > want+late+busy {
			t.Errorf("%s, %s of %v: %+v", name, what, want, c)
		} else {
			t.Logf("%s, %s of %v: %v to %v", name, what, want, c[0].Low, c[0].High)
		}
	}
	for _, s := range servers {
		seen := on(t, tr, s.addr)
		within(s.name, "idle", about(seen, trace.TopicIdle, trace.TheServer), 4, s.idle, s.late)
		if s.before > 0 {
			within(s.name, "before a request", about(seen, trace.TopicBefore, trace.TheServer), 3, s.before, 0)
		}
		limits := about(seen, trace.TopicLimit, trace.TheServer)
		if s.limit > 0 && (len(limits) != 1 || limits[0].Count != s.limit || limits[0].N != 3) || s.limit == 0 && len(limits) > 0 {
			t.Errorf("%s closes after %d requests: %+v", s.name, s.limit, limits)
		}
		hints := about(seen, trace.TopicHint, trace.TheServer)
		if s.hint > 0 && (len(hints) != 1 || hints[0].Low != s.hint || hints[0].High != s.hint) || s.hint == 0 && len(hints) > 0 {
			t.Errorf("%s promises %v: %+v", s.name, s.hint, hints)
		}
	}
}

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
		tr, _ := r.follow(t, marker)
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
		tr, _ := r.follow(t, marker)
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
	for _, way := range [][2]net.Conn{{c, s}, {s, c}} {
		if _, err := way[0].Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if _, err := way[1].Read(b); err != nil {
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
