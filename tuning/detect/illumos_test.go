package detect

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// Each of the four settings changes what it says, and a limit of 0 ends nothing.
func TestIllumosSettings(t *testing.T) {
	t.Parallel()
	const never = model.Never
	for name, x := range map[string]struct {
		change                 func(*Socket)
		idle, survived, flight time.Duration
		try                    time.Duration
	}{
		"as it is":                       {func(*Socket) {}, 7680 * time.Second, 420 * time.Second, 342 * time.Second, 282 * time.Second},
		"probes for two minutes":         {func(s *Socket) { s.ProbeAbort = 2 * time.Minute }, 7320 * time.Second, time.Minute, 342 * time.Second, 282 * time.Second},
		"probes for less than the gap":   {func(s *Socket) { s.ProbeAbort = time.Minute / 2 }, 7230 * time.Second, 0, 342 * time.Second, 282 * time.Second},
		"probes for ever":                {func(s *Socket) { s.ProbeAbort = 0 }, never, never, 342 * time.Second, 282 * time.Second},
		"data for as long as a try took": {func(s *Socket) { s.DataAbort = 282 * time.Second }, 7680 * time.Second, 420 * time.Second, 342 * time.Second, 282 * time.Second},
		"and a moment less":              {func(s *Socket) { s.DataAbort = 282*time.Second - 1 }, 7680 * time.Second, 420 * time.Second, 282 * time.Second, 222 * time.Second},
		"data until the doubling ends":   {func(s *Socket) { s.DataAbort = time.Second }, 7680 * time.Second, 420 * time.Second, 1200 * time.Millisecond, 400 * time.Millisecond},
		"data for three weeks":           {func(s *Socket) { s.DataAbort = 500 * time.Hour }, 7680 * time.Second, 420 * time.Second, 1800042 * time.Second, 1799982 * time.Second},
		"data for ever":                  {func(s *Socket) { s.DataAbort = 0 }, 7680 * time.Second, 420 * time.Second, never, never},
		"a floor of one second":          {func(s *Socket) { s.RTOMin = time.Second }, 7680 * time.Second, 420 * time.Second, 303 * time.Second, 243 * time.Second},
		"a ceiling of two":               {func(s *Socket) { s.RTOMax = 2 * time.Second }, 7680 * time.Second, 478 * time.Second, 300800 * time.Millisecond, 298800 * time.Millisecond},
	} {
		s := Of(model.StackIllumos)
		s.KeepAlive = true
		x.change(&s)
		survived, _ := ProbesOutlast(s)
		flight := InFlight(s)
		if got := Idle(s).After; got != x.idle || survived != x.survived {
			t.Errorf("%s: idle %s, survives %s; want %s and %s", name, got, survived, x.idle, x.survived)
		}
		if flight.After != x.flight || flight.Try != x.try {
			t.Errorf("%s: in flight %s, last try %s; want %s and %s", name, flight.After, flight.Try, x.flight, x.try)
		}
	}
}
