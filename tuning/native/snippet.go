package native

import (
	"strings"
	"time"

	"example.com/keeptune/model"
)

// goSteps are the units of a time.Duration expression.
var goSteps = []step{
	{time.Second, " * time.Second"},
	{time.Millisecond, " * time.Millisecond"},
	{time.Microsecond, " * time.Microsecond"},
	{time.Nanosecond, " * time.Nanosecond"},
}

// goLine assigns an item's value to a field.
func goLine(p *page, field string, it item) error {
	steps := goSteps
	if strings.HasPrefix(it.param().ID.Name(), "tcp_") { // the kernel counts whole seconds
		steps = goSteps[:1]
	}
	text, err := p.number(it, p.product(), steps)
	if err != nil {
		return err
	}
	p.put("\t", it, field+" = "+text)
	return nil
}

// goHTTP2 begins the settings of an http.HTTP2Config.
const goHTTP2 = "HTTP2."

// goPings writes the http.HTTP2Config of a transport or server.
func goPings(p *page, name string, items []item) error {
	if !allGone(items) {
		p.add("\t" + name + ".HTTP2 = &http.HTTP2Config{}")
	}
	for _, it := range items {
		if err := goLine(p, name+"."+it.param().ID.Name(), it); err != nil {
			return err
		}
	}
	return nil
}

// goConfig is the version from which net has KeepAliveConfig.
const goConfig model.Version = "1.23"

// goProbes writes the socket options of a net.ListenConfig or net.Dialer. What
// is not changed is written where whole says that the type's zero value
// differs from what is in force.
func goProbes(p *page, name, face string, whole bool) error {
	id := func(option string) model.ParamID { return model.ParamID(face + option) }
	on := p.value(id("tcp_keepalive"))
	times := p.has(id("tcp_keepidle"), id("tcp_keepintvl"), id("tcp_keepcnt"))
	if on.value == model.ValueOff && len(times) > 0 && !allGone(times) {
		return p.cannot(times[0].row, times[0].value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
	}
	if on.value == model.ValueOff && (on.gone || len(p.has(id("tcp_keepalive"))) == 1) {
		p.put("\t", on, name+".KeepAlive = -1")
		return nil
	}
	if it := p.has(id("tcp_keepalive")); len(it) == 1 {
		p.reasons("\t", it[0])
	}
	if p.side.System.Order.Compare(p.side.Version, goConfig) < 0 {
		idle := p.has(id("tcp_keepidle"))
		if len(idle) == 0 {
			return nil
		}
		if !p.undo {
			p.note("Before Go 1.23 KeepAlive sets the first probe and the interval.")
		}
		return goLine(p, name+".KeepAlive", idle[0])
	}
	p.add("\t" + name + ".KeepAliveConfig.Enable = true")
	for _, f := range []struct{ field, option string }{{"Idle", "tcp_keepidle"}, {"Interval", "tcp_keepintvl"}, {"Count", "tcp_keepcnt"}} {
		it := p.value(id(f.option))
		if len(p.has(id(f.option))) == 0 && (!whole || it.row == nil || it.row.Via != nil) {
			continue
		}
		if err := goLine(p, name+".KeepAliveConfig."+f.field, it); err != nil {
			return err
		}
	}
	return nil
}

// goImports are the packages that the lines need, beside those always used.
func goImports(body []string, always ...string) []string {
	list := []string{"import ("}
	for _, pkg := range []string{"context", "net", "net/http", "time"} {
		name := pkg[strings.LastIndex(pkg, "/")+1:] + "."
		used := false
		for _, l := range body {
			if code := strings.TrimSpace(l); !strings.HasPrefix(code, "//") && strings.Contains(code, name) {
				used = true
			}
		}
		for _, a := range always {
			used = used || a == pkg
		}
		if used {
			list = append(list, "\t\""+pkg+"\"")
		}
	}
	return append(list, ")", "")
}
