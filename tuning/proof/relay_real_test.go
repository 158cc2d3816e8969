//go:build real

package proof_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A relay stands between a client and a server. Once it is mute it swallows
// what either of them sends and keeps both connections open: each end sees a
// peer whose kernel still acknowledges and whose program says nothing.
type relay struct {
	port int

	mu    sync.Mutex
	muted bool
	lost  int  // what clients sent since then, by reads
	ended bool // an end closed its connection
	pairs []relayed
}

// A relayed is one connection: the sockets' addresses on both sides.
type relayed struct{ client, front, back, server string }

func newRelay(t testing.TB, target string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{port: l.Addr().(*net.TCPAddr).Port}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			front, err := l.Accept()
			if err != nil {
				return
			}
			back, err := net.Dial("tcp", target)
			if err != nil {
				_ = front.Close()
				continue
			}
			t.Cleanup(func() { _, _ = front.Close(), back.Close() })
			r.mu.Lock()
			r.pairs = append(r.pairs, relayed{front.RemoteAddr().String(), front.LocalAddr().String(), back.LocalAddr().String(), target})
			r.mu.Unlock()
			go r.carry(front, back, false)
			go r.carry(back, front, true)
		}
	}()
	return r
}

func (r *relay) carry(to io.Writer, from io.Reader, outward bool) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		r.mu.Lock()
		r.ended = r.ended || err != nil
		muted := r.muted
		if muted && outward && err == nil {
			r.lost++
		}
		r.mu.Unlock()
		if err != nil {
			return
		}
		if !muted {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
	}
}

func (r *relay) mute() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.muted = true
}

// over reports whether an end closed its connection.
func (r *relay) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// swallowed is how often the mute relay has read something of a client.
func (r *relay) swallowed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// used reports whether a client has connected.
func (r *relay) used() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pairs) > 0
}

// first is the first connection.
func (r *relay) first(t testing.TB) relayed {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pairs) == 0 {
		t.Fatal("nobody connected")
	}
	return r.pairs[0]
}
