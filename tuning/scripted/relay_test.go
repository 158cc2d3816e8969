package scripted_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/scripted"
)

// A relay carries bytes and closes, none of them sooner than its delay.
func TestRelay(t *testing.T) {
	const delay = 40 * time.Millisecond
	server, stop, err := scripted.Listen(t.Context(), scripted.Script{Requests: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	addr, end, err := scripted.Relay(t.Context(), server, delay)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	began := time.Now()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	in := bufio.NewReader(c)
	line, err := in.ReadString('\n')
	if took := time.Since(began); err != nil || !strings.HasPrefix(line, "HTTP/1.1 200") || took < 2*delay {
		t.Errorf("%q, %v after %v", line, err, took)
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Errorf("the close: %v", err)
	}
}
