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

// value is a setting of a place of a program: its value, where from, and what a file says.
func value(p *machine.Program, where string, id model.ParamID) string {
	for _, c := range p.Contexts() {
		if c.Where != where {
			continue
		}
		s, ok := c.Settings[id]
		if !ok {
			return "none"
		}
		text := fmt.Sprintf("%s %s", s.Value, s.Origin.Kind)
		if s.Said.Value.IsSet() {
			text += fmt.Sprintf(", line %d says %s", s.Said.Line, s.Said.Value)
		}
		return text
	}
	return "no place " + where
}

func edits(p *machine.Program) string {
	var all []string
	for _, e := range p.Edited {
		all = append(all, e.File)
	}
	return strings.Join(all, " ")
}

// Apache's own word for where it writes its number tells when it loaded its files, whichever
// workers live; what its command line defines counts, and nothing else is defined.
func TestApacheSaysWhatIsDefined(t *testing.T) {
	const files = "KeepAliveTimeout 7\n<IfDefine PLANTED>\nKeepAliveTimeout 9\n</IfDefine>\n<IfDefine OTHER>\nKeepAliveTimeout 8\n</IfDefine>\n"
	for name, tt := range map[string]struct {
		number string // in the file of PidFile
		edited string
		loaded time.Duration
	}{
		"its own number":     {"10\n", "", -10 * time.Minute},
		"another's":          {"11\n", "/etc/apache2/apache2.conf", -50 * time.Minute},
		"nothing is written": {"", "/etc/apache2/apache2.conf", -50 * time.Minute},
	} {
		p := newPaper()
		p.file("/usr/sbin/apache2", "")
		p.changed("/etc/apache2/apache2.conf", files, noon.Add(-20*time.Minute))
		p.changed("/run/apache2.pid", tt.number, noon.Add(-10*time.Minute))
		p.process(10, 1, "/usr/sbin/apache2", 50*time.Minute, "/usr/sbin/apache2", "-D", "PLANTED", "-DFOREGROUND")
		p.listens("*:80", 10)
		p.prints["/usr/sbin/apache2 -v"] = "Server version: Apache/2.4.65 (Debian)\n"
		p.prints["/usr/sbin/apache2 -t -D DUMP_RUN_CFG -D PLANTED -D FOREGROUND -f /etc/apache2/apache2.conf"] = "ServerRoot: \"/etc/apache2\"\nPidFile: \"/run/apache2.pid\"\nDefine: DUMP_RUN_CFG\nDefine: PLANTED\nDefine: HELLO=there\nSyntax OK\n"
		m := p.read(t)
		apache := program(t, &m, "apache")
		if apache.Fault != "" || !apache.Loaded.Equal(noon.Add(tt.loaded)) || edits(apache) != tt.edited {
			t.Errorf("%s: fault %q, loaded at %s, edited %q", name, apache.Fault, apache.Loaded, edits(apache))
		}
		if !slices.ContainsFunc(apache.Answers, func(f machine.Fact) bool {
			return f.Name == "Define" && f.Value == "PLANTED HELLO=there" && f.Where == "apache2 -t -D DUMP_RUN_CFG"
		}) {
			t.Errorf("%s: it says %+v", name, apache.Answers)
		}
		for _, c := range apache.Contexts() {
			if s := c.Settings["apache.KeepAliveTimeout"]; s.Value != model.For(9*time.Second) || len(c.Doubts) > 0 {
				t.Errorf("%s: KeepAliveTimeout is %s, doubts %v", name, s.Value, c.Doubts)
			}
		}
	}
}

func TestSshdSaysWhatCounts(t *testing.T) {
	sshd := func(edited bool, alive string) *machine.Program {
		p := newPaper()
		at := noon.Add(-time.Hour)
		if edited {
			at = noon
		}
		p.file("/usr/sbin/sshd", "")
		p.changed("/run/other.pid", "10\n", noon)
		p.changed("/etc/ssh/sshd_config", "ClientAliveInterval 30\nMatch User deploy\n  ClientAliveInterval 5\n", at)
		p.process(10, 1, "/usr/sbin/sshd", 30*time.Minute, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups")
		p.listens("*:22", 10)
		p.prints["/usr/sbin/sshd -V"] = "OpenSSH_9.9p1\n"
		p.prints["/usr/sbin/sshd -T -f /etc/ssh/sshd_config"] = "port 22\nclientaliveinterval " + alive + "\nclientalivecountmax 3\nunusedconnectiontimeout none\ntcpkeepalive yes\nacceptenv A\nacceptenv B\n"
		m := p.read(t)
		return program(t, &m, "sshd")
	}
	const others, deploy = "every other connection", "Match User deploy"
	p := sshd(false, "30")
	if got := value(p, others, "sshd.ClientAliveInterval"); got != "30s file" {
		t.Errorf("as the file: %s", got)
	}
	if got := value(p, others, "sshd.ClientAliveCountMax"); got != "none" { // as it is without a file
		t.Errorf("the default: %s", got)
	}
	if len(p.Answers) != 1 || p.Answers[0].Value != "User deploy" || p.Answers[0].Where != "sshd -T" {
		t.Errorf("of Match blocks it says %+v", p.Answers)
	}
	if p = sshd(true, "30\npidfile /run/other.pid"); len(p.Edited) > 0 || !p.Loaded.Equal(noon) {
		t.Errorf("loaded again: at %s, edited %v", p.Loaded, p.Edited)
	}
	p = sshd(false, "45")
	if got := value(p, others, "sshd.ClientAliveInterval"); got != "45s running, line 1 says 30s" {
		t.Errorf("other than what was read: %s", got)
	}
	if got := value(p, deploy, "sshd.ClientAliveInterval"); got != "5s file" {
		t.Errorf("of a Match block: %s", got)
	}
	if got := value(sshd(true, "45"), others, "sshd.ClientAliveInterval"); got != "30s assumed" { // -T reads the files, too
		t.Errorf("of a file that was edited: %s", got)
	}
}

const (
	runs    = `{"apps":{"http":{"servers":{"srv0":{"listen":[":8080"],"idle_timeout":180000000000,"routes":[{"handle":[{"handler":"reverse_proxy","transport":{"keep_alive":{"idle_timeout":30000000000},"protocol":"http"}}]}]}}}}}`
	another = `{"apps":{"http":{"servers":{"srv0":{"listen":[":8080"],"idle_timeout":240000000000,"routes":[{"handle":[{"handler":"reverse_proxy","transport":{"keep_alive":{"idle_timeout":30000000000},"protocol":"http"}}]}]}}}}}`
)

// Caddy's endpoint tells what runs; what its files make now tells whether they are loaded.
func TestCaddySaysWhatRuns(t *testing.T) {
	const site = "site :8080, reverse_proxy 127.0.0.1:3000"
	for name, tt := range map[string]struct {
		admin         string // a line of the file
		listens       string
		answers       string // of the endpoint; empty for none
		adapted       string
		edited        bool
		idle, answer  string
		stillEdited   bool
		lacks, notAsk bool
	}{
		"as loaded":                        {"", "127.0.0.1:2019", runs, runs, false, "3m file", "", false, false, false},
		"edited, and loaded since":         {"", "127.0.0.1:2019", runs, runs, true, "3m file", "", false, false, false},
		"edited, and not loaded":           {"", "127.0.0.1:2019", another, runs, true, "4m running, line 5 says 3m", "", true, false, false},
		"changed by somebody at its side":  {"", "127.0.0.1:2019", another, runs, false, "4m running, line 5 says 3m", "another", false, false, false},
		"what the files make is not known": {"", "127.0.0.1:2019", another, "", true, "4m running, line 5 says 3m", "", true, false, false},
		"on its own socket":                {"admin unix//run/caddy/admin.sock|0200", "/run/caddy/admin.sock", another, runs, true, "4m running, line 5 says 3m", "", true, false, false},
		"its answer is no configuration":   {"", "127.0.0.1:2019", "{", runs, true, "3m assumed", "", true, true, false},
		"at every address":                 {"admin :2019", "*:2019", another, runs, true, "4m running, line 5 says 3m", "", true, false, false},
		"at an address of the network":     {"admin 10.0.0.1:2019", "10.0.0.1:2019", another, runs, true, "3m assumed", "", true, false, true},
		"somewhere else":                   {"admin localhost:2020", "127.0.0.1:2020", another, runs, true, "4m running, line 5 says 3m", "", true, false, false},
		"nobody listens":                   {"", "127.0.0.1:2021", another, runs, true, "3m assumed", "", true, false, true},
		"off":                              {"admin off", "127.0.0.1:2019", another, runs, true, "3m assumed", "", true, false, true},
		"it does not answer":               {"", "127.0.0.1:2019", "", runs, true, "3m assumed", "", true, true, false},
	} {
		p := newPaper()
		at := noon.Add(-time.Hour)
		if tt.edited {
			at = noon.Add(-time.Minute)
		}
		p.file("/usr/bin/caddy", "")
		p.changed("/etc/caddy/Caddyfile", "{\n"+tt.admin+"\nservers {\ntimeouts {\nidle 3m\n}\n}\n}\n:8080 {\nreverse_proxy 127.0.0.1:3000 {\ntransport http {\nkeepalive 30s\n}\n}\n}\n", at)
		p.process(10, 1, "/usr/bin/caddy", 30*time.Minute, "/usr/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile")
		p.listens("*:8080", 10)
		if !strings.HasPrefix(tt.listens, "/") {
			p.listens(tt.listens, 10)
		}
		p.prints["/usr/bin/caddy version"] = "v2.10.2\n"
		if adapted := tt.adapted; adapted != "" {
			if words := strings.Fields(tt.admin); len(words) > 1 { // of the same files
				adapted = strings.Replace(adapted, "{", `{"admin":`+map[bool]string{true: `{"disabled":true}`, false: `{"listen":"` + words[1] + `"}`}[words[1] == "off"]+",", 1)
				tt.answers = strings.Replace(tt.answers, "{", `{"admin":{"listen":"`+words[1]+`"},`, 1)
			}
			tt.adapted = adapted
			p.prints["/usr/bin/caddy adapt --adapter caddyfile --config /etc/caddy/Caddyfile"] = tt.adapted + "\n{\"level\":\"warn\"}\n"
		}
		if tt.answers != "" {
			host := strings.Replace(tt.listens, "*", "127.0.0.1", 1)
			to := host
			if strings.HasPrefix(host, "/") {
				host = ""
			}
			p.prints[to+" GET /config/ HTTP/1.0\r\nHost: "+host+"\r\n\r"] = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + tt.answers + "\n"
		}
		m := p.read(t)
		caddy := program(t, &m, "caddy")
		if got := value(caddy, site, "caddy.idle_timeout"); got != tt.idle || edits(caddy) != "" != tt.stillEdited {
			t.Errorf("%s: idle_timeout is %s, edited %q", name, got, edits(caddy))
		}
		answer := ""
		if len(caddy.Answers) > 0 {
			answer = caddy.Answers[0].Value
		}
		if answer != tt.answer || slices.ContainsFunc(m.Lacking, func(l string) bool { return strings.Contains(l, "could not be asked") }) != tt.lacks {
			t.Errorf("%s: it says %q; %q", name, answer, m.Lacking)
		}
		asked := slices.ContainsFunc(m.Log, func(a machine.Access) bool {
			return strings.HasPrefix(a.What, "curl ") && strings.HasSuffix(a.What, "/config/")
		})
		if asked == tt.notAsk {
			t.Errorf("%s: asked is %t", name, asked)
		}
		for _, path := range m.Paths {
			if !slices.Equal(path.At, []string{"*:8080"}) && tt.admin != "admin off" && name != "nobody listens" {
				t.Errorf("%s: a path is reached at %v", name, path.At)
			}
		}
	}
}

// Without what caddy adapt says, the word counts in the options at the top alone.
func TestWhereCaddyIsAdministered(t *testing.T) {
	for text, want := range map[string]string{
		"{\nadmin localhost:2020\n}\n:80 {\n}\n":                                       "127.0.0.1:2020",
		"# of ops\n\n{\n\tservers {\n\t\tadmin x\n\t}\n\tadmin [::1]:2020 # ours\n}\n": "[::1]:2020",
		"{\n\tadmin {\n\t\torigins a\n\t}\n}\n":                                        "127.0.0.1:2019",
		":80 {\n\tbasic_auth {\n\t\tadmin localhost:2020\n\t}\n}\n":                    "127.0.0.1:2019",
		"{\n\tgrace_period 1s\n}\n:80 {\n\tadmin localhost:2020\n}\n":                  "127.0.0.1:2019",
	} {
		p := newPaper()
		p.file("/usr/bin/caddy", "")
		p.file("/etc/caddy/Caddyfile", text)
		p.process(10, 1, "/usr/bin/caddy", 30*time.Minute, "/usr/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile")
		for _, at := range []string{"127.0.0.1:2019", "127.0.0.1:2020", "[::1]:2020"} {
			p.listens(at, 10)
		}
		m := p.read(t)
		if !slices.ContainsFunc(m.Log, func(a machine.Access) bool { return a.What == "curl -s http://"+want+"/config/" }) {
			t.Errorf("%q: not asked at %s: %v", text, want, m.Log)
		}
	}
}

// A socket that somebody else's file names is asked where it is of the user who runs the program.
func TestSocketsOfOthersAreNotAsked(t *testing.T) {
	const file, socket = "/etc/haproxy/haproxy.cfg", "/run/h.sock"
	for name, tt := range map[string]struct {
		shared bool
		owner  int // of the socket
		want   bool
	}{
		"of root's file":              {false, 0, true},
		"of its own user":             {true, 33, true},
		"of another than who runs it": {true, 0, false},
	} {
		p := newPaper()
		p.file("/usr/sbin/haproxy", "")
		p.file(file, "global\n stats socket "+socket+"\n")
		if tt.shared {
			p.files[file[1:]].Mode = 0o666
		}
		p.file(socket, "")
		p.files[socket[1:]].Sys = tt.owner
		p.process(10, 1, "/usr/sbin/haproxy", 30*time.Minute, "/usr/sbin/haproxy", "-f", file)
		p.file("/proc/10/status", "Uid:\t33\t33\t33\t33\n")
		p.prints[socket+" show info"] = "Maxconn: 7\n"
		m := p.read(t)
		if got := len(program(t, &m, "haproxy").Answers) > 0; got != tt.want || slices.ContainsFunc(m.Lacking, func(l string) bool { return strings.Contains(l, "not asked at "+socket) }) == tt.want {
			t.Errorf("%s: asked is %t; %q", name, got, m.Lacking)
		}
	}
}

// PostgreSQL is asked as the user who runs it: by root, and by that user.
func TestPostgreSQLSaysWhatRuns(t *testing.T) {
	for name, tt := range map[string]struct {
		user          int // who reads
		says          string
		idle, session string
		edited, lacks string
	}{
		"root":                 {0, "loaded|1795953000.5||configuration file|f\ntcp_keepalives_idle|300|s|configuration file|f\nidle_session_timeout|0|ms|default|f\n", "5m running, line 1 says 3m20s", "none", "/srv/pg/postgresql.conf", ""},
		"loaded since":         {0, "loaded|1795953590||configuration file|f\ntcp_keepalives_idle|200|s|configuration file|f\n", "3m20s file", "none", "", ""},
		"its own user":         {26, "loaded|1795953000||configuration file|f\nidle_session_timeout|600000|ms|command line|f\n", "3m20s assumed", "10m running", "/srv/pg/postgresql.conf", ""},
		"of the one who asks":  {0, "tcp_keepalives_idle|7|s|user|f\n", "3m20s assumed", "none", "/srv/pg/postgresql.conf", ""},
		"another user":         {1000, "", "3m20s assumed", "none", "/srv/pg/postgresql.conf", "root, or the user who runs it, may ask"},
		"long ago, or to come": {0, "loaded|-5||configuration file|f\nloaded|1e300||configuration file|f\nloaded|NaN||configuration file|f\n", "3m20s assumed", "none", "/srv/pg/postgresql.conf", ""},
		"it does not let in":   {0, "FAILS psql: error: connection to server on socket \"/run/pg/.s.PGSQL.5499\" failed: FATAL:  Peer authentication failed", "3m20s assumed", "none", "/srv/pg/postgresql.conf", "does not let its own user postgres ask"},
	} {
		p := newPaper()
		p.user = tt.user
		p.file("/usr/lib/postgresql/17/bin/postgres", "")
		p.file("/usr/lib/postgresql/17/bin/psql", "")
		p.file("/usr/sbin/runuser", "")
		p.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\npostgres:x:26:26::/var/lib/pg:/bin/sh\n")
		p.file("/srv/pg/postmaster.pid", "10\n/srv/pg\n1795950000\n5499\n/run/pg\nlocalhost\n")
		p.changed("/srv/pg/postgresql.conf", "tcp_keepalives_idle = 200\n", noon.Add(-5*time.Minute))
		p.process(10, 1, "/usr/lib/postgresql/17/bin/postgres", 30*time.Minute, "/usr/lib/postgresql/17/bin/postgres", "-D", "/srv/pg")
		p.file("/proc/10/status", "Uid:\t26\t26\t26\t26\n")
		p.listens("127.0.0.1:5499", 10)
		m := p.read(t)
		line := ""
		for _, l := range p.ran {
			if strings.Contains(l, "psql") {
				line = l
			}
		}
		if tt.says != "" {
			p.prints[line] = tt.says
			m = p.read(t)
		}
		if want := "/usr/lib/postgresql/17/bin/psql -X -w -A -t -h /run/pg -p 5499 -d postgres -U postgres -c "; tt.says != "" && !strings.HasPrefix(strings.TrimPrefix(line, "/usr/sbin/runuser -u postgres -- "), want) || strings.HasPrefix(line, "/usr/sbin/runuser") != (tt.user == 0) {
			t.Errorf("%s: it ran %q", name, line)
		}
		pg := program(t, &m, "postgresql")
		if pg.Loaded.Year() != 2026 {
			t.Errorf("%s: loaded at %s", name, pg.Loaded)
		}
		where := pg.Contexts()[0].Where
		if idle, session := value(pg, where, "postgresql.tcp_keepidle"), value(pg, where, "postgresql.idle_session_timeout"); idle != tt.idle || session != tt.session || edits(pg) != tt.edited {
			t.Errorf("%s: tcp_keepalives_idle %s, idle_session_timeout %s, edited %q", name, idle, session, edits(pg))
		}
		if got := slices.ContainsFunc(m.Lacking, func(l string) bool { return tt.lacks != "" && strings.Contains(l, tt.lacks) }); got != (tt.lacks != "") {
			t.Errorf("%s: lacking %q", name, m.Lacking)
		}
	}
}

// What a folder of data says of where PostgreSQL listens leads to no other host, and a program is
// run only where nobody else can have written it.
func TestPostgreSQLIsNotAskedElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		port, folder string
		shared       string // a program that others may write
		lacks        string // empty where it is asked
	}{
		"as it should be":   {"5432", "/run/pg", "", ""},
		"a second host":     {"5432", "/run/pg,192.0.2.1", "", "it has no socket in the file system"},
		"a name":            {"5432", "192.0.2.1", "", "it has no socket in the file system"},
		"two ports":         {"5432,80", "/run/pg", "", "it has no socket in the file system"},
		"anybody's psql":    {"5432", "/run/pg", "usr/lib/postgresql/17/bin/psql", "psql is not there, or others may write it"},
		"anybody's runuser": {"5432", "/run/pg", "usr/sbin/runuser", "there is no runuser, or others may write it"},
	} {
		p := newPaper()
		for _, f := range []string{"/usr/lib/postgresql/17/bin/postgres", "/usr/lib/postgresql/17/bin/psql", "/usr/sbin/runuser"} {
			p.file(f, "")
		}
		if tt.shared != "" {
			p.files[tt.shared].Mode = 0o777
		}
		p.file("/etc/passwd", "postgres:x:26:26::/var/lib/pg:/bin/sh\n")
		p.file("/srv/pg/postmaster.pid", "10\n/srv/pg\n1795950000\n"+tt.port+"\n"+tt.folder+"\nlocalhost\n")
		p.file("/srv/pg/postgresql.conf", "")
		p.process(10, 1, "/usr/lib/postgresql/17/bin/postgres", 30*time.Minute, "/usr/lib/postgresql/17/bin/postgres", "-D", "/srv/pg")
		p.file("/proc/10/status", "Uid:\t26\t26\t26\t26\n")
		m := p.read(t)
		ran := slices.ContainsFunc(p.ran, func(l string) bool { return strings.Contains(l, "psql") })
		if said := slices.ContainsFunc(m.Lacking, func(l string) bool { return strings.Contains(l, tt.lacks) }); ran != (tt.lacks == "") || !said {
			t.Errorf("%s: asked is %t; %q", name, ran, m.Lacking)
		}
	}
}
