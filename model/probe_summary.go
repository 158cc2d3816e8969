package model

import (
	"fmt"
	"slices"
	"time"
)

const (
	// controlReach is how far a failure of the control connection casts doubt around it.
	controlReach = time.Second
	// clockTolerance is the difference of the clocks that counts as a jump.
	clockTolerance = 100 * time.Millisecond
	// suspended is the pause from which even samples with kernel time are not believed.
	suspended = time.Second
	// hintTolerance is how much earlier than advertised a close may come and still agree.
	hintTolerance = 50 * time.Millisecond
	// sameTimer is how far two closes by one timer may lie apart.
	sameTimer = 100 * time.Millisecond
)

// A ProbeSummary turns events into a ProbeResult, one by one. Its zero value is ready.
type ProbeSummary struct {
	res      ProbeResult
	samples  []ProbeSample
	byConn   map[int]int
	said     map[int]bool // connections whose only reply announced the close
	doubts   []controlDoubt
	pauses   []Event
	connect  []time.Duration
	tls      []time.Duration
	resent   map[int]int
	hintRole bool
	halt     string
	finished bool
}

// A controlDoubt is an end of the control connection that may have to be explained.
type controlDoubt struct {
	from, at time.Duration // the failed exchange; the same for a close
	idle     time.Duration
	request  int // requests served, 0 for an outright failure
	text     string
}

// Summarize concludes from all events of a run so far. It is pure.
func Summarize(events []Event) ProbeResult {
	var s ProbeSummary
	for _, e := range events {
		s.Add(e)
	}
	return s.Result()
}

// Add takes the next event in.
func (s *ProbeSummary) Add(e Event) {
	if s.byConn == nil {
		s.byConn, s.said, s.resent = map[int]int{}, map[int]bool{}, map[int]int{}
	}
	s.res.Elapsed = max(s.res.Elapsed, e.At)
	s.tcp(e)
	switch e.Kind {
	case EventStarted:
		if e.Spec != nil {
			s.res.Spec = *e.Spec
		}
	case EventResolved:
		s.res.Address = e.Text
	case EventResponse:
		s.response(e)
	case EventCounted:
		s.counted(e)
	case EventHTTP10:
		yes := e.Yes
		s.res.HTTP10 = &yes
	case EventPaused:
		s.pauses = append(s.pauses, e)
	case EventStopped:
		s.halt = e.Text
	case EventFinished:
		s.finished = true
		if s.halt == "" {
			s.halt = e.Text
		}
	case EventConnected, EventClosed, EventExpired, EventFailed:
	}
	switch e.Role {
	case ProbeRoleControl:
		s.control(e)
	case ProbeRoleIdle, ProbeRoleBeforeRequest:
		s.sample(e)
	default:
	}
}

func (s *ProbeSummary) tcp(e Event) {
	t := &s.res.TCP
	if e.Kind == EventConnected {
		s.connect = append(s.connect, e.Connect)
		if e.Handshake > 0 {
			s.tls = append(s.tls, e.Handshake)
		}
	}
	if e.RTT > 0 && (t.RTT == nil || e.RTT < *t.RTT) {
		t.RTT = &e.RTT
	}
	if e.RTO > 0 && (t.RTO == nil || e.RTO < *t.RTO) {
		t.RTO = &e.RTO
	}
	if e.Resent > s.resent[e.Conn] {
		t.Resent += e.Resent - s.resent[e.Conn]
		s.resent[e.Conn] = e.Resent
	}
}

func (s *ProbeSummary) response(e Event) {
	h := &s.res.HTTP
	if e.Role == ProbeRoleHTTP10 || e.Request > 1 {
		return
	}
	if h.Status == 0 || e.Asked && !h.AskedSeen {
		h.Status, h.Version, h.Connection = e.Status, e.Version, e.Connection
	}
	switch {
	case !e.Asked:
		h.Unasked, h.UnaskedSeen = e.KeepAlive, true
	case !h.AskedSeen || e.Role == ProbeRoleHint && !s.hintRole:
		h.Asked, h.AskedSeen, s.hintRole = e.KeepAlive, true, e.Role == ProbeRoleHint
	}
}

func (s *ProbeSummary) counted(e Event) {
	r := &ProbeRequests{Counted: e.Request, LastSaysClose: e.LastSaysClose, Honoured: e.Honoured, Done: e.Done}
	if e.Limit > 0 {
		r.Limit = &e.Limit
	}
	s.res.Requests = r
}

func (s *ProbeSummary) control(e Event) {
	switch e.Kind {
	case EventResponse:
		s.res.Control.Exchanges++
	case EventFailed:
		s.doubts = append(s.doubts, controlDoubt{from: e.At - e.Took, at: e.At, text: e.Text})
	case EventClosed:
		if !e.SaysClose {
			s.doubts = append(s.doubts, controlDoubt{from: e.At, at: e.At, idle: e.After, request: e.Request, text: "the server closed the control connection"})
		}
	default:
	}
}

func (s *ProbeSummary) sample(e Event) {
	i, ok := s.byConn[e.Conn]
	if !ok {
		i = len(s.samples)
		s.byConn[e.Conn] = i
		s.samples = append(s.samples, ProbeSample{Conn: e.Conn, Role: e.Role, State: SampleConnecting})
	}
	p := &s.samples[i]
	switch e.Kind {
	case EventConnected:
		if e.Role == ProbeRoleBeforeRequest {
			p.State, p.Zero = SampleWatched, e.At
		}
	case EventResponse:
		p.State, p.Zero = SampleWatched, e.At
		s.said[e.Conn] = e.SaysClose
	case EventClosed:
		p.State, p.After, p.Close, p.Bytes, p.Exact, p.Notified = SampleClosed, e.After, e.Close, e.Bytes, e.Exact, e.Notified
		p.Zero = e.At - e.After
	case EventExpired:
		p.State, p.After, p.Close = SampleOpen, e.After, CloseNone
	case EventFailed:
		p.State, p.Why = SampleFailed, e.Text
	default:
	}
}

// Result is what the events so far amount to; it shares nothing with the summary.
func (s *ProbeSummary) Result() ProbeResult {
	r := s.res
	r.Samples = slices.Clone(s.samples)
	slices.SortStableFunc(r.Samples, func(a, b ProbeSample) int { return a.Conn - b.Conn })
	doubts := s.unexplained(r.Samples)
	r.Control.Failures = len(doubts)
	if n := len(doubts); n > 0 {
		r.Control.LastText = doubts[n-1].text
	}
	off := s.keepAliveOff(r.Samples)
	for i := range r.Samples {
		p := &r.Samples[i]
		if why := s.doubt(*p, doubts, off); why != "" {
			p.State, p.Why = SampleDiscarded, why
		}
	}
	r.Idle = condense(r.Samples, ProbeRoleIdle)
	if b := condense(r.Samples, ProbeRoleBeforeRequest); b.Samples+b.Discarded > 0 {
		r.BeforeRequest = &b
	}
	if m := median(s.connect); len(s.connect) > 0 {
		r.TCP.Connect = &m
	}
	if m := median(s.tls); len(s.tls) > 0 {
		r.TCP.Handshake = &m
	}
	r.Verdicts = r.advertised()
	if s.finished {
		r.Outcome, r.Reason = s.judge(r, off)
	}
	return r
}

// keepAliveOff reports whether every reply announced the close, so that the closes are the
// answer and not an accident.
func (s *ProbeSummary) keepAliveOff(samples []ProbeSample) bool {
	n := 0
	for _, p := range samples {
		if p.Role != ProbeRoleIdle || p.State == SampleConnecting || p.State == SampleFailed {
			continue
		}
		if n++; !s.said[p.Conn] {
			return false
		}
	}
	return n > 0
}

// unexplained drops ends of the control connection that are the server's own habit: at its
// request limit, or by an idle timer shorter than the control's gap.
func (s *ProbeSummary) unexplained(samples []ProbeSample) []controlDoubt {
	var kept []controlDoubt
	last := 0
	for _, d := range s.doubts {
		habit := d.request > 0 && d.request == last
		if r := s.res.Requests; d.request > 0 && r != nil && r.Limit != nil && *r.Limit == d.request {
			habit = true
		}
		for _, p := range samples {
			near := p.State == SampleClosed && (p.After-d.idle).Abs() <= sameTimer
			habit = habit || d.request > 0 && p.Role == ProbeRoleIdle && near
		}
		if last = d.request; !habit {
			kept = append(kept, d)
		}
	}
	return kept
}

// doubt says why a sample is not to be believed, "" when it is.
func (s *ProbeSummary) doubt(p ProbeSample, doubts []controlDoubt, off bool) string {
	if p.State != SampleClosed && p.State != SampleOpen {
		return ""
	}
	end := p.Zero + p.After
	for _, e := range s.pauses {
		switch {
		case e.Jump.Abs() >= clockTolerance && e.From < end && e.At > p.Zero:
			return fmt.Sprintf("the clocks drifted apart by %v during the wait (suspended, or the clock was set)", e.Jump.Round(time.Millisecond))
		case (e.At-e.From >= suspended || !p.Exact) && (within(end, e) || within(p.Zero, e)):
			return fmt.Sprintf("the test itself did not run for %v", (e.At - e.From).Round(time.Millisecond))
		}
	}
	if p.State == SampleOpen {
		return ""
	}
	for _, d := range doubts {
		if end >= d.from-controlReach && end <= d.at+controlReach {
			return "the control connection failed at that moment: " + d.text
		}
	}
	if s.said[p.Conn] && !off {
		return "the reply announced the close"
	}
	return ""
}

// within reports whether something was seen in a pause or right after it.
func within(at time.Duration, pause Event) bool {
	return at >= pause.From && at <= pause.At+sameTimer
}
