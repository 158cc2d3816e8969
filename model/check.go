package model

import (
	"fmt"
	"strings"
)

// HostOf is the operating system under an endpoint, as given or as usual for
// the system at its version.
func (e Endpoint) HostOf(c *Catalog) (*System, Version, error) {
	ref := e.OS
	if ref.System == "" {
		s, err := c.System(e.System)
		if err != nil {
			return nil, "", err
		}
		ref = s.HostAt(e.VersionOf(s))
	}
	host, err := c.System(ref.System)
	if err != nil {
		return nil, "", err
	}
	v := ref.Version
	if v == "" {
		v = host.Assume
	}
	return host, v, nil
}

// VersionOf is the endpoint's version, or the one that is assumed. A version
// that only names a line, as 22 does, means the newest known one of that line.
func (e Endpoint) VersionOf(s *System) Version {
	if e.Version == "" {
		return s.Assume
	}
	newest := e.Version
	for _, v := range s.Known {
		if strings.HasPrefix(string(v), string(e.Version)+".") && s.Order.Compare(v, newest) > 0 {
			newest = v
		}
	}
	return newest
}

// FindParam finds a parameter of the endpoint's system or operating system by
// id, letter case ignored.
func (e Endpoint) FindParam(id ParamID, c *Catalog) (*Param, error) {
	s, err := c.System(e.System)
	if err != nil {
		return nil, err
	}
	if p := s.Param(id); p != nil {
		return p, nil
	}
	if !s.Middlebox() {
		host, _, err := e.HostOf(c)
		if err != nil {
			return nil, err
		}
		if p := host.Param(id); p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s has no parameter %q", e.ID, Clean(string(id), 80))
}

// FacesAt lists the faces that an endpoint shows at place i of the path: the
// first is a client, the last a server, one between is both.
func (p Path) FacesAt(i int) []FaceKind {
	switch i {
	case 0:
		return []FaceKind{FaceClient}
	case len(p.Endpoints) - 1:
		return []FaceKind{FaceServer}
	}
	return []FaceKind{FaceServer, FaceClient}
}

// Check reports in one sentence the first thing that makes the document
// impossible: an unknown system, a hop in a role that it does not have, a
// parameter that does not exist or a value out of range.
func (d Document) Check(c *Catalog) error {
	n := len(d.Path.Endpoints)
	if n < 2 || n > MaxEndpoints {
		return fmt.Errorf("a path has from 2 to %d hops, not %d", MaxEndpoints, n)
	}
	for i, e := range d.Path.Endpoints {
		if err := d.Path.checkHop(i, e, c); err != nil {
			return err
		}
	}
	for i, leg := range d.Path.Legs {
		for q, s := range leg {
			p := q.Param()
			if p == nil {
				return fmt.Errorf("leg%d has no quantity %q", i+1, Clean(string(q), 40))
			}
			if err := p.Check(s.Value); err != nil {
				return fmt.Errorf("leg%d:%w", i+1, err)
			}
		}
	}
	return nil
}

func (p Path) checkHop(i int, e Endpoint, c *Catalog) error {
	s, err := c.System(e.System)
	if err != nil {
		return err
	}
	if s.Middlebox() {
		if i == 0 || i == len(p.Endpoints)-1 {
			return fmt.Errorf("%s only forwards packets; it stands between two others, not at an end of the path", s.ID)
		}
	} else {
		for _, side := range p.FacesAt(i) {
			if s.Faces[side] == nil {
				return fmt.Errorf("%s cannot be a %s; it is one of: %s%s", s.ID, side, strings.Join(s.roles(), ", "), c.instead(s, side))
			}
		}
		if _, _, err := e.HostOf(c); err != nil {
			return err
		}
	}
	if e.Version != "" && !s.Order.Valid(e.Version) {
		return fmt.Errorf("%s has no version %q", s.ID, Clean(string(e.Version), 40))
	}
	for id, setting := range e.Settings {
		param, err := e.FindParam(id, c)
		if err != nil {
			return err
		}
		if err := param.Check(setting.Value); err != nil {
			return err
		}
	}
	return nil
}

// instead names the systems that speak the protocol of one on the side that it
// cannot have, where they are few.
func (c *Catalog) instead(s *System, side FaceKind) string {
	all, _ := c.All() // what cannot be read cannot be meant
	var ids []string
	for _, o := range all {
		if o.Protocol == s.Protocol && o.Protocol != "" && o.Faces[side] != nil {
			ids = append(ids, string(o.ID))
		}
	}
	if len(ids) == 0 || len(ids) > 3 {
		return ""
	}
	return fmt.Sprintf("; a %s of its protocol is %s", side, strings.Join(ids, " or "))
}

// roles lists what a system can be in a path.
func (s *System) roles() []string {
	var roles []string
	for _, side := range []FaceKind{FaceClient, FaceServer} {
		if s.Faces[side] != nil {
			roles = append(roles, string(side))
		}
	}
	if s.Middlebox() {
		roles = append(roles, "middlebox")
	}
	if s.Kind == "os" {
		roles = append(roles, "operating system, written after / behind a product")
	}
	return roles
}
