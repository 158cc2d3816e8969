package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// arrows are the ways in which people draw the arrow between two hops.
var arrows = strings.NewReplacer("\u2192", ">", "\u2794", ">", "\u21d2", ">")

// LooksLikePath reports whether a text has an arrow, as a path has.
func LooksLikePath(text string) bool { return strings.Contains(arrows.Replace(text), ">") }

// ParsePath reads SYSTEM[@VERSION][/OS[@VERSION]] separated by ">", "->" or
// "-->", client first. Neighbours of different protocols are refused: ssh > nginx.
// A document may hold them all the same, so that one hop after the other can be
// replaced.
func ParsePath(text string, c *Catalog) (Path, error) {
	var p Path
	hops := strings.Split(arrows.Replace(text), ">")
	if len(hops) > MaxEndpoints {
		return p, fmt.Errorf("the path has %d hops; at most %d are possible", len(hops), MaxEndpoints)
	}
	for i, hop := range hops {
		if i < len(hops)-1 {
			hop = strings.TrimRight(hop, "-=\u2013\u2014\u2500 ") // the shaft of an arrow
		}
		if strings.TrimSpace(hop) == "" {
			return p, errors.New("a path has a system on either side of each arrow, client first: chrome > nginx")
		}
		e, err := ParseEndpoint(hop, c)
		if err != nil {
			return p, err
		}
		p.Endpoints = append(p.Endpoints, e)
	}
	if a, b, ok := p.strangers(c); ok {
		return p, fmt.Errorf("%s speaks %s and %s speaks %s; they cannot follow each other on a path", a.ID, a.Protocol, b.ID, b.Protocol)
	}
	return p.Renamed(), nil
}

// strangers finds the first two systems on the path that end one connection
// and speak different protocols. A middlebox forwards any.
func (p Path) strangers(c *Catalog) (a, b *System, found bool) {
	for _, e := range p.Endpoints {
		s, err := c.System(e.System)
		if err != nil || s.Middlebox() {
			continue
		}
		if a, b = b, s; a != nil && a.Protocol != b.Protocol {
			return a, b, true
		}
	}
	return nil, nil, false
}

// ParseEndpoint reads one SYSTEM[@VERSION][/OS[@VERSION]] and checks it
// against the catalog. A version may stand behind its name as people write it:
// node 22, ie11, win10; and a release alone for the operating system: ie@2/nt4.
func ParseEndpoint(text string, c *Catalog) (Endpoint, error) {
	text = strings.TrimSpace(text)
	product, os, hasOS := strings.Cut(text, "/")
	id, version, hasVersion := strings.Cut(product, "@")
	if strings.TrimSpace(id) == "" || hasVersion && strings.TrimSpace(version) == "" || hasOS && strings.TrimSpace(os) == "" {
		return Endpoint{}, fmt.Errorf("%q is not SYSTEM[@VERSION][/OS[@VERSION]], such as nginx@1.30/linux", Clean(text, 80))
	}
	s, v, err := c.resolve(product)
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{ID: EndpointID(s.ID), System: s.ID, Version: v}
	if !hasOS {
		return e, nil
	}
	host, hv, err := c.resolve(os)
	if err != nil {
		if host, hv = c.release(os); host == nil {
			return Endpoint{}, err
		}
	}
	if host.Kind != "os" {
		return Endpoint{}, fmt.Errorf("%s is not an operating system; after / stands one, such as linux or windows@10", host.ID)
	}
	e.OS = OSRef{host.ID, hv}
	return e, nil
}

// resolve finds a system by what somebody wrote for it, with or without a
// version.
func (c *Catalog) resolve(text string) (*System, Version, error) {
	id, version, given := strings.Cut(strings.ToLower(text), "@")
	id, version = strings.TrimSpace(id), strings.TrimSpace(version)
	s, err := c.System(SystemID(id))
	switch {
	case err == nil:
		return c.at(s, version)
	case given:
		return nil, "", err
	}
	for _, split := range c.splits(id) {
		if s, v, err := c.at(split.system, split.version); err == nil {
			return s, v, nil
		}
	}
	return nil, "", err
}

// release is the operating system that alone has a version of this name: nt4, xp; nil
// where none or several have, and for a bare number.
func (c *Catalog) release(text string) (*System, Version) {
	v := Version(strings.ToLower(strings.TrimSpace(text)))
	if !strings.ContainsFunc(string(v), unicode.IsLetter) {
		return nil, ""
	}
	var found *System
	entries, _ := c.Entries() // what cannot be read cannot be meant
	for _, e := range entries {
		if e.Kind != "os" {
			continue
		}
		s, err := c.System(e.ID)
		if err != nil || !slices.Contains(s.Order, string(v)) && !slices.Contains(s.Known, v) {
			continue
		}
		if found != nil {
			return nil, ""
		}
		found = s
	}
	return found, v
}

// at checks a version against its system, or against the one that has it instead.
func (c *Catalog) at(s *System, version string) (*System, Version, error) {
	v := Version(version)
	if moved, ok := s.Moved[v]; ok {
		var err error
		if s, err = c.System(moved); err != nil {
			return nil, "", err
		}
	}
	if v != "" && !s.Order.Valid(v) {
		known := make([]string, len(s.Known))
		for i, k := range s.Known {
			known[i] = string(k)
		}
		if len(known) == 0 {
			known = s.Order
		}
		return nil, "", fmt.Errorf("%s has no version %q; known are %s", s.ID, Clean(version, 40), strings.Join(known, ", "))
	}
	return s, v, nil
}

// A split is a name with the version that stands behind it.
type split struct {
	system  *System
	version string
}

// splits are the ways to take a text as a name and a version, those with the
// longest name first: internet explorer 11, node22, windows server 2012 r2.
func (c *Catalog) splits(text string) []split {
	type named struct {
		id   SystemID
		name string
	}
	var names []named
	entries, _ := c.Entries() // what cannot be read cannot be meant
	for _, e := range entries {
		for _, name := range append([]string{string(e.ID)}, e.Aliases...) {
			if len(name) < len(text) && strings.HasPrefix(text, name) {
				names = append(names, named{e.ID, name})
			}
		}
	}
	slices.SortStableFunc(names, func(a, b named) int { return len(b.name) - len(a.name) })
	var all []split
	for _, n := range names {
		version := strings.ReplaceAll(text[len(n.name):], " ", "")
		digits := strings.TrimSuffix(strings.TrimPrefix(version, "v"), ".x")
		numbers := strings.Trim(digits, "0123456789.") == ""
		if numbers {
			version = digits
		}
		if s, err := c.System(n.id); err == nil && (numbers || len(s.Order) > 0) {
			all = append(all, split{s, version})
		}
	}
	return all
}
