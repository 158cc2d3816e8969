package proof_test

import "example.com/keeptune/model"

// suites are Debian's, several of them: make prove names which.
const suites = "Debian"

// released lists the servers that make prove alone runs, from Debian's suites and as modules of
// Go.
func released() []proof {
	watched := []model.Aspect{model.AspectIdle, model.AspectBeforeRequest, model.AspectRequests, model.AspectHint, model.AspectProbes}
	var list []proof
	for _, id := range []model.SystemID{
		"aiohttp-server", "cheroot", "eventlet", "gevent-pywsgi", "tornado", "twisted-web", "uwsgi", "waitress",
		"mojolicious", "starman", "thin", "webrick", "jdk-httpserver", "inets-httpd",
		"nghttpx", "pound", "docker-registry", "etcd", "prometheus",
	} {
		list = append(list, proof{id, model.FaceServer, suites, watched})
	}
	for _, id := range []model.SystemID{"fasthttp", "fiber"} {
		list = append(list, proof{id, model.FaceServer, modules, watched})
	}
	return list
}
