package native

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// envoyTCP is Envoy where it passes bytes on.
const envoyTCP model.SystemID = "envoy-tcp"

// An envoyPassed is a filter that passes bytes on to a cluster.
type envoyPassed struct {
	where, cluster   string
	listener, config *yaml.Node
}

// passing takes a filter that passes bytes on: neither it nor the clusters that it
// leads to are HTTP.
func (e *envoyReader) passing(where string, listener, config *yaml.Node) {
	names := []string{e.text(config, "cluster")}
	for _, c := range e.items(e.at(config, "weighted_clusters", "clusters")) {
		names = append(names, e.text(c, "name"))
	}
	for _, name := range names {
		if name != "" || len(names) == 1 {
			e.passed = append(e.passed, envoyPassed{where, name, listener, config})
		}
	}
}

func (e *envoyReader) passesTo(cluster string) bool {
	return slices.ContainsFunc(e.passed, func(p envoyPassed) bool { return p.cluster == cluster })
}

// bytes lists what passes bytes on.
func (e *envoyReader) bytes() {
	const id model.ParamID = "envoy-tcp."
	for _, p := range e.passed {
		s := e.scope(p.listener.Line, p.where+", cluster "+p.cluster, nil)
		s.system = envoyTCP
		e.in(s, func() {
			e.span(id+"idle_timeout", e.at(p.config, "idle_timeout"))
			e.passedProbes(id+"listener ", e.at(p.listener, "tcp_keepalive"))
			for _, c := range e.clusters {
				if c.name == p.cluster {
					e.passedProbes(id+"cluster ", e.at(c.node, "upstream_connection_options", "tcp_keepalive"))
				}
			}
		})
		e.list(s, "")
	}
}

// passedProbes are the probes of one side.
func (e *envoyReader) passedProbes(side model.ParamID, n *yaml.Node) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	e.take(n.Line, side+"tcp_keepalive", model.ValueOn)
	for _, name := range []model.ParamID{"keepalive_time", "keepalive_interval", "keepalive_probes"} {
		e.count(side+name, e.at(n, string(name)))
	}
}
