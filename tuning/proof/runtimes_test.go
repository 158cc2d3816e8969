package proof_test

import "example.com/keeptune/model"

// runtimes lists what runtimes_real_test.go runs, which make prove brings from npm. What a
// program on node:http meets in Bun and in Deno are systems of their own.
func runtimes() []proof {
	watched := []model.Aspect{model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests, model.AspectHint, model.AspectProbes}
	var list []proof
	for _, id := range []model.SystemID{"bun", "bun-node", "deno", "deno-node", "workerd", "fastify"} {
		list = append(list, proof{id, model.FaceServer, npm, watched})
	}
	return list
}
