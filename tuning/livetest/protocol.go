package livetest

import (
	"cmp"
	"slices"

	"example.com/keeptune/model"
)

// A Protocol is what the live test speaks to a target that is no web server: enough to be a
// client that asked something and is silent then. It answers nothing that the server sends
// of its own accord.
type Protocol struct {
	Scheme  string
	aliases []string
	port    int
	// system is what the catalog says that its systems speak; the scheme unless it is said.
	system string
	// login tells that a silence after something is measured only for a user that is named.
	login bool
	// alive tells that only a client that sends signs of life is kept, so that what is
	// measured is when the server gives up one that does not.
	alive bool
	// few tells that the server turns away or punishes a host that opens many connections
	// without a login: there is no control connection, and there are few samples.
	few bool
}

// protocols are all that are spoken beside HTTP, in the order in which they are listed.
var protocols = []Protocol{
	{Scheme: "amqp", port: 5672, alive: true},
	{Scheme: "grpc", port: 50051, system: model.ProtocolHTTP},
	{Scheme: "ldap", port: 389},
	{Scheme: "memcached", port: 11211},
	{Scheme: "mqtt", port: 1883, alive: true},
	{Scheme: "mysql", aliases: []string{"mariadb"}, port: 3306, login: true},
	{Scheme: "nats", port: 4222, alive: true},
	{Scheme: "postgres", aliases: []string{"postgresql"}, port: 5432, system: "postgresql", login: true},
	{Scheme: "redis", aliases: []string{"valkey"}, port: 6379},
	{Scheme: "ssh", port: 22, few: true},
	{Scheme: "ws", port: 80, system: model.ProtocolHTTP, alive: true},
}

// fewConnections is how many idle samples a server gets that punishes more.
const fewConnections = MinGoodSamples

// protocolOf finds a protocol by a scheme, nil where none is meant.
func protocolOf(scheme string) *Protocol {
	for i, p := range protocols {
		if p.Scheme == scheme || slices.Contains(p.aliases, scheme) {
			return &protocols[i]
		}
	}
	return nil
}

// Schemes are all schemes of a target.
func Schemes() []string {
	list := []string{"http", "https", "tcp"}
	for _, p := range protocols {
		list = append(list, p.Scheme)
	}
	return list
}

// Speaks is the [model.System] Protocol of what may answer at the target; "" where that may be
// any, as behind a bare TCP connection.
func (t Target) Speaks() string {
	p := protocolOf(t.Scheme)
	switch {
	case p != nil:
		return cmp.Or(p.system, p.Scheme)
	case t.Scheme == "tcp":
		return ""
	}
	return model.ProtocolHTTP
}

// Asks reports whether the target, although no web server, is asked something, so that its
// silence after that can be measured.
func (t Target) Asks() bool {
	p := protocolOf(t.Scheme)
	return p != nil && (!p.login || t.User != "")
}

// Unwatched reports whether nothing may be opened beside the samples to show that the path
// works.
func (t Target) Unwatched() bool {
	p := protocolOf(t.Scheme)
	return p != nil && (p.few || p.login && t.User == "")
}

// GivesUp reports whether the target keeps only clients that send signs of life, which the
// test does not: what it measures then is when the server gives up a client that is gone.
func (t Target) GivesUp() bool {
	p := protocolOf(t.Scheme)
	return p != nil && p.alive
}

// usual are the measurements of a target that is no web server.
func (t Target) usual() []Measurement {
	if p := protocolOf(t.Scheme); p != nil && p.few {
		return []Measurement{MeasureIdle}
	}
	if t.Asks() {
		return []Measurement{MeasureIdle, MeasureBeforeRequest}
	}
	return []Measurement{MeasureBeforeRequest}
}

// samples is the number of idle samples unless told otherwise.
func (t Target) samples() int {
	if p := protocolOf(t.Scheme); p != nil && p.few {
		return fewConnections
	}
	return DefaultConnections
}
