package native

import (
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// haproxySteps: a bare number would be milliseconds, or seconds in some places.
var haproxySteps = []step{{time.Second, "s"}, {time.Millisecond, "ms"}}

// haproxyProbes are the lines of the socket options, without the clitcpka or
// srvtcpka that begins them.
var haproxyProbes = map[string]string{"tcp_keepidle": "-idle", "tcp_keepintvl": "-intvl", "tcp_keepcnt": "-cnt"}

// haproxyClosesIdle is the version from which a reload closes idle client
// connections (docs.haproxy.org, option idle-close-on-response).
const haproxyClosesIdle model.Version = "2.4"

func haproxy() *syntax {
	return &syntax{
		id:    "haproxy",
		signs: []string{`(?m)^\s*(defaults|frontend \S+|backend \S+|listen \S+|timeout (client|server|connect|http-\S+) \S+|(no )?option (http(close|-server-close|-keep-alive)|(cli|srv)?tcpka)|default-server .*|http-reuse \w+)\s*(#.*)?$`},
		title: "HAProxy: lines for defaults, frontend and backend", comment: hash,
		fits:   func(t *target) bool { return t.side.System.ID == "haproxy" || t.side.System.ID == haproxyTCP },
		checks: []check{{"haproxy", "2.6.12", "haproxy -c"}, {haproxyTCP, "2.6.12", "haproxy -c"}},
		effect: func(t *target) []string {
			text := "haproxy -c -f FILE, then systemctl reload haproxy. Requests at work are finished"
			if t.side.System.Order.Compare(t.side.Version, haproxyClosesIdle) >= 0 {
				text += "; idle connections of clients are closed at once, unless option idle-close-on-response is set"
			}
			return []string{text + "."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-haproxy.cfg",
			use:  "Copy each line into your own section of that name. A second defaults section would not add to the first.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "haproxy" },
			body: haproxyBody,
		}, {
			name: "keeptune-haproxy-tcp.cfg",
			use:  "Copy each line into your own section that is in mode tcp: timeout client and clitcpka into its frontend, the others into its backend, or all into its listen or defaults section.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == haproxyTCP },
			body: haproxyPassed,
		}},
		read: readHAProxy, notes: true, bears: haproxyBearsLine,
		places: []string{"/etc/haproxy/haproxy.cfg"},
	}
}

func haproxyBody(p *page) error {
	var servers, binds []item
	if len(p.items) > 0 {
		p.add("defaults")
	}
	if err := haproxyMode(p); err != nil {
		return err
	}
	for _, it := range p.items {
		name := it.param().ID.Name()
		if it.param().ID == haproxyKeeps || it.param().ID == haproxyServers {
			continue
		}
		steps := haproxySteps
		if haproxyProbes[name] != "" { // kept in whole seconds: the rest would be cut off
			steps = bareSecondsNamed
		}
		text, err := p.number(it, p.product(), steps)
		if err != nil {
			return err
		}
		option := "clitcpka"
		if it.param().Face == model.FaceClient {
			option = "srvtcpka"
		}
		switch {
		case name == "tcp_user_timeout" && option == "clitcpka":
			binds = append(binds, it)
		case name == "tcp_user_timeout", !strings.Contains(name, " ") && !strings.HasPrefix(name, "tcp_"):
			servers = append(servers, it)
		case it.param().ID == haproxyRepeats:
			p.put("    ", it, "retry-on conn-failure"+onOff(it.value, " empty-response", ""))
			p.note("retry-on is one list: add the words of your own that are to stay.")
		case it.param().ID == haproxyBuffers:
			p.put("    ", it, onOff(it.value, "", "no ")+"option http-buffer-request")
		case name == "tcp_keepalive":
			p.put("    ", it, onOff(it.value, "", "no ")+"option "+option)
		case haproxyProbes[name] != "":
			p.put("    ", it, option+haproxyProbes[name]+" "+text)
		default:
			p.put("    ", it, name+" "+text)
		}
	}
	if err := haproxyWords(p, servers, "default-server"); err != nil {
		return err
	}
	return haproxyBind(p, binds)
}

// haproxyBind writes options of the bind line.
func haproxyBind(p *page, binds []item) error {
	if len(binds) == 0 {
		return nil
	}
	if allGone(binds) {
		p.reasons("    ", binds...)
		return nil
	}
	p.add("", "frontend keeptune")
	p.say("    ", "The address is an example: add the option to your own bind line.")
	return haproxyWords(p, binds, "bind 127.0.0.1:8080")
}

// haproxyPassed writes the timeouts and the socket options of mode tcp.
func haproxyPassed(p *page) error {
	if !allGone(p.items) {
		p.add("defaults", "    mode tcp")
	}
	var servers, binds []item
	for _, it := range p.items {
		name, steps := it.param().Name, haproxySteps
		if strings.Contains(name, "tcpka-") {
			steps = bareSecondsNamed
		}
		text, err := p.number(it, p.product(), steps)
		if err != nil {
			return err
		}
		switch {
		case it.param().Role == model.RoleKeepAlive:
			p.put("    ", it, onOff(it.value, "", "no ")+name)
		case name == "bind tcp-ut":
			binds = append(binds, it)
		case name == "server tcp-ut":
			servers = append(servers, it)
		default:
			p.put("    ", it, name+" "+text)
		}
	}
	if err := haproxyWords(p, servers, "default-server"); err != nil {
		return err
	}
	return haproxyBind(p, binds)
}

// haproxyMode writes one option for both sides: httpclose closes towards
// clients and servers, http-server-close towards servers only.
func haproxyMode(p *page) error {
	both := p.has(haproxyKeeps, haproxyServers)
	if len(both) == 0 {
		return nil
	}
	p.reasons("    ", both...)
	if allGone(both) {
		return nil
	}
	clients, servers := p.value(haproxyKeeps), p.value(haproxyServers)
	_, typed := p.endpoint.Settings[haproxyServers]
	option := "http-keep-alive"
	switch {
	case clients.value == model.ValueOff:
		if servers.value == model.ValueOn && typed && !p.undo {
			return p.cannot(servers.row, servers.value, p.product(), "option httpclose closes both sides; make "+string(haproxyServers)+" off, too")
		}
		if servers.value == model.ValueOn && !p.undo {
			p.note("option httpclose closes the connections to servers, too.")
		}
		option = "httpclose"
	case servers.value == model.ValueOff:
		option = "http-server-close"
	}
	p.add("    option " + option)
	return nil
}

// haproxyWords writes items as words of one line.
func haproxyWords(p *page, items []item, line string) error {
	if len(items) == 0 {
		return nil
	}
	p.reasons("    ", items...)
	for _, it := range items {
		if it.gone {
			continue
		}
		text, err := p.number(it, p.product(), haproxySteps)
		if err != nil {
			return err
		}
		name := it.param().ID.Name()
		if name == "tcp_user_timeout" || strings.HasSuffix(name, " tcp-ut") {
			name = "tcp-ut"
		}
		line += " " + name + " " + text
	}
	if !allGone(items) {
		p.add("    " + line)
	}
	return nil
}
