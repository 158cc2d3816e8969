//go:build real

package run_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
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
func raced(t *testing.T, addr string, spec livetest.RaceSpec) (livetest.Race, error) {
	t.Helper()
	s := specFor(t, "http://"+addr)
	s.Measure, s.Race, s.Cap = []livetest.Measurement{livetest.MeasureRace}, &spec, 1000
	o := collect(context.WithoutCancel(t.Context()), run.Tester{}, s.Normalize())
	if o.err == nil && o.res.Race == nil {
		o.err = errors.New("nothing was raced")
	}
	if o.err != nil {
		return livetest.Race{}, o.err
	}
	return *o.res.Race, nil
}

// quiet keeps the garbage collector and the machine's other work from being part of what is
// measured.
func quiet(t *testing.T) {
	t.Helper()
	ahead(t)
	before := debug.SetGCPercent(800)
	t.Cleanup(func() { debug.SetGCPercent(before) })
}

// delays measures how late the machine lets this process run, until stop: the share of
// beats that were late by more than a fifth of the round trip time, and the latest one.
func delays() (stop func() (late float64, worst time.Duration)) {
	const beat, tolerated = 2 * time.Millisecond, 4 * time.Millisecond
	end, done := make(chan struct{}), make(chan struct{})
	beats, over, worst := 0, 0, time.Duration(0)
	go func() {
		defer close(done)
		for {
			begin := time.Now()
			select {
			case <-end:
				return
			case <-time.After(beat):
			}
			beats++
			by := time.Since(begin) - beat
			if worst = max(worst, by); by > tolerated {
				over++
			}
		}
	}()
	return func() (float64, time.Duration) {
		close(end)
		<-done
		return float64(over) / float64(max(1, beats)), worst
	}
}

// busy is the share of late beats from which a machine does not run the test alone.
const busy = 0.01

// alone repeats a try that misses its bounds while the machine was busy with something
// else, up to three in all: what is measured then is the machine.
func alone(t *testing.T, try func() (misses []string)) {
	t.Helper()
	for n := 1; ; n++ {
		stop := delays()
		misses := try()
		late, worst := stop()
		t.Logf("the machine was late with %.2f %% of the beats, by %v at most", 100*late, worst.Round(100*time.Microsecond))
		if len(misses) == 0 {
			return
		}
		if n == 3 || late < busy {
			t.Errorf("try %d: %s", n, strings.Join(misses, "; "))
			return
		}
		t.Logf("once more: %s", strings.Join(misses, "; "))
		settle()
	}
}

// settle waits for a second in which the machine is not busy, for some seconds at most.
func settle() {
	for range 15 {
		stop := delays()
		time.Sleep(time.Second)
		if late, _ := stop(); late < busy {
			return
		}
	}
}

// A raceRow is a race whose result the formula foretells.
type raceRow struct {
	timeout, rtt time.Duration
	asked        float64 // requests of a client in one timeout
	clients      int
	during       time.Duration // until some hundred are lost
}

func (r raceRow) rate() float64 { return r.asked / r.timeout.Seconds() }

// run races and says how the result misses the bounds, "" when it does not.
func (r raceRow) run(t *testing.T, addr string) string {
	t.Helper()
	name := fmt.Sprintf("T=%v RTT=%v λT=%v", r.timeout, r.rtt, r.asked)
	got, err := raced(t, addr, livetest.RaceSpec{Mode: livetest.RacePoisson, Around: r.timeout, Rate: r.rate(), Clients: r.clients, For: r.during})
	if err != nil {
		return name + ": " + err.Error()
	}
	want := model.RaceProbability(r.rate(), r.timeout, r.rtt, model.Never)
	of := got.Ratio() / want
	t.Logf("%s: %d requests, %d lost: %.2f %%, the formula says %.2f %%", name, got.Requests, got.Failures, 100*got.Ratio(), 100*want)
	if of < 0.85 || of > 1.5 {
		return fmt.Sprintf("%s: %.2f of the formula, want 0.85 to 1.5", name, of)
	}
	return ""
}

// TestAloneRaceFollowsTheFormula holds the share of lost requests against the formula, for
// clients with exponential gaps over a network of 20 and 60 ms. What is lost beyond the
// formula is the scheduler's part of the window. It runs alone: the machine's other work
// would be part of what is measured. Rows of few requests run side by side.
func TestAloneRaceFollowsTheFormula(t *testing.T) {
	quiet(t)
	const long, short = 200 * time.Millisecond, 20 * time.Millisecond
	for _, group := range []struct {
		name string
		rows []raceRow
	}{
		{"light", []raceRow{
			{long, short, 0.25, 300, 40 * time.Second},
			{long, short, 1, 100, 40 * time.Second},
			{2 * long, short, 1, 150, 40 * time.Second},
			{long, 3 * short, 1, 75, 40 * time.Second},
			{long, short, 3, 150, 20 * time.Second},
		}},
		{"heavy", []raceRow{{long, short, 6, 150, 35 * time.Second}}},
	} {
		t.Run(group.name, func(t *testing.T) {
			addrs := make([]string, len(group.rows))
			for i, r := range group.rows {
				addrs[i] = farServer(t, r.timeout, r.rtt)
			}
			alone(t, func() (misses []string) {
				said := make([]string, len(group.rows))
				var all sync.WaitGroup
				for i, r := range group.rows {
					all.Go(func() { said[i] = r.run(t, addrs[i]) })
				}
				all.Wait()
				return slices.DeleteFunc(said, func(s string) bool { return s == "" })
			})
		})
	}
}

// TestAloneRaceEndsWithTheMargin measures the window by steps and then lets the clients give
// a connection up two windows before the server does.
func TestAloneRaceEndsWithTheMargin(t *testing.T) {
	const timeout, rtt = 200 * time.Millisecond, 20 * time.Millisecond
	quiet(t)
	addr := farServer(t, timeout, rtt)
	alone(t, func() []string {
		window, err := lossWindow(t, addr, timeout)
		switch {
		case err != nil:
			return []string{err.Error()}
		case window < rtt/2 || window > 3*rtt:
			return []string{fmt.Sprintf("the window is %v over a round trip time of %v", window, rtt)}
		}
		r, err := raced(t, addr, livetest.RaceSpec{
			Mode: livetest.RacePoisson, Around: timeout, Rate: 1 / timeout.Seconds(), For: 18 * time.Second, ClientLimit: timeout - 2*window,
		})
		t.Logf("%d requests, %d lost with a limit of %v", r.Requests, r.Failures, timeout-2*window)
		if err != nil || r.Requests < 10_000 || r.Failures*10_000 > r.Requests {
			return []string{fmt.Sprintf("%d of %d requests were lost, want at most 1 in 10,000 (%v)", r.Failures, r.Requests, err)}
		}
		return nil
	})
}

// lossWindow finds by steps how long before and after the close requests are lost.
func lossWindow(t *testing.T, addr string, timeout time.Duration) (time.Duration, error) {
	t.Helper()
	r, err := raced(t, addr, livetest.RaceSpec{
		Around: timeout, Window: 60 * time.Millisecond, Step: 2 * time.Millisecond, PerStep: 20, Methods: []string{"GET"}, Clients: 50,
	})
	if err != nil {
		return 0, err
	}
	// Where less than a quarter is lost, the machine was late.
	lost := slices.DeleteFunc(r.Steps, func(s livetest.RaceStep) bool { return s.Failed == 0 || 4*s.Failed < s.Sent })
	if len(lost) == 0 {
		return 0, errors.New("no step loses a request")
	}
	first, last := lost[0].Offset, lost[len(lost)-1].Offset
	t.Logf("requests are lost from %v to %v", first, last)
	return last - first, nil
}
