package native

import (
	"strings"

	"example.com/keeptune/model"
)

func (r *reader) caddyTransport(line int, name, value string) {
	switch name {
	case "keepalive":
		if value == "off" {
			r.doubt(line, "keepalive off stops reuse, for which the catalog has no parameter", caddyProxy+"keepalive")
			return
		}
		r.caddyTime(line, caddyProxy+"keepalive", value)
	case "response_header_timeout":
		r.caddyTime(line, caddyProxy+"response_header_timeout", value)
	case "keepalive_idle_conns_per_host":
		r.set(line, caddyProxy+"keepalive_idle_conns_per_host", value)
	default:
		r.caddySocket(line, name, value, caddyProxy)
	}
}

// caddyTime reads a duration; a negative one is no limit.
func (r *reader) caddyTime(line int, id model.ParamID, text string) {
	value, negative := caddyDuration(text)
	switch {
	case negative:
		r.take(line, id, model.ValueNever)
	case strings.Trim(value, "0smh") == "" && id == caddyProxy+"keepalive" && !r.caddyBefore(caddyProbes): // the default
	default:
		r.set(line, id, value)
	}
}

func (r *reader) caddySocket(line int, name, text string, face model.ParamID) {
	value, negative := caddyDuration(text)
	switch {
	case name == "keepalive_interval" && negative:
		r.take(line, face+"tcp_keepalive", model.ValueOff)
	case name == "keepalive_interval":
		r.take(line, face+"tcp_keepalive", model.ValueOn)
		if r.caddyBefore(caddyProbes) {
			r.set(line, face+"tcp_keepidle", value)
		}
		if !r.caddyBefore(caddyProbes) || r.caddyBefore(caddyGo123) {
			r.set(line, face+"tcp_keepintvl", value)
		}
	case name == "keepalive_idle" && face == caddyFace:
		r.set(line, face+"tcp_keepidle", value)
	case name == "keepalive_count" && face == caddyFace:
		r.set(line, face+"tcp_keepcnt", value)
	}
}

// caddyBefore compares the version that a file is for.
func (r *reader) caddyBefore(v model.Version) bool {
	s, at := r.versionOf("caddy")
	return s != nil && s.Order.Compare(at, v) < 0
}

// versionOf is a system and its version in the session that a file carries,
// or the one that the catalog assumes.
func (r *reader) versionOf(id model.SystemID) (*model.System, model.Version) {
	s, err := r.catalog.System(id)
	if err != nil {
		return nil, ""
	}
	if r.document != nil {
		for _, e := range r.document.Path.Endpoints {
			if e.System == id {
				return s, e.VersionOf(s)
			}
		}
	}
	return s, s.Assume
}
