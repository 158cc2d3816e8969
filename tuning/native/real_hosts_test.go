//go:build real

package native_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

func TestRealSSHAccepts(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "ssh", "ssh@9.2 > sshd", "client:ServerAliveInterval=30s", "client:ServerAliveCountMax=4", "client:tcp_keepalive=off", "client:ConnectTimeout=1m")
	for name, want := range map[string][]string{
		files[0].Name:     {"serveraliveinterval 30", "serveralivecountmax 4", "tcpkeepalive no", "connecttimeout 60"},
		files[0].UndoName: {"serveraliveinterval 0", "serveralivecountmax 3", "tcpkeepalive yes", "connecttimeout none"},
	} {
		says(t, runs(t, dir, "ssh", "-G", "-F", name, "example.com"), want)
	}
}

func TestRealSSHDAccepts(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "sshd", "ssh > sshd@9.2", "server:ClientAliveInterval=30s", "server:ClientAliveCountMax=never",
		"server:tcp_keepalive=off", "server:ChannelTimeout=1h", "server:UnusedConnectionTimeout=5m", "server:LoginGraceTime=30s")
	key := filepath.Join(dir, "key")
	runs(t, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	for name, want := range map[string][]string{
		files[0].Name: {
			"clientaliveinterval 30", "clientalivecountmax 0", "tcpkeepalive no", "channeltimeout *=3600", "unusedconnectiontimeout 300", "logingracetime 30",
		},
		files[0].UndoName: {"clientaliveinterval 0", "clientalivecountmax 3", "tcpkeepalive yes", "unusedconnectiontimeout none", "logingracetime 120"},
	} {
		conf := realserver.File(t, dir, "sshd_config", "HostKey "+key+"\nInclude "+filepath.Join(dir, name)+"\n")
		runs(t, dir, "sshd", "-t", "-f", conf)
		says(t, runs(t, dir, "sshd", "-T", "-f", conf), want)
	}
}

// says fails unless each line is in what a program printed.
func says(t testing.TB, out string, lines []string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains("\n"+out, "\n"+l+"\n") {
			t.Errorf("%q is missing in\n%s", l, out)
		}
	}
}

// TestRealPostgreSQLAccepts runs a cluster of its own with each file, and asks
// it over TCP, with the service file, what is in force.
func TestRealPostgreSQLAccepts(t *testing.T) {
	t.Parallel()
	dir, server := export(t, "postgresql", "libpq > postgresql@15", "server:tcp_keepidle=60s", "server:tcp_keepintvl=10s", "server:tcp_keepcnt=4",
		"server:tcp_user_timeout=1500ms", "server:idle_session_timeout=2h", "server:idle_in_transaction_session_timeout=1500ms", "server:authentication_timeout=30s")
	_, client := export(t, "postgresql", "libpq@15 > postgresql", "client:tcp_keepalive=on", "client:tcp_keepidle=60s", "client:tcp_user_timeout=30s")
	for name, want := range map[string]string{
		server[0].Name:     "60 10 4 1500 2h 1500ms 30s",
		server[0].UndoName: "7200 75 9 0 0 0 1min",
	} {
		p := realserver.Postgres(t, "include '"+filepath.Join(dir, name)+"'")
		service := realserver.File(t, dir, "pg_service.conf", string(client[0].Content)+"host=127.0.0.1\nport="+strconv.Itoa(p.Port)+"\nuser=postgres\ndbname=postgres\n")
		var got []string
		for _, setting := range []string{
			"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout",
			"idle_session_timeout", "idle_in_transaction_session_timeout", "authentication_timeout",
		} {
			out := runs(t, dir, "env", "PGSERVICEFILE="+service, "psql", "-XAtc", "SHOW "+setting, "service=keeptune")
			got = append(got, strings.TrimSpace(out))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: SHOW says %q, want %s", name, got, want)
		}
	}
}

func TestRealRedisAccepts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sets         []string
		export, undo string
	}{
		{[]string{"server:timeout=300s", "server:tcp_keepidle=60s"}, "timeout 300 tcp-keepalive 60", "timeout 0 tcp-keepalive 300"},
		{[]string{"server:tcp_keepalive=off"}, "timeout 0 tcp-keepalive 0", "timeout 0 tcp-keepalive 300"},
	} {
		dir, files := export(t, "redis", "redis-cli > redis@7.0", tt.sets...)
		for name, want := range map[string]string{files[0].Name: tt.export, files[0].UndoName: tt.undo} {
			r := realserver.Redis(t, "include "+filepath.Join(dir, name))
			out := runs(t, dir, "redis-cli", "-p", strconv.Itoa(r.Port), "CONFIG", "GET", "timeout")
			out += runs(t, dir, "redis-cli", "-p", strconv.Itoa(r.Port), "CONFIG", "GET", "tcp-keepalive")
			if got := strings.Join(strings.Fields(out), " "); got != want {
				t.Errorf("%s: CONFIG GET says %q, want %s", name, got, want)
			}
		}
	}
}

// TestRealPlinkProbesAsTheSessionSays lets plink connect to a listener; the
// kernel shows whether the connection has the timer of the probes.
func TestRealPlinkProbesAsTheSessionSays(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "plink", "ss")
	dir, files := export(t, "putty", "putty@0.78/linux > sshd", "client:PingIntervalSecs=90s", "client:tcp_keepalive=on")
	for name, want := range map[string]bool{files[0].Name: true, files[0].UndoName: false} {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		session := "Protocol=raw\nHostName=127.0.0.1\nPortNumber=" + port + "\n" + readFile(t, filepath.Join(dir, name))
		realserver.File(t, dir, "home/.putty/sessions/keeptune", session)
		cmd := exec.CommandContext(t.Context(), "plink", "-load", "keeptune")
		cmd.Env = append(os.Environ(), "HOME="+filepath.Join(dir, "home"))
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(runs(t, dir, "ss", "-tno", "dst", "127.0.0.1:"+port), "keepalive"); got != want {
			t.Errorf("%s: timer of the probes %v, want %v", name, got, want)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = conn.Close()
		_ = l.Close()
	}
}

// namespace runs a script as root of network and mount namespaces of its own,
// in which dirs are empty.
func namespace(t *testing.T, dir, script string, dirs ...string) string {
	t.Helper()
	mounts := "set -e; ip link set lo up; "
	for _, d := range dirs {
		mounts += "mount -t tmpfs none " + d + "; "
	}
	flags := "-nm"
	if os.Geteuid() != 0 {
		flags = "-rnm"
	}
	return runs(t, dir, "unshare", flags, "sh", "-c", mounts+script)
}

func TestRealAnsibleAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "ansible-playbook", "unshare", "ip")
	dir, files := export(t, "ansible", "chrome > nginx@1.22.1/linux@6.1", "server:tcp_keepalive_time=600s", "server:tcp_retries2=8")
	realserver.File(t, dir, "hosts", "[nginx]\nlocalhost ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n")
	read := "cat /proc/sys/net/ipv4/tcp_keepalive_time /proc/sys/net/ipv4/tcp_retries2 | tr '\\n' ' ' >> values"
	play := "ansible-playbook -i hosts "
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		runs(t, dir, "ansible-playbook", "--syntax-check", "-i", "hosts", name)
	}
	namespace(t, dir, play+files[0].Name+"; "+read+"; grep 600 /etc/sysctl.d/60-keeptune.conf; "+play+files[0].UndoName+"; "+read, "/etc/sysctl.d")
	if got := strings.TrimSpace(readFile(t, filepath.Join(dir, "values"))); got != "600 8 7200 15" {
		t.Errorf("the playbook and its undo leave %s, want 600 8 7200 15", got)
	}
}

// TestRealAnsibleTakesBack gives sshd a configuration that it refuses: the
// playbook must leave the files and the kernel as they were.
func TestRealAnsibleTakesBack(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "ansible-playbook", "unshare", "ip", "sshd")
	dir, files := export(t, "ansible", "ssh > sshd@9.2/linux@6.1", "server:ClientAliveInterval=30s", "server:tcp_keepalive_time=600s")
	realserver.File(t, dir, "hosts", "[sshd]\nlocalhost ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n")
	namespace(t, dir, "mkdir /etc/ssh/sshd_config.d; echo Nonsense > /etc/ssh/sshd_config; echo former > /etc/sysctl.d/60-keeptune.conf; "+
		"sysctl -qw net.ipv4.tcp_keepalive_time=1234; ! ansible-playbook -i hosts "+files[0].Name+" > play.log; "+
		"ls /etc/ssh/sshd_config.d > left; cat /etc/sysctl.d/60-keeptune.conf /proc/sys/net/ipv4/tcp_keepalive_time >> left", "/etc/sysctl.d", "/etc/ssh")
	log := readFile(t, filepath.Join(dir, "play.log"))
	if !strings.Contains(log, "1 bad configuration options") {
		t.Errorf("sshd -t was not what refused it\n%s", log)
	}
	if got := strings.Fields(readFile(t, filepath.Join(dir, "left"))); strings.Join(got, " ") != "former 1234" {
		t.Errorf("it left %q, want the former file, 1234 and nothing for sshd\n%s", got, log)
	}
}

// TestRealAnsibleAsks brings a file to an nginx that serves: --check changes nothing, then it is
// loaded; one with which nginx does not answer any more is taken back.
func TestRealAnsibleAsks(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "ansible-playbook", "unshare", "ip", "nginx", "curl")
	dir, files := export(t, "ansible", "chrome > nginx@1.22.1/linux@6.1", "server:keepalive_timeout=7s", "server:keepalive_timeout_header=7s")
	play := readFile(t, filepath.Join(dir, files[0].Name))
	mute := strings.Replace(play, "keepalive_timeout 7s 7s;", "keepalive_timeout 9s 9s; server { listen 127.0.0.1:80 default_server; return 444; }", 1)
	if mute == play {
		t.Fatal(play)
	}
	realserver.File(t, dir, "mute.yml", mute)
	realserver.File(t, dir, "hosts", "[nginx]\nlocalhost ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n")
	realserver.File(t, dir, "nginx.conf", `pid /run/nginx.pid; error_log stderr; events {}
http { access_log off; include /etc/nginx/conf.d/*.conf; server { listen 127.0.0.1:80; location / { return 200 "ok"; } } }
`)
	namespace(t, dir, `cp nginx.conf /etc/nginx; mkdir /etc/nginx/conf.d; nginx; trap 'nginx -s stop' EXIT
say() { echo "$1: $(curl -si http://127.0.0.1/ | tr -d '\r' | grep -i '^keep-alive:') $(ls /etc/nginx/conf.d/*.conf 2>/dev/null)" >> said; }
say before
ansible-playbook -i hosts --check `+files[0].Name+` > check.log; say check
ansible-playbook -i hosts `+files[0].Name+` > play.log; say played
! ansible-playbook -i hosts mute.yml > mute.log; say refused
`, "/etc/nginx", "/run", "/var/lib/nginx", "/var/log/nginx")
	want := "before:  \ncheck:  \nplayed: Keep-Alive: timeout=7 /etc/nginx/conf.d/keeptune.conf\nrefused: Keep-Alive: timeout=7 /etc/nginx/conf.d/keeptune.conf\n"
	if got := readFile(t, filepath.Join(dir, "said")); got != want {
		t.Errorf("it says\n%swant\n%s%s%s", got, want, readFile(t, filepath.Join(dir, "play.log")), readFile(t, filepath.Join(dir, "mute.log")))
	}
	for log, says := range map[string]string{"check.log": "changed=", "mute.log": "did not answer with them; what was there before is back"} {
		if text := readFile(t, filepath.Join(dir, log)); !strings.Contains(text, says) {
			t.Errorf("%s does not say %q\n%s", log, says, text)
		}
	}
}

// What Debian ships is told by its content and read without a warning.
func TestRealDebianFilesAreRead(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	for file, want := range map[string]struct {
		format, param, value string
	}{
		"/etc/ssh/sshd_config":                            {format: "sshd"},
		"/etc/ssh/ssh_config":                             {format: "ssh"},
		"/etc/redis/redis.conf":                           {"redis", "redis.tcp_keepidle", "5m"},
		"/usr/share/postgresql/15/postgresql.conf.sample": {format: "postgresql"},
	} {
		data, err := os.ReadFile(file)
		if err != nil {
			if os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1" {
				t.Error(err)
			}
			t.Logf("%v: not read", err)
			continue
		}
		im, err := native.ImportAny(file, data, c)
		if got := native.Detect(data); got != want.format {
			t.Errorf("%s is told as %q, want %s", file, got, want.format)
		}
		if err != nil || len(im.Warnings) > 0 {
			t.Errorf("%s: %v %v", file, err, im.Warnings)
		}
		if got := im.Settings[model.ParamID(want.param)].Value.String(); want.param != "" && got != want.value {
			t.Errorf("%s: %s is %s, want %s", file, want.param, got, want.value)
		}
	}
}
