package lab

import (
	"math/rand/v2"
	"time"

	"example.com/keeptune/tuning/detect"
)

// Longest is the longest that a drawn setting may take to be given up.
const longest = 30 * time.Second

// draw draws n settings, the scenarios in turn.
func draw(from []Scenario, n int, seed uint64) []Case {
	d := dice{rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // reproducible by design
	all := make([]Case, n)
	for i := range all {
		all[i] = d.settings(from[i%len(from)])
	}
	return all
}

type dice struct{ *rand.Rand }

// between is a whole number from low to high.
func (d dice) between(low, high int64) int64 { return low + d.Int64N(high-low+1) }

func (d dice) seconds(low, high int64) time.Duration {
	return time.Duration(d.between(low, high)) * time.Second
}

// millis is a time from low to high ms, in steps of 1 ms.
func (d dice) millis(low, high int64) time.Duration {
	return time.Duration(d.between(low, high)) * time.Millisecond
}

// oneIn is true once in n.
func (d dice) oneIn(n int64) bool { return d.Int64N(n) == 0 }

// settings draws until the result ends soon enough.
func (d dice) settings(of Scenario) Case {
	for {
		s := d.any(of)
		at := facts{HZ: detect.DefaultHZ, RTT: detect.DefaultRTT, WriteAt: s.WriteAt, SetAt: s.IdleSetAt}
		if predict(s, at).High <= longest {
			return s
		}
	}
}

func (d dice) any(of Scenario) Case {
	s := Default(of)
	s.Lead = d.millis(0, 900)
	switch of {
	case IdleConnection, IdleUserTimeout:
		s = s.probes(d.seconds(1, 6), d.seconds(1, 5), d.between(1, 5))
		s.AfterProbe = d.oneIn(3)
		if of == IdleUserTimeout {
			s.UserTimeout = d.millis(200, 15000)
		}
		switch d.Int64N(5) {
		case 0:
			d.noProbes(&s)
		case 1:
			d.change(&s)
		}
	case DataInFlight:
		d.flight(&s)
		d.ceiling(&s)
		s.TailLossProbe, s.Several = !d.oneIn(4), d.oneIn(4)
		if d.oneIn(3) {
			s = s.probes(d.seconds(1, 3), time.Second, d.between(1, 3))
		}
	case ClosedWindow:
		d.window(&s)
	case Connecting:
		s.SynRetries, s.SynLinear = d.between(1, 4), d.between(0, 4)
		d.ceiling(&s)
		if d.oneIn(2) {
			s.UserTimeout = d.millis(200, 12000)
		}
	case LateWrite:
		s = s.probes(d.seconds(1, 6), d.seconds(1, 4), d.between(1, 4))
		d.flight(&s)
		idle := detect.Idle(s.socket(facts{HZ: detect.DefaultHZ}))
		s.WriteAt = d.millis(200, (idle.Low - 100*time.Millisecond).Milliseconds())
	case Orphaned:
		s.Orphans = d.between(0, 5)
		d.ceiling(&s)
		if d.oneIn(4) {
			s.UserTimeout = d.millis(200, 8000)
		}
	case HalfClosed:
		d.half(&s)
	case Middlebox:
		d.box(&s)
	case PeerGone:
		s.Departure = departures()[d.IntN(len(departures()))]
		if s.Departure == Reboots && !d.oneIn(3) {
			s = s.probes(d.seconds(1, 8), d.seconds(1, 3), d.between(1, 3))
		}
	case All:
	}
	return s
}

// flight draws what ends a retransmission: TCP_USER_TIMEOUT or tcp_retries2.
func (d dice) flight(s *Case) {
	if d.oneIn(2) {
		s.UserTimeout = d.millis(200, 10000)
		return
	}
	s.Retries = d.between(0, 5)
}

// ceiling draws tcp_rto_max_ms in two of three cases.
func (d dice) ceiling(s *Case) {
	if !d.oneIn(3) {
		s.RTOMax = d.millis(1000, 6000)
	}
}

// noProbes draws tcp_keepalive_probes = 0, which cuts a peer off that lives, too.
func (d dice) noProbes(s *Case) {
	s.Count, s.AfterProbe = 0, false
	s.PeerLives = s.UserTimeout == 0 && d.oneIn(2)
}

// change draws a TCP_KEEPIDLE that is set anew during the silence.
func (d dice) change(s *Case) {
	s.AfterProbe, s.IdleWas = false, d.seconds(2, 8)
	s.IdleSetAt = d.millis(200, s.IdleWas.Milliseconds()-200)
}

func (d dice) half(s *Case) {
	s.Half = halves()[d.IntN(len(halves()))]
	if s.Half == OwnClose {
		s.FinTimeout = d.seconds(1, 20) // below is a matter of the RTO, which the last answer changes
		if d.oneIn(3) {
			s.FinTimeout = d.seconds(61, 70)
		}
		return
	}
	*s = s.probes(d.seconds(1, 6), d.seconds(1, 4), d.between(0, 4))
	if d.oneIn(3) {
		s.UserTimeout = d.millis(200, 12000)
	}
}

func (d dice) window(s *Case) {
	if d.oneIn(2) {
		s.UserTimeout = d.millis(500, 8000)
		s.PeerLives = d.oneIn(2)
		return
	}
	s.Retries = d.between(3, 4)
	s.AfterProbe = s.Retries == 3 && d.oneIn(2)
}

func (d dice) box(s *Case) {
	s.Router = Router{
		Timeout: d.seconds(3, 8), Policy: []Policy{DropInvalid, Strict}[d.Int64N(2)],
		Loose: d.oneIn(2), Reset: d.oneIn(3),
	}
	switch d.Int64N(3) {
	case 0:
		s.UserTimeout = d.millis(500, 3000)
		s.Router.FromServer = d.oneIn(3)
	case 1: // refreshed in time
		*s = s.probes(d.seconds(1, int64(s.Router.Timeout/time.Second)-1), time.Second, 3)
	case 2: // too late: timers are, the box is not
		*s = s.probes(s.Router.Timeout, time.Second, d.between(1, 3))
	}
}
