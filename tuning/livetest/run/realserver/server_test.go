//go:build real

package realserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

func TestRealServersAnswer(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *realserver.Server{
		"nginx": func(t testing.TB) *realserver.Server {
			return realserver.Nginx(t, realserver.NginxConf{Server: "keepalive_timeout 3s 3s;"})
		},
		"apache": func(t testing.TB) *realserver.Server {
			return realserver.Apache(t, realserver.ApacheConf{Htaccess: "DirectoryIndex index.html\n"})
		},
		"haproxy": func(t testing.TB) *realserver.Server { return realserver.HAProxy(t, realserver.HAProxyConf{}) },
		"node":    func(t testing.TB) *realserver.Server { return realserver.Node(t, "server.keepAliveTimeout = 2000") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			res, err := http.Get("http://" + s.Addr + "/")
			if err != nil {
				t.Fatalf("%v\n%s", err, s.Log())
			}
			defer func() { _ = res.Body.Close() }()
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != 200 || strings.TrimSpace(string(body)) != "ok" {
				t.Fatalf("%s answered %s %q\n%s", name, res.Status, body, s.Log())
			}
			s.Stop()
			if _, err := http.Get("http://" + s.Addr + "/"); err == nil {
				t.Error("the server still answers after Stop")
			}
		})
	}
}
