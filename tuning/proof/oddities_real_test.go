//go:build real

package proof_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
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
				if !(span{}).holds(k.Idle(), s.waited) || k.Reset {
					t.Errorf("closed after %v, with an RST: %v; want a FIN at once", k.Idle(), k.Reset)
				}
			}
			if got := s.result; closed < samples || got.HTTP.Connection != "" || got.Idle.Close != livetest.CloseFIN {
				t.Errorf("%d closes in the capture, Connection: %q, idle %s", closed, got.HTTP.Connection, show(&got.Idle))
			}
		})
	}
}

// TestRealGunicornSync runs the worker that serves one request on a connection. The live test
// cannot: a silent client holds the worker until its timeout kills it.
func TestRealGunicornSync(t *testing.T) {
	t.Parallel()
	p := product{system: "gunicorn-sync", version: debianVersion("gunicorn")}
	want := p.predict(t, nil)
	s := realserver.Gunicorn(t, "timeout = 5\n")
	capture := realserver.StartCapture(t, s.Port)
	waited := s.Waiting()
	reply := untilClosed(t, talkTo(t, s), "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
	if says := bytes.Contains(reply, []byte("\r\nConnection: close\r\n")); !bytes.Contains(reply, []byte(" 200 OK\r\n")) || says != want.report.Legs[0].Server.Face.Announces {
		t.Errorf("the reply is %q, want 200; that it announces the close is %v in the catalog", reply, !says)
	}
	if bytes.Contains(reply, []byte("Keep-Alive:")) || want.asked != "" {
		t.Errorf("the reply is %q, the catalog says that its hint is %q", reply, want.asked)
	}
	var silent *talk
	socket := realserver.SocketTimesOf(t, func() (local, remote string) {
		silent = talkTo(t, s)
		return s.Addr, silent.LocalAddr().String()
	})
	if socket != want.socket {
		t.Errorf("sockets: %+v, the catalog says %+v", socket, want.socket)
	}
	if reply := untilClosed(t, silent, ""); len(reply) > 0 {
		t.Errorf("a silent client gets %q", reply)
	}
	if !strings.Contains(s.Log(), "WORKER TIMEOUT") {
		t.Errorf("no worker was killed:\n%s", s.Log())
	}
	conns := capture.Stop(t)
	if k := conns[0]; !k.ServerEnded() || k.Reset || !want.idle.holds(k.Idle(), waited()) || want.close != livetest.CloseFIN {
		t.Errorf("the server ends the connection: %v, with an RST: %v, after %v; the catalog says %s after %v", k.ServerEnded(), k.Reset, k.Idle(), want.close, want.idle)
	}
}

// untilClosed sends something and returns all that comes until the server's FIN.
func untilClosed(t *testing.T, conn *talk, send string) []byte {
	t.Helper()
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("the connection ends with %v, want a FIN", err)
	}
	return reply
}
