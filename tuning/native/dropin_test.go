package native_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

const (
	debianNginx = "events {}\ninclude /etc/nginx/modules-enabled/*.conf;\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n    include /etc/nginx/sites-enabled/*;\n}\n"
	debianSite  = "server {\n    listen 80;\n    location / { root /var/www; }\n}\n"
	slowSite    = "server {\n    listen 81;\n    server_name slow;\n    keepalive_timeout 10s;\n}\n"
	debianHTTPD = "Timeout 300\nKeepAliveTimeout 5\nIncludeOptional mods-enabled/*.conf\nListen 80\nIncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n"
)

func TestDropIn(t *testing.T) {
	const timeout, alive = "# Why it is so.\n\nkeepalive_timeout 75s;\n", "ClientAliveInterval 120\nTCPKeepAlive no\n"
	for name, x := range map[string]struct {
		format, main, content string
		files                 memory
		at, says              string // where it goes, or why it does not
		apart                 []string
		was                   string
		stays                 bool // it says so already, with other comments
	}{
		"nginx": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, at: "/etc/nginx/conf.d/keeptune.conf",
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/default": debianSite},
		},
		"nginx, of which one server says otherwise": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, at: "/etc/nginx/conf.d/keeptune.conf",
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/default": debianSite, "/etc/nginx/sites-enabled/slow": slowSite},
			apart: []string{"/etc/nginx/sites-enabled/slow:4 says keepalive_timeout 10 s, which counts for server slow"},
		},
		"nginx, of which one server says the same": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, at: "/etc/nginx/conf.d/keeptune.conf",
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/default": debianSite, "/etc/nginx/sites-enabled/slow": strings.Replace(slowSite, "10s", "75s", 1)},
		},
		"nginx, of which every server says otherwise": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout,
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/slow": slowSite},
			says:  "/etc/nginx/sites-enabled/slow:4 says keepalive_timeout 10 s, which counts for server slow",
		},
		"nginx, which says it already": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout,
			files: memory{"/etc/nginx/nginx.conf": strings.Replace(debianNginx, "http {", "http {\n    keepalive_timeout 65;", 1), "/etc/nginx/sites-enabled/default": debianSite},
			says:  "nginx.conf:4 says keepalive_timeout already, and it may stand there once",
		},
		"nginx, with a file of the last time": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, at: "/etc/nginx/conf.d/keeptune.conf", was: "keepalive_timeout 30s;\n",
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/default": debianSite, "/etc/nginx/conf.d/keeptune.conf": "keepalive_timeout 30s;\n"},
		},
		"nginx, with the lines of the last time": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, at: "/etc/nginx/conf.d/keeptune.conf", was: "# Yesterday.\nkeepalive_timeout 75s;\n", stays: true,
			files: memory{"/etc/nginx/nginx.conf": debianNginx, "/etc/nginx/sites-enabled/default": debianSite, "/etc/nginx/conf.d/keeptune.conf": "# Yesterday.\nkeepalive_timeout 75s;\n"},
		},
		"nginx without a folder": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: timeout, says: "nginx.conf includes no folder such as conf.d",
			files: memory{"/etc/nginx/nginx.conf": "events {}\nhttp { server { listen 80; } include mime.types; }\n"},
		},
		"nginx, of which an upstream is changed": {
			format: "nginx", main: "/etc/nginx/nginx.conf", content: "upstream keeptune {\n    server 127.0.0.1:8080;\n    keepalive 8;\n}\n",
			says:  "it has lines for an upstream block of the configuration itself",
			files: memory{"/etc/nginx/nginx.conf": debianNginx},
		},
		"apache": {
			format: "apache", main: "/etc/apache2/apache2.conf", content: "KeepAliveTimeout 75\n", at: "/etc/apache2/conf-enabled/keeptune.conf",
			files: memory{"/etc/apache2/apache2.conf": debianHTTPD, "/etc/apache2/sites-enabled/000-default.conf": "<VirtualHost *:80>\n    DocumentRoot /var/www\n</VirtualHost>\n"},
		},
		"sshd": {
			format: "sshd", main: "/etc/ssh/sshd_config", content: alive, at: "/etc/ssh/sshd_config.d/10-keeptune.conf",
			files: memory{"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval 0\n", "/etc/ssh/sshd_config.d/50-cloud.conf": "ClientAliveInterval 420\n"},
		},
		"sshd, where another file is before it": {
			format: "sshd", main: "/etc/ssh/sshd_config", content: alive, says: "/etc/ssh/sshd_config.d/01-hardening.conf:1 says ClientAliveInterval 420 s",
			files: memory{"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n", "/etc/ssh/sshd_config.d/01-hardening.conf": "ClientAliveInterval 420\n"},
		},
		"sshd, with a user of whom something else is said": {
			format: "sshd", main: "/etc/ssh/sshd_config", content: alive, at: "/etc/ssh/sshd_config.d/10-keeptune.conf",
			files: memory{"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nMatch User git\n    ClientAliveInterval 30\n"},
			apart: []string{"sshd_config:3 says ClientAliveInterval 30 s, which counts for Match User git"},
		},
		"haproxy": {format: "haproxy", main: "/etc/haproxy/haproxy.cfg", content: "defaults\n    timeout client 30s\n", says: "haproxy takes no file in a folder", files: memory{}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := native.NewDropIn(x.format, x.files.source(x.main), []byte(x.content), model.Embedded())
			if x.says != "" {
				if err == nil || err.Error() != x.says {
					t.Errorf("%+v, %v", d, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := native.RewrittenFile{Path: x.at, Now: []byte(x.content)}
			if x.was != "" {
				want.Was = []byte(x.was)
			}
			if x.stays {
				want.Now = want.Was
			}
			if diff := cmp.Diff(want, d.File); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(x.apart, d.Apart); diff != "" {
				t.Error(diff)
			}
			if slices.ContainsFunc(d.Lines, func(l string) bool { return strings.Contains(l, "Why") }) || len(d.Lines) == 0 {
				t.Errorf("lines: %q", d.Lines)
			}
		})
	}
}
