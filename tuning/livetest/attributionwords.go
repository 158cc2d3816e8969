package livetest

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// AttributionText tells the server's idle timer from the path's in two sentences; "" where a result does
// not hold both questions, or nothing is known yet.
func (r Result) AttributionText() string {
	if !r.Spec.Measures(MeasureIdle) || len(r.Ladders) == 0 || r.Idle.Samples == 0 {
		return ""
	}
	a := r.TimerAttribution()
	text := "The server does not close within " + model.HumanSpan(r.Spec.IdleLimit)
	switch {
	case a.Server != nil:
		text = "The server closes at " + toMillis(*a.Server)
	case a.Hidden:
		text = "The server's close was not seen"
	}
	path := a.Path
	if one, ok := merged(path); ok {
		text += "; the path " + ends(one)
		path = nil
	} else if len(path) == 0 {
		outlived := longest(r.Ladders)
		if outlived == 0 {
			return ""
		}
		text += "; the path forgets nothing within " + model.HumanSpan(outlived)
	}
	for _, p := range path {
		who := "this end"
		if p.Direction == Inward {
			who = "the far end"
		}
		text += fmt.Sprintf("; the path %s where %s sends first", ends(p), who)
	}
	return text + "." + consequence(a)
}

func toMillis(d time.Duration) string { return model.HumanSpan(d.Round(time.Millisecond)) }

// longest is the longest gap that was outlived.
func longest(all []Ladder) (d time.Duration) {
	for _, l := range all {
		if l.Alive != nil && !l.Probes {
			d = max(d, *l.Alive)
		}
	}
	return d
}

// merged is what both directions say where it can be one timer.
func merged(path []PathTimer) (PathTimer, bool) {
	if len(path) != 2 || path[0].Close != path[1].Close {
		return PathTimer{}, false
	}
	one := path[0]
	one.Alive, one.Dead = max(one.Alive, path[1].Alive), min(one.Dead, path[1].Dead)
	return one, one.Alive < one.Dead
}

// ends says when and how the path ends a silent connection.
func ends(p PathTimer) string {
	switch {
	case p.Close == CloseRST:
		return "resets it at " + toMillis(p.Dead)
	case p.Close == CloseFIN:
		return "closes at " + toMillis(p.Dead)
	case p.Alive == 0:
		return "forgets by " + toMillis(p.Dead)
	}
	return fmt.Sprintf("forgets between %s and %s", toMillis(p.Alive), toMillis(p.Dead))
}

// consequence says whose timer ends idle connections, and what that means.
func consequence(a TimerAttribution) string {
	at := a.First()
	switch {
	case a.Hidden:
		return " The path ends connections earlier: hold it with TCP keep-alive and test again."
	case a.Server != nil && *a.Server < at && at < model.Never:
		return " The server is first, and its close arrives."
	case a.Server != nil && at < model.Never:
		return " The path is first: without TCP keep-alive the server's close does not arrive."
	}
	return ""
}
