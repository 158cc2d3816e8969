//go:build real

package proof_test

import (
	"net"
	"strings"
	"testing"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// serverProducts are the web servers and reverse proxies, as servers. Their configuration
// is the test's own and sets nothing that is measured, so that their own defaults hold;
// HAProxy, which has none, gets the timeouts that Debian ships, and Apache loads Debian's
// modules with their settings.
func serverProducts() []*product {
	return []*product{
		{
			system: "nginx", version: says("nginx", "-v"), format: "nginx",
			sets: []string{"keepalive_timeout=3s", "keepalive_timeout_header=3s", "keepalive_requests=7", "client_header_timeout=4s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Nginx(t, realserver.NginxConf{HTTP: exported})
			},
		},
		{
			system: "apache", version: says("apache2", "-v"), format: "apache",
			sets: []string{"KeepAliveTimeout=3s", "MaxKeepAliveRequests=20"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Apache(t, realserver.ApacheConf{Server: exported})
			},
		},
		{
			system: "haproxy", version: says("haproxy", "-v"), format: "haproxy", before: livetest.Close408,
			defaults: []string{"timeout client=50s"}, sets: []string{"timeout client=4s", "timeout http-keep-alive=3s", "tcp_keepalive=on", "tcp_keepidle=20s", "tcp_keepintvl=5s", "tcp_keepcnt=3"},
			start: func(t testing.TB, exported string) *realserver.Server {
				conf := realserver.HAProxyConf{}
				if exported != "" {
					_, lines, _ := strings.Cut(exported, "\ndefaults\n")
					conf.Defaults = realserver.DebianTimeouts + "\n" + lines
				}
				return realserver.HAProxy(t, conf)
			},
		},
		{
			system: "caddy", version: says("caddy", "version"), format: "caddy",
			sets: []string{"idle_timeout=3s", "read_header_timeout=4s", "tcp_keepintvl=20s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Caddy(t, realserver.CaddyConf{Global: exported})
			},
		},
		{
			system: "lighttpd", version: says("lighttpd", "-v"), format: "lighttpd",
			sets:  []string{"server.max-keep-alive-idle=3s", "server.max-keep-alive-requests=7", "server.max-read-idle=4s"},
			start: func(t testing.TB, exported string) *realserver.Server { return realserver.Lighttpd(t, exported) },
		},
		{
			system: "varnish", version: says("varnishd", "-V"), format: "varnish",
			sets: []string{"timeout_idle=3s", "tcp_keepidle=100s", "tcp_keepintvl=11s", "tcp_keepcnt=4"},
			start: func(t testing.TB, exported string) *realserver.Server {
				s := realserver.Varnish(t, realserver.VarnishConf{Args: []string{"-T", "127.0.0.1:0"}})
				if exported != "" {
					was := accepted(t, s)
					realserver.Output(t, "sh", realserver.File(t, s.Dir, "keeptune-varnish.sh", exported), "-n", s.Dir)
					// Once a second varnishd hands the times on to its listeners.
					waitFor(t, "the times of TCP keep-alive", func() bool { return accepted(t, s) != was })
				}
				return s
			},
		},
		{
			system: "squid", version: says("squid", "-v"), format: "squid",
			sets: []string{"client_idle_pconn_timeout=3s", "request_start_timeout=4s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Squid(t, realserver.SquidConf{Lines: exported})
			},
		},
		{
			system: "squid", variant: " forward", version: says("squid", "-v"), path: "/squid-internal-static/icons/SN.png",
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.Squid(t, realserver.SquidConf{Lines: exported, Forward: true})
			},
		},
		{
			system: "h2o", version: says("h2o", "--version"), format: "h2o", sets: []string{"http1-request-timeout=3s"},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.H2O(t, realserver.H2OConf{Global: exported})
			},
		},
		{
			system: "trafficserver", version: says("traffic_server", "--version"), format: "trafficserver",
			sets: []string{
				"proxy.config.http.keep_alive_no_activity_timeout_in=3s", "proxy.config.http.accept_no_activity_timeout=4s", "tcp_keepalive=on",
			},
			start: func(t testing.TB, exported string) *realserver.Server {
				return realserver.TrafficServer(t, realserver.TrafficServerConf{Records: exported})
			},
		},
	}
}

// accepted are the options of a socket that a server has accepted.
func accepted(t testing.TB, s *realserver.Server) realserver.SocketTimes {
	t.Helper()
	return realserver.SocketTimesOf(t, func() (local, remote string) {
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return s.Addr, c.LocalAddr().String()
	})
}

func TestRealServers(t *testing.T) {
	t.Parallel()
	serve(t, servers(), serverProducts(), false)
}
