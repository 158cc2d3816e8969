//go:build real

package native_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// export renders a document and writes the files and their undos into a folder.
func export(t testing.TB, to, path string, sets ...string) (dir string, files []native.File) {
	t.Helper()
	c := model.Embedded()
	files, err := format(t, to).Render(request(t, c, document(t, c, path, sets...)))
	if err != nil {
		t.Fatal(err)
	}
	dir = realserver.Dir(t)
	for _, f := range files {
		realserver.File(t, dir, f.Name, string(f.Content))
		if f.UndoName != "" {
			realserver.File(t, dir, f.UndoName, string(f.Undo))
		}
	}
	return dir, files
}

// runs fails unless a program ends with 0, and returns what it printed.
func runs(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	out, err := command(t, dir, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	t.Logf("%s %s: accepted", program, strings.Join(args, " "))
	return string(out)
}

// command is a program to run in a folder, looked up also where daemons live.
func command(t testing.TB, dir, program string, args ...string) *exec.Cmd {
	t.Helper()
	realserver.Need(t, program)
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if p, err := exec.LookPath(filepath.Join("/usr/sbin", program)); err == nil {
		cmd.Path, cmd.Err = p, nil
	}
	return cmd
}

var nginxSets = []string{
	"nginx:nginx.keepalive_timeout=190s", "nginx:nginx.keepalive_timeout_header=180s", "nginx:nginx.keepalive_requests=500",
	"nginx:nginx.keepalive_time=30m", "nginx:client_header_timeout=1500ms", "nginx:send_timeout=20s",
	"nginx:nginx.tcp_keepalive=on", "nginx:nginx.tcp_keepidle=30s", "nginx:nginx.tcp_keepcnt=4",
	"nginx:nginx.upstream.keepalive=16", "nginx:nginx.upstream.keepalive_timeout=4s", "nginx:nginx.upstream.keepalive_requests=50",
	"nginx:nginx.upstream.keepalive_time=10m", "nginx:proxy_read_timeout=90s", "nginx:proxy_send_timeout=91s", "nginx:nginx.upstream.tcp_keepalive=on",
}

func TestRealNginxAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "nginx")
	dir, files := export(t, "nginx", "chrome > nginx@1.22.1 > node@20.20.2", nginxSets...)
	if len(files) != 2 {
		t.Fatalf("%d files, want 2", len(files))
	}
	for _, undo := range []bool{false, true} {
		names := []string{files[0].Name, files[1].Name}
		if undo {
			names = []string{files[0].UndoName, files[1].UndoName}
		}
		conf := realserver.File(t, dir, "nginx.conf", fmt.Sprintf(
			"pid %[1]s/nginx.pid;\nerror_log stderr;\nevents { }\nhttp {\naccess_log off;\ninclude %[1]s/%[2]s;\nserver {\ninclude %[1]s/%[3]s;\n}\n}\n", dir, names[0], names[1]))
		runs(t, dir, "nginx", "-t", "-p", dir, "-c", conf)
	}
}

func TestRealApacheAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "apache2")
	dir, files := export(t, "apache", "chrome > apache@2.4.71 > node@20.20.2",
		"apache:KeepAliveTimeout=1500ms", "apache:MaxKeepAliveRequests=never", "apache:Timeout=70s", "apache:RequestReadTimeout=never",
		"apache:ttl=4s", "apache:apache.upstream.tcp_keepalive=on", "apache:ProxyTimeout=20s", "apache:apache.KeepAlive=off")
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		conf := realserver.File(t, dir, "apache2.conf", fmt.Sprintf(
			"ServerRoot %[1]s\nServerName localhost\nDefaultRuntimeDir %[1]s\nPidFile %[1]s/p\nListen 127.0.0.1:1\nErrorLog /dev/stderr\n"+
				"IncludeOptional /etc/apache2/mods-enabled/*.load\n"+
				"LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so\nLoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so\n"+
				"Include %[1]s/%[2]s\n", dir, name))
		out := runs(t, dir, "apache2", "-t", "-d", dir, "-f", conf)
		if !strings.Contains(out, "Syntax OK") {
			t.Errorf("apache2 -t says %s", out)
		}
	}
}

// configtest does not read a .htaccess file: a request does.
func TestRealHtaccessAnswers200(t *testing.T) {
	t.Parallel()
	_, files := export(t, "htaccess", "chrome > apache@2.4.71")
	server := "LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so"
	if _, err := os.Stat("/etc/apache2/mods-enabled/headers.load"); err == nil {
		server = ""
	}
	for _, off := range []bool{false, true} {
		extra := server
		if off {
			extra += "\nKeepAlive Off"
		}
		s := realserver.Apache(t, realserver.ApacheConf{Server: extra, Htaccess: string(files[0].Content)})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := new(http.Transport).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("KeepAlive off %v: status %d\n%s", off, res.StatusCode, s.Log())
		}
		t.Logf("KeepAlive off %v: %d, Connection: %q, closes %v", off, res.StatusCode, res.Header.Values("Connection"), res.Close)
		if off && !res.Close {
			t.Error("with KeepAlive Off the header keeps the connection, but the file says that it does not")
		}
	}
}

func TestRealHAProxyAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "haproxy")
	dir, files := export(t, "haproxy", "chrome > haproxy@2.6.12 > node@20.20.2",
		"haproxy:timeout http-keep-alive=310s", "haproxy:timeout http-request=10s", "haproxy:timeout client=320s",
		"haproxy:option http-keep-alive=off",
		"haproxy:haproxy.tcp_keepalive=on", "haproxy:haproxy.tcp_keepidle=60s", "haproxy:haproxy.tcp_keepintvl=10s", "haproxy:haproxy.tcp_keepcnt=3",
		"haproxy:haproxy.tcp_user_timeout=1500ms", "haproxy:haproxy.upstream.tcp_user_timeout=30s", "haproxy:haproxy.upstream.tcp_keepalive=on",
		"haproxy:haproxy.upstream.tcp_keepidle=61s", "haproxy:haproxy.upstream.tcp_keepintvl=11s", "haproxy:haproxy.upstream.tcp_keepcnt=4",
		"haproxy:pool-purge-delay=7s", "haproxy:pool-max-conn=20", "haproxy:max-reuse=5", "haproxy:timeout connect=5s", "haproxy:timeout server=1m")
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		listener := realserver.File(t, dir, "listener.cfg", "frontend real\nmode http\nbind 127.0.0.1:8081\n") // without one -c is not content
		t.Logf("%s", runs(t, dir, "haproxy", "-c", "-f", name, "-f", listener))
	}
}

func TestRealHAProxyAcceptsModeTCP(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "haproxy")
	dir, files := export(t, "haproxy", "libpq > haproxy-tcp@2.6.12 > postgresql",
		"haproxy-tcp:timeout client=30m", "haproxy-tcp:timeout server=1500ms", "haproxy-tcp:timeout tunnel=2h", "haproxy-tcp:timeout connect=5s",
		"haproxy-tcp:option clitcpka=on", "haproxy-tcp:clitcpka-idle=2m", "haproxy-tcp:srvtcpka-cnt=3", "haproxy-tcp:bind tcp-ut=30s", "haproxy-tcp:server tcp-ut=1500ms")
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		listener := realserver.File(t, dir, "listener.cfg", "frontend real\nmode tcp\nbind 127.0.0.1:8081\n")
		t.Logf("%s", runs(t, dir, "haproxy", "-c", "-f", name, "-f", listener))
	}
}

func TestRealSysctlAppliesInANamespace(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "unshare", "sysctl")
	dir, files := export(t, "sysctl", "chrome > nginx@1.22.1/linux@6.1",
		"server:tcp_keepalive_time=600s", "server:tcp_keepalive_intvl=15s", "server:tcp_keepalive_probes=4", "server:tcp_retries2=8")
	read := "cat tcp_keepalive_time tcp_keepalive_intvl tcp_keepalive_probes tcp_retries2 | tr '\\n' ' '"
	script := fmt.Sprintf("set -e; cd /proc/sys/net/ipv4; %s; echo; sysctl -p %s/%s >/dev/null; %s; echo; sysctl -p %[2]s/%[5]s >/dev/null; %[1]s",
		read, dir, files[0].Name, read, files[0].UndoName)
	flags := "-n"
	if os.Geteuid() != 0 {
		flags = "-rn"
	}
	got := strings.Fields(runs(t, dir, "unshare", flags, "sh", "-c", script))
	want := strings.Fields("7200 75 9 15 600 15 4 8 7200 75 9 15")
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("fresh, exported, undone: %v, want %v", got, want)
	}
}

func TestRealNodeAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "node")
	dir, files := export(t, "node", "chrome > node@20.20.2 > nginx",
		"node:node.keepAliveTimeout=65s", "node:requestTimeout=never", "node:server.timeout=2m", "node:node.maxRequestsPerSocket=100",
		"node:node.tcp_keepalive=on", "node:node.tcp_keepidle=30s", "node:node.upstream.timeout=4s", "node:node.upstream.tcp_keepidle=2s", "node:maxFreeSockets=16")
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		copied := realserver.File(t, dir, strings.TrimSuffix(name, ".undo")+".cjs", readFile(t, filepath.Join(dir, name)))
		runs(t, dir, "node", "--check", copied)
		runs(t, dir, "node", "-e", fmt.Sprintf("const k = require(%q); k.tune(require('node:http').createServer(k.options));", copied))
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRealGoVetAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "go")
	_, server := export(t, "go-server", "nginx > go-server@1.26.8", "server:IdleTimeout=75s", "server:ReadHeaderTimeout=1500ms",
		"server:ReadTimeout=never", "server:WriteTimeout=20s", "server:keepAlives=off", "server:tcp_keepidle=60s", "server:tcp_keepcnt=4")
	_, client := export(t, "go-client", "go-client@1.26.8 > nginx", "client:IdleConnTimeout=60s", "client:MaxIdleConns=never", "client:MaxIdleConnsPerHost=16",
		"client:Timeout=30s", "client:keepAlives=off", "client:ResponseHeaderTimeout=10s", "client:tcp_keepintvl=10s")
	for _, undo := range []bool{false, true} {
		dir := realserver.Dir(t)
		realserver.File(t, dir, "go.mod", "module example.com/snippet\n\ngo 1.26\n")
		for _, f := range []native.File{server[0], client[0]} {
			content := f.Content
			if undo {
				content = f.Undo
			}
			realserver.File(t, dir, f.Name, string(content))
		}
		runs(t, dir, "go", "vet", ".")
		if out := runs(t, dir, "gofmt", "-l", "."); out != "" {
			t.Errorf("gofmt would change %s", out)
		}
	}
}

func TestRealCurlAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "curl")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.NotFoundHandler()}}
	s.Start()
	t.Cleanup(s.Close)
	for _, sets := range [][]string{
		{"client:tcp_keepidle=30s", "client:tcp_keepintvl=30s", "client:max-time=2500ms"},
		{"client:tcp_keepalive=off"},
	} {
		dir, files := export(t, "curl", "curl@7.88.1 > nginx@1.22.1", sets...)
		for _, name := range []string{files[0].Name, files[0].UndoName} {
			out := runs(t, dir, "curl", "-q", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-K", name, s.URL)
			if out != "404" {
				t.Errorf("curl -K %s prints %q, want 404", name, out)
			}
		}
	}
}
