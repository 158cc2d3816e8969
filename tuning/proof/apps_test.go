package proof_test

import (
	"slices"

	"example.com/keeptune/model"
)

// nodesource packages the Node.js that is newer than Debian's.
const nodesource = "NodeSource"

// packagedApps are the systems of this list that can be installed.
var packagedApps = []model.SystemID{
	"tomcat", "jetty", "gunicorn", "gunicorn-sync", "gunicorn-uvicorn", "uvicorn", "hypercorn", "puma", "passenger", "passenger-builtin", "node", "go-server", "built-in",
}

// apps lists what apps_real_test.go runs.
func apps() []proof {
	watched := []model.Aspect{model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests, model.AspectHint, model.AspectProbes}
	exported := append(slices.Clip(watched), model.AspectExport)
	return []proof{
		{"tomcat", model.SideServer, debian, exported},
		{"jetty", model.SideServer, debian, exported},
		{"gunicorn", model.SideServer, debian, exported},
		// Each connection serves one request, which TestRealGunicornSync shows.
		{"gunicorn-sync", model.SideServer, debian, []model.Aspect{model.AspectIdle, model.AspectRequests, model.AspectHint, model.AspectProbes}},
		{"gunicorn-uvicorn", model.SideServer, debian, exported},
		{"uvicorn", model.SideServer, debian, exported},
		// The idle time of Debian's version is broken: TestRealOddities and TestRealCloseAtOnce show how.
		{"hypercorn", model.SideServer, debian, exported[1:]},
		{"puma", model.SideServer, debian, exported},
		{"passenger", model.SideServer, debian, exported},
		// There is nothing to set.
		{"passenger-builtin", model.SideServer, debian, watched},
		{"node", model.SideServer, nodesource, exported},
		{"go-server", model.SideServer, toolchain, exported},
		{"built-in", model.SideServer, own, watched[:4]},
	}
}
