package livetest

import (
	"slices"
	"time"
)

// probeParts gathers what the measurements beside idle and requests say.
type parts struct {
	rungs     []Rung
	race      *Race
	hold      *Hold
	http2     *HTTP2
	intervals map[Role]*interval
	opened    map[int]time.Duration // connection: its handshakes
	fresh     []time.Duration
	reused    []time.Duration
}

func (p *parts) add(e Event) {
	switch e.Role {
	case RoleLadder:
		p.rung(e)
	case RoleRace:
		p.interval(e)
		if e.Kind == EventStep {
			if p.race == nil {
				p.race = &Race{}
			}
			p.race.take(e)
		}
	case RoleHold:
		p.interval(e)
		if p.hold == nil {
			p.hold = &Hold{}
		}
		p.hold.take(e)
	case RoleHTTP2:
		if p.http2 == nil {
			p.http2 = &HTTP2{}
		}
		p.http2.take(e)
	case RoleIdle, RoleControl, RoleRequests:
		p.reuseSaving(e)
	default:
	}
}

// rung opens a rung, or fills in its answer.
func (p *parts) rung(e Event) {
	i := slices.IndexFunc(p.rungs, func(r Rung) bool { return r.Conn == e.Conn })
	switch {
	case e.Kind == EventRung && i < 0:
		i = len(p.rungs)
		p.rungs = append(p.rungs, Rung{
			Conn: e.Conn, Gap: e.Gap, Direction: e.Direction, Probes: e.Probes, Round: e.Round, Zero: e.At, State: SampleWatched,
		})
	case i < 0:
		return
	}
	r := &p.rungs[i]
	switch {
	case e.Kind == EventFailed:
		r.State, r.Why = SampleFailed, e.Text
	case e.Kind == EventRung && e.Done && e.Close == "":
		r.State, r.Why = SampleDiscarded, e.Text
	case e.Kind == EventRung && e.Done && e.Close == CloseNone:
		r.State, r.Close = SampleOpen, CloseNone
	case e.Kind == EventRung && e.Done:
		r.State, r.Close, r.After, r.Found, r.Why = SampleClosed, e.Close, e.After, e.At, e.Text
		if e.Took > r.Gap+timerNoise {
			r.Kept = e.Took
		}
	}
}

// reuseSaving times first answers on fresh connections and later ones on open ones, whole pages
// only; request counting tells the median of its own.
func (p *parts) reuseSaving(e Event) {
	switch {
	case e.Kind == EventConnected:
		if p.opened == nil {
			p.opened = map[int]time.Duration{}
		}
		p.opened[e.Conn] = e.Connect + e.Handshake
	case e.Kind == EventResponse && e.Method != "":
	case e.Kind == EventResponse && e.Request == 1 && e.Took > 0:
		p.fresh = append(p.fresh, p.opened[e.Conn]+e.Took)
	case (e.Kind == EventResponse || e.Kind == EventCounted && e.Done) && e.Request > 1 && e.Took > 0:
		p.reused = append(p.reused, e.Took)
	}
}

// conclude fills in the result; invalid says why a sample is not believed, unanswered why
// it proves nothing that what was sent after a rung's silence found the connection dead.
func (p *parts) conclude(r *Result, invalid func(Sample) string, unanswered func(Rung) string) {
	rungs := slices.Clone(p.rungs)
	for i := range rungs {
		g := &rungs[i]
		after := g.Gap
		if g.After > 0 {
			after = g.After
		}
		// What is sent too late is known to be late, and proves as much.
		onSend := g.Close == CloseSilent || g.Close == CloseRSTOnSend
		why := invalid(Sample{State: g.State, Zero: g.Zero, After: after, Exact: g.Close == CloseNone || onSend})
		if why == "" && g.State == SampleClosed && onSend {
			why = unanswered(*g)
		}
		if why != "" {
			g.State, g.Why = SampleDiscarded, why
		}
	}
	r.Ladders = ladders(rungs)
	if p.race != nil {
		race := *p.race
		race.Steps = slices.DeleteFunc(slices.Clone(race.Steps), func(s RaceStep) bool { return s.Sent+s.Closed == 0 })
		if r.Spec.Race != nil {
			race.Mode = r.Spec.Race.Mode
		}
		if race.Mode == RacePoisson { // a close seen in time is a request that went well
			for _, s := range race.Steps {
				race.Requests += s.Closed
			}
		}
		r.Race = &race
	}
	if p.hold != nil {
		r.Hold = p.hold.clone()
		r.Hold.Asked = r.Spec.Hold
	}
	if p.http2 != nil {
		h := *p.http2
		h.Idle = condense(r.Samples, RoleHTTP2)
		r.HTTP2 = &h
	}
	if n := min(len(p.fresh), len(p.reused)); n > 0 {
		r.ReuseSaving = &ReuseSaving{Fresh: median(p.fresh), Reused: median(p.reused), Samples: n}
	}
}
