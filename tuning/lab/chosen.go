package lab

import "time"

// chosen is what a scenario runs when nothing is drawn: the settings of
// which the arithmetic's surprises are made.
func chosen(of Scenario) []Settings {
	s := Default(of)
	const sec, milli = time.Second, time.Millisecond
	switch of {
	case IdleConnection:
		return []Settings{
			s.probes(2*sec, sec, 3), s.probes(3*sec, 2*sec, 2), s.probes(sec, sec, 9), s.probes(5*sec, sec, 1),
			s.probes(sec, 3*sec, 2), with(s.probes(2*sec, sec, 3), afterProbe), with(s.probes(sec, 3*sec, 2), afterProbe),
		}
	case IdleUserTimeout:
		return []Settings{
			with(s.probes(2*sec, sec, 3), user(500*milli)), with(s.probes(2*sec, sec, 3), user(3*sec)),
			with(s.probes(2*sec, sec, 3), user(4500*milli)), with(s.probes(2*sec, sec, 3), user(10*sec)),
			with(s.probes(sec, 5*sec, 1), user(sec)), with(s.probes(2*sec, sec, 3), user(3500*milli), afterProbe),
			with(s.probes(sec, 3*sec, 2), user(2500*milli), afterProbe),
		}
	case DataInFlight:
		return []Settings{
			with(s, user(300*milli)), with(s, user(3*sec)), with(s.probes(2*sec, sec, 3), user(3*sec)),
			with(s, user(3*sec), noTail), with(s, user(3*sec), several),
			with(s, retries(0)), with(s, retries(3)), with(s, retries(4)), with(s, retries(5)), with(s, retries(3), noTail),
		}
	case ClosedWindow:
		return []Settings{
			with(s, retries(3)), with(s, retries(3), afterProbe), with(s, retries(4)), with(s, user(3*sec)),
			with(s, user(4*sec), func(s *Settings) { s.PeerLives = true }),
		}
	case Connecting:
		return []Settings{
			with(s, syn(1, 4)), with(s, syn(1, 0)), with(s, syn(2, 4)), with(s, syn(2, 0)), with(s, syn(3, 0)), with(s, syn(3, 4)),
			with(s, user(500*milli)), with(s, user(2500*milli)), with(s, syn(1, 4), user(10*sec)),
		}
	case LateWrite:
		return []Settings{
			with(s.probes(2*sec, sec, 3), retries(3), at(4800*milli)), with(s.probes(2*sec, sec, 3), user(6*sec), at(5500*milli)),
			with(s.probes(2*sec, sec, 3), user(2*sec), at(sec)),
		}
	case Middlebox:
		return append(boxes(s), climbs(s)...)
	case PeerGone:
		all := []Settings{with(s.probes(2*sec, sec, 3), leaving(Reboots))}
		for _, d := range departures() {
			all = append(all, with(s, leaving(d)))
		}
		return all
	case All:
	}
	return nil
}

// boxes is every policy met by every way to be idle.
func boxes(s Settings) []Settings {
	const sec = time.Second
	var all []Settings
	for _, policy := range []Policy{DropInvalid, Strict} {
		for _, loose := range []bool{false, true} {
			for _, reset := range []bool{false, true} {
				s.Box = Box{Timeout: 3 * sec, Policy: policy, Loose: loose, Reset: reset}
				fromServer := with(s, user(2*sec))
				fromServer.Box.FromServer = true
				all = append(all, with(s, user(2*sec)), fromServer, s.probes(2*sec, sec, 3), s.probes(3*sec, sec, 2))
			}
		}
	}
	return all
}

func with(s Settings, changes ...func(*Settings)) Settings {
	for _, change := range changes {
		change(&s)
	}
	return s
}

func afterProbe(s *Settings) { s.AfterProbe = true }
func noTail(s *Settings)     { s.TailLossProbe = false }
func several(s *Settings)    { s.Several = true }

func user(u time.Duration) func(*Settings) { return func(s *Settings) { s.UserTimeout = u } }
func at(w time.Duration) func(*Settings)   { return func(s *Settings) { s.WriteAt = w } }
func retries(n int64) func(*Settings)      { return func(s *Settings) { s.Retries = n } }

func leaving(d Departure) func(*Settings) { return func(s *Settings) { s.Departure = d } }

func syn(n, linear int64) func(*Settings) {
	return func(s *Settings) { s.SynRetries, s.SynLinear = n, linear }
}
