package livetest

import (
	"time"

	"example.com/keeptune/model"
)

// A TimerAttribution tells the target's own idle timer from that of the path in front of it. It
// needs idle samples and a ladder, and is certain with a cooperating far end beside the
// target, which has no timer of its own.
type TimerAttribution struct {
	// Server is the lowest close by the target, nil where none was seen. It may be a proxy's
	// that ends connections in front of it.
	Server *time.Duration
	// Path holds what is known of each direction in which the path forgets connections.
	Path []PathTimer
	// Hidden is true where the target's close was not seen and could not be: the path had
	// forgotten the connection by then, and let the FIN vanish.
	Hidden bool
}

// A PathTimer is when a path ends a silent connection: after Alive, by Dead.
type PathTimer struct {
	Direction   Direction // who sends first after the silence
	Alive, Dead time.Duration
	Close       CloseKind
}

// First is the shortest gap that the path does not outlive, [Never] where it forgets nothing.
func (a TimerAttribution) First() time.Duration {
	first := model.Never
	for _, p := range a.Path {
		first = min(first, p.Dead)
	}
	return first
}

// TimerAttribution concludes from a result; its zero value says that nothing is known.
func (r Result) TimerAttribution() TimerAttribution {
	var a TimerAttribution
	farEnd := r.Spec.Ladder != nil && r.Spec.Ladder.FarEnd != ""
	for _, l := range r.Ladders {
		forgotten := l.Close == CloseSilent || l.Close == CloseRSTOnSend
		switch {
		case l.Probes || l.Dead == nil || l.contradicts():
		case farEnd || forgotten:
			p := PathTimer{Direction: l.Direction, Dead: *l.Dead, Close: l.Close}
			if l.Alive != nil {
				p.Alive = min(*l.Alive, *l.Dead)
			}
			a.Path = append(a.Path, p)
		case l.Close == CloseFIN || l.Close == Close408:
			a.Server = l.Dead
		}
	}
	if low := r.Idle.Low; low != nil && (r.Idle.Close != CloseRST || !a.resets(*low)) {
		a.Server = low
	}
	a.Hidden = a.Server == nil && r.Spec.Measures(MeasureIdle) && a.First() < r.Spec.IdleLimit && !r.holds(a.First())
	return a
}

// resets reports whether the path resets silent connections at about that time itself.
func (a TimerAttribution) resets(at time.Duration) bool {
	for _, p := range a.Path {
		if p.Close == CloseRST && (p.Dead-at).Abs() <= sameTimer {
			return true
		}
	}
	return false
}

// holds reports whether the idle samples sent TCP probes more often than a timer of the path.
func (r Result) holds(timer time.Duration) bool {
	o := r.Spec.Socket
	if r.Socket != nil {
		o = *r.Socket
	}
	return o.KeepAlive && o.Idle > 0 && o.Idle < timer && o.Interval < timer
}
