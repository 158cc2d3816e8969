package native

import (
	"strings"

	"example.com/keeptune/model"
)

const natsFace = "nats-server."

func nats() *syntax {
	return lineFormat(syntax{
		id:    "nats",
		signs: []string{`(?mi)^\s*"?(ping_interval|ping_max|server_name|max_payload|write_deadline|lame_duck_duration)"?\s*[:=]|^\s*(jetstream|leafnodes|accounts)\s*[:=]?\s*\{`},
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

// readNATS reads what stands outside of all blocks of nats-server.conf and of what it includes.
func readNATS(r *reader, text string) {
	r.lastCounts = true
	depth := 0
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "//") {
			continue
		}
		if depth == 0 {
			r.natsLine(n, line)
		} else if m := natsSetting().FindStringSubmatch(line); m != nil && natsNames[strings.ToLower(m[1])] != "" {
			r.leave(n, "it is inside of a block: of a cluster, a gateway or leaf nodes")
		}
		depth = max(depth+strings.Count(line, "{")-strings.Count(line, "}"), 0)
	}
}

var natsNames = map[string]model.ParamID{"ping_interval": natsFace + "ping_interval", "ping_max": natsFace + "ping_max"}

// natsSetting is NAME VALUE with or without : or = between and quotes around either.
var natsSetting = lazily(`^["']?(\w+)["']?\s*[:=\s]\s*["']?([^"'#,;\s]*)`)

func (r *reader) natsLine(n int, line string) {
	m := natsSetting().FindStringSubmatch(line)
	if m == nil {
		return
	}
	name, value := strings.ToLower(m[1]), m[2]
	switch {
	case name == "include":
		for more := range r.included(n, value) {
			readNATS(r, more)
		}
	case strings.HasPrefix(value, "$"):
		if id := natsNames[name]; id != "" {
			r.unknown(n, id, "%s is not known: it is %s, which is decided elsewhere", name, value)
		}
	case natsNames[name] != "":
		r.set(n, natsNames[name], value)
	}
}
