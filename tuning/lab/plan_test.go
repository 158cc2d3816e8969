package lab

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

func TestDrawIsReproducible(t *testing.T) {
	plan := Plan{Scenario: All, Random: 200, Seed: 7}
	first, err := plan.List()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := plan.List()
	if !reflect.DeepEqual(first, again) {
		t.Error("the same seed draws other settings")
	}
	plan.Seed = 8
	if other, _ := plan.List(); reflect.DeepEqual(first, other) {
		t.Error("another seed draws the same settings")
	}
	plan.Random, plan.Seed = 60, 7
	if less, _ := plan.List(); !reflect.DeepEqual(less, first[:60]) {
		t.Error("a shorter plan is not the beginning of a longer one")
	}
	seen := map[Scenario]int{}
	for _, s := range first {
		seen[s.Scenario]++
	}
	for _, s := range Scenarios() {
		if seen[s] != 200/len(Scenarios()) {
			t.Errorf("%d of 200 are %s", seen[s], s)
		}
	}
}

func TestEverySettingCanBeRun(t *testing.T) {
	drawn, err := Plan{Scenario: All, Random: 2000, Seed: 1}.List()
	if err != nil {
		t.Fatal(err)
	}
	table, err := Plan{Scenario: All}.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(drawn, table...) {
		if err := s.Check(); err != nil {
			t.Errorf("%s %s: %v", s.Scenario, s, err)
		}
		p := predict(s, facts{HZ: 250, RTT: 30 * time.Microsecond, RTO: 204 * time.Millisecond, WriteAt: s.WriteAt, SetAt: s.IdleSetAt})
		if p.Low > p.High || p.High > longest+time.Second || p.Outcome == "" {
			t.Errorf("%s %s: predicted %+v", s.Scenario, s, p)
		}
	}
}

// What was added to the draw comes up in each kind that it belongs to.
func TestDrawReachesEveryCorner(t *testing.T) {
	drawn, err := Plan{Scenario: All, Random: 1000, Seed: 9}.List()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range drawn {
		if s.RTOMax < 2*time.Minute {
			seen["rto_max "+string(s.Scenario)] = true
		}
		if s.KeepAlive && s.Count == 0 {
			seen[fmt.Sprintf("no probes, peer lives %v", s.PeerLives)] = true
		}
		if s.IdleWas > 0 {
			seen[fmt.Sprintf("shorter %v, past %v", s.Idle < s.IdleWas, s.Idle < s.IdleSetAt)] = true
		}
		if s.Scenario == Orphaned {
			seen[fmt.Sprintf("orphan 0 %v", s.Orphans == 0)] = true
		}
		seen[string(s.Half)] = true
		if s.FinTimeout > time.Minute {
			seen["more than a minute"] = true
		}
	}
	for _, want := range []string{
		"rto_max in-flight", "rto_max connect", "rto_max orphan", "no probes, peer lives true", "no probes, peer lives false",
		"shorter true, past true", "shorter true, past false", "shorter false, past false", "orphan 0 true", "orphan 0 false",
		"CLOSE_WAIT", "FIN_WAIT2 by shutdown", "FIN_WAIT2 after close", "more than a minute",
	} {
		if !seen[want] {
			t.Errorf("none of 1000 is %q", want)
		}
	}
}

func TestRefusals(t *testing.T) {
	idle := Default(IdleConnection).probes(2*time.Second, time.Second, 3)
	change := func(f func(*Case)) Plan {
		return Plan{Cases: []Case{with(idle, f)}}
	}
	for want, p := range map[string]Plan{
		"-1 random settings":              {Scenario: All, Random: -1},
		"10001 random":                    {Scenario: All, Random: 10001},
		"300 at a time":                   {Scenario: All, Parallel: 300},
		`no scenario "idel"; choose idle`: {Scenario: "idel"},
		"not in all":                      {Cases: []Case{Default(All)}},
		"never ends without keep-alive":   {Cases: []Case{Default(IdleConnection)}},
		"first probe is 2.5 s":            change(func(s *Case) { s.Idle = 2500 * time.Millisecond }),
		"interval is 9 h 6 m 8 s":         change(func(s *Case) { s.Every = 32768 * time.Second }),
		"probe count is 128":              change(func(s *Case) { s.Count = 128 }),
		"tcp_syn_retries is 0":            change(func(s *Case) { s.SynRetries = 0 }),
		"retries2 is 256":                 change(func(s *Case) { s.Retries = 256 }),
		"the lab waits for 1 h":           change(func(s *Case) { s.Idle = 2 * time.Hour }),
		"whole milliseconds":              change(user(time.Microsecond)),
		"must be after the last segment":  change(func(s *Case) { s.Scenario = LateWrite }),
		"TCP_KEEPIDLE is changed":         change(was(3*time.Second, 4*time.Second)),
		"tcp_rto_max_ms is 999 ms":        change(rtoMax(999 * time.Millisecond)),
		"no way \"half\" to close":        change(func(s *Case) { s.Scenario, s.Half = HalfClosed, "half" }),
		"comes too late":                  change(func(s *Case) { s.Scenario, s.WriteAt, s.Retries = LateWrite, 6*time.Second, 3 }),
		"conntrack takes whole seconds":   change(func(s *Case) { s.Scenario = Middlebox }),
	} {
		_, err := p.List()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestInside(t *testing.T) {
	const milli = time.Millisecond
	s := Sample{Prediction: Prediction{5052 * milli, 5108 * milli, TimedOut}, Outcome: TimedOut}
	for took, want := range map[time.Duration]bool{
		5046 * milli: false, 5047 * milli: true, 5080 * milli: true, 5120 * milli: true, 5121 * milli: false,
	} {
		if s.Measured = took; s.Inside() != want {
			t.Errorf("%s: inside is %v", took, !want)
		}
	}
	s.Measured = 5080 * milli
	for _, change := range []func(*Sample){
		func(s *Sample) { s.Outcome = Reset },
		func(s *Sample) { s.Error = "not run" },
	} {
		other := s
		if change(&other); other.Inside() {
			t.Errorf("%+v is inside", other)
		}
	}
	var sum Summary
	sum.add(s)
	sum.add(Sample{Repeated: true, Error: "not run"})
	if sum != (Summary{Samples: 2, Inside: 1, Repeated: 1}) {
		t.Errorf("summary %+v", sum)
	}
}

func TestSampleAgain(t *testing.T) {
	inside := Sample{Case: Default(IdleConnection), Prediction: Prediction{Outcome: TimedOut}, Outcome: TimedOut}
	outside, missed := inside, inside
	outside.Outcome = Reset
	missed.Error = "the first window probe was faster than the cut"
	for _, tt := range []struct {
		name           string
		s              Sample
		late           bool
		first, further bool
	}{
		{"inside", inside, false, false, false},
		{"inside, late", inside, true, true, false},
		{"outside", outside, false, false, false},
		{"outside, late", outside, true, true, true},
		{"missed", missed, false, true, true},
	} {
		tt.s.runs = 1
		if got := tt.s.again(tt.late); got != tt.first {
			t.Errorf("%s: again %v", tt.name, got)
		}
		tt.s.Repeated = true
		for tt.s.runs = 2; tt.s.runs < mostRuns; tt.s.runs++ {
			if got := tt.s.again(tt.late); got != tt.further {
				t.Errorf("%s, run %d: again %v", tt.name, tt.s.runs, got)
			}
		}
		if tt.s.again(tt.late) {
			t.Errorf("%s: again after %d runs", tt.name, tt.s.runs)
		}
	}
}

func TestHostHZ(t *testing.T) {
	hz, ok := HostHZ()
	if ok && (hz < 24 || hz > 1200) {
		t.Errorf("HZ %d", hz)
	}
}

func TestPredictMiddlebox(t *testing.T) {
	const sec = time.Second
	f := facts{HZ: 250, RTT: 30 * time.Microsecond, RTO: 204 * time.Millisecond}
	s := Default(Middlebox)
	s.UserTimeout = 2 * sec
	s.Router = Router{Timeout: 3 * sec, Policy: DropInvalid}
	for _, c := range []struct {
		change func(*Case)
		want   Outcome
		after  time.Duration
	}{
		{func(*Case) {}, TimedOut, 2424 * time.Millisecond},
		{func(s *Case) { s.Router.Loose = true }, Alive, 0},
		{func(s *Case) { s.Router.Loose, s.Router.Policy = true, Strict }, TimedOut, 2424 * time.Millisecond},
		{func(s *Case) { s.Router.Reset = true }, Reset, 0},
		{func(s *Case) { *s = s.probes(2*sec, sec, 3) }, Alive, 0},
		{func(s *Case) { *s = s.probes(3*sec, sec, 3); s.UserTimeout = 0 }, TimedOut, 6*sec + 52*time.Millisecond},
		{func(s *Case) { *s = s.probes(3*sec, sec, 3); s.Router.Reset = true }, Reset, 3 * sec},
	} {
		one := with(s, c.change)
		p := predict(one, f)
		if p.Outcome != c.want || p.Low < c.after-10*time.Millisecond || p.Low > c.after+10*time.Millisecond {
			t.Errorf("%s: predicted %+v, want %s from %s", one, p, c.want, c.after)
		}
		if p.High == model.Never {
			t.Errorf("%s: no end", one)
		}
	}
}
