package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParseAssignment reads [ENDPOINT:]PARAM=VALUE as --set and the command line
// of the screen take it, and turns it into edits of the document. PARAM is the
// id or the product's own name, letter case ignored; a bare name is accepted
// where only one face of the path has it. leg1:rtt=20ms sets a quantity.
func ParseAssignment(text string, d Document, c *Catalog) ([]Edit, error) {
	left, value, ok := strings.Cut(text, "=")
	left = strings.TrimSpace(left)
	if !ok || left == "" {
		return nil, fmt.Errorf("%q is not [ENDPOINT:]PARAM=VALUE, such as server:keepalive_timeout=75s", Clean(text, 120))
	}
	endpoint, name, scoped := strings.Cut(left, ":")
	if !scoped {
		endpoint, name = "", left
	}
	if leg, ok := legNumber(endpoint); ok {
		if n := d.Path.legs(c); leg >= n {
			return nil, fmt.Errorf("there is no leg%d; the path %s has %s", leg+1, d.Path, legsUpTo(n))
		}
		return assignQuantity(leg, name, value)
	}
	found, err := findParam(d, c, EndpointID(strings.ToLower(endpoint)), strings.TrimSpace(name))
	if err != nil {
		return nil, err
	}
	v, err := found.param.ParseValue(value)
	if err != nil {
		return nil, err
	}
	return []Edit{Set{Endpoint: found.endpoint, Param: found.param.ID, Setting: Typed(v)}}, nil
}

// Assign is the document after assignments as [ParseAssignment] reads them, in
// their order. The error is one sentence; the document is then unchanged.
func (d Document) Assign(c *Catalog, texts ...string) (Document, error) {
	next := d
	for _, text := range texts {
		edits, err := ParseAssignment(text, next, c)
		if err != nil {
			return d, err
		}
		for _, e := range edits {
			if next, err = next.With(e, c); err != nil {
				return d, err
			}
		}
	}
	return next, nil
}

func legNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(strings.ToLower(name), "leg")
	n, err := strconv.Atoi(digits)
	return n - 1, ok && err == nil && n > 0
}

// legs is how many legs the path has: one between each two hops that are not
// middleboxes.
func (p Path) legs(c *Catalog) int {
	n := -1
	for _, e := range p.Endpoints {
		if s, err := c.System(e.System); err == nil && !s.Middlebox() {
			n++
		}
	}
	return n
}

func legsUpTo(n int) string {
	if n == 1 {
		return "leg1 only"
	}
	return fmt.Sprintf("leg1 to leg%d", n)
}

func assignQuantity(leg int, name, value string) ([]Edit, error) {
	q := Quantity(strings.ToLower(strings.TrimSpace(name)))
	p := q.Param()
	if p == nil {
		return nil, fmt.Errorf("a leg has no quantity %q; it has %s", Clean(name, 40), quantityNames())
	}
	v, err := p.ParseValue(value)
	if err != nil {
		return nil, err
	}
	return []Edit{SetQuantity{Leg: leg, Quantity: q, Setting: Typed(v)}}, nil
}

// foundParam is a parameter at an endpoint of a path.
type foundParam struct {
	endpoint EndpointID
	param    *Param
}

// findParam finds the one parameter that a name means. Where an endpoint shows
// both faces and both have the name, the face decides: the full id is needed.
func findParam(d Document, c *Catalog, endpoint EndpointID, name string) (foundParam, error) {
	found, only, err := findParams(d, c, endpoint, name)
	if err != nil {
		return foundParam{}, err
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return foundParam{}, noSuchParam(d, c, only, endpoint, name)
	}
	both := make([]string, len(found))
	for i, f := range found {
		both[i] = fmt.Sprintf("%s:%s", f.endpoint, f.param.ID)
	}
	return foundParam{}, fmt.Errorf("%q could be %s; write one of them", Clean(name, 80), strings.Join(both, " or "))
}

// findParams finds every parameter that a name means, at one endpoint where only is
// its place, and on the whole path where that is -1.
func findParams(d Document, c *Catalog, endpoint EndpointID, name string) (found []foundParam, only int, err error) {
	only = -1
	if endpoint != "" {
		if only = d.Path.Index(endpoint); only < 0 {
			return nil, only, fmt.Errorf("the path has no endpoint %q; it is %s", Clean(string(endpoint), 60), d.Path)
		}
	}
	for i, e := range d.Path.Endpoints {
		if only >= 0 && i != only {
			continue
		}
		params, err := d.Path.paramsAt(i, c)
		if err != nil {
			return nil, only, err
		}
		for _, p := range params {
			if p.Means(name) {
				found = append(found, foundParam{e.ID, p})
			}
		}
	}
	return found, only, nil
}

func noSuchParam(d Document, c *Catalog, only int, endpoint EndpointID, name string) error {
	where := "the path " + d.Path.String()
	var known []string
	if only >= 0 {
		where = string(endpoint)
		if params, err := d.Path.paramsAt(only, c); err == nil {
			for _, p := range params {
				known = append(known, p.Name)
			}
		}
	}
	err := fmt.Errorf("%s has no parameter %q", where, Clean(name, 80))
	if only >= 0 {
		if other := d.Path.otherVersion(only, c, name); other != nil {
			return other
		}
	}
	if len(known) > 0 {
		err = fmt.Errorf("%w; it has %s", err, strings.Join(known, ", "))
	}
	return err
}

// otherVersion is an error for a name that the endpoint at place i knows in
// another version than its own, and nil where it knows it in none.
func (p Path) otherVersion(i int, c *Catalog, name string) error {
	e := p.Endpoints[i]
	if s, err := c.System(e.System); err == nil {
		return s.inOtherVersion(e, name)
	}
	return nil
}

func (s *System) inOtherVersion(e Endpoint, name string) error {
	v := e.VersionOf(s)
	for _, p := range s.Params {
		switch {
		case s.Has(p, v) || !p.Means(name):
		case p.Since != "" && s.Order.Compare(v, p.Since) < 0:
			return fmt.Errorf("%s exists from %s %s on; %s has %s", p.ID, s.Name, p.Since, e.ID, v)
		default:
			return fmt.Errorf("%s does not exist in %s %s", p.ID, s.Name, v)
		}
	}
	return nil
}

// paramsAt lists the parameters that the endpoint at place i shows on this
// path: those of its faces there, and of its operating system.
func (p Path) paramsAt(i int, c *Catalog) ([]*Param, error) {
	e := p.Endpoints[i]
	s, err := c.System(e.System)
	if err != nil {
		return nil, err
	}
	if s.Middlebox() {
		return s.Params, nil
	}
	host, hostAt, err := e.HostOf(c)
	if err != nil {
		return nil, err
	}
	var all []*Param
	for _, side := range p.FacesAt(i) {
		for _, param := range s.Params {
			if param.Face == side && s.Has(param, e.VersionOf(s)) {
				all = append(all, param)
			}
		}
	}
	for _, param := range host.Params {
		if param.Face == FaceHost && host.Has(param, hostAt) {
			all = append(all, param)
		}
	}
	return all, nil
}

// Means reports whether a name that somebody typed is this parameter: its id,
// its own name or an alias, letter case ignored.
func (p *Param) Means(name string) bool {
	return strings.EqualFold(string(p.ID), name) || p.called(name) || p.calledInFull(name)
}

// called reports whether a name is the product's own or an alias.
func (p *Param) called(name string) bool {
	return strings.EqualFold(p.Name, name) || slices.ContainsFunc(p.Aliases, func(a string) bool { return strings.EqualFold(a, name) })
}

// calledInFull reports whether it is one behind the system and the face.
func (p *Param) calledInFull(name string) bool {
	face := p.ID.face()
	return len(name) > len(face) && strings.EqualFold(name[:len(face)], face) && p.called(name[len(face):])
}
