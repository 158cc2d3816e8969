package seen

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/trace"
)

// A Place says which address of a capture a server of the path is.
type Place struct {
	Leg      int // of which it is the server
	Endpoint model.EndpointID
	Addr     netip.AddrPort
	Why      string // a clause, such as "it calls itself nginx/1.30.0"
	Chosen   bool   // by a person
}

// ports are those of IANA's list of service names and port numbers for the protocols of the
// catalog, and those on which servers of a protocol listen by default though the list has
// another name for them, or none.
var ports = map[string][]uint16{
	model.ProtocolHTTP: {
		80, 443, 8080,
		8443, // Tomcat, conf/server.xml
		8000, // Gunicorn: gunicorn.org/quickstart
		3000, // rails/rails: railties/lib/rails/commands/server/server_command.rb
	},
	"amqp":       {5672, 5671},
	"dns":        {53, 853},
	"ftp":        {21},
	"imap":       {143, 993},
	"ldap":       {389, 636},
	"memcached":  {11211},
	"mqtt":       {1883, 8883},
	"mysql":      {3306},
	"nats":       {4222}, // docs.nats.io/using-nats/developer/connecting/specific_server
	"oracle":     {1521}, // Oracle Database 21, Installation Guide, Component Port Numbers and Protocols
	"postgresql": {5432, 6432},
	"redis":      {6379},
	"ssh":        {22},
}

// What speaks for a place, the strongest first. No sum of the lesser ones outweighs a name.
const (
	forName   = 40 // the answers name the product
	forChain  = 20 // the server of the leg before is its client, or the one behind its server
	forHint   = 6
	forPort   = 8
	forTimer  = 3
	forAlone  = 1
	againstIt = 30 // the answers name another product, the port is another protocol's
)

// considered is how many servers of a capture are tried, those with the most connections.
const considered = 8

// Propose finds where the servers of the path's legs are in a capture, for those legs of which
// nobody said it, and gives both. A leg of which nothing speaks for any address has none. The
// servers are in the order in which they are to be preferred.
func Propose(c *model.Catalog, r *tuning.Report, servers []*trace.Server, said []model.Place) []Place {
	p := proposer{report: r, at: make([]int, len(r.Legs)), fixed: map[int]Place{}}
	for leg := range p.at {
		p.at[leg] = nowhere
	}
	for _, x := range said {
		i := slices.IndexFunc(servers, isAt(x.Addr))
		leg := slices.IndexFunc(r.Legs, func(l tuning.Leg) bool { return l.Server.Endpoint.ID == x.Endpoint })
		if i >= 0 && leg >= 0 {
			p.at[leg], p.fixed[leg] = len(p.servers), Place{leg, x.Endpoint, x.Addr, "", true}
			p.servers = append(p.servers, servers[i])
		}
	}
	p.free = len(p.servers)
	for _, s := range servers {
		none := slices.Contains(said, model.Place{Addr: s.Addr})
		if len(p.servers) < p.free+considered && !none && !slices.Contains(p.servers, s) {
			p.servers = append(p.servers, s)
		}
	}
	for leg := range r.Legs {
		var own [][]reason
		for _, s := range p.servers {
			own = append(own, reasons(c, &r.Legs[leg], s, len(servers) == 1 && len(r.Legs) == 1))
		}
		p.own = append(p.own, own)
	}
	p.best, p.most = slices.Clone(p.at), p.score()
	p.try(0)
	p.at = p.best
	var all []Place
	for leg, i := range p.at {
		if i == nowhere {
			continue
		}
		x, ok := p.fixed[leg]
		if !ok {
			x = Place{Leg: leg, Endpoint: r.Legs[leg].Server.Endpoint.ID, Addr: p.servers[i].Addr, Why: p.why(leg)}
		}
		all = append(all, x)
	}
	return all
}

// Gone are the servers of the path that somebody placed at an address that a capture does not
// have.
func Gone(servers []*trace.Server, said []model.Place) []model.Place {
	return slices.DeleteFunc(slices.Clone(said), func(x model.Place) bool {
		return x.Endpoint == "" || slices.ContainsFunc(servers, isAt(x.Addr))
	})
}

func isAt(addr netip.AddrPort) func(*trace.Server) bool {
	return func(s *trace.Server) bool { return s.Addr == addr }
}

const nowhere = -1

type proposer struct {
	report  *tuning.Report
	servers []*trace.Server
	free    int // the first server that no person has placed
	fixed   map[int]Place
	own     [][][]reason // by leg and server
	at      []int        // by leg: which server
	best    []int
	most    int
	tried   int
}

// A reason is what speaks for a place, below 0 against it.
type reason struct {
	n    int
	text string
}

// enough is how many assignments are tried at most.
const enough = 1 << 17

// try tries every server that is free on the legs from one on.
func (p *proposer) try(leg int) {
	if p.tried >= enough {
		return
	}
	if leg == len(p.at) {
		p.tried++
		if n := p.score(); n > p.most {
			p.most, p.best = n, slices.Clone(p.at)
		}
		return
	}
	if _, ok := p.fixed[leg]; !ok {
		for i := p.free; i < len(p.servers); i++ {
			if !slices.Contains(p.at, i) {
				p.at[leg] = i
				p.try(leg + 1)
				p.at[leg] = nowhere
			}
		}
	}
	p.try(leg + 1)
}

// score is what speaks for the present assignment, no more than the best so far where there
// is a server that nothing speaks for.
func (p *proposer) score() int {
	sum := 0
	for leg, i := range p.at {
		if i == nowhere {
			continue
		}
		if _, ok := p.fixed[leg]; !ok && !p.speaks(leg) {
			return p.most // nothing speaks for it
		}
		for _, x := range p.own[leg][i] {
			sum += x.n
		}
		if leg > 0 && p.follows(leg) {
			sum += forChain
		}
	}
	return sum
}

// speaks says whether anything speaks for the server of a leg.
func (p *proposer) speaks(leg int) bool {
	return slices.ContainsFunc(p.own[leg][p.at[leg]], func(x reason) bool { return x.n > 0 }) ||
		leg > 0 && p.follows(leg) || leg+1 < len(p.at) && p.follows(leg+1)
}

// follows says whether the server of the leg before is a client of that of a leg.
func (p *proposer) follows(leg int) bool {
	i, before := p.at[leg], p.at[leg-1]
	return i != nowhere && before != nowhere && slices.Contains(p.servers[i].Clients, p.servers[before].Addr.Addr())
}

// why is what speaks for the server of a leg: the two strongest reasons.
func (p *proposer) why(leg int) string {
	all := slices.Clone(p.own[leg][p.at[leg]])
	if leg > 0 && p.follows(leg) {
		all = append(all, reason{forChain, fmt.Sprintf("%s is its client", p.report.Legs[leg-1].Server.Endpoint.ID)})
	}
	if leg+1 < len(p.at) && p.follows(leg+1) {
		all = append(all, reason{forChain, fmt.Sprintf("it is a client of %s", p.report.Legs[leg+1].Server.Endpoint.ID)})
	}
	all = slices.DeleteFunc(all, func(x reason) bool { return x.n < 0 })
	slices.SortStableFunc(all, func(a, b reason) int { return cmp.Compare(b.n, a.n) })
	var words []string
	for _, x := range all[:min(2, len(all))] {
		words = append(words, x.text)
	}
	return strings.Join(words, ", and ")
}

// reasons are what of a server alone speaks for its being that of a leg, or against it.
func reasons(c *model.Catalog, leg *tuning.Leg, s *trace.Server, alone bool) []reason {
	side := &leg.Server
	var all []reason
	say := func(n int, format string, args ...any) { all = append(all, reason{n, fmt.Sprintf(format, args...)}) }
	if called := tuning.CalledItself(c, s.Called); called.Known() {
		if id := string(called.Is.System); id == string(side.System.ID) || strings.HasPrefix(string(side.System.ID), id+"-") {
			say(forName, "it calls itself %s", called.Words)
		} else {
			say(-againstIt, "")
		}
	}
	if slices.Contains(ports[side.System.Protocol], s.Addr.Port()) {
		say(forPort, "port %d is one of %s", s.Addr.Port(), protocol(side.System.Protocol))
	} else if of := protocolOf(s.Addr.Port()); of != "" && of != side.System.Protocol {
		say(-againstIt, "")
	}
	if row := side.First(model.RoleHint); row != nil && s.Hint.N > 0 {
		if d, ok := row.Value.Duration(); ok && d == s.Hint.Low && d == s.Hint.High {
			say(forHint, "it promises timeout=%d, as %s does", d/time.Second, side.Endpoint.ID)
		}
	}
	if x, ok := Timer(&leg.Limit, trace.TheServer); ok && x.Low != model.Never {
		if c := Closed(s, trace.TheServer); c != nil && tuning.Agrees(x.Low, x.High, c.Low, c.High) {
			say(forTimer, "it closes after %s, as %s does", model.HumanSpan(c.Median.Round(time.Millisecond)), side.Endpoint.ID)
		}
	}
	if alone && len(all) == 0 {
		say(forAlone, "it is the only server of the capture")
	}
	return all
}

func protocol(name string) string {
	if name == model.ProtocolHTTP {
		return "HTTP's"
	}
	return "those of " + name
}

// protocolOf is whose port that is, empty for nobody's alone: on 8080 and the like anything
// may listen.
func protocolOf(port uint16) string {
	for name, all := range ports {
		if slices.Contains(all, port) && (name != model.ProtocolHTTP || port < 1024) {
			return name
		}
	}
	return ""
}
