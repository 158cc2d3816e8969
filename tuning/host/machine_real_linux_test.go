//go:build real && linux

package host_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
)

// A site are real servers in a namespace of their own, and the folder of their files.
type site struct {
	t         *testing.T
	dir       string
	namespace string
	pids      []int
}

func (s *site) file(name, text string) string {
	s.t.Helper()
	at := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(strings.ReplaceAll(text, "DIR", s.dir)), 0o644); err != nil {
		s.t.Fatal(err)
	}
	return at
}

// start runs a server on the thread of the namespace, with its folder as a word of its
// command line.
func (s *site) start(argv ...string) error {
	at, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(s.t.Context()), at, argv[1:]...)
	log, err := os.Create(filepath.Join(s.dir, filepath.Base(at)+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.pids = append(s.pids, cmd.Process.Pid)
	go func() { _ = cmd.Wait() }()
	return nil
}

func (s *site) end() {
	for _, pid := range s.pids {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}

// until reads the machine until it is as it should be some time.
func (s *site) until(what string, so func(*machine.Machine) bool) (machine.Machine, error) {
	end := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := host.Machine(s.t.Context(), machine.Options{Catalog: model.Embedded(), Namespace: s.namespace})
		switch {
		case err != nil:
			return m, err
		case so(&m):
			return m, nil
		case time.Now().After(end):
			logs, _ := filepath.Glob(s.dir + "/*.log")
			said := ""
			for _, l := range logs {
				text, _ := os.ReadFile(l)
				said += "\n" + filepath.Base(l) + ": " + string(text)
			}
			return m, fmt.Errorf("not in two minutes: %s%s", what, said)
		}
		<-tick.C
	}
}

func find(m *machine.Machine, system model.SystemID) *machine.Program {
	for i := range m.Programs {
		if m.Programs[i].System == system && m.Programs[i].Runs() {
			return &m.Programs[i]
		}
	}
	return &machine.Program{}
}

// settings are what the places of a program set, as PLACE: PARAM=VALUE FILE:LINE.
func (s *site) settings(p *machine.Program) []string {
	var all []string
	for _, c := range p.Contexts() {
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			set := c.Settings[id]
			if set.Origin.Line > 0 {
				all = append(all, fmt.Sprintf("%s: %s=%s %s:%d", c.Where, id, set.Value, strings.TrimPrefix(set.Origin.Where, s.dir+"/"), set.Origin.Line))
			}
		}
	}
	return all
}

func holds(kind string, have, want []string) error {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return fmt.Errorf("%s has no %q, but\n%s", kind, w, strings.Join(have, "\n"))
		}
	}
	return nil
}

func edited(p *machine.Program) string {
	var all []string
	for _, e := range p.Edited {
		all = append(all, filepath.Base(e.File))
	}
	return strings.Join(all, " ")
}

// Real nginx, Apache, HAProxy and Node in one namespace: every planted value is found with
// its file and line, files that are edited are told from those that are loaded, a server's
// own word on a file that it would not load is told, and the paths are those that the
// files make.
func TestRealHostReadsServers(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"nginx", "apache2", "haproxy", "node"} {
		if _, err := exec.LookPath(p); err != nil {
			lacking(t, p+" is not installed")
		}
	}
	dir := t.TempDir()
	for at := dir; at != "/"; at = filepath.Dir(at) { // the servers' own users read it
		_ = os.Chmod(at, 0o755)
		if filepath.Dir(at) == os.TempDir() {
			break
		}
	}
	s := &site{t: t, dir: dir}
	nginx := s.file("nginx/nginx.conf", `pid DIR/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  keepalive_timeout 30s;
  upstream api { server 127.0.0.1:8082; keepalive 16; keepalive_timeout 4s; }
  include conf.d/*.conf;
}
`)
	s.file("nginx/conf.d/shop.conf", `server {
  listen 8080;
  server_name shop.example;
  keepalive_timeout 75s 70s;
  location / { proxy_pass http://127.0.0.1:8081; proxy_http_version 1.1; proxy_set_header Connection ""; }
  location /api { proxy_pass http://api; keepalive_requests 500; }
}
`)
	s.file("nginx/conf.d/still.conf", "server {\n  listen 8090 so_keepalive=60s:10s:4;\n  server_name still.example;\n  return 204;\n}\n")
	apache := s.file("apache/apache2.conf", `ServerRoot DIR/apache
ServerName localhost
PidFile DIR/apache.pid
DefaultRuntimeDir DIR
ErrorLog /dev/stderr
User www-data
Group www-data
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
Listen 127.0.0.1:8081
KeepAliveTimeout 7
<IfDefine PLANTED>
KeepAliveTimeout 99
</IfDefine>
<IfModule mpm_event_module>
MaxKeepAliveRequests 321
</IfModule>
Include DIR/apache/sites/*.conf
`)
	s.file("apache/sites/one.conf", "<VirtualHost *:8081>\nServerName one.example\nKeepAliveTimeout 9\n</VirtualHost>\n")
	haproxy := s.file("haproxy/haproxy.cfg", `defaults
  mode http
  timeout connect 5s
  timeout client 40s
  timeout server 41s
.if 0
  timeout http-keep-alive 99s
.else
  timeout http-keep-alive 11s
.endif
frontend in
  bind 127.0.0.1:8082
  default_backend app
backend app
  server one 127.0.0.1:3000 pool-purge-delay 3s
`)
	app := s.file("app.js", "require('http').createServer((q, r) => r.end('ok')).listen(3000, '127.0.0.1')\n")
	apart(t, func() error {
		defer s.end()
		s.namespace = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		for _, argv := range [][]string{
			{"nginx", "-e", "stderr", "-p", dir, "-c", nginx, "-g", "daemon off;"}, {"apache2", "-f", apache, "-DFOREGROUND"}, {"haproxy", "-W", "-db", "-f", haproxy}, {"node", app},
		} {
			if err := s.start(argv...); err != nil {
				return err
			}
		}
		m, err := s.until("all four listen", func(m *machine.Machine) bool {
			return !slices.ContainsFunc([]model.SystemID{"nginx", "apache", "haproxy", "node"}, func(id model.SystemID) bool { return len(find(m, id).Listens) == 0 })
		})
		if err != nil {
			return err
		}
		for system, want := range map[model.SystemID][]string{
			"nginx": {
				"server shop.example location /: nginx.keepalive_timeout=1m15s nginx/conf.d/shop.conf:4",
				"server shop.example location /: nginx.keepalive_timeout_header=1m10s nginx/conf.d/shop.conf:4",
				"server shop.example location /api: nginx.upstream.keepalive=16 nginx/nginx.conf:7",
				"server shop.example location /api: nginx.upstream.keepalive_timeout=4s nginx/nginx.conf:7",
				"server shop.example location /api: nginx.keepalive_requests=500 nginx/conf.d/shop.conf:6",
				"server still.example: nginx.keepalive_timeout=30s nginx/nginx.conf:6",
				"server still.example: nginx.tcp_keepidle=1m nginx/conf.d/still.conf:2",
				"server still.example: nginx.tcp_keepcnt=4 nginx/conf.d/still.conf:2",
			},
			"apache": {
				"VirtualHost *:8081 one.example: apache.KeepAliveTimeout=9s apache/sites/one.conf:3",
				"VirtualHost *:8081 one.example: apache.MaxKeepAliveRequests=321 apache/apache2.conf:16",
			},
			"haproxy": {
				"frontend in backend app: haproxy.timeout client=40s haproxy/haproxy.cfg:4",
				"frontend in backend app: haproxy.timeout http-keep-alive=11s haproxy/haproxy.cfg:9",
				"frontend in backend app: haproxy.upstream.timeout server=41s haproxy/haproxy.cfg:5",
				"frontend in backend app: haproxy.upstream.pool-purge-delay=3s haproxy/haproxy.cfg:15",
			},
		} {
			p := find(&m, system)
			if err := holds(p.Title, s.settings(p), want); err != nil {
				return err
			}
			if p.Version == "" || len(p.Edited) > 0 || p.Fault != "" || p.Loaded.IsZero() {
				return fmt.Errorf("%s is at version %q, loaded at %s, edited %v, at fault %q", p.Title, p.Version, p.Loaded, p.Edited, p.Fault)
			}
		}
		version := func(id model.SystemID) string {
			return string(id) + "@" + string(cmp.Or(find(&m, id).Version, "?")) + "/linux@" + string(m.Version())
		}
		var paths []string
		for _, p := range m.Paths {
			paths = append(paths, p.Path.String()+" at "+strings.Join(p.At, " "))
		}
		if err := holds("the machine", paths, []string{
			"chrome > " + version("nginx") + " > " + version("haproxy") + " > " + version("node") + " at *:8080",
			"chrome > " + version("nginx") + " > " + version("apache") + " at *:8080",
			"chrome > " + version("nginx") + " at *:8090",
		}); err != nil {
			return err
		}

		// Edited, and then loaded.
		s.file("nginx/conf.d/shop.conf", "server { listen 8080; server_name shop.example; keepalive_timeout 90s; location / { proxy_pass http://127.0.0.1:8081; } }\n")
		s.file("apache/sites/one.conf", "<VirtualHost *:8081>\nServerName one.example\nKeepAliveTimeout 10\n</VirtualHost>\n")
		if m, err = s.until("edited files are told", func(*machine.Machine) bool { return true }); err != nil {
			return err
		}
		if a, b, c := edited(find(&m, "nginx")), edited(find(&m, "apache")), edited(find(&m, "haproxy")); a != "shop.conf" || b != "one.conf" || c != "" {
			return fmt.Errorf("edited are %q, %q and %q", a, b, c)
		}
		if err := holds("nginx", s.settings(find(&m, "nginx")), []string{"server shop.example location /: nginx.keepalive_timeout=1m30s nginx/conf.d/shop.conf:1"}); err != nil {
			return err
		}
		if err := syscall.Kill(find(&m, "nginx").Running[0].PID, syscall.SIGHUP); err != nil {
			return err
		}
		if err := syscall.Kill(find(&m, "apache").Running[0].PID, syscall.SIGUSR1); err != nil {
			return err
		}
		if m, err = s.until("both have loaded what was edited", func(m *machine.Machine) bool {
			return edited(find(m, "nginx"))+edited(find(m, "apache")) == "" && !find(m, "nginx").Loaded.IsZero() && !find(m, "apache").Loaded.IsZero()
		}); err != nil {
			return err
		}

		// Files that they would not load.
		s.file("nginx/conf.d/still.conf", "server {\n  listen 8090;\n  keepalive_timeout soon;\n}\n")
		s.file("apache/sites/one.conf", "<VirtualHost *:8081>\nKeepAliveTimeout 10\n")
		broken, err := os.ReadFile(haproxy)
		if err != nil {
			return err
		}
		s.file("haproxy/haproxy.cfg", string(broken)+"  serverr two 127.0.0.1:3001\n")
		if m, err = s.until("faults are told", func(*machine.Machine) bool { return true }); err != nil {
			return err
		}
		for system, want := range map[model.SystemID]string{"nginx": "still.conf:3", "apache": "one.conf", "haproxy": "haproxy.cfg:16"} {
			if p := find(&m, system); !strings.Contains(p.Fault, want) || len(p.Edited) != 1 {
				return fmt.Errorf("%s: the fault is %q, not at %s; edited are %v", p.Title, p.Fault, want, p.Edited)
			}
		}
		return nil
	})
}
