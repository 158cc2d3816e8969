package proof_test

import "example.com/keeptune/model"

// packagedServers are the systems of this list that can be installed.
var packagedServers = []model.SystemID{"nginx", "apache", "haproxy", "caddy", "lighttpd", "varnish", "squid", "h2o", "trafficserver"}

// served is what every server is held against.
var served = []model.Aspect{
	model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests, model.AspectHint, model.AspectProbes, model.AspectExport,
}

// servers lists what servers_real_test.go runs.
func servers() []proof {
	var list []proof
	for _, id := range packagedServers {
		list = append(list, proof{id, model.FaceServer, debian, served})
	}
	return list
}
