//go:build real

package proof_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A proxied is a proxy as a client of the servers behind it. It runs twice: at
// its defaults, and with what is exported for an idle limit.
type proxied struct {
	consumer
	exports []string // settings of the second run
	start   func(t testing.TB, r *room, exported string) driver
}

// proxies are the proxies of Debian. Each has a backend of its own for every
// seat, behind the path /SEAT/.
func proxies() []proxied {
	ignored := hinted[:1]
	return []proxied{
		{consumer{
			system: "nginx", version: says("nginx", "-v"), needs: []string{"nginx"}, sets: []string{"keepalive=8"},
			most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 1},
		}, []string{"keepalive=8", "nginx.upstream.keepalive_timeout=3s"}, front(startNginx)},
		{consumer{
			system: "apache", version: says("apache2", "-v"), needs: []string{"apache2"},
			hints: ignored, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		}, []string{"ttl=3s"}, front(startApache)},
		{consumer{
			system: "haproxy", version: says("haproxy", "-v"), needs: []string{"haproxy"},
			most: 20 * time.Second, hints: ignored, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		}, []string{"pool-purge-delay=2s"}, front(startHAProxy)},
		{consumer{
			system: "varnish", version: debianVersion("varnish"), needs: []string{"varnishd", "dpkg-query"},
			most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		}, []string{"backend_idle_timeout=3s"}, front(startVarnish)},
		{consumer{
			system: "squid", version: debianVersion("squid"), needs: []string{"squid", "dpkg-query"},
			most: 90 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		}, []string{"server_idle_pconn_timeout=3s"}, startSquid},
		{consumer{
			system: "trafficserver", version: says("traffic_server", "--version"), needs: []string{"traffic_server"},
			most: 125 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		}, []string{"proxy.config.http.keep_alive_no_activity_timeout_out=3s"}, front(startTrafficServer)},
		{consumer{
			system: "caddy", version: debianVersion("caddy"), needs: []string{"caddy", "dpkg-query"},
			most: 125 * time.Second, hints: ignored, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		}, []string{"keepalive=3s"}, front(startCaddy)},
		{consumer{
			system: "h2o", version: debianVersion("h2o"), needs: []string{"h2o", "dpkg-query"},
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		}, []string{"proxy.timeout.keepalive=3s"}, front(startH2O)},
	}
}

// proxyConsumers are the two runs of each proxy.
func proxyConsumers() []*consumer {
	var list []*consumer
	for _, p := range proxies() {
		at := p.consumer
		at.proxy = true
		at.start = func(t testing.TB, r *room) driver { return p.start(t, r, "") }
		set := consumer{name: p.system + " as exported", system: p.system, version: p.version, needs: p.needs, proxy: true, sets: p.exports, most: p.most}
		set.start = func(t testing.TB, r *room) driver {
			return p.start(t, r, exported(t, p.system, "curl > "+p.system+"@"+p.version(t)+" > node@20.20.2", 1, p.exports, nil))
		}
		list = append(list, &at, &set)
	}
	return list
}

func TestRealUpstreams(t *testing.T) {
	t.Parallel()
	prove(t, proxyConsumers())
}

// A gate sends requests to a proxy, on one connection for each seat and
// without repeating any. What was silent for three seconds is not used again:
// the proxy's server face, which waits for five at least, is not what is measured.
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
func front(start func(testing.TB, *room, string) *realserver.Server) func(testing.TB, *room, string) driver {
	return func(t testing.TB, r *room, text string) driver {
		s := start(t, r, text)
		r.watches(s)
		g := &gate{proxy: s.Addr, conns: map[int]*gateConn{}}
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
	if c == nil || time.Since(c.last) > 3*time.Second {
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
	_ = c.SetDeadline(time.Now().Add(realserver.Patience))
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

// upstreamBlock is the group of servers in what is exported for nginx.
var upstreamBlock = regexp.MustCompile(`(?s)upstream keeptune \{.*?\n\}`)

func startNginx(t testing.TB, r *room, text string) *realserver.Server {
	block, rest := upstreamBlock.FindString(text), upstreamBlock.ReplaceAllString(text, "")
	if text == "" {
		block, rest = "upstream keeptune { server 127.0.0.1:8080; keepalive 8; }", `proxy_http_version 1.1; proxy_set_header Connection "";`
	}
	return realserver.Nginx(t, realserver.NginxConf{
		HTTP: rest + r.each(func(seat int, addr string) string {
			return strings.NewReplacer("upstream keeptune", fmt.Sprintf("upstream u%d", seat), "127.0.0.1:8080", addr).Replace(block)
		}),
		Server: r.each(func(seat int, _ string) string {
			return fmt.Sprintf("location /%d/ { proxy_pass http://u%[1]d; }", seat)
		}),
	})
}

// startApache runs one process, since each has pools of its own.
func startApache(t testing.TB, r *room, text string) *realserver.Server {
	return realserver.Apache(t, realserver.ApacheConf{
		Server: "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n" +
			"LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so\nLoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so\n" +
			r.each(func(seat int, addr string) string {
				return strings.ReplaceAll(text, "127.0.0.1:8080", addr) + fmt.Sprintf("\nProxyPass /%d/ http://%s/", seat, addr)
			}),
	})
}

// startHAProxy puts the lines of an exported defaults section into the only one.
func startHAProxy(t testing.TB, r *room, text string) *realserver.Server {
	return realserver.HAProxy(t, realserver.HAProxyConf{
		Defaults: realserver.DebianTimeouts + "\n" + strings.ReplaceAll(text, "\ndefaults\n", "\n"),
		Frontend: r.each(func(seat int, _ string) string {
			return fmt.Sprintf("use_backend b%d if { path_beg /%[1]d/ }", seat)
		}),
		Extra: r.each(func(seat int, addr string) string { return fmt.Sprintf("backend b%d\nserver s %s", seat, addr) }),
	})
}

// paramSet is a command in what is exported for Varnish.
var paramSet = regexp.MustCompile(`(?m)^varnishadm .*param\.set (\S+) (\S+)$`)

// startVarnish gives the exported parameters to a new varnishd.
func startVarnish(t testing.TB, r *room, text string) *realserver.Server {
	var args []string
	for _, m := range paramSet.FindAllStringSubmatch(text, -1) {
		args = append(args, "-p", m[1]+"="+m[2])
	}
	return realserver.Varnish(t, realserver.VarnishConf{
		Args: args,
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
func startSquid(t testing.TB, r *room, text string) driver {
	s := realserver.Squid(t, realserver.SquidConf{Forward: true, Lines: text})
	r.watches(s)
	g := &gate{proxy: s.Addr, absolute: true, conns: map[int]*gateConn{}}
	return func(t testing.TB, seat int, method, path string) string {
		return g.send(t, seat, method, r.url(seat, path))
	}
}

func startTrafficServer(t testing.TB, r *room, text string) *realserver.Server {
	return realserver.TrafficServer(t, realserver.TrafficServerConf{
		Records: text,
		Remap:   r.each(func(seat int, addr string) string { return fmt.Sprintf("map /%d/ http://%s/", seat, addr) }),
	})
}

func startCaddy(t testing.TB, r *room, text string) *realserver.Server {
	return realserver.Caddy(t, realserver.CaddyConf{
		Site: r.each(func(seat int, addr string) string {
			return fmt.Sprintf("handle /%d/* {\nreverse_proxy %s {\n%s\n}\n}", seat, addr, text)
		}),
	})
}

func startH2O(t testing.TB, r *room, text string) *realserver.Server {
	return realserver.H2O(t, realserver.H2OConf{
		Global: text,
		Path: "        file.dir: /nonexistent\n" + r.each(func(seat int, addr string) string {
			return fmt.Sprintf("      /%d/:\n        proxy.reverse.url: http://%s/", seat, addr)
		}),
	})
}
