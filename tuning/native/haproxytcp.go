package native

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

const (
	// haproxyTCP is HAProxy where it passes bytes on.
	haproxyTCP    model.SystemID = "haproxy-tcp"
	haproxyTunnel model.ParamID  = "haproxy-tcp.timeout tunnel"
)

// haproxyPassing are the settings that count in mode tcp, by the section whose
// line does.
var haproxyPassing = map[model.FaceKind]map[model.ParamID]model.ParamID{
	model.FaceServer: {
		"haproxy.timeout client": "haproxy-tcp.timeout client",
		"haproxy.tcp_keepalive":  "haproxy-tcp.option clitcpka", "haproxy.tcp_keepidle": "haproxy-tcp.clitcpka-idle",
		"haproxy.tcp_keepintvl": "haproxy-tcp.clitcpka-intvl", "haproxy.tcp_keepcnt": "haproxy-tcp.clitcpka-cnt",
		"haproxy.tcp_user_timeout": "haproxy-tcp.bind tcp-ut",
	},
	model.FaceClient: {
		"haproxy.upstream.timeout server": "haproxy-tcp.timeout server", "haproxy.upstream.timeout connect": "haproxy-tcp.timeout connect",
		"haproxy.upstream.tcp_keepalive": "haproxy-tcp.option srvtcpka", "haproxy.upstream.tcp_keepidle": "haproxy-tcp.srvtcpka-idle",
		"haproxy.upstream.tcp_keepintvl": "haproxy-tcp.srvtcpka-intvl", "haproxy.upstream.tcp_keepcnt": "haproxy-tcp.srvtcpka-cnt",
		"haproxy.upstream.tcp_user_timeout": "haproxy-tcp.server tcp-ut",
		haproxyTunnel:                       haproxyTunnel,
	},
}

// passes reports whether bytes are passed on between two sections: a backend of
// mode http makes HTTP of what a frontend of mode tcp takes (docs.haproxy.org,
// mode).
func (c *haproxyConfig) passes(front, back *haproxySection) bool {
	found := false
	for _, s := range distinct(front, back) {
		st := c.states[s]
		if st.modeBy == nil || st.mode != "tcp" || st.modeBy.doubt != "" {
			return false
		}
		found = true
	}
	return found
}

// passed is a value in force: of the section, or of all its servers alike.
func (st *haproxyState) passed(id model.ParamID) (haproxyValue, bool) {
	if len(st.each) == 0 {
		if v, ok := st.pool[id]; ok {
			return v, true
		}
		v, ok := st.values[id]
		return v, ok
	}
	first, ok := st.each[0].pool[id]
	for _, server := range st.each {
		if v, has := server.pool[id]; has != ok || v.v != first.v {
			return haproxyValue{}, false
		}
	}
	if ok {
		return first, true
	}
	first, ok = st.values[id]
	return first, ok
}

// alike marks the servers' own lines of a value that all of them have.
func (c *haproxyConfig) alike(st *haproxyState) {
	for from := range haproxyPassing[model.FaceClient] {
		if _, ok := st.passed(from); !ok {
			continue
		}
		for i := range st.each {
			if v, ok := st.each[i].pool[from]; ok {
				c.mark(&v.by)
			}
		}
	}
}

// tcpContext makes a context of sections that pass bytes on: it has one set of
// timers for both sides.
func (c *haproxyConfig) tcpContext(where string, front, back *haproxySection) {
	at := cmp.Or(front, back)
	if c.full(at.at.line) {
		return
	}
	c.file = cmp.Or(at.at.file, c.opened.source.Name)
	values := c.scope(max(at.at.line, 1), where, c.root)
	values.system, values.listens, values.sends = haproxyTCP, front.binds(), back.servers()
	s := c.scope(max(at.at.line, 1), where, values)
	for _, side := range []struct {
		at   *haproxySection
		face model.FaceKind
		miss string
	}{{front, model.FaceServer, "no frontend that leads here is in what was read"}, {back, model.FaceClient, "no backend that this leads to is in what was read"}} {
		if side.at == nil {
			c.in(s, func() {
				c.doubt(max(at.at.line, 1), side.miss, slices.Sorted(maps.Values(haproxyPassing[side.face]))...)
			})
			continue
		}
		st := c.states[side.at]
		for from, to := range haproxyPassing[side.face] {
			c.in(values, func() {
				if v, ok := st.passed(from); ok {
					c.file = v.by.file
					if p := c.param(v.by.line, to); p != nil && v.v.IsSet() {
						c.keep(v.by.line, p, v.v)
					}
					c.mark(&v.by)
				}
			})
			c.in(s, func() {
				for _, l := range st.doubts[from] {
					c.file = l.file
					c.doubt(l.line, l.why(), to)
				}
			})
		}
		c.mark(st.modeBy)
		c.alike(st)
	}
	for _, section := range distinct(front, back) {
		for ; section != nil; section = section.base {
			c.withoutEffect(section)
		}
	}
	c.file = cmp.Or(at.at.file, c.opened.source.Name)
	c.list(s, "")
}

// withoutEffect says of lines of a section why mode tcp makes nothing of them.
// A proxy of mode http that has them, too, takes that back.
func (c *haproxyConfig) withoutEffect(s *haproxySection) {
	for i := range s.lines {
		l := &s.lines[i]
		at := place{l.file, l.line}
		if c.lost[at] != "" || !haproxyBears(l.words) {
			continue
		}
		both := l.words[0] + " " + l.arg(0)
		switch {
		case strings.HasPrefix(both, "option http"), strings.HasPrefix(both, "timeout http-"), strings.HasPrefix(l.words[0], "http-"), both == "option forceclose",
			slices.ContainsFunc(haproxyWordsOf(l), func(w [2]string) bool { return w[0] != "tcp-ut" }):
			c.lost[at] = "it has no effect in mode tcp"
		case l.words[0] == "server" && !c.won[at] && len(haproxyWordsOf(l)) > 0:
			c.lost[at] = "the servers of this backend differ, and keeptune takes one tcp-ut for all"
		}
	}
}

// tunnels says of timeout tunnel why a proxy of mode http makes nothing of it.
func (c *haproxyConfig) tunnels() {
	for _, s := range c.sections {
		for _, l := range s.lines {
			if at := (place{l.file, l.line}); l.words[0] == "timeout" && l.arg(0) == "tunnel" && c.lost[at] == "" {
				c.lost[at] = "in mode http it is for WebSockets and CONNECT"
			}
		}
	}
}
