package native

import (
	"strings"

	"example.com/keeptune/model"
)

const natsFace = "nats-server."

func nats() *syntax {
	return lineFormat(syntax{
		id:    "nats",
		signs: []string{`(?mi)^\s*"?(ping_interval|ping_max|server_name|max_payload|write_deadline|lame_duck_duration)"?\s*[:=]|^\s*ping_(interval|max)\s|^\s*(jetstream|leafnodes|accounts)\s*[:=]?\s*\{`},
		title: "NATS: lines of nats-server.conf", comment: hash,
		checks: []check{{"nats-server", "2.9", "nats-server -t"}},
		read:   readNATS, places: []string{"/etc/nats-server.conf", "/etc/nats/nats-server.conf"},
		effect: func(*target) []string {
			return []string{"nats-server --signal reload reads the file; connections stay open."}
		},
	}, ":=\"", lineFile{
		name: "keeptune-nats.conf", system: "nats-server",
		use: "Name it by a line include ./keeptune-nats.conf at the end of nats-server.conf, outside of all { }; of a name that is set twice the last one counts.",
		knobs: []knob{
			{param: natsFace + "ping_interval", line: `ping_interval: "%s"`, steps: secondsNamed},
			{param: natsFace + "ping_max", line: "ping_max: %s"},
		},
	})
}

var natsNames = map[string]model.ParamID{"ping_interval": natsFace + "ping_interval", "ping_max": natsFace + "ping_max"}

// natsToken is a comment, a string, what parts settings, what parts a name from its value, or
// a word, which may be an address.
var natsToken = lazily(`(?:#|//)[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[{}\[\],;\n]|[:=]|[^\s{}\[\],;"':=#]+(?:://[^\s{}\[\],;"']*)?`)

// readNATS reads what stands outside of all blocks of nats-server.conf and of what it includes.
func readNATS(r *reader, text string) {
	r.lastCounts = true
	line, depth, name := 1, 0, ""
	for _, token := range natsToken().FindAllString(text, -1) {
		switch token[0] {
		case '\n', ',', ';':
			name = ""
		case '{', '[':
			if name != "" || depth > 0 { // braces may stand around all
				depth++
			}
			name = ""
		case '}', ']':
			depth, name = max(depth-1, 0), ""
		case '#', ':', '=':
		default:
			word := strings.Trim(token, `"'`)
			switch id := natsNames[name]; {
			case strings.HasPrefix(token, "//"):
			case name == "":
				name = strings.ToLower(word)
			case depth > 0:
				if id != "" {
					r.leave(line, "it is inside of a block: of a cluster, a gateway or leaf nodes")
				}
			case name == "include":
				for more := range r.included(line, word) {
					readNATS(r, more)
				}
			case id != "":
				r.natsSet(line, id, word, word != token)
			}
		}
		if token == "\n" {
			line++
		}
	}
}

// natsNumber is a number without quotes, and the letter that multiplies it.
var natsNumber = lazily(`^\d+([kmgtpe]b?i?)$`)

// natsSet takes a value. Where it is not quoted, a letter behind a number multiplies it, but for
// the h and s of a time.
func (r *reader) natsSet(line int, id model.ParamID, value string, quoted bool) {
	m := natsNumber().FindStringSubmatch(strings.ToLower(value))
	switch {
	case strings.HasPrefix(value, "$"):
		r.unknown(line, id, "%s is not known: it is %s, which is decided elsewhere", id.Name(), value)
	case m != nil && !quoted:
		r.unknown(line, id, `%s %s has no quotes: %s multiplies the number and is no unit of time; write "%s"`, id.Name(), value, m[1], value)
	default:
		r.set(line, id, value)
	}
}
