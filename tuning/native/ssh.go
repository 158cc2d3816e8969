package native

import (
	"strconv"

	"example.com/keeptune/model"
)

const sshdCount model.ParamID = "sshd.ClientAliveCountMax"

func ssh() *syntax {
	return lineFormat(syntax{
		id:    "ssh",
		signs: []string{`(?m)^\s*(ServerAlive\w+\s|Host\s+\S+\s*$)`},
		title: "OpenSSH client: ssh_config", comment: hash,
		checks: []check{{"ssh", "9.2", "ssh -G -F"}},
		effect: func(*target) []string { return []string{"ssh -G HOST shows what counts for a host."} },
		read:   sshClient.read, bears: sshClient.bears, notes: true, places: []string{"/etc/ssh/ssh_config"},
	}, "=", lineFile{
		name: "10-keeptune-ssh.conf", system: "ssh",
		use:  "Copy it to /etc/ssh/ssh_config.d/, or its lines to the top of ~/.ssh/config: the first value that matches a host counts.",
		head: []string{"Host *"}, indent: "    ",
		knobs: sshKnobs("ssh.", "Server", "ConnectTimeout"),
	})
}

func sshd() *syntax {
	knobs := append(sshKnobs("sshd.", "Client", "LoginGraceTime"), knob{param: "sshd.UnusedConnectionTimeout", line: "UnusedConnectionTimeout %s", never: "none"})
	for i := range knobs {
		if knobs[i].param == sshdCount {
			knobs[i].say = sshdCountText
		}
	}
	return lineFormat(syntax{
		id:    "sshd",
		signs: []string{`(?m)^\s*(ClientAlive\w+|PermitRootLogin|AuthorizedKeysFile|Subsystem|UsePAM)\s`},
		title: "OpenSSH server: sshd_config", comment: hash,
		checks: []check{{"sshd", "9.2", "sshd -t"}},
		effect: func(*target) []string {
			return []string{"sshd -t, then systemctl reload ssh (sshd on Red Hat). Open sessions stay open."}
		},
		read: sshServer.read, bears: sshServer.bears, notes: true, places: []string{"/etc/ssh/sshd_config"},
	}, "=", lineFile{
		name: "10-keeptune-sshd.conf", system: "sshd",
		use:   "Copy it to /etc/ssh/sshd_config.d/, or its lines to the top of /etc/ssh/sshd_config: the first value counts.",
		knobs: knobs,
	})
}

// sshdCountText is the number of questions. 0 is without end from 8.2 on;
// before, it ended a session at the first question (openssh:serverloop.c
// client_alive_check).
func sshdCountText(p *page, it item) (string, error) {
	n, ok := it.value.Count()
	switch {
	case ok:
		return strconv.FormatInt(n, 10), nil
	case !p.reaches("8.2", ""):
		return "", p.cannot(it.row, it.value, p.product(), "before 8.2 the number 0 ends a session at the first question; set a number")
	}
	return "0", nil
}

// sshKnobs are the lines of one end, which names its questions after the peer.
func sshKnobs(end model.ParamID, peer, login string) []knob {
	bare := func(name string) knob { return knob{param: end + model.ParamID(name), line: name + " %s"} }
	return []knob{
		{param: end + "tcp_keepalive", line: "TCPKeepAlive %s", on: "yes", off: "no"},
		bare(peer + "AliveInterval"), bare(peer + "AliveCountMax"), bare(login),
		{param: end + "ChannelTimeout", line: "ChannelTimeout *=%s"},
	}
}
