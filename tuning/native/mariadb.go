package native

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

const mariadbFace = "mariadb."

// mariadbNames are the variables that the catalog has.
var mariadbNames = map[string]model.ParamID{
	"wait_timeout": mariadbFace + "wait_timeout", "interactive_timeout": mariadbFace + "interactive_timeout",
	"idle_transaction_timeout": mariadbFace + "idle_transaction_timeout", "connect_timeout": mariadbFace + "connect_timeout",
	"net_read_timeout": mariadbFace + "net_read_timeout", "net_write_timeout": mariadbFace + "net_write_timeout",
	"tcp_keepalive_time": mariadbFace + "tcp_keepidle", "tcp_keepalive_interval": mariadbFace + "tcp_keepintvl", "tcp_keepalive_probes": mariadbFace + "tcp_keepcnt",
}

// mariadbApart are other variables that bear on connections, and why they are not used.
var mariadbApart = map[string]string{
	"slave_net_timeout":                 "it is for replication",
	"idle_readonly_transaction_timeout": "it is for sessions inside a transaction that only reads",
	"idle_write_transaction_timeout":    "it is for sessions inside a transaction that writes",
	"max_connections":                   "it bounds how many connections there are, not how long they live",
	"thread_pool_idle_timeout":          "it ends a thread, not a connection",
	"max_statement_time":                "it ends a statement, not the connection",
}

func mariadb() *syntax {
	variable := func(id, name string) knob {
		return knob{param: model.ParamID(mariadbFace + id), line: name + " = %s", gone: name + " = 0"}
	}
	plain := func(name string) knob {
		return knob{param: model.ParamID(mariadbFace + name), line: name + " = %s", steps: bareSeconds}
	}
	return lineFormat(syntax{
		id:    "mariadb",
		signs: []string{`(?m)^\s*\[(mysqld|mariadbd?|client-server|server)[0-9.-]*\]|^[|\s]*(wait|interactive)[_-]timeout\b|\s--(wait|interactive)[_-]timeout=|^!includedir\s.*(mysql|mariadb|my\.cnf)`},
		title: "MariaDB, MySQL: lines of my.cnf", comment: hash,
		checks: []check{{"mariadb", "10.11", "SHOW VARIABLES"}},
		read:   readMariaDB, inContainers: true, places: []string{"/etc/mysql/my.cnf", "/etc/my.cnf"},
		effect: func(*target) []string {
			return []string{"A restart reads the file and closes all connections; the commands at its end set the same at once, for new sessions."}
		},
	}, "=", lineFile{
		name: "keeptune-mariadb.cnf", system: "mariadb",
		use:  "Copy it to a folder that my.cnf includes: /etc/mysql/mariadb.conf.d (Debian), /etc/my.cnf.d. Of a name that is set twice the last one counts.",
		head: []string{"[mysqld]"},
		knobs: []knob{
			plain("wait_timeout"), plain("interactive_timeout"), plain("idle_transaction_timeout"), plain("connect_timeout"), plain("net_read_timeout"), plain("net_write_timeout"),
			variable("tcp_keepidle", "tcp_keepalive_time"), variable("tcp_keepintvl", "tcp_keepalive_interval"), variable("tcp_keepcnt", "tcp_keepalive_probes"),
		},
		byHand: "SET GLOBAL", reset: true,
	})
}

// mariadbGroup reports whether the server reads a group of its files of options, and
// whether one version alone does.
func mariadbGroup(name string) (reads, version bool) {
	base, suffix, _ := strings.Cut(name, "-")
	switch base {
	case "mysqld", "mariadb", "mariadbd":
		return true, suffix != ""
	case "server", "galera":
		return suffix == "", false
	}
	return name == "client-server", false
}

// readMariaDB reads my.cnf and what it includes; the last line of a name counts, in
// whichever of the server's groups it stands.
func readMariaDB(r *reader, text string) {
	r.lastCounts = true
	r.mariadbText(text)
}

func (r *reader) mariadbText(text string) {
	for l := range iniLines(text, "#;") {
		if name, ok := strings.CutPrefix(l.name, "!"); ok {
			r.mariadbInclude(l.line, strings.Fields(name))
			continue
		}
		if l.section == "" && r.mariadbDump(l.line, l.name+"="+l.value) {
			continue
		}
		name := mariadbName(l.name)
		reads, version := mariadbGroup(l.section)
		id, why := mariadbNames[name], mariadbApart[name]
		switch {
		case l.header:
		case !reads && l.section != "":
			if id != "" {
				r.leave(l.line, "group [%s] is not read by the server", model.Clean(l.section, 40))
			}
		case why != "":
			r.leave(l.line, "%s", why)
		case id == "":
		case version:
			r.unknown(l.line, id, "%s is not known: group [%s] counts for that version alone", name, l.section)
		default:
			r.mariadbSet(l.line, id, mariadbValue(l.value))
		}
	}
}

// mariadbDump takes what the program prints of itself: a row of SHOW VARIABLES or of
// mariadbd --verbose --help, and the words of mariadbd --print-defaults.
func (r *reader) mariadbDump(line int, text string) (found bool) {
	words := strings.Fields(strings.Trim(text, "|="))
	words = slices.DeleteFunc(words, func(w string) bool { return w == "|" })
	for _, w := range words {
		if rest, long := strings.CutPrefix(w, "--"); long {
			name, value, _ := strings.Cut(rest, "=")
			if id := mariadbNames[mariadbName(name)]; id != "" && value != "#" {
				r.mariadbSet(line, id, value)
			}
			found = true
		}
	}
	if len(words) == 2 && !found {
		if id := mariadbNames[mariadbName(words[0])]; id != "" {
			r.mariadbSet(line, id, words[1])
			return true
		}
	}
	return found
}

// mariadbName is a variable as SHOW VARIABLES writes it.
func mariadbName(text string) string {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", "_"))
	return strings.TrimPrefix(text, "loose_")
}

// mariadbInclude reads other files in the place of a line; of a folder those that end in .cnf.
func (r *reader) mariadbInclude(line int, words []string) {
	if len(words) != 2 || words[0] != "include" && words[0] != "includedir" {
		return
	}
	name := words[1]
	if words[0] == "includedir" {
		name = strings.TrimSuffix(name, "/") + "/*.cnf"
	}
	for text := range r.included(line, name) {
		r.mariadbText(text)
	}
}

// mariadbValue is a value without its quotes and without the comment behind it.
func mariadbValue(text string) string {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		if inner, _, ok := strings.Cut(text[1:], text[:1]); ok {
			return inner
		}
	}
	text, _, _ = strings.Cut(text, "#")
	return strings.TrimSpace(text)
}

// mariadbSizes multiply a number of any variable.
var mariadbSizes = map[string]int64{"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50, "e": 1 << 60}

// mariadbSet takes a whole number with such a letter behind it. One that is out of range
// becomes the nearest that is not.
func (r *reader) mariadbSet(line int, id model.ParamID, text string) {
	p := r.param(line, id)
	if p == nil {
		return
	}
	digits := strings.TrimRight(strings.ToLower(text), "kmgtpe")
	n, err := strconv.ParseInt(digits, 10, 64)
	size := mariadbSizes[strings.ToLower(text)[len(digits):]]
	if err != nil || n < 0 || size == 0 || n > math.MaxInt64/size {
		r.warn(line, "%s takes a whole number, not %s", p.Name, text)
		return
	}
	n *= size
	if p.Shape() == model.ShapeSpan {
		low, high := p.Range()
		unit := int64(p.Unit.Size())
		if n != 0 || p.Zero == model.ZeroInvalid {
			n = min(max(n, low/unit), high/unit)
		}
	}
	r.set(line, id, strconv.FormatInt(n, 10))
}
