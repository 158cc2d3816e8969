package livetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// MeasureLadder measures which idle gaps the path and the far end outlive.
const (
	MeasureLadder Measurement = "ladder"
	RoleLadder                = Role(MeasureLadder)
)

// LadderConnections is how many gaps of a ladder are tried side by side, FarEndConnections
// the same in each direction with a cooperating far end.
const (
	LadderConnections = 10
	FarEndConnections = 4
)

// ladderRounds is the first climb, three refinements and the one with probes,
// each at most as long as the longest gap.
const ladderRounds = 5

// A Direction says who sends after the silence of a ladder's rung.
type Direction string

// The directions of a ladder.
const (
	Outward Direction = "out" // we send: a request, or a TCP probe to a target that is not HTTP
	Inward  Direction = "in"  // the cooperating far end sends
)

// A LadderSpec asks which idle gaps a connection outlives. Its zero value
// climbs up to the test's idle limit, then refines, then holds the connection
// with TCP keep-alive.
type LadderSpec struct {
	// Gaps to try first, ascending; empty means 1, 2, 3, 5, 8, 13, … seconds up to the idle limit.
	Gaps []time.Duration
	// Precision is how narrow the bracket gets; 0 means a twentieth of it, but at least 0.5 s.
	Precision time.Duration
	// ProbeEvery is the keep-alive time and interval with which the path is
	// held; 0 means half of the longest gap outlived. Whole seconds.
	ProbeEvery time.Duration
	// FarEnd is the HOST:PORT of keeptune serve beyond the path. With it both
	// directions are tried, and the server's own timers play no part.
	FarEnd string
	// Token is what keeptune serve was started with.
	Token string
}

// Ladder gaps grow like this, then double.
var ladderGaps = []time.Duration{1, 2, 3, 5, 8, 13, 21, 34, 55, 89}

// GapsUpTo are the gaps tried first when none are asked for: 1, 2, 3, 5, 8, 13,
// … 89 s, then doubling, and the limit itself last.
func GapsUpTo(limit time.Duration) []time.Duration {
	var gaps []time.Duration
	for i, g := 0, time.Duration(0); ; i++ {
		if i < len(ladderGaps) {
			g = ladderGaps[i] * time.Second
		} else {
			g *= 2
		}
		if g >= limit {
			return append(gaps, limit)
		}
		gaps = append(gaps, g)
	}
}

// Validate reports the first thing that is wrong, in one sentence.
func (l LadderSpec) Validate() error {
	switch {
	case !slices.IsSorted(l.Gaps) || len(l.Gaps) > 0 && l.Gaps[0] <= 0:
		return errors.New("the gaps of the ladder are not in order: give positive times, shortest first, for example 1s,2s,5s")
	case len(l.Gaps) > 0 && l.Gaps[len(l.Gaps)-1] > maxIdleLimit:
		return errors.New("a gap of the ladder is longer than 24h: give shorter ones")
	case l.Precision < 0:
		return errors.New("the precision of the ladder is negative: give a time such as 500ms")
	case l.ProbeEvery < 0 || l.ProbeEvery%time.Second != 0:
		return fmt.Errorf("the probe interval %v is not in whole seconds, which is what kernels count", l.ProbeEvery)
	case l.FarEnd != "" && l.Token == "":
		return errors.New("a far end needs its token: keeptune serve prints it")
	}
	return nil
}

// A Rung is one gap that was tried.
type Rung struct {
	Conn      int
	Gap       time.Duration
	Direction Direction
	Probes    bool          // TCP keep-alive was on, on our side
	Round     int           // 0 the first gaps, then refinements
	Zero      time.Duration // when the silence began, since the start of the run
	Kept      time.Duration // how long it was silent in fact, where that is longer than Gap
	Found     time.Duration // when the answer was there, since the start of the run
	State     SampleState   // watched while it is silent; open is alive at this gap
	Close     CloseKind     // none where it is alive
	After     time.Duration // when it ended, where that was before the gap was over
	Why       string        // of a failed or discarded one
}

// A Ladder is what the rungs of one direction amount to, with probes or
// without.
type Ladder struct {
	Direction Direction
	Probes    bool
	// Alive is the longest gap outlived, Dead the shortest that was not: the
	// timer lies between. Nil where no rung was so.
	Alive, Dead *time.Duration
	// Close is how the connection was found dead.
	Close CloseKind
	Rungs []Rung // by gap
}

// Held reports whether TCP keep-alive held connections over a gap that ended
// them without; known is false where that was not found out. A FIN that comes
// later than the gap is the server's own timer, and came over a path that was
// held.
func Held(ladders []Ladder) (held, known bool) {
	for _, with := range ladders {
		for _, without := range ladders {
			if !with.Probes || without.Probes || with.Direction != without.Direction || without.Dead == nil {
				continue
			}
			fin := with.Close == CloseFIN || with.Close == Close408
			switch {
			case with.Dead != nil && fin && *with.Dead > *without.Dead:
				held, known = true, true
			case with.Dead != nil && fin:
			case with.Dead != nil:
				return false, true
			case with.Alive != nil && *with.Alive >= *without.Dead:
				held, known = true, true
			}
		}
	}
	return held, known
}

// ladderUnanswered says why a ladder that was asked for has no answer, "" where each has one: a gap
// that was not outlived, or the last one outlived.
func (r Result) ladderUnanswered() string {
	spec := r.Spec.Ladder
	if spec == nil || len(spec.Gaps) == 0 || !r.Spec.Measures(MeasureLadder) {
		return ""
	}
	top, found := spec.Gaps[len(spec.Gaps)-1], false
	for _, l := range r.Ladders {
		switch {
		case l.Probes:
		case l.Dead == nil && (l.Alive == nil || *l.Alive < top):
			return "the ladder has no answer" + l.why()
		case l.contradicts():
			return fmt.Sprintf("one connection outlived %v, another not even %v", model.HumanSpan(*l.Alive), model.HumanSpan(*l.Dead))
		default:
			found = true
		}
	}
	if !found {
		return "no gap of the ladder was tried"
	}
	return ""
}

// contradicts reports whether a gap was outlived that is longer than one after which the path
// had forgotten the connection. Timers of servers may spread as they like.
func (l Ladder) contradicts() bool {
	forgotten := l.Close == CloseSilent || l.Close == CloseRSTOnSend
	return forgotten && l.Alive != nil && *l.Alive > *l.Dead+sameTimer
}

// why is the reason of the first rung that does not count, as the end of a sentence.
func (l Ladder) why() string {
	for _, r := range l.Rungs {
		if r.Why != "" {
			return ": " + r.Why
		}
	}
	return ""
}

// ladders sorts rungs into one ladder for each direction and kind.
func ladders(rungs []Rung) []Ladder {
	var found []Ladder
	for _, r := range rungs {
		i := slices.IndexFunc(found, func(l Ladder) bool { return l.Direction == r.Direction && l.Probes == r.Probes })
		if i < 0 {
			i = len(found)
			found = append(found, Ladder{Direction: r.Direction, Probes: r.Probes})
		}
		found[i].take(r)
	}
	for i := range found {
		found[i].name()
		slices.SortStableFunc(found[i].Rungs, func(a, b Rung) int { return int(a.Gap - b.Gap) })
	}
	return found
}

func (l *Ladder) take(r Rung) {
	l.Rungs = append(l.Rungs, r)
	switch r.State {
	case SampleOpen:
		longest := r.Gap
		if l.Alive != nil {
			longest = max(longest, *l.Alive)
		}
		l.Alive = &longest
	case SampleClosed:
		at := max(r.Gap, r.Kept)
		if r.After > 0 {
			at = min(at, r.After)
		}
		if l.Dead == nil || at < *l.Dead {
			l.Dead, l.Close = &at, r.Close
		}
	case SampleConnecting, SampleWatched, SampleDiscarded, SampleFailed:
	}
}

// name takes the kind of close from a rung that saw it, where the shortest that was found dead
// only met the same timer with what it sent.
func (l *Ladder) name() {
	if i := l.seen(); i >= 0 {
		l.Close = l.Rungs[i].Close
	}
}

// Seen reports whether the close itself was seen, which is sharper than the bracket.
func (l Ladder) Seen() bool { return l.seen() >= 0 }

// seen is a rung that saw the close, -1 where there is none.
func (l Ladder) seen() int {
	return slices.IndexFunc(l.Rungs, func(r Rung) bool {
		return r.State == SampleClosed && r.After > 0 && r.After <= *l.Dead+sameTimer
	})
}

type ladderJSON struct {
	Gaps       []seconds `json:"gaps_s,omitempty"`
	Precision  seconds   `json:"precision_s,omitempty"`
	ProbeEvery seconds   `json:"probe_every_s,omitempty"`
	FarEnd     string    `json:"far_end,omitempty"`
}

// MarshalJSON writes times in seconds and leaves the token out.
func (l LadderSpec) MarshalJSON() ([]byte, error) {
	j := ladderJSON{Precision: seconds(l.Precision), ProbeEvery: seconds(l.ProbeEvery), FarEnd: l.FarEnd}
	for _, g := range l.Gaps {
		j.Gaps = append(j.Gaps, seconds(g))
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *LadderSpec) UnmarshalJSON(b []byte) error {
	var j ladderJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*l = LadderSpec{Precision: time.Duration(j.Precision), ProbeEvery: time.Duration(j.ProbeEvery), FarEnd: j.FarEnd}
	for _, g := range j.Gaps {
		l.Gaps = append(l.Gaps, time.Duration(g))
	}
	return nil
}

type ladderQuestion struct{ *traits }

var ladder = ladderQuestion{&traits{
	name: MeasureLadder, stage: alone, plain: true,
	choice: &Choice{
		Name: "ladder", About: "which idle gaps a connection outlives, and whether TCP keep-alive holds it: finds silent middleboxes",
		Place: 1, Values: []string{"on"},
	},
}}

func (q ladderQuestion) opens(s Spec) int {
	if s.Ladder != nil && s.Ladder.FarEnd != "" {
		return 2*FarEndConnections + 1
	}
	return LadderConnections + 1
}

func (q ladderQuestion) longest(s Spec) time.Duration { return ladderRounds * s.IdleLimit }

func (q ladderQuestion) complete(s *Spec) {
	ladder := LadderSpec{}
	if s.Ladder != nil {
		ladder = *s.Ladder
	}
	if len(ladder.Gaps) == 0 {
		ladder.Gaps = GapsUpTo(s.IdleLimit)
	}
	s.Ladder = &ladder
}

func (q ladderQuestion) check(s Spec) error {
	if s.Ladder == nil {
		return nil
	}
	return s.Ladder.Validate()
}

func (q ladderQuestion) fold() fold { return &ladderFold{} }

func (q ladderQuestion) answered(r Result) bool {
	return slices.ContainsFunc(r.Ladders, func(l Ladder) bool { return l.Alive != nil || l.Dead != nil })
}

func (q ladderQuestion) unanswered(r Result) string { return r.ladderUnanswered() }

func (q ladderQuestion) lines(r Result) []Line {
	var lines []Line
	for _, text := range r.Conclusions() {
		lines = append(lines, Line{"LADDER", text})
	}
	if text := r.AttributionText(); text != "" {
		lines = append(lines, Line{"TELL APART", text})
	}
	return lines
}

func (q ladderQuestion) charts(r Result, now time.Duration) []Chart {
	charts := make([]Chart, 0, len(r.Ladders))
	for _, l := range r.Ladders {
		charts = append(charts, Chart{What: "idle gaps, " + l.Title(), Title: l.Title() + ":", Bars: l.bars(now)})
	}
	return charts
}

// A ladderFold gathers the rungs.
type ladderFold struct{ rungs []Rung }

// take opens a rung, or fills in its answer.
func (p *ladderFold) take(e Event) {
	i := slices.IndexFunc(p.rungs, func(r Rung) bool { return r.Conn == e.Conn })
	switch {
	case e.Kind == EventRung && i < 0:
		i = len(p.rungs)
		p.rungs = append(p.rungs, Rung{
			Conn: e.Conn, Gap: e.Gap, Direction: e.Direction, Probes: e.Probes, Round: e.Round, Zero: e.At, State: SampleWatched,
		})
	case i < 0:
		return
	}
	r := &p.rungs[i]
	switch {
	case e.Kind == EventFailed:
		r.State, r.Why = SampleFailed, e.Text
	case e.Kind == EventRung && e.Done && e.Close == "":
		r.State, r.Why = SampleDiscarded, e.Text
	case e.Kind == EventRung && e.Done && e.Close == CloseNone:
		r.State, r.Close = SampleOpen, CloseNone
	case e.Kind == EventRung && e.Done:
		r.State, r.Close, r.After, r.Found, r.Why = SampleClosed, e.Close, e.After, e.At, e.Text
		if e.Took > r.Gap+timerNoise {
			r.Kept = e.Took
		}
	}
}

func (p *ladderFold) conclude(r *Result, d doubts) {
	rungs := slices.Clone(p.rungs)
	for i := range rungs {
		g := &rungs[i]
		after := g.Gap
		if g.After > 0 {
			after = g.After
		}
		// What is sent too late is known to be late, and proves as much.
		onSend := g.Close == CloseSilent || g.Close == CloseRSTOnSend
		why := d.sample(Sample{State: g.State, Zero: g.Zero, After: after, Exact: g.Close == CloseNone || onSend})
		if why == "" && g.State == SampleClosed && onSend {
			why = d.unanswered(*g)
		}
		if why != "" {
			g.State, g.Why = SampleDiscarded, why
		}
	}
	r.Ladders = ladders(rungs)
}
