package native

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// yamlNull is the tag of a key without a value: a chart's way to leave a default.
const yamlNull = "!!null"

// A traefikReader collects entry points and the transports to servers.
type traefikReader struct {
	*reader
	yamlWalk
	base                *scope // what holds for each of them
	servers, transports []*scope
}

// readTraefik reads a static configuration, values of its chart or arguments of
// the program: each entry point and transport is a context of its face
// where there are several.
func readTraefik(r *reader, text string) {
	t := &traefikReader{reader: r, base: r.root}
	for _, doc := range r.yamlDocs(text) {
		points := slices.Concat(t.fields(t.at(doc, "entryPoints")), t.fields(t.at(doc, "ports")), t.fields(t.at(doc, "traefik", "ports")))
		for _, f := range points {
			n := t.at(f.value, "transport")
			if n == nil {
				n = f.key
			}
			t.open(&t.servers, f.key.Line, "entryPoints "+f.key.Value, func() {
				r.traefikCount("traefik.keepAliveMaxRequests", t.at(n, "keepAliveMaxRequests"))
				r.traefikSpan("traefik.keepAliveMaxTime", t.at(n, "keepAliveMaxTime"))
				times := t.at(n, "respondingTimeouts")
				r.traefikSpan("traefik.respondingTimeouts.idleTimeout", t.at(times, "idleTimeout"))
				r.traefikSpan("traefik.readTimeout", t.at(times, "readTimeout"))
				r.traefikSpan("traefik.writeTimeout", t.at(times, "writeTimeout"))
			})
		}
		t.transport(t.at(doc, "serversTransport"), "serversTransport")
		for _, f := range t.fields(t.at(doc, "http", "serversTransports")) {
			t.transport(f.value, "serversTransports "+f.key.Value)
		}
		if kind := t.at(doc, "kind"); kind != nil && kind.Value == "ServersTransport" {
			where := "ServersTransport"
			if name := t.at(doc, "metadata", "name"); name != nil {
				where += " " + name.Value
			}
			t.transport(t.at(doc, "spec"), where)
		}
		t.scalars(doc, nil, func(_ []string, n *yaml.Node) { // arguments of the program come last
			if name, value, ok := strings.Cut(n.Value, "="); ok && strings.HasPrefix(name, "--") {
				t.argument(n.Line, strings.Split(name[2:], "."), value)
			}
		})
	}
	t.settle()
}

func (t *traefikReader) at(n *yaml.Node, keys ...string) *yaml.Node {
	return t.get(n, strings.EqualFold, keys...)
}

// open reads into the scope of a place, which may be said in several parts.
func (t *traefikReader) open(list *[]*scope, line int, where string, read func()) {
	where = strings.TrimSpace(t.base.where + " " + where)
	if i := slices.IndexFunc(*list, func(s *scope) bool { return strings.EqualFold(s.where, where) }); i >= 0 {
		t.in((*list)[i], read)
		return
	}
	s := t.scope(line, where, t.base)
	s.system = "traefik"
	t.in(s, read)
	*list = append(*list, s)
}

func (t *traefikReader) transport(n *yaml.Node, where string) {
	if n == nil {
		return
	}
	t.open(&t.transports, n.Line, where, func() {
		t.traefikCount("traefik.upstream.maxIdleConnsPerHost", t.at(n, "maxIdleConnsPerHost"))
		times := t.at(n, "forwardingTimeouts")
		t.traefikSpan("traefik.upstream.forwardingTimeouts.idleConnTimeout", t.at(times, "idleConnTimeout"))
		t.traefikSpan("traefik.upstream.forwardingTimeouts.responseHeaderTimeout", t.at(times, "responseHeaderTimeout"))
	})
}

// argument takes an option of the command line or a variable by its keys.
func (t *traefikReader) argument(line int, keys []string, text string) {
	value := &yaml.Node{Kind: yaml.ScalarNode, Line: line, Value: text}
	switch {
	case len(keys) > 3 && strings.EqualFold(keys[0], "entryPoints") && strings.EqualFold(keys[2], "transport"):
		t.open(&t.servers, line, "entryPoints "+strings.ToLower(keys[1]), func() { t.traefikArgument(keys[3:], value) })
	case len(keys) > 1 && strings.EqualFold(keys[0], "serversTransport"):
		t.open(&t.transports, line, "serversTransport", func() { t.traefikArgument(keys, value) })
	}
}

// settle lists what was read; where there is at most one place of each face,
// they are the whole of the base, and apart is false.
func (t *traefikReader) settle() (apart bool) {
	if len(t.servers) < 2 && len(t.transports) < 2 {
		for _, s := range append(t.servers, t.transports...) {
			t.join(s, t.base)
		}
		return false
	}
	for _, s := range t.servers {
		t.list(s, model.FaceServer)
	}
	for _, s := range t.transports {
		t.list(s, model.FaceClient)
	}
	return true
}

// traefikArgument takes an option of the command line by the keys behind its
// place.
func (r *reader) traefikArgument(keys []string, value *yaml.Node) {
	switch strings.ToLower(strings.Join(keys, ".")) {
	case "keepalivemaxrequests":
		r.traefikCount("traefik.keepAliveMaxRequests", value)
	case "keepalivemaxtime":
		r.traefikSpan("traefik.keepAliveMaxTime", value)
	case "respondingtimeouts.idletimeout":
		r.traefikSpan("traefik.respondingTimeouts.idleTimeout", value)
	case "respondingtimeouts.readtimeout":
		r.traefikSpan("traefik.readTimeout", value)
	case "respondingtimeouts.writetimeout":
		r.traefikSpan("traefik.writeTimeout", value)
	case "serverstransport.maxidleconnsperhost":
		r.traefikCount("traefik.upstream.maxIdleConnsPerHost", value)
	case "serverstransport.forwardingtimeouts.idleconntimeout":
		r.traefikSpan("traefik.upstream.forwardingTimeouts.idleConnTimeout", value)
	case "serverstransport.forwardingtimeouts.responseheadertimeout":
		r.traefikSpan("traefik.upstream.forwardingTimeouts.responseHeaderTimeout", value)
	}
}

func (r *reader) traefikCount(id model.ParamID, n *yaml.Node) {
	if n != nil && n.Tag != yamlNull {
		r.set(n.Line, id, n.Value)
	}
}

// traefikSpan reads a duration of Go; a bare number is seconds.
func (r *reader) traefikSpan(id model.ParamID, n *yaml.Node) {
	if n == nil || n.Tag == yamlNull {
		return
	}
	if _, err := strconv.ParseUint(n.Value, 10, 32); err == nil {
		r.set(n.Line, id, n.Value+"s")
		return
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d < 0 {
		r.warn(n.Line, "%s: %q is no duration; write 180s or 3m", id, n.Value)
		return
	}
	r.set(n.Line, id, d.String())
}
