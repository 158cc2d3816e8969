package native_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/tuning/native"
)

// A contextCase is a configuration of several files, with what each context
// sets: param=value@file:line, and lines that are told.
type contextCase struct {
	format, main string
	files        memory
	want         map[string]string // by where
	unused       []string          // file:line why
	doubts       []string
}

// short is a context in a line: what it sets, sorted.
func short(c native.Context) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
		s := c.Settings[id]
		if id == "nginx.upstream.proxy_http_version" { // the same, from 1.29.7 on
			continue
		}
		name := strings.TrimPrefix(string(id), string(id.System())+".")
		parts = append(parts, fmt.Sprintf("%s=%s@%s:%d", name, s.Value, s.Origin.Where, s.Origin.Line))
	}
	if c.Face != "" {
		parts = append(parts, "("+string(c.Face)+")")
	}
	return strings.Join(parts, " ")
}

// hold reads the configuration, and holds the contexts, what is told, and that
// nothing vanishes.
func (tt *contextCase) hold(t *testing.T) {
	t.Helper()
	f := format(t, tt.format)
	im := opened(t, f, tt.main, tt.files)
	got := map[string]string{}
	var doubts []string
	for _, c := range im.Contexts {
		if _, twice := got[c.Where]; twice {
			t.Errorf("%s: two contexts are called %q", tt.main, c.Where)
		}
		got[c.Where] = short(c)
		for _, d := range c.Doubts {
			if !slices.Contains(doubts, d.String()) {
				doubts = append(doubts, d.String())
			}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(got)) {
		if got[where] != tt.want[where] {
			t.Errorf("%s: %q is\n  %s\nwant\n  %s", tt.main, where, got[where], tt.want[where])
		}
	}
	for where := range tt.want {
		if _, ok := got[where]; !ok {
			t.Errorf("%s: there is no %q among %q", tt.main, where, slices.Sorted(maps.Keys(got)))
		}
	}
	var unused []string
	for _, l := range im.Unused {
		unused = append(unused, fmt.Sprintf("%s:%d %s", l.File, l.Line, l.Why))
	}
	if !slices.Equal(unused, tt.unused) || !slices.Equal(doubts, tt.doubts) {
		t.Errorf("%s: not used\n%s\ndoubts\n%s", tt.main, strings.Join(unused, "\n"), strings.Join(doubts, "\n"))
	}
	holdLines(t, f, tt.main, tt.files)
}

func TestNginxContexts(t *testing.T) {
	for _, tt := range []contextCase{
		{
			format: "nginx", main: "/etc/nginx/nginx.conf",
			files: memory{
				"/etc/nginx/nginx.conf": `include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 768; }
http {
  include mime.types;
  keepalive_timeout 65 60;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  include /etc/nginx/conf.d/*.conf;
  include sites/*;
}
`,
				"/etc/nginx/conf.d/up.conf": "upstream app {\n  server 10.0.0.1;\n  keepalive 16;\n  keepalive_timeout 50s;\n}\nupstream idle {\n  server a;\n  keepalive 3;\n}\n",
				"/etc/nginx/sites/app": `server {
  server_name app.example www.app.example;
  keepalive_timeout 10s;
  location / { root /srv; }
  location /api {
    proxy_pass http://app;
    proxy_read_timeout 2m;
    client_body_timeout 5s;
  }
  location /host {
    proxy_pass http://app/;
    proxy_set_header Host $host;
  }
}
`,
			},
			want: map[string]string{
				"server app.example location /": "keepalive_timeout=10s@/etc/nginx/sites/app:3 keepalive_timeout_header=1m@nginx.conf:5 (server)",
				"server app.example location /api": "keepalive_timeout=10s@/etc/nginx/sites/app:3 keepalive_timeout_header=1m@nginx.conf:5 upstream.keepalive=16@/etc/nginx/conf.d/up.conf:3 upstream.keepalive_timeout=50s@/etc/nginx/conf.d/up.conf:4 " +
					"upstream.proxy_http_version 1.1=on@nginx.conf:7 upstream.proxy_read_timeout=2m@/etc/nginx/sites/app:7",
				"server app.example location /host": "keepalive_timeout=10s@/etc/nginx/sites/app:3 keepalive_timeout_header=1m@nginx.conf:5 upstream.keepalive=16@/etc/nginx/conf.d/up.conf:3 upstream.keepalive_timeout=50s@/etc/nginx/conf.d/up.conf:4 " +
					"upstream.proxy_http_version 1.1=off@/etc/nginx/sites/app:12",
			},
			unused: []string{
				"nginx.conf:2 keeptune reads the http block of nginx only",
				"/etc/nginx/conf.d/up.conf:8 no proxy_pass names upstream idle",
				"/etc/nginx/sites/app:8 keeptune has no setting for it",
			},
		},
		{ // one socket, one so_keepalive; the other listen line has none
			format: "nginx", main: "/x/nginx.conf",
			files: memory{"/x/nginx.conf": `http {
  server {
    listen 80 default_server so_keepalive=30m::10;
    server_name a;
  }
  server {
    listen 80;
    listen 127.0.0.1:80;
    listen 443 ssl;
    server_name b a;
    keepalive_requests 7;
  }
  server { listen 81 so_keepalive=off; }
}
stream {
  server {
    listen 5432 so_keepalive=on;
    proxy_timeout 1h;
  }
}
`},
			want: map[string]string{
				"server a":            "tcp_keepalive=on@nginx.conf:3 tcp_keepcnt=10@nginx.conf:3 tcp_keepidle=30m@nginx.conf:3 (server)",
				"server b listen 80":  "keepalive_requests=7@nginx.conf:11 tcp_keepalive=on@nginx.conf:3 tcp_keepcnt=10@nginx.conf:3 tcp_keepidle=30m@nginx.conf:3 (server)",
				"server b listen 443": "keepalive_requests=7@nginx.conf:11 (server)",
				"server listen 81":    "tcp_keepalive=off@nginx.conf:13 (server)",
			},
			unused: []string{"nginx.conf:17 keeptune reads the http block of nginx only", "nginx.conf:18 keeptune reads the http block of nginx only"},
		},
		{ // what only the running nginx knows
			format: "nginx", main: "/x/nginx.conf",
			files: memory{"/x/nginx.conf": `http {
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  map $http_upgrade $kept { default upgrade; '' ''; }
  upstream app { server a; keepalive 4; }
  proxy_http_version 1.1;
  server {
    server_name a;
    location /ws { proxy_pass http://app; proxy_set_header Connection $connection_upgrade; }
    location /kept { proxy_pass http://app; proxy_set_header Connection $kept; }
    location /theirs { proxy_pass http://app; proxy_set_header Connection $http_connection; }
    location /var { proxy_pass http://$backend; }
    location ~ \.php$ { fastcgi_pass unix:/run/php.sock; }
    location /old {
      proxy_http_version 1.0;
      proxy_pass http://app;
    }
    location /if {
      if ($arg_x) { proxy_pass http://app; }
    }
    include missing.conf;
  }
}
`},
			want: map[string]string{
				"server a":                          "(server)",
				"server a location /ws":             "upstream.keepalive=4@nginx.conf:4 upstream.proxy_http_version 1.1=off@nginx.conf:8",
				"server a location /kept":           "upstream.keepalive=4@nginx.conf:4 upstream.proxy_http_version 1.1=on@nginx.conf:9",
				"server a location /theirs":         "upstream.keepalive=4@nginx.conf:4 upstream.proxy_http_version 1.1=unknown@nginx.conf:10",
				"server a location /var":            "upstream.proxy_http_version 1.1=off@nginx.conf:11",
				`server a location ~ \.php$`:        "(server)",
				"server a location /old":            "upstream.keepalive=4@nginx.conf:4 upstream.proxy_http_version 1.1=off@nginx.conf:14",
				"server a location /if":             "(server)",
				"server a location /if if ($arg_x)": "upstream.keepalive=4@nginx.conf:4 upstream.proxy_http_version 1.1=off@nginx.conf:18",
			},
			doubts: []string{
				"nginx.conf:20: missing.conf is included and was not read: open /x/missing.conf: file does not exist",
				"nginx.conf:11: requests go to http://$backend, which only the running nginx knows",
			},
		},
		{ // the output of nginx -T keeps files and lines
			format: "nginx", main: "/tmp/dump",
			files: memory{"/tmp/dump": `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
http {
  keepalive_timeout 20s;
  include /etc/nginx/conf.d/*.conf;
}

# configuration file /etc/nginx/conf.d/a.conf:
server {
  server_name a;
  keepalive_requests 5;
}

# configuration file /etc/nginx/conf.d/b.conf:
server {
  server_name b;
  keepalive_timeout 5s;
}
`},
			want: map[string]string{
				"server a": "keepalive_requests=5@/etc/nginx/conf.d/a.conf:3 keepalive_timeout=20s@/etc/nginx/nginx.conf:2 (server)",
				"server b": "keepalive_timeout=5s@/etc/nginx/conf.d/b.conf:3 (server)",
			},
		},
		{ // ingress-nginx: the ConfigMap for all, annotations for what they send
			format: "nginx", main: "/x/objects.yaml",
			files: memory{"/x/objects.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: ingress-nginx-controller
data:
  keep-alive: "190"
  upstream-keepalive-timeout: "50"
  upstream-keepalive-time: 30m
  worker-shutdown-timeout: 240s
---
kind: Ingress
metadata:
  name: app
  annotations:
    nginx.ingress.kubernetes.io/proxy-read-timeout: "120"
    nginx.ingress.kubernetes.io/configuration-snippet: |
      keepalive_timeout 5s;
---
kind: Ingress
metadata:
  name: other
`},
			want: map[string]string{
				"ingress app":   "keep-alive=3m10s@objects.yaml:16 upstream.proxy-read-timeout=2m@objects.yaml:15 upstream.upstream-keepalive-time=30m@objects.yaml:16 upstream.upstream-keepalive-timeout=50s@objects.yaml:16",
				"ingress other": "keep-alive=3m10s@objects.yaml:6 upstream.upstream-keepalive-time=30m@objects.yaml:8 upstream.upstream-keepalive-timeout=50s@objects.yaml:7",
			},
			unused: []string{"objects.yaml:9 keeptune has no setting for it", "objects.yaml:17 lines of a snippet are not read"},
			doubts: []string{"objects.yaml:16: configuration-snippet has lines of nginx that bear on connections"},
		},
		{ // a part of a configuration
			format: "nginx", main: "/x/part.conf",
			files:  memory{"/x/part.conf": "location /a {\n  proxy_pass http://app;\n  keepalive_timeout 3s;\n}\n"},
			want:   map[string]string{"location /a": "keepalive_timeout=3s@part.conf:3 upstream.proxy_http_version 1.1=off@part.conf:2"},
			doubts: []string{"part.conf:2: upstream app is not in what was read"},
		},
	} {
		tt.hold(t)
	}
}

// nginxMacro stands for a port in the trees of testdata/nginx.
var nginxMacro = regexp.MustCompile(`%(PORT|BACK)[A-Z0-9]*%`)

// TestNginxTrees holds that nothing of the trees vanishes which the tests
// against nginx itself use.
func TestNginxTrees(t *testing.T) {
	files, err := filepath.Glob("testdata/nginx/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree := memory{}
		for _, f := range parseArchive(string(data)).files {
			if strings.HasSuffix(f.name, ".txt") {
				continue // which nothing includes
			}
			tree["/tree/"+f.name] = nginxMacro.ReplaceAllString(f.text, "80")
		}
		holdLines(t, format(t, "nginx"), "/tree/nginx.conf", tree)
	}
}
