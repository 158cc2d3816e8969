package detect

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// A lowered ceiling of the timeout bounds connect() and orphans; the default
// leaves both as they were.
func TestCeiling(t *testing.T) {
	const sec, milli = time.Second, time.Millisecond
	for _, c := range []struct {
		what    string
		f       func(Socket) Detection
		ceiling time.Duration
		took    time.Duration
	}{
		{"connect", Connect, sec, 7160 * milli},
		{"connect", Connect, 4 * sec, 23580 * milli},
		{"orphan", Orphan, sec, 2511 * milli},
		{"orphan", Orphan, 4 * sec, 10700 * milli},
		{"orphan", Orphan, 2 * time.Minute, 106646 * milli},
	} {
		s := Linux()
		s.RTOMax = c.ceiling
		d := c.f(s)
		if c.took < d.Low || c.took > d.High {
			t.Errorf("%s with a ceiling of %s: %s to %s, without %s", c.what, c.ceiling, d.Low, d.High, c.took)
		}
		if d.High-d.Low > d.High/10 {
			t.Errorf("%s with a ceiling of %s: %s to %s is too wide to say anything", c.what, c.ceiling, d.Low, d.High)
		}
	}
	// Above the threshold of tcp_model_timeout() one more SYN costs one ceiling.
	s := Linux()
	s.SynRetries, s.SynLinear = 7, 0
	if d := Connect(s); d.After != 247*sec {
		t.Errorf("seven SYN retransmissions end after %s, want 127 s + 120 s", d.After)
	}
}

// A count of 8 that is set means 8 whatever the timeout is, 0 only below its ceiling.
func TestOrphanCountOfZero(t *testing.T) {
	s := Linux()
	zero := Orphan(s)
	s.Orphans = 8
	if eight := Orphan(s); eight.Low != zero.Low || eight.High != zero.High {
		t.Errorf("0 is %s to %s, 8 is %s to %s", zero.Low, zero.High, eight.Low, eight.High)
	}
	s.RTOMax = time.Second
	eight := Orphan(s)
	s.Orphans = 0
	if zero = Orphan(s); zero.High >= eight.Low {
		t.Errorf("with a ceiling of 1 s 0 is %s to %s, 8 is %s to %s", zero.Low, zero.High, eight.Low, eight.High)
	}
	s.UserTimeout = 3 * time.Second // goes before both
	zero = Orphan(s)
	if s.Orphans = 8; Orphan(s).High != zero.High {
		t.Error("the count matters beside TCP_USER_TIMEOUT")
	}
}

// Without probes to send the connection is aborted at their time, the peer's
// health notwithstanding; one probe is enough to spare a living peer.
func TestNoProbes(t *testing.T) {
	s := Linux()
	s.KeepAlive, s.Idle, s.Count = true, time.Minute, 0
	for _, d := range []Detection{Idle(s), Spared(s)} {
		if d.After != time.Minute || d.Low < time.Minute || d.High > 63*time.Second {
			t.Errorf("%s, from %s to %s", d.After, d.Low, d.High)
		}
	}
	if p := ProbesEvery(s); p != model.Never {
		t.Errorf("probes every %s hold a middlebox, though none is sent", p)
	}
	for name, change := range map[string]func(*Socket){
		"one probe":       func(s *Socket) { s.Count = 1 },
		"a user timeout":  func(s *Socket) { s.UserTimeout = time.Minute },
		"no SO_KEEPALIVE": func(s *Socket) { s.KeepAlive = false },
		"another system":  func(s *Socket) { s.Stack = model.StackBSD },
	} {
		other := s
		change(&other)
		if d := Spared(other); d.After != model.Never {
			t.Errorf("%s: a living peer is cut off after %s", name, d.After)
		}
	}
}

// TCP_KEEPIDLE arms the timer anew: what is over already fires within a tick,
// what is not waits for the rest.
func TestIdleSetAt(t *testing.T) {
	s := Linux()
	s.KeepAlive, s.Every, s.Count = true, time.Second, 1
	for _, c := range []struct{ idle, at, first time.Duration }{
		{2 * time.Second, 5 * time.Second, 5 * time.Second},
		{9 * time.Second, 5 * time.Second, 9 * time.Second},
		{5 * time.Second, 5 * time.Second, 5 * time.Second},
	} {
		s.Idle = c.idle
		d := IdleSetAt(s, c.at)
		if d.After != c.first+time.Second || d.Low < c.first+time.Second || d.High > c.first+time.Second+300*time.Millisecond {
			t.Errorf("%s set after %s: %s, from %s to %s", c.idle, c.at, d.After, d.Low, d.High)
		}
	}
	s.KeepAlive = false
	if d := IdleSetAt(s, time.Second); d.After != model.Never {
		t.Errorf("without SO_KEEPALIVE it ends after %s", d.After)
	}
}

func TestFinWait(t *testing.T) {
	s := Linux()
	for set, want := range map[time.Duration]time.Duration{
		0: 716 * time.Millisecond, time.Minute: time.Minute, 61 * time.Second: 2 * time.Second, 2 * time.Minute: 2 * time.Minute,
	} {
		s.FinTimeout = set
		if d := FinWait(s); d.After != want || d.Low < want || d.High > want+want/10+40*time.Millisecond {
			t.Errorf("tcp_fin_timeout %s: %s, from %s to %s, want %s", set, d.After, d.Low, d.High, want)
		}
	}
	s.Stack = model.StackWindows
	if d := FinWait(s); d.Known {
		t.Error("a rule that is not documented is known")
	}
}

// Multipath adds its own wait to whatever ends the only subflow, refuses
// TCP_USER_TIMEOUT, and leaves a connect() as it is.
func TestMultipath(t *testing.T) {
	s := Linux()
	s.KeepAlive, s.Idle, s.Every, s.Count, s.UserTimeout = true, 2*time.Second, time.Second, 3, time.Hour
	m := s.SpeakMultipath()
	s.UserTimeout = 0
	for name, f := range map[string]func(Socket) Detection{"idle": Idle, "in flight": InFlight, "zero window": ZeroWindow, "half closed": HalfClosed} {
		one, both := f(s), f(m)
		if both.After != one.After+time.Minute || both.Low != one.Low+time.Minute || both.High < one.High+time.Minute || both.High > one.High+63*time.Second {
			t.Errorf("%s: %s to %s became %s to %s", name, one.Low, one.High, both.Low, both.High)
		}
		if !strings.Contains(strings.Join(both.Because, " "), "close_timeout") {
			t.Errorf("%s does not say why: %q", name, both.Because)
		}
	}
	if Connect(m).High != Connect(s).High {
		t.Error("connect() has no subflow to wait for")
	}
	s.Stack = model.StackDarwin
	if s.SpeakMultipath().Multipath {
		t.Error("the rule is Linux's")
	}
	m.KeepAlive = false
	if d := Idle(m); d.After != model.Never {
		t.Errorf("without probes an idle subflow dies after %s", d.After)
	}
}

// What orphans took whose FIN was answered by ICMP unreachable (Linux 6.18, HZ
// 250): by a router within its rate limit, or by the host itself, whose link had
// lost its carrier.
func TestOrphanUnreachable(t *testing.T) {
	const milli = time.Millisecond
	for _, c := range []struct {
		ceiling       time.Duration
		count         int64
		router, local [2]time.Duration
	}{
		{time.Second, 8, [2]time.Duration{2690 * milli, 8844 * milli}, [2]time.Duration{4057 * milli, 4665 * milli}},
		{4 * time.Second, 0, [2]time.Duration{10730 * milli, 24081 * milli}, [2]time.Duration{24146 * milli, 24611 * milli}},
		{2 * time.Minute, 0, [2]time.Duration{103131 * milli, 121557 * milli}, [2]time.Duration{104000 * milli, 104675 * milli}},
	} {
		s := Linux()
		s.RTOMax, s.Orphans = c.ceiling, c.count
		silent := Orphan(s)
		low, high, ok := OrphanUnreachable(s)
		if !ok || low > min(c.router[0], c.local[0]) || high < max(c.router[1], c.local[1]) {
			t.Errorf("with a ceiling of %s: %s to %s, seen %s and %s", c.ceiling, low, high, c.router, c.local)
		}
		if low > silent.Low || high < silent.High || high > 2*silent.High+5*time.Second+s.RTOMax/2 {
			t.Errorf("with a ceiling of %s: %s to %s says nothing beside %s to %s", c.ceiling, low, high, silent.Low, silent.High)
		}
		if text := strings.Join(silent.Because, " "); !strings.Contains(text, model.HumanRange(low, high)) {
			t.Errorf("nobody is told of %s to %s: %q", low, high, text)
		}
	}
	// One is enough at the ceiling of 1 s, whatever the count; without a ceiling
	// in reach the limit alone bounds it.
	s := Linux()
	s.RTOMax, s.Orphans = time.Second, 8
	eight, _, _ := OrphanUnreachable(s)
	if s.Orphans = 0; eight != Orphan(s).Low {
		t.Errorf("from %s on with a count of 8, %s with a count of 0", eight, Orphan(s).Low)
	}
	s = Linux()
	s.Orphans = 3
	if low, _, _ := OrphanUnreachable(s); low < 3*time.Second || low > 3300*milli {
		t.Errorf("a count of 3 stands for 3 s, and it ends from %s on", low)
	}
	s.UserTimeout = 4 * time.Second
	if _, _, ok := OrphanUnreachable(s); ok {
		t.Error("TCP_USER_TIMEOUT goes before the count")
	}
	s.UserTimeout, s.Stack = 0, model.StackBSD
	if _, _, ok := OrphanUnreachable(s); ok {
		t.Error("the rule is Linux's")
	}
}
