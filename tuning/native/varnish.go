package native

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// varnishNames are the run-time parameters behind the catalog's, where they differ.
var varnishNames = map[string]string{
	"tcp_keepidle": "tcp_keepalive_time", "tcp_keepintvl": "tcp_keepalive_intvl", "tcp_keepcnt": "tcp_keepalive_probes",
}

// A varnishMost is the highest value that varnishd takes for a parameter.
type varnishMost struct {
	param string
	since model.Version
	value model.Value
}

// varnishMosts are what varnishd -x parameter prints (7.1.1), and the hour that
// the catalog has for 7.5 (varnish:include/tbl/params.h).
var varnishMosts = []varnishMost{
	{"tcp_keepidle", "0", model.For(7200 * time.Second)},
	{"tcp_keepintvl", "0", model.For(100 * time.Second)},
	{"tcp_keepcnt", "0", model.Times(100)},
	{"timeout_idle", "7.5.0", model.For(time.Hour)},
}

// varnishVCL is how a VCL says the same for itself, in seconds, and where.
var varnishVCL = map[string]struct{ where, line string }{
	"timeout_idle":       {"in vcl_recv", "set sess.timeout_idle = %ss;"},
	"first_byte_timeout": {"in each backend", ".first_byte_timeout = %ss;"},
}

// varnishReset is the version from which param.reset exists; before, "default"
// was a value (varnish@6.2.0:doc/changes.rst).
const varnishReset model.Version = "6.2.0"

func varnish() *syntax {
	return &syntax{
		id:    "varnish",
		signs: []string{`(?m)^\s*vcl [\d.]+;|\bvarnish(d|adm)\b`},
		title: "Varnish: varnishadm param.set, and the same for varnishd -p", comment: hash, fits: ofSystem("varnish"),
		top:    []string{"#!/bin/sh"},
		checks: []check{{"varnish", "7.1.1", "varnishadm param.set"}},
		effect: func(*target) []string {
			return []string{"It counts at once, without a restart, and until the next one: put the -p words into the ExecStart line of varnishd, too."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-varnish.sh", runs: true,
			use:  "Run it with sh as a user who may read the secret; words behind its name go to varnishadm, such as -n NAME. What a VCL sets itself (sess.timeout_idle, first_byte_timeout of a backend) still wins.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "varnish" },
			body: varnishBody,
		}},
		read: readVarnish, inContainers: true, places: []string{"/etc/varnish/default.vcl"},
		bears: func(line string) bool {
			return line != "" && !strings.ContainsRune("#*", rune(line[0])) && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "/*") && concernsConnections(line)
		},
	}
}

func varnishName(p *model.Param) string {
	if name := varnishNames[p.ID.Name()]; name != "" {
		return name
	}
	return p.ID.Name()
}

func varnishBody(p *page) error {
	var flags []string
	vcl := map[string]string{}
	p.add("set -e")
	for _, it := range p.items {
		name := varnishName(it.param())
		if it.gone {
			p.reasons("", it)
			if p.side.System.Order.Compare(p.side.Version, varnishReset) < 0 {
				p.add(`varnishadm "$@" param.set ` + name + " default")
			} else {
				p.add(`varnishadm "$@" param.reset ` + name)
			}
			continue
		}
		text, err := varnishValue(p, it)
		if err != nil {
			return err
		}
		p.put("", it, `varnishadm "$@" param.set `+name+" "+text)
		flags = append(flags, "-p "+name+"="+text)
		if own := varnishVCL[name]; own.line != "" {
			vcl[own.where] = strings.Replace(own.line, "%s", text, 1)
		}
	}
	p.varnishAlso("The same for the next start, in the ExecStart line of varnishd:", flags...)
	for _, where := range slices.Sorted(maps.Keys(vcl)) {
		p.varnishAlso("The same where a VCL sets it itself, "+where+":", vcl[where])
	}
	return nil
}

// varnishAlso writes another way to say the same as comments.
func (p *page) varnishAlso(text string, words ...string) {
	if len(words) == 0 {
		return
	}
	p.gap()
	p.say("", text)
	p.add(p.comment(strings.Join(words, " ")))
}

// varnishValue is seconds with decimals, or a count.
func varnishValue(p *page, it item) (string, error) {
	for _, most := range varnishMosts {
		if it.param().ID.Name() != most.param || p.side.System.Order.Compare(p.side.Version, most.since) < 0 {
			continue
		}
		if over(it.value, most.value) {
			return "", p.cannot(it.row, it.value, p.product(), "the most that varnishd takes is "+most.value.Human())
		}
	}
	text, err := p.number(it, p.product(), bareMilliseconds)
	if d, ok := it.value.Duration(); ok && err == nil && it.value.Kind == model.Span {
		text = strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
	}
	return text, err
}

// over reports whether a time or count is greater than another.
func over(v, most model.Value) bool {
	if d, ok := v.Duration(); ok {
		m, _ := most.Duration()
		return d > m
	}
	n, ok := v.Count()
	m, _ := most.Count()
	return ok && n > m
}
