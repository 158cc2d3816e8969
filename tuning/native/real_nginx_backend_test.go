//go:build real

package native_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A backend answers every request on every connection for as long as it is asked.
type backend struct {
	port int

	mu    sync.Mutex
	seen  []int // the connection of each request
	last  time.Time
	ended time.Time
	over  chan struct{} // closed when ended is set; of the last request's connection
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	b := &backend{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for id := 0; ; id++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go b.serve(c, id)
		}
	}()
	return b
}

func (b *backend) serve(c net.Conn, id int) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(in)
		b.mu.Lock()
		if err != nil {
			if len(b.seen) > 0 && b.seen[len(b.seen)-1] == id { // others were put aside before
				b.ended = time.Now()
				close(b.over)
			}
			b.mu.Unlock()
			return
		}
		b.seen, b.last, b.ended, b.over = append(b.seen, id), time.Now(), time.Time{}, make(chan struct{})
		b.mu.Unlock()
		closing := ""
		if req.Close || req.ProtoMinor == 0 {
			closing = "Connection: close\r\n"
		}
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"+closing+"\r\nok"); err != nil || closing != "" {
			return
		}
	}
}

// A closing is when nginx is to end a connection to a backend, and a request
// that leads there.
type closing struct {
	after model.Value
	by    getting
}

// backHolds asks twice, and looks whether the second request came over the
// connection of the first; again where that may have ended before.
func (n *nginxTree) backHolds(t *testing.T, c native.Context, closes map[*backend]closing) {
	t.Helper()
	for try := 1; try <= tries && !n.backHeld(t, c, closes, try == tries); try++ {
		continue
	}
}

// backHeld is false where the second request was late and that was not the last try.
func (n *nginxTree) backHeld(t *testing.T, c native.Context, closes map[*backend]closing, last bool) bool {
	t.Helper()
	g := n.request(t, c)
	begin := time.Now()
	before := map[*backend]int{}
	for _, b := range n.backends {
		b.mu.Lock()
		before[b] = len(b.seen)
		b.mu.Unlock()
	}
	for range 2 {
		if d := g.dial(t); d != nil {
			d.ask(t, g)
			_ = d.Close()
		}
	}
	for _, b := range n.backends {
		b.mu.Lock()
		now := slices.Clone(b.seen[before[b]:])
		b.mu.Unlock()
		if len(now) == 0 {
			continue
		}
		pool, set := c.Settings["nginx.upstream.keepalive"]
		want := set && pool.Value != model.ValueOff && c.Settings["nginx.upstream.proxy_http_version 1.1"].Value == model.ValueOn
		kept := len(now) == 2 && now[0] == now[1]
		after := c.Settings["nginx.upstream.keepalive_timeout"].Value
		if limit, known := after.Duration(); want && !kept && known && time.Since(begin) >= limit && !last {
			return false
		}
		if len(now) != 2 || kept != want {
			t.Errorf("%s: requests came over connections %v; imported %v and %v", c.Where, now, pool.Value, c.Settings["nginx.upstream.proxy_http_version 1.1"].Value)
		}
		if want {
			closes[b] = closing{after, g}
		}
		return true
	}
	t.Errorf("%s: no backend was asked", c.Where)
	return true
}

// closesAfter waits for nginx to end its idle connection, and asks once more
// where it does so late.
func (b *backend) closesAfter(t *testing.T, x closing) {
	t.Helper()
	want, known := x.after.Duration()
	for n := 1; ; {
		b.mu.Lock()
		last, over := b.last, b.over
		b.mu.Unlock()
		select {
		case <-over:
		case <-time.After(time.Until(last.Add(nginxLongest))):
		}
		b.mu.Lock()
		ended := b.ended
		b.mu.Unlock()
		kept := ended.Sub(last)
		late := known && (ended.IsZero() || kept > want+nginxApart)
		if late && n < tries {
			if d := x.by.dial(t); d != nil {
				d.ask(t, x.by)
				_ = d.Close()
			}
			n++
			continue
		}
		if late || !known && !ended.IsZero() || known && kept < want-nginxApart {
			t.Errorf("backend: ended %v after the last request; imported %s", kept, x.after)
		}
		return
	}
}
