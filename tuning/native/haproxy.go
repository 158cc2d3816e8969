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
		id: "haproxy", title: "HAProxy: lines for defaults, frontend and backend", comment: hash, fits: ofSystem("haproxy"),
		checks: []check{{"haproxy", "2.6.12", "haproxy -c"}},
		effect: func(t *target) []string {
			text := "haproxy -c -f FILE, then systemctl reload haproxy. Requests at work are finished"
			if t.side.System.Order.Compare(t.side.Version, haproxyClosesIdle) >= 0 {
				text += "; idle connections of clients are closed at once, unless option idle-close-on-response is set"
			}
			return []string{text + "."}
		},
		sheets: []sheet{{
			name: "keeptune-haproxy.cfg",
			use:  "Copy each line into your own section of that name. A second defaults section would not add to the first.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "haproxy" },
			body: haproxyBody,
		}},
		read: readHAProxy,
	}
}

func haproxyBody(p *page) error {
	var servers, binds []item
	if len(p.items) > 0 {
		p.add("defaults")
	}
	for _, it := range p.items {
		name := it.param().Name
		steps := haproxySteps
		if haproxyProbes[name] != "" { // kept in whole seconds: the rest would be cut off
			steps = bareSecondsNamed
		}
		text, err := p.number(it, p.product(), steps)
		if err != nil {
			return err
		}
		option := "clitcpka"
		if it.param().Side == model.SideClient {
			option = "srvtcpka"
		}
		switch {
		case name == "tcp_user_timeout" && option == "clitcpka":
			binds = append(binds, it)
		case name == "tcp_user_timeout", !strings.Contains(name, " ") && !strings.HasPrefix(name, "tcp_"):
			servers = append(servers, it)
		case name == "tcp_keepalive":
			p.put("    ", it, onOff(it.value, "", "no ")+"option "+option)
		case haproxyProbes[name] != "":
			p.put("    ", it, option+haproxyProbes[name]+" "+text)
		case name == "option http-keep-alive":
			p.put("    ", it, "option "+onOff(it.value, "http-keep-alive", "httpclose"))
		default:
			p.put("    ", it, name+" "+text)
		}
	}
	if err := haproxyWords(p, servers, "default-server"); err != nil {
		return err
	}
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
		name := it.param().Name
		if name == "tcp_user_timeout" {
			name = "tcp-ut"
		}
		line += " " + name + " " + text
	}
	if !allGone(items) {
		p.add("    " + line)
	}
	return nil
}

// readHAProxy reads lines of any section as if each value were said once.
func readHAProxy(r *reader, text string) {
	for _, s := range lineStatements(text) {
		off := s.words[0] == "no" && len(s.words) > 1
		if off {
			s.words = s.words[1:]
		}
		name, args := s.words[0], s.words[1:]
		switch {
		case name == "timeout" && len(args) == 2:
			r.haproxyTimeout(s.line, args[0], args[1])
		case name == "option" && len(args) > 0:
			r.haproxyOption(s.line, args[0], off)
		case name == "bind":
			r.haproxyServer(s.line, args, "haproxy.")
		case name == "server" || name == "default-server":
			r.haproxyServer(s.line, args, "haproxy.upstream.")
		case strings.HasPrefix(name, "clitcpka-"), strings.HasPrefix(name, "srvtcpka-"):
			face := model.ParamID("haproxy.")
			if name[:3] == "srv" {
				face = "haproxy.upstream."
			}
			for param, end := range haproxyProbes {
				if strings.HasSuffix(name, end) && len(args) == 1 {
					r.set(s.line, face+model.ParamID(param), args[0])
				}
			}
		}
	}
}

func (r *reader) haproxyTimeout(line int, which, value string) {
	switch which {
	case "http-keep-alive", "http-request", "client":
		r.set(line, model.ParamID("haproxy.timeout "+which), value)
	case "connect", "server":
		r.set(line, model.ParamID("haproxy.upstream.timeout "+which), value)
	}
}

func (r *reader) haproxyOption(line int, which string, off bool) {
	switch which {
	case "clitcpka":
		r.take(line, "haproxy.tcp_keepalive", model.Switch(!off))
	case "srvtcpka":
		r.take(line, "haproxy.upstream.tcp_keepalive", model.Switch(!off))
	case "tcpka":
		r.take(line, "haproxy.tcp_keepalive", model.Switch(!off))
		r.take(line, "haproxy.upstream.tcp_keepalive", model.Switch(!off))
	case "http-keep-alive":
		r.take(line, "haproxy.option http-keep-alive", model.Switch(!off))
	case "httpclose":
		r.take(line, "haproxy.option http-keep-alive", model.Switch(off))
	case "http-server-close":
		r.warn(line, "option http-server-close is not understood: it closes towards the server only")
	}
}

// haproxyServer reads the words of a bind, server or default-server line.
func (r *reader) haproxyServer(line int, words []string, face model.ParamID) {
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "tcp-ut":
			r.set(line, face+"tcp_user_timeout", words[i+1])
		case "pool-purge-delay", "pool-max-conn", "max-reuse":
			if face != "haproxy." {
				r.set(line, face+model.ParamID(words[i]), words[i+1])
			}
		}
	}
}
