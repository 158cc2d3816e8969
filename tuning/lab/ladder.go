package lab

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A LadderPath is how the live test's ladder goes through the box.
type LadderPath string

// The paths of a ladder.
const (
	OverHTTP LadderPath = "http"    // requests to an HTTP server
	OverTCP  LadderPath = "tcp"     // TCP probes, nothing sent
	FarEnd   LadderPath = "far end" // to a cooperating far end beside an HTTP server, in both directions
)

// A LadderScenario is the live test's ladder instead of a connection of the lab's own.
// Its zero value is none.
type LadderScenario struct {
	Path   LadderPath
	Inward bool // judge the direction in which the far end sends
	// ServerIdle is the HTTP server's own idle timeout; 0 is none. With a far
	// end idle samples are taken too, held with TCP keep-alive.
	ServerIdle time.Duration
	// The cable is pulled at a time since the ladder's start, and put back at
	// another; 0 is never. Both is on the router's side of the client.
	PulledAt, BackAt time.Duration
}

// String names what is not the default.
func (c LadderScenario) String() string {
	text := "ladder " + string(c.Path)
	if c.Inward {
		text += " in"
	}
	if c.ServerIdle > 0 {
		text += " server=" + brief(c.ServerIdle)
	}
	if c.PulledAt > 0 {
		text += " cable pulled at " + brief(c.PulledAt)
	}
	if c.BackAt > 0 {
		text += ", back at " + brief(c.BackAt)
	}
	return text
}

// top is the ladder's longest gap.
func (s Case) top() time.Duration { return 2 * max(s.Router.Timeout, s.Ladder.ServerIdle) }

// ackDelay is how long after the last segment received its acknowledgement,
// which refreshes the box's entry, may be on its way: a delayed
// acknowledgement (40 ms) and some ticks.
const ackDelay = 60 * time.Millisecond

// Inconclusive is the outcome of a ladder that has no answer.
const Inconclusive Outcome = "inconclusive"

// predictLadder is what the ladder is to find: that the box forgets between low
// and high, how, whether TCP keep-alive holds it, and when the server closes.
func predictLadder(s Case) Prediction {
	b, c := s.Router, s.Ladder
	p := Prediction{b.Timeout, b.Timeout + ackDelay, Outcome(livetest.CloseSilent)}
	never := Prediction{s.top(), s.top(), Alive}
	switch {
	case c.PulledAt > 0 && c.BackAt == 0:
		return Prediction{Outcome: Inconclusive}
	case c.Path != FarEnd && c.ServerIdle > 0 && c.ServerIdle < b.Timeout:
		// A close is seen by itself, and no probe touches it.
		return Prediction{c.ServerIdle, c.ServerIdle + ackDelay, Outcome(livetest.CloseFIN)}
	case b.forgives(), b.Policy == FromInside && !c.Inward:
		p = never
	case b.ResetBoth:
		p.Outcome = Outcome(livetest.CloseRST) + ", held"
	case b.Reset:
		p.Outcome = Outcome(livetest.CloseRSTOnSend) + ", held"
	case b.Policy == Lifetime:
		p.Outcome += ", not held"
	default:
		p.Outcome += ", held"
	}
	if c.Path == FarEnd && c.ServerIdle > 0 {
		p.Outcome += Outcome("; the server closes at " + brief(c.ServerIdle))
	}
	if c.BackAt > 0 {
		p.Outcome += "; some do not count"
	}
	return p
}

// ladderFound is what a ladder found, in the words of predictLadder.
func ladderFound(s Case, r livetest.Result) (o Outcome, alive, dead time.Duration) {
	d := livetest.Outward
	if s.Ladder.Inward {
		d = livetest.Inward
	}
	if r.Outcome != livetest.OutcomeMeasured {
		return Inconclusive, 0, 0
	}
	var same []livetest.Ladder
	discarded := false
	for _, l := range r.Ladders {
		if l.Direction != d {
			continue
		}
		same = append(same, l)
		for _, g := range l.Rungs {
			discarded = discarded || g.State == livetest.SampleDiscarded && !strings.HasPrefix(g.Why, "given up")
		}
		if l.Probes {
			continue
		}
		o = Alive
		if l.Alive != nil {
			alive = *l.Alive
		}
		if l.Dead != nil {
			o, dead = Outcome(l.Close), *l.Dead
		}
	}
	switch held, known := livetest.Held(same); {
	case known && held:
		o += ", held"
	case known:
		o += ", not held"
	}
	if a := r.TimerAttribution(); s.Ladder.Path == FarEnd && a.Server != nil {
		o += Outcome("; the server closes at " + brief(a.Server.Round(100*time.Millisecond)))
	}
	if s.Ladder.BackAt > 0 && discarded {
		o += "; some do not count"
	}
	return o, alive, dead
}

// How far a ladder's bracket may lie beside the box's time, and how wide it may
// be: the engine's own precision is 0.5 s, the rest is for a machine that does
// much else. Two gaps that follow each other are 2 s apart or more.
const (
	bracketNoise = 20 * time.Millisecond
	bracketWidth = 1500 * time.Millisecond
	closeLate    = 250 * time.Millisecond // a close is stamped when it is read
)

// brackets says whether the box's time lies in the bracket.
func (s Sample) brackets() bool {
	p := s.Prediction
	switch {
	case s.Outcome == Inconclusive:
		return true
	case s.Measured == 0: // nothing died
		return s.Outlived == p.High
	case s.Case.closes():
		return s.Measured >= p.Low-bracketNoise && s.Measured <= p.High+closeLate
	}
	return s.Outlived <= p.High && s.Measured >= p.Low-bracketNoise && s.Measured-s.Outlived <= bracketWidth
}

// starved says whether a ladder did not find its answer because the test did
// not always run.
func (s Sample) starved() bool {
	if s.Case.Ladder == (LadderScenario{}) || s.Inside() {
		return false
	}
	for _, l := range s.Ladders {
		for _, g := range l.Rungs {
			if strings.Contains(g.Why, "did not run for") {
				return true
			}
		}
	}
	return false
}

// closes says whether the ladder sees the close itself, not only a dead connection.
func (s Case) closes() bool {
	return s.Router.ResetBoth || s.Ladder.Path != FarEnd && s.Ladder.ServerIdle > 0 && s.Ladder.ServerIdle < s.Router.Timeout
}

// ladders are those that a plan for a middlebox runs. A box that resets
// both ends does so between two gaps: what is sent at that very moment may be
// refused before the RST is there.
func ladders(s Case) []Case {
	const sec = time.Second
	strict := Router{Policy: Strict}
	var all []Case
	add := func(timeout time.Duration, b Router, c LadderScenario) {
		s.Router, s.Ladder = b, c
		s.Router.Timeout = timeout
		all = append(all, s)
	}
	for _, path := range []LadderPath{OverHTTP, OverTCP} {
		add(3*sec, Router{Policy: DropInvalid}, LadderScenario{Path: path})
		add(5*sec, Router{Policy: DropInvalid, Reset: true}, LadderScenario{Path: path})
		add(4*sec, Router{Policy: DropInvalid, Loose: true}, LadderScenario{Path: path})
		add(8*sec, strict, LadderScenario{Path: path})
		add(6*sec, Router{Policy: Strict, Loose: true, Reset: true}, LadderScenario{Path: path})
		add(4*sec, Router{Policy: Strict, ResetBoth: true}, LadderScenario{Path: path})
	}
	for _, path := range []LadderPath{OverHTTP, OverTCP, FarEnd} {
		pulled := LadderScenario{Path: path, Inward: path == FarEnd, PulledAt: 2500 * time.Millisecond}
		add(6*sec, strict, pulled)
		pulled.BackAt = 9200 * time.Millisecond
		add(8*sec, strict, pulled)
	}
	for _, inward := range []bool{false, true} {
		add(4*sec, Router{Policy: FromInside, Loose: true}, LadderScenario{Path: FarEnd, Inward: inward})
		add(4*sec, Router{Policy: Outward}, LadderScenario{Path: FarEnd, Inward: inward})
		add(4*sec, Router{Policy: Strict, ResetBoth: true}, LadderScenario{Path: FarEnd, Inward: inward})
		add(4*sec, strict, LadderScenario{Path: FarEnd, Inward: inward, ServerIdle: 6 * sec})
		add(6*sec, Router{Policy: DropInvalid, Reset: true}, LadderScenario{Path: FarEnd, Inward: inward, ServerIdle: 4 * sec})
	}
	add(4*sec, Router{Policy: Lifetime}, LadderScenario{Path: OverTCP})
	add(6*sec, strict, LadderScenario{Path: OverHTTP, ServerIdle: 4 * sec})
	add(4*sec, strict, LadderScenario{Path: OverHTTP, ServerIdle: 6 * sec})
	return all
}

// checkLadder says why a ladder cannot be run.
func (s Case) checkLadder() error {
	switch c := s.Ladder; {
	case c.Path != OverHTTP && c.Path != OverTCP && c.Path != FarEnd:
		return fmt.Errorf("there is no path %.40q for a ladder", string(c.Path))
	case s.Scenario != Middlebox:
		return fmt.Errorf("a ladder needs the scenario %s", Middlebox)
	case c.BackAt > 0 && (c.PulledAt == 0 || c.BackAt <= c.PulledAt):
		return fmt.Errorf("the cable is back at %s, before it is pulled", model.HumanSpan(c.BackAt))
	}
	return nil
}
