package scripted_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/scripted"
)

// session is a client of one pipe.
type session struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, s scripted.Script) session {
	t.Helper()
	c, err := scripted.Dialer(s)(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return session{c, bufio.NewReader(c)}
}

// get sends one request and reads its reply with the standard library.
func (s session) get(t *testing.T, request string) *http.Response {
	t.Helper()
	if _, err := io.WriteString(s, request); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(s.in, &http.Request{Method: strings.Fields(request)[0]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	plain = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	asked = "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
)

func TestIdleTimer(t *testing.T) {
	for name, s := range map[string]scripted.Script{
		"fin": {Idle: 75 * time.Second}, "rst": {Idle: 75 * time.Second, Reset: true}, "chunked": {Idle: 75 * time.Second, Chunked: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := dial(t, s)
			c.get(t, plain)
			time.Sleep(74 * time.Second)
			c.get(t, plain)
			begin := time.Now()
			_, err := c.in.ReadByte()
			if got := time.Since(begin); got != 75*time.Second {
				t.Errorf("%s: closed after %v", name, got)
			}
			if reset := errors.Is(err, syscall.ECONNRESET); reset != s.Reset || !reset && !errors.Is(err, io.EOF) {
				t.Errorf("%s: err = %v", name, err)
			}
		})
	}
}

func TestBeforeRequestTimer(t *testing.T) {
	for _, answered := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c := dial(t, scripted.Script{BeforeRequest: 50 * time.Second, Before408: answered})
			begin := time.Now()
			b, err := io.ReadAll(c.in)
			if err != nil || time.Since(begin) != 50*time.Second || strings.HasPrefix(string(b), "HTTP/1.1 408 ") != answered {
				t.Errorf("%q, %v after %v", b, err, time.Since(begin))
			}
		})
	}
}

func TestSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dialer := scripted.Dialer(scripted.Script{Idle: 10 * time.Second, Spread: time.Second})
		for n, want := range []time.Duration{9 * time.Second, 9500 * time.Millisecond, 10 * time.Second, 10500 * time.Millisecond, 11 * time.Second} {
			k, err := dialer(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			c := session{k, bufio.NewReader(k)}
			c.get(t, plain)
			begin := time.Now()
			if _, err := c.in.ReadByte(); !errors.Is(err, io.EOF) || time.Since(begin) != want {
				t.Errorf("connection %d: %v after %v, want EOF after %v", n, err, time.Since(begin), want)
			}
		}
	})
}

func TestHint(t *testing.T) {
	for _, c := range []struct {
		when           scripted.When
		plain, keeping string
	}{
		{scripted.Never, "", ""},
		{scripted.Asked, "", "timeout=5, max=99"},
		{scripted.Always, "timeout=5, max=100", "timeout=5, max=99"},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := dial(t, scripted.Script{Hint: c.when, HintTimeout: 5 * time.Second, HintMax: true, Requests: 100})
			for _, x := range []struct{ request, want string }{{plain, c.plain}, {asked, c.keeping}} {
				if got := k.get(t, x.request).Header.Get("Keep-Alive"); got != x.want {
					t.Errorf("when %d: %q, want %q", c.when, got, x.want)
				}
			}
		})
	}
}

func TestRequestLimit(t *testing.T) {
	for name, c := range map[string]struct {
		script  scripted.Script
		served  int
		says    bool
		lingers bool
	}{
		"announced":   {scripted.Script{Requests: 3}, 3, true, false},
		"off by one":  {scripted.Script{Requests: 3, Extra: 1}, 4, true, false},
		"unannounced": {scripted.Script{Requests: 3, Unannounced: true}, 3, false, false},
		"lingers":     {scripted.Script{Requests: 3, Lingers: true, Idle: 6 * time.Second}, 3, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := dial(t, c.script)
				for i := 1; i <= c.served; i++ {
					if r := k.get(t, asked); r.Close != (c.says && i == c.served) || r.StatusCode != 200 {
						t.Errorf("reply %d: close %v, status %d", i, r.Close, r.StatusCode)
					}
				}
				if c.lingers {
					if r := k.get(t, asked); r.StatusCode != 503 {
						t.Errorf("beyond the limit: %d, want 503", r.StatusCode)
					}
					return
				}
				if _, err := k.in.ReadByte(); !errors.Is(err, io.EOF) {
					t.Errorf("after the last reply: %v, want EOF", err)
				}
			})
		})
	}
}

func TestOldAndHead(t *testing.T) {
	old := "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	synctest.Test(t, func(t *testing.T) {
		k := dial(t, scripted.Script{})
		if r := k.get(t, old); r.Close {
			t.Error("HTTP/1.0 with keep-alive is closed")
		}
		if r := k.get(t, "HEAD / HTTP/1.1\r\n\r\n"); r.ContentLength == 0 || r.Close {
			t.Errorf("HEAD: length %d, close %v", r.ContentLength, r.Close)
		}
		if r := k.get(t, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"); !r.Close {
			t.Error("Connection: close is not honoured")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		if r := dial(t, scripted.Script{NoHTTP10: true}).get(t, old); !r.Close {
			t.Error("HTTP/1.0 persists though the script says it does not")
		}
	})
}

func TestListenStops(t *testing.T) {
	addr, stop, err := scripted.Listen(t.Context(), scripted.Script{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	s := session{c, bufio.NewReader(c)}
	if r := s.get(t, plain); r.StatusCode != 200 {
		t.Errorf("status %d", r.StatusCode)
	}
	stop()
	stop() // twice does no harm
	if _, err := s.in.ReadByte(); err == nil {
		t.Error("the connection outlives the server")
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("the port still listens")
	}
}

func TestListenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr, stop, err := scripted.Listen(ctx, scripted.Script{Hostile: "stall"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	cancel()
	if _, err := io.ReadAll(c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("err = %v, want the connection closed", err)
	}
	stop()
}

// Every hostile server ends when its client leaves, and none has the name of another.
func TestHostilesEnd(t *testing.T) {
	names := map[string]bool{}
	for _, h := range scripted.Hostiles() {
		if names[h.Name] || h.What == "" {
			t.Errorf("%q is not unique or not explained", h.Name)
		}
		names[h.Name] = true
		synctest.Test(t, func(t *testing.T) { // fails when a goroutine stays behind
			c := dial(t, scripted.Script{Hostile: h.Name})
			_ = c.SetDeadline(time.Now().Add(time.Second))
			_, _ = fmt.Fprint(c, plain)
			_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
			_ = c.Close()
		})
	}
	if len(names) < 30 {
		t.Errorf("%d behaviours, want 30 or more", len(names))
	}
}
