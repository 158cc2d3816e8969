//go:build real && prove

package proof_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// Programs of app servers. %s is where their settings stand.
const (
	onAiohttp = `import os
from aiohttp import web

async def answer(request):
    return web.Response(text="ok\n")

app = web.Application()
app.router.add_get("/", answer)
web.run_app(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), print=None%s)
`
	aWSGI = `import os

def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]

address = (os.environ["HOST"], int(os.environ["PORT"]))
`
	// Cheroot keeps ten connections unless told to keep more, which is not what is measured here.
	onCheroot = aWSGI + `from cheroot import wsgi
server = wsgi.Server(address, app%s)
server.keep_alive_conn_limit = 1000
server.start()
`
	onEventlet = `import eventlet
from eventlet import wsgi
` + aWSGI + `wsgi.server(eventlet.listen(address), app, log_output=False%s)
`
	onGevent = aWSGI + `from gevent.pywsgi import WSGIServer
WSGIServer(address, app, log=None%s).serve_forever()
`
	onTornado = `import asyncio, os
import tornado.web

class Answer(tornado.web.RequestHandler):
    def get(self):
        self.write("ok\n")

async def main():
    tornado.web.Application([("/", Answer)]).listen(int(os.environ["PORT"]), os.environ["HOST"]%s)
    await asyncio.Event().wait()

asyncio.run(main())
`
	onTwisted = `import os
from twisted.internet import reactor
from twisted.web import resource, server

class Answer(resource.Resource):
    isLeaf = True
    def render_GET(self, request):
        return b"ok\n"

reactor.listenTCP(int(os.environ["PORT"]), server.Site(Answer()%s), interface=os.environ["HOST"])
reactor.run()
`
	onUWSGI = `cat >program.py <<'PY'
def application(environ, start):
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
PY
exec uwsgi --plugins http,python3 --die-on-term --need-app --wsgi-file program.py --http "$HOST:$PORT" %s
`
	onMojolicious = `use Mojolicious::Lite;
get '/' => { text => "ok\n" };
app->log->level('fatal');
app->start('daemon', '-l', "http://$ENV{HOST}:$ENV{PORT}"%s);
`
	// A worker waits with its client.
	onStarman = `cat >app.psgi <<'PSGI'
sub { [200, ['Content-Type', 'text/plain', 'Content-Length', 3], ["ok\n"]] }
PSGI
exec starman --listen "$HOST:$PORT" --workers 48 %s app.psgi
`
	onThin = `cat >config.ru <<'RU'
run lambda { |env| [200, { 'content-type' => 'text/plain', 'content-length' => '3' }, ["ok\n"]] }
RU
exec thin -a "$HOST" -p "$PORT" -R config.ru %s start
`
	onWEBrick = `require 'webrick'
server = WEBrick::HTTPServer.new(BindAddress: ENV['HOST'], Port: ENV['PORT'].to_i, Logger: WEBrick::Log.new(File::NULL), AccessLog: []%s)
server.mount_proc('/') { |request, response| response.body = "ok\n" }
server.start
`
	onJDK = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Server {
    public static void main(String[] words) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(System.getenv("HOST"), Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write("ok\n".getBytes());
            exchange.close();
        });
        server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool());
        server.start();
    }
}
`
	onInets = `mkdir htdocs
echo ok >htdocs/index.html
exec erl -noshell -eval "ok = inets:start(), {ok, _} = inets:start(httpd, [{bind_address, {127,0,0,1}}, {port, $PORT}, {server_name, \"a\"}, {server_root, \".\"}, {document_root, \"htdocs\"}, {directory_index, [\"index.html\"]}, {modules, [mod_alias, mod_dir, mod_get, mod_head]}%s])."
`
)

// Proxies and programs with a server in them, which are told on the command line or in a file.
const (
	theNghttpx  = `exec nghttpx --conf=/dev/null --frontend="$HOST,$PORT;no-tls" --backend="$(echo "$ORIGIN" | tr : ,)" --workers=1 --errorlog-file=/dev/null --accesslog-file=/dev/null %s`
	thePound    = "printf 'Daemon 0\\nLogLevel 0\\n%s\\nListenHTTP\\nAddress %%s\\nPort %%s\\nService\\nBackEnd\\nAddress %%s\\nPort %%s\\nEnd\\nEnd\\nEnd\\n' \"$HOST\" \"$PORT\" \"${ORIGIN%%:*}\" \"${ORIGIN#*:}\" >pound.cfg\nexec pound -f pound.cfg -p \"$PWD/pid\"\n"
	theRegistry = `cat >config.yml <<YML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $PWD/data}}
http: {addr: "$HOST:$PORT"}
YML
exec docker-registry serve config.yml
`
	theEtcd       = `exec etcd --data-dir data --listen-client-urls "http://$HOST:$PORT" --advertise-client-urls "http://$HOST:$PORT" --listen-peer-urls http://127.0.0.1:0 %s`
	thePrometheus = `echo >none.yml
exec prometheus --config.file=none.yml --storage.tsdb.path=data --log.level=error --web.listen-address="$HOST:$PORT" %s`
)

// releasedProducts are the servers that make prove alone runs.
func releasedProducts() []*product {
	script := func(name, text, program string, words ...string) func(testing.TB, string) *realserver.Server {
		return func(t testing.TB, settings string) *realserver.Server {
			if strings.Contains(text, "%s") {
				return realserver.Script(t, name, fmt.Sprintf(text, settings), program, words...)
			}
			return realserver.Script(t, name, text, program, words...)
		}
	}
	python := func(text string) func(testing.TB, string) *realserver.Server {
		return script("server.py", text, "/usr/bin/python3")
	}
	shell := func(text string) func(testing.TB, string) *realserver.Server { return script("server.sh", text, "sh") }
	goProgram := func(text string) func(testing.TB, string) *realserver.Server {
		return func(t testing.TB, settings string) *realserver.Server {
			return realserver.GoProgram(t, os.Getenv("KEEPTUNE_PROVE_MODULE"), fmt.Sprintf(text, settings))
		}
	}
	return []*product{
		{system: "aiohttp-server", version: debianVersion("python3-aiohttp"), start: python(onAiohttp), sets: []string{"keepalive_timeout=3s"}, config: ", keepalive_timeout=3"},
		{system: "cheroot", before: livetest.Close408, version: debianVersion("python3-cheroot"), start: python(onCheroot), sets: []string{"timeout=3s"}, config: ", timeout=3"},
		{system: "eventlet", version: debianVersion("python3-eventlet"), start: python(onEventlet), sets: []string{"socket_timeout=3s"}, config: ", socket_timeout=3"},
		{system: "gevent-pywsgi", version: debianVersion("python3-gevent"), start: python(onGevent)},
		{system: "tornado", version: debianVersion("python3-tornado"), start: python(onTornado), sets: []string{"idle_connection_timeout=3s"}, config: ", idle_connection_timeout=3"},
		{system: "twisted-web", version: debianVersion("python3-twisted"), start: python(onTwisted), sets: []string{"timeout=3s"}, config: ", timeout=3"},
		{
			system: "uwsgi", version: debianVersion("uwsgi-core"), defaults: []string{"http-keepalive=on"},
			start: func(t testing.TB, settings string) *realserver.Server {
				if settings == "" {
					settings = "--http-keepalive"
				}
				return shell(onUWSGI)(t, settings)
			},
			sets: []string{"http-keepalive=on", "http-keepalive seconds=3s"}, config: "--http-keepalive=3",
		},
		{
			system: "waitress", version: debianVersion("python3-waitress"), sets: []string{"channel_timeout=5s"}, config: "--channel-timeout=5",
			start: func(t testing.TB, settings string) *realserver.Server {
				return realserver.Waitress(t, strings.Fields(settings)...)
			},
		},
		{
			system: "mojolicious", version: debianVersion("libmojolicious-perl"), start: script("server.pl", onMojolicious, "perl"),
			sets: []string{"keep_alive_timeout=3s", "inactivity_timeout=4s", "max_requests=7"}, config: ", '-k', 3, '-i', 4, '-r', 7",
		},
		{system: "starman", version: debianVersion("starman"), start: shell(onStarman), sets: []string{"keepalive-timeout=3s", "read-timeout=4s"}, config: "--keepalive-timeout 3 --read-timeout 4"},
		{system: "thin", version: debianVersion("thin"), start: shell(onThin), sets: []string{"timeout=3s"}, config: "--timeout 3"},
		{system: "webrick", version: debianVersion("ruby-webrick"), start: script("server.rb", onWEBrick, "ruby"), sets: []string{"RequestTimeout=3s"}, config: ", RequestTimeout: 3"},
		{
			system: "jdk-httpserver", version: says("java", "-version"), sets: []string{"sun.net.httpserver.idleInterval=3s"}, config: "-Dsun.net.httpserver.idleInterval=3",
			start: func(t testing.TB, settings string) *realserver.Server {
				return realserver.Script(t, "Server.java", onJDK, "java", append(strings.Fields(settings), "-Xmx64m", "-XX:+UseSerialGC")...)
			},
		},
		{system: "inets-httpd", version: inetsVersion, start: shell(onInets), sets: []string{"keep_alive_timeout=3s"}, config: ", {keep_alive_timeout, 3}"},
		{
			system: "nghttpx", version: says("nghttpx", "--version"), start: shell(theNghttpx),
			sets: []string{"frontend-keep-alive-timeout=3s", "frontend-read-timeout=4s"}, config: "--frontend-keep-alive-timeout=3s --frontend-read-timeout=4s",
		},
		{system: "pound", version: debianVersion("pound"), start: shell(thePound), sets: []string{"Client=3s"}, config: "Client 3"},
		{system: "docker-registry", version: debianVersion("docker-registry"), start: shell(theRegistry), path: "/v2/"},
		{system: "etcd", version: says("etcd", "--version"), start: shell(theEtcd), path: "/version"},
		{system: "prometheus", version: says("prometheus", "--version"), start: shell(thePrometheus), path: "/-/healthy", sets: []string{"web.read-timeout=3s"}, config: "--web.read-timeout=3s"},
		{system: "fasthttp", before: livetest.Close408, version: proveModule, start: goProgram(onFasthttp), sets: []string{"IdleTimeout=3s", "ReadTimeout=4s"}, config: ", IdleTimeout: 3 * time.Second, ReadTimeout: 4 * time.Second"},
		{system: "fiber", before: livetest.Close408, version: proveModule, start: goProgram(onFiber), sets: []string{"IdleTimeout=3s", "ReadTimeout=4s"}, config: ", IdleTimeout: 3 * time.Second, ReadTimeout: 4 * time.Second"},
	}
}

// Programs with modules of Go.
const (
	onFasthttp = `package main

import (
	"os"
	"time"

	"github.com/valyala/fasthttp"
)

var _ = time.Second

func main() {
	server := &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) { c.WriteString("ok\n") }%s}
	panic(server.ListenAndServe("127.0.0.1:" + os.Getenv("PORT")))
}
`
	onFiber = `package main

import (
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
)

var _ = time.Second

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true%s})
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	panic(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}
`
)

// proveModule is the version of the module of Go that make prove asks for.
func proveModule(testing.TB) string {
	return versionPattern.FindString(os.Getenv("KEEPTUNE_PROVE_MODULE"))
}

// inetsVersion is that of Erlang's library.
func inetsVersion(t testing.TB) string {
	t.Helper()
	return versionPattern.FindString(realserver.Output(t, "erl", "-noshell", "-eval", `application:load(inets), {ok, V} = application:get_key(inets, vsn), io:put_chars(V), halt().`))
}

func TestRealReleased(t *testing.T) {
	t.Parallel()
	serve(t, released(), releasedProducts(), false)
}
