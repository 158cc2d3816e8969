package proof_test

import "example.com/keeptune/model"

// packagedDaemons are the systems of this list that can be installed.
var packagedDaemons = []model.SystemID{"sshd", "ssh", "putty", "postgresql", "libpq", "redis", "redis-cli"}

// daemons lists what ssh_real_test.go and daemons_real_test.go run.
func daemons() []proof {
	return []proof{
		{"sshd", model.FaceServer, debian, []model.Aspect{model.AspectBeforeRequest, model.AspectProbes, model.AspectAlive, model.AspectExport}},
		{"ssh", model.FaceClient, debian, []model.Aspect{model.AspectProbes, model.AspectAlive, model.AspectExport}},
		{"putty", model.FaceClient, debian, []model.Aspect{model.AspectProbes, model.AspectAlive}},
		{"postgresql", model.FaceServer, debian, []model.Aspect{model.AspectIdle, model.AspectBeforeRequest, model.AspectProbes, model.AspectExport}},
		{"libpq", model.FaceClient, debian, []model.Aspect{model.AspectProbes}},
		{"redis", model.FaceServer, debian, []model.Aspect{model.AspectIdle, model.AspectProbes, model.AspectExport}},
		{"redis-cli", model.FaceClient, debian, []model.Aspect{model.AspectProbes}},
	}
}
