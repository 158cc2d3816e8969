package native

import (
	"iter"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

const rabbitmqFace = "rabbitmq."

func rabbitmq() *syntax {
	return lineFormat(syntax{
		id:    "rabbitmq",
		signs: []string{`(?m)^\s*#*\s*(listeners\.tcp\b|tcp_listen_options\.|vm_memory_high_watermark\b|disk_free_limit\.|loopback_users\b|handshake_timeout\s*=|heartbeat\s*=)|^Application environment of node |^\s*\[?\{rabbit,`},
		title: "RabbitMQ: lines of rabbitmq.conf", comment: hash,
		checks: []check{{"rabbitmq", "3.10", "rabbitmq-server"}},
		read:   readRabbitMQ,
		effect: func(*target) []string {
			return []string{"A restart reads the file and closes all connections."}
		},
	}, "=", lineFile{
		name: "keeptune-rabbitmq.conf", system: "rabbitmq",
		use: "Copy it to /etc/rabbitmq/conf.d/ (from 3.8 on), or its lines to the end of rabbitmq.conf; of a name that is set twice the last one counts.",
		knobs: []knob{
			{param: rabbitmqFace + "heartbeat", line: "heartbeat = %s", steps: bareSeconds},
			{param: rabbitmqFace + "handshake_timeout", line: "handshake_timeout = %s", steps: bareMilliseconds},
			{param: rabbitmqFace + "tcp_keepalive", line: "tcp_listen_options.keepalive = %s", say: func(p *page, it item) (string, error) {
				p.note("One line of tcp_listen_options sets the defaults of all others aside, and the broker's reset becomes a FIN. Where rabbitmq.conf names none yet, add .backlog = 128, .nodelay = true, .linger.on = true, .linger.timeout = 0 and .exit_on_close = false.")
				return onOff(it.value, "true", "false"), nil
			}},
		},
	})
}

// readRabbitMQ reads rabbitmq.conf, and the terms that rabbitmqctl environment prints and
// advanced.config has.
func readRabbitMQ(r *reader, text string) {
	r.lastCounts = true
	if rabbitmqTerms().MatchString(text) {
		for line, pair := range erlangPairs(text) {
			if name, ok := strings.CutPrefix(pair.name, "rabbit."); ok { // plugins have a heartbeat, too
				r.rabbitmqSetting(line, name, pair.value)
			}
		}
		return
	}
	for n, line := range numbered(text) {
		if name, value, ok := strings.Cut(line, "="); ok && line[0] != '#' {
			value, _, _ = strings.Cut(value, "#")
			r.rabbitmqSetting(n, strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
}

// rabbitmqTerms is where a list of applications begins.
var rabbitmqTerms = lazily(`(?m)^\s*\[?\s*(\{|%)|^Application environment of node `)

// An erlangPair is {name,value} with the names of the tuples around it before its own.
type erlangPair struct{ name, value string }

// erlangToken is a comment, a string, a quoted atom, a bracket, a comma, the end of a line or
// a word.
var erlangToken = lazily(`%[^\n]*|"(?:[^"\\]|\\(?s:.))*"|'(?:[^'\\]|\\(?s:.))*'|[\[\]{},\n]|[^\s\[\]{},"'%]+`)

// erlangDepth bounds how deep in other terms a tuple is looked at.
const erlangDepth = 16

// erlangPairs yields the tuples of two words in a text of terms, and the lines that they end on.
func erlangPairs(text string) iter.Seq2[int, erlangPair] {
	return func(yield func(int, erlangPair) bool) {
		line, words, value := 1, 0, ""
		var around []string // what is open: a bracket or, of a tuple, its first word
		for _, at := range erlangToken().FindAllStringIndex(text, -1) {
			token := text[at[0]:at[1]]
			line += strings.Count(token, "\n")
			switch token[0] {
			case '%', '\n', ',':
			case '{', '[':
				around, words = append(around, token), 0
			case '}', ']':
				if words == 2 && token == "}" && 0 < len(around) && len(around) < erlangDepth {
					names := slices.DeleteFunc(slices.Clone(around), func(w string) bool { return w == "[" || w == "{" })
					if !yield(line, erlangPair{strings.Join(names, "."), value}) {
						return
					}
				}
				around, words = around[:max(len(around)-1, 0)], 3 // the tuple around it has no value of one word
			default:
				if words++; words == 1 && len(around) > 0 && around[len(around)-1] == "{" {
					around[len(around)-1] = token
				}
				value = token
			}
		}
	}
}

func (r *reader) rabbitmqSetting(line int, name, value string) {
	switch name {
	case "heartbeat", "handshake_timeout":
		r.number(line, model.ParamID(rabbitmqFace+name), value)
	case "tcp_listen_options.keepalive":
		r.set(line, rabbitmqFace+"tcp_keepalive", value)
	case "tcp_listen_options.linger.timeout", "tcp_listen_options.linger.on":
		r.leave(line, "it is about closing a socket")
	case "tcp_listen_options.backlog":
		r.leave(line, "it bounds how many connections wait to be taken")
	}
}
