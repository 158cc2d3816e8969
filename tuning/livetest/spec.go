package livetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// Bounds and defaults of a live test (design: be polite, be bounded).
const (
	// DefaultIdleLimit is how long an idle connection is watched unless told otherwise.
	DefaultIdleLimit = 90 * time.Second
	// DefaultProbeConnections is the number of idle samples unless told otherwise.
	DefaultConnections = 7
	// DefaultConnectionCap is the most connections open at once unless told otherwise.
	DefaultConnectionCap = 12
	// DefaultStagger is the time over which the samples' starts are spread.
	DefaultStagger = time.Second
	// DefaultRequestCount is where request counting stops when no count was asked for.
	DefaultRequestCount = 1100
	// ForeignRequestRate is the most requests per second to a target that is not this machine.
	ForeignRequestRate = 200
	// UserAgent names the tool to the server's operator.
	UserAgent = "keeptune-probe (keep-alive test)"

	maxConnections  = 1000
	maxRequestCount = 1_000_000
	maxIdleLimit    = 24 * time.Hour
	maxStagger      = time.Minute
)

// A Spec is what a live test is asked to do. It is immutable once a run has started.
// The zero value of each field means its default, see Normalize.
type Spec struct {
	Target Target `json:"target"`
	// IdleLimit is how long silence is watched before "none within the limit"; (0, 24 h].
	IdleLimit time.Duration `json:"idle_limit_s"`
	// Connections is the number of idle samples; 1 to 1000, fewer than 3 is inconclusive.
	Connections int `json:"connections"`
	// Cap is the most connections open at once, of all measurements together.
	Cap int `json:"cap"`
	// Stagger is the time over which the starts of the samples are spread; [0, 1 min].
	// Negative means no stagger at all.
	Stagger time.Duration `json:"stagger_s"`
	// Second is the time over which the starts of a second round of idle samples are spread at
	// most, made where the first ended all at one moment; [0, 10 min]. Negative means no
	// second round.
	Second time.Duration `json:"second_s,omitempty"`
	// Requests is where request counting stops; 0 means DefaultRequestCount.
	Requests int `json:"requests,omitempty"`
	// RequestRate is the most requests per second while counting; 0 means unlimited for
	// this machine and ForeignRequestRate elsewhere.
	RequestRate float64 `json:"request_rate,omitempty"`
	// Measure lists what to measure; empty means DefaultMeasurements.
	Measure []Measurement `json:"measure,omitempty"`
	// Ladder and Race refine those measurements; nil means their defaults.
	Ladder *LadderSpec `json:"ladder,omitempty"`
	Race   *RaceSpec   `json:"race,omitempty"`
	// Hold is the number of idle connections held at once; 1 to 20000 where
	// MeasureHold is asked for. They do not count against Cap.
	Hold int `json:"hold,omitempty"`
	// Socket holds the TCP options of the test's own connections.
	Socket SocketOptions `json:"socket,omitzero"`
}

// NewSpec returns the default live test of a target.
func NewSpec(t Target) Spec { return Spec{Target: t}.Normalize() }

// Normalize returns the spec with every zero field replaced by its default.
func (s Spec) Normalize() Spec {
	s.Target = s.Target.Normalize()
	if s.IdleLimit == 0 {
		s.IdleLimit = DefaultIdleLimit
	}
	if s.Connections == 0 {
		s.Connections = max(1, s.Target.samples()-s.more())
	}
	if s.Cap == 0 {
		s.Cap = DefaultConnectionCap
	}
	s.Stagger = max(-1, cmp.Or(s.Stagger, DefaultStagger))
	s.Second = max(-1, cmp.Or(s.Second, DefaultSecondSpread))
	if s.Requests == 0 {
		s.Requests = DefaultRequestCount
	}
	if len(s.Measure) == 0 {
		s.Measure = DefaultMeasurements()
		if s.Target.Plain() {
			s.Measure = s.Target.usual()
		}
	}
	for _, q := range questions {
		if s.Measures(q.is().name) {
			q.complete(&s)
		}
	}
	return s
}

// WithConnections returns the spec with n idle samples and the cap raised, if need be, to
// what they and the other measurements use: for a number the user typed.
func (s Spec) WithConnections(n int) Spec {
	s = s.Normalize()
	s.Connections = n
	s.Cap = max(s.Cap, s.Sockets())
	return s
}

// Measures reports whether m is part of the test.
func (s Spec) Measures(m Measurement) bool {
	if len(s.Measure) == 0 {
		return slices.Contains(DefaultMeasurements(), m)
	}
	return slices.Contains(s.Measure, m)
}

// Spread is the stagger in force, 0 when it is switched off.
func (s Spec) Spread() time.Duration { return max(0, s.Stagger) }

// Opens is how many connections a measurement has open at once, 0 where it is not asked for.
func (s Spec) Opens(m Measurement) int {
	if !s.Measures(m) {
		return 0
	}
	return m.question().opens(s)
}

// more is how many silent connections there are beside the usual ones.
func (s Spec) more() int {
	n := 0
	for _, q := range questions {
		if t := q.is(); t.stage == silent && !t.usual {
			n += s.Opens(t.name)
		}
	}
	return n
}

// Validate reports the first thing that is wrong with a normalized spec, in one sentence
// that says what would be right.
func (s Spec) Validate() error {
	if err := s.Target.Validate(); err != nil {
		return err
	}
	switch {
	case s.IdleLimit <= 0 || s.IdleLimit > maxIdleLimit:
		return fmt.Errorf("the idle limit %v is out of range: give 1ns to 24h, for example 90s", s.IdleLimit)
	case s.Connections < 1 || s.Connections > maxConnections:
		return fmt.Errorf("%d connections are out of range: give 1 to %d, 7 is the default", s.Connections, maxConnections)
	case s.Stagger > maxStagger:
		return fmt.Errorf("the stagger %v is out of range: give 0s to 1m", s.Stagger)
	case s.Second > maxSecondSpread:
		return fmt.Errorf("the spread %v of a second round is out of range: give 0s to 10m", s.Second)
	case s.Requests < 1 || s.Requests > maxRequestCount:
		return fmt.Errorf("%d requests to count are out of range: give 1 to %d", s.Requests, maxRequestCount)
	case s.RequestRate < 0:
		return errors.New("the request rate is negative: give requests per second, or 0 for the default")
	}
	for _, m := range s.Measure {
		if !slices.Contains(AllMeasurements(), m) {
			return fmt.Errorf("there is no measurement %q: choose from %s", model.Clean(string(m), 40), measurementList())
		}
	}
	if err := s.validateMore(); err != nil {
		return err
	}
	if n := s.Sockets(); n > s.Cap {
		return fmt.Errorf("the test would open %d connections at once, above the cap of %d: ask for fewer or raise the cap", n, s.Cap)
	}
	return nil
}

func measurementList() string {
	var words []string
	for _, m := range AllMeasurements() {
		words = append(words, string(m))
	}
	return strings.Join(words, ", ")
}
