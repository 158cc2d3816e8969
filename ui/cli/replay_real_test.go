//go:build real && unix

package cli_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/ui/internal/screen"
)

// inconclusive is the exit code where a machine is too busy to measure anything.
const inconclusive = 4

// What is recorded of a real server is printed again, to the byte.
func TestRealRecordings(t *testing.T) {
	t.Parallel()
	bin := screen.Build(t)
	for name, start := range map[string]func(testing.TB) *realserver.Server{
		"nginx": func(t testing.TB) *realserver.Server {
			return realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 2s 3s;\nkeepalive_requests 7;"})
		},
		"Apache": func(t testing.TB) *realserver.Server {
			return realserver.Apache(t, realserver.ApacheConf{Server: "KeepAliveTimeout 2"})
		},
		"HAProxy": func(t testing.TB) *realserver.Server {
			return realserver.HAProxy(t, realserver.HAProxyConf{Defaults: "timeout connect 5s\ntimeout server 5s\ntimeout client 2s"})
		},
		"Node": func(t testing.TB) *realserver.Server { return realserver.Node(t, "server.keepAliveTimeout = 2000;") },
		"Caddy": func(t testing.TB) *realserver.Server {
			return realserver.Caddy(t, realserver.CaddyConf{Global: "servers {\ntimeouts {\nidle 2s\n}\n}"})
		},
		"lighttpd": func(t testing.TB) *realserver.Server {
			return realserver.Lighttpd(t, "server.max-keep-alive-idle = 2\n")
		},
		"Varnish": func(t testing.TB) *realserver.Server {
			return realserver.Varnish(t, realserver.VarnishConf{Args: []string{"-p", "timeout_idle=2"}})
		},
		"Uvicorn": func(t testing.TB) *realserver.Server { return realserver.Uvicorn(t, "UVICORN_TIMEOUT_KEEP_ALIVE=2") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "run.jsonl")
			run := func(args ...string) (out []byte, code int) {
				cmd := exec.Command(bin, append([]string{"probe"}, args...)...)
				cmd.Env = screen.Env(t)
				out, err := cmd.Output()
				code = cmd.ProcessState.ExitCode()
				if len(out) == 0 || code != 0 && code != inconclusive {
					t.Fatalf("%v: %v\n%s", args, err, out)
				}
				return out, code
			}
			live, code := run(start(t).Addr, "--idle-limit", "4s", "--record", file)
			if again, as := run("--replay", file); !bytes.Equal(live, again) || code != as {
				t.Errorf("live, exit code %d:\n%s\nreplayed, exit code %d:\n%s", code, live, as, again)
			}
		})
	}
}
