//go:build real && linux

package host_test

import (
	"bytes"
	"context"
	"fmt"
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
	"example.com/keeptune/tuning/machine"
)

// Real Apache, Caddy, sshd and PostgreSQL tell what counts: values of the command line, what
// runs beside what was edited, and that a reload has loaded it.
func TestRealHostAsksServers(t *testing.T) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, p := range []string{"apache2", "caddy", "/usr/sbin/sshd", "runuser"} {
		if _, err := exec.LookPath(p); err != nil || len(bins) == 0 {
			lacking(t, p+" or PostgreSQL is not installed")
		}
	}
	s := &site{t: t, dir: t.TempDir()}
	for at := s.dir; at != "/"; at = filepath.Dir(at) { // the servers' own users read it
		_ = os.Chmod(at, 0o755)
		if filepath.Dir(at) == os.TempDir() {
			break
		}
	}
	run := func(argv ...string) {
		t.Helper()
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), argv[0], argv[1:]...)
		cmd.Dir, cmd.Env = "/", append(os.Environ(), "HOME="+s.dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", argv, err, out)
		}
	}
	apache := s.file("apache.conf", `ServerRoot DIR
ServerName localhost
PidFile DIR/apache.pid
DefaultRuntimeDir DIR
ErrorLog /dev/stderr
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
Listen 127.0.0.1:8081
<IfDefine PLANTED>
KeepAliveTimeout 9
</IfDefine>
<IfDefine OTHER>
KeepAliveTimeout 8
</IfDefine>
`)
	caddy := s.file("Caddyfile", "{\n\tservers {\n\t\ttimeouts {\n\t\t\tidle 3m\n\t\t}\n\t}\n}\nhttp://127.0.0.1:8080 {\n\trespond ok\n}\n")
	sshd := s.file("sshd_config", "Port 2222\nPidFile DIR/sshd.pid\nHostKey DIR/key\nClientAliveInterval 30\nMatch User deploy\n\tClientAliveInterval 5\n")
	run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", s.dir+"/key")
	_ = os.MkdirAll("/run/sshd", 0o755)
	bin, data := bins[len(bins)-1], s.dir+"/pg/data"
	_ = os.Mkdir(s.dir+"/pg", 0o755)
	run("chown", "postgres", s.dir+"/pg")
	run("runuser", "-u", "postgres", "--", bin+"/initdb", "-D", data)
	postgres := data + "/postgresql.conf"
	add := func(text string) {
		f, err := os.OpenFile(postgres, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	add("unix_socket_directories = '" + s.dir + "/pg'\nport = 5499\ntcp_keepalives_idle = 300\n")
	t.Setenv("HOME", s.dir) // of Caddy's own copies
	edit := func(file, from, to string) {
		text, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(text, []byte(from)) {
			t.Fatalf("%s has no %q, %v", file, from, err)
		}
		if err := os.WriteFile(file, bytes.Replace(text, []byte(from), []byte(to), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	said := func(m *machine.Machine, system model.SystemID, id model.ParamID) string {
		for _, c := range find(m, system).Contexts() {
			if set, ok := c.Settings[id]; ok && !strings.HasPrefix(c.Where, "Match ") {
				text := fmt.Sprintf("%s %s", set.Value, set.Origin.Kind)
				if set.Said.Value.IsSet() {
					text += ", file " + set.Said.Value.String()
				}
				return text
			}
		}
		return "none"
	}
	values := func(m *machine.Machine) string {
		return strings.Join([]string{
			said(m, "apache", "apache.KeepAliveTimeout"), said(m, "caddy", "caddy.idle_timeout"), said(m, "sshd", "sshd.ClientAliveInterval"), said(m, "postgresql", "postgresql.tcp_keepidle"),
			edited(find(m, "apache")), edited(find(m, "caddy")), edited(find(m, "sshd")), edited(find(m, "postgresql")),
		}, "; ")
	}
	until := func(want string) error {
		got := ""
		_, err := s.until(want, func(m *machine.Machine) bool {
			got = values(m)
			return got == want
		})
		if err != nil {
			return fmt.Errorf("%w\nlast: %s", err, got)
		}
		return nil
	}
	apart(t, func() error {
		defer func() {
			s.end()
			for range 600 { // PostgreSQL writes a little more in the folder that goes then
				if _, err := os.Stat(data + "/postmaster.pid"); err != nil {
					return
				}
				<-time.After(100 * time.Millisecond)
			}
		}()
		s.namespace = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		for _, argv := range [][]string{
			{"apache2", "-f", apache, "-D", "PLANTED", "-DFOREGROUND"},
			{"caddy", "run", "--config", caddy},
			{"/usr/sbin/sshd", "-D", "-f", sshd},
			{"runuser", "-u", "postgres", "--", bin + "/postgres", "-D", data},
		} {
			if err := s.start(argv...); err != nil {
				return err
			}
		}
		m, err := s.until("all four listen", func(m *machine.Machine) bool {
			return !slices.ContainsFunc([]model.SystemID{"apache", "caddy", "sshd", "postgresql"}, func(id model.SystemID) bool { return len(find(m, id).Listens) == 0 })
		})
		if err != nil {
			return err
		}
		if err := until("9s file; 3m file; 30s file; 5m file; ; ; ; "); err != nil {
			return err
		}
		for _, path := range m.Paths {
			if slices.ContainsFunc(path.At, func(at string) bool { return strings.HasSuffix(at, ":2019") }) {
				return fmt.Errorf("Caddy's administration is a path: %v", path.At)
			}
		}
		number := find(&m, "postgresql").Running[0].PID
		<-time.After(100 * time.Millisecond) // a change is later than what was loaded
		edit(apache, "Timeout 9", "Timeout 6")
		edit(caddy, "idle 3m", "idle 4m")
		edit(sshd, "Interval 30", "Interval 40")
		edit(postgres, "idle = 300", "idle = 200")
		if err := until("6s assumed; 3m running, file 4m; 40s assumed; 5m running, file 3m20s; apache.conf; Caddyfile; sshd_config; postgresql.conf"); err != nil {
			return err
		}
		for _, pid := range []int{find(&m, "apache").Running[0].PID, find(&m, "sshd").Running[0].PID, number} {
			if err := syscall.Kill(pid, map[bool]syscall.Signal{true: syscall.SIGUSR1, false: syscall.SIGHUP}[pid == find(&m, "apache").Running[0].PID]); err != nil {
				return err
			}
		}
		if out, err := exec.CommandContext(t.Context(), "caddy", "reload", "--config", caddy).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return until("6s file; 4m file; 40s file; 3m20s file; ; ; ; ")
	})
}
