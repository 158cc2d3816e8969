package native

import "example.com/keeptune/model"

func firefox() *syntax {
	pref := func(param model.ParamID, name string) knob {
		return knob{param: "firefox." + param, line: `user_pref("` + name + `", %s);`}
	}
	probes := pref("tcp_keepalive", "network.tcp.keepalive.enabled")
	probes.on, probes.off = "true", "false"
	return lineFormat(syntax{
		id: "firefox", signs: []string{`(?m)^\s*user_pref\("`},
		title: "Firefox: user.js", comment: slashes,
		unchecked: "No Firefox runs in the tests; the lines are read back and compared.",
	}, `(",);`, lineFile{
		name: "user.js", system: "firefox", reset: true,
		use: "Copy it into the profile's folder (about:support shows it), or its lines into the user.js there. Firefox copies them to prefs.js at each start, so that taking them away changes nothing.",
		knobs: []knob{
			pref("network.http.keep-alive.timeout", "network.http.keep-alive.timeout"),
			pref("network.http.max-persistent-connections-per-server", "network.http.max-persistent-connections-per-server"),
			probes,
			pref("tcp_keepidle", "network.http.tcp_keepalive.long_lived_idle_time"),
			pref("tcp_keepintvl", "network.tcp.keepalive.retry_interval"),
			pref("tcp_keepcnt", "network.tcp.keepalive.probe_count"),
		},
	})
}
