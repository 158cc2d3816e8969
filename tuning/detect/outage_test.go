package detect

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// Measured on 6.18 (HZ 250), packets dropped both ways on loopback from just
// before the send: what came back before the last try lived, what came back
// after it died, though it was not given up yet.
func TestOutlastsWhatWasMeasured(t *testing.T) {
	const milli = time.Millisecond
	for _, x := range []struct{ user, lived, died time.Duration }{
		{6000 * milli, 3000 * milli, 3600 * milli}, {20_000 * milli, 12_000 * milli, 14_500 * milli},
	} {
		s := Linux()
		s.HZ, s.UserTimeout, s.RTT = 250, x.user, 30*time.Microsecond
		if got, ok := Outlasts(s, model.Never); !ok || got < x.lived || got >= x.died {
			t.Errorf("TCP_USER_TIMEOUT %s: survives %s, want from %s on and less than %s", x.user, got, x.lived, x.died)
		}
	}
	s := Linux() // an outage from the last packet on: the probes go out after 1, 2 and 3 s; 2.9 s lived, 3.3 s died
	s.KeepAlive, s.Idle, s.Every, s.Count = true, time.Second, time.Second, 3
	survived, given := ProbesOutlast(s)
	if at := s.Idle + survived; at != 3*time.Second || s.Idle+given != 4*time.Second {
		t.Errorf("the last probe goes out after %s, and %s gives up", at, s.Idle+given)
	}
}

func TestOutlasts(t *testing.T) {
	windows := Socket{Stack: model.StackWindows, Retries: 5, KeepAlive: true, Idle: 2 * time.Hour, Every: time.Second, Count: 10}
	patient := windows
	patient.Retries = 8
	bsd, illumos, zero := windows, Of(model.StackIllumos), windows
	bsd.Stack, zero.Retries = model.StackBSD, 0
	for name, x := range map[string]struct {
		s     Socket
		until time.Duration
		want  time.Duration
	}{
		"five tries of Windows":    {windows, model.Never, 9300 * time.Millisecond}, // 0.3 + 0.6 + 1.2 + 2.4 + 4.8 s
		"eight":                    {patient, model.Never, 76_500 * time.Millisecond},
		"none":                     {zero, model.Never, 0},
		"cut by a timer":           {windows, 9300 * time.Millisecond, 4500 * time.Millisecond},
		"and not by one after it":  {windows, 9301 * time.Millisecond, 9300 * time.Millisecond},
		"twelve of BSD":            {bsd, model.Never, 102_810 * time.Millisecond},
		"up to 300 s of illumos":   {illumos, model.Never, 282 * time.Second},
		"a timer before the first": {windows, time.Millisecond, 0},
	} {
		if got, ok := Outlasts(x.s, x.until); !ok || got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
	if survived, given := ProbesOutlast(windows); survived != 9*time.Second || given != 10*time.Second {
		t.Errorf("ten probes, one second apart, survive %s of %s", survived, given)
	}
	windows.KeepAlive = false
	if survived, _ := ProbesOutlast(windows); survived != model.Never {
		t.Errorf("without probes a quiet connection survives %s", survived)
	}
}

// What outlasts is tried before it is given up, and a deadline never helps.
func TestOutlastsIsBeforeTheEnd(t *testing.T) {
	for _, user := range []time.Duration{0, 900 * time.Millisecond, 30 * time.Second, time.Hour} {
		for retries := int64(0); retries < 20; retries += 3 {
			s := Linux()
			s.UserTimeout, s.Retries, s.KeepAlive = user, retries, true
			d := InFlight(s)
			got, _ := Outlasts(s, model.Never)
			sooner, _ := Outlasts(s, got)
			later, _ := Outlasts(s, d.High+time.Hour)
			if got >= d.Low || sooner > got || later != got {
				t.Errorf("user timeout %s, %d retries: %s, given up after %s; with a timer then %s, with one later %s", user, retries, got, d.Low, sooner, later)
			}
			if survived, given := ProbesOutlast(s); survived >= given || survived > Idle(s).Low {
				t.Errorf("user timeout %s: probes survive %s of %s", user, survived, given)
			}
		}
	}
}
