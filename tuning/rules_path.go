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
		Why:     "The box forgets the connection before the first probe passes; from then on probes and requests go into nothing.",
		WrongIf: "requests never pause for so long",
		Source:  "kubernetes/kubernetes#71358; AWS NAT gateway guidance",
		check:   checkLateProbes,
	},
	{
		ID: "CAP-1", Severity: Warning,
		Title:   "idle connections occupy the workers",
		Why:     "Where each connection holds a process or thread, polite clients that wait leave none for those with a request.",
		WrongIf: "most clients close after their request",
		Source:  "Apache KeepAliveTimeout; benoitc/gunicorn#1296",
		check:   checkWorkers,
	},
}

func checkLateProbes(l *Leg) []Finding {
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		limit, ok := b.Row.Value.Duration()
		if b.Refreshed || !ok || limit == model.Never || b.System.Box == nil || b.System.Box.Refreshed != "yes" {
			continue
		}
		for _, s := range bothSides(l) {
			row := s.First(model.RoleProbeIdle)
			if !s.on(model.RoleKeepAlive) || row == nil {
				continue
			}
			if b.OnExpiry == model.ExpiryRenewed && s.Face.Side == model.SideClient {
				continue // its probe makes a new entry
			}
			f := Finding{
				At:      []ParamRef{{s.Endpoint.ID, row.Param.ID}, {b.Endpoint.ID, b.Row.Param.ID}},
				Because: []string{fmt.Sprintf("%s probes after %s, %s forgets after %s", s.Endpoint.ID, model.HumanSpan(s.span(model.RoleProbeIdle, 0)), b.Endpoint.ID, model.HumanSpan(limit))},
			}
			target := row.Param.ID
			if row.Via != nil {
				target = row.Via.ID
			}
			f.Remedies = setTo(s, target, wholeDown(limit/2), "probe at half its time")
			found = append(found, f)
		}
	}
	return found
}

func checkWorkers(l *Leg) []Finding {
	share := l.Load.WorkersHeld
	if share == nil || *share <= 0.5 {
		return nil
	}
	workers := l.Server.First(model.RoleWorkers)
	f := Finding{
		At:      []ParamRef{l.Limit.Limiter.Ref, {l.Server.Endpoint.ID, workers.Param.ID}},
		Because: []string{fmt.Sprintf("%.0f idle connections for %s workers", *l.Load.IdleConnections, workers.Value.Human())},
	}
	if l.Limit.By == ByServer {
		f.Remedies = setTo(&l.Server, l.Limit.Limiter.Ref.Param, max(wholeDown(time.Duration(float64(l.Limit.Idle)*0.4 / *share)), time.Second), "let the server wait less")
	}
	return []Finding{f}
}
