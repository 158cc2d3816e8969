package machine

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// kernel reads what the operating system says of itself.
func (r *reading) kernel() {
	m := &r.m
	m.Name = r.line("/proc/sys/kernel/hostname")
	m.Kernel = r.line("/proc/sys/kernel/osrelease")
	m.HZ, _ = r.host.HZ()
	if data, err := r.host.Read("/etc/os-release"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				m.System = model.Clean(strings.Trim(strings.TrimSpace(name), `"'`), 100)
			}
		}
	}
	if m.Namespace == "" {
		m.Namespace, _ = r.host.Link("/proc/thread-self/ns/net") // empty where there is none
	}
	m.Container = r.container()
	r.sysctls("linux")
	r.sysctls("conntrack")
	r.saidSysctls()
	for _, f := range []Fact{
		{Name: "fs.file-max", Says: "open files of the whole system"},
		{Name: "fs.nr_open", Says: "open files that one process can be allowed"},
		{Name: "net.ipv4.ip_local_port_range", Says: "ports of outgoing connections"},
		{Name: "net.core.somaxconn", Says: "connections that wait to be accepted, at most"},
		{Name: "net.ipv4.tcp_max_syn_backlog", Says: "connections in the handshake"},
		{Name: "net.ipv4.tcp_max_tw_buckets", Says: "sockets in TIME-WAIT"},
		{Name: "net.netfilter.nf_conntrack_max", Says: "connections that are tracked, at most"},
		{Name: "net.netfilter.nf_conntrack_count", Says: "connections that are tracked now"},
	} {
		f.Where = "/proc/sys/" + strings.ReplaceAll(f.Name, ".", "/")
		if f.Value = r.line(f.Where); f.Value != "" {
			m.Limits = append(m.Limits, f)
		}
	}
}

// container is what contains this machine, as far as is seen from inside.
func (r *reading) container() string {
	for _, mark := range []struct{ file, name string }{{"/.dockerenv", "docker"}, {"/run/.containerenv", "podman"}} {
		if _, err := r.host.Stat(mark.file); err == nil {
			return mark.name
		}
	}
	if name := r.line("/run/systemd/container"); name != "" {
		return name
	}
	group, err := r.host.Read("/proc/1/cgroup")
	if err != nil {
		return ""
	}
	for _, name := range []string{"kubepods", "docker", "libpod", "lxc", "containerd"} {
		if strings.Contains(string(group), name) {
			return name
		}
	}
	return ""
}

// sysctls reads the variables that are settings of a system.
func (r *reading) sysctls(id model.SystemID) {
	sys, err := r.options.Catalog.System(id)
	if err != nil {
		return
	}
	for _, p := range sys.Params {
		key := native.SysctlKey(p)
		if key == "" {
			continue
		}
		name := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
		text := r.line(name)
		word := first(text)
		v, err := p.ParseValue(word)
		if word == "" || err != nil {
			continue
		}
		r.m.Sysctls = append(r.m.Sysctls, Sysctl{
			Param: p, Key: key, Text: text,
			Setting: model.Setting{Value: v, Origin: model.Origin{Kind: model.FromRunning, Where: name, At: r.m.Taken}},
		})
	}
}

// sysctlFiles are where Linux looks at its start (sysctl.d(5)).
var sysctlFiles = []string{
	"/etc/sysctl.conf", "/etc/sysctl.d/*.conf", "/run/sysctl.d/*.conf", "/usr/local/lib/sysctl.d/*.conf", "/usr/lib/sysctl.d/*.conf", "/lib/sysctl.d/*.conf",
}

// saidSysctls notes where a file says otherwise than the kernel. The files are for the
// network namespace of the machine's start.
func (r *reading) saidSysctls() {
	first, err := r.host.Link("/proc/1/ns/net")
	if err == nil && first != r.m.Namespace || r.options.Namespace != "" {
		return
	}
	format, err := native.Find("sysctl")
	if err != nil {
		return
	}
	for _, pattern := range sysctlFiles {
		found, err := r.host.Glob(pattern)
		if err != nil || len(found) == 0 {
			continue
		}
		data, err := r.host.Read(found[0])
		if err != nil {
			continue
		}
		im, err := format.Open(native.Source{Name: found[0], Path: found[0], Data: data, Root: "/", Files: files{r.host}}, r.options.Catalog)
		if err != nil {
			continue
		}
		for _, c := range im.Contexts {
			for id, s := range c.Settings {
				i := slices.IndexFunc(r.m.Sysctls, func(v Sysctl) bool { return v.Param.ID == id })
				if i < 0 {
					continue
				}
				if at := &r.m.Sysctls[i].Setting; at.Value != s.Value {
					at.Said = model.Said{Value: s.Value, Where: s.Origin.Where, Line: s.Origin.Line}
				}
			}
		}
		return // the first one leads to all others
	}
}
