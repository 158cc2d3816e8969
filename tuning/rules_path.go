package tuning

import (
	"fmt"
	"slices"
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

// checkLateProbes tells of the boxes that somebody meant to hold open, but too
// late. Where nobody did, MID-2 speaks of them.
func checkLateProbes(l *Leg) []Finding {
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		f := Finding{graded: true, Severity: Error}
		for _, s := range l.lateFor(b) {
			f.At = append(f.At, s.ref)
			f.Because = append(f.Because, fmt.Sprintf("%s, %s forgets after %s", s.text, b.Endpoint.ID, model.HumanSpan(b.Row.Low)))
		}
		if !l.meantToHold(b) {
			continue
		}
		f.Because = append(f.Because, l.stopped(b)...)
		if l.Limit.Verdict == VerdictRetried {
			f.Severity = Info
		}
		f.At = append(f.At, ParamRef{b.Endpoint.ID, b.Row.Param.ID})
		found = append(found, f)
	}
	return found
}

// A late is what a side sends by itself and a box does not wait for.
type late struct {
	ref  ParamRef
	text string
	said bool // somebody set its time
}

// meantToHold reports whether somebody set a time at which one side sends, that
// is too late for a box.
func (l *Leg) meantToHold(b *Box) bool {
	return slices.ContainsFunc(l.lateFor(b), func(x late) bool { return x.said })
}

// lateFor is what the two sides send too late for a box that can end a
// connection at all: the client lets go of it later, and so does the server.
func (l *Leg) lateFor(b *Box) []late {
	if d, ok := b.Row.Value.Duration(); !ok || d == model.Never || b.Refreshed || b.System.Tracking == nil || !l.canReach(b.Row.Low) {
		return nil
	}
	var found []late
	for i, s := range l.beside(b) {
		end := bothSides(l)[i]
		if b.OnExpiry == model.CloseRenewed && i == 0 {
			continue // what it sends makes a new entry
		}
		if h := end.heartbeat(); h != nil && h.Quiet {
			text := fmt.Sprintf("%s sends by itself after %s of silence (%s)", end.Endpoint.ID, model.HumanSpan(h.High), h.Name)
			if h.holds(b.Row.Low) { // in time, but the connection is ended for it
				text += fmt.Sprintf(", more often than %s suffers", l.Server.Endpoint.ID)
			}
			found = append(found, late{h.Ref, text, end.said(end.First(model.RolePingEvery))})
			continue
		}
		row := s.First(model.RoleProbeIdle)
		if !s.on(model.RoleKeepAlive) || row == nil || b.System.Tracking.Refreshed != model.AnswerYes {
			continue
		}
		after := s.span(model.RoleProbeIdle, model.Never)
		if after == model.Never {
			continue // its time is not known, or there are no probes
		}
		found = append(found, late{ParamRef{s.Endpoint.ID, row.Param.ID}, fmt.Sprintf("%s probes after %s", s.Endpoint.ID, model.HumanSpan(after)), s.said(row)})
	}
	return found
}

// said reports whether somebody set the value that is in force in a row, there
// or where it comes from.
func (s *Side) said(row *Row) bool {
	if row.Via != nil {
		if via := s.Row(row.Via.ID); via != nil {
			row = via
		}
	}
	return row.Setting.Value.IsSet() && row.Setting.Origin.Kind > model.FromAssumed
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

// crowded is the share of the workers that idle connections may hold.
const crowded = 0.5

func checkWorkers(l *Leg) []Finding {
	share := l.Load.WorkersHeld
	if share == nil || *share <= crowded {
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
