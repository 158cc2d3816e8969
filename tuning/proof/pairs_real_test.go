//go:build real

package proof_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A stop is a product on the way of a pair's requests, with what is set of it.
type stop struct {
	system  string
	version func(testing.TB) string
	sets    []string
}

// A pair is a real client and a real server, some with a real proxy between them.
type pair struct {
	path    []stop
	servers func(testing.TB) []*realserver.Server // of the legs
	client  func(testing.TB, *room) driver
}

func (p *pair) name() string {
	var names []string
	for _, s := range p.path {
		names = append(names, s.system)
	}
	return strings.Join(names, " > ")
}

// analyze is what keeptune says of the pair's path.
func (p *pair) analyze(t testing.TB) tuning.Report {
	t.Helper()
	all := model.Embedded()
	var names []string
	for _, s := range p.path {
		names = append(names, s.system+"@"+s.version(t))
	}
	path, err := model.ParsePath(strings.Join(names, " > "), all)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: path}
	for i, s := range p.path {
		for _, set := range s.sets {
			if d, err = d.Assign(all, string(path.Endpoints[i].ID)+":"+set); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(all, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	// beforehand is how long before a leg's limit its connection is used once more.
	beforehand = 600 * time.Millisecond
	// afterwards is how long after the last limit the client asks again, on a new connection.
	afterwards = 700 * time.Millisecond
)

// A run of a pair: three requests, the second shortly before the first limit of a leg, the
// third after the last.
type pairRun struct {
	report tuning.Report
	conns  [][]realserver.Conn // of each leg
	third  time.Time
	waited time.Duration
}

func (p *pair) run(t *testing.T) (*pairRun, error) {
	t.Helper()
	starting <- struct{}{}
	servers := p.servers(t)
	r := &room{front: servers[0].Addr, manners: make([]manner, 1), said: map[int]time.Time{}}
	ask := p.client(t, r)
	<-starting
	x := &pairRun{report: p.analyze(t)}
	if len(x.report.Legs) != len(servers) {
		t.Fatalf("%d legs, %d servers", len(x.report.Legs), len(servers))
	}
	first, last := model.Never, time.Duration(0)
	for i := range x.report.Legs {
		l := &x.report.Legs[i].Limit
		first, last = min(first, l.Idle), max(last, l.High)
	}
	var captures []*realserver.Capture
	for _, s := range servers {
		captures = append(captures, realserver.StartCapture(t, s.Port))
		r.watches(s)
	}
	for _, pause := range []time.Duration{0, first - beforehand, last + afterwards} {
		time.Sleep(pause) // real programs are waited for
		x.third = time.Now()
		if got := ask(t, 0, "GET", "/"); got != fmt.Sprint(http.StatusOK) {
			return x, fmt.Errorf("a request was answered with %s\n%s", got, servers[0].Log())
		}
	}
	time.Sleep(300 * time.Millisecond) // what a client ends at its next request, it may end after it
	for _, c := range captures {
		x.conns = append(x.conns, c.Stop(t))
	}
	x.waited = r.waited()
	for _, s := range servers {
		s.Stop()
	}
	return x, nil
}

var keepAliveHeader = regexp.MustCompile(`(?i)\r\nkeep-alive: *timeout=(\d+)`)

// compare holds a leg against its packets: on which connection the requests came, who ended it
// first, when, how, and what the client was told.
func (x *pairRun) compare(t *testing.T, leg int) error {
	t.Helper()
	l, conns := &x.report.Legs[leg], x.conns[leg]
	conns = slices.DeleteFunc(slices.Clone(conns), func(c realserver.Conn) bool { return c.Requests == 0 })
	if len(conns) != 2 || conns[0].Requests < 2 || conns[1].Heard[0].Before(x.third) {
		return fmt.Errorf("the requests came on %d connections; the second one is due on the first's, the third not", len(conns))
	}
	c, want := conns[0], span{l.Limit.Idle, l.Limit.High}
	by, after, reset := tuning.By(""), time.Duration(0), c.Reset
	switch {
	case c.ServerEnded():
		by, after = tuning.ByServer, c.Idle()
	case c.ClientEnded():
		by, after, reset = tuning.ByClient, c.ClientIdle(), c.ClientReset
	}
	told := ""
	if m := keepAliveHeader.FindSubmatch(c.Answer); m != nil {
		told = string(m[1])
	}
	t.Logf("leg %d: ended by the %s after %v, reset %v, told %q; keeptune: by the %s after %v, %s", leg+1, by, after.Round(time.Millisecond), reset, told, l.Limit.First, want, l.Limit.Closes)
	var errs []error
	if by != l.Limit.First {
		errs = append(errs, fmt.Errorf("leg %d: the %q ended the connection first after %v, keeptune says the %q", leg+1, by, after, l.Limit.First))
	}
	if l.Limit.Closes == model.CloseAtReuse {
		want.high = max(want.high, x.third.Add(time.Second).Sub(c.LastData))
	}
	if !want.holds(after, x.waited) {
		errs = append(errs, fmt.Errorf("leg %d: it ended after %v, keeptune says %v", leg+1, after, want))
	}
	if reset != (l.Limit.Closes == model.CloseRST) {
		errs = append(errs, fmt.Errorf("leg %d: ended by RST: %v, keeptune says %s", leg+1, reset, l.Limit.Closes))
	}
	hint := ""
	if d, ok := l.Told(); ok {
		hint = fmt.Sprint(int64(d / time.Second))
	}
	if told != hint {
		errs = append(errs, fmt.Errorf("leg %d: the client is told %q, keeptune says %q", leg+1, told, hint))
	}
	return errors.Join(errs...)
}

// pairs are what people run one behind the other: half of the clients give up first, of their
// own accord or by what they were told, and half of the servers.
func pairs(t testing.TB) []*pair {
	t.Helper()
	realserver.Need(t, "node", "npm", "curl", "go", "javac", "ruby", "php", "dpkg-query")
	modules := realserver.Dir(t)
	why := lacksNode(fetch(t, modules))(t)
	realserver.Require(t, why == "", why)
	// The pairs share them: they end with t.
	node := &starter{start: func(testing.TB) *realserver.Driven { return startNode(t, modules) }}
	python := &starter{start: func(testing.TB) *realserver.Driven { return startPython(t) }}
	ruby := &starter{start: func(testing.TB) *realserver.Driven { return startRuby(t) }}
	java := &starter{start: func(testing.TB) *realserver.Driven {
		return startJava(t, "-Dokhttp.seconds=2", "-Djdk.httpclient.keepalive.timeout=2")
	}}
	one := func(start func(testing.TB, string) *realserver.Server, lines string) func(testing.TB) []*realserver.Server {
		return func(t testing.TB) []*realserver.Server { return []*realserver.Server{start(t, lines)} }
	}
	nginx := func(t testing.TB, lines string) *realserver.Server {
		return realserver.Nginx(t, realserver.NginxConf{HTTP: lines})
	}
	backend := func(t testing.TB, millis int) *realserver.Server {
		return realserver.Node(t, fmt.Sprintf("server.keepAliveTimeout = %d;", millis))
	}
	nodeVersion := says("node", "--version")
	return []*pair{
		{
			[]stop{{"curl", says("curl", "--version"), nil}, {"nginx", says("nginx", "-v"), []string{"keepalive_timeout=2s", "keepalive_timeout_header=2s"}}},
			one(nginx, "keepalive_timeout 2s 2s;"), startCurl,
		},
		{
			[]stop{{"undici", fixed(npmVersions["undici"]), nil}, {"nginx", says("nginx", "-v"), []string{"keepalive_timeout=6s", "keepalive_timeout_header=3s"}}},
			one(nginx, "keepalive_timeout 6s 3s;"), node.driver("undici"),
		},
		{
			[]stop{{"node", nodeVersion, nil}, {"apache", says("apache2", "-v"), []string{"KeepAliveTimeout=3s"}}},
			one(func(t testing.TB, lines string) *realserver.Server {
				return realserver.Apache(t, realserver.ApacheConf{Server: lines})
			}, "KeepAliveTimeout 3"), node.driver("node"),
		},
		{
			[]stop{{"python-requests", debianVersion("python3-requests"), nil}, {"haproxy", says("haproxy", "-v"), []string{"timeout client=50s", "timeout http-keep-alive=2s"}}},
			one(func(t testing.TB, lines string) *realserver.Server {
				return realserver.HAProxy(t, realserver.HAProxyConf{Defaults: realserver.DebianTimeouts + "\n" + lines})
			}, "timeout http-keep-alive 2s"), python.driver("python-requests"),
		},
		{
			[]stop{{"httpx", debianVersion("python3-httpx"), nil}, {"uvicorn", debianVersion("uvicorn"), []string{"timeout_keep_alive=9s"}}},
			one(realserver.Uvicorn, "UVICORN_TIMEOUT_KEEP_ALIVE=9\n"), python.driver("httpx"),
		},
		{
			[]stop{{"aiohttp", debianVersion("python3-aiohttp"), nil}, {"lighttpd", says("lighttpd", "-v"), []string{"server.max-keep-alive-idle=3s"}}},
			one(realserver.Lighttpd, "server.max-keep-alive-idle = 3\n"), python.driver("aiohttp"),
		},
		{
			[]stop{{"go-client", says("go", "version"), []string{"IdleConnTimeout=2s"}}, {"caddy", says("caddy", "version"), []string{"idle_timeout=6s"}}},
			one(func(t testing.TB, lines string) *realserver.Server {
				return realserver.Caddy(t, realserver.CaddyConf{Global: lines})
			}, "servers {\ntimeouts {\nidle 6s\n}\n}"),
			func(t testing.TB, r *room) driver { return startGoWith(t, r, 2*time.Second) },
		},
		{
			[]stop{{"java-http-client", debianVersion("openjdk-17-jdk-headless"), []string{"jdk.httpclient.keepalive.timeout=2s"}}, {"go-server", says("go", "version"), []string{"IdleTimeout=6s"}}},
			one(realserver.GoServer, goIdle(6)), java.driver("java-http-client"),
		},
		{
			[]stop{{"okhttp", debianVersion("libokhttp-java"), []string{"keepAliveDuration=2s"}}, {"puma", debianVersion("puma"), []string{"persistent_timeout=6s"}}},
			one(realserver.Puma, pumaThreads+"persistent_timeout 6\n"), java.driver("okhttp"),
		},
		{
			[]stop{{"ruby-net-http", says("ruby", "--version"), nil}, {"gunicorn", debianVersion("gunicorn"), []string{"keepalive=6s"}}},
			one(realserver.Gunicorn, gunicornThreads+"worker_class = \"gthread\"\nkeepalive = 6\n"), ruby.driver("ruby-net-http"),
		},
		{
			[]stop{{"guzzle", debianVersion("php-guzzlehttp-guzzle"), nil}, {"node", nodeVersion, []string{"keepAliveTimeout=2s"}}},
			func(t testing.TB) []*realserver.Server { return []*realserver.Server{backend(t, 2000)} }, startGuzzle,
		},
		{
			[]stop{{"curl", says("curl", "--version"), nil}, {"nginx", says("nginx", "-v"), []string{"nginx.keepalive_timeout=3s", "keepalive=4", "nginx.upstream.keepalive_timeout=2s"}}, {"node", nodeVersion, []string{"keepAliveTimeout=8s"}}},
			func(t testing.TB) []*realserver.Server {
				b := backend(t, 8000)
				return []*realserver.Server{realserver.Nginx(t, realserver.NginxConf{
					HTTP:   "keepalive_timeout 3s; upstream u { server " + b.Addr + "; keepalive 4; keepalive_timeout 2s; }",
					Server: "location ~ ^ { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
				}), b}
			}, startCurl,
		},
		{
			// HAProxy tells undici what the backend says.
			[]stop{{"undici", fixed(npmVersions["undici"]), nil}, {"haproxy", says("haproxy", "-v"), []string{"timeout client=50s", "timeout http-keep-alive=7s"}}, {"node", nodeVersion, []string{"keepAliveTimeout=3s"}}},
			func(t testing.TB) []*realserver.Server {
				b := backend(t, 3000)
				return []*realserver.Server{realserver.HAProxy(t, realserver.HAProxyConf{
					Defaults: realserver.DebianTimeouts + "\ntimeout http-keep-alive 7s", Frontend: "default_backend b", Extra: "backend b\nserver s " + b.Addr,
				}), b}
			}, node.driver("undici"),
		},
		{
			[]stop{{"aiohttp", debianVersion("python3-aiohttp"), nil}, {"apache", says("apache2", "-v"), []string{"KeepAliveTimeout=2s", "ttl=3s"}}, {"gunicorn", debianVersion("gunicorn"), []string{"keepalive=9s"}}},
			func(t testing.TB) []*realserver.Server {
				b := realserver.Gunicorn(t, gunicornThreads+"worker_class = \"gthread\"\nkeepalive = 9\n")
				return []*realserver.Server{realserver.Apache(t, realserver.ApacheConf{
					Server: "KeepAliveTimeout 2\nStartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n" +
						"LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so\nLoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so\n" +
						"ProxyPass / http://" + b.Addr + "/ ttl=3\n",
				}), b}
			}, python.driver("aiohttp"),
		},
		{
			[]stop{{"python-requests", debianVersion("python3-requests"), nil}, {"varnish", debianVersion("varnish"), []string{"timeout_idle=2s", "backend_idle_timeout=3s"}}, {"go-server", says("go", "version"), []string{"IdleTimeout=9s"}}},
			func(t testing.TB) []*realserver.Server {
				b := realserver.GoServer(t, goIdle(9))
				return []*realserver.Server{realserver.Varnish(t, realserver.VarnishConf{
					Args: []string{"-p", "timeout_idle=2", "-p", "backend_idle_timeout=3"},
					VCL:  fmt.Sprintf("vcl 4.1;\nbackend b { .host = \"127.0.0.1\"; .port = \"%d\"; }\nsub vcl_recv { return (pass); }\n", b.Port),
				}), b}
			}, python.driver("python-requests"),
		},
	}
}

// goIdle is the file of a program of Go that ends idle connections after so many seconds.
func goIdle(seconds int) string {
	return fmt.Sprintf(`package keepalive

import (
	"context"
	"net"
	"net/http"
	"time"
)

func NewServer(h http.Handler) *http.Server { return &http.Server{Handler: h, IdleTimeout: %d * time.Second} }

func Listen(ctx context.Context, address string) (net.Listener, error) { return net.Listen("tcp", address) }
`, seconds)
}

// What keeptune says of a path is what the packets between a real client and a real server show.
func TestRealPairs(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		t.Run(p.name(), func(t *testing.T) {
			t.Parallel()
			var err error
			for range tries {
				var x *pairRun
				if x, err = p.run(t); err == nil {
					for leg := range x.report.Legs {
						err = errors.Join(err, x.compare(t, leg))
					}
				}
				if err == nil {
					return
				}
				t.Logf("disturbed, or wrong: %v", err) // another run tells
			}
			t.Error(err)
		})
	}
}
