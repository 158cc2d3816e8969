package native

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

const (
	squidFace     model.ParamID = "squid."
	squidUpstream model.ParamID = "squid.upstream."
)

// squidTimes are the names of times, with those of older versions.
var squidTimes = map[string]model.ParamID{
	"client_idle_pconn_timeout": squidFace + "client_idle_pconn_timeout", "persistent_request_timeout": squidFace + "client_idle_pconn_timeout",
	"client_lifetime":       squidFace + "client_lifetime",
	"request_start_timeout": squidFace + "request_start_timeout", "request_timeout": squidFace + "request_timeout",
	"server_idle_pconn_timeout": squidUpstream + "server_idle_pconn_timeout", "pconn_timeout": squidUpstream + "server_idle_pconn_timeout",
	"read_timeout": squidUpstream + "read_timeout",
}

func squid() *syntax {
	second := func(id model.ParamID) knob {
		name := string(id)[strings.LastIndex(string(id), ".")+1:]
		return knob{param: id, line: name + " %s seconds"}
	}
	return lineFormat(syntax{
		id:    "squid",
		signs: []string{`(?m)^\s*(http_port|http_access|client_lifetime|\w+_pconn_timeout)\s`},
		title: "Squid: lines of squid.conf", comment: hash,
		checks: []check{{"squid", "5.7", "squid -k parse"}},
		effect: func(*target) []string {
			return []string{"squid -k parse, then systemctl reload squid (squid -k reconfigure): connections stay open, but the ports do not answer for a moment."}
		},
		read: readSquid, places: []string{"/etc/squid/squid.conf"},
	}, "", lineFile{
		name: "keeptune.conf", system: "squid",
		use: "Copy it to /etc/squid/conf.d/, or its lines to the end of squid.conf; of a name that is set twice the last one counts.",
		knobs: []knob{
			{param: squidFace + "client_persistent_connections", line: "client_persistent_connections %s", on: "on", off: "off"},
			second(squidFace + "client_idle_pconn_timeout"), second(squidFace + "client_lifetime"), second(squidFace + "pconn_lifetime"), second(squidUpstream + "pconn_lifetime"),
			second(squidFace + "request_start_timeout"), second(squidFace + "request_timeout"),
			{param: squidUpstream + "server_persistent_connections", line: "server_persistent_connections %s", on: "on", off: "off"},
			second(squidUpstream + "server_idle_pconn_timeout"), second(squidUpstream + "read_timeout"),
		},
	}, lineFile{
		name: "keeptune-squid-port.txt", system: "squid",
		use:  "Not a file to include: add the option to your own http_port or https_port line. The port is an example.",
		owns: []model.ParamID{squidFace + "tcp_keepalive", squidFace + "tcp_keepidle", squidFace + "tcp_keepintvl", squidFace + "tcp_keepcnt"},
		body: squidPort,
	})
}

// squidPort writes the option of a port. Its third value is a time, which
// Squid divides by the second one for the count.
func squidPort(p *page, _ *lineFile) error {
	on := p.value(squidFace + "tcp_keepalive")
	times := p.has(squidFace+"tcp_keepidle", squidFace+"tcp_keepintvl", squidFace+"tcp_keepcnt")
	if on.value != model.ValueOn && len(times) > 0 && !allGone(times) {
		return p.cannot(times[0].row, times[0].value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
	}
	p.reasons("", p.items...)
	if allGone(p.items) {
		return nil
	}
	if on.value != model.ValueOn {
		p.add("http_port 3128")
		return nil
	}
	var numbers [3]int64
	for i, it := range []item{p.value(squidFace + "tcp_keepidle"), p.value(squidFace + "tcp_keepintvl"), p.value(squidFace + "tcp_keepcnt")} {
		if it.gone || !it.value.IsSet() || it.value.Kind == model.Unknown || it.row.Via != nil {
			continue
		}
		text, err := p.number(it, p.product(), bareSeconds)
		if err != nil {
			return err
		}
		if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return p.cannot(it.row, it.value, p.product(), "tcpkeepalive takes whole numbers")
		}
		if i < 2 {
			continue
		}
		if numbers[1] == 0 {
			return p.cannot(it.row, it.value, p.product(), "the third value of tcpkeepalive is a time, which is divided by the second one; set tcp_keepintvl, too")
		}
		numbers[2] *= numbers[1]
	}
	option := "tcpkeepalive"
	if last := slices.Max(numbers[:]); last > 0 {
		option += strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("=%d,%d,%d", numbers[0], numbers[1], numbers[2]), ",0"), ",0")
	}
	p.add("http_port 3128 " + option)
	return nil
}

// squidUnits are the units of squid.conf (squid@SQUID_5_7:src/cache_cf.cc).
var squidUnits = map[string]time.Duration{
	"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute, "hour": time.Hour,
	"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "fortnight": 14 * 24 * time.Hour, "month": 30 * 24 * time.Hour,
	"year": 365*24*time.Hour + 5*time.Hour + 48*time.Minute + 46*time.Second,
}

// readSquid reads squid.conf with what it includes. Each port is a context,
// where they say something else of TCP.
func readSquid(r *reader, text string) {
	p := r.places(nil)
	p.squidText(text)
	r.file = r.opened.source.Name
	several := len(p.scopes) > 1 && slices.ContainsFunc(p.scopes, func(s *scope) bool { return len(s.settings) > 0 })
	for _, s := range p.scopes {
		s.system = "squid"
		if several {
			p.list(s, "")
		} else {
			p.join(s, p.root)
		}
	}
}

func (r *placing) squidText(text string) {
	for _, s := range lineStatements(text) {
		name, args := s.words[0], s.words[1:]
		switch {
		case len(args) == 0:
		case name == "include":
			for _, file := range args {
				for more := range r.included(s.line, file) {
					r.squidText(more)
				}
			}
		case squidTimes[name] != "":
			r.squidTime(s.line, squidTimes[name], args)
		case name == "pconn_lifetime":
			r.squidTime(s.line, squidFace+"pconn_lifetime", args)
			r.squidTime(s.line, squidUpstream+"pconn_lifetime", args)
		case name == "client_persistent_connections":
			r.set(s.line, squidFace+"client_persistent_connections", args[0])
		case name == "server_persistent_connections":
			r.set(s.line, squidUpstream+"server_persistent_connections", args[0])
		case name == "cache_peer" && len(args) > 2 && args[1] == "parent":
			r.root.sends = known(append(r.root.sends, address(args[0], args[2]))...)
		case name == "http_port" || name == "https_port":
			r.in(r.at(s.line, name+" "+args[0]), func() {
				for _, a := range args[1:] {
					if option, values, _ := strings.Cut(a, "="); option == "tcpkeepalive" {
						r.squidProbes(s.line, values)
					}
				}
			})
		}
	}
}

func (r *reader) squidTime(line int, id model.ParamID, args []string) {
	text := strings.Join(args, " ")
	number, err := strconv.ParseFloat(args[0], 64)
	unit := time.Duration(0)
	if len(args) == 2 {
		unit = squidUnits[strings.TrimSuffix(args[1], "s")]
	}
	if args[0] == "0" && len(args) == 1 {
		unit = time.Second
	}
	if err != nil || unit == 0 || number < 0 || number*float64(unit) > math.MaxInt64/2 {
		r.warn(line, "%s: Squid takes a number and seconds, minutes, hours, days or weeks, not %s", id, text)
		return
	}
	r.set(line, id, time.Duration(number*float64(unit)).String())
}

// squidProbes reads IDLE,INTERVAL,TIMEOUT, of which the last ones may miss and
// 0 is the operating system's value.
func (r *reader) squidProbes(line int, values string) {
	r.take(line, squidFace+"tcp_keepalive", model.ValueOn)
	var n [3]int64
	for i, text := range strings.SplitN(values, ",", 3) {
		if text == "" {
			continue
		}
		var err error
		if n[i], err = strconv.ParseInt(text, 10, 32); err != nil || n[i] < 0 {
			r.warn(line, "tcpkeepalive takes three whole numbers, not %s", values)
			return
		}
	}
	if n[0] > 0 {
		r.set(line, squidFace+"tcp_keepidle", strconv.FormatInt(n[0], 10))
	}
	if n[1] > 0 {
		r.set(line, squidFace+"tcp_keepintvl", strconv.FormatInt(n[1], 10))
	}
	if n[2] > 0 && n[1] > 0 {
		r.set(line, squidFace+"tcp_keepcnt", strconv.FormatInt((n[2]+n[1]-1)/n[1], 10))
	}
}
