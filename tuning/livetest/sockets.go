package livetest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Sockets is the most connections the polite part of the test has open at
// once: first the silent ones with the control connection and one for the
// short questions, then the ladder, then the race. Held connections are asked
// for by number and come on top.
func (s Spec) Sockets() int {
	n := s.BeforeRequestSamples() + s.MidHeaderSamples() + s.HTTP2Samples()
	if s.Measures(MeasureIdle) {
		n += s.Connections
	}
	if n > 0 {
		n++
	}
	if slices.ContainsFunc([]Measurement{MeasureRequests, MeasureHint, MeasureHTTP10, MeasureHead}, s.Measures) {
		n++
	}
	if s.Measures(MeasureLadder) {
		ladder := LadderConnections + 1
		if s.Ladder != nil && s.Ladder.FarEnd != "" {
			ladder = 2*FarEndConnections + 1
		}
		n = max(n, ladder)
	}
	if s.Race != nil && s.Measures(MeasureRace) {
		n = max(n, s.Race.Clients)
	}
	return n
}

// AllSockets is Sockets with the held connections.
func (s Spec) AllSockets() int {
	if !s.Measures(MeasureHold) {
		return s.Sockets()
	}
	return max(s.Sockets(), s.Hold+1)
}

// Longest is the most time the test can take, without what the target adds by
// being slow: every part in turn, the ladder with its refinements.
func (s Spec) Longest() time.Duration {
	var d time.Duration
	if s.silent() {
		d += s.IdleLimit + s.Spread()
	}
	if s.Measures(MeasureLadder) {
		d += ladderRounds * s.IdleLimit
	}
	if s.Measures(MeasureRace) && s.Race != nil {
		d += s.Race.longest(s.IdleLimit)
	}
	if s.Measures(MeasureHold) {
		d += s.IdleLimit
	}
	return max(d, time.Second)
}

// ladderRounds is the first climb, three refinements and the one with probes,
// each at most as long as the longest gap.
const ladderRounds = 5

// silent reports whether connections are watched side by side.
func (s Spec) silent() bool {
	return s.Measures(MeasureIdle) || s.Measures(MeasureBeforeRequest) || s.Measures(MeasureMidHeader) || s.Measures(MeasureHTTP2)
}

// AsksHTTP1 reports whether anything but HTTP/2 is asked, so that the control
// connection may ask, too.
func (s Spec) AsksHTTP1() bool {
	return slices.ContainsFunc(AllMeasurements(), func(m Measurement) bool { return m != MeasureHTTP2 && s.Measures(m) })
}

func (r RaceSpec) longest(limit time.Duration) time.Duration {
	if r.Mode == RacePoisson {
		return r.For
	}
	around := r.Around
	if around == 0 {
		around = limit
	}
	tries := int64(2*r.Window/r.Step+1) * int64(r.PerStep) * int64(len(r.Methods))
	return time.Duration(tries/int64(max(1, r.Clients))+1) * (around + r.Window)
}

// validateMore checks what only some measurements use.
func (s Spec) validateMore() error {
	if err := s.Socket.Validate(); err != nil {
		return err
	}
	switch {
	case s.Measures(MeasureHold) && (s.Hold < 1 || s.Hold > maxHold):
		return fmt.Errorf("%d held connections are out of range: give 1 to %d", s.Hold, maxHold)
	case s.Target.Plain() && !s.onlyPlain():
		return errors.New("a tcp target answers no requests: measure before-request or ladder")
	}
	if s.Ladder != nil {
		if err := s.Ladder.Validate(); err != nil {
			return err
		}
	}
	if s.Race != nil {
		return s.Race.Validate()
	}
	return nil
}

// onlyPlain reports whether everything asked for works without HTTP.
func (s Spec) onlyPlain() bool {
	for _, m := range s.Measure {
		if m != MeasureBeforeRequest && m != MeasureLadder {
			return false
		}
	}
	return true
}
