//go:build real

package proof_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// hinted are the answers that show what a client makes of a hint.
var hinted = []manner{
	{hint: "timeout=3", says: true},
	{hint: "timeout=3"},
	{hint: "timeout=9", says: true},
	{hint: "max=100, timeout=3", says: true},
}

// The packages from npm, at versions that the catalog knows.
var npmVersions = map[string]string{"undici": "7.30.2", "agentkeepalive": "4.6.0", "axios": "1.7.9"}

var versionPattern = regexp.MustCompile(`\d+(\.\d+)+`)

// says is the version that a program prints.
func says(program string, args ...string) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		return versionPattern.FindString(realserver.Output(t, program, args...))
	}
}

// debianVersion is the upstream version of an installed Debian package.
func debianVersion(name string) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		v := realserver.PackageVersion(t, name)
		if _, after, ok := strings.Cut(v, ":"); ok {
			v = after
		}
		return versionPattern.FindString(v)
	}
}

func fixed(v string) func(testing.TB) string { return func(testing.TB) string { return v } }

// A starter starts one process that several consumers share.
type starter struct {
	once    sync.Once
	process *realserver.Driven
	start   func(testing.TB) *realserver.Driven
}

func (s *starter) driver(system string) func(testing.TB, *room) driver {
	return func(t testing.TB, r *room) driver {
		s.once.Do(func() { s.process = s.start(t) })
		r.watches(s.process)
		return func(t testing.TB, seat int, method, path string) string {
			return s.process.Do(t, word(system)+" "+method+" "+r.url(seat, path))
		}
	}
}

// clientConsumers are the client libraries and tools.
func clientConsumers(t testing.TB) []*consumer {
	t.Helper()
	modules := realserver.Dir(t)
	lacks := lacksNode(fetch(t, modules))
	node := &starter{start: func(t testing.TB) *realserver.Driven { return startNode(t, modules) }}
	python := &starter{start: startPython}
	java := &starter{start: func(t testing.TB) *realserver.Driven {
		return startJava(t, "-Dokhttp.seconds=6", "-Djdk.httpclient.keepalive.timeout=6")
	}}
	ruby := &starter{start: startRuby}
	return []*consumer{
		{
			system: "curl", version: says("curl", "--version"), needs: []string{"curl"}, start: startCurl,
			hints: hinted[:1], most: 2 * time.Minute, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 2},
		},
		{
			system: "go-client", version: fixed(strings.TrimPrefix(runtime.Version(), "go")), start: startGo,
			hints: hinted[:1], most: 2 * time.Minute, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "python-requests", version: debianVersion("python3-requests"), needs: []string{"dpkg-query"}, start: python.driver("python-requests"),
			hints: hinted[:1], retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "httpx", version: debianVersion("python3-httpx"), needs: []string{"dpkg-query"}, start: python.driver("httpx"),
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "aiohttp", version: debianVersion("python3-aiohttp"), needs: []string{"dpkg-query"}, start: python.driver("aiohttp"),
			hints: hinted[:2], most: 30 * time.Second, sweep: 16 * time.Second, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "node", version: says("node", "--version"), needs: []string{"node", "npm"}, lacks: lacks, start: node.driver("node"),
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "undici", version: fixed(npmVersions["undici"]), needs: []string{"node", "npm"}, lacks: lacks, start: node.driver("undici"),
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "agentkeepalive", version: fixed(npmVersions["agentkeepalive"]), needs: []string{"node", "npm"}, lacks: lacks, start: node.driver("agentkeepalive"),
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "axios", version: fixed(npmVersions["axios"]), needs: []string{"node", "npm"}, lacks: lacks, start: node.driver("axios"),
			hints: hinted, retry: map[string]int{"GET": 1, "PUT": 1, "POST": 1},
		},
		{
			system: "httpurlconnection", version: debianVersion("openjdk-17-jdk-headless"), needs: []string{"javac", "dpkg-query"}, start: java.driver("httpurlconnection"),
			hints: hinted, hintSamples: 4, stagger: 610 * time.Millisecond, sweep: 5 * time.Second, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 2},
		},
		{
			system: "java-http-client", version: debianVersion("openjdk-17-jdk-headless"), needs: []string{"javac", "dpkg-query"}, start: java.driver("java-http-client"),
			sets: []string{"jdk.httpclient.keepalive.timeout=6s"}, hints: hinted, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "apache-httpclient-4", version: debianVersion("libhttpclient-java"), needs: []string{"javac", "dpkg-query"}, start: java.driver("apache-httpclient-4"),
			hints: hinted, retry: map[string]int{"GET": 2, "PUT": 1, "POST": 1},
		},
		{
			system: "okhttp", version: debianVersion("libokhttp-java"), needs: []string{"javac", "dpkg-query"}, start: java.driver("okhttp"),
			sets: []string{"keepAliveDuration=6s"}, hints: hinted, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 2},
		},
		{
			system: "ruby-net-http", version: says("ruby", "--version"), needs: []string{"ruby"}, start: ruby.driver("ruby-net-http"),
			hints: hinted[:3], retry: map[string]int{"GET": 2, "PUT": 2, "POST": 1},
		},
		{
			system: "guzzle", version: debianVersion("php-guzzlehttp-guzzle"), needs: []string{"php", "dpkg-query"}, start: startGuzzle,
			hints: hinted[:1], most: 2 * time.Minute, retry: map[string]int{"GET": 2, "PUT": 2, "POST": 2},
		},
	}
}

func TestRealClients(t *testing.T) {
	t.Parallel()
	prove(t, clientConsumers(t))
}

// script copies a driver's source into a directory of its own.
func script(t testing.TB, name string) (dir, path string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "clients", name))
	if err != nil {
		t.Fatal(err)
	}
	dir = realserver.Dir(t)
	return dir, realserver.File(t, dir, name, string(text))
}

func startNode(t testing.TB, modules string) *realserver.Driven {
	dir, path := script(t, "node.cjs")
	return realserver.Drive(t, dir, []string{"NODE_PATH=" + filepath.Join(modules, "node_modules")}, "node", path)
}

// fetch gets the packages of npm into a directory.
func fetch(t testing.TB, dir string) error {
	args := []string{"install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error"}
	for name, version := range npmVersions {
		args = append(args, name+"@"+version)
	}
	if out, err := exec.CommandContext(t.Context(), "npm", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("npm install: %w: %s", err, out)
	}
	return nil
}

// lacksNode says what keeps the clients on Node.js from running, if anything does.
func lacksNode(fetched error) func(testing.TB) string {
	return func(t testing.TB) string {
		v := says("node", "--version")(t)
		if model.Order(nil).Compare(model.Version(v), "20.18.1") < 0 {
			return "undici " + npmVersions["undici"] + " needs Node.js 20.18.1 and this is " + v
		}
		if fetched != nil {
			return fetched.Error()
		}
		return ""
	}
}

func startPython(t testing.TB) *realserver.Driven {
	dir, path := script(t, "driver.py")
	return realserver.Drive(t, dir, nil, "/usr/bin/python3", path)
}

func startRuby(t testing.TB) *realserver.Driven {
	dir, path := script(t, "driver.rb")
	return realserver.Drive(t, dir, nil, "ruby", path)
}

// jars are what Driver.java is built with.
var jars = []string{"httpclient", "httpcore", "commons-logging", "commons-codec", "okhttp", "okio"}

func startJava(t testing.TB, properties ...string) *realserver.Driven {
	dir, path := script(t, "Driver.java")
	class := dir
	for _, jar := range jars {
		class += ":/usr/share/java/" + jar + ".jar"
	}
	realserver.Output(t, "javac", "-cp", class, "-d", dir, path)
	args := append([]string{"-Xmx64m", "-cp", class}, properties...)
	return realserver.Drive(t, dir, nil, "java", append(args, "Driver")...)
}

// A pool of libcurl belongs to a process, and holds few connections: each seat
// has a process of its own.
func perSeat(r *room, start func(seat int, method string) *realserver.Driven) func(testing.TB, int, string, string) string {
	var mu sync.Mutex
	processes := map[int]*realserver.Driven{}
	return func(t testing.TB, seat int, method, command string) string {
		mu.Lock()
		if processes[seat] == nil {
			processes[seat] = start(seat, method)
			r.watches(processes[seat])
		}
		p := processes[seat]
		mu.Unlock()
		return p.Do(t, command)
	}
}

func startGuzzle(t testing.TB, r *room) driver {
	dir, path := script(t, "guzzle.php")
	send := perSeat(r, func(int, string) *realserver.Driven {
		return realserver.Drive(t, dir, nil, "php", "-d", "include_path=/usr/share/php", path)
	})
	return func(t testing.TB, seat int, method, path string) string {
		return send(t, seat, method, "guzzle "+method+" "+r.url(seat, path))
	}
}

// startCurl runs one invocation of curl for each seat. Its URLs are those of a
// dispatcher, which holds each request until there is something to do and then
// redirects curl there.
func startCurl(t testing.TB, r *room) driver {
	next := make([]chan string, len(r.manners))
	for i := range next {
		next[i] = make(chan string, 1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dispatcher := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var seat int
		_, _ = fmt.Sscanf(q.URL.Path, "/%d/", &seat)
		_, _ = io.Copy(io.Discard, q.Body)
		select {
		case to := <-next[seat]:
			http.Redirect(w, q, to, http.StatusTemporaryRedirect)
		case <-q.Context().Done():
		}
	})}
	go func() { _ = dispatcher.Serve(l) }()
	t.Cleanup(func() { _ = dispatcher.Close() })
	send := perSeat(r, func(seat int, method string) *realserver.Driven {
		body := ""
		if method != "GET" {
			body = "--data x=1"
		}
		return realserver.Drive(t, realserver.Dir(t), nil, "sh", "-c", fmt.Sprintf(
			"echo ready; exec curl --disable --noproxy '*' -s -L -X %s %s -o /dev/null -w '%%{stderr}%%{http_code} %%{errormsg}\\n' 'http://%s/%d/[1-3]' 2>&1", method, body, l.Addr(), seat))
	})
	return func(t testing.TB, seat int, method, path string) string {
		next[seat] <- r.url(seat, path)
		return send(t, seat, method, "")
	}
}

func startGo(t testing.TB, r *room) driver { return startGoWith(t, r, 90*time.Second) }

// startGoWith is a client of Go that ends idle connections after a time.
func startGoWith(_ testing.TB, r *room, idle time.Duration) driver {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.IdleConnTimeout = nil, idle
	client := &http.Client{Transport: transport}
	return func(t testing.TB, seat int, method, path string) string {
		var body io.Reader
		if method != "GET" {
			body = bytes.NewReader([]byte("x=1"))
		}
		q, err := http.NewRequestWithContext(t.Context(), method, r.url(seat, path), body)
		if err != nil {
			return "error " + err.Error()
		}
		res, err := client.Do(q)
		if err != nil {
			return "error " + err.Error()
		}
		defer func() { _ = res.Body.Close() }()
		_, _ = io.Copy(io.Discard, res.Body)
		return fmt.Sprint(res.StatusCode)
	}
}
