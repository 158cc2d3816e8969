package trace

import (
	"maps"
	"slices"
	"time"
)

// A Picture is what a Tracker knew at one moment; nothing in it changes afterwards.
type Picture struct {
	From, To time.Time // of the first and the latest segment, zero without any
	Counts   Counts
	Live     int       // connections that are followed; 0 after the end
	Servers  []*Server // those with the most connections, most first
	More     int       // servers beyond them
}

// walked is up to how many connections a picture looks at each that is open.
const walked = 1 << 16

// Picture shows at most so many servers. Before the end of the capture it is as if it ended
// here, but that connections which are open still count for no more than being open, and are
// not counted where more than 65536 are.
func (t *Tracker) Picture(most int) Picture {
	p := Picture{From: t.From(), To: t.To(), Counts: t.counts, Live: t.live}
	if t.finish {
		p.Servers = t.Servers()
	} else {
		p.Counts.Connections += t.live
		all := make([]*Server, len(t.list))
		for i, s := range t.list {
			all[i] = s.clone()
		}
		t.stillOpen(all)
		for _, s := range all {
			s.burst.flush(s)
		}
		p.Servers = ordered(all)
	}
	if n := len(p.Servers); n > most {
		p.Servers, p.More = p.Servers[:most:most], n-most
	}
	return p
}

// stillOpen adds the connections that are open to copies of their servers.
func (t *Tracker) stillOpen(all []*Server) {
	if t.live > walked {
		return
	}
	for i := range t.slabs {
		for j := range t.slabs[i] {
			c := &t.slabs[i][j]
			if c.key == (tuple{}) || c.server < 0 {
				continue
			}
			s := all[c.server]
			s.Connections++
			s.client(c.key.address(1 - c.serves).Addr())
			if c.is(doubted) {
				s.doubted(c)
			}
			if c.is(closing) || c.dataAt == 0 {
				continue
			}
			s.Open++
			s.OpenFor.Add(time.Duration(t.last - c.dataAt))
		}
	}
}

// doubted counts a connection that was reset in another's name and may go on.
func (s *Server) doubted(c *conn) {
	side := &s.Sides[c.role(c.closer)]
	side.Closed[c.kind]++
	side.Reset[c.kind]++
	for x := range c.ends {
		if c.ends[x].is(forged) {
			s.Sides[c.role(uint8(x))].Forged.N++
		}
	}
}

// Doubts are connections that were reset by packets that do not look like their senders, and
// may go on.
func (t *Tracker) Doubts() []Connection {
	var all []Connection
	for _, i := range t.doubts.all[t.doubts.from:] {
		if i >= 0 {
			c := t.at(i)
			weak := c.ends[0].missing+c.ends[1].missing > 0 || c.is(disordered)
			all = append(all, *t.shown(c, weak))
		}
	}
	return all
}

// clone shares nothing that changes with the original.
func (s *Server) clone() *Server {
	c := *s
	for i := range c.Sides {
		c.Sides[i].own()
	}
	own(&c.OpenFor, &c.Gaps, &c.Answers, &c.Hint.timeouts, &c.Race.Silences, &c.Box.Passed, &c.Box.Stopped, &c.burst.all)
	c.Reuse.of, c.Limit.Closed.of = maps.Clone(c.Reuse.of), maps.Clone(c.Limit.Closed.of)
	c.Race.Worst, c.Clients = slices.Clone(c.Race.Worst), slices.Clone(c.Clients)
	return &c
}

func (s *Side) own() {
	own(&s.Silences, &s.Before, &s.Waited, &s.Switched, &s.AtOnce.Silences, &s.HalfClosed)
	own(&s.Dead.Tried, &s.Dead.Quiet, &s.Dead.Tries, &s.Dead.Gap)
	own(&s.Probes.First, &s.Probes.Every, &s.Probes.Answered, &s.Probes.Last)
	s.Probes.Tries = maps.Clone(s.Probes.Tries)
	for n, after := range s.Probes.Tries {
		of := *after
		own(&of)
		s.Probes.Tries[n] = &of
	}
}

// own gives each count buckets of its own.
func own(all ...*Spans) {
	for _, s := range all {
		s.buckets = slices.Clone(s.buckets)
	}
}
