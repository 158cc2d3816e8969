//go:build real

package native_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// dropping is a server that answers the first request of each connection, and
// closes it at the second without an answer.
func dropping(t *testing.T) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				in := bufio.NewReader(c)
				for n := range 2 {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					if n == 0 {
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// TestRealRepeats holds what an import makes of a proxy's settings against what
// it sends again where a server closes at the second request of a connection.
func TestRealRepeats(t *testing.T) {
	nginx := `events {}
pid %DIR%/pid;
http {
    access_log off;
    client_body_temp_path %DIR%/a; proxy_temp_path %DIR%/b; fastcgi_temp_path %DIR%/c; uwsgi_temp_path %DIR%/d; scgi_temp_path %DIR%/e;
    upstream app { server 127.0.0.1:%APP%; keepalive 4; }
    server {
        listen 127.0.0.1:%PORT%;
        location / {
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            %LINE%
        }
    }
}
`
	haproxy := `defaults
    mode http
    timeout connect 2s
    timeout client 20s
    timeout server 20s
frontend f
    bind 127.0.0.1:%PORT%
    default_backend b
backend b
    http-reuse always
    %LINE%
    server s 127.0.0.1:%APP%
`
	for _, tt := range []struct {
		format, text, line, version string
		all                         string // what the import says
		get, post                   bool   // whether it is sent again
	}{
		{"nginx", nginx, "", "1.22.1", model.RepeatsIdempotent, true, false},
		{"nginx", nginx, "proxy_next_upstream off;", "1.22.1", model.RepeatsNone, false, false},
		{"nginx", nginx, "proxy_next_upstream timeout http_502;", "1.22.1", model.RepeatsNone, false, false},
		{"nginx", nginx, "proxy_next_upstream error non_idempotent;", "1.22.1", model.RepeatsAll, true, true},
		{"nginx", nginx, "proxy_next_upstream_tries 1;", "1.22.1", model.RepeatsIdempotent, true, false},
		{"haproxy", haproxy, "", "2.6.12", model.RepeatsNone, false, false},
		{"haproxy", haproxy, "retry-on conn-failure response-timeout", "2.6.12", model.RepeatsNone, false, false},
		{"haproxy", haproxy, "option redispatch", "2.6.12", model.RepeatsNone, false, false},
		{"haproxy", haproxy, "retry-on empty-response", "2.6.12", model.RepeatsIdempotent, true, false},
		{"haproxy", haproxy, "retry-on empty-response\n    retries 0", "2.6.12", model.RepeatsNone, false, false},
		{"haproxy", haproxy, "option http-buffer-request\n    retry-on all-retryable-errors", "2.6.12", model.RepeatsAll, true, true},
		{"haproxy", haproxy, "option http-buffer-request\n    retry-on all-retryable-errors\n    http-request disable-l7-retry if METH_POST", "2.6.12", model.RepeatsIdempotent, true, false},
	} {
		t.Run(tt.format+" "+strings.ReplaceAll(tt.line, "\n   ", ""), func(t *testing.T) {
			t.Parallel()
			realserver.Need(t, tt.format)
			dir, port := realserver.Dir(t), realserver.FreePort(t)
			text := strings.NewReplacer("%DIR%", dir, "%APP%", strconv.Itoa(dropping(t)), "%PORT%", strconv.Itoa(port), "%LINE%", tt.line).Replace(tt.text)
			file := filepath.Join(dir, "proxy.conf")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			im, err := format(t, tt.format).Parse("proxy.conf", []byte(text), model.Embedded())
			if err != nil || len(im.Contexts) != 1 {
				t.Fatalf("%v, %d contexts", err, len(im.Contexts))
			}
			sys, err := model.Embedded().System(model.SystemID(tt.format))
			if err != nil {
				t.Fatal(err)
			}
			got := sys.RepeatsWith(sys.Faces[model.FaceClient], model.Version(tt.version), func(id model.ParamID) model.Value {
				if s, ok := im.Contexts[0].Settings[id]; ok {
					return s.Value
				}
				return sys.DefaultAt(sys.Param(id), model.Version(tt.version)).Value
			})
			if got.What != tt.all {
				t.Errorf("the import says that it repeats %s, not %s", got.What, tt.all)
			}
			args := []string{"-db", "-f", file}
			if tt.format == "nginx" {
				args = []string{"-c", file, "-g", "daemon off; error_log " + dir + "/error.log;"}
			}
			ready(t, port, realserver.Run(t, dir, nil, tt.format, args...).Output)
			if again := repeated(t, port, "GET"); again != tt.get {
				t.Errorf("GET is sent again: %v", again)
			}
			if again := repeated(t, port, "POST"); again != tt.post {
				t.Errorf("POST is sent again: %v", again)
			}
		})
	}
}

// repeated sends requests on one connection until one must have met a close: a
// server's connection serves one, so of two requests in a row one does.
func repeated(t *testing.T, port int, method string) bool {
	t.Helper()
	for range 2 {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		in := bufio.NewReader(c)
		for range 2 {
			head, body := method+" / HTTP/1.1\r\nHost: a\r\n", ""
			if method == "POST" {
				head, body = head+"Content-Length: 4\r\n", "body"
			}
			_, _ = io.WriteString(c, head+"\r\n")
			time.Sleep(30 * time.Millisecond) // a body of its own packet
			_, _ = io.WriteString(c, body)
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != http.StatusOK {
				_ = c.Close()
				return false
			}
			_, _ = io.Copy(io.Discard, res.Body)
		}
		_ = c.Close()
	}
	return true
}
