package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
)

// A seenPath is the path of --path, and where its servers are in the capture. A nil one is
// none.
type seenPath struct {
	report *tuning.Report
	said   []model.Place
	places []seen.Place
}

// seenPath is that of --path, with the servers that --at places.
func (a *app) seenPath(path string, set, at []string) (*seenPath, error) {
	if path == "" {
		if len(at) > 0 {
			return nil, errors.New("--at places a server of a path; name the --path")
		}
		if len(set) > 0 {
			return nil, errors.New("--set needs the --path that the setting is of")
		}
		return nil, nil
	}
	report, err := a.reportOf(path, set)
	if err != nil {
		return nil, err
	}
	p := &seenPath{report: report}
	names := p.names()
	for _, text := range at {
		name, where, _ := strings.Cut(text, "=")
		addr, err := netip.ParseAddrPort(where)
		if err != nil {
			return nil, fmt.Errorf("--at %s: an address of the capture is meant, such as %s=10.0.0.5:443", model.Clean(text, 80), names[len(names)-1])
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("--at %s: the path has no server %q; choose %s", model.Clean(text, 80), model.Clean(name, 40), orList(names))
		}
		p.said = append(p.said, model.Place{Endpoint: model.EndpointID(name), Addr: addr})
	}
	return p, nil
}

// names are the servers of the path's legs.
func (p *seenPath) names() []string {
	var names []string
	for i := range p.report.Legs {
		names = append(names, string(p.report.Legs[i].Server.Endpoint.ID))
	}
	return names
}

// place finds the servers that --at does not place; an error says which address of it the
// capture does not have, or that nothing speaks for any.
func (p *seenPath) place(c *model.Catalog, servers []*trace.Server) error {
	if p == nil {
		return nil
	}
	var missing error
	for _, x := range seen.Gone(servers, p.said) {
		missing = errors.Join(missing, fmt.Errorf("--at: the capture has no server at %s; without --path it lists those it has", x.Addr))
	}
	p.places = seen.Propose(c, p.report, servers, p.said)
	if missing == nil && len(p.places) == 0 {
		names := p.names()
		missing = fmt.Errorf("nothing in the capture says which server is which: --at %s=ADDRESS:PORT does", names[len(names)-1])
	}
	return missing
}

// of are the places at a server.
func (p *seenPath) of(s *trace.Server) []seen.Place {
	if p == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.places), func(x seen.Place) bool { return x.Addr != s.Addr })
}

// held holds a server of a capture against the legs that are placed there.
func (p *seenPath) held(s *trace.Server, of string) []seen.Held {
	var all []seen.Held
	for _, x := range p.of(s) {
		all = append(all, seen.Hold(p.report, x.Leg, s, of)...)
	}
	return all
}

func (p *seenPath) texts(s *trace.Server, of string) []string {
	var all []string
	for _, x := range p.of(s) {
		if !x.Chosen {
			all = append(all, fmt.Sprintf("taken for %s because %s; --at %s=ADDRESS:PORT says otherwise", x.Endpoint, x.Why, x.Endpoint))
		}
	}
	for _, h := range p.held(s, of) {
		all = append(all, h.String())
	}
	return all
}
