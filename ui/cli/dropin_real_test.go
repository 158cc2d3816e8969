//go:build real && linux

package cli_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// serve runs a server in the place until the test ends, and waits until it listens on a port.
func (p *place) serve(port int, program string, args ...string) {
	p.t.Helper()
	realserver.Need(p.t, program)
	log := filepath.Join(p.t.TempDir(), "log")
	out, err := os.Create(log)
	if err != nil {
		p.t.Fatal(err)
	}
	defer out.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{"-t", p.pid, "-n", program}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = realserver.Patience
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	for end := time.Now().Add(realserver.Patience); ; time.Sleep(20 * time.Millisecond) {
		c, err := p.dial(port)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(end) {
			said, _ := os.ReadFile(log)
			p.t.Fatalf("%s does not listen: %v: %s", program, err, said)
		}
	}
}

func (p *place) dial(port int) (c net.Conn, err error) {
	inside := host.Within(p.pid, func() error {
		c, err = net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), realserver.Patience)
		return nil
	})
	return c, errors.Join(inside, err)
}

// hint is the Keep-Alive header of a server's answer; a reload may end what it takes just then.
func (p *place) hint(port int) string {
	p.t.Helper()
	for end := time.Now().Add(realserver.Patience); ; time.Sleep(20 * time.Millisecond) {
		c, err := p.dial(port)
		if err == nil {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
			var r *http.Response
			r, err = http.ReadResponse(bufio.NewReader(c), nil)
			_ = c.Close()
			if err == nil {
				_ = r.Body.Close()
				return r.Header.Get("Keep-Alive")
			}
		}
		if time.Now().After(end) {
			p.t.Fatal(err)
		}
	}
}

// hints waits for a header.
func (p *place) hints(port int, want string) {
	p.t.Helper()
	got := ""
	for end := time.Now().Add(realserver.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = p.hint(port); got == want {
			return
		}
	}
	p.t.Errorf("port %d says %q, want %q", port, got, want)
}

// With a session alone the running server's folder takes the file: nobody has to know where
// its configuration is.
func TestRealApplyDropIn(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), realserver.Dir(t)
	nginx := realserver.File(t, dir, "nginx/nginx.conf", fmt.Sprintf(`pid %[1]s/nginx/pid; error_log stderr; daemon off; events {}
http {
    access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
    include %[1]s/nginx/conf.d/*.conf;
    server { listen 127.0.0.1:8081; location / { return 200 "ok"; } }
}
`, dir))
	apache := realserver.File(t, dir, "apache/httpd.conf", fmt.Sprintf(`ServerRoot %[1]s/apache
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
ServerName x
PidFile %[1]s/apache/pid
ErrorLog %[1]s/apache/log
Listen 127.0.0.1:8082
KeepAliveTimeout 5
IncludeOptional %[1]s/apache/conf-enabled/*.conf
`, dir))
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, "key")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	sshd := realserver.File(t, dir, "ssh/sshd_config", fmt.Sprintf("Include %[1]s/ssh/sshd_config.d/*.conf\nListenAddress 127.0.0.1:8083\nHostKey %[1]s/key\nPidFile none\nUsePAM no\n", dir))
	for _, folder := range []string{"nginx/conf.d", "apache/conf-enabled", "ssh/sshd_config.d"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	p.serve(8081, "nginx", "-c", nginx)
	p.serve(8082, "apache2", "-f", apache, "-DFOREGROUND")
	p.serve(8083, "/usr/sbin/sshd", "-D", "-e", "-f", sshd)

	for _, x := range []struct {
		path     string
		sets     []string
		file     string
		line     string
		port     int
		was, now string // hints; both empty where there is none
	}{
		{"curl > nginx", []string{"server:keepalive_timeout=7s", "server:keepalive_timeout_header=7s"}, "nginx/conf.d/keeptune.conf", "keepalive_timeout 7s 7s;", 8081, "", "timeout=7"},
		{"curl > apache", []string{"server:KeepAliveTimeout=7s"}, "apache/conf-enabled/keeptune.conf", "KeepAliveTimeout 7", 8082, "timeout=5, max=100", "timeout=7, max=100"},
		{"ssh > sshd", []string{"server:ClientAliveInterval=30s", "server:tcp_keepalive=off"}, "ssh/sshd_config.d/10-keeptune.conf", "ClientAliveInterval 30", 0, "", ""},
	} {
		args := []string{"apply", x.path, "--netns", p.pid, "--write", "--yes", "--for", "1h"}
		for _, s := range x.sets {
			args = append(args, "--set", s)
		}
		state, path := t.TempDir(), filepath.Join(dir, x.file)
		out, err := keeptune(t, state, args...)
		asked := fmt.Sprintf(" at 127.0.0.1:%d, or it is undone.", cmp.Or(x.port, 8083))
		if err != nil || !strings.Contains(out, path+" (new)\n") || !strings.Contains(out, "+ "+x.line+"\n") || !strings.Contains(strings.Join(strings.Fields(out), " "), asked) {
			t.Errorf("%s: %v\n%s", x.path, err, out)
			continue
		}
		if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "\n"+x.line+"\n") {
			t.Errorf("%s: %v\n%s", x.path, err, data)
		}
		if x.port != 0 {
			p.hints(x.port, x.now)
		}
		if out, err := keeptune(t, state, "revert"); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there: %v", path, err)
		}
		if x.port != 0 {
			p.hints(x.port, x.was)
		}
	}

	// Where no folder takes it, or no such server runs, it is said what to open.
	for path, says := range map[string]string{
		"curl > haproxy": "open the configuration whose lines are to be tried, as in keeptune apply /etc/haproxy/haproxy.cfg",
		"curl > nginx":   "no nginx is seen to run here; open its configuration to try it, as in keeptune apply SESSION.toml /etc/nginx/nginx.conf",
	} {
		args := []string{"apply", path, "--netns", newPlace(t).pid, "--write", "--yes", "--set"}
		if strings.HasSuffix(path, "nginx") {
			args = append(args, "server:keepalive_timeout=7s")
		} else {
			args = append(args, "server:timeout http-keep-alive=7s")
		}
		out, err := keeptune(t, t.TempDir(), args...)
		if err == nil || !strings.Contains(strings.Join(strings.Fields(out), " "), says) {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

// A session is compared with what the server that runs has loaded; where its file was edited
// since, that is not known, and the exit code tells it from a difference.
func TestRealVerifyRunning(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), realserver.Dir(t)
	conf := func(timeout string) string {
		return fmt.Sprintf(`pid %[1]s/pid; error_log stderr; daemon off; events {}
http {
    access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
    keepalive_timeout %[2]s;
    server { listen 127.0.0.1:8084; }
}
`, dir, timeout)
	}
	main := realserver.File(t, dir, "nginx.conf", conf("30s"))
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(main, long, long); err != nil {
		t.Fatal(err)
	}
	session := func(timeout string) string {
		return realserver.File(t, dir, timeout+".toml", `schema = "keeptune.session/1"
[[endpoint]]
system = "curl"
[[endpoint]]
system = "nginx"
[[endpoint.setting]]
param = "nginx.keepalive_timeout"
value = "`+timeout+`"
origin = "typed"
`)
	}
	verify := func(code int, says string, args ...string) {
		t.Helper()
		out, err := keeptune(t, t.TempDir(), append([]string{"verify", "--netns", p.pid}, args...)...)
		got := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			got = exit.ExitCode()
		}
		if text := strings.Join(strings.Fields(out), " "); got != code || !strings.Contains(text, says) {
			t.Errorf("%v: exit code %d, want %d, and %q\n%s", args, got, code, says, out)
		}
	}
	same, other := session("30s"), session("31s")
	verify(4, "no nginx with a configuration is seen to run here", same)
	p.serve(8084, "nginx", "-c", main)
	verify(0, "is so nginx nginx.keepalive_timeout 30 s", same)
	verify(1, "nginx nginx.keepalive_timeout is 30 s and should be 31 s (nginx.conf:4, loaded at ", other)
	verify(1, `param="nginx.keepalive_timeout"} 0`, other, "--format", "openmetrics")
	if err := os.WriteFile(main, []byte(conf("31s")), 0o600); err != nil {
		t.Fatal(err)
	}
	// The file's time is a later one than that of what runs.
	soon := time.Now().Add(time.Second)
	if err := os.Chtimes(main, soon, soon); err != nil {
		t.Fatal(err)
	}
	verify(4, "and not loaded since, so what runs is not known", other)
	verify(4, `param="nginx.keepalive_timeout"} NaN`, other, "--format", "openmetrics")

	// What the configuration does not say is as the server has it without: it is not unknown.
	p = newPlace(t)
	dir = realserver.Dir(t)
	silent := realserver.File(t, dir, "nginx.conf", strings.ReplaceAll(conf("1s"), "keepalive_timeout 1s;", ""))
	if err := os.Chtimes(silent, long, long); err != nil {
		t.Fatal(err)
	}
	p.serve(8084, "nginx", "-c", silent)
	verify(1, "nginx nginx.keepalive_timeout is 75 s and should be 30 s (default, loaded at ", same)
	verify(0, "is so nginx nginx.keepalive_timeout 75 s", session("75s"))
}
