package realserver

import (
	"fmt"
	"net"
	"testing"
)

// SquidConf is what a Squid is started with.
type SquidConf struct {
	Lines   string // of squid.conf; empty means the defaults of the version installed
	Port    string // further options of http_port
	Forward bool   // a forward proxy, not one in front of an origin
	Origin  string // host:port of the server behind a reverse proxy; empty starts one
}

// Squid starts Squid without a cache.
func Squid(t testing.TB, c SquidConf) *Server {
	t.Helper()
	Need(t, "squid")
	dir, port := Dir(t), FreePort(t)
	peer := ""
	if !c.Forward {
		if c.Origin == "" {
			c.Origin = Origin(t)
		}
		host, originPort, err := net.SplitHostPort(c.Origin)
		if err != nil {
			t.Fatal(err)
		}
		c.Port = "accel defaultsite=localhost no-vhost " + c.Port
		peer = fmt.Sprintf("cache_peer %s parent %s 0 no-query no-digest originserver name=origin", host, originPort)
	}
	conf := File(t, dir, "squid.conf", fmt.Sprintf(`http_port 127.0.0.1:%[2]d %[3]s
%[4]s
http_access allow all
cache deny all
pid_filename none
coredump_dir %[1]s
cache_log /dev/null
shutdown_lifetime 0 seconds
access_log none
netdb_filename none
pinger_enable off
%[5]s
`, dir, port, c.Port, peer, c.Lines))
	return start(t, dir, port, nil, "squid", "-N", "-d", "1", "-f", conf)
}
