package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// The shortest leg is that with the least idle limit, wherever it lies, and of equal ones the
// first.
func TestShortestLeg(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	for name, x := range map[string]struct {
		front, back string
		want        int
	}{
		"the first":      {"http1-request-timeout=4s", "proxy.timeout.keepalive=9s", 0},
		"the last":       {"http1-request-timeout=9s", "proxy.timeout.keepalive=4s", 1},
		"equal ones":     {"http1-request-timeout=4s", "proxy.timeout.keepalive=4s", 0},
		"a moment later": {"http1-request-timeout=5s", "proxy.timeout.keepalive=4999ms", 1},
	} {
		d := document(t, c, "curl > h2o > node", "h2o:"+x.front, "h2o:"+x.back, "node:keepAliveTimeout=1h")
		r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if r.Shortest != x.want {
			t.Errorf("%s: leg %d is told as the shortest, want %d", name, r.Shortest, x.want)
		}
	}
}

// A server that looks at its clock in steps agrees with a timer that may be due from the
// earliest moment of the band on, and with none before.
func TestCompareAgreesFromTheBandOn(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	low, high := 100*sec, 130*sec
	idle := livetest.Idle{Samples: 12, Low: &low, After: &low, High: &high, Ticks: &livetest.Ticks{Moments: 4, Spread: 30 * sec, Step: 40 * sec, Found: true}}
	from, _, ok := idle.Band()
	if !ok || from >= low-10*sec {
		t.Fatalf("the band begins at %v", from)
	}
	r := livetest.Result{Idle: idle, Spec: livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})}
	for due, want := range map[time.Duration]bool{from: true, from - 1: false} {
		if got, ok := tuning.Compare(tuning.Limiter{Low: due, High: due}, r); !ok || got.Agrees != want {
			t.Errorf("due at %v: %v %+v, want agreement %v", due, ok, got, want)
		}
	}
}

// The present value has one place in a sweep, in order, also where it is a step, and below and
// above all of them.
func TestASweepHasThePresentValueOnce(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	for _, now := range []time.Duration{time.Second, 5 * time.Second, 17 * time.Second, 26 * time.Hour} {
		d := document(t, c, "chrome > apache@2.4.66", "server:KeepAliveTimeout="+now.String())
		points, err := tuning.Sweep(d, tuning.NewEnv(c, 0), 0, tuning.ParamRef{Endpoint: "apache", Param: "apache.KeepAliveTimeout"})
		if err != nil {
			t.Fatal(err)
		}
		seen, last := 0, time.Duration(-1)
		for _, p := range points {
			at, _ := p.Value.Duration()
			if at <= last {
				t.Errorf("%v: %v comes after %v", now, at, last)
			}
			if last = at; at == now {
				seen++
			}
		}
		if seen != 1 {
			t.Errorf("%v is there %d times", now, seen)
		}
	}
}
