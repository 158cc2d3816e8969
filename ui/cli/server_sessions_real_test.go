//go:build real && linux

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/internal/screen"
)

// inside starts a program in the place's network namespace, which ends with the test.
func (p *place) inside(argv ...string) {
	p.t.Helper()
	cmd := exec.Command("nsenter", append([]string{"-t", p.pid, "-n"}, argv...)...)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// keeptune runs it, and gives what it printed and its exit code.
func (p *place) keeptune(args ...string) (out string, code int) {
	p.t.Helper()
	var said, faults bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), screen.Build(p.t), args...)
	cmd.Env = screen.Env(p.t, "XDG_STATE_HOME="+p.state, "XDG_DATA_HOME="+p.state)
	cmd.Stdout, cmd.Stderr = &said, &faults
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	if code = cmd.ProcessState.ExitCode(); code > 1 {
		p.t.Fatalf("keeptune %s ends with %d: %s", strings.Join(args, " "), code, faults.String())
	}
	return said.String(), code
}

func (p *place) reads(v any, args ...string) {
	p.t.Helper()
	out, _ := p.keeptune(append(args, "--format", "json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

func (p *place) until(what string, so func() bool) {
	p.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !so(); <-tick.C {
		if time.Now().After(end) {
			p.t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// 502 now and then: nginx, which keeps its connections to Node for longer than Node does,
// and a load balancer's for too short. All that is judged was read of both.
func TestRealSessionOfGateway(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "nginx", "node", "nsenter", "ip")
	p := newPlace(t)
	dir := realserver.Dir(t)
	realserver.File(t, dir, "app.js", "require('http').createServer((q, r) => r.end('ok')).listen(3000, '127.0.0.1')\n")
	conf := realserver.File(t, dir, "nginx.conf", fmt.Sprintf(`pid %s/nginx.pid;
events {}
http {
  access_log off;
  keepalive_timeout 30s;
  upstream node { server 127.0.0.1:3000; keepalive 32; }
  server {
    listen 127.0.0.1:8080;
    location / { proxy_pass http://node; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`, dir))
	p.inside("node", filepath.Join(dir, "app.js"))
	p.inside("nginx", "-e", "stderr", "-c", conf, "-g", "daemon off;")
	p.until("both listen", func() bool {
		var h wire.Host
		p.reads(&h, "host", "--netns", p.pid)
		return len(h.Paths) == 1 && strings.Count(h.Paths[0].Path, ">") == 2 && len(h.Programs) > 1 && len(h.Programs[0].Listens) > 0
	})
	session, _ := p.keeptune("host", "--netns", p.pid, "--session", "1")
	file := realserver.File(t, dir, "edge.toml", session)
	check, _ := p.keeptune("check", file)
	for _, want := range []string{"leg 2: a request can meet a close (ORD-1)", "nginx: keepalive_timeout 30 s (" + conf + ":5)"} {
		if !strings.Contains(check, want) {
			t.Errorf("check lacks %q:\n%s", want, check)
		}
	}
	after, _ := p.keeptune("check", file, "--set", "nginx.upstream.keepalive_timeout=4s")
	if !strings.Contains(after, "LIMIT  4 s   nginx keepalive_timeout   OK") || strings.Contains(after, "leg 2: a request can meet a close") {
		t.Errorf("with nginx closing first it is still a race:\n%s", after)
	}
}

// Too many established connections: a Python server that never switches probes on, whose
// connections have them after a trial. The census before and after is the kernel's word.
func TestRealSessionOfCapacity(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "python3", "nsenter", "ip")
	p := newPlace(t)
	const open = 40
	type counted struct {
		Counts struct {
			Guarded wire.Guarded
		}
	}
	count := func() (c counted) {
		p.reads(&c, "census", "--netns", p.pid, "--filter", "local:8080 state:established")
		return c
	}
	p.inside("python3", "-c", fmt.Sprintf("import socket,time\ns=socket.create_server(('127.0.0.1',8080),backlog=100)\nk=[]\nfor i in range(%d):\n  c=socket.create_connection(('127.0.0.1',8080)); k+=[c,s.accept()[0]]\ntime.sleep(300)", open))
	p.until("the connections are open", func() bool { return count().Counts.Guarded.Nothing == open })
	if before := count(); before.Counts.Guarded.Nothing != open || before.Counts.Guarded.Probes != 0 {
		t.Errorf("before, %+v", before.Counts)
	}
	var plan struct {
		Changes []wire.TrialPlanned
		Trial   *struct{ State string }
	}
	p.reads(&plan, "sockets", "--netns", p.pid, "--filter", "local:8080 state:established timer:none", "--keepalive", "on", "--idle", "300s", "--interval", "30s", "--count", "4", "--write", "--yes", "--for", "1h")
	if plan.Trial == nil || plan.Trial.State != "trying" || len(plan.Changes) != 1 || !strings.Contains(plan.Changes[0].Name, fmt.Sprintf("%d sockets of python3", open)) {
		t.Fatalf("the plan is %+v", plan)
	}
	if after := count(); after.Counts.Guarded.Probes != open || after.Counts.Guarded.Nothing != 0 {
		t.Errorf("after, %+v", after.Counts)
	}
	p.keeptune("revert")
	p.guardEnds()
	if again := count(); again.Counts.Guarded.Probes != 0 {
		t.Errorf("undone, %+v", again.Counts)
	}
}
