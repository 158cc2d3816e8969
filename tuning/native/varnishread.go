package native

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

const varnishFirstByte model.ParamID = "varnish.upstream.first_byte_timeout"

// varnishParameter finds param.set lines and -p flags of varnishd.
var varnishParameter = lazily(`param\.set\s+(\w+)\s+(\S+)|-p\s*(\w+)=(\S+)`)

// readVarnish reads parameters of the program, and VCL with what it includes:
// what a backend says of itself goes before a parameter, and what a request is
// told before that.
func readVarnish(r *reader, text string) {
	for n, line := range numbered(text) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
			continue
		}
		for _, m := range varnishParameter().FindAllStringSubmatch(line, -1) {
			r.varnishSetting(n, m[1]+m[3], m[2]+m[4])
		}
	}
	v := &vclReader{reader: r, hosts: map[*scope][2]string{}}
	v.text(text)
	v.settle()
}

// A vclReader collects what VCL says.
type vclReader struct {
	*reader
	backends []*scope
	hosts    map[*scope][2]string // where each sends to: its host and port
	told     []vclTold            // set bereq.first_byte_timeout, in order
	unsure   []vclTold            // what is told to some requests only
}

// A vclTold is a value that requests are told.
type vclTold struct {
	file  string
	line  int
	param model.ParamID
	value string
}

var (
	vclToken = lazily(`(?s)/\*.*?(?:\*/|\z)|//[^\n]*|#[^\n]*|"[^"\n]*"|\{".*?"\}|\n|[{};=]|[^\s{};="]+`)
	vclTime  = lazily(`^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y)$`)
)

// vclUnits are the units of a DURATION (varnish:doc/sphinx/reference/vcl.rst).
var vclUnits = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour,
}

// text reads one file: statements end with ; or begin a block.
func (v *vclReader) text(text string) {
	line := 1
	var words []string
	var at []int       // the line of each word
	var open []string  // what began each block
	var backend *scope // that is open
	for _, token := range vclToken().FindAllString(text, -1) {
		begun := line
		line += strings.Count(token, "\n")
		switch {
		case strings.TrimSpace(token) == "", strings.HasPrefix(token, "//"), strings.HasPrefix(token, "/*"), token[0] == '#':
		case token == "{":
			kind := ""
			if len(words) > 0 {
				kind = words[0]
			}
			if kind == "backend" && len(words) > 1 && len(open) == 0 {
				backend = v.scope(at[0], "backend "+words[1], v.root)
				backend.system = "varnish"
				v.backends = append(v.backends, backend)
			}
			open, words, at = append(open, kind), nil, nil
		case token == "}":
			if open = open[:max(len(open)-1, 0)]; len(open) == 0 {
				backend = nil
			}
			words, at = nil, nil
		case token == ";":
			if len(words) > 0 {
				v.statement(words, at, open, backend)
			}
			words, at = nil, nil
		default:
			words, at = append(words, token), append(at, begun)
		}
	}
}

// statement takes one statement, by the blocks that it stands in.
func (v *vclReader) statement(words []string, at []int, open []string, backend *scope) {
	n, value := at[len(at)-1], words[len(words)-1]
	switch {
	case words[0] == "include":
		v.include(at[0], strings.Trim(value, `"`), len(words) > 2 && words[1] == "+glob")
	case backend != nil && len(open) == 1 && words[0] == ".first_byte_timeout":
		v.in(backend, func() { v.vclSetting(n, "first_byte_timeout", value) })
	case backend != nil && len(open) == 1 && (words[0] == ".host" || words[0] == ".path"):
		v.hosts[backend] = [2]string{strings.Trim(value, `"`), v.hosts[backend][1]}
	case backend != nil && len(open) == 1 && words[0] == ".port":
		v.hosts[backend] = [2]string{v.hosts[backend][0], strings.Trim(value, `"`)}
	case len(words) < 4 || words[0] != "set" || words[2] != "=":
	case words[1] == "sess.timeout_idle" && len(open) > 1: // below an if
		v.unsure = append(v.unsure, vclTold{v.file, n, "varnish.timeout_idle", strings.Join(words, " ")})
	case words[1] == "sess.timeout_idle":
		v.vclSetting(n, "timeout_idle", value)
	case words[1] == "bereq.first_byte_timeout" && len(open) > 1:
		v.unsure = append(v.unsure, vclTold{v.file, n, varnishFirstByte, strings.Join(words, " ")})
	case words[1] == "bereq.first_byte_timeout":
		v.told = append(v.told, vclTold{v.file, n, varnishFirstByte, value})
	}
}

// include reads other files in the place of a line (varnish: include "FILE";
// include +glob "PATTERN").
func (v *vclReader) include(line int, name string, glob bool) {
	o := &v.opened
	if chain := o.chain; strings.HasPrefix(name, "./") && len(chain) > 0 && !path.IsAbs(name) {
		home := o.home
		o.home = path.Dir(chain[len(chain)-1])
		defer func() { o.home = home }()
	}
	if !glob {
		name = strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
	}
	for text := range v.included(line, name) {
		v.text(text)
	}
}

// settle lists the backends; one that is alone is the whole file.
func (v *vclReader) settle() {
	for i, t := range v.told {
		if v.file = t.file; i == len(v.told)-1 {
			v.use(t.line)
		}
		v.vclSetting(t.line, "first_byte_timeout", t.value)
		now := place{t.file, t.line}
		for _, s := range v.backends {
			if old, ok := s.settings[varnishFirstByte]; ok {
				v.over[place{old.Origin.Where, old.Origin.Line}] = now
				delete(s.settings, varnishFirstByte)
			}
		}
	}
	v.file = v.opened.source.Name
	for s, at := range v.hosts {
		if at[0] != "" {
			port := cmp.Or(at[1], "80")
			if port == "http" {
				port = "80"
			}
			s.sends = known(address(at[0], port))
		}
	}
	places := v.backends
	if len(places) < 2 {
		for _, s := range places {
			v.join(s, v.root)
			v.root.sends = s.sends
		}
		if places = nil; len(v.unsure) > 0 {
			places = []*scope{v.root}
		}
	}
	for _, s := range places {
		inner := v.scope(s.line, s.where, s) // a doubt reaches what the scopes around its own say
		v.in(inner, func() {
			for _, t := range v.unsure {
				v.file = t.file
				v.doubt(t.line, "whether "+t.value+" holds depends on the request", t.param)
			}
		})
		v.file = v.opened.source.Name
		inner.file, inner.system = s.file, "varnish"
		v.list(inner, "")
	}
}

// vclSetting takes a DURATION.
func (v *vclReader) vclSetting(line int, name, value string) {
	m := vclTime().FindStringSubmatch(value)
	if m == nil {
		v.warn(line, "%s: %s is no time; write 30s", name, value)
		return
	}
	f, err := strconv.ParseFloat(m[1], 64)
	if err != nil || f > 1e6 {
		v.warn(line, "%s: %s is no time; write 30s", name, value)
		return
	}
	v.lastCounts = true // VCL goes before a parameter
	v.varnishSetting(line, name, time.Duration(f*float64(vclUnits[m[2]])).String())
	v.lastCounts = false
}

func (r *reader) varnishSetting(line int, name, value string) {
	s, err := r.catalog.System("varnish")
	if err != nil || value == "default" {
		return
	}
	for _, p := range s.Params {
		if varnishName(p) != name || p.Fixed {
			continue
		}
		if p.Shape() == model.ShapeSpan {
			if f, err := strconv.ParseFloat(value, 64); err == nil && f >= 0 && f < 1e9 { // a bare number is seconds
				value = time.Duration(f * float64(time.Second)).String()
			}
		}
		r.set(line, p.ID, value)
		return
	}
}
