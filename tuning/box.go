package tuning

import (
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// box resolves a middlebox and finds out whether probes of either end keep its
// idle timer from expiring.
func (e *Env) box(ep model.Endpoint, place int, client, server detect.Socket) (Box, error) {
	s, err := e.Catalog.System(ep.System)
	if err != nil {
		return Box{}, err
	}
	b := Box{Endpoint: ep, Place: place, System: s}
	side := Side{Endpoint: ep, Place: place, System: s, Version: ep.VersionOf(s), Face: &model.Face{Side: model.SideHost}}
	side.Rows = e.rows(&side)
	side.apply()
	if b.Row = side.First(model.RoleMiddleboxTTL); b.Row == nil {
		return b, fmt.Errorf("%s has no idle timer in the catalog", s.ID)
	}
	b.Refreshed, b.Because = refreshed(&b, client, server)
	return b, nil
}

// refreshed reports whether probes reach the box in time: P + g(P) < X for
// P = max(T, I), where g is the lateness of the prober's own timer.
func refreshed(b *Box, client, server detect.Socket) (bool, string) {
	limit, ok := b.Row.Value.Duration()
	if !ok || limit == model.Never || b.System.Box == nil || b.System.Box.Refreshed != "yes" {
		return false, ""
	}
	for _, k := range []detect.Socket{client, server} {
		if latest := detect.ProbesEvery(k); latest < limit {
			return true, fmt.Sprintf("TCP probes at least every %s hold its %s", model.HumanSpan(latest), model.HumanSpan(limit))
		}
	}
	return false, ""
}

// boxLimiter is a middlebox's timer as a limiter.
func boxLimiter(b *Box) Limiter {
	x := Limiter{
		By: ByMiddlebox, Ref: ParamRef{b.Endpoint.ID, b.Row.Param.ID}, Name: b.Row.Param.Name, System: b.System.Name,
		Known: true, Low: b.Row.Low, High: b.Row.High, Closes: "unknown",
		Text: fmt.Sprintf("%s: %s", b.Endpoint.ID, b.Row.describe()),
	}
	if b.System.Box != nil {
		x.Closes = b.System.Box.OnExpiry
	}
	if _, ok := b.Row.Value.Duration(); !ok {
		x.Known, x.Low, x.High = false, model.Never, model.Never
	}
	return x
}
