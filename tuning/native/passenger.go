package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// passengerNames are the directives of nginx that the catalog has for Passenger.
var passengerNames = []string{"keepalive_timeout", "keepalive_requests", "client_header_timeout"}

func passenger() *syntax {
	var knobs []knob
	for _, name := range passengerNames {
		k := knob{param: model.ParamID("passenger." + name), line: name + " %s;"}
		if name != "keepalive_requests" {
			k.steps = secondsAndMillis
		}
		knobs = append(knobs, k)
	}
	return lineFormat(syntax{
		id:    "passenger",
		signs: []string{`include_passenger_internal_template`},
		title: "Passenger standalone: lines of its nginx template", comment: hash,
		checks: []check{{"passenger", "6.0.17", "nginx -t"}},
		effect: func(*target) []string {
			return []string{"passenger start --debug-nginx-config --nginx-config-template FILE shows what nginx gets. A restart closes all connections."}
		},
		read: readPassenger,
	}, "", lineFile{
		name: "keeptune-passenger.conf", system: "passenger",
		use:   "Copy templates/standalone/config.erb of Passenger, take its line keepalive_timeout 60; out (nginx refuses a second one), include this file in its http block, and start with --nginx-config-template COPY. As a module of nginx or Apache Passenger has no timers of its own.",
		knobs: knobs,
		reset: true, // the line that was taken out of the template
	})
}

// readPassenger reads a template or what nginx gets from it.
func readPassenger(r *reader, text string) {
	for _, s := range lineStatements(text) {
		if len(s.words) < 2 || !slices.Contains(passengerNames, s.words[0]) {
			continue
		}
		if len(s.words) > 2 {
			r.warn(s.line, "of %s only the first value is kept: the catalog has no hint for Passenger", s.words[0])
		}
		r.set(s.line, model.ParamID("passenger."+s.words[0]), strings.TrimRight(s.words[1], ";"))
	}
}
