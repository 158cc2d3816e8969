package machine_test

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/machine"
)

// noon is when a made-up host is read; it was started an hour before.
var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// A paper host is a host made of texts: files by their names, what programs print, and
// who listens.
type paper struct {
	files     fstest.MapFS
	links     map[string]string
	reals     map[string]string // where links lead that are not those of /proc
	prints    map[string]string // by command line
	listeners []machine.Listener
	user      int
	ran       []string
	env       []string // of what ran last
}

func newPaper() *paper {
	p := &paper{files: fstest.MapFS{}, links: map[string]string{}, prints: map[string]string{}}
	p.file("/proc/uptime", "3600.00 1.00\n")
	p.file("/proc/sys/kernel/hostname", "edge-3\n")
	p.file("/proc/sys/kernel/osrelease", "6.12.43+deb13-amd64\n")
	p.links["/proc/thread-self/ns/net"], p.links["/proc/1/ns/net"] = "net:[1]", "net:[1]"
	return p
}

// file puts a file there, changed at eleven, when the host was started.
func (p *paper) file(name, text string) { p.changed(name, text, noon.Add(-time.Hour)) }

func (p *paper) changed(name, text string, at time.Time) {
	p.files[name[1:]] = &fstest.MapFile{Data: []byte(text), ModTime: at, Mode: 0o644}
}

// process starts one, so long before noon.
func (p *paper) process(pid, parent int, program string, before time.Duration, words ...string) {
	dir := fmt.Sprintf("/proc/%d", pid)
	ticks := int((time.Hour - before) / (10 * time.Millisecond))
	p.file(dir+"/stat", fmt.Sprintf("%d (a) b) S %d 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0", pid, parent, ticks))
	p.file(dir+"/status", "Name:\tx\nUid:\t0\t0\t0\t0\n")
	p.file(dir+"/environ", "")
	p.file(dir+"/cmdline", strings.Join(words, "\x00")+"\x00")
	p.links[dir+"/exe"], p.links[dir+"/ns/net"], p.links[dir+"/cwd"] = program, "net:[1]", "/"
}

func (p *paper) listens(address string, pids ...int) {
	p.listeners = append(p.listeners, machine.Listener{Address: address, PIDs: pids})
}

func (p *paper) Read(name string) ([]byte, error) { return fs.ReadFile(p.files, name[1:]) }
func (p *paper) HZ() (int, bool)                  { return 250, true }
func (p *paper) Now() time.Time                   { return noon }
func (p *paper) User() int                        { return p.user }

func (p *paper) Glob(pattern string) ([]string, error) {
	found, err := fs.Glob(p.files, pattern[1:])
	for i := range found {
		found[i] = "/" + found[i]
	}
	slices.Sort(found)
	return found, err
}

func (p *paper) Stat(name string) (machine.Stat, error) {
	st, err := fs.Stat(p.files, path.Clean(name + "/.")[1:])
	if name == "/" || err != nil && strings.HasSuffix(name, "/root/") {
		return machine.Stat{Dir: true, ID: "1"}, nil
	}
	if err != nil {
		return machine.Stat{}, err
	}
	s := machine.Stat{Changed: st.ModTime(), Dir: st.IsDir(), ID: name, Shared: st.Mode()&0o022 != 0}
	if f, ok := p.files[name[1:]]; ok && f.Sys != nil {
		s.User, _ = f.Sys.(int)
	}
	return s, nil
}

func (p *paper) Link(name string) (string, error) {
	if to, ok := p.links[name]; ok {
		return to, nil
	}
	return "", fs.ErrNotExist
}

func (p *paper) Real(name string) (string, error) {
	if to, ok := p.reals[name]; ok {
		return to, nil
	}
	return name, nil
}

func (p *paper) Run(_ context.Context, env []string, argv ...string) ([]byte, error) {
	p.env = env
	line := strings.Join(argv, " ")
	p.ran = append(p.ran, line)
	text, ok := p.prints[line]
	if !ok || strings.HasPrefix(text, "FAILS ") {
		return []byte(strings.TrimPrefix(text, "FAILS ")), fmt.Errorf("exit status 1")
	}
	return []byte(text), nil
}

func (p *paper) Ask(_ context.Context, socket, line string) ([]byte, error) {
	if text, ok := p.prints[socket+" "+line]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func (p *paper) Listeners(context.Context) ([]machine.Listener, int, error) {
	return p.listeners, 0, nil
}

func (p *paper) read(t *testing.T) machine.Machine {
	t.Helper()
	m, err := machine.Read(t.Context(), p, machine.Options{Catalog: model.Embedded()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// front is nginx before a Node server, both running for half an hour.
func front() *paper {
	p := newPaper()
	p.file("/usr/sbin/nginx", "")
	p.file("/etc/nginx/nginx.conf", "events {}\nhttp {\n  keepalive_timeout 30s;\n  include conf.d/*.conf;\n}\n")
	p.file("/etc/nginx/conf.d/shop.conf", "server {\n  listen 443 ssl;\n  server_name shop.example;\n  location / { proxy_pass http://127.0.0.1:3000; }\n}\n")
	p.process(10, 1, "/usr/sbin/nginx", 30*time.Minute, "nginx: master process /usr/sbin/nginx -g daemon on;")
	p.process(11, 10, "/usr/sbin/nginx", 30*time.Minute, "nginx: worker process")
	p.process(12, 10, "/usr/sbin/nginx", 30*time.Minute, "nginx: worker process")
	p.process(20, 1, "/usr/bin/node", 30*time.Minute, "node", "server.js")
	p.listens("*:443", 10, 11, 12)
	p.listens("127.0.0.1:3000", 20)
	p.prints["/usr/sbin/nginx -v"] = "nginx version: nginx/1.30.1\n"
	p.prints["/usr/sbin/nginx -t -q -c /etc/nginx/nginx.conf"] = ""
	p.file("/usr/bin/node", "")
	p.prints["/usr/bin/node -v"] = "v22.1.0\n"
	return p
}

func program(t *testing.T, m *machine.Machine, system model.SystemID) *machine.Program {
	t.Helper()
	for i := range m.Programs {
		if m.Programs[i].System == system {
			return &m.Programs[i]
		}
	}
	t.Fatalf("%s is not among the programs", system)
	return nil
}

func TestServersAndTheirPath(t *testing.T) {
	p := front()
	m := p.read(t)
	nginx := program(t, &m, "nginx")
	if nginx.Version != "1.30.1" || len(nginx.Running) != 3 || len(nginx.Edited) > 0 || nginx.Fault != "" || !nginx.Loaded.Equal(noon.Add(-30*time.Minute)) {
		t.Errorf("nginx is %+v", nginx)
	}
	if len(m.Paths) != 1 || m.Paths[0].Path.String() != "chrome > nginx@1.30.1/linux@6.12 > node@22.1.0/linux@6.12" || !slices.Equal(m.Paths[0].At, []string{"*:443"}) {
		t.Fatalf("the paths are %v", m.Paths)
	}
	layings, err := m.Lay(m.Paths[0], model.Embedded())
	if err != nil || len(layings) != 1 {
		t.Fatalf("%d layings, %v", len(layings), err)
	}
	s := layings[0].Document.Path.Endpoints[1].Settings["nginx.keepalive_timeout"]
	if s.Value != model.For(30*time.Second) || s.Origin.String() != "/etc/nginx/nginx.conf:3" {
		t.Errorf("keepalive_timeout is %v from %s", s.Value, s.Origin)
	}
}

// A file counts as edited where it was changed after the oldest process that answers had
// read it.
func TestEditedAndNotLoaded(t *testing.T) {
	loaded := noon.Add(-30 * time.Minute)
	for name, tt := range map[string]struct {
		at     time.Time
		change func(*paper)
		edited bool
	}{
		"before it was started": {at: loaded.Add(-time.Second)},
		"as it was started":     {at: loaded.Add(50 * time.Millisecond)},
		"after it was started":  {at: loaded.Add(51 * time.Millisecond), edited: true},
		"loaded since": {at: loaded.Add(time.Minute), change: func(p *paper) {
			p.process(11, 10, "/usr/sbin/nginx", 20*time.Minute, "nginx: worker process")
			p.process(12, 10, "/usr/sbin/nginx", 20*time.Minute, "nginx: worker process")
		}},
		"loaded since, an old worker drains": {at: loaded.Add(time.Minute), change: func(p *paper) {
			p.process(11, 10, "/usr/sbin/nginx", 30*time.Minute, "nginx: worker process is shutting down")
			p.process(12, 10, "/usr/sbin/nginx", 20*time.Minute, "nginx: worker process")
		}},
		"loaded since, an old process listens no more": {at: loaded.Add(time.Minute), change: func(p *paper) {
			p.process(12, 10, "/usr/sbin/nginx", 20*time.Minute, "nginx: worker process")
			p.listeners[0].PIDs = []int{10, 12}
		}},
		"a worker was replaced, the other was not": {at: loaded.Add(time.Minute), edited: true, change: func(p *paper) {
			p.process(12, 10, "/usr/sbin/nginx", 20*time.Minute, "nginx: worker process")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := front()
			p.changed("/etc/nginx/conf.d/shop.conf", "server { listen 443; keepalive_timeout 90s; location / { proxy_pass http://127.0.0.1:3000; } }\n", tt.at)
			if tt.change != nil {
				tt.change(p)
			}
			m := p.read(t)
			nginx := program(t, &m, "nginx")
			if got := len(nginx.Edited) > 0; got != tt.edited {
				t.Fatalf("edited: %v, loaded at %s", nginx.Edited, nginx.Loaded)
			}
			want := model.FromFile
			if tt.edited {
				want = model.FromAssumed
				if nginx.Edited[0].File != "/etc/nginx/conf.d/shop.conf" {
					t.Errorf("edited is %s", nginx.Edited[0].File)
				}
			}
			if got := nginx.Contexts()[0].Settings["nginx.keepalive_timeout"].Origin; got.Kind != want || got.Line != 1 {
				t.Errorf("the value is from %v", got)
			}
		})
	}
}

// sshd keeps its process when it is told to read its file again, and writes its pid file.
func TestSSHDWasReloaded(t *testing.T) {
	for name, tt := range map[string]struct {
		pid            string
		started, wrote time.Duration // before noon
		edited         bool
	}{
		"its pid file was written since":                       {"30\n", 30 * time.Minute, 5 * time.Minute, false},
		"the pid file is that of another":                      {"31\n", 30 * time.Minute, 5 * time.Minute, true},
		"it was written before the edit":                       {"30\n", 30 * time.Minute, 11 * time.Minute, true},
		"it was left over by an earlier process of the number": {"30\n", 5 * time.Minute, 20 * time.Minute, false},
	} {
		p := newPaper()
		p.file("/usr/sbin/sshd", "")
		p.process(30, 1, "/usr/sbin/sshd", tt.started, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups")
		p.listens("*:22", 30)
		p.changed("/etc/ssh/sshd_config", "ClientAliveInterval 60\n", noon.Add(-10*time.Minute))
		p.changed("/run/sshd.pid", tt.pid, noon.Add(-tt.wrote))
		m := p.read(t)
		sshd := program(t, &m, "sshd")
		if got := len(sshd.Edited) > 0; got != tt.edited {
			t.Errorf("%s: edited is %v", name, sshd.Edited)
		}
		if m.Paths[0].Path.String() != "ssh > sshd/linux@6.12" {
			t.Errorf("%s: the path is %s", name, m.Paths[0].Path)
		}
	}
}

// A session that outlived a restart of its sshd is no server, nor is what it runs.
func TestSSHDSessionAlone(t *testing.T) {
	p := newPaper()
	p.file("/usr/sbin/sshd", "")
	p.changed("/etc/ssh/sshd_config", "ClientAliveInterval 60\n", noon.Add(-time.Hour))
	p.process(20, 1, "/usr/sbin/sshd", 30*time.Minute, "sshd: root [priv]")
	p.process(21, 20, "/usr/sbin/sshd", 30*time.Minute, "sshd: root@pts/0")
	m := p.read(t)
	if sshd := program(t, &m, "sshd"); sshd.Runs() {
		t.Errorf("a session alone is a server: %+v", sshd.Running)
	}
	p.process(30, 1, "/usr/sbin/sshd", 5*time.Minute, "sshd: /usr/sbin/sshd -D [lis") // clipped
	p.process(31, 30, "/usr/sbin/sshd", 5*time.Minute, "sshd: [accepted]")
	m = p.read(t)
	if len(m.Programs) != 1 || m.Programs[0].Running[0].PID != 30 {
		t.Errorf("beside a server it is %+v", m.Programs)
	}
}

// The kernel's value is the running one; what a file says otherwise is told beside it.
func TestKernelBesideItsFiles(t *testing.T) {
	p := newPaper()
	p.file("/proc/sys/net/ipv4/tcp_keepalive_time", "600\n")
	p.file("/proc/sys/net/ipv4/tcp_keepalive_intvl", "75\n")
	p.file("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
	p.file("/etc/sysctl.d/60-a.conf", "# ours\nnet.ipv4.tcp_keepalive_time = 300\nnet.ipv4.tcp_keepalive_intvl = 75\n")
	read := func() map[string]machine.Sysctl {
		by := map[string]machine.Sysctl{}
		m := p.read(t)
		for _, s := range m.Sysctls {
			by[s.Key] = s
		}
		if len(m.Limits) != 1 || m.Limits[0].Value != "32768 60999" {
			t.Errorf("the limits are %v", m.Limits)
		}
		return by
	}
	by := read()
	idle := by["net.ipv4.tcp_keepalive_time"].Setting
	if idle.Value != model.For(10*time.Minute) || idle.Origin.Kind != model.FromRunning || idle.Said.Value != model.For(5*time.Minute) || idle.Said.String() != "/etc/sysctl.d/60-a.conf:2" {
		t.Errorf("tcp_keepalive_time is %+v", idle)
	}
	if s := by["net.ipv4.tcp_keepalive_intvl"].Setting; s.Said.Value.IsSet() {
		t.Errorf("tcp_keepalive_intvl is said otherwise: %+v", s)
	}
	p.links["/proc/1/ns/net"] = "net:[2]" // the files are for another namespace
	if s := read()["net.ipv4.tcp_keepalive_time"].Setting; s.Said.Value.IsSet() {
		t.Errorf("in another namespace it is said otherwise: %+v", s)
	}
}

// Everything that was read or run is in the log, with what could not be.
func TestLog(t *testing.T) {
	m := front().read(t)
	var lines []string
	for _, a := range m.Log {
		lines = append(lines, fmt.Sprintf("%d %s", a.Count, a))
	}
	for _, want := range []string{"1 cat /etc/nginx/nginx.conf", "1 cat /etc/nginx/conf.d/shop.conf", "4 cat /proc/[pid]/cmdline", "1 /usr/sbin/nginx -v", "1 cat /etc/os-release   (there is none)", "1 the kernel for listening TCP sockets (ss -tlnp)"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the log has no %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

// A command line of a running program is what is in force.
func TestCommandLines(t *testing.T) {
	p := newPaper()
	p.process(40, 1, "/usr/bin/python3.11", time.Minute, "/usr/bin/python3", "/usr/local/bin/uvicorn", "app:app", "--timeout-keep-alive", "75", "--port", "8000")
	p.process(41, 1, "/usr/bin/python3.11", time.Minute, "python3", "-m", "http.server", "uvicorn")
	p.listens("127.0.0.1:8000", 40)
	m := p.read(t)
	uvicorn := program(t, &m, "uvicorn")
	if len(m.Programs) != 1 || len(uvicorn.Running) != 1 {
		t.Errorf("the programs are %+v", m.Programs)
	}
	s := uvicorn.Contexts()[0].Settings["uvicorn.timeout_keep_alive"]
	if s.Value != model.For(75*time.Second) || s.Origin.Kind != model.FromRunning || s.Origin.Where != "/proc/40/cmdline" {
		t.Errorf("its time is %+v", s)
	}
}

// What a server says of files that it would not load is told in its own words.
func TestFaults(t *testing.T) {
	check := "/usr/sbin/nginx -t -q -c /etc/nginx/nginx.conf"
	for said, want := range map[string]string{
		"": "",
		"FAILS nginx: [warn] old in /etc/nginx/nginx.conf:2\nnginx: [emerg] invalid value in /etc/nginx/nginx.conf:3\nnginx: configuration file test failed\n": "nginx: [emerg] invalid value in /etc/nginx/nginx.conf:3",
		"FAILS Syntax error on line 2 of /etc/x.conf:\nInvalid command\n":                                                                                      "Syntax error on line 2 of /etc/x.conf: Invalid command",
		"FAILS no place\n": "no place",
		"FAILS ":           "it does not say why",
	} {
		p := front()
		p.prints[check] = said
		m := p.read(t)
		if got := program(t, &m, "nginx").Fault; got != want {
			t.Errorf("%q gives %q, not %q", said, got, want)
		}
		p.user = 1000
		p.prints[check] = "FAILS open() failed (13: Permission denied)\n"
		m = p.read(t)
		if got := program(t, &m, "nginx").Fault; got != "" || !slices.Contains(m.Lacking, "Root would let nginx check its files.") {
			t.Errorf("without root: %q, %v", got, m.Lacking)
		}
	}
}

// What the kernel has and a file says otherwise is a finding of the path, with both.
func TestRunningBesideFileIsFound(t *testing.T) {
	for said, want := range map[string]bool{"600": false, "300": true} {
		p := front()
		p.file("/etc/nginx/conf.d/shop.conf", "server { listen 443 so_keepalive=on; location / { proxy_pass http://127.0.0.1:3000; } }\n")
		p.file("/proc/sys/net/ipv4/tcp_keepalive_time", "600\n")
		p.file("/etc/sysctl.conf", "net.ipv4.tcp_keepalive_time = "+said+"\n")
		m := p.read(t)
		layings, err := m.Lay(m.Paths[0], model.Embedded())
		if err != nil {
			t.Fatal(err)
		}
		report, err := tuning.Analyze(layings[0].Document, tuning.NewEnv(model.Embedded(), 250))
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, f := range report.Findings {
			if f.Rule.ID == "EFF-1" {
				found = strings.Join(f.Because, " ")
			}
		}
		if (found != "") != want || want && found != "/etc/sysctl.conf:1 says tcp_keepalive_time 300 s; running is 10 m" {
			t.Errorf("the file says %s: found %q", said, found)
		}
	}
}

// A server of another machine is not one of this that has the port.
func TestServersElsewhere(t *testing.T) {
	for to, want := range map[string]string{
		"127.0.0.1:3000": "node@22.1.0/linux@6.12", "localhost:3000": "node@22.1.0/linux@6.12", "[::1]:3000": "node@22.1.0/linux@6.12",
		"10.0.0.9:3000": "unknown-server", "127.0.0.1:3001": "unknown-server",
	} {
		p := front()
		p.file("/etc/nginx/conf.d/shop.conf", "server { listen 443; location / { proxy_pass http://"+to+"; } }\n")
		p.listeners[1].Address = "*:3000"
		m := p.read(t)
		found := slices.ContainsFunc(m.Paths, func(x machine.Path) bool {
			return x.Path.String() == "chrome > nginx@1.30.1/linux@6.12 > "+want && slices.Equal(x.At, []string{"*:443"})
		})
		if alone := slices.ContainsFunc(m.Paths, func(x machine.Path) bool { return x.Path.String() == "chrome > node@22.1.0/linux@6.12" }); !found || alone != (want == "unknown-server") {
			t.Errorf("to %s: the paths are %v", to, m.Paths)
		}
	}
}

// Processes of other network namespaces are counted and not looked at.
func TestOtherNamespaces(t *testing.T) {
	p := front()
	p.links["/proc/20/ns/net"] = "net:[2]"
	m := p.read(t)
	if m.Others != 1 || slices.ContainsFunc(m.Programs, func(x machine.Program) bool { return x.System == "node" && x.Runs() }) {
		t.Errorf("%d others; the programs are %+v", m.Others, m.Programs)
	}
}

// Twenty paths are listed; that there are more is told.
func TestManyPaths(t *testing.T) {
	for n, told := range map[int]bool{20: false, 21: true} {
		p := newPaper()
		for i := range n {
			p.process(100+i, 1, "/usr/bin/node", time.Minute, "node", "server.js")
			p.listens(fmt.Sprintf("*:%d", 3000+i), 100+i)
		}
		m := p.read(t)
		if got := slices.Contains(m.Lacking, "More paths than 20: no more than those are listed."); got != told || len(m.Paths) != 20 {
			t.Errorf("%d servers: %d paths, told %v", n, len(m.Paths), m.Lacking)
		}
	}
}
