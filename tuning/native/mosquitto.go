package native

import "strings"

const mosquittoMost = "mosquitto.max_keepalive"

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

// readMosquitto reads mosquitto.conf and the folders that it includes.
func readMosquitto(r *reader, text string) {
	r.lastCounts = true
	for n, line := range numbered(text) {
		name, value, _ := strings.Cut(line, " ")
		value = strings.TrimSpace(value)
		switch why := mosquittoApart[name]; {
		case why != "":
			r.leave(n, "%s", why)
		case name == "max_keepalive":
			r.set(n, mosquittoMost, value)
		case name == "include_dir" && value != "":
			for more := range r.included(n, strings.TrimSuffix(value, "/")+"/*.conf") {
				readMosquitto(r, more)
			}
		}
	}
}
