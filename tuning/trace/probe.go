package trace

import (
	"time"

	"example.com/keeptune/tuning/capture"
)

// early is a time in nanoseconds after which no kernel sends a first probe yet: they count
// it in seconds.
const early = int64(500 * time.Millisecond)

// probe takes a keep-alive probe in, and says whether the segment is one: its sequence
// number is one below what is expected, and it carries nothing or one byte that was
// acknowledged before.
func (t *Tracker) probe(c *conn, s *capture.Segment, x uint8) bool {
	e, peer := &c.ends[x], &c.ends[1-x]
	if s.Length > 1 || s.Flags&(capture.FIN|capture.ACK) != capture.ACK || !e.is(known) || s.Seq != e.next-1 {
		return false
	}
	if e.spokeAt != 0 && s.At-e.spokeAt < reorder {
		return false // an acknowledgement that its sender's FIN, or a byte, overtook
	}
	if s.Length == 1 && ahead(peer.acked, e.next) < 0 {
		if peer.window == 0 && s.Seq == peer.acked { // BSD and Windows look for a window with a byte that is new
			t.counts.WindowProbes++
			return true
		}
		return false // a byte that is sent again
	}
	if peer.window == 0 && peer.packets > 0 {
		t.counts.WindowProbes++
		return true
	}
	t.counts.Probes++
	bump(&e.probes)
	if e.run == 0 && peer.spokeAt != 0 && s.At-peer.spokeAt < early {
		e.flags |= probed // the answer was captured before the probe
		return true
	}
	switch p := t.probes(c, x); {
	case p == nil || peer.spokeAt == 0: // not captured, or not known whose
	case e.run > 0:
		p.Every.Add(time.Duration(s.At - e.probeAt))
	case e.is(probed):
		p.Answered.Add(time.Duration(s.At - peer.spokeAt))
	default:
		p.First.Add(time.Duration(s.At - peer.spokeAt))
	}
	if e.run < 255 {
		e.run++
	}
	e.probeAt = s.At
	return true
}

// answers notes what a segment of an end that is no probe means for the probes of its peer.
func (e *end) answers(peer *end, s *capture.Segment) {
	answer := peer.run > 0 && length(s) == 0
	peer.flags &^= probed
	if answer {
		peer.flags |= probed
	}
	peer.run = 0
}

// gaveUp takes in that an end reset a connection whose probes nobody answered.
func (t *Tracker) gaveUp(c *conn, s *capture.Segment, x uint8) {
	e, peer := &c.ends[x], &c.ends[1-x]
	p := t.probes(c, x)
	if e.run == 0 || p == nil || peer.spokeAt == 0 {
		return
	}
	p.GaveUp++
	p.Last.Add(time.Duration(s.At - e.probeAt))
	if p.Tries == nil {
		p.Tries = map[int]*Spans{}
	}
	after := p.Tries[int(e.run)]
	if after == nil {
		after = &Spans{}
		p.Tries[int(e.run)] = after
	}
	after.Add(time.Duration(s.At - peer.spokeAt))
}

// probes are those of an end's side, nil while it is not known which end serves.
func (t *Tracker) probes(c *conn, x uint8) *Probes {
	if s := t.serverOf(c); s != nil {
		return &s.Sides[c.role(x)].Probes
	}
	return nil
}
