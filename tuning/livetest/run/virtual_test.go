package run_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// outcome is a run and what it amounts to.
type outcome struct {
	events []livetest.Event
	res    livetest.Result
	err    error
	took   time.Duration
}

func target() livetest.Target {
	return livetest.Target{Scheme: "http", Host: "192.0.2.1", Port: 80}
}

// play runs a test of a script over pipes; inside synctest in virtual time.
func play(ctx context.Context, s scripted.Script, change func(*livetest.Spec)) outcome {
	spec := livetest.NewSpec(target())
	if change != nil {
		change(&spec)
	}
	return collect(ctx, run.Tester{Dial: scripted.Dialer(s)}, spec)
}

func collect(ctx context.Context, p run.Tester, spec livetest.Spec) outcome {
	var o outcome
	begin := time.Now()
	o.err = p.Run(ctx, spec, func(e livetest.Event) { o.events = append(o.events, e) })
	o.took = time.Since(begin)
	o.res = livetest.Summarize(o.events)
	return o
}

// awake collects in real time, again where the machine was too busy to let it run.
func awake(t *testing.T, p run.Tester, spec livetest.Spec) outcome {
	t.Helper()
	var o outcome
	for range 10 {
		o = collect(t.Context(), p, spec)
		starved := errors.Is(o.err, run.ErrInconclusive) && (strings.Contains(o.err.Error(), "did not run for") ||
			strings.Contains(o.err.Error(), "the control connection failed at that moment")) // its server was late
		if !starved {
			break
		}
		t.Log(o.err)
	}
	return o
}

func wantSpan(t *testing.T, what string, got *time.Duration, want time.Duration) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: nothing, want %v", what, want)
	} else if *got != want {
		t.Errorf("%s = %v, want %v", what, *got, want)
	}
}

func TestIdleIsExactInVirtualTime(t *testing.T) {
	for name, c := range map[string]struct {
		script    scripted.Script
		low, high time.Duration
		spread    bool // which connections are late depends on the order of arrival
		close     livetest.CloseKind
	}{
		"nginx's 75 s":      {scripted.Script{Idle: 75 * time.Second}, 75 * time.Second, 75 * time.Second, false, livetest.CloseFIN},
		"early and late":    {scripted.Script{Idle: 5 * time.Second, Spread: time.Second}, 4 * time.Second, 6 * time.Second, true, livetest.CloseFIN},
		"reset":             {scripted.Script{Idle: 20 * time.Second, Reset: true}, 20 * time.Second, 20 * time.Second, false, livetest.CloseRST},
		"below control gap": {scripted.Script{Idle: 300 * time.Millisecond}, 300 * time.Millisecond, 300 * time.Millisecond, false, livetest.CloseFIN},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.script.BeforeRequest = c.script.Idle
				o := play(t.Context(), c.script, nil)
				if o.err != nil || o.res.Outcome != livetest.OutcomeMeasured {
					t.Fatalf("err = %v, outcome = %q (%s)", o.err, o.res.Outcome, o.res.Reason)
				}
				i := o.res.Idle
				if c.spread {
					if *i.Low < c.low || *i.High > c.high || *i.High-*i.Low < time.Second || *i.Low%(500*time.Millisecond) != 0 {
						t.Errorf("low %v, high %v, want a second or more within [%v, %v]", *i.Low, *i.High, c.low, c.high)
					}
				} else {
					wantSpan(t, "low", i.Low, c.low)
					wantSpan(t, "median", i.After, c.low)
					wantSpan(t, "high", i.High, c.high)
				}
				if i.Close != c.close || i.Samples != 7 {
					t.Errorf("close = %q with %d samples, want %q with 7", i.Close, i.Samples, c.close)
				}
				if o.res.Control.Failures != 0 {
					t.Errorf("the control connection failed %d times: %s", o.res.Control.Failures, o.res.Control.LastText)
				}
			})
		})
	}
}

// The wall time of a test of all defaults: the highest close of any of them, the stagger,
// less than half a second.
func TestWallTimeLaw(t *testing.T) {
	for _, c := range []struct{ idle, before time.Duration }{
		{200 * time.Millisecond, 200 * time.Millisecond},
		{5 * time.Second, 5 * time.Second},
		{75 * time.Second, 75 * time.Second},
		{89 * time.Second, 89 * time.Second},
		{5 * time.Second, 60 * time.Second}, // what has sent no whole request is kept longer
		{75 * time.Second, 20 * time.Second},
	} {
		for _, stagger := range []time.Duration{-1, time.Second, 3 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				o := play(t.Context(), scripted.Script{Idle: c.idle, BeforeRequest: c.before}, func(s *livetest.Spec) { s.Stagger = stagger })
				// The last of the seven idle samples, or of the two others, starts before the end of the stagger.
				highest := max(c.idle, c.before)
				least, most := highest+max(0, stagger)/2, highest+max(0, stagger)+500*time.Millisecond
				if o.err != nil || o.took < least || o.took >= most {
					t.Errorf("%+v, stagger %v: took %v, want [%v, %v); err = %v", c, stagger, o.took, least, most, o.err)
				}
				r := o.res
				if r.Silence(livetest.MeasureBeforeRequest) == nil || r.Silence(livetest.MeasureMidHeader) == nil || r.Requests == nil || r.Kept(livetest.MeasureHTTP10) == nil || r.Kept(livetest.MeasureHead) == nil || !r.HTTP.UnaskedSeen {
					t.Fatalf("%+v: a default measurement is missing: %+v", c, r)
				}
				wantSpan(t, "idle", r.Idle.High, c.idle)
				wantSpan(t, "before a request", r.Silence(livetest.MeasureBeforeRequest).High, c.before)
				wantSpan(t, "mid-header", r.Silence(livetest.MeasureMidHeader).High, c.before)
			})
		}
	}
}

func TestBeforeRequest(t *testing.T) {
	for name, c := range map[string]struct {
		script scripted.Script
		close  livetest.CloseKind
		bytes  bool
	}{
		"fin": {scripted.Script{BeforeRequest: 60 * time.Second}, livetest.CloseFIN, false},
		"408": {scripted.Script{BeforeRequest: 60 * time.Second, Before408: true}, livetest.Close408, true},
		"rst": {scripted.Script{BeforeRequest: 60 * time.Second, Reset: true}, livetest.CloseRST, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.script.Idle = 5 * time.Second
				o := play(t.Context(), c.script, nil)
				b := o.res.Silence(livetest.MeasureBeforeRequest)
				if o.err != nil || b == nil {
					t.Fatalf("err = %v, before = %v", o.err, b)
				}
				wantSpan(t, "before a request", b.After, 60*time.Second)
				if b.Close != c.close || b.Samples != 2 || c.bytes != (b.BytesBefore > 0) {
					t.Errorf("got %+v, want %s", *b, c.close)
				}
				wantSpan(t, "idle", o.res.Idle.After, 5*time.Second)
			})
		})
	}
}

func TestNoneWithinTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Hint: scripted.Always, HintTimeout: 20 * time.Second}, func(s *livetest.Spec) { s.IdleLimit = 30 * time.Second })
		if o.err != nil || o.res.Outcome != livetest.OutcomeMeasured {
			t.Fatalf("err = %v, outcome = %q", o.err, o.res.Outcome)
		}
		if i := o.res.Idle; i.Close != livetest.CloseNone || i.After != nil || i.Low != nil || i.Open != 7 || i.Samples != 7 {
			t.Errorf("idle = %+v, want 7 open samples without numbers", i)
		}
		if v := o.res.Verdicts; len(v) != 1 || !v[0].Agrees || v[0].Measured != 30*time.Second {
			t.Errorf("verdicts = %+v, want the hint of 20 s kept for 30 s", v)
		}
		if want := 30*time.Second + 6*time.Second/7; o.took != want {
			t.Errorf("took %v, want %v", o.took, want)
		}
	})
}

func TestCancel(t *testing.T) {
	reason := errors.New("the user pressed Ctrl+C")
	for _, s := range []scripted.Script{{Idle: time.Minute}, {Hostile: "stall"}, {Hostile: "drip"}, {Hostile: "endless-body"}} {
		for _, after := range []time.Duration{0, time.Millisecond, 1200 * time.Millisecond, 4 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(after, func() { cancel(reason) })
				o := play(ctx, s, nil)
				var stop *run.Error
				if s.Hostile == "endless-body" && errors.As(o.err, &stop) {
					return // its body is over the limit at once, before any cancel
				}
				if !errors.Is(o.err, reason) || o.took != after {
					t.Errorf("%+v cancelled after %v: returned after %v with %v", s, after, o.took, o.err)
				}
				if o.res.Outcome != livetest.OutcomeInconclusive || o.res.Reason == "" {
					t.Errorf("a cancelled run is %q (%s)", o.res.Outcome, o.res.Reason)
				}
				if last := o.events[len(o.events)-1]; last.Kind != livetest.EventFinished {
					t.Errorf("the last event is %q", last.Kind)
				}
			})
		}
	}
}

func TestPartialNumbersOfACancelledRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		// Connections close at 8 s to 12 s: some before the end, some after.
		o := play(ctx, scripted.Script{Idle: 10 * time.Second, Spread: 2 * time.Second}, nil)
		if !errors.Is(o.err, context.DeadlineExceeded) || o.res.Outcome != livetest.OutcomeInconclusive {
			t.Errorf("err = %v, outcome = %q", o.err, o.res.Outcome)
		}
		if o.res.Idle.Samples == 0 || o.res.Idle.Samples == 7 {
			t.Errorf("%d samples, want some of 7", o.res.Idle.Samples)
		}
	})
}
