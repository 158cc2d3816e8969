package proof_test

import (
	"slices"

	"example.com/keeptune/model"
)

// packagedServers are the systems of this list that can be installed.
var packagedServers = []model.SystemID{"nginx", "apache", "haproxy", "caddy", "lighttpd", "varnish", "squid", "h2o", "trafficserver"}

// served is what every server is held against.
var served = []model.Aspect{
	model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests, model.AspectHint, model.AspectProbes,
}

// unwritten are the servers without a run at exported settings.
var unwritten = []model.SystemID{"h2o", "trafficserver"}

// servers lists what servers_real_test.go runs.
func servers() []proof {
	var list []proof
	for _, id := range packagedServers {
		what := served
		if !slices.Contains(unwritten, id) {
			what = append(slices.Clip(what), model.AspectExport)
		}
		list = append(list, proof{id, model.SideServer, debian, what})
	}
	return list
}
