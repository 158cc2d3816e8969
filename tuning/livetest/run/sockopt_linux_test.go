package run

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/livetest"
)

// pair is a connection of the test and its far end.
func pair(t *testing.T) (*timestampedConnection, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	near, err := Tester{}.dial(t.Context(), livetest.Route{}, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
	return timestamp(near), far
}

func TestSocketOptionsAreInForce(t *testing.T) {
	s, _ := pair(t)
	for what, c := range map[string]struct{ option, want int }{
		"SO_KEEPALIVE": {unix.SO_KEEPALIVE, 0}, "SO_TIMESTAMPNS_NEW": {unix.SO_TIMESTAMPNS_NEW, 1},
	} {
		var got int
		var err error
		if e := s.raw.Control(func(fd uintptr) { got, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, c.option) }); e != nil || err != nil {
			t.Fatalf("%s: %v, %v", what, e, err)
		}
		if got != c.want {
			t.Errorf("%s = %d, want %d", what, got, c.want)
		}
	}
}

// A reader that comes late still knows when data and close arrived.
func TestLateReader(t *testing.T) {
	const late, tolerance = 300 * time.Millisecond, 100 * time.Millisecond
	s, far := pair(t)
	time.Sleep(50 * time.Millisecond) // the kernel switches its stamps on in the background
	if _, err := io.WriteString(far, "x"); err != nil {
		t.Fatal(err)
	}
	wrote := time.Now()
	time.Sleep(late)
	if n, err := s.Read(make([]byte, 9)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if d := s.last.Sub(wrote); d > tolerance || !s.lastExact {
		t.Errorf("data: read %v after it was written (exact %v)", d, s.lastExact)
	}
	_ = far.Close()
	closed := time.Now()
	time.Sleep(late)
	if _, err := s.Read(make([]byte, 9)); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if d := s.end.Sub(closed); d > tolerance || !s.endExact {
		t.Errorf("close: seen %v after it (exact %v)", d, s.endExact)
	}
	end := s.end
	if _, err := s.Read(make([]byte, 9)); !errors.Is(err, io.EOF) || !s.end.Equal(end) {
		t.Errorf("a second read moved the end by %v (%v)", s.end.Sub(end), err)
	}
}

// Without a time stamp, TCP_INFO tells.
func TestLateReaderWithoutStamps(t *testing.T) {
	const late, tolerance = 300 * time.Millisecond, 100 * time.Millisecond
	s, far := pair(t)
	var failed error
	if err := s.raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 0)
	}); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	writing := time.Now()
	if _, err := io.WriteString(far, "x"); err != nil {
		t.Fatal(err)
	}
	wrote := time.Now()
	time.Sleep(late)
	if n, err := s.Read(make([]byte, 9)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if d := s.last.Sub(wrote); d > tolerance || s.last.Before(writing.Add(-tolerance)) || !s.lastExact {
		t.Errorf("read %v after it was written, which took %v (exact %v)", d, wrote.Sub(writing), s.lastExact)
	}
}
