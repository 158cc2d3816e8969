package detect

import (
	"testing"
	"time"
)

// Runs on Linux 6.18, HZ 250, whose path was cut right after the first probe
// that was answered: its firing lies at any phase of the interval's granule.
func TestDeathAfterFirstAnsweredProbe(t *testing.T) {
	const sec, milli = time.Second, time.Millisecond
	for _, c := range []struct {
		idle, every time.Duration
		count       int64
		user        time.Duration
		took        time.Duration
	}{
		{2 * sec, sec, 3, 0, 5100 * milli},
		{sec, 3 * sec, 2, 0, 9288 * milli},
		{2 * sec, sec, 3, 3500 * milli, 4072 * milli},
		{sec, 3 * sec, 2, 2500 * milli, 6192 * milli},
	} {
		s := Linux()
		s.KeepAlive, s.Idle, s.Every, s.Count, s.UserTimeout = true, c.idle, c.every, c.count, c.user
		for _, s.Death = range []Death{AfterProbe, AtAnyTime} {
			if d := Idle(s); c.took < d.Low || c.took > d.High {
				t.Errorf("T=%s I=%s N=%d U=%s took %s, outside %s to %s", c.idle, c.every, c.count, c.user, c.took, d.Low, d.High)
			}
		}
	}
}

// A closed window's two ends, measured on Linux 6.18 at HZ 250.
func TestZeroWindowFreshAndBackedOff(t *testing.T) {
	s := Linux()
	s.RTO, s.Retries = 212*time.Millisecond, 3
	for death, took := range map[Death]time.Duration{AfterData: 3247 * time.Millisecond, AfterProbe: 6908 * time.Millisecond} {
		s.Death = death
		d := ZeroWindow(s)
		if took < d.Low || took > d.High {
			t.Errorf("%s is outside %s to %s", took, d.Low, d.High)
		}
		if d.High-d.Low > 60*time.Millisecond {
			t.Errorf("%s to %s is %s wide", d.Low, d.High, d.High-d.Low)
		}
		s.Death = AtAnyTime
		if any := ZeroWindow(s); any.Low > d.Low || any.High < d.High {
			t.Errorf("%s to %s does not hold %s to %s", any.Low, any.High, d.Low, d.High)
		}
	}
	s.UserTimeout, s.Retries, s.Death = time.Minute, 1, AfterData
	if d := ZeroWindow(s); d.Low > time.Second {
		t.Errorf("with retries2 = 1 a dead peer is given up after %s at the earliest", d.Low)
	}
}

// A death at any time is bounded by a death after data and one after a probe.
func TestAtAnyTimeHoldsBoth(t *testing.T) {
	const sec = time.Second
	for _, hz := range []int{100, 250, 300, 1000} {
		for idle := sec; idle <= 40*sec; idle += 3 * sec {
			for every := sec; every <= 40*sec; every += 7 * sec {
				for _, user := range []time.Duration{0, 5 * sec, 21 * sec} {
					s := Linux()
					s.HZ, s.KeepAlive, s.Idle, s.Every, s.Count, s.UserTimeout, s.Retries = hz, true, idle, every, 2, user, 5
					for name, f := range map[string]func(Socket) Detection{"idle": Idle, "zero window": ZeroWindow} {
						s.Death = AtAnyTime
						all := f(s)
						for _, s.Death = range []Death{AfterData, AfterProbe} {
							if d := f(s); d.Low < all.Low || d.High > all.High || d.Low > d.High {
								t.Errorf("%s HZ=%d T=%s I=%s U=%s: %s to %s is not in %s to %s", name, hz, idle, every, user, d.Low, d.High, all.Low, all.High)
							}
						}
					}
				}
			}
		}
	}
}
