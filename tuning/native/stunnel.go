package native

import "strings"

const stunnelIdle = "stunnel.TIMEOUTidle"

// stunnelApart are other options that bear on connections, and why they are not used.
var stunnelApart = map[string]string{
	"timeoutbusy":    "it bounds how long data that is expected may take",
	"timeoutclose":   "it bounds how long the other end's close_notify may take",
	"timeoutconnect": "it bounds how long connecting may take",
	"retry":          "it connects again where a program is run",
}

func stunnel() *syntax {
	return lineFormat(syntax{
		id:    "stunnel",
		signs: []string{`(?mi)^\s*TIMEOUT(idle|busy|close)\s*=|^\s*socket\s*=\s*[alr]:|^\s*verifyChain\s*=`},
		title: "stunnel: lines of stunnel.conf", comment: semicolon,
		checks: []check{{"stunnel", "5.68", "stunnel"}},
		read:   readStunnel, places: []string{"/etc/stunnel/stunnel.conf"},
		effect: func(*target) []string {
			return []string{"systemctl reload stunnel@NAME (SIGHUP) reads the file; connections stay open."}
		},
	}, "=", lineFile{
		name: "keeptune-stunnel.conf", system: "stunnel",
		use:   "Copy the line to the service in stunnel.conf, or above the first service for all that do not say it themselves.",
		knobs: []knob{{param: stunnelIdle, line: "TIMEOUTidle = %s"}},
	})
}

// readStunnel reads stunnel.conf and the folders that it includes. What stands above the
// first service holds for each that does not say it itself.
func readStunnel(r *reader, text string) {
	r.lastCounts = true
	p, section := r.places(nil), ""
	p.stunnelText(text, &section)
	p.settle("every other service")
}

func (p *placing) stunnelText(text string, section *string) {
	for l := range iniLines(text, "#;") {
		name := strings.ToLower(l.name)
		switch why := stunnelApart[name]; {
		case l.header:
			*section = l.section
		case why != "":
			p.leave(l.line, "%s", why)
		case name == "include":
			for more := range p.included(l.line, strings.TrimSuffix(l.value, "/")+"/*") {
				p.stunnelText(more, section)
			}
		case name != "timeoutidle":
		case *section == "":
			p.number(l.line, stunnelIdle, l.value)
		default:
			p.in(p.at(l.line, "service "+*section), func() { p.number(l.line, stunnelIdle, l.value) })
		}
	}
}
