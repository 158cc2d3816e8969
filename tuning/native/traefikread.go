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

// readTraefik reads a static configuration, values of its chart or arguments of
// the program: entry points and the transports to servers, each a context
// of its face where there are several.
func readTraefik(r *reader, text string) {
	w := &yamlWalk{}
	at := func(n *yaml.Node, keys ...string) *yaml.Node { return w.get(n, strings.EqualFold, keys...) }
	var servers, transports []*scope
	open := func(list *[]*scope, n *yaml.Node, where string, read func()) {
		if i := slices.IndexFunc(*list, func(s *scope) bool { return strings.EqualFold(s.where, where) }); i >= 0 {
			r.in((*list)[i], read)
			return
		}
		s := r.scope(n.Line, where, nil)
		s.system = "traefik"
		r.in(s, read)
		*list = append(*list, s)
	}
	for _, doc := range r.yamlDocs(text) {
		points := slices.Concat(w.fields(at(doc, "entryPoints")), w.fields(at(doc, "ports")), w.fields(at(doc, "traefik", "ports")))
		for _, f := range points {
			n := at(f.value, "transport")
			if n == nil {
				n = f.key
			}
			open(&servers, f.key, "entryPoints "+f.key.Value, func() {
				r.traefikCount("traefik.keepAliveMaxRequests", at(n, "keepAliveMaxRequests"))
				r.traefikSpan("traefik.keepAliveMaxTime", at(n, "keepAliveMaxTime"))
				times := at(n, "respondingTimeouts")
				r.traefikSpan("traefik.respondingTimeouts.idleTimeout", at(times, "idleTimeout"))
				r.traefikSpan("traefik.readTimeout", at(times, "readTimeout"))
				r.traefikSpan("traefik.writeTimeout", at(times, "writeTimeout"))
			})
		}
		transport := func(n *yaml.Node, where string) {
			if n == nil {
				return
			}
			open(&transports, n, where, func() {
				r.traefikCount("traefik.upstream.maxIdleConnsPerHost", at(n, "maxIdleConnsPerHost"))
				times := at(n, "forwardingTimeouts")
				r.traefikSpan("traefik.upstream.forwardingTimeouts.idleConnTimeout", at(times, "idleConnTimeout"))
				r.traefikSpan("traefik.upstream.forwardingTimeouts.responseHeaderTimeout", at(times, "responseHeaderTimeout"))
			})
		}
		transport(at(doc, "serversTransport"), "serversTransport")
		for _, f := range w.fields(at(doc, "http", "serversTransports")) {
			transport(f.value, "serversTransports "+f.key.Value)
		}
		if kind := at(doc, "kind"); kind != nil && kind.Value == "ServersTransport" {
			where := "ServersTransport"
			if name := at(doc, "metadata", "name"); name != nil {
				where += " " + name.Value
			}
			transport(at(doc, "spec"), where)
		}
		w.scalars(doc, nil, func(_ []string, n *yaml.Node) { // arguments of the program come last
			name, value, ok := strings.Cut(n.Value, "=")
			keys := strings.Split(strings.TrimLeft(name, "-"), ".")
			arg := *n
			arg.Value = value
			switch {
			case !ok || !strings.HasPrefix(name, "--"):
			case len(keys) > 3 && strings.EqualFold(keys[0], "entryPoints") && strings.EqualFold(keys[2], "transport"):
				open(&servers, n, "entryPoints "+keys[1], func() { r.traefikArgument(keys[3:], &arg) })
			case len(keys) > 1 && strings.EqualFold(keys[0], "serversTransport"):
				open(&transports, n, "serversTransport", func() { r.traefikArgument(keys, &arg) })
			}
		})
	}
	r.faces(servers, transports)
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

// faces lists places that speak of clients and of servers; where there is at
// most one of each, they are the whole file.
func (r *reader) faces(servers, clients []*scope) {
	if len(servers) < 2 && len(clients) < 2 {
		for _, s := range append(servers, clients...) {
			r.join(s)
		}
		return
	}
	for _, s := range servers {
		r.list(s, model.SideServer)
	}
	for _, s := range clients {
		r.list(s, model.SideClient)
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
