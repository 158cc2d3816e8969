package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// An apacheWorker is a pool of connections to one address: mod_proxy keeps one
// for each URL that no earlier one is the beginning of.
type apacheWorker struct {
	url    string
	by     *directive
	match  bool // of a ProxyPassMatch with $ in it: its own
	params map[string]apacheParam
	used   bool
}

type apacheParam struct {
	key  string
	text string
	by   *directive
}

// An apacheBalancer is a group of workers.
type apacheBalancer struct {
	name    string
	by      *directive
	members []*apacheWorker
	used    bool
}

// An apachePass maps a path of the web space to a backend.
type apachePass struct {
	path, url string
	regex     bool
	none      bool // ProxyPass /path !
	by        *directive
	inside    bool // of a <Location>, which is asked before the others
	rewrite   bool
}

// An apacheProxy is what one server says of backends.
type apacheProxy struct {
	workers   []*apacheWorker
	balancers []*apacheBalancer
	passes    []*apachePass
	inherit   *directive // ProxyPassInherit
}

// proxies reads the mappings of one server in the order in which httpd does.
func (c *apacheConfig) proxies(s *apacheServer) *apacheProxy {
	p := &apacheProxy{}
	c.walk(p, s.own, nil)
	if c.main.proxy != nil && len(c.main.proxy.passes) > 0 && p.alone() {
		c.mark(p.inherit)
	}
	return p
}

// alone reports whether a virtual host takes no mapping of the server config.
func (p *apacheProxy) alone() bool {
	return p.inherit != nil && strings.EqualFold(p.inherit.arg(0), "off")
}

func (c *apacheConfig) walk(p *apacheProxy, list []*directive, section *directive) {
	for _, d := range list {
		if d.doubt != "" && !d.missing && apacheProxies(d) {
			c.doubtful(d, d.doubt, apacheTTL, apacheReuse, apacheProbes, apacheWait)
			continue
		}
		switch d.name {
		case "proxypass", "proxypassmatch":
			c.pass(p, d, section)
		case "<proxy":
			c.proxySection(p, d)
		case "proxyset":
			c.proxySet(p, d, section)
		case "balancermember":
			c.member(p, d, section)
		case "rewriterule":
			c.rewrite(p, d)
		case "proxypassinherit":
			if p.inherit != nil {
				c.lost[p.inherit] = decidesInstead(p.inherit, d)
			}
			p.inherit = d
		case "<virtualhost":
		default:
			if d.name[0] == '<' {
				c.walk(p, d.inside, d)
			}
		}
	}
}

func apacheProxies(d *directive) bool {
	return d.name == "proxyset" || d.name == "balancermember" || strings.HasPrefix(d.name, "proxypass") || d.name == "<proxy" || d.name == "rewriterule" && rewritesToProxy(d)
}

// pass reads ProxyPass PATH URL KEY=VALUE ..., or without a path in a <Location>.
func (c *apacheConfig) pass(p *apacheProxy, d, section *directive) {
	m := &apachePass{by: d, regex: d.name == "proxypassmatch"}
	rest := d.words[1:]
	if section != nil && strings.HasPrefix(section.name, "<location") {
		m.path, m.inside = section.arg(0), true
		m.regex = m.regex || section.name == "<locationmatch"
		if m.path == "~" {
			m.path, m.regex = section.arg(1), true
		}
	} else if len(rest) > 0 {
		m.path, rest = rest[0], rest[1:]
	}
	if len(rest) == 0 || section != nil && strings.HasPrefix(section.name, "<if") {
		c.doubtful(d, d.words[0]+" "+d.text()+" is not understood", apacheTTL, apacheReuse)
		return
	}
	m.url, rest = rest[0], rest[1:]
	m.none = m.url == "!"
	p.passes = append(p.passes, m)
	switch {
	case m.none:
	case strings.HasPrefix(m.url, "balancer://"):
		p.balancer(m.url, d)
	default:
		w, old := p.worker(m.url, d, m.regex && strings.Contains(m.url, "$"))
		c.params(w, d, rest, old)
	}
}

// proxySection reads <Proxy URL KEY=VALUE ...> and what is in it. It makes a
// worker only where it says something of one.
func (c *apacheConfig) proxySection(p *apacheProxy, d *directive) {
	if words := d.words[min(2, len(d.words)):]; len(words) > 0 && !strings.HasPrefix(d.arg(0), "balancer://") {
		w, _ := p.worker(d.arg(0), d, false)
		c.params(w, d, words, false)
	}
	if strings.HasPrefix(d.arg(0), "balancer://") {
		p.balancer(d.arg(0), d)
	}
	says := func(in *directive) bool { return apacheBears(in) }
	if len(d.words) > 2 || slices.ContainsFunc(d.inside, says) {
		c.mark(d)
	} else {
		c.lost[d] = "nothing in it bears on connections"
	}
	c.walk(p, d.inside, d)
}

func (c *apacheConfig) proxySet(p *apacheProxy, d, section *directive) {
	url, rest := d.arg(0), d.words[min(2, len(d.words)):]
	if section != nil && section.name == "<proxy" {
		url, rest = section.arg(0), d.words[1:]
	}
	if strings.HasPrefix(url, "balancer://") {
		c.lost[d] = "what a balancer is told has no effect on its members' connections"
		return
	}
	w, _ := p.worker(url, d, false)
	c.params(w, d, rest, false)
}

func (c *apacheConfig) member(p *apacheProxy, d, section *directive) {
	name, rest := "", d.words[1:]
	if section != nil && section.name == "<proxy" {
		name = section.arg(0)
	} else if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	if len(rest) == 0 {
		c.doubtful(d, d.words[0]+" names no server", apacheTTL, apacheReuse)
		return
	}
	b := p.balancer(name, d)
	w := closest(b.members, rest[0])
	old := w != nil
	if !old {
		w = &apacheWorker{url: rest[0], by: d, params: map[string]apacheParam{}}
		b.members = append(b.members, w)
	}
	c.params(w, d, rest[1:], old)
}

// rewrite notes RewriteRule PATTERN URL [P]: it goes through a worker of that
// address where there is one, else through one that keeps nothing.
func (c *apacheConfig) rewrite(p *apacheProxy, d *directive) {
	if !rewritesToProxy(d) {
		return
	}
	p.passes = append(p.passes, &apachePass{path: d.arg(0), url: d.arg(1), regex: true, by: d, rewrite: true})
}

func rewritesToProxy(d *directive) bool {
	for flag := range strings.SplitSeq(strings.Trim(d.arg(2), "[]"), ",") {
		if f := strings.ToLower(strings.TrimSpace(flag)); f == "p" || f == "proxy" {
			return true
		}
	}
	return false
}

// balancer is the group of that name, without a path behind it.
func (p *apacheProxy) balancer(url string, by *directive) *apacheBalancer {
	name := balancerName(url)
	for _, b := range p.balancers {
		if b.name == name {
			return b
		}
	}
	b := &apacheBalancer{name: name, by: by}
	p.balancers = append(p.balancers, b)
	return b
}

func balancerName(url string) string {
	rest := strings.TrimPrefix(strings.ToLower(url), "balancer://")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// worker is the one that serves a URL, or a new one; old says which
// (httpd:modules/proxy/proxy_util.c ap_proxy_get_worker).
func (p *apacheProxy) worker(url string, by *directive, match bool) (w *apacheWorker, old bool) {
	if !match {
		if w := closest(p.workers, url); w != nil {
			return w, true
		}
	}
	w = &apacheWorker{url: url, by: by, match: match, params: map[string]apacheParam{}}
	p.workers = append(p.workers, w)
	return w, false
}

// closest is the worker with the longest URL that another begins with, at
// least up to the end of the host and port.
func closest(list []*apacheWorker, url string) *apacheWorker {
	var best *apacheWorker
	host := len(url)
	if scheme, rest, ok := strings.Cut(url, "://"); ok {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			host = len(scheme) + 3 + slash
		}
	}
	for _, w := range list {
		fits := len(w.url) >= host && len(w.url) <= len(url) && strings.EqualFold(w.url, url[:len(w.url)])
		if !w.match && fits && (best == nil || len(w.url) > len(best.url)) {
			best = w
		}
	}
	return best
}

// apacheWorkerParams are the keys of a worker that bear on connections.
var apacheWorkerParams = []string{"ttl", "enablereuse", "disablereuse", "keepalive", "timeout"}

// params takes KEY=VALUE words. Those of a line that shares a worker made
// before are dropped, as httpd does.
func (c *apacheConfig) params(w *apacheWorker, d *directive, words []string, shared bool) {
	shared = shared && d.name != "proxyset"
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		key = strings.ToLower(key)
		if !slices.Contains(apacheWorkerParams, key) {
			if key == "ping" {
				c.tell(d, "%s asks the backend before each request; keeptune does not count that", word)
			}
			continue
		}
		if shared {
			c.tell(d, "%s has no effect: the address shares the connections of %s, which %s set up first", word, w.url, strings.TrimSuffix(decidesInstead(d, w.by), " decides instead"))
			continue
		}
		if key == "disablereuse" {
			key, value = "enablereuse", map[string]string{"on": "off", "off": "on"}[strings.ToLower(value)]
		}
		if old, again := w.params[key]; again && old.by != d {
			c.lost[old.by] = decidesInstead(old.by, d)
		}
		w.params[key] = apacheParam{key, value, d}
	}
}

// lines are those that made a worker what it is.
func (w *apacheWorker) lines() []*directive {
	list := []*directive{w.by}
	for _, p := range w.params {
		list = append(list, p.by)
	}
	return list
}

// dollarInHost is a substitution before the path of a URL.
var dollarInHost = lazily(`^[^/]*//[^/]*\$`)

// upstream takes what the worker of a mapping says. A substitution in the URL
// of a ProxyPassMatch switches reuse off, and a rewrite without a worker has none.
func (c *apacheConfig) upstream(m apacheMapping, p *apachePlace) {
	w := m.worker
	if w == nil {
		return
	}
	reuse := w.params["enablereuse"]
	switch {
	case w.match && (reuse.by == nil || dollarInHost().MatchString(w.url)):
		p.set(apacheReuse, w.by, model.ValueOff)
	case w.match:
		c.worker(p, w, "enablereuse", apacheReuse)
		p.doubt(reuse.by, "2.4.71 keeps no connection where the URL has a $, whatever enablereuse says", apacheReuse)
	default:
		c.worker(p, w, "enablereuse", apacheReuse)
	}
	c.worker(p, w, "keepalive", apacheProbes)
	c.worker(p, w, "timeout", apacheWait)
	ttl := w.params["ttl"]
	if ttl.by != nil && c.mpm != nil && strings.EqualFold(c.mpm.arg(0), "mpm_prefork_module") {
		if _, told := c.keys[ttl]; !told {
			c.keys[ttl] = apacheRead{}
			c.tell(ttl.by, "ttl=%s has no effect: the prefork MPM does not read it", ttl.text)
		}
		return
	}
	c.worker(p, w, "ttl", apacheTTL)
}

// An apacheRead is a key of a worker, read once.
type apacheRead struct {
	v     model.Value
	doubt string
}

// worker takes a key of a worker.
func (c *apacheConfig) worker(p *apachePlace, w *apacheWorker, key string, id model.ParamID) {
	param, ok := w.params[key]
	if !ok {
		return
	}
	read, known := c.keys[param]
	if !known {
		read = c.readParam(param, key, id)
		c.keys[param] = read
	}
	if read.doubt != "" {
		p.doubt(param.by, read.doubt, id)
		return
	}
	p.set(id, param.by, read.v)
}

func (c *apacheConfig) readParam(param apacheParam, key string, id model.ParamID) apacheRead {
	if m := variable().FindStringSubmatch(param.text); m != nil {
		return apacheRead{doubt: undefined(m[1])}
	}
	text := param.text
	if key == "timeout" || key == "ttl" {
		text = c.digits(param.by, key+"=", text)
	}
	v, ok := c.valueOf(param.by, id, text)
	if !ok {
		return apacheRead{doubt: key + "=" + param.text + " is not understood"}
	}
	return apacheRead{v: v}
}
