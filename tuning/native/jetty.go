package native

const jettyFace = "jetty."

func jetty() *syntax {
	return lineFormat(syntax{
		id:    "jetty",
		signs: []string{`(?m)^\s*(--module=|jetty\.http)`},
		title: "Jetty: properties in start.d", comment: hash,
		checks: []check{{"jetty", "9.4.57", "java -jar start.jar"}},
		effect: func(*target) []string {
			return []string{"java -jar start.jar --list-config shows what counts. A restart closes all connections."}
		},
	}, "=", lineFile{
		name: "keeptune.ini", system: "jetty",
		use: "Copy it to start.d/ of the JETTY_BASE, or its lines to start.ini. It is for plain HTTP; TLS has jetty.ssl.idleTimeout. A program that embeds Jetty calls ServerConnector.setIdleTimeout instead.",
		knobs: append(bareKnobs(jettyFace, "=", "jetty.http.idleTimeout"),
			knob{param: jettyFace + "jetty.httpConfig.persistentConnectionsEnabled", line: "jetty.httpConfig.persistentConnectionsEnabled=%s", on: "true", off: "false"}),
	})
}
