package native

func h2o() *syntax {
	return lineSyntax(syntax{
		id: "h2o", title: "H2O: lines of h2o.conf", comment: hash,
		checks: []check{{"h2o", "2.2.5", "h2o -t"}},
		effect: func(*target) []string {
			return []string{"h2o -t -c /etc/h2o/h2o.conf, then systemctl reload h2o: a new process takes over, and the old one ends after its requests."}
		},
	}, ":", lineSheet{
		name: "keeptune-h2o.conf", system: "h2o",
		use:   "Copy the lines to the top level of /etc/h2o/h2o.conf, in place of those with the same name; H2O includes no other file.",
		knobs: append(bareKnobs("h2o.", ": ", "http1-request-timeout"), bareKnobs("h2o.upstream.", ": ", "proxy.timeout.keepalive")...),
	})
}
