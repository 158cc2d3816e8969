package proof_test

import "example.com/keeptune/model"

// spoken lists the servers of other protocols that make prove alone runs, from Debian's suites.
func spoken() []proof {
	idle, silent, probes := model.AspectIdle, model.AspectBeforeRequest, model.AspectProbes
	var list []proof
	for _, x := range []struct {
		system model.SystemID
		what   []model.Aspect
	}{
		{"mariadb", []model.Aspect{idle, silent, probes}},
		{"pgbouncer", []model.Aspect{idle, probes}},
		{"memcached", []model.Aspect{idle, silent, probes}},
		{"mosquitto", []model.Aspect{idle, probes}},
		{"nats-server", []model.Aspect{idle, silent, probes}},
		{"rabbitmq", []model.Aspect{idle, silent, probes}},
		{"slapd", []model.Aspect{idle, silent, probes}},
		{"bind", []model.Aspect{idle, silent, probes}},
		{"unbound", []model.Aspect{idle, silent, probes}},
		{"nsd", []model.Aspect{idle, silent, probes}},
		{"knot-dns", []model.Aspect{idle, silent, probes}},
		{"pdns-recursor", []model.Aspect{idle, probes}},
		{"vsftpd", []model.Aspect{idle, silent, probes}},
	} {
		list = append(list, proof{x.system, model.FaceServer, suites, x.what})
	}
	return list
}
