package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

func TestCompare(t *testing.T) {
	sec := time.Second
	spread := tuning.Limiter{Low: 5 * sec, High: 6 * sec}
	exact := tuning.Limiter{Low: 60 * sec, High: 60 * sec}
	at := func(low, median, high time.Duration) livetest.Idle {
		return livetest.Idle{Samples: 8, Low: &low, After: &median, High: &high}
	}
	open := func(low, median time.Duration) livetest.Idle {
		return livetest.Idle{Samples: 8, Open: 1, Low: &low, After: &median}
	}
	for name, c := range map[string]struct {
		x           tuning.Limiter
		idle        livetest.Idle
		say, agrees bool
	}{
		"within the spread":         {spread, at(5*sec, 5500*time.Millisecond, 6*sec), true, true},
		"below it":                  {spread, at(4940*time.Millisecond, 5*sec, 6*sec), true, false},
		"above it, by load":         {spread, at(5*sec, 5*sec, 7600*time.Millisecond), true, true},
		"above it":                  {spread, at(5*sec, 5*sec, 7601*time.Millisecond), true, false},
		"one still open":            {spread, open(5*sec, 5*sec), true, false},
		"all open at the limit":     {spread, livetest.Idle{Samples: 8, Open: 8, Close: livetest.CloseNone}, true, false},
		"exact, within a tenth":     {exact, at(54*sec, 55*sec, 67*sec), true, true},
		"exact, off":                {exact, at(30*sec, 50*sec, 67*sec), true, false},
		"too few samples":           {spread, livetest.Idle{Samples: 2, Open: 2}, false, false},
		"never":                     {tuning.Limiter{Low: model.Never, High: model.Never}, at(sec, sec, sec), false, false},
		"as long as we watch":       {tuning.Limiter{Low: 80 * sec, High: 90*sec - 50*time.Millisecond}, livetest.Idle{Samples: 8, Open: 8}, false, false},
		"a moment less":             {tuning.Limiter{Low: 80 * sec, High: 90*sec - 51*time.Millisecond}, livetest.Idle{Samples: 8, Open: 8}, true, false},
		"longer than what we watch": {tuning.Limiter{Low: 90 * sec, High: 90 * sec}, livetest.Idle{Samples: 8, Open: 8}, false, false},
	} {
		r := livetest.Result{Idle: c.idle, Spec: livetest.NewSpec(livetest.Target{Host: "192.0.2.1"})}
		got, ok := tuning.Compare(c.x, r)
		if ok != c.say || c.say && got.Agrees != c.agrees {
			t.Errorf("%s: %v %+v", name, ok, got)
		}
	}
}

// EFF-1 is said of what was measured and does not agree, and of nothing else.
func TestMismatch(t *testing.T) {
	x := tuning.Limiter{Ref: tuning.ParamRef{Endpoint: "apache", Param: "apache.KeepAliveTimeout"}, Name: "KeepAliveTimeout", Low: 5 * time.Second, High: 5 * time.Second}
	report := tuning.Report{Legs: make([]tuning.Leg, 2)}
	closes := func(d time.Duration) livetest.Idle {
		return livetest.Idle{Samples: 3, Low: &d, After: &d, High: &d}
	}
	for name, c := range map[string]struct {
		idle    livetest.Idle
		outcome livetest.Outcome
		says    string
	}{
		"just within":    {closes(6500 * time.Millisecond), livetest.OutcomeMeasured, ""},
		"just beyond":    {closes(6501 * time.Millisecond), livetest.OutcomeMeasured, "apache KeepAliveTimeout should end idle connections after 5 s; they ended after 6.501 s"},
		"never":          {livetest.Idle{Samples: 3, Open: 3, Close: livetest.CloseNone}, livetest.OutcomeMeasured, "apache KeepAliveTimeout should end idle connections after 5 s; they were still open after 90 s"},
		"no verdict":     {closes(time.Minute), livetest.OutcomeInconclusive, ""},
		"too few":        {livetest.Idle{Samples: 2, Open: 2}, livetest.OutcomeMeasured, ""},
		"nothing closed": {livetest.Idle{}, livetest.OutcomeInconclusive, ""},
	} {
		f, ok := tuning.Mismatch(report, x, livetest.Result{Spec: livetest.Spec{IdleLimit: 90 * time.Second}, Idle: c.idle, Outcome: c.outcome})
		if ok != (c.says != "") || ok && (f.Rule.ID != "EFF-1" || f.Severity != tuning.Error || f.Leg != 1 || len(f.Because) != 1 || f.Because[0] != c.says) {
			t.Errorf("%s: %v %+v", name, ok, f)
		}
	}
}

// The catalog's step of the timer that ends silent connections, none where it is exact.
func TestStepOf(t *testing.T) {
	for path, want := range map[string]time.Duration{
		"curl > lighttpd": time.Second, "curl > tomcat": time.Second, "curl > bun": 4 * time.Second, "curl > waitress": 30 * time.Second,
		"curl > nginx": 0, "curl > apache": 0, "ssh > sshd": 0,
	} {
		catalog := model.Embedded()
		p, err := model.ParsePath(path, catalog)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tuning.Analyze(model.Document{Path: p}, tuning.NewEnv(catalog, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := tuning.StepOf(&r.Legs[0]); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// A configured time that may lie in the step before the looks that were seen is not broken.
func TestCompareTicks(t *testing.T) {
	const sec = time.Second
	ticks := func(low, high, step time.Duration) livetest.Result {
		after := (low + high) / 2
		return livetest.Result{Spec: livetest.Spec{IdleLimit: 90 * sec}, Idle: livetest.Idle{
			Samples: 7, Low: &low, After: &after, High: &high, Ticks: &livetest.Ticks{Moments: 2, Step: step},
		}}
	}
	for name, c := range map[string]struct {
		says       time.Duration
		r          livetest.Result
		ok, agrees bool
	}{
		"in the step":             {8 * sec, ticks(9*sec, 11*sec, 4*sec), true, true},
		"at its end":              {9 * sec, ticks(9*sec, 12*sec, 4*sec), true, true},
		"later than what was low": {12 * sec, ticks(9*sec, 10*sec, 4*sec), true, false},
		"50 ms later":             {9*sec + 50*time.Millisecond, ticks(9*sec, 20*sec, 12*sec), true, true},
		"51 ms later, step known": {9*sec + 51*time.Millisecond, ticks(9*sec, 20*sec, 12*sec), true, false},
		"before the step":         {5 * sec, ticks(9*sec, 11*sec, 4*sec), true, false},
		"the step is not known":   {3 * sec, ticks(9*sec, 10*sec, 0), false, false},
		"not known, and later":    {20 * sec, ticks(9*sec, 10*sec, 0), true, false},
	} {
		v, ok := tuning.Compare(tuning.Limiter{Low: c.says, High: c.says}, c.r)
		if ok != c.ok || ok && v.Agrees != c.agrees {
			t.Errorf("%s: %+v %v", name, v, ok)
		}
	}
}
