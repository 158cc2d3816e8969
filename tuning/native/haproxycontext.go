package native

import (
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

const (
	haproxyKeeps   model.ParamID = "haproxy.option http-keep-alive"
	haproxyServers model.ParamID = "haproxy.upstream.server keep-alive"
)

// haproxyAll are the settings that mean something else where bytes are passed on.
var haproxyAll = []model.ParamID{haproxyKeeps, haproxyServers, "haproxy.timeout http-keep-alive", "haproxy.timeout client", "haproxy.upstream.timeout server", "haproxy.upstream.pool-purge-delay"}

// haproxyTimeouts are the timeouts that have a setting, each with the side
// whose section it counts in.
var haproxyTimeouts = map[string]model.ParamID{
	"client": "haproxy.timeout client", "http-keep-alive": "haproxy.timeout http-keep-alive", "http-request": "haproxy.timeout http-request",
	"connect": "haproxy.upstream.timeout connect", "server": "haproxy.upstream.timeout server", "tunnel": haproxyTunnel,
}

// A haproxyValue is what a line decides.
type haproxyValue struct {
	by haproxyLine
	v  model.Value
}

// A haproxyState is what is in force in a section after its lines.
type haproxyState struct {
	values haproxyPool
	doubts map[model.ParamID][]haproxyLine
	mode   string        // http or tcp; empty where no line says so
	modeBy *haproxyLine  // the line
	keeps  string        // httpclose, http-server-close, http-keep-alive or empty
	by     *haproxyLine  // the line that says so
	to     []haproxyLine // use_backend
	first  *haproxyLine  // default_backend
	pool   haproxyPool   // what default-server said so far
	each   []haproxyServer
	closes map[model.FaceKind]*haproxyLine
	once   *haproxyLine // what keeps requests from being repeated whatever retry-on says
}

// A haproxyPool is what is in force for servers from a line on.
type haproxyPool map[model.ParamID]haproxyValue

// A haproxyServer is a server line and what is in force for it.
type haproxyServer struct {
	by   *haproxyLine
	pool haproxyPool
}

func (s *haproxyState) clone() *haproxyState {
	c := &haproxyState{pool: haproxyPool{}, values: haproxyPool{}, doubts: map[model.ParamID][]haproxyLine{}, closes: map[model.FaceKind]*haproxyLine{}}
	if s == nil {
		return c
	}
	c.mode, c.modeBy, c.keeps, c.by, c.first, c.once = s.mode, s.modeBy, s.keeps, s.by, s.first, s.once
	maps.Copy(c.values, s.values)
	maps.Copy(c.doubts, s.doubts)
	maps.Copy(c.closes, s.closes)
	maps.Copy(c.pool, s.pool)
	return c
}

func (s *haproxyState) doubt(l haproxyLine, ids ...model.ParamID) {
	for _, id := range ids {
		s.doubts[id] = append(slices.Clip(s.doubts[id]), l)
	}
}

// A haproxyConfig holds the sections with their state.
type haproxyConfig struct {
	*haproxyReader
	states map[*haproxySection]*haproxyState
	routed map[*haproxySection][]*haproxySection // where a frontend leads to
	// kept are backends to whose servers some frontend leaves connections idle:
	// the requests of every other one may get them.
	kept     map[*haproxySection]bool
	backends []*haproxySection
	lost     map[place]string
	won      map[place]bool
	whole    bool // it is no snippet: a line names a server or a mode
}

// readHAProxy reads every frontend with each backend that it leads to, every
// listen section, and what nothing leads to, as contexts.
func readHAProxy(r *reader, text string) {
	c := &haproxyConfig{
		haproxyReader: readHAProxySections(r, text), states: map[*haproxySection]*haproxyState{}, routed: map[*haproxySection][]*haproxySection{}, kept: map[*haproxySection]bool{},
		lost: map[place]string{}, won: map[place]bool{},
	}
	for i, s := range c.sections {
		if s.kind == "" && i > 0 && len(s.lines) > 0 {
			c.file = s.lines[0].file
			c.doubt(s.lines[0].line, "it stands before the first section of its file, which HAProxy refuses", haproxyAll...)
			continue
		}
		switch s.kind {
		case "defaults", "frontend", "backend", "listen":
			c.read(s)
		case "", "global":
			if s.kind == "" && len(s.lines) > 0 { // lines without a section: made to be copied into one
				s.kind = "listen"
				c.read(s)
			}
		default:
			for _, l := range s.lines {
				c.lost[place{l.file, l.line}] = "it stands in a section " + s.kind
			}
		}
	}
	c.emitAll()
	c.tunnels()
	r.system = "haproxy"
	if len(r.listed) > 0 && !slices.ContainsFunc(r.listed, func(s *scope) bool { return s.system != haproxyTCP }) {
		r.system = haproxyTCP
	}
	for at, why := range c.lost {
		if !c.won[at] {
			c.file = at.file
			c.leave(at.line, "%s", why)
		}
	}
	c.file = r.opened.source.Name
}

func (c *haproxyConfig) mark(l *haproxyLine) {
	c.won[place{l.file, l.line}] = true
	c.use(l.line)
}

// read brings the lines of a section into force, on top of its defaults.
func (c *haproxyConfig) read(s *haproxySection) {
	var base *haproxyState
	if s.base != nil {
		base = c.states[s.base]
		s.base.used = true
	}
	st := base.clone()
	c.states[s] = st
	for i := range s.lines {
		l := &s.lines[i]
		c.whole = c.whole || l.words[0] == "server" || l.words[0] == "mode"
		side, bears := haproxySide(l)
		if bears && (s.kind == "frontend" && side == model.FaceClient || s.kind == "backend" && side == model.FaceServer) {
			c.lost[place{l.file, l.line}] = "it has no effect in a " + s.kind
			continue
		}
		c.line(st, l)
	}
	if len(st.each) == 0 {
		return
	}
	for _, v := range st.pool {
		at := place{v.by.file, v.by.line}
		behind := func(server haproxyServer) bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(server.pool)), func(o haproxyValue) bool { return o.by.line == at.line })
		}
		if !slices.ContainsFunc(st.each, behind) && slices.ContainsFunc(s.lines, func(l haproxyLine) bool { return l.line == at.line }) {
			c.lost[at] = "no server line follows it"
		}
	}
}

// haproxySide is the face of a line that a section must have for it to count.
func haproxySide(l *haproxyLine) (model.FaceKind, bool) {
	switch {
	case l.words[0] == "timeout" && haproxyTimeouts[l.arg(0)] != "":
		if id := haproxyTimeouts[l.arg(0)]; id == haproxyTunnel || strings.HasPrefix(string(id), "haproxy.upstream.") {
			return model.FaceClient, true
		}
		return model.FaceServer, true
	case l.words[0] == "option" && l.arg(0) == "clitcpka", strings.HasPrefix(l.words[0], "clitcpka-"):
		return model.FaceServer, true
	case l.words[0] == "option" && l.arg(0) == "srvtcpka", strings.HasPrefix(l.words[0], "srvtcpka-"):
		return model.FaceClient, true
	}
	return "", false
}

// line brings one line into force.
func (c *haproxyConfig) line(st *haproxyState, l *haproxyLine) {
	name := l.words[0]
	switch {
	case name == "mode":
		if st.modeBy != nil && st.mode == l.arg(0) {
			c.lost[place{l.file, l.line}] = "the mode is " + st.mode + " already"
			return
		}
		c.overrule(st.modeBy, l)
		st.mode, st.modeBy = l.arg(0), l
	case name == "timeout":
		if id := haproxyTimeouts[l.arg(0)]; id != "" {
			c.set(st.values, st, id, l, l.arg(1))
		}
	case name == "option":
		c.option(st, l)
	case name == "retry-on":
		repeats := slices.Contains(l.words, "empty-response") || slices.Contains(l.words, "all-retryable-errors")
		c.take(st.values, st, haproxyRepeats, l, model.Switch(repeats))
	case name == "retries":
		if st.once = nil; l.arg(0) == "0" {
			st.once = l
		}
	case name == "http-request" && l.arg(0) == "disable-l7-retry":
		st.once = l
	case strings.HasPrefix(name, "clitcpka-"), strings.HasPrefix(name, "srvtcpka-"):
		face := model.ParamID("haproxy.")
		if name[:3] == "srv" {
			face = "haproxy.upstream."
		}
		for param, end := range haproxyProbes {
			if strings.HasSuffix(name, end) {
				c.set(st.values, st, face+model.ParamID(param), l, l.arg(0))
			}
		}
	case name == "bind":
		for _, w := range haproxyWordsOf(l) {
			if w[0] == "tcp-ut" {
				c.set(st.values, st, "haproxy.tcp_user_timeout", l, w[1])
			}
		}
	case name == "default-server":
		c.poolWords(st, st.pool, l)
	case name == "server" || name == "server-template":
		pool := maps.Clone(st.pool)
		c.poolWords(st, pool, l)
		st.each = append(st.each, haproxyServer{l, pool})
	case name == "default_backend":
		st.first = l
	case name == "use_backend":
		st.to = append(st.to, *l)
	case strings.HasPrefix(name, "http-") && haproxyCloseRule(l.words):
		side := model.FaceServer
		if name == "http-request" {
			side = model.FaceClient
		}
		st.closes[side] = l
	}
}

// haproxyCloseRule is http-response set-header Connection close and its kin.
func haproxyCloseRule(words []string) bool {
	return len(words) >= 4 && (words[1] == "set-header" || words[1] == "add-header") && strings.EqualFold(words[2], "connection") && strings.EqualFold(words[3], "close")
}

// poolWords brings the settings of a server or default-server line into force
// for that server, or for those behind it.
func (c *haproxyConfig) poolWords(st *haproxyState, pool haproxyPool, l *haproxyLine) {
	for _, w := range haproxyWordsOf(l) {
		name := w[0]
		if name == "tcp-ut" {
			name = "tcp_user_timeout"
		}
		c.set(pool, st, model.ParamID("haproxy.upstream."+name), l, w[1])
	}
}

// haproxyWordsOf are the settings of a server, default-server or bind line.
func haproxyWordsOf(l *haproxyLine) [][2]string {
	var list [][2]string
	for i := 1; i+1 < len(l.words); i++ {
		switch l.words[i] {
		case "tcp-ut", "pool-purge-delay", "pool-max-conn", "max-reuse":
			list = append(list, [2]string{l.words[i], l.words[i+1]})
		}
	}
	return list
}

// overrule notes that a later line decides instead of an earlier one.
func (c *haproxyConfig) overrule(old, by *haproxyLine) {
	if old != nil && c.lost[place{old.file, old.line}] == "" {
		c.lost[place{old.file, old.line}] = decidesInstead(&directive{file: old.file}, &directive{file: by.file, line: by.line})
	}
}

// haproxyTime is a time with something behind its unit.
var haproxyTime = lazily(`^(\d+(?:us|ms|s|m|h|d))\d`)

// set brings a value as it is written into force.
func (c *haproxyConfig) set(into haproxyPool, st *haproxyState, id model.ParamID, l *haproxyLine, text string) {
	if l.doubt != "" {
		st.doubt(*l, id)
		return
	}
	p := c.param(l.line, id)
	if p == nil {
		return
	}
	if m := haproxyTime().FindStringSubmatch(text); m != nil && p.Shape() == model.ShapeSpan {
		c.warn(l.line, "%s is read as %s: HAProxy takes one number and one unit, and newer versions refuse the rest", text, m[1])
		text = m[1]
	}
	v, err := p.ParseValue(text)
	if err != nil {
		c.warn(l.line, "%s", err)
		return
	}
	c.take(into, st, id, l, v)
}

func (c *haproxyConfig) take(into haproxyPool, st *haproxyState, id model.ParamID, l *haproxyLine, v model.Value) {
	if l.doubt != "" {
		st.doubt(*l, id)
		return
	}
	p := c.param(l.line, id)
	if p == nil {
		return
	}
	if !v.IsSet() && p.Fallback == "" && p.Absent == model.ValueNever {
		v = model.ValueNever
	}
	old, again := into[id]
	if again {
		c.overrule(&old.by, l)
	} else if !v.IsSet() {
		c.lost[place{l.file, l.line}] = "0 is as good as no line here"
		return
	}
	delete(st.doubts, id)
	into[id] = haproxyValue{*l, v}
}
