//go:build real

package proof_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe/realserver"
)

// An oddity is what the catalog says in words only: it bends the prediction.
type oddity struct {
	product

	bend func(*prediction)
}

// hypercorn runs a program that reads the request, or a deaf one that does not.
func hypercorn(variant string, deaf bool) product {
	return product{
		system: "hypercorn", variant: variant, version: debianVersion("python3-hypercorn"),
		start: func(t testing.TB, _ string) *realserver.Server {
			return realserver.Hypercorn(t, realserver.HypercornConf{Deaf: deaf})
		},
	}
}

// TestRealOddities holds what the catalog says in words against the products.
func TestRealOddities(t *testing.T) {
	t.Parallel()
	for _, o := range []*oddity{
		{
			hypercorn(" with a program that reads the request", false),
			func(x *prediction) { x.idle = span{model.Never, model.Never} },
		},
		{
			product{
				system: "gunicorn", variant: " with gevent", version: debianVersion("gunicorn"),
				start: func(t testing.TB, _ string) *realserver.Server {
					return realserver.Gunicorn(t, "worker_class = \"gevent\"\n")
				},
			},
			func(x *prediction) { x.before = x.idle },
		},
	} {
		t.Run(string(o.system)+o.variant, func(t *testing.T) {
			t.Parallel()
			s := &serving{product: &o.product, want: o.predict(t, nil)}
			o.bend(&s.want)
			s.plan([]model.Aspect{model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests}, false)
			s.settle(t, nil, "")
		})
	}
}

// TestRealCloseAtOnce shows servers that close behind a reply without having said so. A
// request that comes fast enough is still answered.
func TestRealCloseAtOnce(t *testing.T) {
	t.Parallel()
	for _, p := range []product{
		hypercorn(" with a program that does not read the request", true),
		{
			system: "uvicorn", variant: " with 0 s", version: debianVersion("uvicorn"), defaults: []string{"timeout_keep_alive=0s"},
			start: func(t testing.TB, _ string) *realserver.Server {
				return realserver.Uvicorn(t, "UVICORN_TIMEOUT_KEEP_ALIVE=0")
			},
		},
	} {
		t.Run(string(p.system)+p.variant, func(t *testing.T) {
			t.Parallel()
			s := &serving{product: &p, want: p.predict(t, p.defaults), what: []model.Aspect{model.AspectIdle}, limit: 5 * time.Second}
			s.measure(t, "")
			closed := 0
			for _, k := range s.captured {
				if k.Requests == 0 || !k.ServerEnded() || bytes.Contains(k.First, []byte("HTTP/1.0")) {
					continue
				}
				closed++
				if !(span{}).holds(k.Idle()) || k.Reset {
					t.Errorf("closed after %v, with an RST: %v; want a FIN at once", k.Idle(), k.Reset)
				}
			}
			if got := s.result; closed < samples || got.HTTP.Connection != "" || got.Idle.Close != model.CloseFIN {
				t.Errorf("%d closes in the capture, Connection: %q, idle %s", closed, got.HTTP.Connection, show(&got.Idle))
			}
		})
	}
}

// TestRealGunicornSync shows the worker that the catalog only warns of: it closes after each
// answer and says so, and a silent client holds it until its timeout kills it.
func TestRealGunicornSync(t *testing.T) {
	t.Parallel()
	s := realserver.Gunicorn(t, "timeout = 2\n")
	reply := untilClosed(t, s, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
	if !bytes.Contains(reply, []byte(" 200 OK\r\n")) || !bytes.Contains(reply, []byte("\r\nConnection: close\r\n")) {
		t.Errorf("the reply is %q, want 200 with Connection: close", reply)
	}
	if reply := untilClosed(t, s, ""); len(reply) > 0 {
		t.Errorf("a silent client gets %q", reply)
	}
	if !strings.Contains(s.Log(), "WORKER TIMEOUT") {
		t.Errorf("no worker was killed:\n%s", s.Log())
	}
}

// untilClosed sends something and returns all that comes until the server's FIN.
func untilClosed(t *testing.T, s *realserver.Server, send string) []byte {
	t.Helper()
	conn := talkTo(t, s)
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("the connection ends with %v, want a FIN\n%s", err, s.Log())
	}
	return reply
}
