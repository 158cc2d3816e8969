package livetest

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// hintTolerance is how much earlier than advertised a close may come and still agree.
const hintTolerance = 50 * time.Millisecond

// A Summary turns events into a Result, one by one. Its zero value is ready.
type Summary struct {
	res         Result
	samples     []Sample
	byConn      map[int]int
	said        map[int]bool // connections whose only reply announced the close
	controlEnds []controlEnd
	alive       []time.Duration // replies to the control connection
	slowest     time.Duration   // of them
	replies     []time.Duration // how long each took, the shortest first
	pauses      []Event
	connect     ascending
	tls         ascending
	resent      map[int]int
	yes         map[Measurement]bool // answers
	folds       map[Role]fold
	intervals   map[Role]*interval
	reuse       reuse
	hintRole    bool
	halt        string
	finished    bool
}

// A controlDoubt is an end of the control connection that may have to be explained.
type controlEnd struct {
	from, at time.Duration // the failed exchange; the same for a close
	idle     time.Duration
	request  int // requests served, 0 for an outright failure
	text     string
}

// Summarize concludes from all events of a run so far. It is pure.
func Summarize(events []Event) Result {
	var s Summary
	for _, e := range events {
		s.Add(e)
	}
	return s.Result()
}

// Add takes the next event in.
func (s *Summary) Add(e Event) {
	if s.byConn == nil {
		s.byConn, s.said, s.resent = map[int]int{}, map[int]bool{}, map[int]int{}
		s.folds, s.yes = map[Role]fold{}, map[Measurement]bool{}
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
	case EventSocket:
		s.res.Socket = e.Socket
	case EventSecond:
		s.res.Second = &SecondRound{At: e.At, Spread: e.Gap, AtMost: e.Took}
	case EventPaused:
		s.pauses = append(s.pauses, e)
	case EventStopped:
		s.halt, s.res.Unreached = e.Text, e.Yes
	case EventFinished:
		s.finished = true
		if s.halt == "" {
			s.halt = e.Text
		}
	case EventHTTP10, EventHead, EventAnswered:
		s.kept(e)
	case EventConnected, EventClosed, EventExpired, EventFailed, EventHTTP2, EventRung, EventStep, EventLimited:
	}
	s.part(e)
}

// part gives an event to the measurement that it belongs to.
func (s *Summary) part(e Event) {
	if e.Role == RoleControl || e.Role == RoleIdle || e.Role == RoleRequests {
		s.reuse.take(e)
	}
	q := e.Role.question()
	if q == nil {
		if e.Role == RoleControl {
			s.control(e)
		}
		return
	}
	if q.is().doubt != "" {
		s.interval(e)
	}
	if q.is().stage == silent {
		s.sample(e, q.is().opening)
	}
	f, begun := s.folds[e.Role]
	if !begun {
		f = q.fold()
		s.folds[e.Role] = f
	}
	if f != nil {
		f.take(e)
	}
}

// kept takes in the answer of a yes-or-no question.
func (s *Summary) kept(e Event) {
	for _, q := range questions {
		if t := q.is(); t.yes == e.Kind && (e.Kind != EventAnswered || t.name == Measurement(e.Role)) {
			s.yes[t.name] = e.Yes
		}
	}
}

func (s *Summary) tcp(e Event) {
	t := &s.res.TCP
	if e.Kind == EventConnected {
		s.connect.insert(e.Connect)
		if e.Handshake > 0 {
			s.tls.insert(e.Handshake)
		}
	}
	if e.RTT > 0 && (t.RTT == nil || e.RTT < *t.RTT) {
		t.RTT = &e.RTT
	}
	t.Unacked = max(t.Unacked, e.Unacked)
	if e.RTO > 0 && (t.RTO == nil || e.RTO < *t.RTO) {
		t.RTO = &e.RTO
	}
	more := max(0, e.Resent-s.resent[e.Conn])
	t.Resent += more
	s.resent[e.Conn] += more
}

func (s *Summary) response(e Event) {
	h := &s.res.HTTP
	q := e.Role.question()
	if s.res.Spec.Target.Plain() || q != nil && q.is().apart || e.Request > 1 {
		return
	}
	if h.Status == 0 || e.Asked && !h.AskedSeen {
		h.Status, h.Version, h.Connection = e.Status, e.Version, e.Connection
		h.Server = cmp.Or(e.Server, h.Server)
	}
	switch {
	case !e.Asked:
		h.Unasked, h.UnaskedSeen = e.KeepAlive, true
	case !h.AskedSeen || e.Role == RoleHint && !s.hintRole:
		h.Asked, h.AskedSeen, s.hintRole = e.KeepAlive, true, e.Role == RoleHint
	}
}

func (s *Summary) control(e Event) {
	switch e.Kind {
	case EventResponse:
		s.res.Control.Exchanges++
		s.alive, s.slowest = append(s.alive, e.At), max(s.slowest, e.Took)
		at, _ := slices.BinarySearch(s.replies, e.Took)
		s.replies = slices.Insert(s.replies, at, e.Took)
	case EventFailed:
		s.controlEnds = append(s.controlEnds, controlEnd{from: e.At - e.Took, at: e.At, text: e.Text})
	case EventClosed:
		if !e.SaysClose {
			s.controlEnds = append(s.controlEnds, controlEnd{from: e.At, at: e.At, idle: e.After, request: e.Request, text: "the server closed the control connection"})
		}
	default:
	}
}

func (s *Summary) sample(e Event, opening bool) {
	i, ok := s.byConn[e.Conn]
	if !ok {
		i = len(s.samples)
		s.byConn[e.Conn] = i
		s.samples = append(s.samples, Sample{Conn: e.Conn, Role: e.Role, State: SampleConnecting})
	}
	p := &s.samples[i]
	if e.RTT > 0 || e.RTO > 0 {
		p.RTT, p.RTO, p.Resent, p.Unacked = e.RTT, e.RTO, e.Resent, e.Unacked
	}
	switch e.Kind {
	case EventConnected:
		if opening {
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
func (s *Summary) Result() Result {
	r := s.res
	r.Samples = slices.Clone(s.samples)
	slices.SortStableFunc(r.Samples, func(a, b Sample) int { return a.Conn - b.Conn })
	ends := s.unexplained(r.Samples)
	r.Control.Failures = len(ends)
	if n := len(ends); n > 0 {
		r.Control.LastText = ends[n-1].text
	}
	off := s.keepAliveOff(r.Samples)
	for i := range r.Samples {
		p := &r.Samples[i]
		if why := s.invalid(*p, ends, off); why != "" {
			p.State, p.Why = SampleDiscarded, why
		}
	}
	r.Idle = condense(r.Samples, RoleIdle)
	r.Answers, r.Silences = maps.Clone(s.yes), map[Measurement]Idle{}
	d := doubts{func(p Sample) string { return s.invalid(p, ends, false) }, s.unanswered}
	for _, q := range questions {
		if q.is().stage == silent {
			if i := condense(r.Samples, Role(q.is().name)); i.Samples+i.Discarded > 0 {
				r.Silences[q.is().name] = i
			}
		}
		if f := s.folds[Role(q.is().name)]; f != nil {
			f.conclude(&r, d)
		}
	}
	s.reuse.conclude(&r)
	r.TCP.Connect, r.TCP.Handshake = s.connect.median(), s.tls.median()
	r.Verdicts = r.advertised()
	if s.finished {
		r.Outcome, r.Reason = s.judge(r, off, s.disturbed(ends))
	}
	return r
}

// keepAliveOff reports whether every reply announced the close, so that the closes are the
// answer and not an accident.
func (s *Summary) keepAliveOff(samples []Sample) bool {
	n := 0
	for _, p := range samples {
		if p.Role != RoleIdle || p.State == SampleConnecting || p.State == SampleFailed {
			continue
		}
		if n++; !s.said[p.Conn] {
			return false
		}
	}
	return n > 0
}
