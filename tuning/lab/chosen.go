package lab

import "time"

// chosen is what a scenario runs when nothing is drawn: the settings of
// which the arithmetic's surprises are made.
func chosen(of Scenario) []Case {
	s := Default(of)
	const sec, milli = time.Second, time.Millisecond
	switch of {
	case IdleConnection:
		return []Case{
			s.probes(2*sec, sec, 3), s.probes(3*sec, 2*sec, 2), s.probes(sec, sec, 9), s.probes(5*sec, sec, 1),
			s.probes(sec, 3*sec, 2), with(s.probes(2*sec, sec, 3), afterProbe), with(s.probes(sec, 3*sec, 2), afterProbe),
			s.probes(3*sec, sec, 0), with(s.probes(3*sec, sec, 0), lives),
			with(s.probes(2*sec, sec, 2), was(6*sec, 4*sec)), with(s.probes(9*sec, sec, 2), was(4*sec, 3*sec)),
		}
	case IdleUserTimeout:
		return []Case{
			with(s.probes(2*sec, sec, 3), user(500*milli)), with(s.probes(2*sec, sec, 3), user(3*sec)),
			with(s.probes(2*sec, sec, 3), user(4500*milli)), with(s.probes(2*sec, sec, 3), user(10*sec)),
			with(s.probes(sec, 5*sec, 1), user(sec)), with(s.probes(2*sec, sec, 3), user(3500*milli), afterProbe),
			with(s.probes(sec, 3*sec, 2), user(2500*milli), afterProbe),
		}
	case DataInFlight:
		return []Case{
			with(s, user(300*milli)), with(s, user(3*sec)), with(s.probes(2*sec, sec, 3), user(3*sec)),
			with(s, user(3*sec), noTail), with(s, user(3*sec), several),
			with(s, retries(0)), with(s, retries(3)), with(s, retries(4)), with(s, retries(5)), with(s, retries(3), noTail),
			with(s, rtoMax(sec)), with(s, retries(8), rtoMax(3*sec)),
		}
	case ClosedWindow:
		return []Case{
			with(s, retries(3)), with(s, retries(3), afterProbe), with(s, retries(4)), with(s, user(3*sec)),
			with(s, user(4*sec), lives),
		}
	case Connecting:
		return []Case{
			with(s, syn(1, 4)), with(s, syn(1, 0)), with(s, syn(2, 4)), with(s, syn(2, 0)), with(s, syn(3, 0)), with(s, syn(3, 4)),
			with(s, user(500*milli)), with(s, user(2500*milli)), with(s, syn(1, 4), user(10*sec)),
			with(s, rtoMax(sec)), with(s, rtoMax(4*sec)), with(s, syn(3, 0), rtoMax(sec)),
		}
	case Orphaned:
		return []Case{
			with(s, rtoMax(sec)), with(s, rtoMax(4*sec)), with(s, orphans(8), rtoMax(sec)),
			with(s, orphans(3)), with(s, orphans(3), user(2*sec)),
		}
	case HalfClosed:
		return []Case{
			with(s.probes(2*sec, sec, 3), half(PeerShut)), with(s.probes(2*sec, sec, 3), half(OwnShut)),
			with(s, half(OwnClose), fin(4*sec)), with(s, half(OwnClose), fin(sec)), with(s, half(OwnClose), fin(63*sec)),
		}
	case LateWrite:
		return []Case{
			with(s.probes(2*sec, sec, 3), retries(3), at(4800*milli)), with(s.probes(2*sec, sec, 3), user(6*sec), at(5500*milli)),
			with(s.probes(2*sec, sec, 3), user(2*sec), at(sec)),
		}
	case Middlebox:
		return append(boxes(s), ladders(s)...)
	case PeerGone:
		all := []Case{with(s.probes(2*sec, sec, 3), leaving(Reboots))}
		for _, d := range departures() {
			all = append(all, with(s, leaving(d)))
		}
		return all
	case All:
	}
	return nil
}

// boxes is every policy met by every way to be idle.
func boxes(s Case) []Case {
	const sec = time.Second
	var all []Case
	for _, policy := range []Policy{DropInvalid, Strict} {
		for _, loose := range []bool{false, true} {
			for _, reset := range []bool{false, true} {
				s.Router = Router{Timeout: 3 * sec, Policy: policy, Loose: loose, Reset: reset}
				fromServer := with(s, user(2*sec))
				fromServer.Router.FromServer = true
				all = append(all, with(s, user(2*sec)), fromServer, s.probes(2*sec, sec, 3), s.probes(3*sec, sec, 2))
			}
		}
	}
	return all
}

func with(s Case, changes ...func(*Case)) Case {
	for _, change := range changes {
		change(&s)
	}
	return s
}

func afterProbe(s *Case) { s.AfterProbe = true }
func lives(s *Case)      { s.PeerLives = true }
func noTail(s *Case)     { s.TailLossProbe = false }
func several(s *Case)    { s.Several = true }

func user(u time.Duration) func(*Case) { return func(s *Case) { s.UserTimeout = u } }
func at(w time.Duration) func(*Case)   { return func(s *Case) { s.WriteAt = w } }
func retries(n int64) func(*Case)      { return func(s *Case) { s.Retries = n } }

func rtoMax(d time.Duration) func(*Case) { return func(s *Case) { s.RTOMax = d } }
func orphans(n int64) func(*Case)        { return func(s *Case) { s.Orphans = n } }
func half(h Half) func(*Case)            { return func(s *Case) { s.Half = h } }
func fin(d time.Duration) func(*Case)    { return func(s *Case) { s.FinTimeout = d } }

func was(idle, at time.Duration) func(*Case) {
	return func(s *Case) { s.IdleWas, s.IdleSetAt = idle, at }
}

func leaving(d Departure) func(*Case) { return func(s *Case) { s.Departure = d } }

func syn(n, linear int64) func(*Case) {
	return func(s *Case) { s.SynRetries, s.SynLinear = n, linear }
}
