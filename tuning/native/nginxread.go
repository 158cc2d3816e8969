package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// The directives of one value, by context: those of an upstream block are the
// client face.
var (
	nginxFront        = []string{"keepalive_requests", "keepalive_time", "keepalive_min_timeout", "client_header_timeout", "send_timeout"}
	nginxProxy        = []string{"proxy_read_timeout", "proxy_send_timeout"}
	nginxUpstreamOnes = []string{"keepalive", "keepalive_timeout", "keepalive_requests", "keepalive_time"}
)

// readNginx reads http, server, location and upstream contexts as if each
// value were said once.
func readNginx(r *reader, text string) {
	statements, unfinished := blockStatements(text)
	var blocks []bool // upstream, or inside of one
	for _, s := range statements {
		switch {
		case s.shut:
			if len(blocks) == 0 {
				r.warn(s.line, "a } without its {")
				continue
			}
			blocks = blocks[:len(blocks)-1]
		case s.open:
			in := len(blocks) > 0 && blocks[len(blocks)-1]
			blocks = append(blocks, in || len(s.words) > 0 && s.words[0] == "upstream")
		case len(blocks) > 0 && blocks[len(blocks)-1]:
			r.nginxUpstream(s)
		default:
			r.nginxLine(s)
		}
	}
	if unfinished > 0 {
		r.warn(unfinished, "the file ends inside a directive")
	}
	if len(blocks) > 0 {
		r.warn(strings.Count(text, "\n"), "the file ends inside a { block }")
	}
}

func (r *reader) nginxUpstream(s statement) {
	name, args := s.words[0], s.words[1:]
	if !slices.Contains(nginxUpstreamOnes, name) {
		return
	}
	if len(args) == 0 || len(args) > 1 && name != "keepalive" {
		r.warn(s.line, "%s takes one value", name)
		return
	}
	r.nginxSet(s.line, model.ParamID("nginx.upstream."+name), args[0])
}

func (r *reader) nginxLine(s statement) {
	name, args := s.words[0], s.words[1:]
	face := model.ParamID("nginx.")
	switch {
	case name == "listen":
		for _, a := range args {
			if v, ok := strings.CutPrefix(a, "so_keepalive="); ok {
				r.nginxSocket(s.line, v)
			}
		}
		return
	case name == "keepalive_timeout" && len(args) == 2:
		r.nginxSet(s.line, nginxHeader, args[1])
		r.nginxSet(s.line, nginxTimeout, args[0])
		return
	case name == "proxy_http_version" && len(args) == 1 && args[0] == "1.0": // with 1.1 the Connection header decides
		r.take(s.line, nginxUpstreamHTTP, model.ValueOff)
		return
	case name == "proxy_socket_keepalive" && len(args) == 1:
		r.set(s.line, nginxClientKA, args[0])
		return
	case name == "keepalive_timeout" || slices.Contains(nginxFront, name):
	case slices.Contains(nginxProxy, name):
		face += "upstream."
	case strings.HasPrefix(name, "keepalive") && name != "keepalive_disable":
		r.warn(s.line, "%s does not stand outside an upstream block", name)
		return
	default:
		return
	}
	if len(args) != 1 {
		r.warn(s.line, "%s takes one value", name)
		return
	}
	r.nginxSet(s.line, face+model.ParamID(name), args[0])
}

// nginxSet refuses the units that nginx has and keeptune reads otherwise:
// M is a month, w a week and y a year (nginx:src/core/ngx_parse.c).
func (r *reader) nginxSet(line int, id model.ParamID, text string) {
	if strings.ContainsAny(text, "Mwy$") {
		r.warn(line, "%s %s is not understood", id, text)
		return
	}
	r.set(line, id, text)
}

func (r *reader) nginxSocket(line int, text string) {
	switch text {
	case "on", "off":
		r.set(line, "nginx.tcp_keepalive", text)
		return
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		r.warn(line, "so_keepalive takes on, off or idle:interval:count")
		return
	}
	r.set(line, "nginx.tcp_keepalive", "on")
	for i, id := range []model.ParamID{"nginx.tcp_keepidle", "nginx.tcp_keepintvl", "nginx.tcp_keepcnt"} {
		if parts[i] != "" {
			r.nginxSet(line, id, parts[i])
		}
	}
}
