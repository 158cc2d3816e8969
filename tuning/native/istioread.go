package native

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// destinationRule reads Istio's connection pools: of a host, and in its place
// of each port and each subset (istio:pilot/pkg/networking/core/cluster_traffic_policy.go).
func (e *envoyReader) destinationRule(name string, spec *yaml.Node) {
	where, host := "DestinationRule "+name, e.text(spec, "host")
	base := e.at(spec, "trafficPolicy")
	e.pooled(where, istioPool{host: host}, base, nil)
	for _, subset := range e.items(e.at(spec, "subsets")) {
		own := e.at(subset, "trafficPolicy")
		if own != nil {
			name := e.text(subset, "name")
			e.pooled(where+", subset "+name, istioPool{host: host, subset: name}, own, base)
		}
	}
}

// An istioPool is a connection pool, and what it is for.
type istioPool struct {
	host, subset, port string
	scope              *scope
}

// pooled lists a traffic policy and its ports. A pool that a subset or port
// names takes the place of the other as a whole.
func (e *envoyReader) pooled(where string, to istioPool, policy, around *yaml.Node) {
	pool := e.at(policy, "connectionPool")
	if pool == nil {
		pool = e.at(around, "connectionPool")
	}
	if pool != nil {
		to.scope = e.pool(where, pool)
		e.pools = append(e.pools, to)
	}
	for _, port := range e.items(e.at(policy, "portLevelSettings")) {
		if own := e.at(port, "connectionPool"); own != nil {
			to.port = e.text(port, "port", "number")
			to.scope = e.pool(where+", port "+to.port, own)
			e.pools = append(e.pools, to)
		}
	}
}

func (e *envoyReader) pool(where string, pool *yaml.Node) *scope {
	s := e.scope(pool.Line, where, nil)
	const common = envoyClient + "common_http_protocol_options."
	e.in(s, func() {
		tcp, http := e.at(pool, "tcp"), e.at(pool, "http")
		idle := e.at(http, "idleTimeout")
		if other := e.at(tcp, "idleTimeout"); idle == nil {
			idle = other
		} else if other != nil {
			e.leave(other.Line, "http.idleTimeout comes before it")
		}
		e.span(common+"idle_timeout", idle)
		if n := e.at(http, "maxRequestsPerConnection"); n != nil {
			e.count(common+"max_requests_per_connection", n)
		}
		e.span(common+"max_connection_duration", e.at(tcp, "maxConnectionDuration"))
		e.istioProbes(e.at(tcp, "tcpKeepalive"))
	})
	e.policy(s, model.FaceClient)
	return s
}

// istioProbes read Istio's tcpKeepalive, whose times are durations; Envoy
// Gateway's has idleTime in place of time.
func (e *envoyReader) istioProbes(n *yaml.Node) { e.namedProbes(envoyClient, n, "time") }

func (e *envoyReader) namedProbes(face model.ParamID, n *yaml.Node, idle string) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	e.take(n.Line, face+"tcp_keepalive", model.ValueOn)
	e.span(face+"tcp_keepidle", e.at(n, idle))
	e.span(face+"tcp_keepintvl", e.at(n, "interval"))
	e.count(face+"tcp_keepcnt", e.at(n, "probes"))
}

// envoyFilter reads the patches of an EnvoyFilter; those of one context and face
// are one.
func (e *envoyReader) envoyFilter(name string, spec *yaml.Node) {
	type key struct {
		context string
		face    model.FaceKind
	}
	scopes := map[key]*scope{}
	for _, patch := range e.items(e.at(spec, "configPatches")) {
		value := e.at(patch, "patch", "value")
		context, face := e.text(patch, "match", "context"), model.FaceServer
		if e.text(patch, "applyTo") == "CLUSTER" {
			face = model.FaceClient
		}
		s := scopes[key{context, face}]
		if s == nil {
			where := "EnvoyFilter " + name
			if context != "" {
				where += ", " + context
			}
			s = e.scope(patch.Line, where, nil)
		}
		e.in(s, func() { e.patch(e.text(patch, "applyTo"), value) })
		if len(s.settings) > 0 && scopes[key{context, face}] == nil {
			scopes[key{context, face}] = s
			e.policy(s, face)
		}
	}
}

func (e *envoyReader) patch(to string, value *yaml.Node) {
	switch to {
	case "NETWORK_FILTER":
		config := e.at(value, "typed_config")
		if config == nil || e.isTCPProxy(value, config) {
			return
		}
		e.manager(config)
	case "LISTENER":
		e.probes(envoyServer, e.at(value, "tcp_keepalive"))
		e.options(envoyServer, e.at(value, "socket_options"))
	case "CLUSTER":
		e.clusterValues(value)
	}
}

func (e *envoyReader) isTCPProxy(filter, config *yaml.Node) bool {
	return strings.HasSuffix(e.text(config, "@type"), ".TcpProxy") || strings.HasSuffix(e.text(filter, "name"), "tcp_proxy")
}

// gatewayPolicy reads the policies of Envoy Gateway, of clients or of backends
// (envoyproxy/gateway: api/v1alpha1, Timeout and TCPKeepalive).
func (e *envoyReader) gatewayPolicy(kind, name string, spec *yaml.Node) {
	face, side, idle := envoyServer, model.FaceServer, "idleTimeout"
	if kind == "BackendTrafficPolicy" {
		face, side, idle = envoyClient, model.FaceClient, "connectionIdleTimeout"
	}
	s := e.scope(max(spec.Line, 1), kind+" "+name, nil)
	e.in(s, func() {
		const common = "common_http_protocol_options."
		http := e.at(spec, "timeout", "http")
		e.span(face+common+"idle_timeout", e.at(http, idle))
		if side == model.FaceClient {
			e.span(face+common+"max_connection_duration", e.at(http, "maxConnectionDuration"))
			e.count(face+common+"max_requests_per_connection", e.at(spec, "circuitBreaker", "maxRequestsPerConnection"))
		} else {
			e.span(face+"stream_idle_timeout", e.at(http, "streamIdleTimeout"))
		}
		e.namedProbes(face, e.at(spec, "tcpKeepalive"), "idleTime")
	})
	e.policy(s, side)
}
