//go:build real

package proof_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A peer is an HTTP/1.1 server of the test's own that never ends an idle
// connection. It listens on one port of many loopback addresses, so that one
// capture sees it all: each product has a room of its own, 127.0.ROOM.x, and
// each trial a seat in it, which is a host with a pool of its own.
type peer struct {
	port  int
	rooms int
	turn  sync.Mutex // of trials that need it
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	return &peer{port: realserver.FreePort(t)}
}

// A room is the part of the peer that one product talks to. A request for a
// path that ends in /drop is answered only as the first of its connection;
// later it is read whole and the connection closed.
type room struct {
	peer   *peer
	number int
	front  string // where requests go in place of the peer, which is not there then

	mu      sync.Mutex
	calls   []call
	said    map[int]time.Time // when the last answer of a seat began
	waits   []func() time.Duration
	manners []manner // of the seats
	open    map[net.Conn]int
}

// A manner is how the peer answers on one seat.
type manner struct {
	hint string // Keep-Alive header, "" for none
	says bool   // Connection: keep-alive beside it
}

// A call is a request that the peer received.
type call struct {
	seat   int
	conn   string // the client's address
	nth    int    // on its connection, from 1
	method string
	path   string
	asks   bool          // Connection: keep-alive
	after  time.Duration // since the last answer on the seat; 0 for the first
}

// newRoom opens a room with a seat for each manner.
func (p *peer) newRoom(t testing.TB, manners []manner) *room {
	t.Helper()
	p.rooms++
	r := &room{peer: p, number: p.rooms, manners: manners, said: map[int]time.Time{}, open: map[net.Conn]int{}}
	for seat := range manners {
		l, err := (&net.ListenConfig{KeepAlive: -1}).Listen(t.Context(), "tcp", r.addr(seat))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go r.accept(l, seat)
	}
	t.Cleanup(r.closeAll)
	return r
}

// addr is the address of a seat.
func (r *room) addr(seat int) string {
	return net.JoinHostPort(fmt.Sprintf("127.0.%d.%d", r.number, 1+seat), strconv.Itoa(r.peer.port))
}

// watches counts from now on for how long a program that talks to the room is kept from running.
func (r *room) watches(p interface{ Waiting() func() time.Duration }) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = append(r.waits, p.Waiting())
}

// waited is the longest of those waits.
func (r *room) waited() (most time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, so := range r.waits {
		most = max(most, so())
	}
	return most
}

// opened is the number of connections that a seat has now.
func (r *room) opened(seat int) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.open {
		if s == seat {
			n++
		}
	}
	return n
}

// at lists the calls on a seat whose path ends so.
func (r *room) at(seat int, path string) []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []call
	for _, c := range r.calls {
		if c.seat == seat && strings.HasSuffix(c.path, path) {
			found = append(found, c)
		}
	}
	return found
}

func (r *room) accept(l net.Listener, seat int) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.open[c] = seat
		r.mu.Unlock()
		go func() {
			r.serve(c, seat)
			r.mu.Lock()
			delete(r.open, c)
			r.mu.Unlock()
			_ = c.Close()
		}()
	}
}

func (r *room) serve(c net.Conn, seat int) {
	in := bufio.NewReader(c)
	for nth := 1; ; nth++ {
		q, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, q.Body); err != nil {
			return
		}
		r.mu.Lock()
		asks := strings.EqualFold(q.Header.Get("Connection"), "keep-alive")
		now := time.Now()
		x := call{seat, c.RemoteAddr().String(), nth, q.Method, q.URL.Path, asks, 0}
		if said, ok := r.said[seat]; ok {
			x.after = now.Sub(said)
		}
		r.calls, r.said[seat] = append(r.calls, x), now
		m := r.manners[seat]
		r.mu.Unlock()
		if nth > 1 && strings.HasSuffix(q.URL.Path, "/drop") {
			return
		}
		if _, err := io.WriteString(c, m.reply()); err != nil {
			return
		}
	}
}

func (m manner) reply() string {
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
	if m.says {
		head += "Connection: keep-alive\r\n"
	}
	if m.hint != "" {
		head += "Keep-Alive: " + m.hint + "\r\n"
	}
	return head + "\r\nok\n"
}

func (r *room) closeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		_ = c.Close()
	}
}
