package detect

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
)

// timerByTimer is a chain of retransmissions without any timer left out: jiffies to the abort,
// or to a deadline, and to the last try before it.
func timerByTimer(s Socket, start int64, d chain, ceiling, until, last, deadline int64) (end, tried int64) {
	now := start
	if d.tail > 0 {
		now = fire(now, d.tail)
	}
	if now-start < deadline {
		tried = now - start
	}
	now = fire(now, d.rto)
	first, rto := now, d.rto
	for n := 1; now-start < deadline; n++ {
		tried = now - start
		if rto = s.next(rto, ceiling, n); rto == ceiling {
			until = min(until, last)
		}
		wait := rto
		if s.UserTimeout > 0 && !s.Unclamped {
			wait = max(min(rto, until-(now-first)), 1)
		}
		if now = fire(now, wait); now-first >= until {
			return now - start, tried
		}
	}
	return deadline, tried
}

// What is left out of a long chain of equal timers changes nothing: neither the end, nor the
// last try, nor where a deadline falls between.
func TestSkippedTimersChangeNothing(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		s := sockets.Draw(t, "socket")
		s.Unclamped = rapid.Bool().Draw(t, "unclamped")
		s.RTOMax = time.Duration(rapid.IntRange(200, 5000).Draw(t, "ceiling")) * time.Millisecond
		c := newClock(s.HZ)
		d, ceiling := s.chain(c), s.rtoMax(c)
		start, last := int64(rapid.IntRange(0, 600).Draw(t, "phase")), int64(rapid.IntRange(1, 40_000).Draw(t, "at the ceiling"))
		until, never := int64(rapid.IntRange(1, 80_000).Draw(t, "limit")), int64(1)<<62
		if rapid.Bool().Draw(t, "at a timer") { // and not one jiffy beside it
			_, tried := timerByTimer(s, start, d, ceiling, until, until, never)
			until = max(tried-(fire(fire(start, d.tail), d.rto)-start), 1)
		}
		deadline := rapid.SampledFrom([]int64{never, until / 2, until, until + ceiling}).Draw(t, "deadline")
		end, tried := s.run(start, d, ceiling, until, last, deadline)
		wantEnd, wantTried := timerByTimer(s, start, d, ceiling, until, last, deadline)
		if end != wantEnd || tried != wantTried {
			t.Fatalf("%d, last try at %d; timer by timer %d and %d", end, tried, wantEnd, wantTried)
		}
	})
}

// probeByProbe is a closed window's chain without any timer left out.
func probeByProbe(s Socket, start, base, ceiling, until int64, dead bool) int64 {
	now := fire(start, base)
	first := now
	for n := int64(0); n == 0 || now-first < until && (!dead || n < s.Retries); n++ {
		now = fire(now, min(base<<min(n+1, s.Retries, 10), ceiling, max(until-(now-first), 2)))
	}
	return now - start
}

func TestSkippedWindowProbesChangeNothing(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		s := Linux()
		s.Retries = int64(rapid.IntRange(1, 20).Draw(t, "retries"))
		start, base := int64(rapid.IntRange(0, 600).Draw(t, "phase")), int64(rapid.IntRange(1, 300).Draw(t, "RTO"))
		ceiling, until := int64(rapid.IntRange(300, 3000).Draw(t, "ceiling")), int64(rapid.IntRange(1, 100_000).Draw(t, "limit"))
		for _, dead := range []bool{false, true} {
			got, want := s.probeWindow(start, base, ceiling, until, dead), probeByProbe(s, start, base, ceiling, until, dead)
			if got != want {
				t.Fatalf("dead %v: given up after %d; probe by probe %d", dead, got, want)
			}
		}
	})
}

// Two timers at least and fewer than three are left to run one by one.
func TestSkipLeavesTwoTimers(t *testing.T) {
	for _, timer := range []int64{1, 62, 63, 500, 30_000} {
		every := fire(0, timer)
		for left, want := range map[int64]int64{
			-every: 0, 0: 0, 3*every - 1: 0, 3 * every: every, 4*every - 1: every, 4 * every: 2 * every, 1000*every + 1: 998 * every,
		} {
			if got := skip(left, timer); got != want {
				t.Errorf("a timer of %d jiffies and %d left: %d are skipped, want %d", timer, left, got, want)
			}
		}
	}
}

// The first tick that is not before a limit, over every moment at which they may have begun.
func TestCrossing(t *testing.T) {
	const step = 4
	for low := range int64(12) {
		for high := low; high < 16; high++ {
			for limit := range int64(24) {
				first, last := int64(1)<<62, int64(0)
				for r := low; r <= high; r++ {
					tick := r
					for tick < limit {
						tick += step
					}
					first, last = min(first, tick), max(last, tick)
				}
				gotFirst, gotLast := crossing(interval{low, high, 1}, limit, step)
				if gotFirst > first || gotLast < last || gotFirst < limit || gotLast-last >= step || first-gotFirst >= step {
					t.Fatalf("ticks every %d from %d to %d on, limit %d: %d to %d, want %d to %d", step, low, high, limit, gotFirst, gotLast, first, last)
				}
			}
		}
	}
}

// Each bound of a socket: the last value that a kernel takes, and the first that it does not.
func TestSocketBounds(t *testing.T) {
	const longest = 1 << 31 * time.Second
	times := func(set func(*Socket, time.Duration), low, high time.Duration) func(int, time.Duration) Socket {
		return func(end int, beyond time.Duration) Socket {
			s := Linux()
			set(&s, []time.Duration{low - beyond, high + beyond}[end])
			return s
		}
	}
	counts := func(set func(*Socket, int64), low, high int64) func(int, time.Duration) Socket {
		return times(func(s *Socket, d time.Duration) { set(s, int64(d)) }, time.Duration(low), time.Duration(high))
	}
	for name, at := range map[string]func(end int, beyond time.Duration) Socket{
		"HZ":                     counts(func(s *Socket, n int64) { s.HZ = int(n) }, 24, 1200),
		"idle":                   times(func(s *Socket, d time.Duration) { s.Idle = d }, 0, longest),
		"interval":               times(func(s *Socket, d time.Duration) { s.Every = d }, 0, longest),
		"count":                  counts(func(s *Socket, n int64) { s.Count = n }, 0, 255),
		"retries":                counts(func(s *Socket, n int64) { s.Retries = n }, 0, 255),
		"TCP_USER_TIMEOUT":       times(func(s *Socket, d time.Duration) { s.UserTimeout = d }, 0, (1<<31-1)*time.Millisecond),
		"RTT":                    times(func(s *Socket, d time.Duration) { s.RTT = d }, 0, time.Hour),
		"SYN retries":            counts(func(s *Socket, n int64) { s.SynRetries = n }, 0, 127),
		"linear timeouts of SYN": counts(func(s *Socket, n int64) { s.SynLinear = n }, 0, 127),
		"orphan retries":         counts(func(s *Socket, n int64) { s.Orphans = n }, 0, 255),
		"FIN_WAIT2":              times(func(s *Socket, d time.Duration) { s.FinTimeout = d }, 0, longest),
		"close of Multipath TCP": times(func(s *Socket, d time.Duration) { s.CloseTimeout = d }, 0, longest),
		"RTO":                    times(func(s *Socket, d time.Duration) { s.RTO = d }, 0, time.Hour),
		"least RTO":              times(func(s *Socket, d time.Duration) { s.RTOMin = d }, 0, time.Hour),
		"largest RTO":            times(func(s *Socket, d time.Duration) { s.RTOMax = d }, 0, 24*time.Hour),
	} {
		for end, side := range []string{"least", "most"} {
			if err := at(end, 0).Check(); err != nil {
				t.Errorf("%s, the %s: %v", name, side, err)
			}
			if s := at(end, 1); s.Check() == nil {
				t.Errorf("%s, beyond the %s: it is taken", name, side)
			}
		}
	}
	illumos := Of(model.StackIllumos)
	illumos.HZ, illumos.Retries = DefaultHZ, 256 // no number of retries there, but a time
	if err := illumos.Check(); err != nil {
		t.Error(err)
	}
}

// Limits that a sum of timeouts meets exactly, and those a millisecond above.
func TestExactTimers(t *testing.T) {
	const milli = time.Millisecond
	plain := Linux() // RTO 200 ms, no tail loss probe
	plain.HZ, plain.RTT, plain.TailLossProbe, plain.Unclamped = 1000, 0, false, true
	for user, want := range map[time.Duration]time.Duration{1200 * milli: 1400 * milli, 1201 * milli: 3000 * milli, 2800 * milli: 3000 * milli} {
		s := plain
		s.UserTimeout = user
		if got := InFlight(s).After; got != want {
			t.Errorf("TCP_USER_TIMEOUT %s looked at when a timer fires: %s, want %s", user, got, want)
		}
	}
	probed := plain
	probed.TailLossProbe = true
	if without, with := InFlight(plain), InFlight(probed); with.High-without.High <= 200*milli {
		t.Errorf("a tail loss probe moves the end from %s to %s", without.High, with.High)
	}
	hasty := Linux() // TCP_USER_TIMEOUT with an interval of 0
	hasty.KeepAlive, hasty.Every, hasty.UserTimeout = true, 0, 3*time.Hour
	if got := Idle(hasty).After; got != hasty.Idle {
		t.Errorf("probes without an interval give up after %s, want %s", got, hasty.Idle)
	}
	several := Linux() // 60 s are 15000 jiffies, whose level of the wheel has steps of 512
	several.Multipath = true
	one, both := InFlight(Linux()), InFlight(several)
	if low, high := both.Low-one.Low, both.High-one.High; low != time.Minute || high != time.Minute+513*4*milli {
		t.Errorf("net.mptcp.close_timeout of 60 s takes %s to %s, want 1m0s to 1m2.052s", low, high)
	}
}

// What a write stops is told by which of the two comes first.
func TestWritingSaysWhatDecides(t *testing.T) {
	s := Linux()
	s.KeepAlive, s.Idle, s.Every, s.Count = true, time.Minute, 10*time.Second, 3
	probes := Idle(s).High
	for p, want := range map[time.Duration]string{probes: "dead right after a write", probes + 1: "the probes would take"} {
		if got := Writing(s, p).Because[0]; got[:len(want)] != want {
			t.Errorf("a write every %s: %q, want %q", p, got, want)
		}
	}
	for p, want := range map[time.Duration]bool{s.Idle - 1: true, s.Idle: false} {
		because := Writing(s, p).Because
		if got := strings.Contains(because[len(because)-1], "from running at all"); got != want {
			t.Errorf("a write every %s keeps the probes from running: %v, want %v", p, got, want)
		}
	}
}

// A write on a connection that the probes have given up is too late to decide anything.
func TestWriteAfterTheProbes(t *testing.T) {
	s := Linux()
	s.KeepAlive, s.Idle, s.Every, s.Count = true, time.Minute, 10*time.Second, 3
	probes := Idle(s)
	for w, want := range map[time.Duration]time.Duration{
		probes.High: probes.After, probes.High - 1: model.Add(probes.High-1, InFlight(s).After),
	} {
		if got := WriteAt(s, w).After; got != want {
			t.Errorf("a write after %s: given up after %s, want %s", w, got, want)
		}
	}
}

// The first timeout after the handshake: the round trip and twice it, or the floor, up to the
// ceiling.
func TestFreshTimeout(t *testing.T) {
	const milli = time.Millisecond
	for rtt, want := range map[time.Duration]time.Duration{0: 200 * milli, 100 * milli: 300 * milli, 101 * milli: 303 * milli, time.Minute: 2 * time.Minute} {
		s := Linux()
		s.RTT = rtt
		if got := s.Fresh(); got != want {
			t.Errorf("RTT %s: %s, want %s", rtt, got, want)
		}
	}
}

// From a time on a limit of illumos counts as none.
func TestEndlessLimits(t *testing.T) {
	for limit, want := range map[time.Duration]bool{endless - 1: false, endless: true} {
		s := Of(model.StackIllumos)
		s.KeepAlive, s.ProbeAbort, s.DataAbort = true, limit, limit
		if idle, flight := Idle(s).After == model.Never, InFlight(s).After == model.Never; idle != want || flight != want {
			t.Errorf("limits of %s: never given up %v and %v, want %v", limit, idle, flight, want)
		}
	}
}
