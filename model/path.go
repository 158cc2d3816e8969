package model

import (
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
	QuantityWindow      Quantity = "window"      // race window W: how long a close is on its way
	QuantityRate        Quantity = "rate"        // requests per second on one connection
	QuantityArrivals    Quantity = "arrivals"    // new connections per second
	QuantityConnections Quantity = "connections" // connections open at once
	QuantityVanish      Quantity = "vanish"      // peers vanishing without a word, per second
	QuantityWriteEvery  Quantity = "write_every" // longest pause of an application that writes
	QuantityOutage      Quantity = "outage"      // the longest outage of the network that connections should survive
	QuantityPeriod      Quantity = "period"      // time between two requests on a connection, where they come regularly
	QuantityPosts       Quantity = "posts"       // some requests must not be sent twice (POST)
	QuantitySlowest     Quantity = "slowest"     // longest time that a server works on a request without a byte on the wire
	QuantityNotice      Quantity = "notice"      // a dead peer is to be noticed within
	QuantityBudget      Quantity = "budget"      // packets per second that probes may cost
	QuantityGrace       Quantity = "grace"       // time that a server has to end when it is told to
	QuantityReloads     Quantity = "reloads"     // the server is reloaded while it serves
	QuantityTLS         Quantity = "tls"         // connections speak TLS
	QuantityHTTP2       Quantity = "http2"       // connections speak HTTP/2
	QuantityLossy       Quantity = "lossy"       // packets get lost, or transfers are large
	QuantityContainer   Quantity = "container"   // the server runs in a network namespace of its own
	QuantityInstances   Quantity = "instances"   // processes of the client, each with a pool of its own
	QuantityCapacity    Quantity = "capacity"    // connections that the server can have at once
	QuantityRaced       Quantity = "raced"       // requests that were seen to meet a close of the server and got no answer
	QuantityDescriptors Quantity = "descriptors" // files that a process of the server may have open
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
	QuantityPeriod:      {ID: "period", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Max: 86400_000},
	QuantityPosts:       {ID: "posts", Role: RoleInformation, Unit: UnitSwitch},
	QuantitySlowest:     {ID: "slowest", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Max: 7 * 86400},
	QuantityNotice:      {ID: "notice", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroInvalid, Max: 7 * 86400},
	QuantityBudget:      {ID: "budget", Role: RoleInformation, Unit: UnitRate, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityGrace:       {ID: "grace", Role: RoleInformation, Unit: UnitSecond, Zero: ZeroLiteral, Max: 7 * 86400},
	QuantityReloads:     {ID: "reloads", Role: RoleInformation, Unit: UnitSwitch},
	QuantityTLS:         {ID: "tls", Role: RoleInformation, Unit: UnitSwitch},
	QuantityHTTP2:       {ID: "http2", Role: RoleInformation, Unit: UnitSwitch},
	QuantityLossy:       {ID: "lossy", Role: RoleInformation, Unit: UnitSwitch},
	QuantityContainer:   {ID: "container", Role: RoleInformation, Unit: UnitSwitch},
	QuantityInstances:   {ID: "instances", Role: RoleRequests, Unit: UnitCount, Zero: ZeroInvalid, Max: 1_000_000_000},
	QuantityCapacity:    {ID: "capacity", Role: RoleRequests, Unit: UnitCount, Zero: ZeroInvalid, Max: 1_000_000_000},
	QuantityRaced:       {ID: "raced", Role: RoleRequests, Unit: UnitCount, Zero: ZeroLiteral, Max: 1_000_000_000},
	QuantityDescriptors: {ID: "descriptors", Role: RoleRequests, Unit: UnitCount, Zero: ZeroInvalid, Max: 1_000_000_000},
}

// AllQuantities lists them all, by name.
func AllQuantities() []Quantity { return slices.Sorted(maps.Keys(quantities)) }

// quantityNames lists them for a person.
func quantityNames() string {
	var names []string
	for _, q := range AllQuantities() {
		names = append(names, string(q))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Param describes how the quantity is entered, or is nil for one that does not exist.
func (q Quantity) Param() *Param { return quantities[q] }

// Quantities are those of one leg that somebody gave.
type Quantities map[Quantity]Setting

// A Path is a row of endpoints, the client first. Legs[i] belongs to the i-th
// pair of endpoints that end a TCP connection; missing legs are empty.
type Path struct {
	Endpoints []Endpoint
	Legs      []Quantities
}

// Equal reports whether two paths say the same.
func (p Path) Equal(o Path) bool {
	if !slices.EqualFunc(p.Endpoints, o.Endpoints, Endpoint.Equal) {
		return false
	}
	for i := range max(len(p.Legs), len(o.Legs)) {
		if !maps.EqualFunc(p.Quantities(i), o.Quantities(i), Setting.Equal) {
			return false
		}
	}
	return true
}

// Quantities are the i-th leg's quantities, empty where none were given.
func (p Path) Quantities(i int) Quantities {
	if i < len(p.Legs) {
		return p.Legs[i]
	}
	return nil
}

// Quantity is a given quantity of a leg.
func (l Quantities) Quantity(q Quantity) (Setting, bool) { s, ok := l[q]; return s, ok }

// RTT is the leg's round-trip time where it is known.
func (l Quantities) RTT() (time.Duration, bool) {
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

// has reports whether a hop has this very id.
func (p Path) has(id EndpointID) bool {
	return slices.ContainsFunc(p.Endpoints, func(e Endpoint) bool { return e.ID == id })
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
