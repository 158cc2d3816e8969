package tuning_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// smallest recomputes a pair's limit from the catalog alone: every idle
// setting through its fallback chain, what is added before the close, the
// earliest moment that was seen on the wire, and the hint as this client reads
// it. It is the second opinion on tuning's arithmetic, so it shares none of it.
func smallest(client, server *model.System, hostOf func(*model.System) (*model.System, model.Version)) (idle time.Duration, by []model.ParamID, known bool) {
	idle, known = model.Never, true
	take := func(d time.Duration, id model.ParamID) {
		switch {
		case d < idle:
			idle, by = d, []model.ParamID{id}
		case d == idle && d != model.Never:
			by = append(by, id)
		}
	}
	hint, hintID, replaced := advertised(client, server, hostOf)
	for _, f := range []struct {
		s    *model.System
		side model.FaceKind
	}{{client, model.FaceClient}, {server, model.FaceServer}} {
		if f.side == model.FaceClient && replaced {
			take(hint, hintID)
			continue
		}
		found := false
		for _, p := range f.s.Params {
			caps, _ := model.At(f.s.Order, p.Caps, f.s.Assume)
			v, via := effective(f.s, p, hostOf)
			if p.Face != f.side || !f.s.Has(p, f.s.Assume) || p.Role != model.RoleIdle && (!caps || !v.IsSet()) {
				continue
			}
			found = true
			d, finite := v.Duration()
			if on := f.s.Param(p.Needs); on != nil {
				if needed, _ := effective(f.s, on, hostOf); needed != model.ValueOn {
					d = model.Never
				}
			}
			known = known && (finite || v.IsSet() && v.Kind != model.Unknown)
			if finite && d != model.Never && (f.side == model.FaceClient || !asks(client, hostOf, d)) {
				take(d+early(f.s, p, via, d)+added(f.s, p, f.side, hostOf), p.ID)
			}
		}
		for _, p := range f.s.ByRole(f.side, model.RoleAge, f.s.Assume) {
			v, via := effective(f.s, p, hostOf)
			if d, finite := v.Duration(); finite && d != model.Never && (p.AtOnce || p.Checked) {
				take(d+early(f.s, p, via, d), p.ID)
			}
		}
		known = known && found
	}
	if hintID != "" && !replaced {
		take(hint, hintID)
	}
	return idle, by, known
}

// asks reports whether a client sends by itself within a time, which the
// server's idle timer counts as traffic.
func asks(client *model.System, hostOf func(*model.System) (*model.System, model.Version), within time.Duration) bool {
	return slices.ContainsFunc(client.ByRole(model.FaceClient, model.RolePingEvery, client.Assume), func(p *model.Param) bool {
		v, _ := effective(client, p, hostOf)
		every, finite := v.Duration()
		return p.Resets && finite && every > 0 && every < within
	})
}

// effective follows a default through its fallbacks.
func effective(s *model.System, p *model.Param, hostOf func(*model.System) (*model.System, model.Version)) (model.Value, *model.Param) {
	host, at := hostOf(s)
	for q, via := p, (*model.Param)(nil); q != nil && s.Has(q, s.Assume); q, via = s.Param(q.Fallback), s.Param(q.Fallback) {
		if v := s.DefaultOn(q, s.Assume, host, at).Value; v.IsSet() {
			return v, via
		}
	}
	return p.Absent, nil
}

// early is how much later than set the earliest close comes.
func early(s *model.System, p, via *model.Param, set time.Duration) time.Duration {
	real, ok := model.At(s.Order, p.Real, s.Assume)
	if !ok && via != nil {
		real, _ = model.At(s.Order, via.Real, s.Assume)
	}
	if real.Up { // what lies between two looks ends at the second
		return real.Low + (real.Step-set%real.Step)%real.Step
	}
	return real.Low
}

// added is what a product waits beyond its idle timeout.
func added(s *model.System, p *model.Param, side model.FaceKind, hostOf func(*model.System) (*model.System, model.Version)) time.Duration {
	if p.Role != model.RoleIdle {
		return 0
	}
	for _, x := range s.ByRole(side, model.RoleIdleExtra, s.Assume) {
		v, _ := effective(s, x, hostOf)
		d, _ := v.Duration()
		return d
	}
	return 0
}

// advertised is the hint as the client takes it; replaced says that the
// client's own limits do not count beside it.
func advertised(client, server *model.System, hostOf func(*model.System) (*model.System, model.Version)) (d time.Duration, from model.ParamID, replaced bool) {
	sends, _ := model.At(server.Order, server.Faces[model.FaceServer].Sends, server.Assume)
	face := client.Faces[model.FaceClient]
	reads, _ := model.At(client.Order, face.Reads, client.Assume)
	role := map[string]model.Role{"hint": model.RoleHint}[sends.Value]
	if role == "" {
		role = model.RoleIdle
	}
	params := server.ByRole(model.FaceServer, role, server.Assume)
	if len(params) == 0 || sends.When != "always" && (sends.When != "asked" || face.Asks == "no") || reads.How != "shorten" && reads.How != "replace" {
		return 0, "", false
	}
	if needed := client.Param(reads.NeedsID); reads.NeedsID != "" {
		if v, _ := effective(client, needed, hostOf); v == model.ValueNever || !v.IsSet() {
			return 0, "", false
		}
	}
	v, _ := effective(server, params[0], hostOf)
	d, finite := v.Duration()
	if !finite || d == model.Never {
		return 0, "", false
	}
	if sends.Floor > 0 {
		d -= d % sends.Floor
	}
	minus := reads.Minus
	if by := client.Param(reads.MinusID); by != nil && client.Has(by, client.Assume) {
		v, _ := effective(client, by, hostOf)
		minus, _ = v.Duration()
	}
	d = max(0, d-minus)
	if reads.Cap > 0 {
		d = min(d, reads.Cap)
	}
	return d, params[0].ID, reads.How == "replace"
}

// off finds a switch that makes each connection serve one request.
func off(s *model.System, side model.FaceKind, hostOf func(*model.System) (*model.System, model.Version)) bool {
	return slices.ContainsFunc(s.Params, func(p *model.Param) bool {
		v, _ := effective(s, p, hostOf)
		return p.Face == side && s.Has(p, s.Assume) && v == model.ValueOff &&
			slices.Contains([]model.Role{model.RoleReuse, model.RolePool, model.RoleIdle, model.RoleRequests}, p.Role)
	})
}

// TestEveryPairIsLimitedByItsSmallest puts every client before every server of
// the same protocol at its defaults, and holds the limit against smallest.
func TestEveryPairIsLimitedByItsSmallest(t *testing.T) {
	c := model.Embedded()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	env := tuning.NewEnv(c, 250)
	hostOf := func(s *model.System) (*model.System, model.Version) {
		host, at, err := model.Endpoint{System: s.ID}.HostOf(c)
		if err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
		return host, at
	}
	pairs, judged := 0, 0
	for _, client := range all {
		for _, server := range all {
			if client.Faces[model.FaceClient] == nil || server.Faces[model.FaceServer] == nil {
				continue
			}
			path, err := model.ParsePath(fmt.Sprintf("%s > %s", client.ID, server.ID), c)
			if err != nil {
				continue // another protocol; TestPathsOfOneProtocol names them
			}
			pairs++
			report, err := tuning.Analyze(model.Document{Path: path}, env)
			if err != nil {
				t.Errorf("%s > %s: %v", client.ID, server.ID, err)
				continue
			}
			limit := report.Legs[0].Limit
			if off(client, model.FaceClient, hostOf) || off(server, model.FaceServer, hostOf) {
				if limit.Reused || limit.Idle != 0 {
					t.Errorf("%s > %s: reused for %v although a default switches keep-alive off", client.ID, server.ID, limit.Idle)
				}
				continue
			}
			idle, by, known := smallest(client, server, hostOf)
			switch {
			case !known:
				if limit.Verdict != tuning.VerdictUnknown {
					t.Errorf("%s > %s: %s although a limiter is not known", client.ID, server.ID, limit.Verdict)
				}
				continue
			case idle == model.Never:
				if limit.By != "" || limit.Verdict != tuning.VerdictUnbounded {
					t.Errorf("%s > %s: limited by %q, %s, although nothing limits it", client.ID, server.ID, limit.By, limit.Verdict)
				}
				continue
			}
			judged++
			named := append([]tuning.ParamRef{limit.Limiter.Ref}, limit.Also...)
			if limit.Idle != idle || len(named) != len(by) {
				t.Errorf("%s > %s: %v by %v; recomputed %v by %v", client.ID, server.ID, limit.Idle, named, idle, by)
				continue
			}
			for _, ref := range named {
				system := strings.ToLower(string(ref.Param.System()))
				if !slices.Contains(by, ref.Param) || system != string(client.ID) && system != string(server.ID) {
					t.Errorf("%s > %s: %s is no smallest limiter of this pair (%v)", client.ID, server.ID, ref.Param, by)
				}
			}
		}
	}
	t.Logf("%d pairs, %d with a finite, known limit", pairs, judged)
	if judged < 500 {
		t.Errorf("only %d of %d pairs have a limit to hold against", judged, pairs)
	}
}
