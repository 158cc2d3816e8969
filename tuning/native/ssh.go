package native

import "example.com/keeptune/model"

func ssh() *syntax {
	return lineSyntax(syntax{
		id: "ssh", title: "OpenSSH client: ssh_config", comment: hash,
		checks: []check{{"ssh", "9.2", "ssh -G -F"}},
		effect: func(*target) []string { return []string{"ssh -G HOST shows what counts for a host."} },
	}, "=", lineSheet{
		name: "10-keeptune-ssh.conf", system: "ssh",
		use:  "Copy it to /etc/ssh/ssh_config.d/, or its lines to the top of ~/.ssh/config: the first value that matches a host counts.",
		head: []string{"Host *"}, indent: "    ",
		knobs: sshKnobs("ssh.", "Server", "ConnectTimeout"),
	})
}

func sshd() *syntax {
	return lineSyntax(syntax{
		id: "sshd", title: "OpenSSH server: sshd_config", comment: hash,
		checks: []check{{"sshd", "9.2", "sshd -t"}},
		effect: func(*target) []string {
			return []string{"sshd -t, then systemctl reload ssh (sshd on Red Hat). Open sessions stay open."}
		},
	}, "=", lineSheet{
		name: "10-keeptune-sshd.conf", system: "sshd",
		use:   "Copy it to /etc/ssh/sshd_config.d/, or its lines to the top of /etc/ssh/sshd_config: the first value counts.",
		knobs: append(sshKnobs("sshd.", "Client", "LoginGraceTime"), knob{param: "sshd.UnusedConnectionTimeout", line: "UnusedConnectionTimeout %s", never: "none"}),
	})
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
