//go:build real

package native_test

import (
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// TestRealProgramsTakeWhatIsWrittenBack changes many values of a configuration, and each
// program accepts the file with the lines put where they were put.
func TestRealProgramsTakeWhatIsWrittenBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format, path, text string
		where, set         []string
		left               int
		check              func(dir, file string) []string
	}{
		{
			format: "nginx", path: "chrome > nginx@1.22.1 > node",
			text:  "events { }\nhttp {\n    access_log off;\n    keepalive_timeout 65; # ours\n    upstream api {\n        server 127.0.0.1:3000;\n        keepalive 32;\n    }\n    server {\n        listen 127.0.0.1:1;\n        server_name a;\n        location / {\n            proxy_pass http://api;\n            proxy_http_version 1.1;\n            proxy_set_header Connection \"\";\n        }\n    }\n    server {\n        listen 127.0.0.1:1;\n        server_name b;\n        keepalive_timeout 5s 4s;\n    }\n}\n",
			where: []string{"server a location /"},
			set: []string{
				"nginx:nginx.keepalive_timeout=75s", "nginx:keepalive_timeout_header=70s", "nginx:nginx.keepalive_requests=5000", "nginx:nginx.upstream.keepalive_timeout=20s",
				"nginx:nginx.upstream.keepalive=64", "nginx:proxy_read_timeout=9s", "nginx:client_header_timeout=8s",
			},
			check: func(dir, file string) []string { return []string{"nginx", "-t", "-e", "stderr", "-p", dir, "-c", file} },
		},
		{
			format: "haproxy", path: "chrome > haproxy@2.6 > node",
			text:  "defaults\n    mode http\n    timeout connect 5s\n    timeout client 50000\n    timeout server 50s\nfrontend web\n    bind 127.0.0.1:1\n    default_backend app\nbackend app\n    server a 127.0.0.1:3000\n",
			set:   []string{"haproxy:timeout client=90s", "haproxy:timeout http-keep-alive=65s", "haproxy:timeout server=2m", "haproxy:timeout http-request=7s", "haproxy:pool-purge-delay=9s"},
			check: func(_, file string) []string { return []string{"haproxy", "-c", "-f", file} },
		},
	} {
		realserver.Need(t, tt.format)
		got := writeBack(t, tt.format, tt.path, tt.text, tt.where, tt.set...)
		if len(got.left) != tt.left || got.now == "" {
			t.Errorf("%s: left is %q", tt.format, got.left)
			continue
		}
		t.Log(got.now)
		dir := realserver.Dir(t)
		argv := tt.check(dir, realserver.File(t, dir, "main.conf", got.now))
		runs(t, dir, argv[0], argv[1:]...)
	}
}
