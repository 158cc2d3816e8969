package native_test

import (
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// folder is a file system of a test.
type folder map[string]string

func (f folder) Read(name string) ([]byte, error) { return []byte(f[name]), nil }

func (f folder) Glob(pattern string) ([]string, error) {
	var found []string
	for name := range f {
		if before, after, _ := strings.Cut(pattern, "*"); strings.HasPrefix(name, before) && strings.HasSuffix(name, after) {
			found = append(found, name)
		}
	}
	return found, nil
}

// written is what changes of a document make of a file: the lines that differ, with
// - and + before them, and what is left.
type written struct {
	diff, left []string
	also       []string
	now        string // the last file that differs
}

// writeBack opens a file over a path, carries assignments out and writes them back.
func writeBack(t *testing.T, format, path, text string, where []string, set ...string) written {
	t.Helper()
	c := model.Embedded()
	source := native.Source{Name: "main.conf", Path: "/etc/x/main.conf", Data: []byte(text), Files: folder{"/etc/x/main.conf": text, "/etc/x/sub/a": "    keepalive_timeout 20s;\n"}}
	f, err := native.Find(format)
	if err != nil {
		t.Fatal(err)
	}
	im, err := f.Open(source, c)
	if err != nil {
		t.Fatal(err)
	}
	picked, _, err := im.Pick(where)
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	layings, err := picked.Lay(model.Document{Path: p}, "server", c)
	if err != nil {
		t.Fatal(err)
	}
	before := layings[0].Document
	after, err := before.Assign(c, set...)
	if err != nil {
		t.Fatal(err)
	}
	report, err := tuning.Analyze(after, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := native.NewRewrite([]native.Original{{Source: source, Format: format, Where: where}}, native.Request{Document: after, Before: &before, Report: report, Catalog: c})
	if err != nil {
		t.Fatal(err)
	}
	out := written{also: r.Also}
	for _, file := range r.Files {
		out.now = string(file.Now)
		was, now := strings.Split(string(file.Was), "\n"), strings.Split(string(file.Now), "\n")
		for len(was) > 0 && len(now) > 0 && was[0] == now[0] {
			was, now = was[1:], now[1:]
		}
		for len(was) > 0 && len(now) > 0 && was[len(was)-1] == now[len(now)-1] {
			was, now = was[:len(was)-1], now[:len(now)-1]
		}
		for _, l := range was {
			out.diff = append(out.diff, "-"+l)
		}
		for _, l := range now {
			out.diff = append(out.diff, "+"+l)
		}
	}
	for _, l := range r.Left {
		out.left = append(out.left, string(l.Param)+": "+l.Why)
	}
	return out
}

const twoServers = `http {
    keepalive_timeout 65;   # for browsers
    upstream api { server 127.0.0.1:3000; keepalive 32; }
    server {
        listen 80;
        server_name a;
        location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
    }
    server {
        listen 80;
        server_name b;
        keepalive_timeout 10s 5s;
        location / { proxy_pass http://api; }
    }
}
`

const pooled = `http {
    upstream app { server 127.0.0.1:3000; keepalive 16; }
    server {
        listen 80;
        location / {
            proxy_pass http://app;
        }
    }
}
`

// TestWritingBack changes the lines that decide, in their own manner, and no others.
func TestWritingBack(t *testing.T) {
	for name, tt := range map[string]struct {
		format, path, text string
		where, set         []string
		diff, left, also   []string
	}{
		"its own line": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: twoServers, where: []string{"server b location /"}, set: []string{"server:keepalive_timeout=75s"},
			diff: []string{"-        keepalive_timeout 10s 5s;", "+        keepalive_timeout 75s 5s;"},
		},
		"the second value of a line": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: twoServers, where: []string{"server b location /"}, set: []string{"server:keepalive_timeout_header=7s"},
			diff: []string{"-        keepalive_timeout 10s 5s;", "+        keepalive_timeout 10s 7s;"},
		},
		"a value from around it, not for the others": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    keepalive_timeout 65;\n    send_timeout 5s;\n    server {\n        listen 80; server_name a;\n    }\n    server {\n        listen 81; server_name b;\n        send_timeout 9s;\n    }\n}\n",
			where: []string{"server b"}, set: []string{"server:keepalive_timeout=20s"},
			diff: []string{"+        keepalive_timeout 20s;"},
		},
		"a new line": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    keepalive_timeout 65;\n    server { listen 80; }\n}\n", set: []string{"server:keepalive_requests=5000"},
			diff: []string{"+    keepalive_requests 5000;"},
		},
		"a line together with another value": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    keepalive_timeout 65; # why\n    server { listen 80; }\n}\n", set: []string{"server:keepalive_timeout_header=60s"},
			diff: []string{"-    keepalive_timeout 65; # why", "+    keepalive_timeout 65s 60s; # why"},
		},
		"the two lines that keep connections": {
			format: "nginx", path: "chrome > nginx@1.22.1 > node", text: pooled, set: []string{"nginx:proxy_http_version 1.1=on"},
			diff: []string{"+            proxy_http_version 1.1;", `+            proxy_set_header Connection "";`},
		},
		"the one of them that a location of its own lacks": {
			format: "nginx", path: "chrome > nginx@1.22.1 > node", text: strings.NewReplacer("    server {", "    proxy_http_version 1.1;\n    proxy_set_header Connection \"\";\n    server {",
				"            proxy_pass", "            proxy_set_header Host $host;\n            proxy_pass").Replace(pooled),
			set: []string{"nginx:proxy_http_version 1.1=on"}, diff: []string{`+            proxy_set_header Connection "";`},
		},
		"the two lines where one says the opposite": {
			format: "nginx", path: "chrome > nginx@1.22.1 > node", text: strings.Replace(pooled, "            proxy_pass", "            proxy_set_header Connection close;\n            proxy_http_version 1.1;\n            proxy_pass", 1),
			set: []string{"nginx:proxy_http_version 1.1=on"}, diff: []string{`-            proxy_set_header Connection close;`, `+            proxy_set_header Connection "";`},
		},
		"the two lines where the other says the opposite": {
			format: "nginx", path: "chrome > nginx@1.22.1 > node", text: strings.Replace(pooled, "            proxy_pass", "            proxy_http_version 1.0;\n            proxy_pass", 1),
			set: []string{"nginx:proxy_http_version 1.1=on"}, diff: []string{"-            proxy_http_version 1.0;", "+            proxy_http_version 1.1;", `+            proxy_set_header Connection "";`},
		},
		"back to the default": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    send_timeout 9s;\n    keepalive_timeout 65;\n    server { listen 80; }\n}\n", set: []string{"server:keepalive_timeout=default"},
			diff: []string{"-    keepalive_timeout 65;"},
		},
		"milliseconds stay so": {
			format: "haproxy", path: "chrome > haproxy", text: "defaults\n    mode http\n    timeout client 50000\n    timeout server 50s\n    timeout connect 5s\nfrontend web\n    bind :80\n    default_backend app\nbackend app\n    server a 127.0.0.1:80\n",
			set: []string{"server:timeout client=90s", "server:timeout http-keep-alive=1m"},
			diff: []string{
				"-    timeout client 50000", "-    timeout server 50s", "-    timeout connect 5s", "-frontend web",
				"+    timeout client 90000", "+    timeout server 50s", "+    timeout connect 5s", "+frontend web", "+    timeout http-keep-alive 60s",
			},
		},
		"sysctl": {
			format: "sysctl", path: "chrome > nginx/linux", text: "# ours\nnet.ipv4.tcp_keepalive_time=600", set: []string{"server:tcp_keepalive_time=5m", "server:tcp_keepalive_intvl=20s"},
			diff: []string{"-net.ipv4.tcp_keepalive_time=600", "+net.ipv4.tcp_keepalive_time=300", "+net.ipv4.tcp_keepalive_intvl = 20", "+"},
		},
		"an included file": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    server { listen 80;\n    include sub/a;\n    }\n}\n", set: []string{"server:keepalive_timeout=30s"},
			diff: []string{"-    keepalive_timeout 20s;", "+    keepalive_timeout 30s;"},
		},
		"what is of another system": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: "http {\n    keepalive_timeout 65;\n    server { listen 80; }\n}\n", set: []string{"server:tcp_keepalive_time=5m"},
			left: []string{"linux.tcp_keepalive_time: no file of linux was opened"},
		},
		"apache": {
			format: "apache", path: "chrome > apache", text: "KeepAlive On\r\nKeepAliveTimeout 5\r\n", set: []string{"server:KeepAliveTimeout=90s", "server:KeepAlive=off"},
			diff: []string{"-KeepAlive On\r", "-KeepAliveTimeout 5\r", "+KeepAlive Off\r", "+KeepAliveTimeout 90\r"},
		},
		"a virtual host takes its own line": {
			format: "apache", path: "chrome > apache", text: "KeepAlive On\nKeepAliveTimeout 5\nListen 80\n<VirtualHost *:80>\n    ServerName a\n</VirtualHost>\n<VirtualHost *:80>\n    ServerName b\n    Timeout 9\n</VirtualHost>\n",
			where: []string{"VirtualHost *:80 b"}, set: []string{"server:KeepAlive=off"},
			diff: []string{"+    KeepAlive Off"},
		},
		"which of several was not said": {
			format: "nginx", path: "chrome > nginx@1.30.0", text: twoServers, set: []string{"server:nginx.keepalive_timeout=75s"},
			left: []string{"nginx.keepalive_timeout: which part of main.conf is meant was not said"},
		},
		"ISO 8601": {
			format: "spring", path: "chrome > spring-boot", text: "server:\n  tomcat:\n    keepAliveTimeout: PT1M15S\n", set: []string{"server:server.tomcat.keep-alive-timeout=90s"},
			diff: []string{"-    keepAliveTimeout: PT1M15S", "+    keepAliveTimeout: PT90S"},
		},
		"two values of one line, both wished": {
			format: "terraform", path: "chrome > aws-alb > nginx", text: "resource \"aws_lb\" \"web\" {\n  idle_timeout = 60\n}\n", set: []string{"aws-alb:aws-alb.idle_timeout.timeout_seconds=90s", "aws-alb:aws-alb.upstream.idle_timeout.timeout_seconds=90s"},
			diff: []string{"-  idle_timeout = 60", "+  idle_timeout = 90"},
		},
		"two values of one line, one wished": {
			format: "terraform", path: "chrome > aws-alb > nginx", text: "resource \"aws_lb\" \"web\" {\n  idle_timeout = 60\n}\n", set: []string{"aws-alb:aws-alb.idle_timeout.timeout_seconds=90s"},
			left: []string{"aws-alb.idle_timeout.timeout_seconds: the line that says it also says aws-alb.upstream.idle_timeout.timeout_seconds"},
		},
		"sshd": {
			format: "sshd", path: "putty > sshd", text: "UsePAM yes\nClientAliveInterval 0\n", set: []string{"server:ClientAliveInterval=30s"},
			diff: []string{"-ClientAliveInterval 0", "+ClientAliveInterval 30"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := writeBack(t, tt.format, tt.path, tt.text, tt.where, tt.set...)
			for what, pair := range map[string][2][]string{"difference": {got.diff, tt.diff}, "left": {got.left, tt.left}, "also": {got.also, tt.also}} {
				if g, w := strings.Join(pair[0], "\n"), strings.Join(pair[1], "\n"); g != w {
					t.Errorf("%s:\n%s\nwant\n%s", what, g, w)
				}
			}
		})
	}
}
