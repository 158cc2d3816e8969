package run_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/livetest/run"
)

// A listener whose queue is full drops every SYN: the dial hangs, and ends when told.
func TestCancelWhileDialling(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	full := false
	for range 4 {
		c, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
		if full = err != nil; full {
			break
		}
		defer func() { _ = c.Close() }()
	}
	if !full {
		t.Fatal("the queue of a listener that accepts nobody does not fill")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	o := collect(ctx, run.Tester{}, specFor(t, "http://"+addr))
	if o.err == nil || o.took > time.Minute {
		t.Errorf("returned %v after %v, want an error at once", o.err, o.took)
	}
}
