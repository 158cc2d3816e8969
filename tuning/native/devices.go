package native

import (
	"fmt"
	"strconv"

	"example.com/keeptune/model"
)

// devices are the command lines of firewalls and packet filters: one timer each.
func devices() []*syntax {
	const place = "A device of the network team: a text for them, if it is not yours. "
	golden := func(product string) string {
		return "No " + product + " is to be had on Debian; the lines are compared with a fixture."
	}
	const others = "every other connection"
	device := func(id, sign, title, unchecked, effect string, where func() placer, sh lineFile) *syntax {
		sh.use, sh.runs = place+sh.use, sh.reset
		s := syntax{id: id, signs: []string{sign}, title: title, comment: hash, unchecked: unchecked, where: where, other: others}
		if id == "pf" {
			s.read = readPF
		}
		if id == "cisco-asa" {
			s.comment = func(l string) string { return marked("!", l) }
		}
		s.effect = func(*target) []string { return []string{effect} }
		return lineFormat(s, ";", sh)
	}
	return []*syntax{
		device("cisco-asa", `(?m)^timeout conn \d|^\s*set connection timeout idle \d`, "Cisco ASA: configuration mode", golden("ASA"), "write memory keeps it over a restart.", asaPlaces, lineFile{
			name: "keeptune-asa.txt", system: "cisco-asa", reset: true,
			use:   "Paste it in configuration mode. It is for all connections; set connection timeout idle in a policy map is for some.",
			knobs: []knob{{param: "cisco-asa.timeout conn", line: "timeout conn %s", say: asaClock}, inPlace("cisco-asa.timeout conn", "set connection timeout idle %s")},
		}),
		device("juniper-srx", `\binactivity-timeout \d`, "Juniper SRX: set commands", golden("Junos"), "commit check, then commit.", junosPlaces, lineFile{
			name: "keeptune-junos.set", system: "juniper-srx", reset: true,
			use:   "Paste it in configuration mode, with the application that your policy names in place of APPLICATION. The predefined ones (junos-http) cannot be changed: define one of your own.",
			knobs: []knob{{param: "juniper-srx.inactivity-timeout", line: "set applications application APPLICATION inactivity-timeout %s"}, inPlace("juniper-srx.inactivity-timeout", "inactivity-timeout %s")},
		}),
		device("palo-alto", `(?m)^set (deviceconfig setting session|service \S+ protocol tcp override) `, "Palo Alto PAN-OS: set commands", golden("PAN-OS"), "commit.", panosPlaces, lineFile{
			name: "keeptune-panos.set", system: "palo-alto", reset: true,
			use:   "Paste the set line in configuration mode. An application with a time of its own does not follow it.",
			knobs: []knob{{param: "palo-alto.timeout-tcp", line: "set deviceconfig setting session timeout-tcp %s"}, inPlace("palo-alto.timeout-tcp", "set service NAME protocol tcp override yes timeout %s"), inPlace("palo-alto.timeout-tcp", "set application NAME tcp-timeout %s")},
		}),
		device("fortigate", `(?m)^\s*config system session-ttl|^\s*set session-ttl \S`, "Fortinet FortiGate: CLI", golden("FortiOS"), "The CLI keeps it over a restart.", fortigatePlaces, lineFile{
			name: "keeptune-fortios.conf", system: "fortigate", reset: true, indent: "    ",
			use:  "Paste it into the CLI, or upload it as a script. A time for a port or a policy goes before it.",
			head: []string{"config system session-ttl"}, tail: []string{"end"},
			knobs: []knob{{param: "fortigate.session-ttl", line: "set default %s"}, inPlace("fortigate.session-ttl", "set session-ttl %s"), inPlace("fortigate.session-ttl", "set timeout %s")},
		}),
		device("checkpoint", "", "Check Point: mgmt_cli", golden("Check Point management"), "mgmt_cli install-policy, for each gateway.", checkpointPlaces, lineFile{
			name: "keeptune-checkpoint.sh", system: "checkpoint", reset: true,
			use:   "Run it on the management server. Where its API has no set-global-properties, set it in SmartConsole: Global Properties, Stateful Inspection. A service with a time of its own does not follow it.",
			knobs: []knob{{param: "checkpoint.tcp_session_timeout", line: "mgmt_cli -r true set global-properties stateful-inspection.tcp-session-timeout %s"}, inPlace("checkpoint.tcp_session_timeout", "mgmt_cli -r true set service-tcp name NAME session-timeout %s")},
		}),
		device("f5-fastl4", `\bltm profile fastl4 `, "F5 BIG-IP: tmsh", golden("BIG-IP"), "tmsh save sys config keeps it over a restart.", f5Places, lineFile{
			name: "keeptune-bigip.sh", system: "f5-fastl4", reset: true,
			use:   "Put the profile of your virtual server in place of PROFILE. Changing fastL4 itself changes every profile made from it.",
			knobs: []knob{{param: "f5-fastl4.idleTimeout", line: "tmsh modify ltm profile fastl4 PROFILE idle-timeout %s"}, inPlace("f5-fastl4.idleTimeout", "idle-timeout %s")},
		}),
		device("pf", `(?m)^\s*set timeout \{?.*tcp\.|\(.*\btcp\.established \d`, "pf: pf.conf", "No pfctl is packaged for Debian; the line is compared with a fixture.", "pfctl -n -f /etc/pf.conf checks the file, pfctl -f /etc/pf.conf loads it. States that exist stay and have the new time at once.", nil, lineFile{
			name: "keeptune-pf.conf", system: "pf",
			use:   "Put the line before the rules in pf.conf. It holds for all rules; pfSense and OPNsense have it in the web interface.",
			knobs: []knob{{param: "pf.tcp.established", line: "set timeout tcp.established %s"}},
		}),
		device("ipvsadm", "", "IPVS: ipvsadm", "The tests do not run ipvsadm; the line is compared with a fixture.", "It holds until the next start.", nil, lineFile{
			name: "keeptune-ipvs.sh", system: "ipvs", reset: true,
			use:   "Run it as root on the director. 0 leaves the other two times as they are. kube-proxy overwrites it: give it --ipvs-tcp-timeout instead.",
			knobs: []knob{{param: "ipvs.ipvs_tcp_timeout", line: "ipvsadm --set %s 0 0"}},
		}),
	}
}

// asaClock is h:mm:ss, and 0 for no limit.
func asaClock(p *page, it item) (string, error) {
	text, err := p.number(it, p.product(), bareSeconds)
	if err != nil || text == "0" {
		return text, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60), err
}

// hostCommands are operating systems that have a command of their own for
// what others have sysctl for.
func hostCommands() []*syntax {
	tunables := func(line string) []knob {
		var list []knob
		for _, name := range []string{"_keepalive_interval", "_keepalive_abort_interval", "_ip_abort_interval", "_rexmit_interval_min", "_rexmit_interval_max"} {
			list = append(list, knob{param: model.ParamID("illumos." + name), line: line + name + "=%s tcp"})
		}
		return list
	}
	ndd := tunables("")
	for i := range ndd {
		ndd[i].line = "ndd -set /dev/tcp tcp" + ndd[i].param.Name() + " %s"
	}
	aix := []knob{}
	for _, name := range []string{"tcp_keepidle", "tcp_keepintvl", "tcp_keepcnt"} {
		aix = append(aix, knob{param: model.ParamID("aix." + name), line: "no -p -o " + name + "=%s"})
	}
	const unchecked = "This system does not run on Debian; the commands are compared with a fixture."
	return []*syntax{
		lineFormat(
			syntax{id: "ipadm", title: "illumos, Solaris: ipadm, and ndd for Solaris 10", comment: hash, unchecked: unchecked}, "=",
			lineFile{
				name: "keeptune-ipadm.sh", system: "illumos", since: "5.11", reset: true, runs: true,
				use: "Run it as root. It stays over a restart.", knobs: tunables("ipadm set-prop -p "),
			},
			lineFile{
				name: "keeptune-ndd.sh", system: "illumos", before: "5.11", reset: true, runs: true,
				use: "Run it as root, and again at each start: ndd keeps nothing.", knobs: ndd,
			},
		),
		lineFormat(
			syntax{id: "aix", title: "AIX: no", comment: hash, unchecked: unchecked}, "=",
			lineFile{
				name: "keeptune-no.sh", system: "aix", reset: true, runs: true,
				use: "Run it as root. -p sets it now and for the next start; no counts half seconds.", knobs: aix,
			},
		),
	}
}
