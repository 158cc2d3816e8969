package machine

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// pathsLimit bounds the paths that are proposed.
const pathsLimit = 20

// A Path is the course of requests through this machine: from whoever connects, by the
// servers found here, to one that sends nothing on or that is elsewhere.
type Path struct {
	Path model.Path
	At   []string // where it is reached, as HOST:PORT
	Hops []Hop    // of its servers, without the client
	// Client is set where the client is of this machine, too.
	Client *Hop
}

// A Hop is a server of a path.
type Hop struct {
	Program  int    // of the machine's Programs; -1: elsewhere, or a client that is no program of these
	Address  string // where it is reached
	Contexts []int  // of the program's, those that requests of this path come to
}

// hops are a path in the making.
type hops []Hop

// paths finds the courses of requests.
func (r *reading) paths() {
	t := tracer{m: &r.m, contexts: make([][]native.Context, len(r.m.Programs))}
	for i := range r.m.Programs {
		t.contexts[i] = r.m.Programs[i].Contexts()
	}
	for i := range r.m.Programs {
		p := &r.m.Programs[i]
		for _, at := range t.listens(i) {
			if p.Runs() && !t.reached(i, at) {
				t.follow(nil, i, at)
			}
		}
	}
	for _, w := range t.found {
		if path, ok := r.m.path(w, r.options.Catalog); ok && !r.m.add(path) {
			r.lacks(fmt.Sprintf("More paths than %d: no more than those are listed.", pathsLimit))
		}
	}
	slices.SortStableFunc(r.m.Paths, func(a, b Path) int { return len(b.Hops) - len(a.Hops) }) // where something can disagree first
}

// A tracer follows addresses from one server to the next.
type tracer struct {
	m        *Machine
	contexts [][]native.Context
	found    []hops
}

// listens are the addresses at which a program answers: those seen, or else those of its
// configuration. An endpoint for administration serves nobody.
func (t *tracer) listens(i int) []string {
	p := &t.m.Programs[i]
	if len(p.Listens) > 0 {
		return slices.DeleteFunc(slices.Clone(p.Listens), func(at string) bool { return at == p.admin })
	}
	var list []string
	for _, c := range t.contexts[i] {
		for _, a := range c.Listens {
			if !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// at are the contexts to which a connection to an address comes.
func (t *tracer) at(i int, address string) []int {
	var list []int
	for j, c := range t.contexts[i] {
		if c.Face != model.FaceClient && (len(c.Listens) == 0 || slices.ContainsFunc(c.Listens, func(l string) bool { return reaches(address, l) || reaches(l, address) })) {
			list = append(list, j)
		}
	}
	return list
}

// server is the running program that answers at an address that another sends to, or -1.
func (t *tracer) server(to string) int {
	socket, isSocket := strings.CutPrefix(to, "unix:")
	for i := range t.m.Programs {
		p := &t.m.Programs[i]
		switch {
		case !p.Runs():
		case slices.ContainsFunc(t.listens(i), func(l string) bool { return reaches(to, l) }):
			return i
		case isSocket && slices.ContainsFunc(p.Running[0].words(), func(w string) bool { return strings.HasSuffix(w, socket) }):
			return i
		}
	}
	return -1
}

// reached reports whether some program of this machine sends to an address of another.
func (t *tracer) reached(i int, at string) bool {
	for _, list := range t.contexts {
		for _, c := range list {
			if slices.ContainsFunc(c.Sends, func(s string) bool { return reaches(s, at) && t.server(s) == i }) {
				return true
			}
		}
	}
	return false
}

// follow goes on from a program.
func (t *tracer) follow(before hops, i int, at string) {
	if len(t.found) >= pathsLimit*10 || len(before) >= model.MaxEndpoints-2 || slices.ContainsFunc(before, func(h Hop) bool { return h.Program == i && h.Address == at }) {
		return
	}
	contexts := t.at(i, at)
	on := map[string][]int{} // contexts by where they send to
	var order []string
	for _, j := range contexts {
		for _, to := range t.contexts[i][j].Sends {
			if on[to] == nil {
				order = append(order, to)
			}
			on[to] = append(on[to], j)
		}
	}
	here := func(contexts []int) hops {
		return append(slices.Clone(before), Hop{Program: i, Address: at, Contexts: contexts})
	}
	if len(order) == 0 {
		t.found = append(t.found, here(contexts))
		return
	}
	for _, to := range order {
		w := here(on[to])
		if next := t.server(to); next >= 0 {
			t.follow(w, next, to)
			continue
		}
		t.found = append(t.found, append(w, Hop{Program: -1, Address: to}))
	}
}

// reaches reports whether a connection to an address comes to a listener.
func reaches(to, listener string) bool {
	if to == listener {
		return true
	}
	host, port, ok := cutPort(to)
	at, its, also := cutPort(listener)
	if !ok || !also || port != its {
		return false
	}
	local := host == "localhost" || strings.HasPrefix(host, "127.") || host == "[::1]" || host == "*"
	switch at {
	case "*":
		return local
	case "127.0.0.1", "[::1]", "localhost":
		return host == "localhost" || host == "*"
	}
	return host == "*"
}

func cutPort(address string) (host, port string, ok bool) {
	at := strings.LastIndexByte(address, ':')
	if at < 0 || strings.HasPrefix(address, "unix:") {
		return "", "", false
	}
	return address[:at], address[at+1:], true
}

// host is this machine's operating system, as paths name it.
func (m *Machine) host() model.OSRef { return model.OSRef{System: m.OS, Version: m.Version()} }

// Version is that of the kernel, with two numbers, or that of Windows; empty where it is
// not known.
func (m *Machine) Version() model.Version {
	if m.OS == "windows" {
		return m.version
	}
	found := kernelVersion.FindString(m.Kernel)
	return model.Version(found)
}

var kernelVersion = regexp.MustCompile(`^\d+\.\d+`)

// path makes hops a path of the model; false where its hops do not speak one protocol.
func (m *Machine) path(w hops, c *model.Catalog) (Path, bool) {
	p := Path{Hops: w, At: []string{w[0].Address}}
	protocol := ""
	for _, h := range w {
		e := model.Endpoint{System: "unknown-server"}
		if h.Program >= 0 {
			program := &m.Programs[h.Program]
			e = model.Endpoint{System: program.System, Version: program.Version, OS: m.host()}
			if all := program.Contexts(); len(h.Contexts) > 0 && all[h.Contexts[0]].System != "linux" {
				e.System = all[h.Contexts[0]].System
			}
		}
		sys, err := c.System(e.System)
		switch {
		case err != nil:
			return p, false
		case sys.Protocol != "" && protocol != "" && sys.Protocol != protocol && h.Program < 0:
			return p, false
		}
		if protocol == "" {
			protocol = sys.Protocol
		}
		p.Path.Endpoints = append(p.Path.Endpoints, e)
	}
	first, err := c.System(p.Path.Endpoints[0].System)
	if err != nil {
		return p, false
	}
	client := model.Endpoint{System: UsualPeer(c, first, model.FaceClient)}
	p.Path.Endpoints = append([]model.Endpoint{client}, p.Path.Endpoints...)
	p.Path = p.Path.Renamed()
	_, err = model.ParsePath(p.Path.String(), c)
	return p, err == nil
}

// add takes a path, or adds its places to one of the same servers; false where there are
// too many.
func (m *Machine) add(p Path) bool {
	i := slices.IndexFunc(m.Paths, func(o Path) bool {
		return o.Path.String() == p.Path.String() && slices.EqualFunc(o.Hops, p.Hops, func(a, b Hop) bool { return a.Program == b.Program })
	})
	switch {
	case i < 0 && len(m.Paths) >= pathsLimit:
		return false
	case i < 0:
		m.Paths = append(m.Paths, p)
		return true
	}
	o := &m.Paths[i]
	for _, at := range p.At {
		if !slices.Contains(o.At, at) {
			o.At = append(o.At, at)
		}
	}
	for k := range o.Hops {
		for _, c := range p.Hops[k].Contexts {
			if !slices.Contains(o.Hops[k].Contexts, c) {
				o.Hops[k].Contexts = append(o.Hops[k].Contexts, c)
			}
		}
	}
	return true
}

// usualPeers stand at the other end of a system that speaks their protocol, before any
// other that does.
var usualPeers = []model.SystemID{"chrome", "nginx", "ssh", "libpq", "redis-cli"}

// UsualPeer is what a system speaks with, on a side.
func UsualPeer(c *model.Catalog, s *model.System, side model.FaceKind) model.SystemID {
	for _, id := range slices.Concat(usualPeers, c.IDs()) {
		if peer, err := c.System(id); err == nil && peer.Protocol == s.Protocol && peer.Faces[side] != nil {
			return id
		}
	}
	return s.ID
}

// Lay gives the values that were read to a path: one document for each choice of the
// contexts of its servers. Their order says nothing.
func (m *Machine) Lay(p Path, c *model.Catalog) ([]native.Laying, error) {
	d := model.Document{Name: m.Name, Path: p.Path}
	d.Path.Endpoints = slices.Clone(d.Path.Endpoints)
	hops := map[int]Hop{} // by their place in the path
	if p.Client != nil {
		hops[0] = *p.Client
	}
	for k, h := range p.Hops {
		if h.Program >= 0 {
			hops[k+1] = h
		}
	}
	for k := range hops {
		e := &d.Path.Endpoints[k]
		for _, s := range m.Sysctls {
			if s.Param.ID.System() == e.OS.System {
				*e = e.With(s.Param.ID, s.Setting)
			}
		}
		for _, v := range m.Registry {
			if of := v.Param.ID.System(); of == e.OS.System || of == e.System {
				*e = e.With(v.Param.ID, v.Setting)
			}
		}
	}
	all := []native.Laying{{Document: d}}
	for _, k := range slices.Sorted(maps.Keys(hops)) {
		h := hops[k]
		if h.Program < 0 || len(h.Contexts) == 0 {
			continue
		}
		e := p.Path.Endpoints[k]
		var im native.Import
		contexts := m.Programs[h.Program].Contexts()
		for _, j := range h.Contexts {
			if ctx := contexts[j]; ctx.System == e.System {
				im.Contexts = append(im.Contexts, ctx)
			}
		}
		if len(im.Contexts) == 0 {
			continue
		}
		var next []native.Laying
		for _, base := range all {
			layings, err := im.Lay(base.Document, string(e.ID), c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Programs[h.Program].Title, err)
			}
			for _, l := range layings {
				l.Chosen = append(slices.Clip(base.Chosen), l.Chosen...)
				next = append(next, l)
			}
		}
		if all = next; len(all) > combinationsLimit {
			all = all[:combinationsLimit]
		}
	}
	return all, nil
}

// combinationsLimit bounds the combinations of contexts that are looked at.
const combinationsLimit = 200
