package livetest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// An EventKind says what an Event tells.
type EventKind string

// The kinds of events of a live test, in the order they usually come.
const (
	EventStarted   EventKind = "started"   // the run began: Spec, Text
	EventResolved  EventKind = "resolved"  // the one address under test: Text
	EventConnected EventKind = "connected" // a connection is open: Connect, Handshake, RTT
	EventResponse  EventKind = "response"  // a reply was read: Status … Request, Took
	EventCounted   EventKind = "counted"   // request counting: Request so far; Limit and LastSaysClose when known; Method where another took over
	EventHTTP10    EventKind = "http10"    // the HTTP/1.0 question is answered: Yes
	EventClosed    EventKind = "closed"    // the far end ended a watched connection: After, Close, Bytes
	EventSecond    EventKind = "second"    // a second round of silent connections begins: Gap it is spread over, Took at most, Text
	EventExpired   EventKind = "expired"   // the limit passed and the connection is still open: After
	EventFailed    EventKind = "failed"    // this connection gave no answer: Text
	EventHead      EventKind = "head"      // the HEAD question is answered: Yes when the connection persists
	EventAnswered  EventKind = "answered"  // another yes-or-no question is answered: Yes
	EventHTTP2     EventKind = "http2"     // what an HTTP/2 connection said: Settings; Yes and Took of a PING; Done when spoken
	EventRung      EventKind = "rung"      // a gap of the ladder begins, or with Done has its answer: Gap, Direction, Probes, Round, Close, After
	EventStep      EventKind = "step"      // requests of the race: Gap, Offset, Method, Sent, Lost, Seen; Done at the end
	EventSocket    EventKind = "socket"    // TCP options of our sockets, as read back: Socket
	EventLimited   EventKind = "limited"   // fewer connections than asked for can be held: Text
	EventPaused    EventKind = "paused"    // we did not run, or a clock jumped: From, At, Jump, Text
	EventStopped   EventKind = "stopped"   // politeness or a lost target ended the run: Text; Yes where it was never reached
	EventFinished  EventKind = "finished"  // the last event: Outcome, Text
)

// A CloseKind says how a connection ended; the words are the contract's.
type CloseKind string

// How a connection can end.
const (
	CloseNone      CloseKind = "none"        // still open at the limit
	CloseFIN       CloseKind = "fin"         // clean close
	CloseRST       CloseKind = "rst"         // reset while silent
	CloseRSTOnSend CloseKind = "rst-on-send" // reset by the next packet
	CloseSilent    CloseKind = "silent"      // no answer at all
	Close408       CloseKind = "408"         // bytes (a 408) before the FIN: a header timer
	CloseGoAway    CloseKind = "goaway"      // HTTP/2
)

// A Role of a connection is the measurement it serves, or RoleControl.
type Role string

// RoleControl is the connection that shows that the path works; each measurement has a role of
// its own in its file.
const RoleControl Role = "control"

// An Event is one thing a live test saw. It is flat, holds no raw foreign bytes, and is
// written as one JSON line with durations as seconds.
type Event struct {
	At   time.Duration `json:"at_s"` // monotonic, since the start of the run: when it happened
	Wall time.Time     `json:"wall"` // the wall clock when it was seen
	Kind EventKind     `json:"kind"`
	Conn int           `json:"conn,omitempty"` // from 1; 0 is the run itself
	Role Role          `json:"role,omitempty"`

	Spec *Spec  `json:"spec,omitempty"`
	Text string `json:"text,omitempty"` // one sentence, or the address

	Connect   time.Duration `json:"connect_s,omitempty"`   // TCP handshake
	Handshake time.Duration `json:"handshake_s,omitempty"` // TLS handshake
	RTT       time.Duration `json:"rtt_s,omitempty"`       // TCP_INFO, where the OS tells
	RTO       time.Duration `json:"rto_s,omitempty"`
	Resent    int           `json:"resent,omitempty"`  // segments retransmitted on this connection
	Unacked   int           `json:"unacked,omitempty"` // TCP probes or segments not answered yet, TCP_INFO

	Request    int           `json:"request,omitempty"` // n-th request of this connection
	Took       time.Duration `json:"took_s,omitempty"`  // request written to last byte read; of counted requests the median
	Status     int           `json:"status,omitempty"`
	Version    string        `json:"version,omitempty"`    // "HTTP/1.1"
	Connection string        `json:"connection,omitempty"` // the Connection header
	Server     string        `json:"server,omitempty"`     // the Server header
	SaysClose  bool          `json:"says_close,omitempty"` // the reply announces the close
	KeepAlive  *Hint         `json:"keep_alive,omitempty"`
	Asked      bool          `json:"asked,omitempty"` // the request carried Connection: keep-alive

	After time.Duration `json:"after_s,omitempty"` // silence from time zero to the close
	Close CloseKind     `json:"close,omitempty"`
	Bytes int64         `json:"bytes,omitempty"` // unasked bytes before the close
	Exact bool          `json:"exact,omitempty"` // both ends of After carry kernel time
	// Notified tells that TLS said goodbye (close_notify) before the FIN.
	Notified bool `json:"notified,omitempty"`

	Limit         int  `json:"limit,omitempty"`           // requests this connection was given; 0 is none found
	Done          bool `json:"done,omitempty"`            // this question is answered
	LastSaysClose bool `json:"last_says_close,omitempty"` // the last reply announced the close
	Honoured      bool `json:"honoured,omitempty"`        // and the connection was closed then
	Yes           bool `json:"yes,omitempty"`             // the answer of a yes-or-no question

	Gap       time.Duration  `json:"gap_s,omitempty"` // silence that a rung or a step asks for
	Direction Direction      `json:"direction,omitempty"`
	Probes    bool           `json:"probes,omitempty"` // our TCP keep-alive was on
	Round     int            `json:"round,omitempty"`
	Offset    time.Duration  `json:"offset_s,omitempty"` // from the idle timeout that is hammered
	Method    string         `json:"method,omitempty"`   // of a race; of a reply that is not the whole page
	Sent      int            `json:"sent,omitempty"`     // requests of a step; PING frames of a server
	Lost      int            `json:"lost,omitempty"`     // of them, without a response
	Seen      int            `json:"seen,omitempty"`     // closes seen before the request was sent
	Socket    *SocketOptions `json:"socket,omitempty"`
	Settings  *HTTP2Settings `json:"settings,omitempty"`

	From    time.Duration `json:"from_s,omitempty"` // start of a pause that ended At
	Jump    time.Duration `json:"jump_s,omitempty"` // wall clock minus monotonic clock in a pause
	Outcome Outcome       `json:"outcome,omitempty"`
}

// seconds is a duration in JSON: a number of seconds.
type seconds time.Duration

// MarshalJSON writes the shortest decimal that is exact.
func (s seconds) MarshalJSON() ([]byte, error) {
	sign, n := "", uint64(s) //nolint:gosec // two's complement, see below
	if s < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%s%d.%09d", sign, n/1e9, n%1e9)
	return []byte(strings.TrimSuffix(strings.TrimRight(text, "0"), ".")), nil
}

// UnmarshalJSON reads a JSON number of seconds; what MarshalJSON wrote comes back exactly.
func (s *seconds) UnmarshalJSON(b []byte) error {
	if d, err := time.ParseDuration(string(b) + "s"); err == nil {
		*s = seconds(d)
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if math.Abs(f) > maxSeconds {
		return fmt.Errorf("%v seconds are out of range", f)
	}
	*s = seconds(math.Round(f * 1e9))
	return nil
}

// maxSeconds is just inside of what a time.Duration holds: 292 years.
const maxSeconds = 9.2e9
