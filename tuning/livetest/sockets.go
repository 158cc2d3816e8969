package livetest

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Sockets is the most connections the polite part of the test has open at
// once: first the silent ones with the control connection and one for the
// short questions, then the ladder, then the race. Held connections are asked
// for by number and come on top.
func (s Spec) Sockets() int {
	watched, asking, most := 0, 0, 0
	for _, q := range questions {
		t, n := q.is(), s.Opens(q.is().name)
		switch {
		case t.counted:
		case t.stage == silent:
			watched += n
		case t.stage == short:
			asking = max(asking, n)
		default:
			most = max(most, n)
		}
	}
	if watched > 0 {
		watched++
	}
	return max(watched+asking, most)
}

// AllSockets is Sockets with the held connections.
func (s Spec) AllSockets() int {
	n := s.Sockets()
	for _, q := range questions {
		if t := q.is(); t.counted {
			n = max(n, s.Opens(t.name))
		}
	}
	return n
}

// Longest is the most time the test can take, without what the target adds by
// being slow: every part in turn, the ladder with its refinements.
func (s Spec) Longest() time.Duration {
	var d time.Duration
	if s.silent() {
		d += s.IdleLimit + s.Spread()
	}
	for _, q := range questions {
		if s.Measures(q.is().name) {
			d += q.longest(s)
		}
	}
	return max(d, time.Second)
}

// silent reports whether connections are watched side by side.
func (s Spec) silent() bool {
	return slices.ContainsFunc(AllMeasurements(), func(m Measurement) bool { return m.Silent() && s.Measures(m) })
}

// AsksHTTP1 reports whether anything but HTTP/2 is asked, so that the control
// connection may ask, too.
func (s Spec) AsksHTTP1() bool {
	return slices.ContainsFunc(AllMeasurements(), func(m Measurement) bool { return !m.traits().other && s.Measures(m) })
}

// validateMore checks what only some measurements use.
func (s Spec) validateMore() error {
	if err := s.Socket.Validate(); err != nil {
		return err
	}
	if s.Target.Plain() && !s.onlyPlain() {
		return errors.New("a " + s.Target.Scheme + " target answers no requests of HTTP: measure " + strings.Join(s.plainOnes(), " or "))
	}
	for _, q := range questions {
		if err := q.check(s); err != nil {
			return err
		}
	}
	return nil
}

// onlyPlain reports whether everything asked for works without HTTP.
func (s Spec) onlyPlain() bool {
	return !slices.ContainsFunc(s.Measure, func(m Measurement) bool { return !s.worksPlain(m) })
}

// worksPlain reports whether a measurement works without HTTP at this target.
func (s Spec) worksPlain(m Measurement) bool { return m.Plain() || m == MeasureIdle && s.Target.Asks() }

// plainOnes are the measurements that work without HTTP.
func (s Spec) plainOnes() []string {
	var words []string
	for _, m := range AllMeasurements() {
		if s.worksPlain(m) {
			words = append(words, string(m))
		}
	}
	return words
}
