package farend_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest"
)

// start serves on a free loopback port.
func start(t *testing.T, token string) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- (&farend.Server{Token: token}).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func dial(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, bufio.NewReader(c)
}

func TestEchoAndPush(t *testing.T) {
	addr := start(t, "secret")
	c, in := dial(t, addr)
	if err := farend.Echo(c, in, "secret"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, _ = io.WriteString(c, farend.Question)
		if line, err := in.ReadString('\n'); err != nil || line != farend.Answer {
			t.Fatalf("%q, %v", line, err)
		}
	}
	for id, c := range map[string]struct {
		after func(net.Conn)
		want  livetest.CloseKind
	}{
		"answered": {func(c net.Conn) { _, _ = io.WriteString(c, farend.Question) }, livetest.CloseNone},
		"closed":   {func(c net.Conn) { _ = c.Close() }, livetest.CloseFIN},
		"reset":    {func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() }, livetest.CloseRSTOnSend},
	} {
		p, in := dial(t, addr)
		if err := farend.Push(p, in, "secret", 50*time.Millisecond, id); err != nil {
			t.Fatal(err)
		}
		if line, err := in.ReadString('\n'); err != nil || line != farend.Answer {
			t.Fatalf("%s: %q, %v", id, line, err)
		}
		c.after(p)
		r, in := dial(t, addr)
		if o, err := farend.Report(r, in, "secret", id); err != nil || o.Kind != c.want || o.Kept < 50*time.Millisecond {
			t.Errorf("%s: %+v, %v; want %s", id, o, err, c.want)
		}
	}
}

// Who has no token learns nothing and opens nothing.
func TestStrangersLearnNothing(t *testing.T) {
	addr := start(t, "secret")
	for _, line := range []string{
		"keeptune/1 wrong echo\n", "GET / HTTP/1.1\n", "keeptune/1 secret dance\n", "keeptune/1 secret push -5 a\n",
		"keeptune/1 secret push 999999999999999 a\n", strings.Repeat("a", 4000),
	} {
		c, in := dial(t, addr)
		_, _ = io.WriteString(c, line)
		if b, err := io.ReadAll(in); len(b) > 0 {
			t.Errorf("%.40q is answered %q, %v", line, b, err)
		}
	}
	c, in := dial(t, addr)
	if err := farend.Echo(c, in, "wrong"); !errors.Is(err, farend.ErrRefused) {
		t.Errorf("a wrong token: %v", err)
	}
	c, in = dial(t, start(t, ""))
	if err := farend.Echo(c, in, ""); err == nil {
		t.Error("a server without a token answers")
	}
}
