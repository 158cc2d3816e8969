package tuning

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A ParamRef names a parameter of an endpoint; for a quantity of a leg the
// endpoint is leg1, leg2, ….
type ParamRef struct {
	Endpoint model.EndpointID
	Param    model.ParamID
}

// A Report is everything that follows from a document.
type Report struct {
	Legs     []Leg
	Shortest int // index of the leg with the smallest limit

	Findings []Finding // the gravest first, without what is accepted

	Suppressed []Suppressed // what is accepted
	Lapsed     []Lapsed     // suppressions that hide nothing

	HZ        int  // timer frequency taken for the Linux ends
	HZAssumed bool // nobody said it
}

// Leg is a connection between two endpoints that end TCP, judged.
type Leg struct {
	Index          int
	Client, Server Side
	Boxes          []Box
	Limit          Limit
	Window         Window
	Detection      Both[States]
	Ends           Both[EndStates]
	Load           Load
	hint           hint
	given          model.Quantities
	through        bool                    // the server is not the path's end: each connection has one behind it
	outage         time.Duration           // to be survived, 0 where nobody said
	Writing        *Both[detect.Detection] // worst over all write times; nil where nobody said how often the application writes
}

// Both holds something of each side.
type Both[T any] struct{ Client, Server T }

// A Side is one end of a leg with every setting resolved.
type Side struct {
	Endpoint model.Endpoint
	Place    int // in the path
	System   *model.System
	Version  model.Version
	Host     *model.System
	HostAt   model.Version
	Face     *model.Face
	Rows     []Row
	Kernel   detect.Socket // what the settings make of its sockets on this leg
}

// A Row is a parameter of one side with the value that is in force.
type Row struct {
	Param   *model.Param
	Setting model.Setting // as set or by default; unset where a fallback rules
	Value   model.Value   // in force, after fallbacks
	Via     *model.Param  // the fallback that gave the value, if any
	Default model.Default
	Refused model.Value // what the kernel does not take of a program that does not ask; unset where it does
	Changed bool        // set by somebody, and different from the default
	Assumed bool        // a default that may be wrong for this version
	// When the timer really ends, for spans: the catalog's spread, or what was measured.
	Low, High time.Duration
}

// A Box is a middlebox inside a leg.
type Box struct {
	Endpoint  model.Endpoint
	Place     int
	System    *model.System
	Row       *Row            // the idle timer that counts
	Rows      []*Row          // all of them
	OnExpiry  model.CloseKind // what it does at the end of its time, with these settings
	Probed    time.Duration   // when the server's first probe meets the end of it; Never without one
	Own       *Both[Side]     // its own sockets, the one towards the client first, where it ends TCP; else nil
	Refreshed bool
	Held      ParamRef // what passes it often enough; where it is the kernel's probes, the time of the first
	Because   string
}

// A Verdict says whether reuse is safe.
type Verdict string

// The verdicts, in the order in which they are tried.
const (
	VerdictUnknown   Verdict = "unknown"
	VerdictUnbounded Verdict = "unbounded"
	VerdictStale     Verdict = "stale"
	VerdictRace      Verdict = "race"
	VerdictRetried   Verdict = "retried" // the far side may close first, and the client repeats whatever meets the close
	VerdictOK        Verdict = "ok"
)

// Severity orders verdicts from harmless, which is 0, to the gravest: the one order of
// screens, outputs and exit codes.
func (v Verdict) Severity() int {
	return map[Verdict]int{VerdictUnbounded: 1, VerdictUnknown: 2, VerdictStale: 3, VerdictRace: 4}[v]
}

// Gravest is the index of the first leg with the worst verdict.
func (r *Report) Gravest() int {
	worst := 0
	for i := range r.Legs {
		if r.Legs[i].Limit.Verdict.Severity() > r.Legs[worst].Limit.Verdict.Severity() {
			worst = i
		}
	}
	return worst
}

// By says which part of a leg a limiter belongs to.
type By string

// The parts of a leg.
const (
	ByClient    By = "client"
	ByServer    By = "server"
	ByMiddlebox By = "middlebox"
)

// A Limiter is something that can end an idle connection.
type Limiter struct {
	By        By
	Ref       ParamRef
	Name      string // the setting as its product writes it
	System    string // the product, to be read
	Known     bool
	Low, High time.Duration
	Closes    model.CloseKind // how it ends the connection
	Age       bool            // a greatest age, which bounds the idle time too
	Hint      bool            // the server's hint, as the client reads it
	Text      string          // one line: value, origin, what is really seen
}

// A Limit is the judgement of a leg's idle time.
type Limit struct {
	Idle      time.Duration // smallest low; meaningless where Verdict is unknown
	High      time.Duration
	By        By // empty where nothing limits
	Limiter   Limiter
	Also      []ParamRef
	First     By // who closes first: client, server or middlebox; empty where nobody does
	Closes    model.CloseKind
	Verdict   Verdict
	HasMargin bool
	Margin    time.Duration // may be negative
	Reused    bool          // false: keep-alive is off, each connection serves one request
	All       []Limiter
	Requests  *RequestLimit
	Age       *AgeLimit
	Repeats   model.Repeats // what the client sends again where it meets a close
	Session   bool          // the client has no pool: what the far side ends is a session
	Held      []ParamRef    // what holds open something that would end an idle connection otherwise
	held      []string      // the same in words
	Costs     string        // what it costs that the far side may be first, in a sentence; empty where it may not
	Because   []string
	Assuming  []ParamRef
}

// A RequestLimit is the smallest number of requests that a connection serves.
type RequestLimit struct {
	Count         int64 // really served
	Ref           ParamRef
	LastSaysClose bool
	Text          string
}

// An AgeLimit is the smallest greatest age of a connection.
type AgeLimit struct {
	After time.Duration
	Ref   ParamRef
	Ends  string // at-once, before-reuse or next-request
}

// States holds a detection for each state of a socket.
type States struct{ Idle, InFlight, Waiting, ZeroWindow detect.Detection }

// An End is what really ends a dead connection first in one state.
type End struct {
	By            string // idle timer, response timer, send timer, application pings, TCP probes, retransmission; empty where nothing does
	Ref           ParamRef
	Known         bool // false: this side may have a timer that the catalog does not know
	After         time.Duration
	Low, High     time.Duration
	Because       []string
	TimerNotKnown bool // an application timer of unknown value may come first
}

// EndStates holds an end for each state.
type EndStates struct{ Idle, InFlight, Waiting, ZeroWindow End }

// Row finds a row by parameter, or nil.
func (s *Side) Row(id model.ParamID) *Row {
	for i := range s.Rows {
		if s.Rows[i].Param.ID == id {
			return &s.Rows[i]
		}
	}
	return nil
}

// First is the first row with a role, the face's before the host's, or nil.
func (s *Side) First(role model.Role) *Row {
	for i := range s.Rows {
		if s.Rows[i].Param.Role == role {
			return &s.Rows[i]
		}
	}
	return nil
}

// Name is a setting of the leg as its product writes it, and what it is called
// here where it is no setting of a product.
func (l *Leg) Name(ref ParamRef) string {
	if b := l.boxOf(ref); b != nil {
		return b.Row.Param.Name
	}
	return nameIn(ref, &l.Client, &l.Server)
}

func nameIn(ref ParamRef, sides ...*Side) string {
	for _, s := range sides {
		if row := s.Row(ref.Param); row != nil && s.Endpoint.ID == ref.Endpoint {
			if row.Via != nil && row.Param.Role.TCP() { // what the host says is in force
				return row.Via.Name
			}
			return row.Param.Name
		}
	}
	return ref.Param.Name()
}
