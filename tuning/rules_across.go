package tuning

import (
	"fmt"

	"example.com/keeptune/model"
)

// oneSided is a rule of its own: it sees the legs on both sides of a proxy.
var oneSided = &Rule{
	ID: "MID-5", Severity: Warning,
	Title:   "probes are set on one side of a proxy, the box is on the other",
	Why:     "Probes go from kernel to kernel and end at the proxy; the leg behind it, or before it, needs its own.",
	WrongIf: "the probes on the other leg are meant for that leg alone",
	Source:  "istio/istio#36499",
	check:   func(*Leg) []Finding { return nil }, // one leg is not enough to tell
}

// across is what takes more than one leg to see.
func across(legs []*Leg) []Finding { return append(unusedHosts(legs), probesBeside(legs)...) }

// probesBeside looks for a leg with a box that nothing holds open, beside one on
// which somebody asked for probes.
func probesBeside(legs []*Leg) []Finding {
	var found []Finding
	for _, l := range legs {
		if l.Client.on(model.RoleKeepAlive) || l.Server.on(model.RoleKeepAlive) {
			continue
		}
		for b := range l.Boxes {
			if box := &l.Boxes[b]; l.open(box) {
				if beside := probedBeside(legs, l); beside != nil {
					f := Finding{Rule: oneSided, Leg: l.Index, Severity: min(Warning, l.worse()), graded: true, Assuming: box.assumed()}
					for _, s := range bothSides(l) {
						if row := s.First(model.RoleKeepAlive); row != nil {
							f.At = append(f.At, s.ref(row))
						}
					}
					f.At = append(f.At, box.ref())
					f.Because = []string{fmt.Sprintf("%s probes on leg %d; on leg %d nothing does, and %s forgets after %s",
						beside.side.Endpoint.ID, beside.leg+1, l.Index+1, box.Endpoint.ID, model.HumanSpan(box.Row.Low))}
					f.lower(l)
					found = append(found, f)
				}
			}
		}
	}
	return found
}

type prober struct {
	side *Side
	leg  int
}

// probedBeside is who was told to probe on a leg that shares an end with l, or nil.
func probedBeside(legs []*Leg, l *Leg) *prober {
	for _, other := range legs {
		if d := other.Index - l.Index; d != 1 && d != -1 {
			continue
		}
		for _, s := range bothSides(other) {
			if row := s.First(model.RoleKeepAlive); s.on(model.RoleKeepAlive) && s.said(row) {
				return &prober{s, other.Index}
			}
		}
	}
	return nil
}
