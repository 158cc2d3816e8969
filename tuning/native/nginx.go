package native

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	nginxTimeout      model.ParamID = "nginx.keepalive_timeout"
	nginxHeader       model.ParamID = "nginx.keepalive_timeout_header"
	nginxUpstreamHTTP model.ParamID = "nginx.upstream.proxy_http_version 1.1"
	nginxPool         model.ParamID = "nginx.upstream.keepalive"
	nginxClientKA     model.ParamID = "nginx.upstream.tcp_keepalive"
	nginxRepeats      model.ParamID = "nginx.upstream.proxy_next_upstream error"
	nginxRepeatsAll   model.ParamID = "nginx.upstream.proxy_next_upstream non_idempotent"
)

// nginxKeeps is the version from which nginx keeps connections to its servers
// without being told, and speaks HTTP/1.1 to them (nginx CHANGES 1.29.7).
const nginxKeeps model.Version = "1.29.7"

// nginxSteps: nginx counts in milliseconds (nginx:src/core/ngx_parse.c).
var nginxSteps = []step{{time.Second, "s"}, {time.Millisecond, "ms"}}

func nginx() *syntax {
	listens := func(r *tuning.Row) bool {
		return r.Param.Face == model.FaceServer && strings.HasPrefix(r.Param.ID.Name(), "tcp_")
	}
	return &syntax{
		id: "nginx",
		signs: []string{
			`(?m)^\s*"?(nginx\.ingress\.kubernetes\.io/|upstream-keepalive-\w+"?:|keep-alive(-requests)?"?:|proxy-(read|send)-timeout"?:)`, // ingress-nginx
			`(?m)^\s*((http|server|events|upstream \S+)\s*\{|keepalive_\w+ [^;=]*;|proxy_\w+ [^;]*;|listen [^;]*;)`,
		},
		title: "nginx: http and upstream lines, and the options of listen", comment: hash, fits: ofSystem("nginx"),
		checks: []check{{"nginx", "1.22.1", "nginx -t"}},
		effect: func(*target) []string {
			return []string{
				"nginx -t && nginx -s reload. Requests at work are finished; idle connections of clients are closed at once.",
			}
		},
		exportFiles: []exportFile{
			{
				name: "keeptune-nginx.conf", use: "Include it inside http { }. Where nginx -t says that a directive is a duplicate, take the old line out.",
				owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "nginx" && !listens(r) },
				body: nginxBody,
			},
			{
				name: "keeptune-nginx-listen.conf", use: "Move the option to your own listen line; options of one address may stand only once.",
				owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "nginx" && listens(r) },
				body: nginxListen,
			},
		},
		read: readNginx, notes: true, system: "nginx", places: nginxPlaces, bears: nginxBearsLine,
	}
}

// nginxBody writes the http level: towards clients, the upstream block, and
// what requests to it need.
func nginxBody(p *page) error {
	var upstream, level []item
	for _, it := range p.items {
		switch name := it.param().ID.Name(); {
		case it.param().ID == nginxTimeout || it.param().ID == nginxHeader || it.param().Role == model.RoleRetry:
		case it.param().ID == nginxUpstreamHTTP, it.param().Face == model.FaceClient && strings.HasPrefix(name, "keepalive"):
			upstream = append(upstream, it)
		default:
			level = append(level, it)
		}
	}
	if err := nginxIdle(p); err != nil {
		return err
	}
	for _, it := range level {
		name := it.param().ID.Name()
		if it.param().ID == nginxClientKA {
			p.put("", it, "proxy_socket_keepalive "+onOff(it.value, "on", "off")+";")
			continue
		}
		text, err := p.number(it, p.product(), nginxSteps)
		if err != nil {
			return err
		}
		p.put("", it, name+" "+text+";")
	}
	if err := nginxNext(p); err != nil {
		return err
	}
	if len(upstream) == 0 {
		return nil
	}
	return nginxUpstream(p, upstream)
}

// nginxNext writes proxy_next_upstream, whose words are two parameters.
func nginxNext(p *page) error {
	both := p.has(nginxRepeats, nginxRepeatsAll)
	if len(both) == 0 {
		return nil
	}
	p.reasons("", both...)
	if allGone(both) {
		return nil
	}
	words, all := "error timeout", p.value(nginxRepeatsAll)
	switch {
	case p.value(nginxRepeats).value == model.ValueOff && all.value == model.ValueOn && !p.undo:
		return p.cannot(all.row, all.value, p.product(), "nothing is sent again without error; make "+string(nginxRepeats)+" on, too")
	case p.value(nginxRepeats).value == model.ValueOff:
		words = "off"
	case all.value == model.ValueOn:
		words += " non_idempotent"
	}
	p.note("proxy_next_upstream is one list: add the words of your own that are to stay.")
	p.add("proxy_next_upstream " + words + ";")
	return nil
}

// product is the endpoint's program and version, for messages.
func (t *target) product() string { return subject(t.side.System, t.side.Version) }

// nginxIdle writes keepalive_timeout, whose second argument is what is
// advertised: one directive for two parameters.
func nginxIdle(p *page) error {
	both := p.has(nginxTimeout, nginxHeader)
	if len(both) == 0 {
		return nil
	}
	p.reasons("", both...)
	if allGone(both) {
		return nil
	}
	idle, err := p.number(p.value(nginxTimeout), p.product(), nginxSteps)
	if err != nil {
		return err
	}
	if len(p.has(nginxTimeout)) == 0 {
		p.say("", "keepalive_timeout itself stays as it is; the advertised time is its second argument.")
	}
	line := "keepalive_timeout " + idle
	if hint := p.value(nginxHeader); hint.value.Kind != model.Off && hint.row != nil {
		if hint.value.Kind == model.Span {
			if d, _ := hint.value.Duration(); d%time.Second != 0 {
				return p.cannot(hint.row, hint.value, p.product(), "Keep-Alive: timeout= is sent in whole seconds")
			}
		}
		text, err := p.number(hint, p.product(), nginxSteps)
		if err != nil {
			return err
		}
		line += " " + text
	}
	p.add(line + ";")
	return nil
}

// nginxUpstream writes the block of a server group.
func nginxUpstream(p *page, upstream []item) error {
	if p.undo && allGone(upstream) {
		p.gap()
		p.reasons("", upstream...)
		return nil
	}
	old := p.side.System.Order.Compare(p.side.Version, nginxKeeps) < 0
	pool := p.value(nginxPool)
	p.gap()
	p.say("", "The server line is an example: put these lines into your own upstream block, or your servers here.")
	p.add("upstream keeptune {", "    server 127.0.0.1:8080;")
	if len(p.has(nginxPool)) == 0 && old {
		if pool.value == model.ValueOff {
			p.note("This nginx keeps no connection to its servers before keepalive is set in the upstream block; without it the other lines do nothing.")
		} else if text, err := p.number(pool, p.product(), nil); err == nil {
			p.say("    ", "keepalive stays as it is; the other lines need it.")
			p.add("    keepalive " + text + ";")
		}
	}
	for _, it := range upstream {
		if it.param().ID == nginxUpstreamHTTP { // the two lines below
			p.reasons("    ", it)
			continue
		}
		if it.param().ID == nginxPool && it.value == model.ValueOff && old {
			p.reasons("    ", it)
			p.say("    ", "Without a keepalive line nothing is kept.")
			continue
		}
		text, err := p.number(it, p.product(), nginxSteps)
		if err != nil {
			return err
		}
		p.put("    ", it, it.param().ID.Name()+" "+text+";")
	}
	p.add("}")
	if old && pool.value != model.ValueOff && !p.undo {
		p.gap()
		p.say("", "Before 1.29.7 a connection is only kept with these two. A location that has proxy_set_header lines of its own needs the second one there, too.")
		p.add(nginxHTTP11, nginxNoClose)
	}
	return nil
}

// The two lines by which nginx before 1.29.7 speaks HTTP/1.1 to its servers and closes
// nothing.
const (
	nginxHTTP11  = "proxy_http_version 1.1;"
	nginxNoClose = `proxy_set_header Connection "";`
)

// byTwoLines reports whether a value is said by these two and by no setting of its own.
func byTwoLines(id model.ParamID, v model.Value) bool {
	return id == nginxUpstreamHTTP && v == model.ValueOn
}

// nginxListen writes so_keepalive=on, off or idle:interval:count.
func nginxListen(p *page) error {
	p.reasons("", p.items...)
	if allGone(p.items) {
		return nil
	}
	on := p.value("nginx.tcp_keepalive")
	if on.value != model.ValueOn {
		if times := p.has("nginx.tcp_keepidle", "nginx.tcp_keepintvl", "nginx.tcp_keepcnt"); len(times) > 0 && !allGone(times) {
			return p.cannot(times[0].row, times[0].value, p.product(), "so_keepalive= has times only when it is on; set tcp_keepalive=on, too")
		}
		p.add("listen 80 so_keepalive=off;")
		return nil
	}
	var parts []string
	for _, id := range []model.ParamID{"nginx.tcp_keepidle", "nginx.tcp_keepintvl", "nginx.tcp_keepcnt"} {
		text := ""
		if it := p.has(id); len(it) == 1 && !it[0].gone {
			var err error
			if text, err = p.number(it[0], p.product(), bareSecondsNamed); err != nil {
				return err
			}
		}
		parts = append(parts, text)
	}
	if slices.Max(parts) == "" {
		p.add("listen 80 so_keepalive=on;")
		return nil
	}
	p.add(fmt.Sprintf("listen 80 so_keepalive=%s;", strings.Join(parts, ":")))
	return nil
}

// bareSecondsNamed: the kernel takes TCP_KEEPIDLE and TCP_KEEPINTVL in seconds.
var bareSecondsNamed = []step{{time.Second, "s"}}
