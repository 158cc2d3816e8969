package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/tuning/trace"
)

// A seenPath is the path of --path or --session, and where its servers are in the capture. A
// nil one is none.
type seenPath struct {
	report *tuning.Report
	at     []model.Place // of --at
	kept   []model.Place // of the session, as far as --at says nothing else
	places []seen.Place
}

// seenPath is that of --path or --session, with the servers that --at and the session place.
func (a *app) seenPath(f *pcapFlags) (*seenPath, error) {
	if f.path == "" && f.session == "" {
		if len(f.at) > 0 {
			return nil, errors.New("--at places a server of a path; name the --path")
		}
		if len(f.set) > 0 {
			return nil, errors.New("--set needs the --path that the setting is of")
		}
		return nil, nil
	}
	d, report, err := a.seenDocument(f)
	if err != nil {
		return nil, err
	}
	p := &seenPath{report: report}
	names := p.names()
	for _, text := range f.at {
		name, where, _ := strings.Cut(text, "=")
		addr, err := netip.ParseAddrPort(where)
		if err != nil {
			return nil, fmt.Errorf("--at %s: an address of the capture is meant, such as %s=10.0.0.5:443", model.Clean(text, 80), names[len(names)-1])
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("--at %s: the path has no server %q; choose %s", model.Clean(text, 80), model.Clean(name, 40), orList(names))
		}
		p.at = append(p.at, model.Place{Endpoint: model.EndpointID(name), Addr: addr})
	}
	p.kept = slices.DeleteFunc(slices.Clone(d.Places), func(x model.Place) bool {
		return slices.ContainsFunc(p.at, func(y model.Place) bool { return x.Addr == y.Addr || x.Endpoint == y.Endpoint })
	})
	return p, nil
}

// seenDocument is the document that a capture is held against, and its report: with what was
// configured in the place of measured settings, as the screen has it.
func (a *app) seenDocument(f *pcapFlags) (model.Document, *tuning.Report, error) {
	if f.session == "" {
		report, err := a.reportOf(f.path, f.set)
		return model.Document{}, report, err
	}
	c := connection{path: f.path, set: f.set}
	d, err := a.document(&c, []string{f.session}, "")
	if err != nil {
		return d, nil, fmt.Errorf("--session: %w", err)
	}
	s, err := session.New(d, tuning.NewEnv(a.catalogs(), a.hz))
	if err != nil {
		return d, nil, err
	}
	judged, err := a.judge(s.Configured())
	return d, &judged.report, err
}

// names are the servers of the path's legs.
func (p *seenPath) names() []string {
	var names []string
	for i := range p.report.Legs {
		names = append(names, string(p.report.Legs[i].Server.Endpoint.ID))
	}
	return names
}

// place finds the servers that nobody places, at the addresses that other makes of those that
// were seen; an error says which address of --at the capture does not have, or that nothing
// speaks for any. Those of the session that it does not have are elsewhere.
func (p *seenPath) place(c *model.Catalog, servers []*trace.Server, other *capture.Anonymiser) (elsewhere []model.Place, missing error) {
	if p == nil {
		return nil, nil
	}
	for _, x := range seen.Gone(servers, p.at) {
		missing = errors.Join(missing, fmt.Errorf("--at: the capture has no server at %s; without --path it lists those it has", x.Addr))
	}
	kept := slices.Clone(p.kept)
	for i, x := range kept {
		kept[i].Addr = netip.AddrPortFrom(other.Addr(x.Addr.Addr()), x.Addr.Port())
	}
	p.places = seen.Propose(c, p.report, servers, slices.Concat(p.at, kept))
	if missing == nil && len(p.places) == 0 {
		names := p.names()
		missing = fmt.Errorf("nothing in the capture says which server is which: --at %s=ADDRESS:PORT does", names[len(names)-1])
	}
	return seen.Gone(servers, kept), missing
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
