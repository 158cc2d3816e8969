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
			c.rule(st, model.SideClient, haproxyServers, true)
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
		c.rule(st, model.SideServer, haproxyKeeps, false)
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
		c.rule(c.states[s], model.SideClient, haproxyServers, false)
	}
}

func (s *haproxyState) closesServers() bool {
	return s.keeps == "httpclose" || s.keeps == "http-server-close"
}

// rule takes a rule that closes each connection. With a condition it may.
func (c *haproxyConfig) rule(st *haproxyState, side model.Side, id model.ParamID, doubted bool) {
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
func (c *haproxyConfig) doubts(st *haproxyState, side model.Side) {
	for _, id := range slices.Sorted(maps.Keys(st.doubts)) {
		for _, l := range st.doubts[id] {
			if p := c.param(l.line, id); p != nil && p.Side == side {
				c.doubt(l.line, l.why(), id)
			}
		}
	}
}
