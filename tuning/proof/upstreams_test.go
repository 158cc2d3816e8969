package proof_test

import (
	"slices"

	"example.com/keeptune/model"
)

// packagedUpstreams are the proxies whose client face can be run.
var packagedUpstreams = []model.SystemID{"nginx", "apache", "haproxy", "varnish", "squid", "trafficserver", "caddy", "h2o"}

// upstreams lists what upstreams_real_test.go runs: proxies as clients of their upstreams.
func upstreams() []proof {
	var list []proof
	what := append(slices.Clip(called), model.AspectExport)
	for _, id := range packagedUpstreams {
		list = append(list, proof{id, model.FaceClient, debian, what})
	}
	return list
}
