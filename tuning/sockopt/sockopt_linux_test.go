package sockopt_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/sockopt"
)

// connected opens a connection on loopback, and names its server's end as a census of
// this host does.
func connected(t *testing.T) (server *net.TCPConn, ref sockopt.Ref) {
	t.Helper()
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	server = accepted.(*net.TCPConn)
	t.Cleanup(func() { client.Close(); server.Close() })
	filter, err := census.ParseFilter("state:established local:" + server.LocalAddr().String() + " remote:" + server.RemoteAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	_, err = host.Sockets(t.Context(), host.Options{Owners: true}, func(s *census.Socket) {
		if filter.Match(s) {
			ref, found = sockopt.RefOf(s)
		}
	})
	if err != nil || !found || ref.PID != os.Getpid() {
		t.Fatalf("the census has %+v, %v", ref, err)
	}
	return server, ref
}

// effective is what the kernel tells this process of its socket.
func effective(t *testing.T, c *net.TCPConn) (o census.Options) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		number := func(level, opt int) int {
			n, err := unix.GetsockoptInt(int(fd), level, opt)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		o = census.Options{
			KeepAlive: number(unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 1,
			Idle:      time.Duration(number(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)) * time.Second,
			Every:     time.Duration(number(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)) * time.Second,
			Count:     number(unix.IPPROTO_TCP, unix.TCP_KEEPCNT), UserTimeout: time.Duration(number(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond,
		}
	})
	return o
}

func TestSetAndRestore(t *testing.T) {
	server, ref := connected(t)
	before := effective(t, server)
	if before.KeepAlive {
		t.Fatal("it has probes already")
	}
	taker := sockopt.NewTaker()
	defer taker.Close()
	got, err := taker.Get(t.Context(), ref)
	if err != nil || got != before {
		t.Fatalf("it has %+v, %v; the kernel says %+v", got, err, before)
	}
	all := census.Change{KeepAlive: new(true), Idle: new(61 * time.Second), Every: new(11 * time.Second), Count: new(4), UserTimeout: new(90500 * time.Millisecond)}
	want := census.Options{KeepAlive: true, Idle: 61 * time.Second, Every: 11 * time.Second, Count: 4, UserTimeout: 90500 * time.Millisecond}
	was, now, err := taker.Set(t.Context(), ref, all)
	if err != nil || was != before || now != want || effective(t, server) != want {
		t.Fatalf("from %+v to %+v, %v; the kernel says %+v", was, now, err, effective(t, server))
	}
	// Somebody else sets one meanwhile: it stays, the others go back.
	if _, _, err := taker.Set(t.Context(), ref, census.Change{Count: new(7)}); err != nil {
		t.Fatal(err)
	}
	others, err := taker.Restore(t.Context(), ref, all, before)
	mixed := before
	mixed.Count = 7
	if err != nil || !others || effective(t, server) != mixed {
		t.Fatalf("others %v, %v; the kernel says %+v", others, err, effective(t, server))
	}
	if _, _, err := taker.Set(t.Context(), ref, all); err != nil {
		t.Fatal(err)
	}
	if others, err := taker.Restore(t.Context(), ref, all, before); err != nil || others || effective(t, server) != before {
		t.Fatalf("others %v, %v; the kernel says %+v", others, err, effective(t, server))
	}
}

// What the kernel refuses leaves the socket as it was.
func TestSetIsWholeOrNothing(t *testing.T) {
	server, ref := connected(t)
	before := effective(t, server)
	taker := sockopt.NewTaker()
	defer taker.Close()
	_, _, err := taker.Set(t.Context(), ref, census.Change{KeepAlive: new(true), Every: new(5 * time.Second), Count: new(3), Idle: new(32768 * time.Second)})
	if !errors.Is(err, unix.EINVAL) || effective(t, server) != before {
		t.Errorf("%v leaves %+v", err, effective(t, server))
	}
}

// A socket is found although it moved to another descriptor, and no other socket is
// taken for it.
func TestSocketsThatMoved(t *testing.T) {
	server, ref := connected(t)
	_, other := connected(t)
	taker := sockopt.NewTaker()
	defer taker.Close()
	moved := ref
	moved.FD = other.FD
	if _, now, err := taker.Set(t.Context(), moved, census.Change{Count: new(5)}); err != nil || now.Count != 5 || effective(t, server).Count != 5 {
		t.Errorf("%v, %+v", err, effective(t, server))
	}
	strange := ref
	strange.Cookie++
	if _, _, err := taker.Set(t.Context(), strange, census.Change{Count: new(6)}); !errors.Is(err, sockopt.ErrGone) || effective(t, server).Count != 5 {
		t.Errorf("another cookie: %v", err)
	}
	nobody := ref
	nobody.PID, nobody.Inode = 4194305, 1 // above the kernel's most
	if _, err := taker.Get(context.Background(), nobody); !errors.Is(err, sockopt.ErrGone) {
		t.Errorf("no process: %v", err)
	}
	server.Close()
	if _, err := taker.Get(t.Context(), ref); !errors.Is(err, sockopt.ErrGone) {
		t.Errorf("a closed socket: %v", err)
	}
}
