package native

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func goClient() *syntax {
	return &syntax{
		id:    "go-client",
		signs: []string{`(?m)^package [a-z]+\s[^\x00]*http\.(Transport|Client)\b`},
		title: "Go: an http.Client and its transport", comment: slashes, fits: ofSystem("go-client"),
		checks: []check{{"go-client", "1.26", "go vet"}},
		effect: func(*target) []string {
			return []string{"Only requests through this client have it; http.DefaultClient stays as it is."}
		},
		exportFiles: []exportFile{{
			name: "keepalive_client.go", use: "A file for a package of your own; change the package name.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "go-client" },
			body: goClientBody,
		}},
		read: readGo, bears: goBears,
	}
}

func goClientBody(p *page) error {
	in := page{target: p.target, items: p.items, comment: p.comment, undo: p.undo}
	in.add("// NewClient is a client with the settings of this file; all else is as in http.DefaultTransport.",
		"func NewClient() *http.Client {", "\tt := http.DefaultTransport.(*http.Transport).Clone()")
	var sockets, multipath, pings []item
	whole := []item{}
	for _, it := range p.items {
		switch name := it.param().ID.Name(); {
		case strings.HasPrefix(name, "tcp_"):
			sockets = append(sockets, it)
		case it.param().Role == model.RoleMultipath:
			multipath = append(multipath, it)
		case name == "Timeout":
			whole = append(whole, it)
		case strings.HasPrefix(name, goHTTP2):
			pings = append(pings, it)
		case it.param().Role == model.RoleReuse:
			in.put("\t", it, "t.DisableKeepAlives = "+onOff(it.value, "false", "true"))
		default:
			if err := goLine(&in, "t."+name, it); err != nil {
				return err
			}
		}
	}
	if err := goPings(&in, "t", pings); err != nil {
		return err
	}
	if !allGone(sockets) || !allGone(multipath) {
		in.add("\tdialer := &net.Dialer{Timeout: 30 * time.Second} // as in http.DefaultTransport")
		if err := goProbes(&in, "dialer", "go-client.", true); err != nil {
			return err
		}
		goMultipath(&in, "dialer", multipath)
		in.add("\tt.DialContext = dialer.DialContext")
	} else {
		in.reasons("\t", append(sockets, multipath...)...)
	}
	in.add("\tc := &http.Client{Transport: t}")
	for _, it := range whole {
		if err := goLine(&in, "c."+it.param().ID.Name(), it); err != nil {
			return err
		}
	}
	in.add("\treturn c", "}")
	p.notes = append(p.notes, in.notes...)
	p.add("package keepalive", "")
	p.add(goImports(in.lines, "net/http")...)
	p.add(in.lines...)
	return nil
}
