package run_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

const okReply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// serveEach plays one connection of a server on loopback.
func serveEach(t *testing.T, play func(net.Conn)) livetest.Spec {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				play(c)
			}()
		}
	}()
	return specFor(t, "http://"+l.Addr().String())
}

// A reply that is there before the request must not pass for the answer.
func TestReplyBeforeTheRequest(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"two at once": okReply + okReply, "three at once": strings.Repeat(okReply, 3)} {
		spec := serveEach(t, func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 10))
			_, _ = io.WriteString(c, text)
			_, _ = io.Copy(io.Discard, c)
		})
		spec.Measure = []livetest.Measurement{livetest.MeasureRequests}
		o := collect(t.Context(), run.Tester{}, spec)
		if o.res.Outcome != livetest.OutcomeInconclusive || o.res.Requests != nil && o.res.Requests.Done {
			t.Errorf("%s: err = %v, requests %+v", name, o.err, o.res.Requests)
		}
	}
}

// What did not answer in time is not known to be closed.
func TestHTTP10WithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := func(context.Context, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				_, _ = far.Read(make([]byte, 1000))
				_, _ = io.WriteString(far, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
				_, _ = io.Copy(io.Discard, far)
			}()
			return near, nil
		}
		spec := livetest.NewSpec(target())
		spec.Measure = []livetest.Measurement{livetest.MeasureHTTP10}
		o := collect(t.Context(), run.Tester{Dial: dial}, spec)
		if o.res.Kept(livetest.MeasureHTTP10) != nil || o.res.Outcome != livetest.OutcomeInconclusive {
			t.Errorf("http10 = %v, %q (%s), err = %v", *o.res.Kept(livetest.MeasureHTTP10), o.res.Outcome, o.res.Reason, o.err)
		}
	})
}

// The outcome in the stream and the error of Run say the same, as a replay must.
func TestStoppedAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scripted.Script{Status: 429, Idle: time.Second}
		o := play(t.Context(), s, func(s *livetest.Spec) { s.Measure = []livetest.Measurement{livetest.MeasureHint} })
		if !errors.Is(o.err, run.ErrInconclusive) || o.res.Outcome != livetest.OutcomeInconclusive {
			t.Errorf("err = %v, outcome %q (%s)", o.err, o.res.Outcome, o.res.Reason)
		}
	})
}

// No goroutine of a cancelled run outlives it, and the run ends within a second.
func TestCancelLeavesNothing(t *testing.T) {
	silent := serveEach(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	answers := specFor(t, "http://"+listen(t, scripted.Script{Idle: 300 * time.Millisecond}, nil))
	keeps := specFor(t, "http://"+listen(t, scripted.Script{}, nil))
	with := func(s livetest.Spec, change func(*livetest.Spec)) livetest.Spec {
		change(&s)
		return s.Normalize()
	}
	only := func(s livetest.Spec, m livetest.Measurement, change func(*livetest.Spec)) livetest.Spec {
		return with(s, func(s *livetest.Spec) {
			s.Measure = []livetest.Measurement{m}
			change(s)
		})
	}
	race := func(r livetest.RaceSpec) func(*livetest.Spec) {
		return func(s *livetest.Spec) { s.Race, s.Cap = &r, 200 }
	}
	for name, spec := range map[string]livetest.Spec{
		"all defaults":        silent,
		"TLS handshake":       with(silent, func(s *livetest.Spec) { s.Target.Scheme = "https" }),
		"HTTP/2":              only(silent, livetest.MeasureHTTP2, func(*livetest.Spec) {}),
		"ladder in a gap":     only(keeps, livetest.MeasureLadder, func(s *livetest.Spec) { s.Ladder = &livetest.LadderSpec{} }),
		"race in steps":       only(answers, livetest.MeasureRace, race(livetest.RaceSpec{Around: 300 * time.Millisecond})),
		"race in a gap":       only(keeps, livetest.MeasureRace, race(livetest.RaceSpec{Around: time.Hour, ClientLimit: time.Second})),
		"race of many users":  only(answers, livetest.MeasureRace, race(livetest.RaceSpec{Mode: livetest.RacePoisson, Around: 300 * time.Millisecond})),
		"race without answer": only(silent, livetest.MeasureRace, race(livetest.RaceSpec{Mode: livetest.RacePoisson, Around: time.Second})),
		"held":                only(keeps, livetest.MeasureHold, func(s *livetest.Spec) { s.Hold = 300 }),
		"held while opening":  only(keeps, livetest.MeasureHold, func(s *livetest.Spec) { s.Hold = 5000 }),
		"held without answer": only(silent, livetest.MeasureHold, func(s *livetest.Spec) { s.Hold = 300 }),
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			const after = 400 * time.Millisecond
			ctx, cancel := context.WithCancel(t.Context())
			defer time.AfterFunc(after, cancel).Stop()
			o := collect(ctx, run.Tester{}, spec)
			if !errors.Is(o.err, context.Canceled) || o.took > time.Minute {
				t.Errorf("%v after %v", o.err, o.took)
			}
			if last := o.events[len(o.events)-1]; last.Kind != livetest.EventFinished {
				t.Errorf("the last event is %q", last.Kind)
			}
			for wait := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(wait); {
				time.Sleep(10 * time.Millisecond)
			}
			if n := runtime.NumGoroutine(); n > before {
				stacks := make([]byte, 64<<10)
				t.Errorf("%d goroutines, %d before:\n%s", n, before, stacks[:runtime.Stack(stacks, true)])
			}
		})
	}
}
