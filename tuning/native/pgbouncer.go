package native

import (
	"strings"

	"example.com/keeptune/model"
)

const (
	pgbouncerFace     model.ParamID = "pgbouncer."
	pgbouncerUpstream model.ParamID = "pgbouncer.upstream."
	pgbouncerPooled   model.ParamID = "pgbouncer.pool_mode transaction"
)

// pgbouncerNames are the settings that the catalog has; those of sockets hold for both sides.
var pgbouncerNames = map[string][]model.ParamID{
	"client_idle_timeout": {pgbouncerFace + "client_idle_timeout"}, "idle_transaction_timeout": {pgbouncerFace + "idle_transaction_timeout"},
	"client_login_timeout": {pgbouncerFace + "client_login_timeout"},
	"server_idle_timeout":  {pgbouncerUpstream + "server_idle_timeout"}, "server_lifetime": {pgbouncerUpstream + "server_lifetime"},
	"server_check_delay": {pgbouncerUpstream + "server_check_delay"}, "query_timeout": {pgbouncerUpstream + "query_timeout"},
	"tcp_keepalive": {pgbouncerFace + "tcp_keepalive", pgbouncerUpstream + "tcp_keepalive"},
	"tcp_keepidle":  {pgbouncerFace + "tcp_keepidle", pgbouncerUpstream + "tcp_keepidle"},
	"tcp_keepintvl": {pgbouncerFace + "tcp_keepintvl", pgbouncerUpstream + "tcp_keepintvl"},
	"tcp_keepcnt":   {pgbouncerFace + "tcp_keepcnt", pgbouncerUpstream + "tcp_keepcnt"},
}

// pgbouncerApart are other settings that bear on connections, and why they are not used.
var pgbouncerApart = map[string]string{
	"tcp_user_timeout":       "it ends a connection whose data is not acknowledged; the arithmetic has it for neither side",
	"server_connect_timeout": "it bounds how long connecting to the database may take",
	"query_wait_timeout":     "it bounds how long a query may wait for a connection to the database",
	"autodb_idle_timeout":    "it forgets an unused pool, which has no connections",
	"transaction_timeout":    "it ends a transaction that is open, with its connection",
	"suspend_timeout":        "it is for a restart",
	"max_client_conn":        "it bounds how many connections there are, not how long they live",
}

func pgbouncer() *syntax {
	var knobs []knob
	for _, name := range []string{
		"client_idle_timeout", "idle_transaction_timeout", "client_login_timeout", "server_idle_timeout", "server_lifetime", "server_check_delay", "query_timeout",
		"tcp_keepalive", "tcp_keepidle", "tcp_keepintvl", "tcp_keepcnt",
	} {
		for _, id := range pgbouncerNames[name] {
			knobs = append(knobs, knob{param: id, line: name + " = %s"})
		}
	}
	return lineFormat(syntax{
		id:    "pgbouncer",
		signs: []string{`(?m)^\s*\[pgbouncer\]|^[|\s]*(server_idle_timeout|client_idle_timeout|server_check_delay)\s*[=|]`},
		title: "PgBouncer: lines of pgbouncer.ini", comment: semicolon,
		checks: []check{{"pgbouncer", "1.18", "SHOW CONFIG"}},
		read:   readPgBouncer, places: []string{"/etc/pgbouncer/pgbouncer.ini"},
		effect: func(*target) []string {
			return []string{"RELOAD on the admin console or systemctl reload pgbouncer reads the file; connections stay open."}
		},
	}, "=", lineFile{
		name: "keeptune-pgbouncer.ini", system: "pgbouncer",
		use:   "Name it by %include FILE at the end of section [pgbouncer], or copy its lines there. It has no section of its own: a second [pgbouncer] would set all that was said before back to the defaults.",
		knobs: append(knobs, knob{param: pgbouncerPooled, line: "pool_mode = %s", on: "transaction", off: "session"}),
	})
}

// readPgBouncer reads pgbouncer.ini and what it includes, and what SHOW CONFIG prints.
func readPgBouncer(r *reader, text string) {
	r.lastCounts = true
	section := "pgbouncer" // where a file is one that is included, or what the program prints
	r.pgbouncerText(text, &section)
}

func (r *reader) pgbouncerText(text string, section *string) {
	for l := range iniLines(text, "#;") {
		if file, ok := strings.CutPrefix(l.name, "%include"); ok {
			for more := range r.included(l.line, strings.TrimSpace(file)) {
				r.pgbouncerText(more, section)
			}
			continue
		}
		if l.header {
			*section = l.section
			if l.section == "pgbouncer" && len(r.root.settings) > 0 {
				r.pgbouncerForget(l.line)
			}
			continue
		}
		if *section != "pgbouncer" {
			continue
		}
		if cells := strings.Split(strings.Trim(l.name, "| "), "|"); len(cells) >= 3 { // SHOW CONFIG: key | value | default | changeable
			l.name, l.value = strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])
		}
		r.pgbouncerSet(l)
	}
}

// pgbouncerForget drops what was read: a section that is begun again has the defaults.
func (r *reader) pgbouncerForget(line int) {
	for id, s := range r.root.settings {
		r.over[place{s.Origin.Where, s.Origin.Line}] = place{r.file, line}
		delete(r.root.settings, id)
	}
	r.use(line)
}

func (r *reader) pgbouncerSet(l iniLine) {
	switch ids, why := pgbouncerNames[l.name], pgbouncerApart[l.name]; {
	case l.name == "pool_mode":
		r.take(l.line, pgbouncerPooled, model.Switch(l.value != "session"))
	case why != "":
		r.leave(l.line, "%s", why)
	default:
		for _, id := range ids {
			if strings.HasSuffix(l.name, "_timeout") || strings.HasPrefix(l.name, "server_") {
				r.number(l.line, id, l.value)
			} else {
				r.set(l.line, id, l.value)
			}
		}
	}
}
