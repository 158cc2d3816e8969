//go:build real

package probe_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/scripted"
)

// farServer is Go's own server with an idle timeout, behind a network with a round trip time.
func farServer(t *testing.T, idle, rtt time.Duration) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		Handler:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }),
		IdleTimeout: idle, ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	addr, stop, err := scripted.Relay(t.Context(), l.Addr().String(), rtt/2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return addr
}

// raced runs the hammer alone.
func raced(t *testing.T, addr string, spec model.RaceSpec) model.ProbeRace {
	t.Helper()
	s := specFor(t, "http://"+addr)
	s.Measure, s.Race, s.Cap = []model.Measurement{model.MeasureRace}, &spec, 1000
	o := collect(context.WithoutCancel(t.Context()), probe.Prober{}, s.Normalize())
	if o.err != nil || o.res.Race == nil {
		t.Fatalf("err = %v", o.err)
	}
	return *o.res.Race
}

// TestAloneRaceFollowsTheFormula holds the share of lost requests against the formula, for
// 150 clients with exponential gaps over a network of 20 and 60 ms. What is lost beyond
// the formula is the scheduler's part of the window. It runs alone: the machine's other
// work would be part of what is measured.
func TestAloneRaceFollowsTheFormula(t *testing.T) {
	for _, row := range []struct {
		timeout, rtt time.Duration
		asked        float64       // requests in one timeout
		during       time.Duration // until some hundred are lost
	}{
		{200 * time.Millisecond, 20 * time.Millisecond, 0.25, 80 * time.Second},
		{200 * time.Millisecond, 20 * time.Millisecond, 1, 20 * time.Second},
		{200 * time.Millisecond, 20 * time.Millisecond, 3, 20 * time.Second},
		{200 * time.Millisecond, 20 * time.Millisecond, 6, 20 * time.Second},
		{400 * time.Millisecond, 20 * time.Millisecond, 1, 20 * time.Second},
		{200 * time.Millisecond, 60 * time.Millisecond, 1, 20 * time.Second},
	} {
		t.Run(fmt.Sprintf("T=%v RTT=%v λT=%v", row.timeout, row.rtt, row.asked), func(t *testing.T) {
			rate := row.asked / row.timeout.Seconds()
			r := raced(t, farServer(t, row.timeout, row.rtt), model.RaceSpec{Mode: model.RacePoisson, Around: row.timeout, Rate: rate, For: row.during})
			want := tuning.RaceProbability(rate, row.timeout, row.rtt, model.Never)
			t.Logf("%d requests, %d lost: %.2f %%, the formula says %.2f %%", r.Requests, r.Failures, 100*r.Ratio(), 100*want)
			if of := r.Ratio() / want; of < 0.85 || of > 1.5 {
				t.Errorf("%.2f of the formula, want 0.85 to 1.5", of)
			}
		})
	}
}

// TestAloneRaceEndsWithTheMargin measures the window by steps and then lets the clients give
// a connection up two windows before the server does.
func TestAloneRaceEndsWithTheMargin(t *testing.T) {
	const timeout, rtt = 200 * time.Millisecond, 20 * time.Millisecond
	addr := farServer(t, timeout, rtt)
	steps := raced(t, addr, model.RaceSpec{Around: timeout, Window: 60 * time.Millisecond, Step: 2 * time.Millisecond, PerStep: 20, Methods: []string{"GET"}, Clients: 50})
	first, last := time.Duration(0), time.Duration(0)
	for _, s := range steps.Steps {
		if s.Failed > 0 {
			if first == 0 {
				first = s.Offset
			}
			last = s.Offset
		}
	}
	window := last - first
	t.Logf("requests are lost from %v to %v: a window of %v", first, last, window)
	if first == 0 || window < rtt/2 || window > 3*rtt {
		t.Fatalf("the window is %v over a round trip time of %v", window, rtt)
	}
	r := raced(t, addr, model.RaceSpec{
		Mode: model.RacePoisson, Around: timeout, Rate: 1 / timeout.Seconds(), For: 25 * time.Second, ClientLimit: timeout - 2*window,
	})
	t.Logf("%d requests, %d lost with a limit of %v", r.Requests, r.Failures, timeout-2*window)
	if r.Requests < 10_000 || r.Failures*10_000 > r.Requests {
		t.Errorf("%d of %d requests were lost, want at most 1 in 10,000", r.Failures, r.Requests)
	}
}
