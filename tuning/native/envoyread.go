package native

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// An envoyReader reads Envoy's own configuration in YAML or JSON, whatever is
// around it, and the resources of Istio and Envoy Gateway that become parts of it.
type envoyReader struct {
	*reader
	yamlWalk
	listeners []*envoyInbound
	clusters  []*envoyCluster
	routes    map[string][]envoyRoute // of route configurations by name
	passed    []envoyPassed
	policies  []*scope
	pools     []istioPool
	sends     []istioRoute
}

// An envoyInbound is a listener, or one filter chain of several.
type envoyInbound struct {
	scope  *scope
	routes []envoyRoute
	rds    string // the name of its route configuration where that stands elsewhere
}

type envoyCluster struct {
	name  string
	node  *yaml.Node
	scope *scope
}

// An envoyRoute is where a route sends requests, and how long it waits.
type envoyRoute struct {
	cluster string
	timeout *yaml.Node
	retry   *yaml.Node // retry_policy
}

func readEnvoy(r *reader, text string) {
	e := &envoyReader{reader: r, routes: map[string][]envoyRoute{}}
	for _, doc := range r.yamlDocs(text) {
		e.document(doc)
	}
	e.contexts()
}

// envoySame compares keys, which JSON of protobuf writes in two ways.
func envoySame(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "_", ""), strings.ReplaceAll(b, "_", ""))
}

// envoyKeys are the fields that bear on how long connections live.
var envoyKeys = lazily(`(?i)\b(` + strings.Join([]string{
	`(\w+_?)?idle_?timeout(_?jitter)?`, `max_?connection_?duration`, `max_?requests_?per_?connection`, `request_?(headers_?)?timeout`, `requestReceivedTimeout`, `tcp_?keepalive`,
	`keepalive_?(time|interval|probes)`, `connection_?keepalive`, `drain_?timeout`, `delayed_?close_?timeout`, `connect_?timeout`, `max_?connections`, `max_?stream_?duration`, `timeout`, `retry_?on`, `attempts`,
	`int_?value`, `interval`, `connection_?idle_?interval`, `idleTime`, `probes`, `transport_?socket_?connect_?timeout`,
}, "|") + `)["']?\s*:\s*\S`)

func envoyBears(line string) bool {
	return line != "" && line[0] != '#' && strings.Contains(line, ":") && envoyKeys().MatchString(line)
}

// at follows keys.
func (e *envoyReader) at(n *yaml.Node, keys ...string) *yaml.Node {
	return e.get(n, envoySame, keys...)
}

func (e *envoyReader) text(n *yaml.Node, keys ...string) string {
	if n = e.at(n, keys...); n != nil {
		return n.Value
	}
	return ""
}

func (e *envoyReader) document(doc *yaml.Node) {
	switch name := e.text(doc, "metadata", "name"); e.text(doc, "kind") {
	case "List":
		for _, item := range e.items(e.at(doc, "items")) {
			e.document(item)
		}
	case "DestinationRule":
		e.destinationRule(name, e.at(doc, "spec"))
	case "VirtualService":
		e.virtualService(name, e.at(doc, "spec"))
	case "EnvoyFilter":
		e.envoyFilter(name, e.at(doc, "spec"))
	case "ClientTrafficPolicy", "BackendTrafficPolicy":
		e.gatewayPolicy(e.text(doc, "kind"), name, e.at(doc, "spec"))
	default:
		e.find(doc, "", 0)
	}
}

// envoyDepth bounds how deep resources are looked for.
const envoyDepth = 60

// find looks for listeners, clusters and route configurations, at any place.
func (e *envoyReader) find(n *yaml.Node, key string, depth int) {
	if n = e.real(n); n == nil || depth > envoyDepth {
		return
	}
	kind := e.text(n, "@type")
	switch {
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			e.find(item, key, depth+1)
		}
	case n.Kind != yaml.MappingNode:
	case strings.HasSuffix(kind, ".Listener") || e.at(n, "filter_chains") != nil || e.at(n, "default_filter_chain") != nil || envoySame(key, "listeners"):
		e.listener(n)
	case strings.HasSuffix(kind, ".Cluster") || envoySame(key, "clusters") && e.at(n, "cluster") == nil:
		e.cluster(n)
	case strings.HasSuffix(kind, ".RouteConfiguration") || e.at(n, "virtual_hosts") != nil:
		e.routes[e.text(n, "name")] = e.routesOf(n)
	case e.at(n, "meshConfig", "tcpKeepalive") != nil || e.at(n, "tcpKeepalive") != nil && e.at(n, "defaultConfig") != nil:
		mesh := cmp.Or(e.at(n, "meshConfig", "tcpKeepalive"), e.at(n, "tcpKeepalive"))
		s := e.scope(mesh.Line, "mesh", nil)
		e.in(s, func() { e.istioProbes(mesh) })
		e.policy(s, model.FaceClient)
	default:
		for _, f := range e.fields(n) {
			e.find(f.value, f.key.Value, depth+1)
		}
	}
}

// policy lists what holds for one face whatever else is there.
func (e *envoyReader) policy(s *scope, face model.FaceKind) {
	s.face, s.system = face, "envoy"
	e.policies = append(e.policies, s)
}

// listener reads a listener: one context for each filter chain that has an HTTP
// connection manager.
func (e *envoyReader) listener(n *yaml.Node) {
	name := cmp.Or(e.text(n, "name"), e.text(n, "address", "socket_address", "port_value"))
	where := strings.TrimSpace("listener " + name)
	base := e.scope(n.Line, where, nil)
	base.system = "envoy"
	e.in(base, func() {
		e.probes(envoyServer, e.at(n, "tcp_keepalive"))
		e.options(envoyServer, e.at(n, "socket_options"))
	})
	chains := e.items(e.at(n, "filter_chains"))
	if last := e.at(n, "default_filter_chain"); last != nil {
		chains = append(chains, last)
	}
	found, passes := 0, false
	for i, chain := range chains {
		label := where
		if len(chains) > 1 {
			label += ", chain " + cmp.Or(e.text(chain, "name"), e.text(chain, "filter_chain_match", "server_names"), strconv.Itoa(i+1))
			if names := e.items(e.at(chain, "filter_chain_match", "server_names")); e.text(chain, "name") == "" && len(names) > 0 {
				label = where + ", chain for " + names[0].Value
			}
		}
		for _, filter := range e.items(e.at(chain, "filters")) {
			config := cmp.Or(e.at(filter, "typed_config"), e.at(filter, "config"))
			if e.isTCPProxy(filter, config) {
				passes = true
				e.passing(label, n, config)
			}
			if !e.isManager(filter, config) {
				continue
			}
			found++
			l := &envoyInbound{scope: e.scope(chain.Line, label, base)}
			e.in(l.scope, func() { e.manager(config) })
			l.routes = e.routesOf(e.at(config, "route_config"))
			l.rds = e.text(config, "rds", "route_config_name")
			e.listeners = append(e.listeners, l)
		}
	}
	if found == 0 && !passes {
		e.listeners = append(e.listeners, &envoyInbound{scope: base})
	}
}

func (e *envoyReader) isManager(filter, config *yaml.Node) bool {
	return config != nil && (strings.HasSuffix(e.text(config, "@type"), ".HttpConnectionManager") ||
		strings.HasSuffix(e.text(filter, "name"), "http_connection_manager") ||
		e.at(config, "route_config") != nil || e.at(config, "rds") != nil)
}

func (e *envoyReader) manager(config *yaml.Node) {
	e.common(envoyServer, e.at(config, "common_http_protocol_options"))
	e.span(envoyServer+"request_headers_timeout", e.at(config, "request_headers_timeout"))
	e.span(envoyServer+"stream_idle_timeout", e.at(config, "stream_idle_timeout"))
	e.pings(envoyServer, e.at(config, "http2_protocol_options", "connection_keepalive"))
	if old := e.at(config, "idle_timeout"); old != nil {
		e.leave(old.Line, "Envoy has taken it out; it stands in common_http_protocol_options now")
	}
}

func (e *envoyReader) common(face model.ParamID, n *yaml.Node) {
	const name = "common_http_protocol_options."
	e.span(face+name+"idle_timeout", e.at(n, "idle_timeout"))
	e.span(face+name+"max_connection_duration", e.at(n, "max_connection_duration"))
	e.count(face+name+"max_requests_per_connection", e.at(n, "max_requests_per_connection"))
}

// pings reads the PING frames of HTTP/2.
func (e *envoyReader) pings(face model.ParamID, n *yaml.Node) {
	name := face + "connection_keepalive."
	e.span(name+"interval", e.at(n, "interval"))
	e.span(name+"timeout", e.at(n, "timeout"))
	e.span(name+"connection_idle_interval", e.at(n, "connection_idle_interval"))
	if jitter := e.at(n, "interval_jitter", "value"); jitter != nil {
		if v, err := strconv.ParseFloat(jitter.Value, 64); err != nil || v > 15 {
			e.doubt(jitter.Line, "up to 15 % of jitter is reckoned with", name+"interval")
		} else {
			e.use(jitter.Line)
		}
	}
}

func (e *envoyReader) cluster(n *yaml.Node) {
	c := &envoyCluster{name: e.text(n, "name"), node: n, scope: e.scope(n.Line, "cluster "+e.text(n, "name"), nil)}
	c.scope.system = "envoy"
	e.in(c.scope, func() { e.clusterValues(n) })
	e.clusters = append(e.clusters, c)
}

func (e *envoyReader) clusterValues(n *yaml.Node) {
	e.count(envoyClient+"common_http_protocol_options.max_requests_per_connection", e.at(n, "max_requests_per_connection"))
	e.common(envoyClient, e.at(n, "common_http_protocol_options"))
	e.pings(envoyClient, e.at(n, "http2_protocol_options", "connection_keepalive"))
	for _, f := range e.fields(e.at(n, "typed_extension_protocol_options")) {
		e.common(envoyClient, e.at(f.value, "common_http_protocol_options"))
		for _, config := range []string{"explicit_http_config", "use_downstream_protocol_config", "auto_config"} {
			e.pings(envoyClient, e.at(f.value, config, "http2_protocol_options", "connection_keepalive"))
		}
	}
	e.probes(envoyClient, e.at(n, "upstream_connection_options", "tcp_keepalive"))
	e.options(envoyClient, e.at(n, "upstream_bind_config", "socket_options"))
}

// probes read tcp_keepalive, which switches probes on by standing there.
func (e *envoyReader) probes(face model.ParamID, n *yaml.Node) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	e.take(n.Line, face+"tcp_keepalive", model.ValueOn)
	e.count(face+"tcp_keepidle", e.at(n, "keepalive_time"))
	e.count(face+"tcp_keepintvl", e.at(n, "keepalive_interval"))
	e.count(face+"tcp_keepcnt", e.at(n, "keepalive_probes"))
}

// envoySockets are socket options by level and name, of Linux, of macOS and of
// FreeBSD (asm-generic/socket.h, linux/tcp.h; xnu and FreeBSD sys/socket.h,
// netinet/tcp.h).
var envoySockets = map[[2]int]string{
	{1, 9}: "tcp_keepalive", {65535, 8}: "tcp_keepalive",
	{6, 4}: "tcp_keepidle", {6, 16}: "tcp_keepidle", {6, 256}: "tcp_keepidle",
	{6, 5}: "tcp_keepintvl", {6, 257}: "tcp_keepintvl", {6, 512}: "tcp_keepintvl",
	{6, 6}: "tcp_keepcnt", {6, 258}: "tcp_keepcnt", {6, 1024}: "tcp_keepcnt",
	{6, 18}: "tcp_user_timeout",
}

func (e *envoyReader) options(face model.ParamID, n *yaml.Node) {
	for _, option := range e.items(n) {
		level, _ := strconv.Atoi(e.text(option, "level"))
		name, _ := strconv.Atoi(e.text(option, "name"))
		id := face + model.ParamID(envoySockets[[2]int{level, name}])
		value := e.at(option, "int_value")
		switch {
		case id == face:
			if level != 0 {
				e.bear(option.Line, fmt.Sprintf("socket option %d of level %d", name, level))
				e.leave(option.Line, "it is none of keep-alive")
			}
		case value == nil:
			e.doubt(option.Line, "the socket option is given in bytes", id)
		default:
			s, err := e.catalog.System("envoy")
			if err == nil && s.Param(id) == nil {
				e.leave(option.Line, "keeptune has no setting for it")
				continue
			}
			e.used(option, value)
			if id == face+"tcp_keepalive" {
				e.take(value.Line, id, model.Switch(value.Value != "0"))
			} else {
				e.count(id, value)
			}
		}
	}
}

// used notes that the lines of a mapping tell what its value is. The line of the
// value itself is used where no other decides instead.
func (e *envoyReader) used(n, value *yaml.Node) {
	for _, f := range e.fields(n) {
		if f.key.Line != value.Line {
			e.use(f.key.Line)
		}
	}
}

// routesOf are the routes of a route configuration.
func (e *envoyReader) routesOf(n *yaml.Node) []envoyRoute {
	var list []envoyRoute
	add := func(cluster string, timeout, retry *yaml.Node) {
		if same := func(o envoyRoute) bool {
			return o.cluster == cluster && (o.timeout == timeout || o.timeout != nil && timeout != nil && o.timeout.Value == timeout.Value) &&
				e.text(o.retry, "retry_on") == e.text(retry, "retry_on") && e.text(o.retry, "num_retries") == e.text(retry, "num_retries")
		}; cluster != "" && !slices.ContainsFunc(list, same) {
			list = append(list, envoyRoute{cluster, timeout, retry})
		}
	}
	for _, host := range e.items(e.at(n, "virtual_hosts")) {
		for _, route := range e.items(e.at(host, "routes")) {
			action := e.at(route, "route")
			timeout, retry := e.at(action, "timeout"), cmp.Or(e.at(action, "retry_policy"), e.at(host, "retry_policy"))
			add(e.text(action, "cluster"), timeout, retry)
			for _, weighted := range e.items(e.at(action, "weighted_clusters", "clusters")) {
				add(e.text(weighted, "name"), timeout, retry)
			}
		}
	}
	return list
}

// repeats reads a retry_policy: what Envoy counts as a reset among its words
// (envoy:source/common/router/retry_state_impl.cc).
func (e *envoyReader) repeats(n *yaml.Node) {
	on := e.at(n, "retry_on")
	if on == nil {
		return
	}
	repeats := envoyResets(on.Value)
	if times := e.at(n, "num_retries"); times != nil && times.Value == "0" {
		repeats = false
	}
	e.take(on.Line, envoyRepeats, model.Switch(repeats))
}

// envoyResets reports whether a retry_on has a word that counts a reset.
func envoyResets(on string) bool {
	for word := range strings.SplitSeq(on, ",") {
		if slices.Contains([]string{"reset", "5xx", "gateway-error"}, strings.TrimSpace(word)) {
			return true
		}
	}
	return false
}

// contexts ties each listener to the clusters that its routes name. Where none
// is known, a listener speaks of one face and a cluster of the other.
func (e *envoyReader) contexts() {
	tied := map[*envoyCluster]bool{}
	for _, l := range e.listeners {
		routes := l.routes
		if len(routes) == 0 && l.rds != "" {
			routes = e.routes[l.rds]
		}
		several := map[string]int{}
		for _, route := range routes {
			several[route.cluster]++
		}
		for _, route := range routes {
			where := l.scope.where + ", cluster " + route.cluster
			if several[route.cluster] > 1 {
				where += ", timeout " + cmp.Or(e.text(route.timeout), "not set")
			}
			s := e.scope(l.scope.line, where, l.scope)
			for _, c := range e.clusters {
				if c.name == route.cluster {
					s.also, tied[c] = append(s.also, c.scope), true
				}
			}
			e.in(s, func() {
				e.span(envoyClient+"route.timeout", route.timeout)
				e.repeats(route.retry)
			})
			s.system = "envoy"
			e.list(s, "")
		}
		if len(routes) == 0 {
			e.list(l.scope, e.faceOf(l.scope, model.FaceServer))
		}
	}
	for _, c := range e.clusters {
		if !tied[c] && !e.passesTo(c.name) {
			e.list(c.scope, e.faceOf(c.scope, model.FaceClient))
		}
	}
	e.routed()
	for _, s := range e.policies {
		e.list(s, e.faceOf(s, s.face))
	}
	http, system := len(e.listed) > 0, e.system
	e.bytes()
	if http {
		e.system = system // the path is of what is HTTP
	}
}

// faceOf is a face, or every one where a file has nothing of another.
func (e *envoyReader) faceOf(s *scope, face model.FaceKind) model.FaceKind {
	if len(e.listeners)+len(e.clusters)+len(e.policies) == 1 && s.from == nil {
		return ""
	}
	return face
}

var protoDuration = lazily(`^(\d+(?:\.\d{1,9})?)s$`)

// span takes a Duration of protobuf: 3600s, 0.5s, or seconds and nanos; Istio
// and Envoy Gateway write 1h and 1m30s, too.
func (e *envoyReader) span(id model.ParamID, n *yaml.Node) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	if seconds := e.at(n, "seconds"); seconds != nil {
		nanos, _ := strconv.ParseInt(e.text(n, "nanos"), 10, 32)
		if s, err := strconv.ParseInt(seconds.Value, 10, 33); err == nil {
			e.set(seconds.Line, id, (time.Duration(s)*time.Second + time.Duration(nanos)).String())
			return
		}
	}
	switch d, err := time.ParseDuration(n.Value); {
	case protoDuration().MatchString(n.Value):
		e.set(n.Line, id, n.Value)
	case err == nil && d >= 0:
		e.set(n.Line, id, d.String())
	default:
		e.warn(n.Line, "%s: %q is no duration; write 60s or 0.5s", id, cmp.Or(n.Value, "a group"))
		e.doubt(n.Line, string(id)+" is not understood", id)
	}
}

// count takes a number, which may stand under value.
func (e *envoyReader) count(id model.ParamID, n *yaml.Node) {
	if inner := e.at(n, "value"); inner != nil {
		n = inner
	}
	if n == nil || n.Tag == "!!null" {
		return
	}
	if _, err := strconv.ParseUint(n.Value, 10, 32); err != nil {
		e.warn(n.Line, "%s: %q is not a whole number", id, cmp.Or(n.Value, "a group"))
		e.doubt(n.Line, string(id)+" is not understood", id)
		return
	}
	e.set(n.Line, id, n.Value)
}
