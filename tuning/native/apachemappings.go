package native

import (
	"cmp"
	"slices"
	"strings"
)

// An apacheMapping is one place of a server: a path and the worker behind it.
type apacheMapping struct {
	where  string
	path   string // of the web space; empty where it is not known
	at     *directive
	url    string
	worker *apacheWorker
	none   bool       // answered by httpd itself
	folder *directive // a <Directory> or <Files> whose lines count, too
}

// mappings are the places of a server: every way to a backend, every section
// that decides whether a connection stays, and the rest.
func (c *apacheConfig) mappings(s *apacheServer) []apacheMapping {
	var list []apacheMapping
	passes, open := c.passesOf(s)
	for _, m := range passes {
		list = append(list, c.behind(s, m, passWhere(m))...)
	}
	for _, d := range c.sections(s) {
		if !decidesThere(d) {
			continue
		}
		at := sectionPath(d)
		where := strings.TrimPrefix(d.words[0], "<") + " " + d.text()
		if !strings.HasPrefix(d.name, "<location") {
			if strings.HasPrefix(d.name, "<directory") || strings.HasPrefix(d.name, "<files") {
				list = append(list, apacheMapping{where: where, at: d, folder: d, none: true})
			}
			continue
		}
		if slices.ContainsFunc(d.inside, func(in *directive) bool { return strings.HasPrefix(in.name, "proxypass") }) {
			continue
		}
		below := []apacheMapping{{where: where, path: at, at: d, none: true}}
		for _, m := range passes {
			if !m.rewrite && covers(cmp.Or(m.prefix(), "/"), at) {
				below = c.behind(s, m, where)
				break
			}
		}
		for i := range below {
			below[i].path, below[i].at = at, d
		}
		list = append(list, below...)
	}
	list = append(list, c.lone(s)...)
	if open || len(list) == 0 {
		list = append(list, apacheMapping{path: "/", at: s.at, none: true})
	}
	return list
}

// passesOf are the mappings that a request can reach, in the order in which
// they are asked: rewrites, then those of a <Location>, of which the last one
// counts, then the server config's, then the virtual host's (measured on
// 2.4.71). open says that some path is not mapped.
func (c *apacheConfig) passesOf(s *apacheServer) (list []*apachePass, open bool) {
	all := slices.Clone(s.proxy.passes)
	if s != c.main && !s.proxy.alone() {
		all = nil
		for _, m := range c.main.proxy.passes {
			if !m.rewrite { // a virtual host has rules of its own only
				all = append(all, m)
			}
		}
		all = append(all, s.proxy.passes...)
	}
	var inside []*apachePass
	for _, m := range slices.Backward(all) {
		if m.inside {
			inside = append(inside, m)
		}
	}
	all = slices.DeleteFunc(all, func(m *apachePass) bool { return m.inside })
	all = append(inside, all...)
	slices.SortStableFunc(all, func(a, b *apachePass) int { return rank(a) - rank(b) })
	open = true
	for _, m := range all {
		i := slices.IndexFunc(list, func(before *apachePass) bool {
			return !before.regex && !m.regex && covers(before.path, m.path)
		})
		if i >= 0 {
			c.lost[m.by] = "no request reaches it: " + strings.TrimSuffix(decidesInstead(m.by, list[i].by), " decides instead") + " takes them"
			continue
		}
		list = append(list, m)
		open = open && (m.regex || m.path != "/" || m.none)
	}
	return list, open
}

// rank: a rewrite comes first.
func rank(m *apachePass) int {
	if m.rewrite {
		return 0
	}
	return 1
}

func passWhere(m *apachePass) string {
	switch {
	case m.rewrite:
		return "RewriteRule " + m.path
	case m.inside:
		return "Location " + m.path
	}
	return m.by.words[0] + " " + m.path
}

// prefix is the path that all requests of a mapping begin with.
func (m *apachePass) prefix() string {
	if m.regex {
		return beginning(m.path)
	}
	return m.path
}

// behind are the workers that a mapping leads to: one, or the members of a balancer.
func (c *apacheConfig) behind(s *apacheServer, m *apachePass, where string) []apacheMapping {
	one := apacheMapping{where: where, path: m.prefix(), at: m.by, url: m.url, none: m.none}
	switch {
	case m.none:
		return []apacheMapping{one}
	case strings.HasPrefix(m.url, "balancer://"):
		for _, p := range []*apacheProxy{c.main.proxy, s.proxy} {
			var list []apacheMapping
			for _, b := range p.balancers {
				if b.name != balancerName(m.url) {
					continue
				}
				b.used = true
				for _, w := range b.members {
					w.used = true
					c.mark(w.by)
					next := one
					next.worker, next.url = w, w.url
					next.where += " BalancerMember " + w.url
					list = append(list, next)
				}
			}
			if len(list) > 0 {
				return list
			}
		}
		c.doubtful(m.by, m.url+" has no BalancerMember in what was read", apacheTTL, apacheReuse)
		one.worker = &apacheWorker{url: m.url, by: m.by}
		return []apacheMapping{one}
	}
	one.worker = c.serving(s, m)
	one.worker.used = true
	return []apacheMapping{one}
}

// serving is the worker that requests of a mapping go through: the closest of
// the server config's and the server's own.
func (c *apacheConfig) serving(s *apacheServer, m *apachePass) *apacheWorker {
	for _, p := range []*apacheProxy{s.proxy, c.main.proxy} {
		for _, w := range p.workers {
			if w.match && w.by == m.by {
				return w
			}
		}
	}
	known, _, _ := strings.Cut(m.url, "$")
	known, _, _ = strings.Cut(known, "%")
	if w := closest(slices.Concat(c.main.proxy.workers, s.proxy.workers), known); w != nil {
		return w
	}
	return &apacheWorker{url: m.url, by: m.by, match: true}
}

// lone are the workers of a file without any mapping: lines made to be copied.
// In any other, no request goes through one that no mapping leads to.
func (c *apacheConfig) lone(s *apacheServer) []apacheMapping {
	mapped := slices.ContainsFunc(append(slices.Clone(c.hosts), c.main), func(s *apacheServer) bool { return len(s.proxy.passes) > 0 })
	if s == c.main {
		for _, h := range c.hosts {
			for _, m := range h.proxy.passes {
				c.behind(h, m, "")
			}
		}
	}
	var list []apacheMapping
	add := func(w *apacheWorker, what string) {
		switch {
		case w.used:
		case mapped:
			for _, by := range w.lines() {
				if c.lost[by] == "" {
					c.lost[by] = "no mapping leads to " + w.url
				}
			}
		default:
			c.mark(w.by)
			list = append(list, apacheMapping{where: what + w.url, at: w.by, url: w.url, worker: w})
		}
	}
	for _, w := range s.proxy.workers {
		add(w, "Proxy ")
	}
	for _, b := range s.proxy.balancers {
		for _, w := range b.members {
			add(w, "Proxy balancer://"+b.name+" BalancerMember ")
		}
	}
	return list
}

// addresses are where a server is reached: a virtual host at its own, and the server
// config at those of Listen.
func (c *apacheConfig) addresses(s *apacheServer) []string {
	var all, open []string
	for _, d := range c.main.own {
		if d.name == "listen" {
			open = append(open, address(d.arg(0), ""))
		}
	}
	for _, a := range s.addrs {
		ip, port := apacheAddress(a)
		if port != "*" {
			all = append(all, address(ip+":"+port, ""))
			continue
		}
		for _, o := range open { // every port that is listened on
			_, port := apacheAddress(o)
			all = append(all, address(ip+":"+port, ""))
		}
	}
	if s == c.main {
		all = open
	}
	return known(all...)
}
