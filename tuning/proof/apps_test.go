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
		{"tomcat", model.FaceServer, debian, exported},
		{"jetty", model.FaceServer, debian, exported},
		{"gunicorn", model.FaceServer, debian, exported},
		// Each connection serves one request, which TestRealGunicornSync shows.
		{"gunicorn-sync", model.FaceServer, debian, []model.Aspect{model.AspectIdle, model.AspectRequests, model.AspectHint, model.AspectProbes}},
		{"gunicorn-uvicorn", model.FaceServer, debian, exported},
		{"uvicorn", model.FaceServer, debian, exported},
		// The idle time of Debian's version is broken: TestRealOddities and TestRealCloseAtOnce show how.
		{"hypercorn", model.FaceServer, debian, exported[1:]},
		{"puma", model.FaceServer, debian, exported},
		{"passenger", model.FaceServer, debian, exported},
		// There is nothing to set.
		{"passenger-builtin", model.FaceServer, debian, watched},
		{"node", model.FaceServer, nodesource, exported},
		{"go-server", model.FaceServer, toolchain, exported},
		{"built-in", model.FaceServer, own, watched[:4]},
	}
}
