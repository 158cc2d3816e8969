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
		fits: func(t *target) bool { return slices.Contains(t.side.Host.Formats, "sysctl") },
		effect: func(t *target) []string {
			if t.side.Host.ID == "linux" {
				return []string{
					"sysctl -p FILE applies it now; open connections stay open. A container with a network namespace of its own does not see it.",
				}
			}
			return []string{"The commands below apply it now; open connections stay open."}
		},
		sheets: []sheet{{
			name: "60-keeptune.conf", use: "Copy it to /etc/sysctl.d/ (Linux), or its lines into /etc/sysctl.conf (BSD, macOS).",
			owns:  func(t *target, r *tuning.Row) bool { return r.Param.Side == model.SideHost && sysctlKey(r.Param) != "" },
			body:  sysctlBody,
			reset: true,
		}},
		read: readSysctl,
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
		var steps []step
		if size := it.param().Unit.Size(); size > 0 {
			steps = []step{{size, ""}}
		}
		text, err := p.number(it, subject(p.side.Host, p.side.HostAt), steps)
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

// readSysctl reads key = value lines of every system that has sysctls; which
// system it is follows from the keys.
func readSysctl(r *reader, text string) {
	known := map[string]model.ParamID{}
	for _, id := range r.catalog.IDs() {
		s, err := r.catalog.System(id)
		if err != nil || !slices.Contains(s.Formats, "sysctl") {
			continue
		}
		for _, p := range s.Params {
			if key := sysctlKey(p); key != "" && (known[key] == "" || s.ID == "linux") {
				known[key] = p.ID
			}
		}
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(key), "-"), "/", ".")
		switch id := known[key]; {
		case !ok:
			r.warn(n, "%s is not KEY = VALUE", line)
		case id != "":
			r.set(n, id, strings.TrimSpace(value))
		case strings.Contains(key, "tcp"):
			r.warn(n, "%s is not known", key)
		}
	}
}
