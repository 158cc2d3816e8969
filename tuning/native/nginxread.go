package native

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

const (
	nginxReuse   model.ParamID = "nginx.upstream.proxy_http_version" // from 1.29.7 on
	nginxUpIdle  model.ParamID = "nginx.upstream.keepalive_timeout"
	nginxUpCount model.ParamID = "nginx.upstream.keepalive_requests"
	nginxUpAge   model.ParamID = "nginx.upstream.keepalive_time"
)

// nginxPlaces are where nginx.conf lies: Linux packages, FreeBSD, a build of one's own.
var nginxPlaces = []string{"/etc/nginx/nginx.conf", "/usr/local/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf"}

// The directives of one value that inherit from http to server to location,
// and those of an upstream block.
var (
	nginxFront        = []string{"keepalive_requests", "keepalive_time", "keepalive_min_timeout", "client_header_timeout", "send_timeout"}
	nginxProxy        = []string{"proxy_read_timeout", "proxy_send_timeout"}
	nginxUpstreamOnes = []string{"keepalive", "keepalive_timeout", "keepalive_requests", "keepalive_time"}
)

// nginxBearing are the directives that bear on connections beside those whose
// names have keepalive, keep_conn, lingering or end with _timeout.
var nginxBearing = []string{
	"proxy_pass", "grpc_pass", "proxy_http_version", "proxy_next_upstream", "grpc_next_upstream", "grpc_next_upstream_tries", "proxy_next_upstream_tries", "proxy_socket_keepalive", "proxy_ignore_client_abort",
	"worker_connections", "http2_max_requests", "tcp_nodelay", "reset_timedout_connection",
}

// nginxElsewhere end as those do, and have nothing to do with connections of
// clients or to servers.
var nginxElsewhere = []string{
	"resolver_timeout", "ssl_session_timeout", "proxy_cache_lock_timeout", "fastcgi_cache_lock_timeout", "uwsgi_cache_lock_timeout", "scgi_cache_lock_timeout",
	"ssl_ocsp_cache", "auth_timeout",
}

// nginxShipped are included files that come with nginx and hold nothing that
// bears on connections.
var nginxShipped = []string{
	"mime.types", "fastcgi_params", "fastcgi.conf", "scgi_params", "uwsgi_params", "koi-utf", "koi-win", "win-utf",
}

// nginxBears reports whether a directive bears on connections.
func nginxBears(words []string) bool {
	if len(words) == 0 {
		return false
	}
	name := words[0]
	switch {
	case name == "listen":
		return slices.ContainsFunc(words, func(w string) bool {
			return strings.HasPrefix(w, "so_keepalive") || strings.HasPrefix(w, "backlog")
		})
	case name == "proxy_set_header":
		return len(words) > 1 && strings.EqualFold(words[1], "connection")
	case slices.Contains(nginxElsewhere, name):
		return false
	}
	return slices.Contains(nginxBearing, name) || strings.HasPrefix(name, "keepalive") || strings.HasSuffix(name, "_timeout") ||
		strings.HasPrefix(name, "lingering_") || strings.HasSuffix(name, "_keep_conn") || strings.HasSuffix(name, "_socket_keepalive")
}

// nginxComment is where a comment begins; quotes are not looked at.
var nginxComment = lazily(`^#|[\s;{}]#`)

// nginxBearsLine is nginxBears for the directives on a line.
func nginxBearsLine(line string) bool {
	if at := nginxComment().FindStringIndex(line); at != nil {
		line = line[:at[0]]
	}
	return ingressLine().MatchString(line) || slices.ContainsFunc(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(";{}", r) }), func(part string) bool {
		return nginxBears(strings.Fields(part))
	})
}

// A pinned is a word of a configuration and where it stands.
type pinned struct {
	place
	word string
}

// An nginxBlock is a block of a configuration, or the whole of it.
type nginxBlock struct {
	kind    string // main, http, server, location, if, upstream, map, other
	where   string // as it is written
	scope   *scope
	outer   *nginxBlock
	pass    *pinned  // where requests are sent
	grpc    bool     // by grpc_pass
	calls   []call   // lines of its own that hold for grpc_pass only
	version *pinned  // of HTTP to servers
	headers []header // proxy_set_header lines of its own
	listens []listen
	names   []string // of a server
	inner   []*nginxBlock
}

// A header is a proxy_set_header line.
type header struct {
	place
	name, value string
}

// A listen is a listen line: the address, and its so_keepalive where it says that.
type listen struct {
	place
	address string
	words   string
	probes  string
}

// An nginxFile reads the blocks of a configuration.
type nginxFile struct {
	*reader
	root      *nginxBlock
	maps      map[string]nginxMap // by variable, $ included
	upstreams map[string]*nginxBlock
	servers   []*nginxBlock
	http      *nginxBlock      // nil: a part of a configuration
	outside   []Doubt          // of includes beside the http block
	alone     map[place]string // lines that need another to have an effect, and which
}

// An nginxMap is how a variable depends on another.
type nginxMap struct {
	of     string
	values map[string]pinned
}

// readNginx reads a configuration, a part of one, or the output of nginx -T.
func readNginx(r *reader, text string) {
	if dump := nginxDump(text); dump != nil {
		r.opened.source.Files, r.opened.source.Path, r.opened.source.Root = dump, dump.main, "/"
		r.opened.chain = []string{dump.main}
		r.file, text = model.Clean(dump.main, 200), dump.texts[dump.main]
		r.root.file = r.file
	}
	if isIngress(text) {
		readIngress(r, text)
		return
	}
	n := &nginxFile{reader: r, maps: map[string]nginxMap{}, upstreams: map[string]*nginxBlock{}, alone: map[place]string{}}
	n.root = &nginxBlock{kind: "http", scope: r.root}
	r.root.system = "nginx"
	n.read(text, n.root)
	n.finish()
}

// A dump is the output of nginx -T: each file after a line that names it.
type dump struct {
	main  string
	texts map[string]string
	names []string
}

const dumpMark = "# configuration file "

// nginxDump takes the output of nginx -T apart, or is nil for anything else.
func nginxDump(text string) *dump {
	at := strings.Index(text, dumpMark)
	if at < 0 || at > 0 && text[at-1] != '\n' {
		return nil
	}
	d := &dump{texts: map[string]string{}}
	for text = text[at:]; text != ""; {
		head, rest, _ := strings.Cut(text, "\n")
		name := strings.TrimSuffix(strings.TrimRight(head[len(dumpMark):], "\r"), ":")
		body, next := rest, ""
		if i := strings.Index("\n"+rest, "\n"+dumpMark); i >= 0 {
			body, next = rest[:max(i-1, 0)], rest[i:]
		}
		if d.main == "" {
			d.main = name
		}
		if _, twice := d.texts[name]; !twice {
			d.texts[name] = body
			d.names = append(d.names, name)
		}
		text = next
	}
	slices.Sort(d.names)
	return d
}

// Read is the text of a file of the dump.
func (d *dump) Read(name string) ([]byte, error) {
	text, ok := d.texts[name]
	if !ok {
		return nil, errNotDumped
	}
	return []byte(text), nil
}

// Glob lists the files of the dump that a pattern names.
func (d *dump) Glob(pattern string) ([]string, error) {
	var found []string
	for _, name := range d.names {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, name)
		}
	}
	return found, nil
}

// read takes the directives of a text into a block.
func (n *nginxFile) read(text string, block *nginxBlock) {
	statements, cut := blockStatements(text)
	if block == n.root && n.http == nil && slices.ContainsFunc(statements, nginxMain) {
		block.kind = "main"
	}
	stack := []*nginxBlock{block}
	for _, s := range statements {
		top := stack[len(stack)-1]
		switch {
		case s.shut && len(stack) == 1:
			n.doubt(s.line, "a } without its {")
		case s.shut:
			if len(s.words) > 0 {
				n.warn(s.line, "%s lacks its ;", strings.Join(s.words, " "))
			}
			stack = stack[:len(stack)-1]
		case s.open:
			stack = append(stack, n.open(top, s))
		default:
			n.directive(top, s)
		}
	}
	if cut.line > 0 {
		n.doubt(cut.line, "the file ends inside a directive: "+strings.Join(cut.words, " "))
	}
	if len(stack) > 1 {
		n.doubt(strings.Count(text, "\n"), "the file ends inside a { block }")
	}
}

// nginxMain is true for what stands only at the top of a whole configuration.
func nginxMain(s statement) bool {
	return len(s.words) > 0 && (s.open && (s.words[0] == "http" || s.words[0] == "events") || s.words[0] == "worker_processes")
}

// open begins a block.
func (n *nginxFile) open(outer *nginxBlock, s statement) *nginxBlock {
	b := &nginxBlock{kind: "other", outer: outer, scope: outer.scope}
	if len(s.words) == 0 {
		return b
	}
	text := strings.Join(s.words, " ")
	switch s.words[0] {
	case "http":
		b.kind = "http"
		if n.http == nil {
			n.http = b
		}
	case "server":
		if outer.kind == "http" {
			b.kind = "server"
			n.servers = append(n.servers, b)
		}
	case "location", "limit_except":
		if outer.kind != "other" {
			b.kind, b.where = "location", text
		}
	case "if":
		switch outer.kind {
		case "location":
			b.kind, b.where = "location", text
		case "server":
			b.kind = "rewrite"
		}
	case "upstream":
		if outer.kind == "http" && len(s.words) == 2 {
			return n.upstream(s)
		}
	case "map":
		if len(s.words) == 3 {
			b.kind, b.where = "map", s.words[2]
			n.maps[b.where] = nginxMap{of: s.words[1], values: map[string]pinned{}}
		}
	}
	if b.kind == "server" || b.kind == "location" {
		b.scope = n.scope(s.line, "", outer.scope)
		b.scope.system = "nginx"
		outer.inner = append(outer.inner, b)
	}
	return b
}

func (n *nginxFile) upstream(s statement) *nginxBlock {
	b := &nginxBlock{kind: "upstream", where: s.words[1], scope: n.scope(s.line, "upstream "+s.words[1], nil)}
	b.scope.face = model.FaceClient
	b.scope.system = "nginx"
	if first := n.upstreams[b.where]; first != nil {
		n.warn(s.line, "upstream %s begins in line %d, too, which nginx refuses; the first is taken", b.where, first.scope.line)
		return b
	}
	n.upstreams[b.where] = b
	return b
}

// directive takes one line of a block.
func (n *nginxFile) directive(b *nginxBlock, s statement) {
	if b.kind == "map" {
		if len(s.words) == 2 {
			n.maps[b.where].values[s.words[0]] = pinned{place{n.file, s.line}, s.words[1]}
		}
		return
	}
	if nginxBears(s.words) {
		n.in(b.scope, func() { n.bear(s.line, strings.Join(s.words, " ")+";") })
	}
	if s.words[0] == "include" && len(s.words) == 2 {
		n.include(b, s.line, s.words[1])
		return
	}
	switch b.kind {
	case "upstream":
		n.in(b.scope, func() { n.nginxUpstream(s) })
	case "http", "server", "location":
		n.in(b.scope, func() { n.level(b, s) })
	case "rewrite":
	default:
		if nginxBears(s.words) && b.kind == "other" {
			n.leave(s.line, "keeptune reads the http block of nginx only")
		}
	}
}

func (n *nginxFile) include(b *nginxBlock, line int, name string) {
	if slices.Contains(nginxShipped, path.Base(name)) || b.kind == "other" || b.kind == "rewrite" {
		n.use(line)
		return
	}
	known := len(b.scope.doubts)
	n.in(b.scope, func() {
		for text := range n.included(line, name) {
			n.read(text, b)
		}
	})
	if b.kind == "main" { // modules; it matters where http itself is in it
		n.outside = append(n.outside, b.scope.doubts[known:]...)
		b.scope.doubts = b.scope.doubts[:known]
	}
}

func (r *reader) nginxUpstream(s statement) {
	name, args := s.words[0], s.words[1:]
	if name == "server" && len(args) > 0 {
		r.at.sends = known(append(r.at.sends, address(args[0], "80"))...)
	}
	if !slices.Contains(nginxUpstreamOnes, name) {
		return
	}
	if len(args) == 0 || len(args) > 1 && name != "keepalive" {
		r.warn(s.line, "%s takes one value", name)
		return
	}
	r.nginxSet(s.line, model.ParamID("nginx.upstream."+name), args[0])
}

// level takes a line that http, server and location have.
func (n *nginxFile) level(b *nginxBlock, s statement) {
	name, args := s.words[0], s.words[1:]
	face := model.ParamID("nginx.")
	here := place{n.file, s.line}
	switch {
	case name == "listen" && len(args) > 0:
		n.listen(b, here, args)
		return
	case name == "server_name":
		b.names = append(b.names, args...)
		return
	case (name == "proxy_pass" || name == "grpc_pass") && len(args) == 1:
		if b.pass != nil {
			n.left[b.pass.place] = fmt.Sprintf("line %d decides instead", s.line)
		}
		b.pass, b.grpc = &pinned{here, args[0]}, name == "grpc_pass"
		n.use(s.line)
		return
	case name == "proxy_http_version" && len(args) == 1:
		b.version = &pinned{here, args[0]}
		n.took[here] = true
		return
	case name == "proxy_set_header" && len(args) == 2:
		b.headers = append(b.headers, header{here, strings.ToLower(args[0]), args[1]})
		n.took[here] = true
		return
	case name == "keepalive_timeout" && len(args) == 2:
		n.nginxSet(s.line, nginxHeader, args[1])
		n.nginxSet(s.line, nginxTimeout, args[0])
		return
	case name == "proxy_next_upstream" && len(args) > 0:
		n.take(s.line, nginxRepeats, model.Switch(slices.Contains(args, "error") && !slices.Contains(args, "off")))
		n.take(s.line, nginxRepeatsAll, model.Switch(slices.Contains(args, "non_idempotent")))
		return
	case nginxCalls[name] != "" && len(args) > 0:
		b.calls = append(b.calls, call{here, s})
		n.alone[here] = "no grpc_pass reads it"
		return
	case name == "proxy_socket_keepalive" && len(args) == 1:
		n.set(s.line, nginxClientKA, args[0])
		return
	case name == "keepalive_timeout" || slices.Contains(nginxFront, name):
	case slices.Contains(nginxProxy, name):
		face += "upstream."
	case name == "keepalive":
		n.warn(s.line, "keepalive does not stand outside an upstream block")
		return
	default:
		return
	}
	if len(args) != 1 {
		n.warn(s.line, "%s takes one value", name)
		return
	}
	n.nginxSet(s.line, face+model.ParamID(name), args[0])
}

// nginxSet takes a value in nginx's units. M is a month there, w a week and y a
// year (nginx:src/core/ngx_parse.c).
func (r *reader) nginxSet(line int, id model.ParamID, text string) {
	if number, weeks := strings.CutSuffix(text, "w"); weeks {
		if n, err := strconv.Atoi(number); err == nil && n < 1000 {
			text = strconv.Itoa(7*n) + "d"
		}
	}
	if strings.ContainsAny(text, "Mwy$") {
		r.unreadable(line, id, text)
		return
	}
	r.set(line, id, text)
}

// unreadable warns of a value, and keeps that it is not known where it decides.
func (r *reader) unreadable(line int, id model.ParamID, text string) {
	r.warn(line, "%s %s is not understood", id, text)
	if p := r.param(line, id); p != nil && decisive(p.Role) {
		r.keep(line, p, model.ValueUnknown)
	}
}

func (n *nginxFile) listen(b *nginxBlock, here place, args []string) {
	l := listen{place: here, address: nginxAddress(args[0]), words: args[0]}
	for _, a := range args[1:] {
		if v, ok := strings.CutPrefix(a, "so_keepalive="); ok {
			l.probes = v
		}
	}
	b.listens = append(b.listens, l)
	if b.kind != "server" && l.probes != "" { // a part of a configuration
		n.nginxSocket(here.line, l.probes)
	}
}

// nginxAddress is an address as nginx compares it: *:80 for 80.
func nginxAddress(word string) string {
	switch {
	case strings.HasPrefix(word, "unix:"):
		return word
	case strings.Trim(word, "0123456789") == "":
		return "*:" + word
	case !strings.Contains(strings.TrimLeft(word, "["), ":") || strings.HasSuffix(word, "]"):
		word += ":80"
	}
	return strings.Replace(word, "0.0.0.0:", "*:", 1)
}

func (r *reader) nginxSocket(line int, text string) {
	switch text {
	case "on", "off":
		r.set(line, "nginx.tcp_keepalive", text)
		return
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		r.warn(line, "so_keepalive takes on, off or idle:interval:count")
		return
	}
	r.set(line, "nginx.tcp_keepalive", "on")
	for i, id := range []model.ParamID{"nginx.tcp_keepidle", "nginx.tcp_keepintvl", "nginx.tcp_keepcnt"} {
		if parts[i] != "" {
			r.nginxSet(line, id, parts[i])
		}
	}
}
