//go:build real && linux

package host_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/machine"
)

// Every server that Debian has stands in a path: where it listens is the kernel's word,
// where it sends to that of its own files, with what they include.
func TestRealHostFollowsServers(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"nginx", "varnishd", "lighttpd", "caddy", "squid", "gunicorn", "uvicorn", "puma", "java", "redis-server"} {
		if _, err := exec.LookPath(p); err != nil {
			lacking(t, p+" is not installed")
		}
	}
	s := &site{t: t, dir: realserver.Dir(t)}
	const python = "import sys\nasync def app(scope, receive, send): pass\n"
	s.file("uni/app.py", python)
	s.file("gun/app.py", "def app(environ, start): start('200 OK', []); return [b'ok']\n")
	nginx := s.file("nginx.conf", `pid DIR/nginx.pid;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:8080;
    location /v { proxy_pass http://127.0.0.1:9001; }
    location /l { proxy_pass http://127.0.0.1:9002; }
    location /c { proxy_pass http://127.0.0.1:9003; }
    location /s { proxy_pass http://127.0.0.1:9004; }
  }
}
`)
	s.file("backend.vcl", "backend app {\n  .host = \"127.0.0.1\";\n  .port = \"9101\";\n}\n")
	vcl := s.file("main.vcl", "vcl 4.1;\ninclude \"DIR/backend.vcl\";\n")
	lighttpd := s.file("lighttpd.conf", `server.document-root = "DIR"
server.bind = "127.0.0.1"
server.port = 9002
server.modules = ( "mod_proxy" )
include "more/*.conf"
`)
	s.file("more/proxy.conf", "# \"host\" => \"127.0.0.1\", \"port\" => 1\nproxy.server = ( \"\" =>\n  (( \"host\" => \"127.0.0.1\", \"port\" => 9102 ))\n)\nserver.max-keep-alive-idle = 8\n")
	caddy := s.file("Caddyfile", "{\n  admin off\n}\nhttp://127.0.0.1:9003 {\n  reverse_proxy 127.0.0.1:9103\n}\n")
	squid := s.file("squid.conf", `http_port 127.0.0.1:9004 accel defaultsite=localhost no-vhost
cache_peer 127.0.0.1 parent 9104 0 no-query no-digest originserver name=origin
http_access allow all
cache deny all
pid_filename none
coredump_dir DIR
cache_log /dev/null
access_log none
netdb_filename none
pinger_enable off
client_idle_pconn_timeout 33 seconds
`)
	s.file("shop/config/puma.rb", "app { |env| [200, {}, ['ok']] }\nbind 'tcp://127.0.0.1:9103'\npersistent_timeout 21\n")
	s.file("tomcat/conf/server.xml", `<Server port="-1"><Service name="Catalina"><Connector address="127.0.0.1" port="9104" keepAliveTimeout="7000"/><Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>`)
	s.file("tomcat/logs/.keep", "")
	s.file("tomcat/webapps/ROOT/index.html", "ok\n")
	redis := s.file("redis.conf", "bind 127.0.0.1\nport 9201\nsave \"\"\ndir DIR\ntcp-keepalive 123\n")
	const home = "/usr/share/tomcat10"
	apart(t, func() error {
		defer s.end()
		s.namespace = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		for _, argv := range [][]string{
			{"nginx", "-e", "stderr", "-c", nginx, "-g", "daemon off;"},
			{"varnishd", "-F", "-j", "none", "-n", s.dir + "/v", "-T", "none", "-s", "malloc,16m", "-f", vcl, "-a", "127.0.0.1:9001"},
			{"lighttpd", "-D", "-f", lighttpd},
			{"caddy", "run", "--adapter", "caddyfile", "--config", caddy},
			{"squid", "-N", "-d", "1", "-f", squid},
			{"gunicorn", "--chdir", s.dir + "/gun", "-b", "127.0.0.1:9101", "--keep-alive", "9", "app:app"},
			{"uvicorn", "--app-dir", s.dir + "/uni", "--port", "9102", "--timeout-keep-alive", "11", "--lifespan", "off", "app:app"},
			{"env", "-C", s.dir + "/shop", "puma"},
			{"java", "-Xmx64m", "-cp", home + "/bin/bootstrap.jar:" + home + "/bin/tomcat-juli.jar", "-Dcatalina.home=" + home, "-Dcatalina.base=" + s.dir + "/tomcat", "org.apache.catalina.startup.Bootstrap", "start"},
			{"redis-server", redis},
		} {
			if err := s.start(argv...); err != nil {
				return err
			}
		}
		all := []model.SystemID{"nginx", "varnish", "lighttpd", "caddy", "squid", "gunicorn", "uvicorn", "puma", "tomcat", "redis"}
		missing := func(m *machine.Machine) (list []string) {
			for _, id := range all {
				if !slices.ContainsFunc(m.Programs, func(p machine.Program) bool {
					return strings.HasPrefix(string(p.System), string(id)) && len(p.Listens) > 0
				}) {
					list = append(list, string(id))
				}
			}
			return list
		}
		m, err := s.until("all ten listen", func(m *machine.Machine) bool { return len(missing(m)) == 0 })
		if err != nil {
			return fmt.Errorf("%w\nnot found: %v", err, missing(&m))
		}
		var paths []string
		for _, p := range m.Paths {
			var hops []string
			for _, e := range p.Path.Endpoints {
				hops = append(hops, string(e.System))
			}
			paths = append(paths, strings.Join(hops, " > ")+" at "+strings.Join(p.At, " "))
		}
		if err := holds("the machine", paths, []string{
			"chrome > nginx > varnish > gunicorn at 127.0.0.1:8080",
			"chrome > nginx > lighttpd > uvicorn at 127.0.0.1:8080",
			"chrome > nginx > caddy > puma at 127.0.0.1:8080",
			"chrome > nginx > squid > tomcat at 127.0.0.1:8080",
			"redis-cli > redis at 127.0.0.1:9201",
		}); err != nil {
			return err
		}
		for system, want := range map[model.SystemID]string{
			"lighttpd": ": lighttpd.server.max-keep-alive-idle=8s more/proxy.conf:5", "squid": ": squid.client_idle_pconn_timeout=33s squid.conf:11",
			"puma": ": puma.persistent_timeout=21s shop/config/puma.rb:3",
		} {
			if p := find(&m, system); holds(p.Title, s.settings(p), []string{want}) != nil {
				return holds(p.Title, s.settings(p), []string{want})
			}
		}
		if p := find(&m, "redis"); len(s.settings(p)) > 0 { // it hides the name of its file, and that of /etc is another's
			return fmt.Errorf("Redis on port 9201 has\n%s", strings.Join(s.settings(p), "\n"))
		}
		return nil
	})
}

// What a running HAProxy says of its servers is what is in force, also where its file was
// edited since.
func TestRealHAProxySaysItself(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("haproxy"); err != nil {
		lacking(t, "haproxy is not installed")
	}
	s := &site{t: t, dir: t.TempDir()}
	text := func(purge string) string {
		return `global
  stats socket DIR/s.sock mode 600 level user
defaults
  mode http
  timeout connect 5s
  timeout client 40s
  timeout server 41s
frontend in
  bind 127.0.0.1:8082
  default_backend app
backend app
  server one 127.0.0.1:3000` + purge + "\n"
	}
	conf := s.file("haproxy.cfg", text(" pool-purge-delay 3s"))
	apart(t, func() error {
		defer s.end()
		s.namespace = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		if err := s.start("haproxy", "-W", "-db", "-f", conf); err != nil {
			return err
		}
		value := func(m *machine.Machine) string {
			for _, c := range find(m, "haproxy").Contexts() {
				if v, ok := c.Settings["haproxy.upstream.pool-purge-delay"]; ok {
					return fmt.Sprintf("%s %s said %s %s:%d", v.Value, strings.TrimPrefix(v.Origin.Where, s.dir+"/"), v.Said.Value, filepath.Base(v.Said.Where), v.Said.Line)
				}
			}
			return ""
		}
		running := func(purge, want string) (machine.Machine, error) {
			if purge != "-" {
				s.file("haproxy.cfg", text(purge))
			}
			m, err := s.until(want, func(m *machine.Machine) bool { return value(m) == want })
			if err != nil {
				return m, fmt.Errorf("%w: it is %q", err, value(&m))
			}
			return m, nil
		}
		for _, step := range [][2]string{
			{"-", "3s s.sock said unset .:0"},
			{" pool-purge-delay 9s", "3s s.sock said 9s haproxy.cfg:12"},
			{"", "3s s.sock said unset .:0"},
		} {
			m, err := running(step[0], step[1])
			if err != nil {
				return err
			}
			if a := find(&m, "haproxy").Answers; len(a) != 3 {
				return fmt.Errorf("it says %v", a)
			}
		}
		m, err := running(" pool-purge-delay 9s", "3s s.sock said 9s haproxy.cfg:12")
		if err != nil {
			return err
		}
		if err := syscall.Kill(find(&m, "haproxy").Running[0].PID, syscall.SIGUSR2); err != nil {
			return err
		}
		_, err = running("-", "9s s.sock said unset .:0")
		return err
	})
}
