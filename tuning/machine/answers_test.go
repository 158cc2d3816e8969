package machine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
)

const socket = "/run/haproxy/admin.sock"

// balancer is a HAProxy that answers on its socket.
func balancer(servers string) *paper {
	p := newPaper()
	p.file("/etc/haproxy/haproxy.cfg", `global
  stats socket /run/haproxy/admin.sock mode 660
defaults
  mode http
  timeout client 40s
  timeout server 41s
frontend in
  bind :80
  default_backend app
backend app
  server one 10.0.0.1:80 pool-purge-delay 3s
  server two 10.0.0.2:80 pool-purge-delay 3s
`)
	p.process(10, 1, "/usr/sbin/haproxy", time.Minute, "/usr/sbin/haproxy", "-f", "/etc/haproxy/haproxy.cfg")
	p.listens("*:80", 10)
	p.prints[socket+" show info"] = "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nUlimit-n: 19999\nMaxconn: 9985\nCurrConns: 12\n\n"
	p.prints[socket+" show servers conn"] = "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[2]\n" + servers + "\n"
	return p
}

// What runs goes before the file, where all servers of the backend agree.
func TestRunningServersOfHAProxy(t *testing.T) {
	row := func(name string, purge, limit int) string {
		return fmt.Sprintf("%s 3/1 10.0.0.1 80 - %d 0 0 0 0 0 %d 0 0 0\n", name, purge, limit)
	}
	for name, tt := range map[string]struct{ servers, purge, limit string }{
		"as the file":            {row("app/one", 3000, -1) + row("app/two", 3000, -1), "3s running said unset 0", ""},
		"other than the file":    {row("app/one", 9000, -1) + row("app/two", 9000, -1), "9s running said 3s 11", ""},
		"the other one is other": {row("app/one", 3000, -1) + row("app/two", 9000, -1), "3s running said unset 0", ""},
		"another backend":        {row("api/one", 9000, 7), "3s file said unset 0", ""},
		"what no file has":       {row("app/one", 3000, 7) + row("app/two", 3000, 7), "3s running said unset 0", "7 running said unset 0"},
		"a name that ends so":    {row("myapp/one", 9000, 7), "3s file said unset 0", ""},
		"columns are missing":    {"app/one 3/1 10.0.0.1\n", "3s file said unset 0", ""},
		"no number in a column":  {strings.Replace(row("app/one", 3000, -1), "3000", "soon", 1), "3s file said unset 0", ""},
	} {
		m := balancer(tt.servers).read(t)
		haproxy := program(t, &m, "haproxy")
		settings := haproxy.Contexts()[0].Settings
		said := func(id model.ParamID) string {
			s, ok := settings[id]
			if !ok {
				return ""
			}
			kind := "file"
			if s.Origin.Kind == model.FromRunning {
				kind = "running"
			}
			return fmt.Sprintf("%s %s said %s %d", s.Value, kind, s.Said.Value, s.Said.Line)
		}
		if purge, limit := said("haproxy.upstream.pool-purge-delay"), said("haproxy.upstream.pool-max-conn"); purge != tt.purge || limit != tt.limit {
			t.Errorf("%s: %q and %q, not %q and %q", name, purge, limit, tt.purge, tt.limit)
		}
	}
}

// Servers whose lines are one share a place: what they do not agree on is as the file has it.
func TestServersOfHAProxyThatDisagree(t *testing.T) {
	for second, want := range map[int]model.OriginKind{9000: model.FromRunning, 9001: model.FromFile} {
		row := "app/%s 3/1 10.0.0.1 80 - %d 0 0 0 0 0 -1 0 0 0\n"
		p := balancer(fmt.Sprintf(row, "one", 9000) + fmt.Sprintf(row, "two", second))
		p.file("/etc/haproxy/haproxy.cfg", "global\n  stats socket /run/haproxy/admin.sock\ndefaults\n  mode http\n  default-server pool-purge-delay 3s\nlisten app\n  bind :80\n  server one 10.0.0.1:80\n  server two 10.0.0.2:80\n")
		m := p.read(t)
		if s := program(t, &m, "haproxy").Contexts()[0].Settings["haproxy.upstream.pool-purge-delay"]; s.Origin.Kind != want {
			t.Errorf("with 9000 and %d ms it is %+v", second, s)
		}
	}
}

// Its own numbers are told, and that it could not be asked.
func TestHAProxyIsAsked(t *testing.T) {
	p := balancer("")
	m := p.read(t)
	haproxy := program(t, &m, "haproxy")
	if haproxy.Version != "2.6.12" || len(haproxy.Answers) != 3 || haproxy.Answers[2] != (machine.Fact{Name: "CurrConns", Value: "12", Where: socket, Says: "connections now"}) {
		t.Errorf("it is %s and says %v", haproxy.Version, haproxy.Answers)
	}
	if !slices.ContainsFunc(m.Log, func(a machine.Access) bool {
		return a.String() == `echo "show servers conn" | socat - UNIX-CONNECT:`+socket
	}) {
		t.Errorf("the log is %v", m.Log)
	}
	delete(p.prints, socket+" show info")
	if m = p.read(t); !slices.Contains(m.Lacking, "HAProxy could not be asked on its socket "+socket+": there is none.") {
		t.Errorf("lacking is %v", m.Lacking)
	}
}

// Where Varnish has no program of its own, its command line says where it sends to.
func TestVarnishByItsCommandLine(t *testing.T) {
	for argument, want := range map[string]string{"10.0.0.9:8080": "10.0.0.9:8080", "10.0.0.9": "10.0.0.9:80"} {
		p := newPaper()
		p.process(10, 1, "/usr/sbin/varnishd", time.Minute, "/usr/sbin/varnishd", "-a", ":80", "-b", argument)
		p.listens("*:80", 10)
		m := p.read(t)
		if len(m.Paths) != 1 || m.Paths[0].Path.String() != "chrome > varnish/linux@6.12 > unknown-server" || m.Paths[0].Hops[1].Address != want {
			t.Errorf("-b %s: the paths are %+v", argument, m.Paths)
		}
	}
}

// Redis hides the name of its file: the one in its usual place is its own where it is for
// the port that it has.
func TestRedisAndItsUsualFile(t *testing.T) {
	for file, want := range map[string]bool{"timeout 60\n": false, "port 6379\ntimeout 60\n": false, "port 6380\ntimeout 60\n": true, "port 6380\nport 6379\n": false} {
		for _, listens := range []bool{true, false} {
			p := newPaper()
			p.file("/etc/redis/redis.conf", file)
			p.process(10, 1, "/usr/bin/redis-check-rdb", time.Minute, "redis-server 127.0.0.1:6380")
			if listens {
				p.listens("127.0.0.1:6380", 10)
			}
			m := p.read(t)
			if redis := program(t, &m, "redis"); (redis.Main != "") != want || (redis.Unread == "") != want {
				t.Errorf("%q, listeners seen: %v: the file is %q, unread is %q", file, listens, redis.Main, redis.Unread)
			}
		}
	}
}
