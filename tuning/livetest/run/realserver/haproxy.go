package realserver

import (
	"fmt"
	"testing"
)

// HAProxyConf holds snippets for the sections of an HAProxy configuration.
type HAProxyConf struct {
	Global   string
	Defaults string // empty means the timeouts of Debian's shipped configuration
	Bind     string // further options of the bind line
	Frontend string // inside the frontend; without a backend every request is answered 200
	Extra    string // further sections: backends, named defaults
}

// DebianTimeouts are the timeouts in the haproxy.cfg that Debian ships.
const DebianTimeouts = "timeout connect 5000\ntimeout client 50000\ntimeout server 50000"

// HAProxy starts HAProxy.
func HAProxy(t testing.TB, c HAProxyConf) *Server {
	t.Helper()
	Need(t, "haproxy")
	dir, port := Dir(t), FreePort(t)
	if c.Defaults == "" {
		c.Defaults = DebianTimeouts
	}
	answer := ""
	if c.Extra == "" {
		answer = `http-request return status 200 content-type text/plain string "ok\n"`
	}
	conf := File(t, dir, "haproxy.cfg", fmt.Sprintf(`global
%s
defaults
mode http
%s
frontend keeptune
bind 127.0.0.1:%d %s
%s
%s
%s
`, c.Global, c.Defaults, port, c.Bind, c.Frontend, answer, c.Extra))
	return start(t, dir, port, nil, "haproxy", "-db", "-f", conf)
}
