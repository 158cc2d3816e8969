package native

import (
	"strings"

	"example.com/keeptune/model"
)

const mosquittoMost model.ParamID = "mosquitto.max_keepalive"

// mosquittoApart are other settings that bear on connections, and why they are not used.
var mosquittoApart = map[string]string{
	"keepalive_interval":           "it is for a bridge, in which this broker is the client",
	"idle_timeout":                 "it is for a bridge, in which this broker is the client",
	"restart_timeout":              "it is for a bridge, in which this broker is the client",
	"bridge_tcp_keepalive":         "it is for a bridge, in which this broker is the client",
	"bridge_tcp_user_timeout":      "it is for a bridge, in which this broker is the client",
	"persistent_client_expiration": "it forgets the session of a client that is gone",
	"max_connections":              "it bounds how many connections there are, not how long they live",
}

func mosquitto() *syntax {
	return lineFormat(syntax{
		id:    "mosquitto",
		signs: []string{`(?m)^\s*(max_keepalive\s+\d|listener\s+\d|allow_anonymous\s|persistence_location\s|max_inflight_messages\s)`},
		title: "mosquitto: lines of mosquitto.conf", comment: hash,
		checks: []check{{"mosquitto", "2.0.11", "mosquitto -c"}},
		read:   readMosquitto, places: []string{"/etc/mosquitto/mosquitto.conf"},
		effect: func(*target) []string {
			return []string{"systemctl reload mosquitto (SIGHUP) reads the file; clients stay connected."}
		},
	}, "", lineFile{
		name: "keeptune-mosquitto.conf", system: "mosquitto",
		use:   "Copy it to /etc/mosquitto/conf.d/, or its line to mosquitto.conf; of a name that is set twice the last one counts.",
		knobs: []knob{{param: mosquittoMost, line: "max_keepalive %s", steps: bareSeconds}},
	})
}

// readMosquitto reads mosquitto.conf and the folders that it includes; those of files in them
// are not looked at. Blanks part words, and tabs do not.
func readMosquitto(r *reader, text string) {
	r.lastCounts = true
	r.mosquittoText(text, true)
}

func (r *reader) mosquittoText(text string, main bool) {
	for n, line := range numbered(text) {
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' })
		if len(words) == 0 || line[0] == '#' {
			continue
		}
		name, value := words[0], strings.Join(words[1:], " ")
		if known, rest, tab := strings.Cut(name, "\t"); tab && (known == mosquittoMost.Name() || known == "include_dir") {
			r.warn(n, "a tab parts no words here, and mosquitto does not start: write %s %s", known, strings.TrimSpace(rest+" "+value))
			continue
		}
		switch why := mosquittoApart[name]; {
		case why != "":
			r.leave(n, "%s", why)
		case name == mosquittoMost.Name() && value != "":
			r.mosquittoMost(n, words[1])
		case name == "include_dir" && value != "" && main:
			for more := range r.included(n, strings.TrimSuffix(value, "/")+"/*.conf") {
				r.mosquittoText(more, false)
			}
		case name == "include_dir":
			r.leave(n, "only mosquitto.conf itself includes folders")
		}
	}
}

// mosquittoMost takes the digits that begin a value, as the program does.
func (r *reader) mosquittoMost(line int, value string) {
	digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
	if digits != "" && digits != value {
		r.warn(line, "max_keepalive takes a whole number of seconds and stops at the first letter: %s is %s s", value, digits)
		value = digits
	}
	r.set(line, mosquittoMost, value)
}
