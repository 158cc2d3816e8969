//go:build real

package proof_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/tuning/probe/realserver"
)

// proxyConsumers are the proxies, as clients of the servers behind them. Each
// has a backend of its own for every seat, behind the path /SEAT/.
func proxyConsumers() []*consumer {
	ignored := hinted[:1]
	return []*consumer{
		{
			system: "nginx", version: says("nginx", "-v"), needs: []string{"nginx"}, proxy: true, sets: []string{"keepalive=8"},
			start: front(startNginx), most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 1},
		},
		{
			system: "apache", version: says("apache2", "-v"), needs: []string{"apache2"}, proxy: true,
			start: front(startApache("")), hints: ignored, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			name: "apache ttl=3", system: "apache", version: says("apache2", "-v"), needs: []string{"apache2"}, proxy: true, sets: []string{"ttl=3s"},
			start: front(startApache("ttl=3")),
		},
		{
			system: "haproxy", version: says("haproxy", "-v"), needs: []string{"haproxy"}, proxy: true,
			start: front(startHAProxy), most: 20 * time.Second, hints: ignored, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "varnish", version: debianVersion("varnish"), needs: []string{"varnishd", "dpkg-query"}, proxy: true,
			start: front(startVarnish), most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "squid", version: debianVersion("squid"), needs: []string{"squid", "dpkg-query"}, proxy: true,
			start: startSquid, most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "trafficserver", version: says("traffic_server", "--version"), needs: []string{"traffic_server"}, proxy: true,
			start: front(startTrafficServer), most: 125 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "caddy", version: debianVersion("caddy"), needs: []string{"caddy", "dpkg-query"}, proxy: true,
			start: front(startCaddy), most: 125 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "h2o", version: debianVersion("h2o"), needs: []string{"h2o", "dpkg-query"}, proxy: true,
			start: front(startH2O), hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
	}
}

func TestRealUpstreams(t *testing.T) {
	t.Parallel()
	prove(t, proxyConsumers())
}

// A gate sends requests to a proxy, on one connection for each seat and
// without repeating any. What was silent for a second is not used again: the
// proxy's server face is not what is measured.
type gate struct {
	proxy    string
	absolute bool // as to a forward proxy

	mu    sync.Mutex
	conns map[int]*gateConn
}

type gateConn struct {
	net.Conn
	in   *bufio.Reader
	last time.Time
}

// front is a driver through a reverse proxy.
func front(start func(testing.TB, *room) *realserver.Server) func(testing.TB, *room) driver {
	return func(t testing.TB, r *room) driver {
		g := &gate{proxy: start(t, r).Addr, conns: map[int]*gateConn{}}
		return func(t testing.TB, seat int, method, path string) string {
			return g.send(t, seat, method, "http://"+g.proxy+fmt.Sprintf("/%d", seat)+path)
		}
	}
}

func (g *gate) send(t testing.TB, seat int, method, url string) string {
	var body io.Reader
	if method != "GET" {
		body = strings.NewReader("x=1")
	}
	q, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		return "error " + err.Error()
	}
	g.mu.Lock()
	c := g.conns[seat]
	g.mu.Unlock()
	if c == nil || time.Since(c.last) > time.Second {
		if c != nil {
			_ = c.Close()
		}
		d, err := net.Dial("tcp", g.proxy)
		if err != nil {
			return "error " + err.Error()
		}
		t.Cleanup(func() { _ = d.Close() })
		c = &gateConn{Conn: d, in: bufio.NewReader(d)}
	}
	write := q.Write
	if g.absolute {
		write = q.WriteProxy
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if err := write(c); err != nil {
		return "error " + err.Error()
	}
	res, err := http.ReadResponse(c.in, q)
	if err != nil {
		return "error " + err.Error()
	}
	_, _ = io.Copy(io.Discard, res.Body)
	c.last = time.Now()
	if res.Close {
		c.last = time.Time{}
	}
	g.mu.Lock()
	g.conns[seat] = c
	g.mu.Unlock()
	return fmt.Sprint(res.StatusCode)
}

// each writes something for every seat of a room.
func (r *room) each(format func(seat int, addr string) string) string {
	var b strings.Builder
	for seat := range r.manners {
		b.WriteString(format(seat, r.addr(seat)))
		b.WriteString("\n")
	}
	return b.String()
}

func startNginx(t testing.TB, r *room) *realserver.Server {
	return realserver.Nginx(t, realserver.NginxConf{
		HTTP: r.each(func(seat int, addr string) string {
			return fmt.Sprintf("upstream u%d { server %s; keepalive 8; }", seat, addr)
		}),
		Server: r.each(func(seat int, _ string) string {
			return fmt.Sprintf(`location /%d/ { proxy_pass http://u%[1]d; proxy_http_version 1.1; proxy_set_header Connection ""; }`, seat)
		}),
	})
}

// startApache runs one process, since each has pools of its own.
func startApache(options string) func(testing.TB, *room) *realserver.Server {
	return func(t testing.TB, r *room) *realserver.Server {
		return realserver.Apache(t, realserver.ApacheConf{
			Server: "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n" +
				"LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so\nLoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so\n" +
				r.each(func(seat int, addr string) string {
					return fmt.Sprintf("ProxyPass /%d/ http://%s/ %s", seat, addr, options)
				}),
		})
	}
}

func startHAProxy(t testing.TB, r *room) *realserver.Server {
	return realserver.HAProxy(t, realserver.HAProxyConf{
		Frontend: r.each(func(seat int, _ string) string {
			return fmt.Sprintf("use_backend b%d if { path_beg /%[1]d/ }", seat)
		}),
		Extra: r.each(func(seat int, addr string) string { return fmt.Sprintf("backend b%d\nserver s %s", seat, addr) }),
	})
}

func startVarnish(t testing.TB, r *room) *realserver.Server {
	return realserver.Varnish(t, realserver.VarnishConf{
		VCL: "vcl 4.1;\n" +
			r.each(func(seat int, addr string) string {
				host, port, _ := net.SplitHostPort(addr)
				return fmt.Sprintf("backend b%d { .host = %q; .port = %q; }", seat, host, port)
			}) + "sub vcl_recv {\n" +
			r.each(func(seat int, _ string) string {
				return fmt.Sprintf(`if (req.url ~ "^/%d/") { set req.backend_hint = b%[1]d; }`, seat)
			}) + "return (pass); }\n",
	})
}

// startSquid runs a forward proxy, which keeps connections by their address.
func startSquid(t testing.TB, r *room) driver {
	s := realserver.Squid(t, realserver.SquidConf{Forward: true})
	g := &gate{proxy: s.Addr, absolute: true, conns: map[int]*gateConn{}}
	return func(t testing.TB, seat int, method, path string) string {
		return g.send(t, seat, method, r.url(seat, path))
	}
}

func startTrafficServer(t testing.TB, r *room) *realserver.Server {
	return realserver.TrafficServer(t, realserver.TrafficServerConf{
		Remap: r.each(func(seat int, addr string) string { return fmt.Sprintf("map /%d/ http://%s/", seat, addr) }),
	})
}

func startCaddy(t testing.TB, r *room) *realserver.Server {
	return realserver.Caddy(t, realserver.CaddyConf{
		Site: r.each(func(seat int, addr string) string {
			return fmt.Sprintf("handle /%d/* {\nreverse_proxy %s\n}", seat, addr)
		}),
	})
}

func startH2O(t testing.TB, r *room) *realserver.Server {
	return realserver.H2O(t, realserver.H2OConf{
		Path: "        file.dir: /nonexistent\n" + r.each(func(seat int, addr string) string {
			return fmt.Sprintf("      /%d/:\n        proxy.reverse.url: http://%s/", seat, addr)
		}),
	})
}
