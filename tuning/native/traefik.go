package native

import (
	"strings"
	"time"

	"example.com/keeptune/model"
)

// traefikSpans: a bare number is seconds; hours and minutes are read only.
var traefikSpans = []step{{time.Second, "%ss"}, {time.Second, ""}, {time.Minute, "%sm"}, {time.Hour, "%sh"}, {time.Millisecond, "%sms"}}

func traefik() *syntax {
	at := func(name string) model.ParamID { return model.ParamID("traefik." + name) }
	up := func(name string) model.ParamID { return model.ParamID("traefik.upstream." + name) }
	key := func(id model.ParamID, name string, steps []step) setter {
		return setter{knob: knob{param: id, line: name + ": %s", steps: steps}}
	}
	transport := []setter{key(at("keepAliveMaxRequests"), "keepAliveMaxRequests", nil), key(at("keepAliveMaxTime"), "keepAliveMaxTime", traefikSpans)}
	responding := []setter{
		key(at("respondingTimeouts.idleTimeout"), "idleTimeout", traefikSpans),
		key(at("readTimeout"), "readTimeout", traefikSpans), key(at("writeTimeout"), "writeTimeout", traefikSpans),
	}
	pool := []setter{key(up("maxIdleConnsPerHost"), "maxIdleConnsPerHost", nil)}
	forwarding := []setter{
		key(up("forwardingTimeouts.idleConnTimeout"), "idleConnTimeout", traefikSpans),
		key(up("forwardingTimeouts.responseHeaderTimeout"), "responseHeaderTimeout", traefikSpans),
	}
	return codeSyntax(
		syntax{
			id: "traefik",
			signs: []string{
				`(?mi)^\s*-\s*["']?--(entrypoints\.[\w-]+\.transport|serverstransport)\.|^\s*respondingTimeouts:`, // its chart
				`(?m)^\s*(entryPoints|serversTransports?):`,
			},
			title: "Traefik: static configuration in YAML", comment: hash,
			unchecked: "No Traefik is packaged for Debian 12; the YAML is parsed and compared.",
			read:      readTraefik, system: "traefik", inContainers: true,
			bears: func(line string) bool { return !strings.HasSuffix(line, ":") && concernsConnections(line) }, // a key alone sets nothing
		},
		layout{
			system: "traefik", name: "keeptune-traefik.yml", mark: "",
			use:    "Merge it into traefik.yml; web is an example of the name of your entry point. What stands under serversTransport may also stand under http.serversTransports.NAME of the dynamic configuration, without a restart.",
			effect: "A restart ends open connections once transport.lifeCycle.graceTimeOut is over.",
			parts: []part{
				{
					with: append(setterIDs(transport), setterIDs(responding)...), indent: "      ", set: transport,
					open: []string{"entryPoints:", "  web:", "    transport:"},
				},
				{indent: "        ", set: responding, open: []string{"      respondingTimeouts:"}},
				{with: append(setterIDs(pool), setterIDs(forwarding)...), indent: "  ", set: pool, open: []string{"serversTransport:"}},
				{indent: "    ", set: forwarding, open: []string{"  forwardingTimeouts:"}},
			},
		},
	)
}
