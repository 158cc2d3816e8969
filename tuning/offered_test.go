package tuning

import (
	"testing"
	"time"
)

// Times are offered as people write them: halves up to two seconds, whole seconds up to ten,
// then steps of five and of ten seconds, whole minutes and, from ten hours on, whole hours.
func TestTimesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	const milli, sec, hour = time.Millisecond, time.Second, time.Hour
	for d, want := range map[time.Duration]time.Duration{
		1740 * milli: 1500 * milli, 1760 * milli: 2 * sec, 1999 * milli: 2 * sec, 2 * sec: 2 * sec, 2400 * milli: 2 * sec,
		9400 * milli: 9 * sec, 10*sec - 1: 10 * sec, 10 * sec: 10 * sec, 12 * sec: 10 * sec, 13 * sec: 15 * sec,
		2*time.Minute - 3*sec: 115 * sec, 2 * time.Minute: 2 * time.Minute, 2*time.Minute + 4*sec: 2 * time.Minute,
		10*time.Minute - 6*sec: 590 * sec, 10 * time.Minute: 10 * time.Minute, 10*time.Minute + 20*sec: 10 * time.Minute,
		10*hour - 10*time.Minute: 10*hour - 10*time.Minute, 10 * hour: 10 * hour, 10*hour + 20*time.Minute: 10 * hour,
	} {
		if got := nearest10(d); got != want {
			t.Errorf("%v is offered as %v, want %v", d, got, want)
		}
	}
	for _, x := range []struct {
		n        int64
		down, up int64
	}{{0, 0, 0}, {7, 7, 7}, {99, 99, 99}, {100, 100, 100}, {101, 100, 110}, {999, 990, 1000}, {1000, 1000, 1000}, {1005, 1000, 1100}, {1234, 1200, 1300}} {
		if down, up := roundCount(x.n, false), roundCount(x.n, true); down != x.down || up != x.up {
			t.Errorf("%d is offered as %d or %d, want %d or %d", x.n, down, up, x.down, x.up)
		}
	}
}

// The gravest leg is the first with the worst verdict.
func TestTheGravestLeg(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		verdicts []Verdict
		want     int
	}{
		{[]Verdict{VerdictUnbounded, VerdictUnknown}, 1},
		{[]Verdict{VerdictUnknown, VerdictStale, VerdictRace}, 2},
		{[]Verdict{VerdictRace, VerdictRace}, 0},
		{[]Verdict{VerdictRace, VerdictUnknown}, 0},
	} {
		r := Report{Legs: make([]Leg, len(x.verdicts))}
		for i, v := range x.verdicts {
			r.Legs[i].Limit.Verdict = v
		}
		if got := r.Gravest(); got != x.want {
			t.Errorf("of %v the gravest is %d, want %d", x.verdicts, got, x.want)
		}
	}
	if got := (&Grading{}).Text(); got != "nothing above info is found" {
		t.Errorf("of nothing: %q", got)
	}
}
