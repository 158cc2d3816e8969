package native

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	rx "regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

const (
	apacheKeepAlive model.ParamID = "apache.KeepAlive"
	apacheIdle      model.ParamID = "apache.KeepAliveTimeout"
	apacheHeader    model.ParamID = "apache.RequestReadTimeout"
	apacheMax       model.ParamID = "apache.MaxRequestWorkers"
	apacheMPM       model.ParamID = "apache.MPM prefork or worker"
	apacheWait      model.ParamID = "apache.upstream.ProxyTimeout"
	apacheTTL       model.ParamID = "apache.upstream.ttl"
	apacheReuse     model.ParamID = "apache.upstream.enablereuse"
	apacheProbes    model.ParamID = "apache.upstream.tcp_keepalive"
)

// apacheOnes are the directives of one value that a server has, by name.
var apacheOnes = map[string]model.ParamID{
	"keepalive": apacheKeepAlive, "keepalivetimeout": apacheIdle, "maxkeepaliverequests": "apache.MaxKeepAliveRequests",
	"timeout": "apache.Timeout", "proxytimeout": apacheWait, "requestreadtimeout": apacheHeader,
}

// apacheLoose are read by httpd with atoi: what follows the digits is dropped
// (httpd:server/core.c set_timeout, modules/proxy/mod_proxy.c set_proxy_timeout).
var apacheLoose = []string{"timeout", "proxytimeout"}

// contextsLimit bounds the contexts of one configuration.
const contextsLimit = 2000

// full is true where no more contexts are listed, which the first one doubts.
func (r *reader) full(line int) bool {
	if len(r.listed) < contextsLimit {
		return false
	}
	if !r.overfull {
		r.overfull = true
		r.in(r.listed[0], func() {
			r.doubt(line, fmt.Sprintf("from here on nothing was read: there are more than %d contexts", contextsLimit))
		})
	}
	return true
}

// An apacheServer is the server config or a virtual host.
type apacheServer struct {
	at    *directive
	where string
	own   []*directive
	addrs []string
	proxy *apacheProxy
}

// An apacheEffect is a value that a line decides in a context.
type apacheEffect struct {
	id model.ParamID
	by *directive
	v  model.Value
}

// An apacheDoubt is a line that may decide in a context.
type apacheDoubt struct {
	by     *directive
	text   string
	params []model.ParamID
}

// An apachePlace is a context in the making.
type apachePlace struct {
	effects        []apacheEffect
	doubts         []apacheDoubt
	listens, sends []string
}

func (p *apachePlace) set(id model.ParamID, by *directive, v model.Value) {
	p.effects = append(p.effects, apacheEffect{id, by, v})
}

func (p *apachePlace) doubt(by *directive, text string, params ...model.ParamID) {
	p.doubts = append(p.doubts, apacheDoubt{by, text, params})
}

// An apacheConfig is what is known after reading: the servers and what lines
// came to nothing.
type apacheConfig struct {
	*apacheReader
	main   *apacheServer
	hosts  []*apacheServer
	values map[*directive]model.Value // read once
	bad    map[*directive]bool
	keys   map[apacheParam]apacheRead
	lost   map[*directive]string // why a line decides nothing, where none of its contexts says otherwise
	won    map[*directive]bool
}

// readApache reads the server config and every virtual host, and in them every
// mapping to a backend, each as a context of its own.
func readApache(r *reader, text string) {
	a := readApacheTree(r, text)
	c := &apacheConfig{
		apacheReader: a, values: map[*directive]model.Value{}, bad: map[*directive]bool{}, keys: map[apacheParam]apacheRead{},
		lost: map[*directive]string{}, won: map[*directive]bool{},
	}
	c.main = &apacheServer{at: a.top, where: "server config"}
	for _, d := range a.top.inside {
		if d.name != "<virtualhost" {
			c.main.own = append(c.main.own, d)
			continue
		}
		c.mark(d)
		host := &apacheServer{at: d, own: d.inside, addrs: d.words[1:]}
		host.where = strings.TrimSpace("VirtualHost " + d.text() + " " + serverName(d))
		c.hosts = append(c.hosts, host)
	}
	c.main.proxy = c.proxies(c.main)
	for _, h := range c.hosts {
		h.proxy = c.proxies(h)
	}
	for _, s := range slices.Concat([]*apacheServer{c.main}, c.hosts) {
		if s != c.main || c.reachable() {
			c.contexts(s)
		}
	}
	for d, why := range c.lost {
		if !c.won[d] {
			c.file = d.file
			c.leave(d.line, "%s", why)
		}
	}
	c.file = r.opened.source.Name
	sortWarnings(r.warnings)
}

// sortWarnings puts the warnings of each file into the order of its lines.
func sortWarnings(list []Warning) {
	order := map[string]int{}
	for _, w := range list {
		if _, ok := order[w.File]; !ok {
			order[w.File] = len(order)
		}
	}
	slices.SortStableFunc(list, func(a, b Warning) int {
		return cmp.Or(order[a.File]-order[b.File], a.Line-b.Line)
	})
}

// mark says that a line had its effect.
func (c *apacheConfig) mark(d *directive) {
	before := c.file
	c.file = d.file
	c.use(d.line)
	c.file, c.won[d] = before, true
}

// tell warns at a directive's own place.
func (c *apacheConfig) tell(d *directive, format string, args ...any) {
	before := c.file
	c.file = d.file
	c.warn(d.line, format, args...)
	c.file = before
}

func serverName(d *directive) string {
	for _, in := range slices.Backward(d.inside) {
		if in.name == "servername" {
			name := in.arg(0)
			if _, rest, ok := strings.Cut(name, "://"); ok {
				name = rest
			}
			if host, port, ok := strings.Cut(name, ":"); ok && !strings.Contains(port, ":") {
				name = host
			}
			return name
		}
	}
	return ""
}

// reachable reports whether the server config answers requests itself: there
// is no virtual host, or an address is listened on that none has.
func (c *apacheConfig) reachable() bool {
	if len(c.hosts) == 0 {
		return true
	}
	for _, d := range c.main.own {
		if d.name != "listen" {
			continue
		}
		ip, port := apacheAddress(d.arg(0))
		covered := slices.ContainsFunc(c.hosts, func(h *apacheServer) bool {
			return slices.ContainsFunc(h.addrs, func(addr string) bool {
				hostIP, hostPort := apacheAddress(addr)
				return (hostPort == "*" || hostPort == port) && (hostIP == "*" || hostIP == ip)
			})
		})
		if !covered {
			return true
		}
	}
	return false
}

// apacheAddress splits 10.0.0.1:80, *:80, [::1]:80, 80 and *.
func apacheAddress(text string) (ip, port string) {
	text = strings.ToLower(text)
	at := strings.LastIndexByte(text, ':')
	if strings.HasSuffix(text, "]") {
		at = -1
	}
	if at >= 0 {
		ip, port = text[:at], text[at+1:]
	} else if _, err := strconv.Atoi(text); err == nil {
		port = text
	} else {
		ip = text
	}
	if ip == "" || ip == "_default_" || ip == "0.0.0.0" || ip == "[::]" {
		ip = "*"
	}
	if port == "" {
		port = "*"
	}
	return ip, port
}

// firsts are the first virtual hosts of a server's addresses, each once.
func (c *apacheConfig) firsts(s *apacheServer) []*apacheServer {
	if s == c.main {
		return []*apacheServer{s}
	}
	var list []*apacheServer
	for _, addr := range s.addrs {
		ip, port := apacheAddress(addr)
		for _, h := range c.hosts {
			same := slices.ContainsFunc(h.addrs, func(other string) bool {
				otherIP, otherPort := apacheAddress(other)
				return otherIP == ip && otherPort == port
			})
			if same {
				if !slices.Contains(list, h) {
					list = append(list, h)
				}
				break
			}
		}
	}
	return list
}

// contexts lists the places of a server: each mapping to a backend, each
// section that changes whether a connection stays, and the rest of it.
func (c *apacheConfig) contexts(s *apacheServer) {
	firsts := c.firsts(s)
	for i, first := range firsts {
		where := s.where
		if len(firsts) > 1 {
			where += " on the address of " + first.where
		}
		if s == c.main && len(c.hosts) == 0 {
			where = ""
		}
		face := c.serverFace(s, first)
		mappings := c.mappings(s)
		proxies := slices.ContainsFunc(mappings, func(m apacheMapping) bool { return m.worker != nil })
		for _, m := range mappings {
			place := apachePlace{effects: slices.Clone(face.effects), doubts: slices.Clone(face.doubts)}
			side := model.FaceKind("")
			if m.worker == nil && proxies {
				side = model.FaceServer
			}
			place.listens = c.addresses(s)
			if m.worker != nil {
				place.sends = known(backend(m.worker.url))
			}
			c.upstream(m, &place)
			c.environment(s, m, &place)
			name := strings.TrimSpace(where + " " + m.where)
			if name == "" && len(mappings) > 1 {
				name = s.where
			}
			c.emit(name, m.at, side, &place)
			if m.at != s.at {
				c.mark(m.at)
			}
		}
		if i == 0 && len(firsts) > 1 && slices.ContainsFunc(s.own, func(d *directive) bool { return d.name == "keepalivetimeout" }) {
			break // the addresses differ in nothing
		}
	}
}

// emit makes a context of a place.
func (c *apacheConfig) emit(where string, at *directive, side model.FaceKind, p *apachePlace) {
	if c.full(at.line) {
		return
	}
	c.file = at.file
	values := c.scope(max(at.line, 1), where, c.root)
	values.system, values.listens, values.sends = "apache", p.listens, p.sends
	s := c.scope(max(at.line, 1), where, values) // a doubt reaches what the scopes around its own say
	c.in(values, func() {
		for _, e := range p.effects {
			c.file = e.by.file
			if param := c.param(e.by.line, e.id); param != nil {
				c.keep(e.by.line, param, e.v)
				c.mark(e.by)
			}
		}
	})
	c.in(s, func() {
		for _, d := range p.doubts {
			c.file = d.by.file
			c.doubt(d.by.line, d.text, d.params...)
			c.won[d.by] = true
		}
	})
	c.list(s, side)
}

// serverFace is what a server says to its clients. Where a virtual host sets
// no KeepAliveTimeout, that of the first one on its address counts, which also
// decides RequestReadTimeout (httpd:server/mpm/event/event.c
// event_post_read_request, modules/filters/mod_reqtimeout.c).
func (c *apacheConfig) serverFace(s, first *apacheServer) *apachePlace {
	p := &apachePlace{}
	for _, name := range slices.Sorted(maps.Keys(apacheOnes)) {
		from := []*apacheServer{s, c.main}
		switch name {
		case "keepalivetimeout":
			from = []*apacheServer{s, first, c.main}
		case "requestreadtimeout":
			from = []*apacheServer{first, c.main}
			if first != s {
				for _, d := range s.own {
					if d.name == name {
						c.lost[d] = "the first virtual host of the address decides, " + first.where
					}
				}
			}
		}
		c.pick(p, name, from)
	}
	c.hint(p, s)
	c.unbounded(p)
	c.process(p)
	return p
}

// pick takes the last line of the first of some servers that has one.
func (c *apacheConfig) pick(p *apachePlace, name string, from []*apacheServer) {
	found := false
	for _, s := range from {
		var winner *directive
		for _, d := range slices.Backward(s.own) {
			if d.name != name {
				continue
			}
			v, ok := c.value(d)
			switch {
			case winner != nil:
				if c.lost[d] == "" {
					c.lost[d] = decidesInstead(d, winner)
				}
			case found && !c.won[d] && c.lost[d] == "":
				c.lost[d] = "nothing is left that it decides"
			case found:
			case d.doubt != "":
				p.doubt(d, d.doubt, apacheOnes[name])
			case ok:
				winner = d
				p.set(apacheOnes[name], d, v)
			}
		}
		found = found || winner != nil
	}
}

func decidesInstead(d, winner *directive) string {
	if d.file == winner.file {
		return fmt.Sprintf("line %d decides instead", winner.line)
	}
	return Warning{File: winner.file, Line: winner.line}.place() + " decides instead"
}

// hint doubts an idle time where another is advertised: the number in
// Keep-Alive: timeout= is the virtual host's own or the server config's, never
// that of the first virtual host.
func (c *apacheConfig) hint(p *apachePlace, s *apacheServer) {
	told := &apachePlace{}
	c.pick(told, "keepalivetimeout", []*apacheServer{s, c.main})
	i := slices.IndexFunc(p.effects, func(e apacheEffect) bool { return e.id == apacheIdle })
	off := slices.ContainsFunc(p.effects, func(e apacheEffect) bool { return e.id == apacheKeepAlive && e.v == model.ValueOff })
	if i < 0 || s == c.main || off {
		return
	}
	advertised := model.For(5 * time.Second)
	if len(told.effects) > 0 {
		advertised = told.effects[0].v
	}
	idle := p.effects[i]
	says, _ := advertised.Duration()
	closes, finite := idle.v.Duration()
	if finite && says > closes {
		p.doubt(idle.by, fmt.Sprintf("Keep-Alive: timeout= tells clients %s here, and the connection is closed after %s: set KeepAliveTimeout in this virtual host, too",
			advertised.Human(), idle.v.Human()), apacheIdle)
	}
}

// unbounded is a server whose headers nothing but Timeout bounds: it has every
// module that is loaded, and not mod_reqtimeout.
func (c *apacheConfig) unbounded(p *apachePlace) {
	if !c.knowsModules() || c.modules["reqtimeout_module"] {
		return
	}
	e := apacheEffect{by: c.mpm, v: model.For(time.Minute)}
	for _, other := range p.effects {
		if other.id == "apache.Timeout" {
			e = other
		}
	}
	p.set(apacheHeader, e.by, e.v)
}

// matches reports whether a section holds for a path of the web space and all
// below it.
func (d *directive) matches(at string) tri {
	pattern := d.arg(0)
	regex := strings.HasSuffix(d.name, "match")
	if pattern == "~" {
		regex, pattern = true, d.arg(1)
	}
	switch {
	case regex:
		re, err := regexp.Compile(pattern)
		if err != nil {
			return perhaps
		}
		return triOf(re.MatchString(at) || re.MatchString(at+"/"))
	case strings.ContainsAny(pattern, "*?["):
		if ok, err := path.Match(pattern, at); err == nil && ok || pattern == "*" || pattern == "/*" {
			return yes
		}
		return perhaps
	}
	return triOf(covers(pattern, at))
}

// covers reports whether a path of the web space holds another: whole segments.
func covers(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || strings.HasSuffix(outer, "/") || rest[0] == '/')
}

// beginning is what every match of a regular expression begins with.
func beginning(pattern string) string {
	re, err := rx.Parse(strings.TrimPrefix(pattern, "^"), rx.Perl)
	if err != nil {
		return ""
	}
	prog, err := rx.Compile(re.Simplify())
	if err != nil {
		return ""
	}
	prefix, _ := prog.Prefix()
	return prefix
}
