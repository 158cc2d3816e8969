package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func sysctl() *syntax {
	return &syntax{
		id: "sysctl", title: "sysctl: the operating system's TCP times", comment: hash,
		checks: []check{{"linux", "6.18", "sysctl -p"}},
		fits:   func(t *target) bool { return slices.Contains(t.side.Host.Formats, "sysctl") },
		effect: func(t *target) []string {
			if t.side.Host.ID == "linux" {
				return []string{
					"sysctl -p FILE applies it now; open connections stay open. A container with a network namespace of its own does not see it.",
				}
			}
			return []string{"The commands below apply it now; open connections stay open."}
		},
		sheets: []sheet{
			sysctlSheet("Copy it to /etc/sysctl.d/.", "linux", "conntrack"),
			sysctlSheet("Copy its lines into /etc/sysctl.conf.", "freebsd", "openbsd", "netbsd"),
			sysctlSheet("Run the commands at its end as root, after each start: macOS does not keep them.", "macos"),
		},
		read: readSysctl,
	}
}

func sysctlSheet(use string, systems ...model.SystemID) sheet {
	return sheet{
		name: "60-keeptune.conf", use: use, body: sysctlBody, reset: true,
		owns: func(t *target, r *tuning.Row) bool {
			return r.Param.Side == model.SideHost && sysctlKey(r.Param) != "" && slices.Contains(systems, t.side.Host.ID)
		},
	}
}

// sysctlKey is the full name of a variable: the alias that has a dot.
func sysctlKey(p *model.Param) string {
	if strings.Contains(p.Name, ".") {
		return p.Name
	}
	for _, a := range p.Aliases {
		if strings.Contains(a, ".") {
			return a
		}
	}
	return ""
}

func sysctlBody(p *page) error {
	var now []string
	for _, it := range p.items {
		text, err := p.number(it, subject(p.side.Host, p.side.HostAt), ownStep(it.param()))
		if err != nil {
			return err
		}
		key := sysctlKey(it.param())
		p.put("", it, key+" = "+text)
		if !it.gone {
			now = append(now, "sysctl -w "+key+"="+text)
		}
	}
	if len(now) == 0 {
		return nil
	}
	p.gap()
	p.say("", "The same by hand, until the next start:")
	for _, l := range now {
		p.add(p.comment(l))
	}
	return nil
}

// readSysctl reads key = value lines. Several systems share keys: the one of
// the restore string counts, or else the one that knows most keys.
func readSysctl(r *reader, text string) {
	known := r.sysctlKeys(text)
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, ok := cutSysctl(line)
		switch id := known[key]; {
		case !ok:
			r.warn(n, "%s is not KEY = VALUE", line)
		case id != "":
			r.set(n, id, value)
		case strings.Contains(key, "tcp"):
			r.warn(n, "%s is not known", key)
		}
	}
}

// cutSysctl splits a line; a key may be written with slashes, and with a dash
// in front that lets it fail.
func cutSysctl(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, "=")
	key = strings.TrimPrefix(strings.TrimSpace(key), "-")
	return strings.ReplaceAll(key, "/", "."), strings.TrimSpace(value), ok
}

// sysctlKeys are the variables of the system that a file is for.
func (r *reader) sysctlKeys(text string) map[string]model.ParamID {
	var best map[string]model.ParamID
	most := -1
	for _, id := range r.sysctlSystems() {
		s, err := r.catalog.System(id)
		if err != nil || !slices.Contains(s.Formats, "sysctl") {
			continue
		}
		keys := map[string]model.ParamID{}
		for _, p := range s.Params {
			if key := sysctlKey(p); key != "" {
				keys[key] = p.ID
			}
		}
		count := 0
		for line := range strings.Lines(text) {
			if key, _, ok := cutSysctl(strings.TrimSpace(line)); ok && keys[key] != "" {
				count++
			}
		}
		if count > most {
			best, most = keys, count
		}
	}
	return best
}

// sysctlSystems are the systems that a file may be for, Linux first.
func (r *reader) sysctlSystems() []model.SystemID {
	if r.document == nil {
		return append([]model.SystemID{"linux"}, r.catalog.IDs()...)
	}
	var list []model.SystemID
	for _, e := range r.document.Path.Endpoints {
		if s, err := r.catalog.System(e.System); err == nil && s.Middlebox() {
			list = append(list, s.ID)
		} else if host, _, err := e.HostOf(r.catalog); err == nil {
			list = append(list, host.ID)
		}
	}
	return list
}
