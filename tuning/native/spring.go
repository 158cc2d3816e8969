package native

import "example.com/keeptune/model"

// spring is application.properties. A bare number would be milliseconds.
func spring() *syntax {
	line := func(system, name, never string, steps []step) knob {
		return knob{param: model.ParamID(system + "." + name), line: name + "=%s", steps: steps, never: never}
	}
	file := func(system string, knobs ...knob) lineFile {
		return lineFile{
			name: "application-keeptune.properties", system: model.SystemID(system), knobs: knobs,
			use: "Copy its lines into application.properties, or put it beside that file and add keeptune to spring.profiles.active. In YAML the dots of a key are levels.",
		}
	}
	return lineFormat(syntax{
		id:    "spring",
		signs: []string{`(?m)^\s*server\.(tomcat|netty|jetty|undertow)\.|^server:\s*\n(?:[ \t]+.*\n|\s*\n)*?[ \t]+(tomcat|netty|jetty|undertow):|^spring:\s*$|^spring\.\w+[.-]|\bSERVER_(TOMCAT|NETTY|JETTY|UNDERTOW)_`},
		title: "Spring Boot: application.properties for Tomcat, Netty, Jetty, Undertow", comment: hash,
		unchecked: "No Spring Boot is packaged for Debian 12; the properties are read back and compared.",
		read:      readSpring, inContainers: true,
		effect: func(*target) []string {
			return []string{"A restart closes all connections; server.shutdown=graceful finishes requests first."}
		},
	}, "=:",
		file("spring-boot",
			line("spring-boot", "server.tomcat.keep-alive-timeout", "-1", secondsAndMillis),
			line("spring-boot", "server.tomcat.connection-timeout", "-1", secondsAndMillis),
			line("spring-boot", "server.tomcat.max-keep-alive-requests", "-1", nil),
		),
		file("spring-boot-netty",
			line("spring-boot-netty", "server.netty.idle-timeout", "", secondsAndMillis),
			line("spring-boot-netty", "server.netty.max-keep-alive-requests", "-1", nil),
		),
		file("spring-boot-jetty", line("spring-boot-jetty", "server.jetty.connection-idle-timeout", "-1", secondsAndMillis)),
		file("spring-boot-undertow", line("spring-boot-undertow", "server.undertow.no-request-timeout", "-1", secondsAndMillis)),
	)
}

// undertow is the http-listener of WildFly, as commands of its command line.
func undertow() *syntax {
	attribute := func(param model.ParamID, name string) knob {
		return knob{param: param, line: "/subsystem=undertow/server=default-server/http-listener=default:write-attribute(name=" + name + ", value=%s)", steps: bareMilliseconds}
	}
	probes := attribute("undertow.tcp_keepalive", "tcp-keep-alive")
	probes.on, probes.off = "true", "false"
	idle := attribute("undertow.no-request-timeout", "no-request-timeout")
	idle.never = "-1"
	return lineFormat(syntax{
		id: "undertow", signs: []string{`/subsystem=undertow`},
		title: "WildFly: commands for its http-listener", comment: hash,
		unchecked: "No WildFly is packaged for Debian 12; the commands are held against the attributes of its management model.",
		effect: func(*target) []string {
			return []string{"The reload at the end starts the listener again, which closes all connections."}
		},
	}, "(),=", lineFile{
		name: "keeptune-wildfly.cli", system: "undertow", reset: true, runs: true,
		use:   "jboss-cli.sh --connect --file=FILE. The listener named default is meant; an https-listener needs the same with its own name.",
		knobs: []knob{idle, attribute("undertow.read-timeout", "read-timeout"), attribute("undertow.write-timeout", "write-timeout"), probes},
		tail:  []string{"reload"},
	})
}
