//go:build real

package proof_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/scripted"
)

// manyThreads are so many that no request and no silent connection of the live test waits
// for a thread: Gunicorn gives one to each of those, and Puma ends connections earlier while
// others wait.
const (
	gunicornThreads = "threads = 32\n"
	pumaThreads     = "threads 32, 32\n"
)

// appProducts are the app servers.
func appProducts() []*product {
	jvms := make(chan struct{}, 2)
	return []*product{
		{
			// With the server.xml that Debian ships.
			system: "tomcat", version: tomcatVersion, turns: jvms, format: "tomcat",
			sets:  []string{"keepAliveTimeout=3s", "connectionTimeout=4s", "maxKeepAliveRequests=20"},
			start: realserver.Tomcat,
		},
		{
			// As programs that embed Tomcat have it.
			system: "tomcat", variant: " with no attributes", version: tomcatVersion, turns: jvms, defaults: []string{"connectionTimeout=60s"},
			start: func(t testing.TB, _ string) *realserver.Server {
				return realserver.Tomcat(t, `<Connector port="8080" protocol="HTTP/1.1"/>`)
			},
		},
		{
			system: "jetty", version: jettyVersion, turns: jvms, format: "jetty", sets: []string{"jetty.http.idleTimeout=3s"},
			start: realserver.Jetty,
		},
		{
			system: "gunicorn", version: debianVersion("gunicorn"), format: "gunicorn", sets: []string{"keepalive=3s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Gunicorn(t, gunicornThreads+exported)
			},
		},
		{
			system: "gunicorn-uvicorn", version: debianVersion("gunicorn"), format: "gunicorn", sets: []string{"keepalive=3s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Gunicorn(t, "worker_class = \"uvicorn.workers.UvicornWorker\"\nwsgi_app = \"asgi:app\"\n"+exported)
			},
		},
		{
			system: "uvicorn", version: debianVersion("uvicorn"), format: "uvicorn", sets: []string{"timeout_keep_alive=3s"},
			start: realserver.Uvicorn,
		},
		{
			system: "hypercorn", version: debianVersion("python3-hypercorn"), format: "hypercorn", sets: []string{"keep_alive_timeout=3s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Hypercorn(t, realserver.HypercornConf{Lines: exported})
			},
		},
		{
			system: "puma", version: debianVersion("puma"), format: "puma", sets: []string{"persistent_timeout=3s", "first_data_timeout=4s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Puma(t, pumaThreads+exported)
			},
		},
		{
			system: "passenger", version: debianVersion("passenger"), format: "passenger", sets: []string{"keepalive_timeout=3s", "keepalive_requests=7", "client_header_timeout=4s"},
			start: realserver.PassengerNginx,
		},
		{
			system: "passenger-builtin", version: debianVersion("passenger"),
			start: func(t testing.TB, _ string) *realserver.Server { return realserver.PassengerBuiltin(t) },
		},
		{
			system: "node", version: says("node", "--version"), format: "node", before: livetest.Close408, sets: []string{"keepAliveTimeout=3s"},
			start: serveNode,
		},
		{
			system: "go-server", version: says("go", "version"), format: "go-server",
			sets:  []string{"IdleTimeout=3s", "ReadHeaderTimeout=4s", "tcp_keepidle=60s"},
			start: realserver.GoServer,
		},
		{
			system: "built-in", version: fixed("1"), before: livetest.Close408,
			start: func(t testing.TB, _ string) *realserver.Server {
				addr, stop, err := scripted.Listen(t.Context(), scripted.Demo())
				if err != nil {
					t.Fatal(err)
				}
				return realserver.Within(t, addr, stop)
			},
		},
	}
}

func TestRealApps(t *testing.T) {
	t.Parallel()
	serve(t, apps(), appProducts(), false)
}

// tomcatVersion and jettyVersion are those of the package that is installed, whose name has its own.
func tomcatVersion(t testing.TB) string {
	t.Helper()
	return debianVersion(filepath.Base(realserver.TomcatHome(t)))(t)
}

func jettyVersion(t testing.TB) string {
	t.Helper()
	return debianVersion(filepath.Base(realserver.JettyHome(t)))(t)
}

// serveNode uses what is exported as a module, as its head says.
func serveNode(t testing.TB, exported string) *realserver.Server {
	t.Helper()
	if exported == "" {
		return realserver.Node(t, "")
	}
	path := realserver.File(t, realserver.Dir(t), "keepalive.cjs", exported)
	return realserver.NodeScript(t, fmt.Sprintf(`const { options, tune } = require(%q);
const http = require('node:http');
tune(http.createServer(options, (request, response) => { response.end('ok\n'); })).listen(Number(process.env.PORT), process.env.HOST);
`, path))
}
