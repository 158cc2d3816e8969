package native

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// pgServer are the settings of a server, by name in small letters.
var pgServer = map[string]model.ParamID{
	"tcp_keepalives_idle": "postgresql.tcp_keepidle", "tcp_keepalives_interval": "postgresql.tcp_keepintvl", "tcp_keepalives_count": "postgresql.tcp_keepcnt",
	"tcp_user_timeout": "postgresql.tcp_user_timeout", "idle_session_timeout": "postgresql.idle_session_timeout",
	"idle_in_transaction_session_timeout": "postgresql.idle_in_transaction_session_timeout", "authentication_timeout": "postgresql.authentication_timeout",
}

// pgClient are the parameters of a connection of libpq, which have no units.
var pgClient = map[string]model.ParamID{
	"keepalives": "libpq.tcp_keepalive", "keepalives_idle": "libpq.tcp_keepidle", "keepalives_interval": "libpq.tcp_keepintvl",
	"keepalives_count": "libpq.tcp_keepcnt", "tcp_user_timeout": "libpq.tcp_user_timeout",
}

// pgApart are other names that bear on connections, and why they are not used.
var pgApart = map[string]string{
	"client_connection_check_interval": "it looks after a client while a query runs, not while the connection is idle",
	"statement_timeout":                "it ends a statement, not the connection",
	"transaction_timeout":              "it ends a transaction that is open, with its connection",
	"wal_sender_timeout":               "it is for replication",
	"wal_receiver_timeout":             "it is for replication",
	"max_connections":                  "it bounds how many connections there are, not how long they live",
	"connect_timeout":                  "it bounds how long connecting may take",
}

var (
	pgFlag    = lazily(`(?:(?:^|\s|["'\[,])-c["',\s-]*|\s--)([a-zA-Z_-]+)=('[^']*'|"[^"]*"|[^\s"',\]]+)`)
	pgURI     = lazily(`postgres(?:ql)?://[^\s"'<>]+`)
	pgSection = lazily(`^\[([^\]]+)\]$`)
	pgPair    = lazily(`(?:^|[\s"'` + "`" + `])([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s"']+)`)
	pgString  = lazily(`(?:^|[\s"'` + "`" + `])(?:host|hostaddr|dbname|service)\s*=\s*\S+.*\b(?:keepalives|tcp_user_timeout)`)
)

// pgBears reports whether a line speaks of connections.
func pgBears(line string) bool {
	if line == "" || line[0] == '#' {
		return false
	}
	for _, names := range []map[string]model.ParamID{pgServer, pgClient} {
		for name := range names {
			if strings.Contains(strings.ReplaceAll(strings.ToLower(line), "-", "_"), name) {
				return true
			}
		}
	}
	name := strings.ToLower(line[:len(line)-len(strings.TrimLeft(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"))])
	return pgApart[name] != ""
}

// A pgReader collects what a server's files say; the last line of a name counts.
type pgReader struct {
	*reader
	dataDir string
}

// readPostgres reads postgresql.conf and what it includes, a command line of
// postgres, and service files and connection strings of clients.
func readPostgres(r *reader, text string) {
	p := &pgReader{reader: r}
	if p.clientText(text) {
		return
	}
	p.serverText(text)
	auto := path.Join(path.Dir(r.opened.source.Path), "postgresql.auto.conf")
	if p.dataDir != "" {
		auto, _ = r.opened.find(path.Join(p.dataDir, "postgresql.auto.conf"))
	}
	if r.opened.source.Files == nil || r.opened.source.Path == "" || r.opened.source.Path == auto {
		return
	}
	if other, err := r.opened.read(auto); err == nil { // written by ALTER SYSTEM, read last
		r.reading(auto, other, func(text string) bool { p.serverText(text); return true })
	}
}

func (p *pgReader) serverText(text string) {
	flags := false
	for n, line := range numbered(text) {
		if pgBears(line) && !pgURI().MatchString(line) {
			p.bear(n, line)
		}
	}
	for _, m := range pgFlag().FindAllStringSubmatchIndex(text, -1) {
		name := strings.ToLower(strings.ReplaceAll(text[m[2]:m[3]], "-", "_"))
		if pgServer[name] != "" {
			flags = true
			p.server(pgLine{1 + strings.Count(text[:m[2]], "\n"), name, strings.Trim(text[m[4]:m[5]], `'"`)})
		}
	}
	odd := func(n int, line string) {
		if !flags && pgBears(line) {
			p.warn(n, "%s is not NAME = VALUE", line)
		}
	}
	for _, l := range pgLines(text, odd) {
		switch l.name {
		case "include", "include_if_exists", "include_dir":
			p.include(l)
		case "data_directory":
			p.dataDir = l.value
			p.use(l.line)
		default:
			p.server(l)
		}
	}
}

// include reads other files in the place of a line; their names begin at the
// folder of the file that names them.
func (p *pgReader) include(l pgLine) {
	home := p.opened.home
	defer func() { p.opened.home = home }()
	if chain := p.opened.chain; len(chain) > 0 {
		p.opened.home = path.Dir(chain[len(chain)-1])
	}
	name := l.value
	if l.name == "include_dir" {
		name = path.Join(name, "[^.]*.conf")
	}
	if l.name == "include_if_exists" && p.opened.source.Files != nil {
		if at, ok := p.opened.find(name); ok {
			if found, err := p.opened.source.Files.Glob(at); err == nil && len(found) == 0 {
				p.use(l.line)
				return
			}
		}
	}
	for text := range p.included(l.line, name) {
		p.serverText(text)
	}
}

func (p *pgReader) server(l pgLine) {
	id, why := pgServer[l.name], pgApart[l.name]
	switch {
	case id != "":
		p.pgSet(l, id)
	case why != "":
		p.leave(l.line, "%s", why)
	}
}

// pgSet takes a value; of one said again the last counts.
func (p *pgReader) pgSet(l pgLine, id model.ParamID) {
	param := p.param(l.line, id)
	if param == nil {
		return
	}
	v, err := pgValue(param, l.value)
	if err != nil {
		p.warn(l.line, "%s", err)
		return
	}
	p.replace(l.line, param, v)
}

// replace is put without a word where a value was said before.
func (r *reader) replace(line int, p *model.Param, v model.Value) {
	if old, ok := r.at.settings[p.ID]; ok && old.Origin != r.origin(line) {
		there := place{old.Origin.Where, old.Origin.Line}
		r.took[there] = true
		r.over[there] = place{r.file, line}
		delete(r.at.settings, p.ID)
	}
	r.put(line, p, v)
}

// clientText reads sections of a service file and connection strings, each a
// context, and is false where there are none.
func (p *pgReader) clientText(text string) bool {
	var scopes []*scope
	var section *scope
	open := func(n int, where string) *scope {
		s := p.scope(n, where, nil)
		scopes = append(scopes, s)
		return s
	}
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		if pgBears(line) {
			p.bear(n, line)
		}
		if m := pgSection().FindStringSubmatch(line); m != nil {
			section = open(n, "service "+m[1])
			p.use(n)
			continue
		}
		for _, uri := range pgURI().FindAllString(line, -1) {
			p.uri(n, uri, open)
		}
		if section == nil && pgString().MatchString(line) && !pgURI().MatchString(line) {
			pairs := pgPair().FindAllStringSubmatch(line, -1)
			s := open(n, fmt.Sprintf("the string of line %d", n))
			for _, m := range pairs {
				p.client(s, pgLine{n, m[1], strings.Trim(m[2], "'")})
			}
		}
		if name, value, ok := strings.Cut(line, "="); ok && section != nil {
			p.client(section, pgLine{n, strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)})
		}
	}
	if len(scopes) == 0 && !pgBareClient(text) {
		return false
	}
	if len(scopes) == 0 {
		for _, l := range pgLines(text, func(int, string) {}) {
			p.client(p.root, l)
		}
		return true
	}
	for _, s := range scopes {
		if len(scopes) == 1 && len(s.settings) == 0 && pgServerText(text) {
			return false
		}
	}
	for _, s := range scopes {
		p.list(s, "")
		if s.system == "" {
			s.system = "libpq"
		}
	}
	return true
}

// pgBareClient reports whether lines without a section are those of a client.
func pgBareClient(text string) bool {
	return strings.Contains(text, "keepalives") && !pgServerText(text)
}

func pgServerText(text string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(pgServer)), func(name string) bool {
		return name != "tcp_user_timeout" && strings.Contains(strings.ToLower(text), name)
	})
}

// uri reads the parameters of postgresql://host/db?keepalives_idle=30.
func (p *pgReader) uri(n int, text string, open func(int, string) *scope) {
	u, err := url.Parse(text)
	if err != nil {
		return
	}
	s := open(n, "the address "+model.Clean(u.Hostname()+u.Path, 80))
	query := u.Query()
	names := slices.Sorted(maps.Keys(query))
	slices.SortStableFunc(names, func(a, b string) int { // what is used, first
		return len(pgClient[b]) - len(pgClient[a])
	})
	for _, name := range names {
		p.client(s, pgLine{n, name, query[name][len(query[name])-1]})
	}
}

func (p *pgReader) client(s *scope, l pgLine) {
	id, why := pgClient[l.name], pgApart[l.name]
	switch {
	case id != "":
		p.in(s, func() { p.pgClientValue(l, id) })
	case why != "" && len(s.settings) == 0:
		p.bear(l.line, l.name+"="+l.value)
		p.leave(l.line, "%s", why)
	}
}

func (p *pgReader) pgClientValue(l pgLine, id model.ParamID) {
	param := p.param(l.line, id)
	if param == nil {
		return
	}
	v, err := param.ParseValue(l.value)
	if err != nil {
		p.warn(l.line, "%s", err)
		return
	}
	p.replace(l.line, param, v)
}
