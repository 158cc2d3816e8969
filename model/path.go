package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxEndpoints is the greatest length of a path.
const MaxEndpoints = 1000

// A Quantity is something about a leg that no configuration says.
type Quantity string

// The quantities of a leg.
const (
	QuantityRTT         Quantity = "rtt"         // round-trip time
	QuantityWindow      Quantity = "window"      // race window W (rules.md section 2)
	QuantityRate        Quantity = "rate"        // requests per second on one connection
	QuantityArrivals    Quantity = "arrivals"    // new connections per second
	QuantityConnections Quantity = "connections" // connections open at once
	QuantityVanish      Quantity = "vanish"      // peers vanishing without a word, per second
	QuantityWriteEvery  Quantity = "write_every" // longest pause of an application that writes
	QuantityOutage      Quantity = "outage"      // the longest outage of the network that connections should survive
)

// quantities gives each quantity a parameter's clothes, so that it is parsed
// and checked like a setting.
var quantities = map[Quantity]*Param{
	QuantityRTT:         {ID: "rtt", Role: RoleInformation, Unit: UnitMillisecond, Zero: ZeroLiteral, Max: 3600_000},
	QuantityWindow:      {ID: "window", Role: RoleInformation, Unit: UnitMillisecond, Zero: ZeroLiteral, Max: 3600_000},
	QuantityRate:        {ID: "rate", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityArrivals:    {ID: "arrivals", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityConnections: {ID: "connections", Role: RoleRequests, Unit: UnitCount, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityVanish:      {ID: "vanish", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityOutage:      {ID: "outage", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Max: 7 * 86400},
	QuantityWriteEvery:  {ID: "write_every", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Max: 86400_000},
}

// Param describes how the quantity is entered, or is nil for one that does not exist.
func (q Quantity) Param() *Param { return quantities[q] }

// A Leg holds the quantities of one leg that somebody gave.
type Leg map[Quantity]Setting

// A Path is a row of endpoints, the client first. Legs[i] belongs to the i-th
// pair of endpoints that end a TCP connection; missing legs are empty.
type Path struct {
	Endpoints []Endpoint
	Legs      []Leg
}

// Equal reports whether two paths say the same.
func (p Path) Equal(o Path) bool {
	if !slices.EqualFunc(p.Endpoints, o.Endpoints, Endpoint.Equal) {
		return false
	}
	for i := range max(len(p.Legs), len(o.Legs)) {
		if !maps.EqualFunc(p.Leg(i), o.Leg(i), Setting.Equal) {
			return false
		}
	}
	return true
}

// Leg is the i-th leg's quantities, empty where none were given.
func (p Path) Leg(i int) Leg {
	if i < len(p.Legs) {
		return p.Legs[i]
	}
	return nil
}

// Quantity is a given quantity of a leg.
func (l Leg) Quantity(q Quantity) (Setting, bool) { s, ok := l[q]; return s, ok }

// RTT is the leg's round-trip time where it is known.
func (l Leg) RTT() (time.Duration, bool) {
	if s, ok := l[QuantityRTT]; ok {
		return s.Value.Duration()
	}
	return 0, false
}

// Index is the place of an endpoint, or -1. "client" and "server" are the ends.
func (p Path) Index(id EndpointID) int {
	for i, e := range p.Endpoints {
		if e.ID == id {
			return i
		}
	}
	switch {
	case id == "client" && len(p.Endpoints) > 0:
		return 0
	case id == "server":
		return len(p.Endpoints) - 1
	}
	return -1
}

// String is the path as --path reads it.
func (p Path) String() string {
	parts := make([]string, len(p.Endpoints))
	for i, e := range p.Endpoints {
		parts[i] = e.String()
	}
	return strings.Join(parts, " > ")
}

// Renamed gives every endpoint its id: the system's, numbered where it repeats.
// Endpoints that already have a fitting id keep it.
func (p Path) Renamed() Path {
	p.Endpoints = slices.Clone(p.Endpoints)
	taken := map[EndpointID]bool{}
	for i, e := range p.Endpoints {
		base, n := string(e.System), 1
		id := EndpointID(base)
		for taken[id] {
			n++
			id = EndpointID(base + "-" + strconv.Itoa(n))
		}
		taken[id] = true
		p.Endpoints[i].ID = id
	}
	return p
}

// ParsePath reads SYSTEM[@VERSION][/OS[@VERSION]] separated by ">", client
// first. Neighbours of different protocols are refused: ssh > nginx. A document
// may hold them all the same, so that one hop after the other can be replaced.
func ParsePath(text string, c *Catalog) (Path, error) {
	var p Path
	hops := strings.Split(text, ">")
	if len(hops) > MaxEndpoints {
		return p, fmt.Errorf("the path has %d hops; at most %d are possible", len(hops), MaxEndpoints)
	}
	for _, hop := range hops {
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
// against the catalog.
func ParseEndpoint(text string, c *Catalog) (Endpoint, error) {
	text = strings.TrimSpace(text)
	product, os, hasOS := strings.Cut(text, "/")
	id, version, hasVersion := strings.Cut(strings.TrimSpace(product), "@")
	if id == "" || hasVersion && version == "" || hasOS && strings.TrimSpace(os) == "" {
		return Endpoint{}, fmt.Errorf("%q is not SYSTEM[@VERSION][/OS[@VERSION]], such as nginx@1.30/linux", Clean(text, 80))
	}
	s, v, err := c.resolve(strings.ToLower(id), version)
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{ID: EndpointID(s.ID), System: s.ID, Version: v}
	if !hasOS {
		return e, nil
	}
	osID, osVersion, _ := strings.Cut(strings.ToLower(strings.TrimSpace(os)), "@")
	host, hv, err := c.resolve(osID, osVersion)
	if err != nil {
		return Endpoint{}, err
	}
	if host.Kind != "os" {
		return Endpoint{}, fmt.Errorf("%s is not an operating system; after / stands one, such as linux or windows@10", host.ID)
	}
	e.OS = OSRef{host.ID, hv}
	return e, nil
}

// resolve finds a system by id and checks the version against it.
func (c *Catalog) resolve(id, version string) (*System, Version, error) {
	s, err := c.System(SystemID(id))
	if err != nil {
		return nil, "", err
	}
	v := Version(strings.ToLower(version))
	if moved, ok := s.Moved[v]; ok {
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
