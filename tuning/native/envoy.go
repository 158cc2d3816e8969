package native

import (
	"slices"

	"example.com/keeptune/model"
)

const (
	envoyServer model.ParamID = "envoy."
	envoyClient model.ParamID = "envoy.upstream."
	// envoyRepeats is whether a route sends a request again that meets a close.
	envoyRepeats = envoyClient + "retry_policy.retry_on reset"

	// envoyListener is the version from which a listener has tcp_keepalive.
	envoyListener model.Version = "1.37.0"

	// envoyHTTP begins the types of Envoy's extensions.
	envoyHTTP = "type.googleapis.com/envoy.extensions."
)

// envoyTime is a Duration of protobuf: seconds with decimals.
func envoyTime(id model.ParamID, name string) setter {
	return setter{knob: knob{param: id, line: name + ": %ss", steps: bareSeconds}, decimal: true}
}

// envoyOptions are the common_http_protocol_options of a face.
func envoyOptions(face model.ParamID) []setter {
	name := "common_http_protocol_options."
	return []setter{
		envoyTime(face+model.ParamID(name+"idle_timeout"), "idle_timeout"),
		envoyTime(face+model.ParamID(name+"max_connection_duration"), "max_connection_duration"),
		{knob: knob{param: face + model.ParamID(name+"max_requests_per_connection"), line: "max_requests_per_connection: %s"}},
	}
}

// envoyPings are the PING frames of HTTP/2 of a face, which are written as a whole.
func envoyPings(face model.ParamID) []setter {
	name := face + "connection_keepalive."
	list := []setter{
		envoyTime(name+"interval", "interval"), envoyTime(name+"timeout", "timeout"),
		envoyTime(name+"connection_idle_interval", "connection_idle_interval"),
	}
	for i := range list {
		list[i].whole = true
	}
	return list
}

// envoyProbes are tcp_keepalive, which switches probes on by standing there, and its fields.
func envoyProbes(face model.ParamID) []setter {
	return []setter{
		{knob: knob{param: face + "tcp_keepalive", line: "tcp_keepalive:"}},
		{knob: knob{param: face + "tcp_keepidle", line: "keepalive_time: %s", steps: bareSeconds}},
		{knob: knob{param: face + "tcp_keepintvl", line: "keepalive_interval: %s", steps: bareSeconds}},
		{knob: knob{param: face + "tcp_keepcnt", line: "keepalive_probes: %s"}},
	}
}

// envoySocketOptions are the same as numbers of Linux, for a listener that has
// no tcp_keepalive yet.
func envoySocketOptions() []setter {
	option := func(name, level, number string) setter {
		return setter{knob: knob{
			param: envoyServer + model.ParamID(name), on: "1", off: "0", steps: bareSeconds,
			line: "- { description: " + name + ", level: " + level + ", name: " + number + ", int_value: %s, state: STATE_PREBIND }",
		}}
	}
	list := []setter{option("tcp_keepalive", "1", "9"), option("tcp_keepidle", "6", "4"), option("tcp_keepintvl", "6", "5"), option("tcp_keepcnt", "6", "6")}
	for i := range list[1:] {
		list[1+i].on, list[1+i].off = "", ""
	}
	return list
}

func envoy() *syntax {
	return codeSyntax(
		syntax{
			id:    "envoy",
			signs: []string{`(?m)^\s*static_resources:|type\.googleapis\.com/envoy|apiVersion:\s*"?(networking\.istio\.io|gateway\.envoyproxy\.io)/`},
			title: "Envoy: listener, HTTP connection manager and cluster in YAML", comment: hash,
			unchecked: "No Envoy is packaged for Debian 12; the YAML is parsed and compared.",
			read:      readEnvoy, bears: envoyBears, system: "envoy",
		},
		layout{
			system: "envoy", name: "keeptune-envoy.yaml", mark: "",
			use:    "Merge its keys into your own listeners and clusters; the names keeptune are examples. With a control plane (Istio, Gateway API) the same keys belong into its resources.",
			effect: "Connections that are open keep what they were opened with.",
			parts:  envoyParts(),
		},
	)
}

// envoyParts begin with the key that all of them stand under.
func envoyParts() []part {
	parts := append(envoyListeners(), envoyClusters()...)
	var all []model.ParamID
	for i := range parts {
		all = append(all, parts[i].ids()...)
	}
	return append([]part{{with: all, open: []string{"static_resources:"}}}, parts...)
}

func envoyListeners() []part {
	manager := []setter{
		envoyTime(envoyServer+"request_headers_timeout", "request_headers_timeout"),
		envoyTime(envoyServer+"stream_idle_timeout", "stream_idle_timeout"),
	}
	common, probes, sockets, pings := envoyOptions(envoyServer), envoyProbes(envoyServer), envoySocketOptions(), envoyPings(envoyServer)
	route := envoyTime(envoyClient+"route.timeout", "timeout")
	retry := setter{knob: knob{param: envoyRepeats, line: "retry_policy: { retry_on: %s }", on: "reset", off: `""`}}
	http := slices.Concat(setterIDs(manager), setterIDs(common), setterIDs(pings), []model.ParamID{route.param, retry.param})
	return []part{
		{with: append(http, setterIDs(sockets)...), open: []string{"  listeners:", "  - name: keeptune"}},
		{before: envoyListener, indent: "    ", set: sockets, scope: "socket_options:", open: []string{"    # level and name are numbers of Linux.", "    socket_options:"}},
		{since: envoyListener, indent: "      ", set: probes, scope: "listeners:", body: envoyKeepAlive},
		{with: http, indent: "          ", set: manager, scope: "listeners:", open: []string{
			"    filter_chains:", "    - filters:", "      - name: envoy.filters.network.http_connection_manager", "        typed_config:",
			`          "@type": ` + envoyHTTP + "filters.network.http_connection_manager.v3.HttpConnectionManager",
		}},
		{indent: "            ", set: common, scope: "listeners:>common_http_protocol_options:", open: []string{"          common_http_protocol_options:"}},
		{indent: "              ", set: pings, scope: "listeners:>connection_keepalive:", body: envoyPing, open: []string{
			"          http2_protocol_options:", "            connection_keepalive:",
		}},
		{indent: "                  ", set: []setter{route, retry}, scope: "route:", open: []string{
			"          route_config:", "            virtual_hosts:", "            - name: keeptune", `              domains: ["*"]`, "              routes:",
			"              - match:", "                  prefix: /", "                route:", "                  cluster: keeptune",
		}},
	}
}

func envoyClusters() []part {
	common, probes, pings := envoyOptions(envoyClient), envoyProbes(envoyClient), envoyPings(envoyClient)
	options := append(setterIDs(common), setterIDs(pings)...)
	return []part{
		{with: append(setterIDs(probes), options...), open: []string{"  clusters:", "  - name: keeptune"}},
		{indent: "        ", set: probes, scope: "clusters:", body: envoyKeepAlive},
		{with: options, open: []string{
			"    typed_extension_protocol_options:", "      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:",
			`        "@type": ` + envoyHTTP + "upstreams.http.v3.HttpProtocolOptions", "        explicit_http_config:",
		}},
		{indent: "              ", set: pings, scope: "clusters:>connection_keepalive:", with: options, body: envoyPing},
		{indent: "          ", set: common, scope: "clusters:>common_http_protocol_options:", open: []string{"        common_http_protocol_options:"}},
	}
}

// envoyPing writes connection_keepalive. A cluster that has it speaks HTTP/2.
func envoyPing(p *page, pt *part) error {
	timeout := p.value(pt.set[1].param)
	items := p.has(pt.ids()...)
	if i := slices.IndexFunc(items, func(it item) bool { return !it.gone }); i >= 0 && !timeout.value.IsSet() {
		return p.cannot(items[i].row, items[i].value, p.product(), "Envoy takes no connection_keepalive without timeout; set connection_keepalive.timeout, too")
	}
	if timeout.param().Face == model.FaceClient {
		if allGone(items) {
			p.reasons("          ", items...)
			p.add("          http_protocol_options: {}")
			return nil
		}
		p.add("          http2_protocol_options:", "            connection_keepalive:")
	}
	set := slices.DeleteFunc(slices.Clone(pt.set), func(s setter) bool { // Envoy refuses 0s; what is not there is off
		off := p.value(s.param).value == model.ValueOff
		if off {
			p.reasons(pt.indent, p.has(s.param)...)
		}
		return off
	})
	return setterLines(p, &part{indent: pt.indent, set: set})
}

// envoyKeepAlive writes the block tcp_keepalive; where probes are off there is none.
func envoyKeepAlive(p *page, pt *part) error {
	on, times := p.value(pt.set[0].param), p.has(pt.ids()[1:]...)
	if on.value != model.ValueOn {
		if len(times) > 0 && !allGone(times) && !p.undo {
			return p.cannot(times[0].row, times[0].value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
		}
		p.reasons(p.lastIndent(), p.has(pt.ids()...)...)
		return nil
	}
	indent, rest := pt.indent[2:], ""
	if on.param().Face == model.FaceClient {
		p.add("    upstream_connection_options:")
	}
	if len(times) == 0 || allGone(times) {
		rest = " {}"
	}
	p.reasons(indent, p.has(on.param().ID)...)
	p.add(indent + pt.set[0].line + rest)
	return setterLines(p, &part{indent: pt.indent, set: pt.set[1:]})
}
