//go:build real && linux

package host_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
)

// apart runs f on a thread in a network namespace of its own, whose loopback is up; the
// thread and the namespace end with it.
func apart(t *testing.T, f func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		lacking(t, "only root makes network namespaces")
	}
	if _, err := exec.LookPath("ss"); err != nil {
		lacking(t, "ss is not installed")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		if out, err := exec.CommandContext(t.Context(), "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			done <- fmt.Errorf("%w: %s", err, out)
			return
		}
		done <- f()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func lacking(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// A crowd are sockets in every state that one thread can bring them to.
type crowd struct{ fds []int }

func (c *crowd) socket(family int) int {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	c.fds = append(c.fds, fd)
	return fd
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (c *crowd) close() {
	for _, fd := range c.fds {
		_ = unix.Close(fd) // some are closed already
	}
}

// listen opens a listener at a loopback address.
func (c *crowd) listen(to unix.Sockaddr, family, backlog int) (int, unix.Sockaddr) {
	fd := c.socket(family)
	must(unix.Bind(fd, to))
	must(unix.Listen(fd, backlog))
	at, err := unix.Getsockname(fd)
	must(err)
	return fd, at
}

// pair opens a connection; both ends are in the namespace.
func (c *crowd) pair(listener, family int, at unix.Sockaddr) (client, server int) {
	client = c.socket(family)
	must(unix.Connect(client, at))
	server, _, err := unix.Accept(listener)
	must(err)
	c.fds = append(c.fds, server)
	return client, server
}

// gather opens about n sockets: with and without probes, half closed from either side,
// in TIME-WAIT, with data that nobody reads, with requests that nobody accepts.
func gather(n int) *crowd {
	c := &crowd{}
	four, at4 := c.listen(&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, unix.AF_INET, 4096)
	six, at6 := c.listen(&unix.SockaddrInet6{Addr: netip.IPv6Loopback().As16()}, unix.AF_INET6, 4096)
	_, full := c.listen(&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 2}}, unix.AF_INET, 0)
	for i := 0; len(c.fds) < n; i++ {
		listener, family, at := four, unix.AF_INET, at4
		if i%3 == 0 {
			listener, family, at = six, unix.AF_INET6, at6
		}
		client, server := c.pair(listener, family, at)
		switch i % 8 {
		case 0:
			must(unix.SetsockoptInt(client, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
			must(unix.SetsockoptInt(client, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 30+i))
		case 1:
			must(unix.SetsockoptInt(server, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
		case 2: // CLOSE-WAIT here, FIN-WAIT-2 there
			must(unix.Shutdown(client, unix.SHUT_WR))
		case 3: // TIME-WAIT, held by nobody
			must(unix.Close(client))
			must(unix.Close(server))
		case 4: // FIN-WAIT-2, held by nobody
			must(unix.Close(server))
		case 5:
			if i < 200 { // a closed window
				must(unix.SetNonblock(client, true))
				for block := make([]byte, 64<<10); ; {
					if _, err := unix.Write(client, block); err != nil {
						break
					}
				}
			}
		case 6:
			if _, err := unix.Write(client, []byte("GET")); err != nil {
				panic(err)
			}
		}
	}
	for range 6 { // SYN-SENT, since nobody accepts
		fd := c.socket(unix.AF_INET)
		must(unix.SetNonblock(fd, true))
		_ = unix.Connect(fd, full)
	}
	return c
}

// key is what names a row: TIME-WAIT has no cookie that lasts.
func key(s *census.Socket) string {
	return fmt.Sprintf("%s %s %s", s.State, s.Local, s.Remote)
}

func ours(ctx context.Context) (map[string]census.Socket, error) {
	rows := map[string]census.Socket{}
	_, err := host.Sockets(ctx, host.Options{Spans: true}, func(s *census.Socket) { rows[key(s)] = *s })
	return rows, err
}

func theirs(ctx context.Context) (map[string]census.Socket, error) {
	out, err := exec.CommandContext(ctx, "ss", "-tanoei").Output()
	if err != nil {
		return nil, err
	}
	rows := map[string]census.Socket{}
	_, err = census.ReadSS(bytes.NewReader(out), func(s *census.Socket) { rows[key(s)] = *s })
	return rows, err
}

// differ says how a row of ours is not that of ss, which was read a moment later.
func differ(a, b census.Socket, moment time.Duration) string {
	near := func(x, y, grain time.Duration) bool { return (x < 0) == (y < 0) && (x-y).Abs() <= grain+moment }
	grain := 1100 * time.Millisecond // ss leaves milliseconds out from ten seconds on
	if a.Fires > 9*time.Minute {
		grain = time.Minute + time.Second // and seconds from ten minutes on
	}
	switch {
	case a.Timer != b.Timer || a.Tries != b.Tries:
		return fmt.Sprintf("timer %s tried %d, ss has %s tried %d", a.Timer, a.Tries, b.Timer, b.Tries)
	case !near(a.Fires, b.Fires, grain):
		return fmt.Sprintf("fires in %s, ss has %s", a.Fires, b.Fires)
	case a.RecvQueue != b.RecvQueue || a.SendQueue != b.SendQueue:
		return fmt.Sprintf("queues %d, %d, ss has %d, %d", a.RecvQueue, a.SendQueue, b.RecvQueue, b.SendQueue)
	case a.UID != b.UID || a.Inode != b.Inode || a.Cookie != b.Cookie:
		return fmt.Sprintf("uid %d inode %d cookie %x, ss has %d, %d, %x", a.UID, a.Inode, a.Cookie, b.UID, b.Inode, b.Cookie)
	case !near(a.Sent, b.Sent, 10*time.Millisecond) || !near(a.Received, b.Received, 10*time.Millisecond) || !near(a.Heard, b.Heard, 10*time.Millisecond):
		return fmt.Sprintf("sent %s, received %s, heard %s ago, ss has %s, %s, %s", a.Sent, a.Received, a.Heard, b.Sent, b.Received, b.Heard)
	}
	return ""
}

// The census is what ss lists, row for row: 5,000 sockets in the states that there are.
func TestRealCensusIsThatOfSS(t *testing.T) {
	apart(t, func() error {
		crowd := gather(5000)
		defer crowd.close()
		var faults []string
		for range 5 { // timers fire in between
			began := time.Now()
			mine, err := ours(t.Context())
			if err != nil {
				return err
			}
			listed, err := theirs(t.Context())
			if err != nil {
				return err
			}
			moment := time.Since(began)
			faults = nil
			states := map[census.State]int{}
			for k, a := range mine {
				states[a.State]++
				b, ok := listed[k]
				if !ok {
					faults = append(faults, k+" is not listed by ss")
				} else if why := differ(a, b, moment); why != "" {
					faults = append(faults, k+": "+why)
				}
			}
			for k := range listed {
				if _, ok := mine[k]; !ok {
					faults = append(faults, k+" is listed by ss alone")
				}
			}
			if len(mine) < 4500 {
				return fmt.Errorf("only %d sockets", len(mine))
			}
			for _, s := range []census.State{census.Established, census.CloseWait, census.FinWait2, census.TimeWait, census.SynSent, census.Listen} {
				if states[s] == 0 {
					return fmt.Errorf("none is %s", s)
				}
			}
			timers := map[census.Timer]int{}
			for _, a := range mine {
				timers[a.Timer]++
			}
			if len(timers) < 5 {
				return fmt.Errorf("only the timers %v", slices.Collect(maps.Keys(timers)))
			}
			if len(faults) == 0 {
				t.Logf("%d sockets, %v", len(mine), states)
				return nil
			}
		}
		slices.Sort(faults)
		return fmt.Errorf("%d rows differ:\n%s", len(faults), strings.Join(faults[:min(10, len(faults))], "\n"))
	})
}

// Owners are named, also of sockets in another namespace than the caller's, and the
// namespace can be named from outside.
func TestRealCensusOfANamespace(t *testing.T) {
	inside, leave := make(chan string), make(chan struct{})
	left := make(chan struct{})
	go func() {
		defer close(left)
		apart(t, func() error {
			c := &crowd{}
			defer c.close()
			listener, at := c.listen(&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: 8443}, unix.AF_INET, 5)
			c.pair(listener, unix.AF_INET, at)
			inside <- fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
			<-leave
			return nil
		})
	}()
	namespace := <-inside
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	want := census.Owner{PID: os.Getpid(), Name: strings.TrimSpace(string(name))}
	rows := map[census.State]int{}
	_, err = host.Sockets(t.Context(), host.Options{Namespace: namespace, Owners: true}, func(s *census.Socket) {
		rows[s.State]++
		if !slices.ContainsFunc(s.Owners, func(o census.Owner) bool { return o.PID == want.PID && o.Name == want.Name && o.FD > 2 }) {
			t.Errorf("%s is owned by %v, not by %v", key(s), s.Owners, want)
		}
		if s.Idle() != census.Unknown {
			t.Errorf("%s: idle for %s, which was not asked for", key(s), s.Idle())
		}
	})
	close(leave)
	<-left
	if err != nil {
		t.Fatal(err)
	}
	if rows[census.Listen] != 1 || rows[census.Established] != 2 || len(rows) != 2 {
		t.Errorf("the namespace has %v", rows)
	}
}
