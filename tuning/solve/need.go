package solve

import (
	"fmt"
	"math"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A need is what a goal asks of one leg, or of one side of it.
type need struct {
	goal model.Goal
	leg  int
	by   tuning.By // the side, empty for the leg
	want model.Value
	bit  uint64 // its own among the needs of the leg
}

// needs are what goals ask of the legs of a report. Numbers of connections are
// asked of the legs alone of which somebody said how many they have.
func needs(g model.Goals, r *tuning.Report) []need {
	var all []need
	for i := range r.Legs {
		for _, goal := range g.Asked() {
			want := g.Wanted[goal]
			switch goal {
			case model.GoalDetect, model.GoalOutage:
				all = append(all, need{goal: goal, leg: i, by: tuning.ByClient, want: want}, need{goal: goal, leg: i, by: tuning.ByServer, want: want})
			case model.GoalDetectClient:
				all = append(all, need{goal: goal, leg: i, by: tuning.ByClient, want: want})
			case model.GoalDetectServer:
				all = append(all, need{goal: goal, leg: i, by: tuning.ByServer, want: want})
			case model.GoalIdle, model.GoalProbes:
				if r.Legs[i].Counted() {
					all = append(all, need{goal: goal, leg: i, want: want})
				}
			case model.GoalHold, model.GoalLost:
				all = append(all, need{goal: goal, leg: i, want: want})
			}
		}
	}
	bits := map[int]int{}
	for i := range all {
		all[i].bit = 1 << bits[all[i].leg]
		bits[all[i].leg]++
	}
	return all
}

// met reports whether the leg does what is asked, by its own numbers. What nobody
// knows is not met.
func (n need) met(l *tuning.Leg) bool {
	x := n.reached(l)
	return x.known && x.worse <= n.limit()
}

// limit is the greatest measure with which a need is met.
func (n need) limit() float64 {
	if d, ok := n.want.Duration(); ok {
		if n.goal == model.GoalOutage {
			return -d.Seconds()
		}
		return d.Seconds()
	}
	if c, ok := n.want.Count(); ok {
		return float64(c)
	}
	f, _ := n.want.PerSecond()
	return f
}

// A measure is a number of a leg that a goal is held against: the greater, the
// worse. What survives an outage is counted below zero.
type measure struct {
	worse float64
	known bool
	text  string // what it is, in a clause
}

func (n need) reached(l *tuning.Leg) measure {
	side, ends := &l.Client, &l.Ends.Client
	if n.by == tuning.ByServer {
		side, ends = &l.Server, &l.Ends.Server
	}
	id := side.Endpoint.ID
	switch n.goal {
	case model.GoalDetect, model.GoalDetectClient, model.GoalDetectServer:
		return detected(id, &ends.Idle)
	case model.GoalOutage:
		all := l.Survives()
		of := all.Client
		if n.by == tuning.ByServer {
			of = all.Server
		}
		return survived(id, of)
	case model.GoalHold:
		return n.held(l)
	case model.GoalIdle:
		if open := l.Load.IdleConnections; open != nil {
			return measure{*open, true, fmt.Sprintf("about %.0f connections idle on leg %d", *open, l.Index+1)}
		}
		return measure{math.Inf(1), l.Limit.Verdict != tuning.VerdictUnknown, fmt.Sprintf("idle connections pile up on leg %d, for nothing ends them", l.Index+1)}
	case model.GoalLost:
		return lost(l)
	case model.GoalProbes:
		packets := l.Load.ProbePacketsPerSecond
		switch {
		case packets != nil:
			return measure{*packets, true, fmt.Sprintf("probes are %s packets a second on leg %d", model.Figures(*packets, 3), l.Index+1)}
		case !l.Client.Kernel.KeepAlive && !l.Server.Kernel.KeepAlive:
			return measure{0, true, fmt.Sprintf("nothing probes on leg %d", l.Index+1)}
		}
		return measure{math.Inf(1), true, fmt.Sprintf("probes grow without end on leg %d, as its connections do", l.Index+1)}
	}
	return measure{}
}

func detected(id model.EndpointID, end *tuning.End) measure {
	switch {
	case end.High != model.Never && end.Known:
		return measure{end.High.Seconds(), true, fmt.Sprintf("%s notices a dead peer after %s", id, model.HumanSpan(end.High))}
	case end.TimerNotKnown || !end.Known:
		return measure{math.Inf(1), false, fmt.Sprintf("nobody knows when %s notices a dead peer", id)}
	}
	return measure{math.Inf(1), true, fmt.Sprintf("%s never notices a dead peer", id)}
}

func survived(id model.EndpointID, of tuning.Survivals) measure {
	least, state := of.Idle, "while it is quiet"
	if !of.Busy.Known || of.Idle.Known && of.Busy.For < of.Idle.For {
		least, state = of.Busy, "with data in flight"
	}
	switch {
	case !least.Known:
		return measure{0, false, fmt.Sprintf("nobody knows what %s survives %s", id, state)}
	case least.For == model.Never:
		return measure{math.Inf(-1), true, fmt.Sprintf("%s survives any outage", id)}
	}
	text := fmt.Sprintf("%s survives an outage of %s %s", id, model.HumanSpan(least.For), state)
	if least.Name != "" {
		text += " (" + least.Name + ")"
	}
	return measure{-least.For.Seconds(), true, text}
}

// held is the longest silence on a connection that is kept: what ends of itself
// before a box forgets loses nothing, unless it is somebody's session.
func (n need) held(l *tuning.Leg) measure {
	every, _ := l.Passing()
	ended, _ := l.Ended()
	limit, _ := n.want.Duration()
	leg := l.Index + 1
	switch {
	case !l.Limit.Session && ended < every && (ended < limit || every == model.Never):
		return measure{strictly(ended), true, fmt.Sprintf("leg %d ends its connections itself after %s at the latest", leg, model.HumanSpan(ended))}
	case every == model.Never:
		return measure{math.Inf(1), true, fmt.Sprintf("nothing passes leg %d while it is quiet", leg)}
	}
	return measure{strictly(every), true, fmt.Sprintf("something passes leg %d every %s", leg, model.HumanSpan(every))}
}

// strictly is the measure of a time that has to stay below its limit.
func strictly(d time.Duration) float64 {
	if d == model.Never {
		return math.Inf(1)
	}
	return math.Nextafter(d.Seconds(), math.Inf(1))
}

func lost(l *tuning.Leg) measure {
	share, known := l.Loses()
	leg := l.Index + 1
	switch {
	case !known:
		return measure{1, false, fmt.Sprintf("what requests meet on leg %d is not known: %s is not", leg, l.Limit.Limiter.Name)}
	case l.Limit.Verdict == tuning.VerdictStale:
		return measure{1, true, fmt.Sprintf("%s forgets connections of leg %d that are still used", l.Limit.Limiter.Ref.Endpoint, leg)}
	case l.Limit.Verdict == tuning.VerdictRace:
		text := fmt.Sprintf("up to %s %% of the requests on leg %d can meet a close", model.Figures(share*100, 2), leg)
		if share == 0 { // at a rate of 0; the next request meets it all the same
			text = fmt.Sprintf("a request on leg %d can meet a close", leg)
		}
		if l.Limit.HasMargin {
			text += fmt.Sprintf(" (margin %s)", model.HumanSpan(l.Limit.Margin))
		}
		return measure{math.Nextafter(share, 2), true, text} // a race is never none
	case l.Limit.Verdict == tuning.VerdictRetried:
		return measure{0, true, fmt.Sprintf("%s repeats what meets a close on leg %d", l.Client.Endpoint.ID, leg)}
	}
	return measure{0, true, fmt.Sprintf("no request on leg %d can meet a close", leg)}
}

// tell is what the leg does and what is asked, in a clause.
func (n need) tell(l *tuning.Leg) string {
	return fmt.Sprintf("%s; %s asked for", n.reached(l).text, n.asked())
}

// asked is the goal's number with its verb.
func (n need) asked() string {
	verb := " is"
	if _, counted := n.want.Count(); counted {
		verb = " are"
	}
	text := n.goal.Human(n.want)
	switch n.goal {
	case model.GoalIdle, model.GoalLost, model.GoalProbes:
		return "at most " + text + verb
	case model.GoalHold:
		return "less than " + text + verb
	default:
		return text + verb
	}
}

// worst is the need of a goal that is furthest from being met, and what it reaches.
func worst(all []need, goal model.Goal, legs []tuning.Leg) (need, measure, bool) {
	var at need
	var found measure
	any := false
	for _, n := range all {
		if n.goal != goal {
			continue
		}
		x := n.reached(&legs[n.leg])
		if !any || !x.known && found.known || x.known == found.known && x.worse > found.worse {
			at, found, any = n, x, true
		}
	}
	return at, found, any
}

// involves reports whether a setting of a role can matter to a goal at all, on a leg
// with something on it that signs of life hold open or end.
func involves(goal model.Goal, role model.Role, tied bool) bool {
	pings := role == model.RolePingEvery || role == model.RolePingIdle
	counted := role == model.RolePingCount || role == model.RolePingWait || role == model.RoleProbeCount || role == model.RoleUserTimeout || role == model.RoleProbeAbort
	probes := role == model.RoleKeepAlive || role == model.RoleProbeIdle || role == model.RoleProbeEvery
	hint := role == model.RoleHint || role == model.RoleHintReading
	box := tied && (probes || role == model.RoleProbeCount || role == model.RoleMiddleboxTTL)
	switch goal {
	case model.GoalDetect, model.GoalDetectClient, model.GoalDetectServer:
		resent := role == model.RoleDataRetries || role == model.RoleDataAbort // of a question that nobody answers
		return probes || pings || counted || resent || role == model.RoleIdle || hint || role == model.RoleMiddleboxTTL && tied
	case model.GoalOutage:
		return probes || pings || counted || role == model.RoleDataRetries || role == model.RoleDataAbort
	case model.GoalHold:
		return probes || pings || role == model.RoleIdle || hint
	case model.GoalIdle, model.GoalLost:
		return role == model.RoleIdle || hint || pings || box
	case model.GoalProbes:
		return probes || role == model.RoleIdle || hint || pings || box
	}
	return false
}
