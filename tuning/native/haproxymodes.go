package native

import (
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// modes doubts what keeptune does not know: bytes passed on, and rules with a
// condition.
func (c *haproxyConfig) modes(front, back *haproxySection) {
	if front != nil {
		st := c.states[front]
		c.at.http = st.modeBy != nil && st.mode == "http" && st.modeBy.doubt == ""
	}
	for _, s := range distinct(front, back) {
		st := c.states[s]
		switch {
		case st.modeBy == nil && c.whole && s.base != nil:
			c.doubt(s.at.line, "no line says mode http: HAProxy then passes bytes on, and what keeptune knows of it is mode http", haproxyAll...)
		case st.modeBy == nil:
		case st.mode == "tcp" && s == front: // the backend makes it HTTP
			c.mark(st.modeBy)
		case st.mode != "http":
			c.doubt(st.modeBy.line, "mode "+st.mode+" passes bytes on; what keeptune knows of it is mode http and mode tcp", haproxyAll...)
		default:
			c.mark(st.modeBy)
		}
		if back != nil {
			c.rule(st, model.FaceClient, haproxyServers, true)
		}
	}
}

// distinct are the sections that there are, the server side's first.
func distinct(front, back *haproxySection) []*haproxySection {
	var list []*haproxySection
	for _, s := range []*haproxySection{back, front} {
		if s != nil && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// keeps says whether connections stay: towards clients unless the frontend
// says httpclose, towards servers unless either side says httpclose or
// http-server-close (measured on 2.6.12).
func (c *haproxyConfig) keeps(front, back *haproxySection) {
	if front != nil {
		st := c.states[front]
		if st.by != nil {
			c.switched(haproxyKeeps, st.by, st.keeps != "httpclose")
		}
		c.rule(st, model.FaceServer, haproxyKeeps, false)
	}
	if back == nil {
		return
	}
	var said *haproxyLine
	closed := false
	for _, s := range distinct(front, back) {
		st := c.states[s]
		if st.by == nil || closed {
			continue
		}
		closed = st.closesServers()
		if said == nil || closed {
			said = st.by
		}
	}
	switch {
	case said == nil:
	case closed && !c.states[back].closesServers() && c.kept[back]:
		// it says Connection: close, but on a connection that another frontend left idle
	default:
		c.switched(haproxyServers, said, !closed)
	}
	for _, s := range distinct(front, back) {
		c.rule(c.states[s], model.FaceClient, haproxyServers, false)
	}
}

const (
	haproxyRepeats model.ParamID = "haproxy.upstream.retry-on empty-response"
	haproxyBuffers model.ParamID = "haproxy.upstream.option http-buffer-request"
)

// repeats says what keeps requests from being sent again, and whether the
// frontend waits for their bodies. What a condition keeps back are those with
// a body, as a rule.
func (c *haproxyConfig) repeats(front, back *haproxySection) {
	if back == nil {
		return
	}
	if front != nil {
		if v, ok := c.states[front].values[haproxyBuffers]; ok && v.v == model.ValueOn {
			c.switched(haproxyBuffers, &v.by, true)
		}
	}
	once := c.states[back].once
	if on, ok := c.states[back].values[haproxyRepeats]; once == nil || !ok || on.v != model.ValueOn {
		return
	}
	if once.words[0] == "http-request" && len(once.words) > 2 {
		c.switched(haproxyBuffers, once, false)
		return
	}
	c.switched(haproxyRepeats, once, false)
}

func (s *haproxyState) closesServers() bool {
	return s.keeps == "httpclose" || s.keeps == "http-server-close"
}

// rule takes a rule that closes each connection. With a condition it may.
func (c *haproxyConfig) rule(st *haproxyState, side model.FaceKind, id model.ParamID, doubted bool) {
	l := st.closes[side]
	if l == nil {
		return
	}
	perhaps := len(l.words) > 4 || l.doubt != ""
	switch {
	case perhaps && doubted:
		c.doubt(l.line, "whether "+strings.Join(l.words, " ")+" holds depends on the request", id)
	case !perhaps && !doubted:
		c.switched(id, l, false)
	}
}

func (c *haproxyConfig) switched(id model.ParamID, l *haproxyLine, on bool) {
	if p := c.param(l.line, id); p != nil {
		c.file = l.file
		c.keep(l.line, p, model.Switch(on))
		c.mark(l)
	}
}

// doubts keeps those of one face.
func (c *haproxyConfig) doubts(st *haproxyState, side model.FaceKind) {
	for _, id := range slices.Sorted(maps.Keys(st.doubts)) {
		for _, l := range st.doubts[id] {
			if p := c.param(l.line, id); p != nil && p.Face == side {
				c.doubt(l.line, l.why(), id)
			}
		}
	}
}

// option brings an option, or its no, into force.
func (c *haproxyConfig) option(st *haproxyState, l *haproxyLine) {
	on := model.Switch(!l.off)
	switch l.arg(0) {
	case "clitcpka":
		c.take(st.values, st, "haproxy.tcp_keepalive", l, on)
	case "srvtcpka":
		c.take(st.values, st, "haproxy.upstream.tcp_keepalive", l, on)
	case "http-buffer-request":
		c.take(st.values, st, haproxyBuffers, l, on)
	case "tcpka":
		c.take(st.values, st, "haproxy.tcp_keepalive", l, on)
		c.take(st.values, st, "haproxy.upstream.tcp_keepalive", l, on)
	case "httpclose", "forceclose", "http-server-close", "http-keep-alive", "http-tunnel":
		which := l.arg(0)
		if which == "forceclose" {
			which = "httpclose"
		}
		switch {
		case l.doubt != "":
			st.doubt(*l, haproxyKeeps, haproxyServers)
		case which == "http-tunnel":
			st.doubt(*l, haproxyKeeps, haproxyServers)
		case l.off && st.keeps == which:
			c.overrule(st.by, l)
			st.keeps, st.by = "no "+which, l
		case l.off && st.by == nil:
			st.keeps, st.by = "no "+which, l
		case l.off:
			c.lost[place{l.file, l.line}] = "another option is in force here"
		default:
			c.overrule(st.by, l)
			st.keeps, st.by = which, l
		}
	}
}
