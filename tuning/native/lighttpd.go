package native

import "example.com/keeptune/model"

func lighttpd() *syntax {
	file := lineFile{
		name: "95-keeptune.conf", system: "lighttpd",
		use:   "Copy it to /etc/lighttpd/conf-enabled/, or its lines to the end of lighttpd.conf. := takes the place of an older line; a condition with a value of its own still wins.",
		knobs: bareKnobs("lighttpd.", " := ", "server.max-keep-alive-idle", "server.max-keep-alive-requests", "server.max-read-idle", "server.max-write-idle"),
	}
	return lineFormat(syntax{
		id:    "lighttpd",
		signs: []string{`(?m)^\s*server\.(max-|document-root|modules)`},
		title: "lighttpd: lines of lighttpd.conf", comment: hash,
		checks: []check{{"lighttpd", "1.4.69", "lighttpd -tt -f"}},
		effect: func(*target) []string {
			return []string{"lighttpd -tt -f /etc/lighttpd/lighttpd.conf, then systemctl reload lighttpd: it starts anew after the requests at work; idle connections are closed."}
		},
		read: readLighttpd([]lineFile{file}),
	}, ":=", file)
}

// bareKnobs are written as NAME, a sign and a bare number in the parameter's unit.
func bareKnobs(face model.ParamID, sign string, names ...string) []knob {
	list := make([]knob, len(names))
	for i, name := range names {
		list[i] = knob{param: face + model.ParamID(name), line: name + sign + "%s"}
	}
	return list
}
