package native

import (
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	caddyFace  model.ParamID = "caddy."
	caddyProxy model.ParamID = "caddy.upstream."
	// caddyProbes is the version from which keepalive_interval is the time
	// between probes only (caddy@v2.11.1:modules/caddyhttp/app.go and
	// reverseproxy/httptransport.go), and from which one option of transport
	// leaves the defaults of the others alone.
	caddyProbes model.Version = "2.11.0"
	// caddyGo123 is the first release built with Go 1.23, where the one value
	// became the first probe only (caddy@v2.9.0:.github/workflows/release.yml).
	caddyGo123 model.Version = "2.9.0"

	caddyOne = "keepalive_interval sets both times; make tcp_keepidle and tcp_keepintvl equal"
)

// caddyTimeouts are the names inside timeouts { }.
var caddyTimeouts = map[string]string{"idle_timeout": "idle", "read_timeout": "read_body", "read_header_timeout": "read_header", "write_timeout": "write"}

func caddy() *syntax {
	return &syntax{
		id:    "caddy",
		signs: []string{`(?m)^\s*(reverse_proxy\s|file_server\b|servers(\s+\S+)?\s*\{|transport http\b)`},
		title: "Caddyfile: servers options and the transport of reverse_proxy", comment: hash, fits: ofSystem("caddy"),
		checks: []check{{"caddy", "2.6.2", "caddy validate"}},
		effect: func(*target) []string {
			return []string{"caddy validate --config /etc/caddy/Caddyfile, then systemctl reload caddy. Requests at work are finished; idle connections of clients are closed."}
		},
		exportFiles: []exportFile{
			{
				name: "keeptune-servers.caddy",
				use:  "import it inside the global options block, the one without a name at the top: { import keeptune-servers.caddy }. A servers block that stands there must take these lines in.",
				owns: func(_ *target, r *tuning.Row) bool { return ofCaddy(r, model.FaceServer) },
				body: caddyServers,
			},
			{
				name: "keeptune-proxy.caddy",
				use:  "import it inside reverse_proxy: reverse_proxy HOST { import keeptune-proxy.caddy }. A transport block that stands there must take these lines in.",
				owns: func(_ *target, r *tuning.Row) bool { return ofCaddy(r, model.FaceClient) },
				body: caddyTransport,
			},
		},
		read: readCaddy, bears: caddyBears, system: "caddy", places: []string{"/etc/caddy/Caddyfile"},
	}
}

func ofCaddy(r *tuning.Row, side model.FaceKind) bool {
	return r.Param.ID.System() == "caddy" && r.Param.Face == side
}

// caddyLine writes NAME and a value. No limit is a negative time: 0 would be
// the default for some names.
func caddyLine(p *page, indent, name string, it item) error {
	steps := secondsAndMillis
	if strings.HasPrefix(it.param().ID.Name(), "tcp_") {
		steps = secondsNamed
	}
	text := "-1s"
	if it.value != model.ValueNever || it.param().Shape() != model.ShapeSpan {
		var err error
		if text, err = p.number(it, p.product(), steps); err != nil {
			return err
		}
	}
	p.put(indent, it, name+" "+text)
	return nil
}

func caddyServers(p *page) error {
	var times []item
	for _, it := range p.items {
		if caddyTimeouts[it.param().ID.Name()] != "" {
			times = append(times, it)
		}
	}
	if allGone(p.items) {
		p.reasons("", p.items...)
		return nil
	}
	p.add("servers {")
	if len(times) > 0 {
		p.add("\ttimeouts {")
		for _, it := range times {
			if err := caddyLine(p, "\t\t", caddyTimeouts[it.param().ID.Name()], it); err != nil {
				return err
			}
		}
		p.add("\t}")
	}
	if err := caddySockets(p, "\t", caddyFace); err != nil {
		return err
	}
	p.add("}")
	return nil
}

// caddyTransport writes the lines of one transport block. Before 2.11 one
// keepalive line drops the defaults of the others, so these are written, too.
func caddyTransport(p *page) error {
	if allGone(p.items) {
		p.reasons("", p.items...)
		return nil
	}
	p.add("transport http {")
	pool := []model.ParamID{caddyProxy + "keepalive", caddyProxy + "keepalive_idle_conns_per_host"}
	sockets := p.has(caddyProxy+"tcp_keepalive", caddyProxy+"tcp_keepidle", caddyProxy+"tcp_keepintvl")
	pin := !p.undo && p.caddyBefore(caddyProbes) && len(p.has(pool...))+len(sockets) > 0
	for _, id := range pool {
		it := p.value(id)
		if len(p.has(id)) == 0 {
			if !pin || it.row == nil {
				continue
			}
			it.why = []string{it.param().Name + ": as it is now; before 2.11 a keepalive line drops the others' defaults."}
		}
		if err := caddyLine(p, "\t", it.param().ID.Name(), it); err != nil {
			return err
		}
	}
	if it := p.value(caddyProxy + "tcp_keepidle"); pin && len(sockets) == 0 && it.row != nil {
		it.why = []string{"keepalive_interval: as it is now; before 2.11 a keepalive line drops the others' defaults."}
		if err := caddyLine(p, "\t", "keepalive_interval", it); err != nil {
			return err
		}
	}
	for _, it := range p.has(caddyProxy + "response_header_timeout") {
		if err := caddyLine(p, "\t", it.param().ID.Name(), it); err != nil {
			return err
		}
	}
	if err := caddySockets(p, "\t", caddyProxy); err != nil {
		return err
	}
	p.add("}")
	return nil
}

func (t *target) caddyBefore(v model.Version) bool {
	return t.side.System.Order.Compare(t.side.Version, v) < 0
}

// caddySockets writes the probes of one side.
func caddySockets(p *page, indent string, face model.ParamID) error {
	on, idle, every, count := face+"tcp_keepalive", face+"tcp_keepidle", face+"tcp_keepintvl", face+"tcp_keepcnt"
	all := p.has(on, idle, every, count)
	if allGone(all) {
		p.reasons(indent, all...)
		return nil
	}
	if p.value(on).value == model.ValueOff {
		if times := p.has(idle, every, count); len(times) > 0 && !allGone(times) {
			return p.cannot(times[0].row, times[0].value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
		}
		p.put(indent, p.value(on), "keepalive_interval -1s")
		return nil
	}
	interval, err := p.caddyInterval(face)
	if err != nil {
		return err
	}
	for _, it := range p.has(on) {
		p.reasons(indent, it)
	}
	if err := caddyLine(p, indent, "keepalive_interval", interval); err != nil {
		return err
	}
	if face == caddyProxy || p.caddyBefore(caddyProbes) {
		return nil
	}
	for _, o := range []struct {
		id   model.ParamID
		name string
	}{{idle, "keepalive_idle"}, {count, "keepalive_count"}} {
		for _, it := range p.has(o.id) {
			if err := caddyLine(p, indent, o.name, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// caddyInterval is what keepalive_interval says: the time between probes, the
// first probe, or both, by version and side.
func (p *page) caddyInterval(face model.ParamID) (item, error) {
	idle, every := p.has(face+"tcp_keepidle"), p.has(face+"tcp_keepintvl")
	switch {
	case !p.caddyBefore(caddyProbes):
		if face == caddyProxy && len(idle) > 0 && !idle[0].gone {
			return item{}, p.cannot(idle[0].row, idle[0].value, p.product(), "from 2.11.0 on keepalive_interval of transport is the time between probes; the first comes after 15 s")
		}
	case !p.caddyBefore(caddyGo123):
		if len(every) > 0 && !every[0].gone {
			return item{}, p.cannot(every[0].row, every[0].value, p.product(), "from 2.9.0 to 2.11.0 keepalive_interval is the time before the first probe; the time between probes stays 15 s")
		}
		return p.value(face + "tcp_keepidle"), nil
	case len(idle) == 1 && !p.undo && p.typedOther(face+"tcp_keepintvl", idle[0].value):
		return item{}, p.cannot(idle[0].row, idle[0].value, p.product(), caddyOne)
	case len(every) == 1 && !p.undo && p.typedOther(face+"tcp_keepidle", every[0].value):
		return item{}, p.cannot(every[0].row, every[0].value, p.product(), caddyOne)
	case len(every) == 0:
		return p.value(face + "tcp_keepidle"), nil
	case len(idle) == 1:
		p.reasons("\t", idle...)
	}
	return p.value(face + "tcp_keepintvl"), nil
}

// typedOther reports whether somebody asks for another value of a parameter.
func (t *target) typedOther(id model.ParamID, v model.Value) bool {
	s, ok := t.endpoint.Settings[id]
	return ok && s.Value.IsSet() && s.Value != v
}

// caddyDuration turns Caddy's 1d12h into Go's form and knows a negative time.
func caddyDuration(text string) (value string, negative bool) {
	if days, rest, ok := strings.Cut(text, "d"); ok {
		if d, err := time.ParseDuration(days + "h"); err == nil {
			text = (d * 24).String() + rest
		}
	}
	return text, strings.HasPrefix(text, "-")
}
