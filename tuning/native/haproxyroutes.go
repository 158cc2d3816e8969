package native

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// emitAll makes the contexts.
func (c *haproxyConfig) emitAll() {
	led := map[*haproxySection]bool{}
	for _, s := range c.sections {
		if s.kind == "backend" || s.kind == "listen" {
			c.backends = append(c.backends, s)
		}
	}
	for _, s := range c.sections {
		if s.kind != "frontend" && s.kind != "listen" {
			continue
		}
		c.routed[s] = c.routes(s, led)
		if c.states[s].closesServers() {
			continue
		}
		c.kept[s] = true
		for _, b := range c.routed[s] {
			c.kept[b] = true
		}
	}
	for _, s := range c.sections {
		switch s.kind {
		case "frontend":
			c.frontend(s)
		case "listen":
			if len(c.routed[s]) == 0 || len(c.states[s].each) > 0 {
				c.emit(s.where(), s, s)
			}
			for _, b := range c.routed[s] {
				c.emit(s.where()+" "+b.where(), s, b)
			}
		}
	}
	faces := map[*haproxySection]map[model.FaceKind]bool{}
	for _, s := range c.sections {
		if s.kind == "backend" && !led[s] {
			c.emit(s.where(), nil, s)
		}
		if s.base == nil {
			continue
		}
		for base := s.base; base != nil; base = base.base {
			if faces[base] == nil {
				faces[base] = map[model.FaceKind]bool{}
			}
			faces[base][model.FaceServer] = faces[base][model.FaceServer] || s.kind == "frontend" || s.kind == "listen"
			faces[base][model.FaceClient] = faces[base][model.FaceClient] || s.kind == "backend" || s.kind == "listen"
		}
	}
	taken := map[model.FaceKind]bool{} // by any defaults that a proxy has
	for _, sides := range faces {
		for side, is := range sides {
			taken[side] = taken[side] || is
		}
	}
	for _, s := range c.sections {
		if s.kind != "defaults" {
			continue
		}
		front, back := s, s
		if taken[model.FaceServer] {
			front = nil
		}
		if taken[model.FaceClient] {
			back = nil
		}
		says := slices.ContainsFunc(s.lines, func(l haproxyLine) bool { return l.words[0] != "mode" && haproxyBears(l.words) })
		if front != nil && back != nil || says && cmp.Or(front, back) != nil { // a mode alone says nothing of one side
			c.emit(s.where(), front, back)
			continue
		}
		for _, l := range s.lines {
			if at := (place{l.file, l.line}); c.lost[at] == "" && l.words[0] == "timeout" {
				c.lost[at] = "no proxy that it is for has these defaults"
			}
		}
	}
}

func (s *haproxySection) where() string {
	if s.at.line == 0 {
		return ""
	}
	return strings.TrimSpace(s.kind + " " + s.name)
}

// frontend lists a frontend with each backend that it leads to.
func (c *haproxyConfig) frontend(s *haproxySection) {
	for _, b := range c.routed[s] {
		c.emit(s.where()+" "+b.where(), s, b)
	}
	if len(c.routed[s]) == 0 {
		c.emit(s.where(), s, nil)
	}
}

// routes are the backends that a section's lines lead to. A name that is made
// at run time may be any.
func (c *haproxyConfig) routes(s *haproxySection, led map[*haproxySection]bool) []*haproxySection {
	st := c.states[s]
	lines := slices.Clone(st.to)
	if st.first != nil {
		lines = append(lines, *st.first)
	}
	var list []*haproxySection
	for _, l := range lines {
		known := false
		made := strings.ContainsAny(l.arg(0), "%$") // at run time: it may be any
		for _, b := range c.backends {
			if b == s || !made && b.name != l.arg(0) || made && c.states[b].mode != st.mode {
				continue
			}
			known = true
			led[b] = true
			if !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
		if !known {
			c.warn(l.line, "there is no backend %s in what was read", l.arg(0))
		}
	}
	return list
}

// emit makes a context of a section with a client side, one with a server
// side, or both. Servers that say different things have one each.
func (c *haproxyConfig) emit(where string, front, back *haproxySection) {
	switch {
	case c.passes(front, back):
		c.tcpContext(where, front, back)
		return
	case back == nil:
		c.context(where, front, nil, nil)
		return
	}
	st := c.states[back]
	if len(st.each) == 0 {
		c.context(where, front, back, &haproxyServer{pool: st.pool})
		return
	}
	first := st.each[0]
	if !slices.ContainsFunc(st.each, func(s haproxyServer) bool { return !s.pool.equal(first.pool) }) {
		c.context(where, front, back, &first)
		return
	}
	for i := range st.each {
		if values := c.context(strings.TrimSpace(where+" server "+st.each[i].by.arg(0)), front, back, &st.each[i]); values != nil {
			values.sends = known(address(st.each[i].by.arg(1), ""))
		}
	}
}

// equal reports whether the same lines decide the same.
func (p haproxyPool) equal(other haproxyPool) bool {
	return maps.EqualFunc(p, other, func(a, b haproxyValue) bool {
		return a.v == b.v && a.by.file == b.by.file && a.by.line == b.by.line
	})
}

// context makes one; the scope of its values is nil where there are too many.
func (c *haproxyConfig) context(where string, front, back *haproxySection, server *haproxyServer) *scope {
	if c.full(cmp.Or(front, back).at.line) {
		return nil
	}
	side := model.FaceKind("")
	at := front
	switch {
	case front == nil:
		side, at = model.FaceClient, back
	case back == nil:
		side = model.FaceServer
	}
	c.file = cmp.Or(at.at.file, c.opened.source.Name)
	values := c.scope(max(at.at.line, 1), where, c.root)
	values.system = "haproxy"
	values.listens, values.sends = front.binds(), back.servers()
	s := c.scope(max(at.at.line, 1), where, values) // a doubt reaches what the scopes around its own say
	c.in(values, func() {
		if front != nil {
			c.side(c.states[front].values, model.FaceServer)
		}
		if back != nil {
			c.side(c.states[back].values, model.FaceClient)
			c.side(server.pool, model.FaceClient)
		}
		c.keeps(front, back)
		c.repeats(front, back)
	})
	c.in(s, func() {
		if front != nil {
			c.doubts(c.states[front], model.FaceServer)
			c.rule(c.states[front], model.FaceServer, haproxyKeeps, true)
		}
		if back != nil {
			c.doubts(c.states[back], model.FaceClient)
		}
		c.modes(front, back)
	})
	c.list(s, side)
	return values
}

// binds are the addresses at which a section takes connections.
func (s *haproxySection) binds() []string {
	if s == nil {
		return nil
	}
	var all []string
	for i := range s.lines {
		if l := &s.lines[i]; l.words[0] == "bind" {
			for one := range strings.SplitSeq(l.arg(0), ",") {
				all = append(all, address(one, ""))
			}
		}
	}
	return known(all...)
}

// servers are the addresses of a section's servers.
func (s *haproxySection) servers() []string {
	if s == nil {
		return nil
	}
	var all []string
	for i := range s.lines {
		if l := &s.lines[i]; l.words[0] == "server" {
			all = append(all, address(l.arg(1), ""))
		}
	}
	return known(all...)
}

// side keeps the values of one face.
func (c *haproxyConfig) side(values haproxyPool, side model.FaceKind) {
	for id, v := range values {
		c.file = v.by.file
		if p := c.param(v.by.line, id); p != nil && p.Face == side {
			if v.v.IsSet() {
				c.keep(v.by.line, p, v.v)
			}
			c.mark(&v.by)
		}
	}
}

func (l *haproxyLine) why() string {
	if l.doubt != "" {
		return l.doubt
	}
	return strings.Join(l.words, " ") + " is not understood"
}
