package proof_test

import (
	"slices"

	"example.com/keeptune/model"
)

// The systems of this list that can be installed, by where they come from.
var (
	debianClients = []model.SystemID{
		"curl", "python-requests", "httpx", "aiohttp", "httpurlconnection", "java-http-client",
		"apache-httpclient-4", "okhttp", "ruby-net-http", "guzzle",
	}
	npmClients       = []model.SystemID{"undici", "agentkeepalive", "axios"}
	nodeClients      = []model.SystemID{"node"}
	toolchainClients = []model.SystemID{"go-client"}
	packagedClients  = slices.Concat(debianClients, npmClients, nodeClients, toolchainClients)
)

// called is what every client is held against.
var called = []model.Aspect{model.AspectIdle, model.AspectHint, model.AspectProbes, model.AspectRetry}

// clients lists what clients_real_test.go runs.
func clients() []proof {
	var list []proof
	for from, ids := range map[string][]model.SystemID{debian: debianClients, npm: npmClients, nodesource: nodeClients, toolchain: toolchainClients} {
		for _, id := range ids {
			what := called
			if id == "curl" { // curl_real_test.go
				what = append(slices.Clip(called), model.AspectExport)
			}
			list = append(list, proof{id, model.FaceClient, from, what})
		}
	}
	return list
}
