package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func sysctl() *syntax {
	return &syntax{
		id: "sysctl", signs: []string{`(?m)^\s*-?net[./]\S+\s*=|` + sysctlDumpSign},
		title: "sysctl: the operating system's TCP times", comment: hash,
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
		exportFiles: []exportFile{
			sysctlFile("Copy it to /etc/sysctl.d/.", "linux", "conntrack"),
			sysctlFile("Copy its lines into /etc/sysctl.conf.", "freebsd", "openbsd", "netbsd"),
			sysctlFile("Run the commands at its end as root, after each start: macOS does not keep them.", "macos"),
		},
		read: readSysctl, bears: sysctlBears, places: []string{"/etc/sysctl.conf"},
	}
}

func sysctlFile(use string, systems ...model.SystemID) exportFile {
	return exportFile{
		name: "60-keeptune.conf", use: use, body: sysctlBody, reset: true,
		owns: func(t *target, r *tuning.Row) bool {
			return r.Param.Face == model.FaceHost && SysctlKey(r.Param) != "" && slices.Contains(systems, t.side.Host.ID)
		},
	}
}

// SysctlKey is the full name of the variable that sets a parameter, such as
// net.ipv4.tcp_keepalive_time, and empty where none does.
func SysctlKey(p *model.Param) string {
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
		key := SysctlKey(it.param())
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
