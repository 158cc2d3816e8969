package native

import (
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// apacheVariables are the environment variables that decide whether a
// connection stays: towards clients, and towards backends
// (https://httpd.apache.org/docs/2.4/env.html#special).
var apacheVariables = map[string]model.ParamID{
	"nokeepalive": apacheKeepAlive, "proxy-nokeepalive": apacheReuse, "force-proxy-request-1.0": apacheReuse,
}

// apacheAlso are those that bear on it in ways that no setting tells.
var apacheAlso = []string{"proxy-initial-not-pooled", "downgrade-1.0", "force-response-1.0"}

// sections are those of the web space and of folders that count in a server:
// the server config's first.
func (c *apacheConfig) sections(s *apacheServer) []*directive {
	var list []*directive
	from := []*apacheServer{c.main, s}
	if s == c.main {
		from = from[:1]
	}
	for _, server := range from {
		for _, d := range server.own {
			switch d.name {
			case "<location", "<locationmatch", "<directory", "<directorymatch", "<files", "<filesmatch", "<if", "<elseif", "<else":
				list = append(list, d)
			}
		}
	}
	return list
}

// decidesThere reports whether a section has a line that may close connections.
func decidesThere(d *directive) bool {
	return slices.ContainsFunc(d.inside, func(in *directive) bool { return in.closes() || in.name[0] == '<' && decidesThere(in) })
}

// closes reports whether a line may decide whether connections stay.
func (d *directive) closes() bool {
	for _, e := range d.variables() {
		if apacheVariables[e.name] != "" {
			return true
		}
	}
	return d.closeHeader() != no
}

// An apacheVariable is one that a line sets or takes away.
type apacheVariable struct {
	name  string
	unset bool
	when  tri // whether the condition of SetEnvIf always holds
}

// variables are those that a line sets or takes away.
func (d *directive) variables() []apacheVariable {
	var list []apacheVariable
	switch d.name {
	case "setenv":
		list = append(list, apacheVariable{name: strings.ToLower(d.arg(0)), when: yes})
	case "unsetenv":
		for _, w := range d.words[1:] {
			list = append(list, apacheVariable{name: strings.ToLower(w), unset: true, when: yes})
		}
	case "setenvif", "setenvifnocase", "browsermatch", "browsermatchnocase", "setenvifexpr":
		first, when := 3, perhaps
		if strings.HasPrefix(d.name, "browser") || d.name == "setenvifexpr" {
			first = 2
		}
		if first == 3 && slices.Contains([]string{".*", "^", "", "^.*$", "^.*"}, d.arg(1)) {
			when = yes
		}
		for _, w := range d.words[min(first, len(d.words)):] {
			name, unset := strings.CutPrefix(w, "!")
			name, _, _ = strings.Cut(name, "=")
			list = append(list, apacheVariable{strings.ToLower(name), unset, when})
		}
	}
	return list
}

// closeHeader reports whether a Header line closes the connections of clients.
func (d *directive) closeHeader() tri {
	if d.name != "header" {
		return no
	}
	words := d.words[1:]
	if len(words) > 0 && (strings.EqualFold(words[0], "always") || strings.EqualFold(words[0], "onsuccess")) {
		words = words[1:]
	}
	if len(words) < 3 || !strings.EqualFold(words[1], "connection") {
		return no
	}
	switch action := strings.ToLower(words[0]); {
	case action == "unset" || action == "note" || action == "echo":
		return no
	case strings.HasPrefix(action, "edit"):
		return perhaps
	case !strings.Contains(strings.ToLower(words[2]), "close"):
		return no
	case len(words) > 3:
		return perhaps
	}
	return yes
}

// environment takes what the variables and headers of a place decide: those of
// the server first, then of <Proxy> or of a folder, then of the web space.
func (c *apacheConfig) environment(s *apacheServer, m apacheMapping, p *apachePlace) {
	e := apacheEnvironment{set: map[string]*directive{}, doubt: map[string]*directive{}}
	from := []*apacheServer{c.main, s}
	if s == c.main {
		from = from[:1]
	}
	for _, server := range from {
		c.each(server.own, m, &e)
	}
	for _, server := range from {
		for _, d := range server.own {
			if m.worker != nil && (d.name == "<proxy" || d.name == "<proxymatch") && proxied(d, m.url) {
				c.each(d.inside, m, &e)
			}
		}
	}
	if m.folder != nil {
		c.each(m.folder.inside, m, &e)
	}
	for _, d := range c.sections(s) {
		switch {
		case strings.HasPrefix(d.name, "<location") && m.path != "":
			switch d.matches(m.path) {
			case yes:
				c.each(d.inside, m, &e)
			case perhaps:
				c.doubtEach(d, p)
			case no:
			}
		case strings.HasPrefix(d.name, "<if") || strings.HasPrefix(d.name, "<else"):
			c.doubtEach(d, p)
		}
	}
	for _, name := range []string{"nokeepalive", "force-proxy-request-1.0", "proxy-nokeepalive", "connection"} {
		id := apacheVariables[name]
		if name == "connection" {
			id = apacheKeepAlive
		}
		if id == apacheReuse && m.worker == nil {
			continue
		}
		if d := e.set[name]; d != nil {
			p.set(id, d, model.ValueOff)
		}
		if d := e.doubt[name]; d != nil && e.set[name] == nil {
			p.doubt(d, "whether "+d.words[0]+" "+d.text()+" holds depends on the request", id)
		}
	}
}

// An apacheEnvironment is which line sets a variable, by name; the header
// Connection stands beside them.
type apacheEnvironment struct{ set, doubt map[string]*directive }

// each takes the lines of one place in order.
func (c *apacheConfig) each(list []*directive, m apacheMapping, e *apacheEnvironment) {
	for _, d := range list {
		if d.name[0] == '<' && (d.name == "<limit" || d.name == "<limitexcept") {
			c.each(d.inside, m, e)
			continue
		}
		if d.doubt != "" && d.closes() {
			for _, v := range d.variables() {
				e.doubt[v.name] = d
			}
			continue
		}
		switch d.closeHeader() {
		case yes:
			e.set["connection"] = d
		case perhaps:
			e.doubt["connection"] = d
		case no:
		}
		for _, v := range d.variables() {
			named := strings.HasPrefix(d.name, "browser") || strings.EqualFold(d.arg(0), "user-agent")
			if named && slices.Contains(apacheAlso, v.name) {
				c.lost[d] = "it holds for the clients that it names only"
			}
			if v.name == "proxy-initial-not-pooled" {
				c.lost[d] = "only the first request of a client's connection gets a new one by it"
			}
			if apacheVariables[v.name] == "" {
				continue
			}
			when := v.when
			if when == perhaps && strings.EqualFold(d.arg(0), "request_uri") && m.path != "" {
				when = uriHolds(d, m.path)
			}
			switch {
			case v.unset && when == yes:
				if e.set[v.name] == nil {
					c.lost[d] = "nothing sets it before"
					continue
				}
				delete(e.set, v.name)
				c.mark(d)
			case when == yes:
				e.set[v.name] = d
			case when == perhaps && named:
				c.lost[d] = "it holds for the clients that it names only"
			case when == perhaps:
				e.doubt[v.name] = d
			}
		}
	}
}

// uriHolds is whether SetEnvIf Request_URI holds for a path and all below it.
func uriHolds(d *directive, at string) tri {
	re, err := regexp.Compile(d.arg(1))
	if err != nil {
		return perhaps
	}
	begin := beginning(d.arg(1))
	switch {
	case re.MatchString(at) && re.MatchString(at+"/x"):
		return yes
	case strings.HasPrefix(d.arg(1), "^") && !strings.HasPrefix(begin, at) && !strings.HasPrefix(at, begin):
		return no
	}
	return perhaps
}

// doubtEach doubts what a section decides that may hold or not.
func (c *apacheConfig) doubtEach(section *directive, p *apachePlace) {
	for _, d := range section.inside {
		if d.closes() {
			p.doubt(d, "whether "+section.words[0]+" "+section.text()+"> holds depends on the request", apacheKeepAlive, apacheReuse)
		}
	}
}

// proxied reports whether a <Proxy> section holds for a URL.
func proxied(d *directive, url string) bool {
	pattern := d.arg(0)
	if d.name == "<proxymatch" || pattern == "~" {
		if pattern == "~" {
			pattern = d.arg(1)
		}
		re, err := regexp.Compile(pattern)
		return err == nil && re.MatchString(url)
	}
	pattern = strings.TrimSuffix(pattern, "*")
	return strings.HasPrefix(url, pattern)
}

// sectionPath is the path of the web space that a section begins at.
func sectionPath(d *directive) string {
	pattern, regex := d.arg(0), strings.HasSuffix(d.name, "match")
	if pattern == "~" {
		pattern, regex = d.arg(1), true
	}
	if regex {
		return beginning(pattern)
	}
	before, _, _ := strings.Cut(pattern, "*")
	return before
}

// apacheNames are the directives that bear on connections.
var apacheNames = []string{
	"keepalive", "keepalivetimeout", "maxkeepaliverequests", "timeout", "proxytimeout", "requestreadtimeout",
	"maxrequestworkers", "maxclients", "serverlimit", "threadsperchild", "asyncrequestworkerfactor",
	"maxconnectionsperchild", "maxrequestsperchild", "listenbacklog", "acceptfilter", "protocols", "gracefulshutdowntimeout",
	"proxypass", "proxypassmatch", "proxypassinherit", "proxyset", "balancermember", "<proxy", "<virtualhost",
	"h2streamtimeout", "h2maxdataframelen", "proxywebsocketidletimeout",
}

// apacheOthers are directives with such words in their names that have nothing
// to do with the connections of requests.
var apacheOthers = []string{
	"sslsessioncachetimeout", "sslocsptimeout", "sslstaplingrespondertimeout", "sslstaplingresponsemaxage", "ldapconnectiontimeout", "ldaptimeout",
	"ldapconnectionpoolttl", "ldapopcachettl", "ldapcachettl", "authncachetimeout", "authdbduserpwquery", "sessionmaxage", "dbdkeep", "dbdmax", "dbdmin",
	"cgidscripttimeout", "cgiscripttimeout", "cacheminexpire", "cachemaxexpire", "proxyftpdircharset", "expiresdefault", "expiresbytype",
	"memcacheconnttl", "rediscconnpoolttl", "rediscconnttl", "redisconnpoolttl", "redistimeout", "luapackagepath",
}

// apacheBears reports whether a directive bears on connections.
func apacheBears(d *directive) bool {
	name := d.name
	switch {
	case slices.Contains(apacheNames, name):
		return true
	case slices.Contains(apacheOthers, name), strings.HasPrefix(name, "</"):
		return false
	case name == "loadmodule":
		return strings.HasPrefix(strings.ToLower(d.arg(0)), "mpm_")
	case name == "rewriterule":
		return rewritesToProxy(d)
	case name == "header" || name == "requestheader":
		return strings.Contains(strings.ToLower(d.text()), "connection") && d.closeHeader() != no || strings.Contains(strings.ToLower(d.text()), "keep-alive")
	}
	if list := d.variables(); len(list) > 0 {
		return slices.ContainsFunc(list, func(v apacheVariable) bool {
			return apacheVariables[v.name] != "" || slices.Contains(apacheAlso, v.name)
		})
	}
	return name[0] != '<' && concernsConnections(name)
}

// apacheBearsLine is [apacheBears] for a line of a file.
func apacheBearsLine(line string) bool {
	if strings.HasPrefix(line, "#") {
		return false
	}
	words := apacheWords(strings.TrimSuffix(line, ">"))
	return len(words) > 0 && words[0] != "" && apacheBears(&directive{name: strings.ToLower(words[0]), words: words})
}
