package native

import (
	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

func h2o() *syntax {
	return lineFormat(syntax{
		id:    "h2o",
		signs: []string{`(?m)^(http1-request-timeout:|\s*proxy\.reverse\.url:|\s*file\.dir:)`},
		title: "H2O: lines of h2o.conf", comment: hash,
		checks: []check{{"h2o", "2.2.5", "h2o -t"}},
		read:   readH2O,
		effect: func(*target) []string {
			return []string{"h2o -t -c /etc/h2o/h2o.conf, then systemctl reload h2o: a new process takes over, and the old one ends after its requests."}
		},
	}, ":", lineFile{
		name: "keeptune-h2o.conf", system: "h2o",
		use:   "Copy the lines to the top level of /etc/h2o/h2o.conf, in place of those with the same name; H2O includes no other file.",
		knobs: append(bareKnobs("h2o.", ": ", "http1-request-timeout"), bareKnobs("h2o.upstream.", ": ", "proxy.timeout.keepalive")...),
	})
}

// h2oNames are the settings that are read; the time towards servers may be said
// for a host or a path, too.
var h2oNames = map[string]model.ParamID{
	"http1-request-timeout": "h2o.http1-request-timeout", "proxy.timeout.keepalive": "h2o.upstream.proxy.timeout.keepalive",
}

// readH2O reads h2o.conf. Each path is a context, where one of them or of their
// hosts says something of its own.
func readH2O(r *reader, text string) {
	w := &yamlWalk{}
	exact := func(a, b string) bool { return a == b }
	own := false
	take := func(n *yaml.Node, of string, at *scope) {
		for _, f := range w.fields(n) {
			id := h2oNames[f.key.Value]
			switch {
			case id == "" || f.value == nil || f.value.Kind != yaml.ScalarNode:
			case of != "" && f.key.Value == "http1-request-timeout":
				r.leave(f.key.Line, "it counts at the top level only")
			default:
				own = own || of != ""
				r.in(at, func() { r.set(f.value.Line, id, f.value.Value) })
			}
		}
	}
	var places []*scope
	for _, doc := range r.yamlDocs(text) {
		take(doc, "", r.root)
		for _, host := range w.fields(w.get(doc, exact, "hosts")) {
			at := r.scope(host.key.Line, "host "+host.key.Value, r.root)
			take(host.value, "host", at)
			paths := w.fields(w.get(host.value, exact, "paths"))
			for _, path := range paths {
				inner := r.scope(path.key.Line, at.where+" path "+path.key.Value, at)
				for _, part := range w.items(path.value) {
					take(part, "path", inner)
				}
				places = append(places, inner)
			}
			if len(paths) == 0 {
				places = append(places, at)
			}
		}
	}
	for _, s := range places {
		if s.system = "h2o"; own {
			r.list(s, "")
		}
	}
}
