package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// pathRules are about what stands between the ends, and what it all costs.
var pathRules = []*Rule{
	{
		ID: "MID-1", Severity: Error,
		Title:   "the probes come too late for a box on the way",
		Why:     "The box forgets the connection before the first probe or ping passes; from then on they and the requests go into nothing.",
		WrongIf: "requests never pause for so long",
		Source:  "kubernetes/kubernetes#71358; AWS NAT gateway guidance",
		check:   checkLateProbes,
	},
	{
		ID: "CAP-1", Severity: Error,
		Title:   "idle connections occupy the workers",
		Why:     "Where each connection holds a process or thread, polite clients that wait leave none for those with a request.",
		WrongIf: "most clients close after their request",
		Source:  "Apache KeepAliveTimeout; benoitc/gunicorn#1296",
		check:   checkWorkers,
	},
}

// checkLateProbes looks at the boxes that can end a connection at all: the
// client lets go of it later, and so does the server.
func checkLateProbes(l *Leg) []Finding {
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		limit := b.Row.Low
		if d, ok := b.Row.Value.Duration(); !ok || d == model.Never || b.Refreshed || b.System.Box == nil || !l.canReach(limit) {
			continue
		}
		forgets := fmt.Sprintf("%s forgets after %s", b.Endpoint.ID, model.HumanSpan(limit))
		for _, s := range bothSides(l) {
			if b.OnExpiry == model.ExpiryRenewed && s.Face.Side == model.SideClient {
				continue // what it sends makes a new entry
			}
			if h := s.heartbeat(); h != nil && h.Quiet {
				found = append(found, Finding{
					At:      []ParamRef{h.Ref, {b.Endpoint.ID, b.Row.Param.ID}},
					Because: []string{fmt.Sprintf("%s sends by itself after %s of silence (%s), %s", s.Endpoint.ID, model.HumanSpan(h.High), h.Name, forgets)},
				})
				continue
			}
			row := s.First(model.RoleProbeIdle)
			if !s.on(model.RoleKeepAlive) || row == nil || b.System.Box.Refreshed != "yes" {
				continue
			}
			found = append(found, Finding{
				At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}, {b.Endpoint.ID, b.Row.Param.ID}},
				Because: []string{fmt.Sprintf("%s probes after %s, %s", s.Endpoint.ID, model.HumanSpan(s.span(model.RoleProbeIdle, 0)), forgets)},
			})
		}
	}
	return found
}

// canReach reports whether a connection can idle for so long, as far as the two
// ends are concerned.
func (l *Leg) canReach(limit time.Duration) bool {
	if !l.Limit.Reused {
		return false
	}
	for _, x := range l.Limit.All {
		if x.By != ByMiddlebox && x.Known && x.High < limit {
			return false
		}
	}
	return true
}

func checkWorkers(l *Leg) []Finding {
	share := l.Load.WorkersHeld
	if share == nil || *share <= 0.5 {
		return nil
	}
	workers := l.Server.First(model.RoleWorkers)
	f := Finding{
		At: []ParamRef{l.Limit.Limiter.Ref, {l.Server.Endpoint.ID, workers.Param.ID}}, graded: true, Severity: Warning,
		Because: []string{fmt.Sprintf("%.0f idle connections for %s workers of %s", *l.Load.IdleConnections, workers.Value.Human(), l.Server.Endpoint.ID)},
	}
	if *share > 1 {
		f.Severity = Error
	}
	return []Finding{f}
}
