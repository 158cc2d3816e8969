//go:build real

package native_test

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// both are an export and its undo, under the name that a program expects.
func both(t *testing.T, to, path, as string, sets ...string) (dirs []string) {
	t.Helper()
	dir, files := export(t, to, path, sets...)
	undone := realserver.Dir(t)
	realserver.File(t, undone, as, string(files[0].Undo))
	if as != files[0].Name {
		realserver.File(t, dir, as, string(files[0].Content))
	}
	return []string{dir, undone}
}

func TestRealNodeChecksClients(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "node")
	for _, dir := range both(t, "undici", "undici@7.30.2 > nginx", "keeptune-undici.cjs",
		"client:keepAliveTimeout=10s", "client:headersTimeout=never", "client:tcp_keepalive=off", "client:keepAliveMaxTimeout=1m") {
		runs(t, dir, "node", "--check", "keeptune-undici.cjs")
	}
	for _, dir := range both(t, "node-client", "agentkeepalive > nginx", "keeptune-agentkeepalive.cjs",
		"client:freeSocketTimeout=30s", "client:socketActiveTTL=10m", "client:tcp_keepidle=5s") {
		runs(t, dir, "node", "--check", "keeptune-agentkeepalive.cjs")
	}
	for _, dir := range both(t, "node-client", "axios > nginx", "keeptune-axios.cjs", "client:agent.timeout=1m", "client:timeout=30s") {
		runs(t, dir, "node", "--check", "keeptune-axios.cjs")
	}
}

func TestRealJavacAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "javac")
	jar := func(names ...string) string {
		for i, n := range names {
			names[i] = filepath.Join("/usr/share/java", n+".jar")
			realserver.NeedFile(t, names[i])
		}
		return strings.Join(names, ":")
	}
	for _, tt := range []struct {
		path, file, classes string
		sets                []string
	}{
		{"apache-httpclient-4@4.5.14 > nginx", "KeepAliveClient.java", jar("httpclient", "httpcore", "commons-logging"), []string{
			"client:keepAliveStrategy=61500ms", "client:connectionTimeToLive=2500ms", "client:maxPerRoute=16", "client:soTimeout=30s", "client:tcp_keepalive=on",
		}},
		{"okhttp@3.13.1 > nginx", "KeepAliveClient.java", jar("okhttp", "okio"), []string{
			"client:keepAliveDuration=60s", "client:maxIdleConnections=8", "client:readTimeout=2500ms", "client:writeTimeout=never", "client:tcp_keepalive=on",
		}},
		{"httpurlconnection@17 > nginx", "KeepAlive.java", ".", []string{"client:http.keepAlive=off", "client:http.maxConnections=8", "client:readTimeout=2500ms"}},
		{"java-http-client@17 > nginx", "KeepAlive.java", ".", []string{"client:jdk.httpclient.keepalive.timeout=60s", "client:HttpRequest.timeout=2500ms"}},
	} {
		for _, dir := range both(t, "java", tt.path, tt.file, tt.sets...) {
			runs(t, dir, "javac", "-Xlint:all", "-cp", tt.classes, "-d", dir, tt.file)
		}
	}
}

// A counting server says how many connections it was opened.
type counting struct {
	addr string
	mu   sync.Mutex
	n    int
}

func (c *counting) opened() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func count(t *testing.T) *counting {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{addr: l.Addr().String()}
	s := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") }),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				c.mu.Lock()
				c.n++
				c.mu.Unlock()
			}
		},
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return c
}

// pythonSocketOptions prints what the kernel says of each TCP connection that a
// process has: SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT.
const pythonSocketOptions = `
def options():
    import os, socket, stat
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            s = socket.socket(fileno=os.dup(fd))
            s.getpeername()
            tcp = [s.getsockopt(socket.IPPROTO_TCP, o) for o in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)]
            print(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), *tcp)
        except OSError:
            pass
`

// debianPython is the interpreter that Debian's modules are for.
const debianPython = "/usr/bin/python3"

func TestRealPythonRequestsSetsTheOptions(t *testing.T) {
	t.Parallel()
	realserver.NeedFile(t, debianPython, "/usr/lib/python3/dist-packages/requests")
	c := count(t)
	dirs := both(t, "python", "python-requests@2.28.1 > nginx", "keeptune_requests.py",
		"client:pool_maxsize=4", "client:timeout=2500ms", "client:tcp_keepalive=on", "client:tcp_keepidle=30s", "client:tcp_keepintvl=7s",
		"client:tcp_keepcnt=4", "client:tcp_user_timeout=9s")
	for i, want := range []string{"1 30 7 4 9000", "0 "} {
		out := runs(t, dirs[i], debianPython, "-W", "error::SyntaxWarning", "-c", pythonSocketOptions+fmt.Sprintf(
			"from keeptune_requests import session\ns = session()\nfor _ in range(2):\n    assert s.get('http://%s/').text == 'ok\\n'\noptions()\n", c.addr))
		if !strings.HasPrefix(out, want) {
			t.Errorf("the kernel says %q, want %s", out, want)
		}
	}
	if c.opened() != 2 {
		t.Errorf("%d connections, want one for each session", c.opened())
	}
}

// TestRealLibrariesReuseForTheExportedTime asks three times: after one second
// and after three more. With two seconds the last has a connection of its own,
// with the times before the export it depends.
func TestRealLibrariesReuseForTheExportedTime(t *testing.T) {
	t.Parallel()
	const guzzle = "/usr/share/php/GuzzleHttp/autoload.php"
	for _, tt := range []struct {
		name, to, path, as string
		program, script    string
		needs              []string
		sets               []string
		undone             int // connections with the undo
	}{
		{
			"HTTPX", "python", "httpx@0.23.3 > nginx", "keeptune_httpx.py", debianPython,
			"from keeptune_httpx import client\nimport time\nc = client()\nfor pause in (0, 1, 3):\n    time.sleep(pause)\n    assert c.get('http://%s/').text == 'ok\\n'\n",
			[]string{"/usr/lib/python3/dist-packages/httpx"},
			[]string{"client:keepalive_expiry=2s", "client:timeout=never"},
			1,
		},
		{
			"aiohttp", "python", "aiohttp@3.8.4 > nginx", "keeptune_aiohttp.py", debianPython,
			"from keeptune_aiohttp import session\nimport asyncio\nasync def main():\n    async with await session() as s:\n        for pause in (0, 1, 3):\n" +
				"            await asyncio.sleep(pause)\n            async with s.get('http://%s/') as r:\n                assert await r.text() == 'ok\\n'\nasyncio.run(main())\n",
			[]string{"/usr/lib/python3/dist-packages/aiohttp"},
			[]string{"client:keepalive_timeout=2s", "client:limit=4", "client:total=9s"},
			1,
		},
		{
			"Ruby", "ruby", "ruby-net-http@3.1 > nginx", "keeptune_net_http.rb", "ruby",
			"require './keeptune_net_http'\nKeepAlive.start(URI('http://%s/')) { |http| [0, 1, 3].each { |pause| sleep pause; raise 'no' unless http.get('/').body == \"ok\\n\" } }\n",
			nil,
			[]string{"client:keep_alive_timeout=2500ms", "client:read_timeout=never"},
			2,
		},
		{
			"Guzzle", "guzzle", "guzzle@7.4.5 > nginx", "keeptune-guzzle.php", "php",
			"require '" + guzzle + "'; $client = require './keeptune-guzzle.php'; foreach ([0, 1, 4] as $pause) { sleep($pause); if ((string) $client->get('http://%s/')->getBody() !== \"ok\\n\") { exit(1); } }",
			[]string{guzzle},
			[]string{"client:CURLOPT_MAXAGE_CONN=2s", "client:timeout=9s", "client:tcp_keepalive=on", "client:tcp_keepidle=30s"},
			1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			realserver.NeedFile(t, tt.needs...)
			flag := "-c"
			switch tt.program {
			case "ruby":
				flag = "-e"
			case "php":
				flag = "-r"
			}
			for i, dir := range both(t, tt.to, tt.path, tt.as, tt.sets...) {
				switch tt.program {
				case "php":
					runs(t, dir, "php", "-l", tt.as)
				case "ruby":
					runs(t, dir, "ruby", "-wc", tt.as)
				}
				want, opened := []int{2, tt.undone}[i], 0
				for n := 0; n == 0 || n < tries && opened > want; n++ { // one that was late opens more
					c := count(t)
					if out := runs(t, dir, tt.program, flag, fmt.Sprintf(tt.script, c.addr)); strings.TrimSpace(out) != "" {
						t.Errorf("it prints %s", out)
					}
					opened = c.opened()
				}
				if opened != want {
					t.Errorf("%s: %d connections, want %d", []string{"export", "undo"}[i], opened, want)
				}
			}
		})
	}
}
