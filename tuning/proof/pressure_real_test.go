//go:build real

package proof_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

// A talk is one connection to a server, on which the test asks at its own pace.
type talk struct {
	net.Conn

	in *bufio.Reader
}

func talkTo(t *testing.T, s *realserver.Server) *talk {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: realserver.Patience}).DialContext(t.Context(), "tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(realserver.Patience))
	return &talk{conn, bufio.NewReader(conn)}
}

func (c *talk) send(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(c, get); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request and reports whether the reply says Connection: close.
func (c *talk) ask(t *testing.T) bool {
	t.Helper()
	c.send(t)
	return c.answer(t)
}

// answer reads one reply and reports whether it says Connection: close.
func (c *talk) answer(t *testing.T) bool {
	t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.Close
}

// asked is how many requests are answered up to the reply that says close, 0 for more than most.
func (c *talk) asked(t *testing.T, most int) int {
	t.Helper()
	for n := range most {
		if c.ask(t) {
			return n + 1
		}
	}
	return 0
}

// TestRealPumaBusy shows when Puma ends connections that are in use: where all of its
// threads are busy and others wait. Its one thread stays with each connection for a
// fifth of a second, so the others wait for ten; and the requests in a row are sent as
// one, so that Puma has them in a row however late this process runs.
func TestRealPumaBusy(t *testing.T) {
	t.Parallel()
	const inRow = 10
	s := realserver.Puma(t, "threads 1, 1\n")
	busy := talkTo(t, s)
	busy.ask(t)
	others := make([]*talk, 50)
	for n := range others {
		others[n] = talkTo(t, s)
		others[n].send(t)
	}
	others[0].answer(t) // so the thread has left the first, whose requests count anew
	if _, err := io.WriteString(busy, strings.Repeat(get, inRow)); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= inRow; n++ {
		if closes := busy.answer(t); closes != (n == inRow) {
			t.Fatalf("reply %d says Connection: close: %v, the catalog says after %d requests\n%s", n, closes, inRow, s.Log())
		}
	}
}

// TestRealGunicornMaxRequests shows what ends idle connections before their time: the
// worker's own end.
func TestRealGunicornMaxRequests(t *testing.T) {
	t.Parallel()
	p := product{system: "gunicorn", version: debianVersion("gunicorn")}
	want := p.predict(t, []string{"keepalive=20s"})
	s := realserver.Gunicorn(t, gunicornThreads+fmt.Sprintf("keepalive = %d\nmax_requests = 10\n", want.idle.low/time.Second))
	capture := realserver.StartCapture(t, s.Port)
	idle := talkTo(t, s)
	idle.ask(t)
	if talkTo(t, s).asked(t, 50) == 0 {
		t.Error("no reply says Connection: close")
	}
	if _, err := idle.in.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection ends with %v, want a FIN", err)
	}
	conns := capture.Stop(t)
	if k := conns[0]; k.Client != idle.LocalAddr().String() || !k.ServerEnded() || k.Idle() >= want.idle.low-early {
		t.Errorf("the idle connection was closed by the server: %v, after %v; want before the %v of keepalive", k.ServerEnded(), k.Idle(), want.idle.low)
	}
}

// TestRealGunicornPool shows how many idle connections gthread keeps: worker_connections
// less its threads. The reply on what is beyond says close.
func TestRealGunicornPool(t *testing.T) {
	t.Parallel()
	comesAbout(t, "the worker has taken three connections back when the others come", func() bool {
		s := realserver.Gunicorn(t, "threads = 2\nworker_connections = 5\nkeepalive = 20\n")
		for n := range 5 {
			switch closes := talkTo(t, s).ask(t); {
			case closes && n < 3:
				t.Errorf("connection %d: the reply says Connection: close\n%s", n+1, s.Log())
			case !closes && n >= 3:
				return false
			}
			time.Sleep(200 * time.Millisecond) // the worker takes the connection back
		}
		return true
	})
}

// comesAbout tries a scenario that depends on who runs first until it comes about, with fresh
// servers, and fails when it does not.
func comesAbout(t *testing.T, what string, scenario func() bool) {
	t.Helper()
	for range tries {
		if scenario() {
			return
		}
	}
	t.Errorf("in none of %d tries: %s", tries, what)
}
