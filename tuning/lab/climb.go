package lab

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A Way is how the live test's ladder goes through the box.
type Way string

// The ways.
const (
	OverHTTP Way = "http"    // requests to an HTTP server
	OverTCP  Way = "tcp"     // TCP probes, nothing sent
	FarEnd   Way = "far end" // to a cooperating far end beside an HTTP server, in both directions
)

// A Climb is the live test's ladder instead of a connection of the lab's own.
// Its zero value is none.
type Climb struct {
	Way    Way
	Inward bool // judge the direction in which the far end sends
	// ServerIdle is the HTTP server's own idle timeout; 0 is none. With a far
	// end idle samples are taken too, held with TCP keep-alive.
	ServerIdle time.Duration
	// The cable is pulled at a time since the ladder's start, and put back at
	// another; 0 is never. Both is on the router's side of the client.
	PulledAt, BackAt time.Duration
}

// String names what is not the default.
func (c Climb) String() string {
	text := "ladder " + string(c.Way)
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
func (s Settings) top() time.Duration { return 2 * max(s.Box.Timeout, s.Climb.ServerIdle) }

// ackDelay is how long after the last segment received its acknowledgement,
// which refreshes the box's entry, may be on its way: a delayed
// acknowledgement (40 ms) and some ticks.
const ackDelay = 60 * time.Millisecond

// Inconclusive is the outcome of a ladder that has no answer.
const Inconclusive Outcome = "inconclusive"

// predictClimb is what the ladder is to find: that the box forgets between low
// and high, how, whether TCP keep-alive holds it, and when the server closes.
func predictClimb(s Settings) Prediction {
	b, c := s.Box, s.Climb
	p := Prediction{b.Timeout, b.Timeout + ackDelay, Outcome(livetest.CloseSilent)}
	never := Prediction{s.top(), s.top(), Alive}
	switch {
	case c.PulledAt > 0 && c.BackAt == 0:
		return Prediction{Outcome: Inconclusive}
	case c.Way != FarEnd && c.ServerIdle > 0 && c.ServerIdle < b.Timeout:
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
	if c.Way == FarEnd && c.ServerIdle > 0 {
		p.Outcome += Outcome("; the server closes at " + brief(c.ServerIdle))
	}
	if c.BackAt > 0 {
		p.Outcome += "; some do not count"
	}
	return p
}

// climbed is what a ladder found, in the words of predictClimb.
func climbed(s Settings, r livetest.Result) (o Outcome, alive, dead time.Duration) {
	d := livetest.Outward
	if s.Climb.Inward {
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
	if a := r.TimerAttribution(); s.Climb.Way == FarEnd && a.Server != nil {
		o += Outcome("; the server closes at " + brief(a.Server.Round(100*time.Millisecond)))
	}
	if s.Climb.BackAt > 0 && discarded {
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
	case s.Settings.closes():
		return s.Measured >= p.Low-bracketNoise && s.Measured <= p.High+closeLate
	}
	return s.Outlived <= p.High && s.Measured >= p.Low-bracketNoise && s.Measured-s.Outlived <= bracketWidth
}

// starved says whether a ladder did not find its answer because the test did
// not always run.
func (s Sample) starved() bool {
	if s.Settings.Climb == (Climb{}) || s.Inside() {
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
func (s Settings) closes() bool {
	return s.Box.ResetBoth || s.Climb.Way != FarEnd && s.Climb.ServerIdle > 0 && s.Climb.ServerIdle < s.Box.Timeout
}

// climbs are the ladders that a plan for a middlebox runs. A box that resets
// both ends does so between two gaps: what is sent at that very moment may be
// refused before the RST is there.
func climbs(s Settings) []Settings {
	const sec = time.Second
	strict := Box{Policy: Strict}
	var all []Settings
	add := func(timeout time.Duration, b Box, c Climb) {
		s.Box, s.Climb = b, c
		s.Box.Timeout = timeout
		all = append(all, s)
	}
	for _, way := range []Way{OverHTTP, OverTCP} {
		add(3*sec, Box{Policy: DropInvalid}, Climb{Way: way})
		add(5*sec, Box{Policy: DropInvalid, Reset: true}, Climb{Way: way})
		add(4*sec, Box{Policy: DropInvalid, Loose: true}, Climb{Way: way})
		add(8*sec, strict, Climb{Way: way})
		add(6*sec, Box{Policy: Strict, Loose: true, Reset: true}, Climb{Way: way})
		add(4*sec, Box{Policy: Strict, ResetBoth: true}, Climb{Way: way})
	}
	for _, way := range []Way{OverHTTP, OverTCP, FarEnd} {
		pulled := Climb{Way: way, Inward: way == FarEnd, PulledAt: 2500 * time.Millisecond}
		add(6*sec, strict, pulled)
		pulled.BackAt = 9200 * time.Millisecond
		add(8*sec, strict, pulled)
	}
	for _, inward := range []bool{false, true} {
		add(4*sec, Box{Policy: FromInside, Loose: true}, Climb{Way: FarEnd, Inward: inward})
		add(4*sec, Box{Policy: Outward}, Climb{Way: FarEnd, Inward: inward})
		add(4*sec, Box{Policy: Strict, ResetBoth: true}, Climb{Way: FarEnd, Inward: inward})
		add(4*sec, strict, Climb{Way: FarEnd, Inward: inward, ServerIdle: 6 * sec})
		add(6*sec, Box{Policy: DropInvalid, Reset: true}, Climb{Way: FarEnd, Inward: inward, ServerIdle: 4 * sec})
	}
	add(4*sec, Box{Policy: Lifetime}, Climb{Way: OverTCP})
	add(6*sec, strict, Climb{Way: OverHTTP, ServerIdle: 4 * sec})
	add(4*sec, strict, Climb{Way: OverHTTP, ServerIdle: 6 * sec})
	return all
}

// checkClimb says why a ladder cannot be run.
func (s Settings) checkClimb() error {
	switch c := s.Climb; {
	case c.Way != OverHTTP && c.Way != OverTCP && c.Way != FarEnd:
		return fmt.Errorf("there is no way %.40q for a ladder", string(c.Way))
	case s.Scenario != Middlebox:
		return fmt.Errorf("a ladder needs the scenario %s", Middlebox)
	case c.BackAt > 0 && (c.PulledAt == 0 || c.BackAt <= c.PulledAt):
		return fmt.Errorf("the cable is back at %s, before it is pulled", model.HumanSpan(c.BackAt))
	}
	return nil
}
