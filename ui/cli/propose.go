package cli

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
)

// A pathError says that configurations could be those of several paths.
type pathError struct {
	files []string
	paths []string // as --path takes them
}

// text says what is not said.
func (e *pathError) text() string {
	return strings.Join(e.files, " and ") + " do not say which of them stands in front"
}

// Error names the paths.
func (e *pathError) Error() string {
	flags := make([]string, len(e.paths))
	for i, p := range e.paths {
		flags[i] = "--path '" + p + "'"
	}
	return e.text() + "; write " + orList(flags)
}

// A heard system is one that configurations speak of.
type heard struct {
	system *model.System
	file   string
}

// proposed is the path that configurations speak of, with a usual client before it,
// and whose a host's file is where that is beyond doubt. It is empty where they
// speak of no system. The error is a [*pathError] where several paths could be meant.
func (a *app) proposed(args []argument) (path, end string, err error) {
	products, boxes, hosts := a.heardOf(args)
	onHost := ""
	if len(hosts) == 1 {
		onHost = "/" + string(hosts[0].system.ID)
	}
	switch {
	case len(products) == 0 && len(boxes)+len(hosts) == 0:
		return "", "", nil
	case len(products) == 0 && len(boxes) == 0:
		return a.usualPath(hosts[0].system.ID), "server", nil
	case len(products) == 0:
		if onHost != "" {
			end = "server"
		}
		return "chrome > " + joinIDs(boxes, " > ") + " > nginx" + onHost, end, nil
	}
	orders, err := orders(products)
	if err != nil {
		return "", "", err
	}
	paths := make([]string, len(orders))
	for i, o := range orders {
		paths[i] = a.around(o, boxes, onHost)
	}
	if len(paths) > 1 {
		e := &pathError{paths: paths}
		for _, p := range products {
			e.files = append(e.files, p.file)
		}
		return "", "", e
	}
	if len(products) == 1 && !slices.ContainsFunc(args, hosting) {
		end = string(products[0].system.ID)
	}
	return paths[0], end, nil
}

// heardOf are the systems whose configurations these are: products, middleboxes and
// operating systems, each once.
func (a *app) heardOf(args []argument) (products, boxes, hosts []heard) {
	for _, arg := range args {
		s, err := a.catalogs().System(speaksOf(arg))
		if arg.session != nil || err != nil { // a file of no system at all lies on no path
			continue
		}
		list := &products
		switch {
		case s.Middlebox():
			list = &boxes
		case s.Kind == "os":
			list = &hosts
		}
		if !slices.ContainsFunc(*list, func(h heard) bool { return h.system == s }) {
			*list = append(*list, heard{s, arg.name})
		}
		if !s.Middlebox() {
			continue
		}
		for _, id := range ofSystems(arg.config.Contexts) { // a host that tracks connections: sysctl -a
			if os, err := a.catalogs().System(model.SystemID(id)); err == nil && os.Kind == "os" && !slices.ContainsFunc(hosts, func(h heard) bool { return h.system == os }) {
				hosts = append(hosts, heard{os, arg.name})
			}
		}
	}
	return products, boxes, hosts
}

// hosting reports whether a configuration tells of containers, each of which is a
// host of its own: which of them a hop is, its program says.
func hosting(arg argument) bool {
	return slices.ContainsFunc(arg.config.Contexts, func(c native.Context) bool { return c.Hosted })
}

// speaksOf is the system of a configuration: where all of its places are of one
// other than the format's usual, that one, as of an HAProxy that passes bytes on.
func speaksOf(arg argument) model.SystemID {
	if ids := ofSystems(arg.config.Contexts); len(ids) == 1 {
		return model.SystemID(ids[0])
	}
	return arg.config.System
}

// orders are the orders in which products can stand on a path: those that are only a
// client first, proxies before what serves, those that are only a server last.
func orders(products []heard) ([][]heard, error) {
	rank := func(s *model.System) int {
		switch {
		case s.Faces[model.FaceServer] == nil:
			return 0
		case s.Faces[model.FaceClient] == nil:
			return 3
		case s.Kind == "app-server":
			return 2
		}
		return 1
	}
	sorted := slices.Clone(products)
	slices.SortStableFunc(sorted, func(a, b heard) int { return rank(a.system) - rank(b.system) })
	for i, h := range sorted[1:] {
		if before := sorted[i]; before.system.Protocol != h.system.Protocol {
			return nil, fmt.Errorf("%s is of %s and %s of %s, which speak different protocols: look at one after the other", before.file, before.system.ID, h.file, h.system.ID)
		}
	}
	all := [][]heard{sorted}
	for i := range sorted[1:] {
		a, b := sorted[i], sorted[i+1]
		if rank(a.system) != rank(b.system) {
			continue
		}
		if r := rank(a.system); r == 0 || r == 3 || len(sorted) > 2 {
			return nil, fmt.Errorf("%s is of %s and %s of %s; name the path that they are on", a.file, a.system.ID, b.file, b.system.ID)
		}
		all = append(all, []heard{b, a})
	}
	return all, nil
}

// around is a path of products, with a usual client before them and a usual server
// behind where they are none.
func (a *app) around(order, boxes []heard, onHost string) string {
	var hops []string
	first, last := order[0].system, order[len(order)-1].system
	if first.Faces[model.FaceServer] != nil {
		hops = append(hops, string(machine.UsualPeer(a.catalogs(), first, model.FaceClient)))
	}
	for _, h := range order {
		hop := string(h.system.ID)
		if host := h.system.HostAt(h.system.Assume); onHost != "" && len(order) == 1 && "/"+string(host.System) != onHost {
			hop += onHost
		}
		hops = append(hops, hop)
	}
	if last.Faces[model.FaceServer] == nil {
		hops = append(hops, string(machine.UsualPeer(a.catalogs(), last, model.FaceServer)))
	}
	for _, h := range boxes { // behind the client
		hops = slices.Insert(hops, 1, string(h.system.ID))
	}
	return strings.Join(hops, " > ")
}

func joinIDs(list []heard, between string) string {
	ids := make([]string, len(list))
	for i, h := range list {
		ids[i] = string(h.system.ID)
	}
	return strings.Join(ids, between)
}
