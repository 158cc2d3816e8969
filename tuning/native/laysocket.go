package native

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
)

// listeners are the hops that may get a socket from systemd: the user's servers on
// Linux.
func (l *layer) listeners() []int {
	var found []int
	for i, e := range l.path.Endpoints {
		sys, err := l.catalog.System(e.System)
		if i == 0 || err != nil || sys.Middlebox() || sys.Managed {
			continue
		}
		if host, _, err := e.HostOf(l.catalog); err == nil && host != nil && host.ID == "linux" {
			found = append(found, i)
		}
	}
	return found
}

// inherited is the parameter of a server that an option of its socket is.
func inherited(server model.SystemID, id model.ParamID) model.ParamID {
	return model.ParamID(string(server) + strings.TrimPrefix(string(id), string(anySocket)))
}

// overruled says why an option that a server's socket comes with has no effect:
// the program sets it itself on what it accepts. It is empty where it has.
func (l *layer) overruled(at int, p *model.Param, v model.Value) string {
	sys, version := l.versionOf(l.path.Endpoints[at], p)
	own := sys.DefaultAt(p, version).Value
	switch {
	case own == v || p.Role == model.RoleKeepAlive && v == model.ValueOn:
		return ""
	case own == model.ValueUnknown:
		return fmt.Sprintf("whether %s sets it itself is not known", sys.Name)
	case own.IsSet() && own != model.ValueOff:
		return fmt.Sprintf("%s sets it itself, to %s", sys.Name, own.Human())
	}
	return ""
}

// left says why a program's switch has no effect on a socket that comes with
// probes on: sshd switches them on or leaves the socket as it is
// (openssh/openssh-portable:sshd.c), so that no leaves them on. It is empty where
// it has one. The order of the files does not matter so.
func (l *layer) left(at int, p *model.Param, v model.Value) string {
	e := l.path.Endpoints[at]
	comes := e.Settings[p.ID]
	if e.System != "sshd" || p.Role != model.RoleKeepAlive || v != model.ValueOff || comes.Value != model.ValueOn || !fromUnit(comes.Origin) {
		return ""
	}
	return fmt.Sprintf("sshd leaves its socket as it comes, and %s:%d switches probes on", comes.Origin.Where, comes.Origin.Line)
}

// fromUnit reports whether a value was read from a .socket unit or a drop-in of one.
func fromUnit(o model.Origin) bool {
	return o.Kind == model.FromFile && (strings.HasSuffix(o.Where, ".socket") || strings.Contains(o.Where, ".socket.d/"))
}
