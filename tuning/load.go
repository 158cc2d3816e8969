package tuning

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Load is what a leg costs. A figure that needs a quantity nobody gave is nil.
type Load struct {
	// IdleConnections are held open at once: new connections per second times
	// how long each idles (Little's law): until the first of the two closes.
	IdleConnections *float64
	ClosesPerSecond *float64
	// TimeWait sockets on the side that closes first: closes per second times
	// 60 s (TCP_TIMEWAIT_LEN, include/net/tcp.h).
	TimeWait *float64
	// Zombies are connections whose peer vanished and that are still held:
	// vanishing peers per second times what ends a dead connection.
	ZombiesClient, ZombiesServer *float64
	// Probes of both sides: a probe and its answer per interval and connection.
	ProbePacketsPerSecond *float64
	ProbeBytesPerSecond   *float64
	// WorkersHeld is the share of the server's workers that idle connections
	// occupy, where one occupies a worker at all.
	WorkersHeld *float64
	// Requests lost to a close: at the given request rate, per hour and over
	// all connections, and at the worst rate.
	RaceProbability *float64
	FailuresPerHour *float64
}

const (
	timeWait   = 60 * time.Second
	probeBytes = 66 // an empty IPv4 segment with time stamps on Ethernet
)

// load computes what the given quantities of a leg allow.
func load(l *Leg, q model.Quantities, client, server detect.Socket) Load {
	var out Load
	arrivals, hasArrivals := perSecond(q, model.QuantityArrivals)
	if hasArrivals && l.Limit.Verdict != VerdictUnknown {
		out.ClosesPerSecond = &arrivals
		tw := arrivals * timeWait.Seconds()
		out.TimeWait = &tw
		if held := heldFor(&l.Limit); held != model.Never {
			n := arrivals * held.Seconds()
			out.IdleConnections = &n
		}
	}
	connections, hasConnections := q.Quantity(model.QuantityConnections)
	held := 0.0
	if n, ok := connections.Value.Count(); hasConnections && ok {
		held = float64(n)
		out.IdleConnections = &held
	}
	if vanish, ok := perSecond(q, model.QuantityVanish); ok {
		out.ZombiesClient = zombies(vanish, l.Ends.Client.Idle)
		out.ZombiesServer = zombies(vanish, l.Ends.Server.Idle)
	}
	if out.IdleConnections != nil {
		packets := *out.IdleConnections * (probeRate(client) + probeRate(server)) * 2
		bytes := packets * probeBytes
		out.ProbePacketsPerSecond, out.ProbeBytesPerSecond = &packets, &bytes
	}
	if workers := l.Server.count(model.RoleWorkers, 0); workers > 0 && l.Server.on(model.RolePins) && out.IdleConnections != nil {
		share := *out.IdleConnections / float64(workers)
		out.WorkersHeld = &share
	}
	out.race(l, q)
	return out
}

// heldFor is how long an idle connection stays open: a pool that only looks at
// its limit at reuse closes nothing before.
func heldFor(l *Limit) time.Duration {
	if !l.Reused {
		return 0
	}
	held := model.Never
	for _, x := range l.All {
		if x.Closes != model.CloseAtReuse {
			held = min(held, x.Low)
		}
	}
	return held
}

func (out *Load) race(l *Leg, q model.Quantities) {
	rate, ok := perSecond(q, model.QuantityRate)
	if !ok || !l.Limit.Reused || l.Limit.Verdict == VerdictUnknown {
		return
	}
	reuse, gone := latestReuseAndEarliestClose(l.Limit.All)
	p := model.RaceProbability(rate, gone, l.Window.Width, reuse)
	out.RaceProbability = &p
	if out.IdleConnections != nil {
		failures := p * rate * *out.IdleConnections * 3600
		out.FailuresPerHour = &failures
	}
}

func perSecond(q model.Quantities, name model.Quantity) (float64, bool) {
	s, ok := q.Quantity(name)
	if !ok {
		return 0, false
	}
	return s.Value.PerSecond()
}

func zombies(vanish float64, e End) *float64 {
	if e.High == model.Never || e.TimerNotKnown {
		return nil
	}
	n := vanish * e.High.Seconds()
	return &n
}

// probeRate is how many probes an idle, living connection sees per second from one side.
func probeRate(k detect.Socket) float64 {
	if !k.KeepAlive || max(k.Idle, k.Every) <= 0 {
		return 0
	}
	return 1 / max(k.Idle, k.Every).Seconds()
}
