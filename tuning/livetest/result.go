package livetest

import "time"

// An Outcome is whether a live test found its answer.
type Outcome string

// The outcomes of a live test; a run that is still going on has none ("").
const (
	OutcomeMeasured     Outcome = "measured"
	OutcomeInconclusive Outcome = "inconclusive"
	OutcomeUnreachable  Outcome = "unreachable" // the target was never reached
)

// MinGoodSamples is how many good idle samples a verdict needs.
const MinGoodSamples = 3

// A Result is what a live test concluded so far: the contract keeptune.probe/1 with
// durations as time.Duration. A nil pointer is JSON null: unknown, or never where Close is
// CloseNone.
type Result struct {
	Spec    Spec    // as started; credentials redacted
	Address string  // the one address under test
	Outcome Outcome // "" while running
	Reason  string  // one sentence; why inconclusive, or a remark on a measured result
	Elapsed time.Duration
	// Unreached is true where the run ended because there was no connection to the target or
	// to the far end of its ladder.
	Unreached bool

	HTTP        HTTP
	Idle        Idle
	Second      *SecondRound         // nil where there was no second round
	Silences    map[Measurement]Idle // of the measurements of silence that have a sample
	Answers     map[Measurement]bool // of the yes-or-no questions that are answered
	Requests    *Requests
	HTTP2       *HTTP2
	ReuseSaving *ReuseSaving // nil until both kinds of request were timed
	Ladders     []Ladder
	Race        *Race
	Hold        *Hold
	Socket      *SocketOptions // of our own connections, as read back last
	TCP         TCP
	Verdicts    []Comparison // "advertised" only; "configured" needs a document
	Samples     []Sample     // idle and before request, by connection number
	Control     Control
	// More are numbers of measurements that have no field here, by name and unit (after_s).
	More map[Measurement]map[string]float64
}

// Silence is how long connections of a measurement were kept open; nil when nothing is known yet.
func (r Result) Silence(m Measurement) *Idle {
	i, ok := r.Silences[m]
	if !ok {
		return nil
	}
	return &i
}

// Kept is the answer of a yes-or-no question, whether a connection persists; nil when it is not
// known yet.
func (r Result) Kept(m Measurement) *bool {
	yes, ok := r.Answers[m]
	if !ok {
		return nil
	}
	return &yes
}

// HTTP is what the server's replies said.
type HTTP struct {
	Status     int
	Version    string // "HTTP/1.1"
	Connection string // Connection header of the reply to a request that asked
	Server     string // what the server calls itself; "" where it does not
	Asked      *Hint
	Unasked    *Hint
	// AskedSeen and UnaskedSeen tell a missing hint from a question not answered yet.
	AskedSeen, UnaskedSeen bool
}

// Idle is how long silence is kept. With some samples still open at the limit the
// numbers they decide are nil.
type Idle struct {
	Low, After, High *time.Duration // After is the median
	Samples          int            // good ones: closed or watched up to the limit
	Discarded        int
	Open             int       // of Samples, open at the limit
	Close            CloseKind // the commonest; "" when there is no sample
	BytesBefore      int64     // most unasked bytes before a close
	// Ticks is not nil where connections ended together that began apart.
	Ticks *Ticks
}

// TCP is the path's own times.
type TCP struct {
	Connect   *time.Duration // median TCP handshake
	Handshake *time.Duration // median TLS handshake
	RTT       *time.Duration // smallest smoothed RTT the kernel told
	RTO       *time.Duration
	Resent    int
	Unacked   int // most TCP probes or segments without an answer
}

// A Comparison holds a promise against what happened.
type Comparison struct {
	Compare  string // "advertised" or "configured"
	Says     time.Duration
	Measured time.Duration
	Agrees   bool
	// Candidates are settings that explain what was measured, each a clause, where it does
	// not agree (rule EFF-1).
	Candidates []string
}

// A Sample is one watched connection.
type Sample struct {
	Conn     int
	Role     Role
	State    SampleState
	Zero     time.Duration // since the start of the run, valid once watched
	After    time.Duration
	Close    CloseKind
	Bytes    int64
	Exact    bool
	Notified bool   // TLS close_notify came before the FIN
	Why      string // why it was discarded or failed
	// What TCP_INFO said last, where the OS tells: smoothed RTT, RTO, segments
	// retransmitted, and TCP probes or segments without an answer.
	RTT, RTO        time.Duration
	Resent, Unacked int
}

// A SampleState is how far a sample is.
type SampleState string

// The states of a sample.
const (
	SampleConnecting SampleState = "connecting"
	SampleWatched    SampleState = "watched"   // silent, a read pending
	SampleClosed     SampleState = "closed"    // good: the far end closed
	SampleOpen       SampleState = "open"      // good: still open at the limit
	SampleDiscarded  SampleState = "discarded" // seen, but not to be believed
	SampleFailed     SampleState = "failed"    // gave no answer
)

// Control is what the control connection saw.
type Control struct {
	Exchanges int
	Failures  int
	LastText  string // the last failure
}
