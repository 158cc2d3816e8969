package native

func slapd() *syntax {
	const idle = "slapd.idletimeout"
	return lineFormat(
		syntax{
			id:    "slapd",
			signs: []string{`(?m)^(olc[A-Z]\w+:\s|idletimeout\s+\d|moduleload\s|modulepath\s)`},
			title: "OpenLDAP slapd: slapd.conf, and LDIF for cn=config", comment: hash,
			checks: []check{{"slapd", "2.5", "slapd, and slapmodify for the LDIF"}},
		}, ":",
		lineFile{
			name: "keeptune-slapd.conf", system: "slapd",
			use:   "Where slapd.conf is used: include it at the end of that, and restart slapd. Of a name that is set twice the last one counts.",
			knobs: []knob{{param: idle, line: "idletimeout %s", steps: bareSeconds}},
		},
		lineFile{
			name: "keeptune-slapd.ldif", system: "slapd", runs: true,
			use:   "Where cn=config is used, as on Debian: ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f keeptune-slapd.ldif, as root.",
			head:  []string{"dn: cn=config", "changetype: modify", "replace: olcIdleTimeout"},
			knobs: []knob{{param: idle, line: "olcIdleTimeout: %s", steps: bareSeconds, gone: "-"}},
		},
	)
}
