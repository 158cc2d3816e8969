package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestCompare(t *testing.T) {
	sec := time.Second
	spread := tuning.Limiter{Low: 5 * sec, High: 6 * sec}
	exact := tuning.Limiter{Low: 60 * sec, High: 60 * sec}
	at := func(low, median, high time.Duration) model.ProbeIdle {
		return model.ProbeIdle{Samples: 8, Low: &low, After: &median, High: &high}
	}
	open := func(low, median time.Duration) model.ProbeIdle {
		return model.ProbeIdle{Samples: 8, Open: 1, Low: &low, After: &median}
	}
	for name, c := range map[string]struct {
		x           tuning.Limiter
		idle        model.ProbeIdle
		say, agrees bool
	}{
		"within the spread":         {spread, at(5*sec, 5500*time.Millisecond, 6*sec), true, true},
		"below it":                  {spread, at(4940*time.Millisecond, 5*sec, 6*sec), true, false},
		"above it":                  {spread, at(5*sec, 5*sec, 6051*time.Millisecond), true, false},
		"one still open":            {spread, open(5*sec, 5*sec), true, false},
		"all open at the limit":     {spread, model.ProbeIdle{Samples: 8, Open: 8, Close: model.CloseNone}, true, false},
		"exact, within a tenth":     {exact, at(54*sec, 55*sec, 67*sec), true, true},
		"exact, off":                {exact, at(30*sec, 50*sec, 67*sec), true, false},
		"too few samples":           {spread, model.ProbeIdle{Samples: 2, Open: 2}, false, false},
		"never":                     {tuning.Limiter{Low: model.Never, High: model.Never}, at(sec, sec, sec), false, false},
		"longer than what we watch": {tuning.Limiter{Low: 90 * sec, High: 90 * sec}, model.ProbeIdle{Samples: 8, Open: 8}, false, false},
	} {
		r := model.ProbeResult{Idle: c.idle, Spec: model.NewProbeSpec(model.ProbeTarget{Host: "192.0.2.1"})}
		got, ok := tuning.Compare(c.x, r)
		if ok != c.say || c.say && got.Agrees != c.agrees {
			t.Errorf("%s: %v %+v", name, ok, got)
		}
	}
}
