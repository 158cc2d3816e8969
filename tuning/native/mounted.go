package native

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A mounted is how a container takes one format's file beside those of its image.
type mounted struct {
	format *syntax
	part   int    // of its files
	path   string // in the container
	image  string // whose paths they are
	args   []string
	since  model.Version // that reads it so
	words  func([]string) []string
	note   string
	// start is a script that the image runs before its program, which takes lines that say the
	// same out of the configuration itself. Empty where they may stand twice.
	start func(lines []string) []string
}

// The place of such a script in the image nginx (nginxinc/docker-nginx:entrypoint/docker-entrypoint.sh).
const startPath, startKey = "/docker-entrypoint.d/05-keeptune.sh", "keeptune-start.sh"

// nginxStart takes lines of the http block out of nginx.conf, which in the image says
// keepalive_timeout 65: nginx refuses most directives that stand twice.
func nginxStart(lines []string) []string {
	var names []string
	for _, l := range lines {
		if name, _, ok := strings.Cut(l, " "); ok && name != "#" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"#!/bin/sh", `exec sed -Ei '/^( {1,4}|\t)(` + strings.Join(names, "|") + `)[ \t]/d' /etc/nginx/nginx.conf`}
}

// mounts are the formats whose file an image takes from a folder or by a word of its command.
// HAProxy's anonymous defaults do not add to each other; named ones do from 2.4 on
// (docs.haproxy.org/2.4/configuration.html, 4).
var mounts = sync.OnceValue(func() []mounted {
	const proxyFile = "/usr/local/etc/haproxy/keeptune.cfg"
	named := func(lines []string) []string {
		for i, l := range lines {
			if l == "defaults" {
				lines[i] += " keeptune"
			}
		}
		return lines
	}
	proxy := mounted{
		format: haproxy(), path: proxyFile, image: "the image haproxy", since: "2.4", words: named,
		args: []string{"haproxy", "-f", proxyFile, "-f", "/usr/local/etc/haproxy/haproxy.cfg"},
		note: "Nothing of it counts before the defaults section of your haproxy.cfg begins with: defaults from keeptune, which goes again when the file does. What that section says itself counts before it: take those lines out.",
	}
	tcp := proxy
	tcp.part = 1
	return []mounted{
		{format: nginx(), path: "/etc/nginx/conf.d/keeptune.conf", image: "the image nginx", start: nginxStart, note: "nginx takes each of its directives once: the image's nginx.conf loses those lines of its http block when the container starts."},
		{
			format: apache(), path: "/usr/local/apache2/conf/keeptune.conf", image: "the image httpd", args: []string{"httpd-foreground", "-c", "Include conf/keeptune.conf"},
			note: "A virtual host that says the same itself counts before it.",
		},
		proxy, tcp,
		{format: squid(), path: "/etc/squid/conf.d/keeptune.conf", image: "the image ubuntu/squid"},
		{format: sshd(), path: "/etc/ssh/sshd_config.d/10-keeptune.conf", image: "Debian's and Alpine's packages"},
	}
})

// addsNothing reports whether the lines of a row name an example's address or group, which has
// to become one's own: in a file beside the others they say nothing.
func addsNothing(p *model.Param) bool {
	name := p.ID.Name()
	switch p.ID.System() {
	case "nginx":
		return p.Face == model.FaceClient && strings.HasPrefix(name, "keepalive") || p.ID == nginxUpstreamHTTP
	case "apache":
		return p.Face == model.FaceClient && slices.Contains([]string{"ttl", "enablereuse", "tcp_keepalive"}, name)
	case "haproxy":
		return p.Face == model.FaceServer && name == "tcp_user_timeout"
	case haproxyTCP:
		return p.Name == "bind tcp-ut"
	}
	return false
}

// mountFor is the file in which a container takes what a row says, or nil.
func mountFor(t *target, row *tuning.Row) *mounted {
	all := mounts()
	i := slices.IndexFunc(all, func(m mounted) bool {
		recent := m.since == "" || t.side.System.Order.Compare(m.since, t.side.Version) <= 0
		return m.format.fits(t) && m.format.exportFiles[m.part].owns(t, row) && recent && !addsNothing(row.Param)
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// mounted is the program's own file with its lines, which an undo may have none of but comments.
// It is nil where it has none at all.
func (p *page) mounted() (*mounted, []string, error) {
	var mine []item
	var m *mounted
	for _, it := range p.items {
		if found := mountFor(p.target, it.row); found != nil {
			m, mine = found, append(mine, it)
		}
	}
	if m == nil {
		return nil, nil, nil
	}
	part := &m.format.exportFiles[m.part]
	lines, err := p.contents(part, mine)
	if err == nil && m.words != nil {
		lines = m.words(lines)
	}
	return m, lines, err
}

// contents are the lines of another format's file.
func (p *page) contents(part *exportFile, mine []item) ([]string, error) {
	if p.undo {
		mine = p.target.undo(mine, part.reset)
	}
	in := page{target: p.target, items: mine, comment: hash, undo: p.undo}
	err := part.body(&in)
	p.notes = append(p.notes, in.notes...)
	return in.lines, err
}

// saysNothing reports whether lines are comments alone.
func saysNothing(lines []string) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return l != "" && !strings.HasPrefix(strings.TrimSpace(l), "#") })
}

// about says whose paths these are, what else is needed, and what is to be done beside.
func (m *mounted) about(needs string) string {
	return strings.Join(strings.Fields("The file's place is that of "+m.image+". "+needs+" "+m.note), " ")
}

// mountName is what a file of an endpoint is called in a cluster or a compose file: other lines
// have another name, so that a container is made anew for them, and an older one keeps its own.
func (t *target) mountName(lines []string) string {
	h := fnv.New32a()
	for _, l := range lines {
		_, _ = h.Write([]byte(l + "\n")) // never fails
	}
	return fmt.Sprintf("keeptune-%s-%08x", t.endpoint.ID, h.Sum32())
}

// flow is a list of words in YAML and JSON.
func flow(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }

// block writes lines as the text of a key.
func (p *page) block(indent, key string, lines []string) {
	p.add(indent + key + ": |")
	for _, l := range lines {
		p.add(indent + "  " + l)
	}
}

// kernel are the items that a container sets by sysctls.
func (p *page) kernel() []item {
	return slices.DeleteFunc(slices.Clone(p.items), func(it item) bool { return !isSysctl(it.row) })
}

func isSysctl(r *tuning.Row) bool { return r.Param.ID.System() == "linux" && SysctlKey(r.Param) != "" }
