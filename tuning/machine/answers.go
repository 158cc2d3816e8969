package machine

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// statsSocket is where a configuration of HAProxy lets it be asked.
var statsSocket = regexp.MustCompile(`(?m)^\s*stats\s+socket\s+(?:unix@)?"?(/[^\s"]+)`)

// answers takes what a running HAProxy says of itself on its stats socket (management
// guide, 9.3): its version, its connections, and of each server the purge delay and the
// bound of idle connections that are in force.
func (r *reading) answers(ctx context.Context, p *Program) {
	if p.System != "haproxy" || !p.Runs() {
		return
	}
	for _, name := range slices.Sorted(maps.Values(p.Import.Files)) {
		data, err := r.host.Read(name)
		m := statsSocket.FindSubmatch(data)
		if err != nil || m == nil {
			continue
		}
		socket := string(m[1])
		if !r.ownSocket(p, socket, name) {
			return
		}
		info, err := r.host.Ask(ctx, socket, "show info")
		if err != nil {
			r.lacks(fmt.Sprintf("%s could not be asked on its socket %s: %s.", p.Title, model.Clean(socket, 200), short(err)))
			return
		}
		r.info(p, socket, string(info))
		if servers, err := r.host.Ask(ctx, socket, "show servers conn"); err == nil { // from 2.2 on
			p.asked, p.usual = r.asked(socket, string(servers), p.Version)
		}
		return
	}
}

// info takes what show info lists: NAME: VALUE.
func (r *reading) info(p *Program, socket, text string) {
	says := map[string]string{"Maxconn": "connections, at most", "CurrConns": "connections now", "Ulimit-n": "open files, at most"}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok:
		case name == "Version":
			p.Version = versionIn(value)
		case says[name] != "":
			p.Answers = append(p.Answers, Fact{Name: name, Value: model.Clean(value, 40), Where: socket, Says: says[name]})
		}
	}
}

// An asked server is what runs for a server of a backend.
type asked struct {
	backend  string
	server   string
	settings map[model.ParamID]model.Setting
}

// asked reads the columns of show servers conn that are settings, and what they are where
// no file says anything.
func (r *reading) asked(socket, text string, v model.Version) (list []asked, usual map[model.ParamID]model.Value) {
	sys, err := r.options.Catalog.System("haproxy")
	if err != nil {
		return nil, nil
	}
	var names []string
	usual = map[model.ParamID]model.Value{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "#" {
			names = words[1:]
			continue
		}
		if len(words) == 0 || len(words) < len(names) {
			continue
		}
		backend, server, ok := strings.Cut(words[0], "/")
		if !ok {
			continue
		}
		a := asked{backend: backend, server: server, settings: map[model.ParamID]model.Setting{}}
		for column, param := range map[string]model.ParamID{"purge_delay": "haproxy.upstream.pool-purge-delay", "idle_lim": "haproxy.upstream.pool-max-conn"} {
			i, p := slices.Index(names, column), sys.Param(param)
			if i < 0 || p == nil {
				continue
			}
			usual[param] = sys.DefaultAt(p, v).Value
			if now, err := p.ParseValue(words[i]); err == nil {
				a.settings[param] = model.Setting{Value: now, Origin: model.Origin{Kind: model.FromRunning, Where: socket, At: r.m.Taken}}
			}
		}
		list = append(list, a)
	}
	return list, usual
}

// in reports whether a server is one of a place: of a backend, or itself.
func (a *asked) in(where string) bool {
	for _, section := range []string{"backend ", "listen "} {
		whole := section + a.backend
		if strings.HasSuffix(where, whole) || strings.HasSuffix(where, whole+" server "+a.server) {
			return true
		}
	}
	return false
}

// running puts what a program says of itself over what its files say, which stays beside
// it where it differs. Servers of a backend that have different values keep those of the file.
func (p *Program) running(c *native.Context) {
	for _, param := range []model.ParamID{"haproxy.upstream.pool-purge-delay", "haproxy.upstream.pool-max-conn"} {
		var now model.Setting
		same := true
		for _, a := range p.asked {
			if s, ok := a.settings[param]; ok && a.in(c.Where) {
				same = same && (!now.Value.IsSet() || now.Value == s.Value)
				now = s
			}
		}
		file, said := c.Settings[param]
		if !now.Value.IsSet() || !same || !said && now.Value == p.usual[param] {
			continue
		}
		if said && file.Value != now.Value {
			now.Said = model.Said{Value: file.Value, Where: file.Origin.Where, Line: file.Origin.Line}
		}
		c.Settings[param] = now
	}
}
