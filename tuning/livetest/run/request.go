package run

import (
	"strings"

	"example.com/keeptune/tuning/livetest"
)

// requestText writes one request without a body. Version is "HTTP/1.1" or "HTTP/1.0"; asked
// adds Connection: keep-alive, without which Apache and Tomcat do not send their hint.
func requestText(t livetest.Target, method, version string, asked bool) string {
	var b strings.Builder
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteString("\r\n")
	}
	host, agent, accept := t.Authority(), livetest.UserAgent, "*/*"
	var rest []livetest.Header
	for _, h := range t.Headers {
		switch strings.ToLower(h.Name) {
		case "host":
			host = h.Value
		case "user-agent":
			agent = h.Value + " " + livetest.UserAgent
		case "accept":
			accept = h.Value
		default:
			rest = append(rest, h)
		}
	}
	line(method, " ", t.Path, " ", version)
	line("Host: ", host)
	line("User-Agent: ", agent)
	line("Accept: ", accept)
	if asked {
		line("Connection: keep-alive")
	}
	switch method {
	case "POST", "PUT", "PATCH":
		line("Content-Length: 0")
	}
	for _, h := range rest {
		line(h.Name, ": ", h.Value)
	}
	line()
	return b.String()
}
