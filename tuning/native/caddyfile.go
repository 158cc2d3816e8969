package native

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// A caddyNode is a directive of a Caddyfile, and its block.
type caddyNode struct {
	file  string
	line  int
	words []string
	block []*caddyNode
}

// caddyDepth bounds blocks in blocks, and snippets that import each other.
const caddyDepth = 40

// caddyNodesLimit bounds what imports of snippets multiply.
const caddyNodesLimit = 50_000

// A caddyParser reads text into a tree.
type caddyParser struct {
	*reader
	snippets map[string][]*caddyNode
	nodes    int
}

// caddyWords splits a line: double quotes and backticks hold words together, a
// # that begins a word ends it.
func caddyWords(line string) []string {
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case (r == '"' || r == '`') && !in:
			quote, in = r, true
		case r == ' ' || r == '\t' || r == '\r':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		case r == '#' && !in:
			return words
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}

// parse is the tree of a text, with what it imports in the place of the import.
func (p *caddyParser) parse(text string) []*caddyNode {
	root := &caddyNode{}
	open := []*caddyNode{root}
	var joined strings.Builder // lines that go on
	begin := 0
	for n, line := range numbered(text) {
		if joined.Len() == 0 {
			begin = n
		}
		joined.WriteString(strings.TrimSuffix(line, `\`) + " ")
		if strings.HasSuffix(line, `\`) {
			continue
		}
		words := caddyWords(joined.String())
		joined.Reset()
		if len(words) == 0 {
			continue
		}
		if words[0] == "}" {
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
			continue
		}
		node := &caddyNode{file: p.file, line: begin, words: words}
		last := open[len(open)-1]
		last.block = append(last.block, node)
		if words[len(words)-1] == "{" {
			node.words = words[:len(words)-1]
			if len(open) < caddyDepth {
				open = append(open, node)
			}
		}
	}
	return p.collect(root.block)
}

// collect takes the snippets out of a tree.
func (p *caddyParser) collect(list []*caddyNode) []*caddyNode {
	var rest []*caddyNode
	for _, n := range list {
		if len(n.words) == 1 && strings.HasPrefix(n.words[0], "(") {
			p.snippets[strings.Trim(n.words[0], "()")] = n.block
			continue
		}
		rest = append(rest, n)
	}
	return rest
}

// expanded is a block with its imports replaced by what they mean.
func (p *caddyParser) expanded(list []*caddyNode, depth int) []*caddyNode {
	var all []*caddyNode
	for _, n := range list {
		if p.nodes++; p.nodes > caddyNodesLimit || depth > caddyDepth {
			return all
		}
		if len(n.words) < 2 || n.words[0] != "import" {
			c := *n
			c.block = p.expanded(n.block, depth+1)
			all = append(all, &c)
			continue
		}
		p.file = n.file
		if snippet, ok := p.snippets[n.words[1]]; ok {
			p.use(n.line)
			all = append(all, p.expanded(caddyArguments(snippet, n.words[2:]), depth+1)...)
			continue
		}
		home := p.opened.home
		if chain := p.opened.chain; len(chain) > 0 {
			p.opened.home = path.Dir(chain[len(chain)-1])
		}
		for text := range p.included(n.line, n.words[1]) {
			all = append(all, p.expanded(caddyArguments(p.parse(text), n.words[2:]), depth+1)...)
		}
		p.opened.home = home
	}
	return all
}

var caddyArgument = lazily(`\{args(?:\.(\d+)|\[(\d+)\])\}`)

// caddyArguments is a snippet with the arguments of its import.
func caddyArguments(list []*caddyNode, args []string) []*caddyNode {
	out := make([]*caddyNode, len(list))
	for i, n := range list {
		c := *n
		c.words = slices.Clone(n.words)
		for j, w := range c.words {
			c.words[j] = caddyArgument().ReplaceAllStringFunc(w, func(m string) string {
				digits := caddyArgument().FindStringSubmatch(m)
				if at, err := strconv.Atoi(digits[1] + digits[2]); err == nil && at < len(args) {
					return args[at]
				}
				return m
			})
		}
		c.block = caddyArguments(n.block, args)
		out[i] = &c
	}
	return out
}

var caddyBearing = lazily(`^(?:(?:keepalive|read|write|idle|dial|response_header|expect_continue|stream)\w*|tls_timeout|max_conns_per_host|versions|grace_period|shutdown_delay)\s|(?i)\bconnection\s+["'{]?(close|keep-alive)`)

// caddyBears reports whether a line speaks of how long connections live.
func caddyBears(line string) bool {
	return line != "" && line[0] != '#' && caddyBearing().MatchString(line)
}

// caddyOptions is a servers block of the global options.
type caddyOptions struct {
	listener string
	scope    *scope
}

// A caddyReader tells sites and their proxies apart.
type caddyReader struct {
	*caddyParser
	options             []caddyOptions
	httpPort, httpsPort string
}

// readCaddy reads a Caddyfile: a context for each handler of a site that sends
// requests on, or for each site that has none. A file to be imported has parts
// of one only.
func readCaddy(r *reader, text string) {
	c := &caddyReader{caddyParser: &caddyParser{reader: r, snippets: map[string][]*caddyNode{}}, httpPort: "80", httpsPort: "443"}
	list := c.expanded(c.parse(text), 0)
	if len(list) > 0 && len(list[0].words) == 0 {
		c.global(list[0].block)
		list = list[1:]
	}
	if len(list) > 0 && len(list[0].block) == 0 && !caddyPart(list[0]) { // one site without braces
		list = []*caddyNode{{file: list[0].file, line: list[0].line, words: list[0].words, block: list[1:]}}
	}
	for _, n := range list {
		if caddyPart(n) {
			c.part(n)
		} else {
			c.site(n)
		}
	}
	if len(r.listed) == 0 {
		for _, o := range c.options {
			if len(c.options) == 1 {
				o.scope.where = ""
			}
			r.list(o.scope, "")
		}
	}
	r.file = r.opened.source.Name
}

// caddyParts are directives that a file to be imported may begin with.
var caddyParts = []string{"servers", "timeouts", "transport", "reverse_proxy", "handle", "handle_path", "route", "php_fastcgi"}

func caddyPart(n *caddyNode) bool {
	return len(n.words) > 0 && (slices.Contains(caddyParts, n.words[0]) || strings.HasPrefix(n.words[0], "keepalive"))
}

// part reads a directive that stands at the top of a file to be imported.
func (c *caddyReader) part(n *caddyNode) {
	switch n.words[0] {
	case "servers":
		c.file = n.file
		c.in(c.root, func() { c.servers(n.block) })
	case "transport", "timeouts":
		c.in(c.root, func() { c.transport([]*caddyNode{n}) })
	default:
		c.proxies([]*caddyNode{n}, "", c.root, n)
	}
}

// global reads the options at the top of a Caddyfile.
func (c *caddyReader) global(list []*caddyNode) {
	for _, n := range list {
		switch c.file = n.file; {
		case len(n.words) == 2 && n.words[0] == "http_port":
			c.httpPort = n.words[1]
		case len(n.words) == 2 && n.words[0] == "https_port":
			c.httpsPort = n.words[1]
		case len(n.words) > 0 && n.words[0] == "servers":
			o := caddyOptions{scope: c.scope(n.line, strings.Join(n.words, " "), nil)}
			if len(n.words) > 1 {
				o.listener = n.words[1]
			}
			o.scope.system = "caddy"
			c.in(o.scope, func() { c.servers(n.block) })
			c.options = append(c.options, o)
		}
	}
}

func (c *caddyReader) servers(list []*caddyNode) {
	for _, n := range list {
		c.file = n.file
		switch {
		case n.words[0] == "timeouts":
			for _, t := range n.block {
				c.file = t.file
				for param, name := range caddyTimeouts {
					if len(t.words) == 2 && t.words[0] == name {
						c.value(t, caddyFace+model.ParamID(param), func(text string) { c.caddyTime(t.line, caddyFace+model.ParamID(param), text) })
					}
				}
			}
		case len(n.words) == 2:
			c.value(n, caddyFace+"tcp_keepalive", func(text string) { c.caddySocket(n.line, n.words[0], text, caddyFace) })
		}
	}
}

// value takes a value unless the environment decides it.
func (c *caddyReader) value(n *caddyNode, id model.ParamID, take func(string)) {
	if text := n.words[1]; strings.Contains(text, "{$") || strings.Contains(text, "{env.") {
		c.unknown(n.line, id, "%s is decided by the environment", id)
		return
	}
	take(n.words[1])
}

// site lists the contexts of a site.
func (c *caddyReader) site(n *caddyNode) {
	c.file = n.file
	name := strings.Join(n.words, " ")
	listeners := c.listeners(n)
	for _, listener := range listeners {
		var from *scope
		if i := slices.IndexFunc(c.options, func(o caddyOptions) bool { return o.listener == "" || o.listener == listener }); i >= 0 {
			from = c.options[i].scope
		}
		where := "site " + name
		if len(listeners) > 1 {
			where += " on " + listener
		}
		c.file = n.file
		s := c.scope(n.line, where, from)
		s.system, s.listens = "caddy", known(address(listener, ""))
		if !c.proxies(n.block, where, s, n) && from != nil {
			c.list(s, "")
		}
	}
}

// listeners are the addresses that a site is served at, as servers names them
// (caddy:caddyconfig/httpcaddyfile/addresses.go).
func (c *caddyReader) listeners(n *caddyNode) []string {
	hosts := []string{""}
	for _, d := range n.block {
		if len(d.words) > 1 && d.words[0] == "bind" {
			hosts = d.words[1:]
		}
	}
	var list []string
	for _, word := range n.words {
		for address := range strings.FieldsFuncSeq(word, func(r rune) bool { return r == ',' }) {
			scheme, rest, ok := strings.Cut(address, "://")
			if !ok {
				scheme, rest = "", address
			}
			u, err := url.Parse("//" + rest)
			if err != nil {
				continue
			}
			port := u.Port()
			if port == "" {
				port = c.httpsPort
				if scheme == "http" {
					port = c.httpPort
				}
			}
			for _, host := range hosts {
				if l := host + ":" + port; !slices.Contains(list, l) {
					list = append(list, l)
				}
			}
		}
	}
	if len(list) == 0 {
		return []string{":" + c.httpsPort}
	}
	return list
}

// proxies lists a context for each handler below that sends requests on, and is
// false where there is none.
func (c *caddyReader) proxies(list []*caddyNode, where string, from *scope, at *caddyNode) bool {
	found := false
	for _, n := range list {
		if len(n.words) == 0 {
			continue
		}
		named := n.words
		switch n.words[0] {
		case "reverse_proxy", "php_fastcgi", "forward_auth":
			for _, d := range n.block {
				if len(n.words) == 1 && len(d.words) > 1 && d.words[0] == "to" {
					named = slices.Concat(n.words, d.words[1:])
				}
			}
			c.file = cmp.Or(n.file, at.file)
			s := c.scope(n.line, strings.TrimPrefix(where+", "+strings.Join(named, " "), ", "), from)
			c.in(s, func() { c.transport(n.block) })
			s.system = "caddy"
			for _, to := range named[1:] {
				if to[0] != '/' && to[0] != '@' && to[0] != '*' { // which requests
					s.sends = known(append(s.sends, backend(to))...)
				}
			}
			c.list(s, "")
			found = true
		default:
			below := where
			if strings.HasPrefix(n.words[0], "handle") || n.words[0] == "route" {
				below += ", " + strings.Join(named, " ")
			}
			if len(n.block) > 0 && c.proxies(n.block, below, from, n) {
				found = true
			}
		}
	}
	return found
}

// transport reads how a proxy keeps its connections.
func (c *caddyReader) transport(list []*caddyNode) {
	for _, n := range list {
		if len(n.words) < 1 || n.words[0] != "transport" || len(n.words) > 1 && n.words[1] != "http" {
			continue
		}
		for _, o := range n.block {
			if len(o.words) == 2 {
				c.file = o.file
				c.value(o, caddyProxy+"keepalive", func(text string) { c.caddyTransport(o.line, o.words[0], text) })
			}
		}
	}
}
