package machine

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A kind is a server that is looked for.
type kind struct {
	system model.SystemID
	title  string
	names  []string // of its executable
	// script is what a command line of an interpreter has in it; its names are those of
	// the interpreter then.
	script  string
	version []string // the option that prints the version and does nothing else
	format  string   // of its configuration; empty where it has none
	option  []string // which names the file
	places  []string // where it looks without one
	below   string   // what stands below a folder that the option names
	pidFile string   // written again when the configuration is read again
	check   []string // what it is called with to check a file; the last word stands before each
	env     bool     // its files take variables from its environment
}

var kinds = []kind{
	{
		system: "nginx", title: "nginx", names: []string{"nginx"}, version: []string{"-v"}, format: "nginx", option: []string{"-c"},
		places: []string{"/etc/nginx/nginx.conf", "/usr/local/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf"}, check: []string{"-t", "-q", "-c"},
	},
	{
		system: "apache", title: "Apache httpd", names: []string{"apache2", "httpd"}, version: []string{"-v"}, format: "apache", option: []string{"-f"},
		places: []string{"/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf", "/usr/local/apache2/conf/httpd.conf"}, check: []string{"-t", "-D", runCfg, "-f"}, env: true,
	},
	{
		system: "haproxy", title: "HAProxy", names: []string{"haproxy"}, version: []string{"-v"}, format: "haproxy", option: []string{"-f"},
		places: []string{"/etc/haproxy/haproxy.cfg"}, check: []string{"-c", "-f"}, env: true,
	},
	{
		system: "caddy", title: "Caddy", names: []string{"caddy"}, version: []string{"version"}, format: "caddy", option: []string{"--config", "-config", "-c"},
		places: []string{"/etc/caddy/Caddyfile"}, check: []string{"adapt", "--adapter", "caddyfile", "--config"}, env: true,
	},
	{
		system: "lighttpd", title: "lighttpd", names: []string{"lighttpd"}, version: []string{"-v"}, format: "lighttpd", option: []string{"-f"},
		places: []string{"/etc/lighttpd/lighttpd.conf"},
	},
	{
		system: "varnish", title: "Varnish", names: []string{"varnishd", "cache-main"}, version: []string{"-V"}, format: "varnish", option: []string{"-f"},
		places: []string{"/etc/varnish/default.vcl"},
	},
	{
		system: "squid", title: "Squid", names: []string{"squid"}, version: []string{"-v"}, format: "squid", option: []string{"-f"},
		places: []string{"/etc/squid/squid.conf"},
	},
	{system: "tomcat", title: "Tomcat", names: []string{"java"}, script: "org.apache.catalina.startup.Bootstrap", format: "tomcat", option: []string{"-Dcatalina.base"}, below: "conf/server.xml"},
	{
		system: "gunicorn", title: "Gunicorn", names: []string{"python", "gunicorn"}, script: "gunicorn", version: []string{"--version"}, format: "gunicorn",
		option: []string{"-c", "--config"}, places: []string{"./gunicorn.conf.py"},
	},
	{system: "uvicorn", title: "uvicorn", names: []string{"python", "uvicorn"}, script: "uvicorn", version: []string{"--version"}},
	{
		system: "puma", title: "Puma", names: []string{"ruby", "puma"}, script: "puma", version: []string{"-V"}, format: "puma", option: []string{"-C", "--config"},
		places: []string{"./config/puma.rb", "./config/puma/production.rb"},
	},
	{system: "node", title: "Node.js", names: []string{"node", "nodejs"}, version: []string{"-v"}},
	{
		system: "sshd", title: "OpenSSH server", names: []string{"sshd"}, version: []string{"-V"}, format: "sshd", option: []string{"-f"},
		places: []string{"/etc/ssh/sshd_config"}, pidFile: "/run/sshd.pid", check: []string{"-T", "-f"},
	},
	{
		system: "postgresql", title: "PostgreSQL", names: []string{"postgres"}, version: []string{"-V"}, format: "postgresql", option: []string{"-D"}, below: "postgresql.conf",
		places: []string{"/etc/postgresql/*/main/postgresql.conf"},
	},
	{
		system: "mariadb", title: "MariaDB", names: []string{"mariadbd"}, version: []string{"-V"}, format: "mariadb", option: []string{"--defaults-file"},
		places: []string{"/etc/mysql/my.cnf", "/etc/my.cnf"},
	},
	{
		system: "redis", title: "Redis", names: []string{"redis-server", "redis-check-rdb"}, version: []string{"-v"}, format: "redis", option: []string{""},
		places: []string{"/etc/redis/redis.conf", "/etc/redis.conf"},
	},
}

// kindOf is what a process runs; nil where it is none of those.
func kindOf(p *Process) *kind {
	name := p.name()
	for i := range kinds {
		k := &kinds[i]
		switch {
		case k.script == "" && slices.Contains(k.names, name):
			return k
		case k.script == "" || !slices.ContainsFunc(k.names, func(n string) bool { return strings.TrimRight(name, "0123456789.") == n }):
			continue
		case k.scriptAt(p) >= 0:
			return k
		}
	}
	return nil
}

// scriptAt is the word of a command line that names the program which an interpreter
// runs, or -1: the script itself, or the module behind -m. Arguments of another program
// that have the name in them are none.
func (k *kind) scriptAt(p *Process) int {
	words := p.words()
	for i, w := range words {
		switch {
		case k.system == "tomcat":
			if w == k.script {
				return i
			}
			continue
		case strings.TrimSuffix(path.Base(w), ":") == k.script:
			return i
		case i == 0 || strings.HasPrefix(w, "-"):
			continue
		}
		break
	}
	return -1
}

var versionPattern = regexp.MustCompile(`\b(?:OpenSSH_|v|varnish-)?(\d+\.\d+(?:\.\d+)*)`)

// versionIn finds the version in what a program printed.
func versionIn(out string) model.Version {
	m := versionPattern.FindStringSubmatch(out)
	if m == nil {
		return ""
	}
	return model.Version(m[1])
}

// optionValues are what the options of a command line name: -f FILE, -fFILE, --config=FILE.
func optionValues(words, names []string) []string {
	var found []string
	for i := 1; i < len(words); i++ {
		for _, name := range names {
			rest, ok := strings.CutPrefix(words[i], name)
			switch {
			case name == "": // redis-server FILE
				if i == 1 && strings.HasSuffix(words[i], ".conf") {
					found = append(found, words[i])
				}
			case !ok:
			case rest == "" && i+1 < len(words):
				i++
				found = append(found, words[i])
			case rest == "":
			case rest[0] == '=':
				found = append(found, rest[1:])
			case len(name) == 2:
				found = append(found, rest)
			default:
				continue
			}
			if ok || name == "" {
				break
			}
		}
	}
	return found
}
