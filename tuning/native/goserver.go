package native

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func goEffect(*target) []string {
	return []string{"A restart closes all connections; use Server.Shutdown to finish requests first."}
}

func goServer() *syntax {
	return &syntax{
		id: "go-server", signs: []string{`(?m)^package [a-z]+\s`},
		title: "Go: an http.Server and its listener", comment: slashes, fits: ofSystem("go-server"), effect: goEffect,
		checks: []check{{"go-server", "1.26", "go vet"}},
		exportFiles: []exportFile{{
			name: "keepalive_server.go", use: "A file for a package of your own; change the package name.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "go-server" },
			body: goServerBody,
		}},
		read: readGo, bears: goBears,
	}
}

func goServerBody(p *page) error {
	in := page{target: p.target, items: p.items, comment: p.comment, undo: p.undo}
	in.add("// NewServer is a server with the settings of this file.",
		"func NewServer(handler http.Handler) *http.Server {", "\ts := &http.Server{Handler: handler}")
	var sockets, multipath, pings []item
	for _, it := range p.items {
		switch name := it.param().ID.Name(); {
		case strings.HasPrefix(name, "tcp_"):
			sockets = append(sockets, it)
		case it.param().Role == model.RoleMultipath:
			multipath = append(multipath, it)
		case strings.HasPrefix(name, goHTTP2):
			pings = append(pings, it)
		case it.param().Role == model.RoleReuse:
			in.put("\t", it, "s.SetKeepAlivesEnabled("+onOff(it.value, "true", "false")+")")
		default:
			if err := goLine(&in, "s."+name, it); err != nil {
				return err
			}
		}
	}
	if err := goPings(&in, "s", pings); err != nil {
		return err
	}
	in.add("\treturn s", "}")
	if len(sockets)+len(multipath) > 0 {
		in.add("", "// Listen opens a port whose connections have the TCP settings of this file.",
			"func Listen(ctx context.Context, address string) (net.Listener, error) {", "\tvar lc net.ListenConfig")
		if allGone(sockets) {
			in.reasons("\t", sockets...)
		} else if err := goProbes(&in, "lc", "go-server.", false); err != nil {
			return err
		}
		goMultipath(&in, "lc", multipath)
		in.add("\treturn lc.Listen(ctx, \"tcp\", address)", "}")
	}
	p.notes = append(p.notes, in.notes...)
	p.add("package keepalive", "")
	p.add(goImports(in.lines, "net/http")...)
	p.add(in.lines...)
	return nil
}

// goMultipath writes the switch of a net.ListenConfig or net.Dialer, which is a
// method and no field.
func goMultipath(p *page, name string, items []item) {
	for _, it := range items {
		p.put("\t", it, name+".SetMultipathTCP("+onOff(it.value, "true", "false")+")")
	}
}
