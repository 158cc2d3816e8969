package native

import (
	"strings"

	"example.com/keeptune/model"
)

func postgresql() *syntax {
	const server, client model.ParamID = "postgresql.", "libpq."
	times := func(end model.ParamID, prefix, line string) []knob {
		return []knob{
			{param: end + "tcp_keepidle", line: prefix + "keepalives_idle" + line, steps: bareSeconds},
			{param: end + "tcp_keepintvl", line: prefix + "keepalives_interval" + line, steps: bareSeconds},
			{param: end + "tcp_keepcnt", line: prefix + "keepalives_count" + line},
			{param: end + "tcp_user_timeout", line: "tcp_user_timeout" + line},
		}
	}
	return lineFormat(
		syntax{
			id:    "postgresql",
			signs: []string{`(?m)^#?(tcp_keepalives_\w+|idle_session_timeout|max_connections|shared_buffers|keepalives(_\w+)?)\s*=|\bpostgres\s(.*\s)?(-c\s*|--)[\w-]+=`},
			title: "PostgreSQL: postgresql.conf, and pg_service.conf for clients", comment: hash,
			checks: []check{{"postgresql", "15", "SHOW in psql"}, {"libpq", "15", "psql service=keeptune"}},
			read:   readPostgres, bears: pgBears, notes: true, inContainers: true,
		}, "='",
		lineFile{
			name: "keeptune-postgresql.conf", system: "postgresql",
			use: "Copy it to the conf.d directory beside postgresql.conf (Debian), or its lines to the end of postgresql.conf; then SELECT pg_reload_conf(). A value set by ALTER SYSTEM, or for a role or a database, goes before it.",
			knobs: append(times(server, "tcp_", " = %s"),
				knob{param: server + "idle_session_timeout", line: "idle_session_timeout = %s", steps: secondsAndMillis},
				knob{param: server + "idle_in_transaction_session_timeout", line: "idle_in_transaction_session_timeout = %s", steps: secondsAndMillis},
				knob{param: server + "authentication_timeout", line: "authentication_timeout = %s", steps: secondsNamed}),
		},
		lineFile{
			name: "pg_service.conf", system: "libpq",
			use:   "Copy the section to ~/.pg_service.conf and connect with service=keeptune, or put its lines, with blanks between them, into the connection string.",
			head:  []string{"[keeptune]"},
			knobs: append(times(client, "", "=%s"), knob{param: client + "tcp_keepalive", line: "keepalives=%s"}),
		},
	)
}

const (
	redisProbes model.ParamID = "redis.tcp_keepalive"
	redisIdle   model.ParamID = "redis.tcp_keepidle"
)

func redis() *syntax {
	return lineFormat(syntax{
		id:    "redis",
		signs: []string{`(?m)^(tcp-keepalive|protected-mode|appendonly|maxmemory)\s`},
		title: "Redis, Valkey: redis.conf", comment: hash,
		checks: []check{{"redis", "7.0", "redis-server"}},
		read:   readRedis, inContainers: true,
		effect: func(*target) []string {
			return []string{"A restart reads the file and closes all connections; the commands at its end set the same at once."}
		},
	}, "", lineFile{
		name: "keeptune-redis.conf", system: "redis",
		use:   "Include it at the end of redis.conf, where it counts over what stands above.",
		knobs: []knob{{param: "redis.timeout", line: "timeout %s"}}, owns: []model.ParamID{redisProbes, redisIdle},
		byHand: "redis-cli CONFIG SET", body: redisBody, reset: true,
	})
}

// redisBody writes timeout, and tcp-keepalive: the time and the switch in one.
func redisBody(p *page, sh *lineFile) error {
	probes := p.has(redisProbes, redisIdle)
	var lines []string
	for _, it := range p.has("redis.timeout") {
		line, err := p.knobLine(it, sh.knob(it.param().ID))
		if err != nil {
			return err
		}
		if p.put("", it, line); !it.gone {
			lines = append(lines, line)
		}
	}
	p.reasons("", probes...)
	if !allGone(probes) {
		on, idle := p.value(redisProbes), p.value(redisIdle)
		value := "0"
		switch {
		case on.value == model.ValueOff && len(p.has(redisIdle)) > 0 && !p.has(redisIdle)[0].gone:
			return p.cannot(idle.row, idle.value, p.product(), "tcp-keepalive 0 switches the probes off; set tcp_keepalive=on, too")
		case on.value == model.ValueOn && (!idle.value.IsSet() || idle.row.Via != nil):
			return p.cannot(on.row, on.value, p.product(), "tcp-keepalive is the time before the first probe; set tcp_keepidle, too")
		case on.value == model.ValueOn:
			var err error
			if value, err = p.number(idle, p.product(), bareSeconds); err != nil {
				return err
			}
		}
		p.add("tcp-keepalive " + value)
		lines = append(lines, "tcp-keepalive "+value)
	}
	p.byHand(sh.byHand, lines)
	return nil
}

func readRedis(r *reader, text string) {
	for _, s := range lineStatements(text) {
		if len(s.words) == 2 {
			r.redisDirective(s.line, strings.ToLower(s.words[0]), s.words[1])
		}
	}
}

func (r *reader) redisDirective(line int, name, value string) {
	switch name {
	case "timeout":
		r.set(line, "redis.timeout", value)
	case "tcp-keepalive":
		r.take(line, redisProbes, model.Switch(value != "0"))
		if value != "0" {
			r.set(line, redisIdle, value)
		}
	}
}
