package censuspage

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
)

// TrackedLines is what was counted of a list of tracked connections.
func TrackedLines(k *census.Tracking, o Options) []string {
	p := &page{o: o}
	head := fmt.Sprintf("%s: %d of TCP", model.Clean(o.Of, 200), k.All)
	if k.Others > 0 {
		head += fmt.Sprintf(", and %d of other protocols, which are left out", k.Others)
	}
	p.text("TRACKED  ", "         ", head)
	p.add("", fmt.Sprintf("%-14s%12s%16s%16s%12s", "STATE", "CONNECTIONS", "FIRST ENDS IN", "LAST ENDS IN", "UNANSWERED"))
	for _, name := range k.Order() {
		s := k.States[name]
		first, last := "-", "-"
		if s.First != census.Unknown {
			first, last = Rough(s.First), Rough(s.Last)
		}
		p.add(fmt.Sprintf("%-14s%12d%16s%16s%12d", model.Clean(name, 13), s.Count, first, last, s.Unreplied))
	}
	timeout := k.Timeout()
	if timeout == census.Unknown {
		return p.lines
	}
	p.add("", "ESTABLISHED, BY WHAT THEY HAVE LEFT")
	var bounds, counts strings.Builder
	for i, n := range k.Left {
		var text string
		switch {
		case i == 0:
			text = "under " + Rough(census.LeftLimits[0])
		case i == len(census.LeftLimits):
			text = Rough(census.LeftLimits[i-1]) + " on"
		default:
			text = "to " + Rough(census.LeftLimits[i])
		}
		fmt.Fprintf(&bounds, "%12s", text)
		fmt.Fprintf(&counts, "%12d", n)
	}
	p.add(bounds.String(), counts.String(), "", "FORGOTTEN FIRST, UNLESS A PACKET COMES")
	for _, t := range k.Soon {
		p.text(fmt.Sprintf("%12s  ", Rough(t.Left)), "              ", fmt.Sprintf("%s > %s", t.From, t.To))
	}
	p.add("", "WHAT THIS SHOWS")
	p.text("  - ", "    ", fmt.Sprintf("A packet gives an established connection %s or more again: the most that one has left (nf_conntrack_tcp_timeout_established). With data that stays unanswered it has less: 5 m as Linux starts (nf_conntrack_tcp_timeout_unacknowledged).", Rough(timeout)))
	p.text("  - ", "    ", "Neither end is told when one is forgotten: behind a translation of addresses, or where only known connections pass, it is dead then. A packet in less than that time holds it (MID-1).")
	return p.lines
}
