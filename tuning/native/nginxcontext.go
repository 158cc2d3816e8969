package native

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// finish lists the contexts once all blocks are known.
func (n *nginxFile) finish() {
	top := n.http
	if top == nil {
		top = n.root
		if n.root.kind == "main" {
			n.root.scope.doubts = append(n.root.scope.doubts, n.outside...)
		}
	}
	n.probes()
	named := map[string]int{}
	for _, s := range n.servers {
		named[s.name()]++
	}
	used := map[string]bool{}
	for _, s := range n.servers {
		where := "server " + s.name()
		if named[s.name()] > 1 && len(s.listens) > 0 && len(s.names) > 0 && len(n.variants(s)) < 2 {
			where += " listen " + s.listens[0].words
		}
		n.leaves(s, where, used)
	}
	for _, l := range n.root.inner { // a part of a server
		if l.kind == "location" {
			n.leaves(l, l.where, used)
		}
	}
	for name, u := range n.upstreams {
		if !used[name] && len(n.listed) > 0 {
			n.unsent(u)
		}
	}
	if len(n.listed) == 0 {
		n.parts(top)
	}
	for at, why := range n.alone {
		if !n.used[at] {
			n.left[at] = why
		}
	}
}

// name is what a server is called.
func (b *nginxBlock) name() string {
	switch {
	case len(b.names) > 0 && b.names[0] != "":
		return b.names[0]
	case len(b.listens) > 0:
		return "listen " + b.listens[0].words
	}
	return "_"
}

// parts lists what a file without a server says: for each upstream block, or
// of all.
func (n *nginxFile) parts(top *nginxBlock) {
	if len(n.upstreams) == 0 {
		n.reuse(top, false)
		n.list(top.scope, "")
		return
	}
	for _, name := range n.upstreamNames() {
		u := n.upstreams[name]
		s := n.scope(u.scope.line, u.scope.where, top.scope)
		s.file = u.scope.file
		if len(n.upstreams) == 1 {
			s.where = ""
		}
		s.also = []*scope{u.scope}
		n.in(s, func() { n.reuse(top, false) })
		n.list(s, "")
	}
}

func (n *nginxFile) upstreamNames() []string {
	names := make([]string, 0, len(n.upstreams))
	for name := range n.upstreams {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return n.upstreams[a].scope.line - n.upstreams[b].scope.line
	})
	return names
}

// unsent says of the lines of a server group that nobody sends to it.
func (n *nginxFile) unsent(u *nginxBlock) {
	for _, s := range u.scope.settings {
		n.left[place{s.Origin.Where, s.Origin.Line}] = "no proxy_pass names upstream " + u.where
	}
}

// leaves lists a block and those in it that requests can end in.
func (n *nginxFile) leaves(b *nginxBlock, where string, used map[string]bool) {
	catchAll := slices.ContainsFunc(b.inner, func(i *nginxBlock) bool { return i.where == "location /" || i.where == "location ^~ /" })
	conditional := strings.HasPrefix(b.where, "if") || strings.HasPrefix(b.where, "limit_except")
	if b.kind == "server" && !catchAll || b.kind == "location" && (!conditional || b.pass != nil) {
		n.leaf(b, where, used)
	}
	for _, i := range b.inner {
		n.leaves(i, where+" "+i.where, used)
	}
}

// leaf lists a block as a context, for each way in which its server listens.
func (n *nginxFile) leaf(b *nginxBlock, where string, used map[string]bool) {
	face := model.FaceServer
	if b.pass != nil {
		face = ""
		n.sends(b, used)
		n.in(b.scope, func() {
			n.reuse(b, true)
			n.calling(b)
		})
	}
	server := b
	for server.outer != nil && server.kind != "server" {
		server = server.outer
	}
	variants := n.variants(server)
	if server.kind == "server" {
		b.scope.listens = server.addresses(nil)
	}
	if len(variants) < 2 {
		b.scope.where = where
		if len(variants) == 1 {
			n.in(server.scope, func() { n.from(variants[0].place, func() { n.nginxSocket(variants[0].line, variants[0].probes) }) })
		}
		n.list(b.scope, face)
		return
	}
	for _, l := range variants {
		s := n.scope(b.scope.line, where+" listen "+l.words, b.scope)
		s.file = b.scope.file
		s.listens = server.addresses(&l)
		if l.probes != "" {
			n.in(s, func() { n.from(l.place, func() { n.nginxSocket(l.line, l.probes) }) })
		}
		n.list(s, face)
	}
}

// addresses are where a server listens: all of it, or its lines that have the
// so_keepalive of one. Without a listen line nginx takes port 80, or 8000 where it was
// not started by root (nginx.org, listen).
func (b *nginxBlock) addresses(like *listen) []string {
	if len(b.listens) == 0 {
		return []string{"*:80"}
	}
	var all []string
	for _, l := range b.listens {
		if like == nil || l.probes == like.probes {
			all = append(all, address(l.address, ""))
		}
	}
	return known(all...)
}

// from reads something as if it stood in another place.
func (n *nginxFile) from(p place, read func()) {
	before := n.file
	n.file = p.file
	read()
	n.file = before
}

// probes gives each listen line the so_keepalive of its address, wherever it
// is said: the socket is one. An address whose socket is that of the wildcard
// takes its.
func (n *nginxFile) probes() {
	said := map[string]listen{}
	for _, s := range n.servers {
		for _, l := range s.listens {
			if l.probes != "" {
				said[l.address] = l
			}
		}
	}
	for _, s := range n.servers {
		for i, l := range s.listens {
			at := l.address
			if _, ok := said[at]; !ok {
				at = nginxWildcard(at)
			}
			if o, ok := said[at]; ok {
				s.listens[i].probes, s.listens[i].place = o.probes, o.place
			}
		}
	}
}

// nginxWildcard is the address of all interfaces with the same port.
func nginxWildcard(address string) string {
	port := address[strings.LastIndex(address, ":")+1:]
	switch {
	case strings.HasPrefix(address, "unix:"):
		return ""
	case strings.HasPrefix(address, "["):
		return "[::]:" + port
	}
	return "*:" + port
}

// variants are listen lines that differ in their so_keepalive: none where no line
// has one.
func (n *nginxFile) variants(server *nginxBlock) []listen {
	var variants []listen
	some := false
	for _, l := range server.listens {
		if some = some || l.probes != ""; !slices.ContainsFunc(variants, func(o listen) bool { return o.probes == l.probes }) {
			variants = append(variants, l)
		}
	}
	if !some {
		return nil
	}
	return variants
}

// sends ties a block to the server group that its requests go to.
func (n *nginxFile) sends(b *nginxBlock, used map[string]bool) {
	_, rest, _ := strings.Cut(b.pass.word, "://")
	host, _, _ := strings.Cut(rest, "/")
	u := n.upstreams[host]
	switch {
	case strings.Contains(host, "$"), !strings.Contains(b.pass.word, "://") && strings.Contains(b.pass.word, "$"):
		n.doubtful(b, fmt.Sprintf("requests go to %s, which only the running nginx knows", b.pass.word))
	case u != nil:
		used[host] = true
		b.scope.also = append(b.scope.also, u.scope)
	case !strings.ContainsAny(host, ".:[") && host != "localhost" && n.http == nil:
		n.doubtful(b, fmt.Sprintf("upstream %s is not in what was read", host))
	default:
		b.scope.sends = known(backend(b.pass.word))
	}
}

// doubtful says that a block's server group is not known.
func (n *nginxFile) doubtful(b *nginxBlock, text string) {
	n.in(b.scope, func() {
		n.from(b.pass.place, func() { n.doubt(b.pass.line, text, nginxPool, nginxUpIdle, nginxUpCount, nginxUpAge) })
	})
}

// reuse decides whether requests of a block go out so that a connection is
// kept: by HTTP/1.1 and without Connection: close. Where lines are missing from
// a block that sends, what is missing counts, up to 1.29.7.
func (n *nginxFile) reuse(b *nginxBlock, sends bool) {
	if b.grpc {
		return
	}
	version, headers := b.effective()
	var connection *header
	for i := range headers {
		if headers[i].name == "connection" {
			connection = &headers[i]
		}
	}
	closes := ""
	if connection != nil {
		closes = n.closes(connection)
	}
	switch {
	case version != nil && version.word == "1.0":
		n.reused(version.place, model.ValueOff)
	case closes == "depends":
		n.from(connection.place, func() {
			n.warn(connection.line, "proxy_set_header Connection %s: only the running nginx knows whether that closes", connection.value)
		})
		n.reused(connection.place, model.ValueUnknown)
	case closes == "close":
		n.reused(connection.place, model.ValueOff)
	case version != nil && connection != nil:
		n.used[version.place] = true
		n.reused(connection.place, model.ValueOn)
	case sends:
		n.lacking(b, version, connection, headers)
	}
}

// reused takes what a line says, at any version.
func (n *nginxFile) reused(at place, v model.Value) {
	n.used[at] = true
	for _, id := range []model.ParamID{nginxUpstreamHTTP, nginxReuse} {
		n.at.settings[id] = model.Setting{Value: v, Origin: model.Origin{Kind: model.FromFile, Where: at.file, Line: at.line}}
	}
}

// lacking takes that one of the two lines is not there: before 1.29.7 no
// connection is kept then. It is a proxy_set_header of the block's own that
// decides where it hides a Connection header of a level around it.
func (n *nginxFile) lacking(b *nginxBlock, version *pinned, connection *header, headers []header) {
	origin := model.Origin{Kind: model.FromDefault, Where: b.pass.file, Line: b.pass.line}
	switch {
	case connection != nil:
		n.alone[connection.place] = "without proxy_http_version 1.1 it keeps no connection before 1.29.7"
	case b.hides():
		origin = model.Origin{Kind: model.FromFile, Where: headers[0].file, Line: headers[0].line}
		fallthrough
	case version != nil:
		if version != nil {
			n.alone[version.place] = "without an empty Connection header it keeps no connection before 1.29.7"
		}
	}
	n.at.settings[nginxUpstreamHTTP] = model.Setting{Value: model.ValueOff, Origin: origin}
}

// hides reports whether the nearest level with proxy_set_header lines has no
// Connection among them, and one around it has.
func (b *nginxBlock) hides() bool {
	near := true
	for at := b; at != nil; at = at.outer {
		if len(at.headers) == 0 {
			continue
		}
		if slices.ContainsFunc(at.headers, func(h header) bool { return h.name == "connection" }) {
			return !near
		}
		near = false
	}
	return false
}

// effective are the lines that hold in a block: a level with a proxy_set_header
// of its own takes none from the level around it.
func (b *nginxBlock) effective() (version *pinned, headers []header) {
	for at := b; at != nil; at = at.outer {
		if version == nil {
			version = at.version
		}
		if headers == nil {
			headers = at.headers
		}
	}
	return version, headers
}

// closes says whether a Connection header ends the connection: close, depends,
// or empty where it does not.
func (n *nginxFile) closes(h *header) string {
	value := h.value
	if strings.HasPrefix(value, "$") {
		m, ok := n.maps[value]
		if !ok || m.of != "$http_upgrade" {
			return "depends"
		}
		ordinary, ok := m.values[""] // requests that ask for no upgrade
		if !ok {
			ordinary = m.values["default"]
		}
		n.used[ordinary.place] = true
		value = ordinary.word
	}
	switch {
	case strings.Contains(value, "$"):
		return "depends"
	case strings.EqualFold(strings.TrimSpace(value), "close"):
		return "close"
	}
	return ""
}
