// Package census counts the TCP connections of a host: in which states they
// are, how long they have been idle, which timer is armed and who owns them.
//
// It is pure: rows come from a kernel (tuning/host), from the text of ss, or
// from a test, one at a time, so that a host with a hundred thousand
// connections needs no more memory than one with ten.
package census

import (
	"net/netip"
	"strings"
	"time"
)

// A State is the state of a TCP socket, numbered as Linux does (enum in
// include/net/tcp_states.h).
type State uint8

// The states. NewSynRecv is a connection request that has no socket of its own
// yet; [Summary] and filters take it for SynRecv, as ss does.
const (
	Established State = iota + 1
	SynSent
	SynRecv
	FinWait1
	FinWait2
	TimeWait
	Closed
	CloseWait
	LastAck
	Listen
	Closing
	NewSynRecv
	BoundInactive
)

// stateNames are RFC 9293's names in the letters of ss -o state, and as ss prints them.
var stateNames = [...]struct{ name, printed string }{
	Established:   {"established", "ESTAB"},
	SynSent:       {"syn-sent", "SYN-SENT"},
	SynRecv:       {"syn-recv", "SYN-RECV"},
	FinWait1:      {"fin-wait-1", "FIN-WAIT-1"},
	FinWait2:      {"fin-wait-2", "FIN-WAIT-2"},
	TimeWait:      {"time-wait", "TIME-WAIT"},
	Closed:        {"closed", "UNCONN"},
	CloseWait:     {"close-wait", "CLOSE-WAIT"},
	LastAck:       {"last-ack", "LAST-ACK"},
	Listen:        {"listen", "LISTEN"},
	Closing:       {"closing", "CLOSING"},
	NewSynRecv:    {"syn-recv", "SYN-RECV"},
	BoundInactive: {"bound-inactive", "BOUND-INACTIVE"},
}

// States are the states that a summary tells, in the order in which it does.
func States() []State {
	return []State{Established, CloseWait, TimeWait, FinWait1, FinWait2, LastAck, Closing, SynSent, SynRecv, Listen, Closed, BoundInactive}
}

// String is the state's name in lower case, such as "close-wait".
func (s State) String() string {
	if int(s) >= len(stateNames) || stateNames[s].name == "" {
		return "unknown"
	}
	return stateNames[s].name
}

// connected says whether a socket of the state has a peer that answered. Before, the
// kernel counts the time without data from its own start.
func (s State) connected() bool {
	switch s {
	case SynSent, SynRecv, NewSynRecv, Listen, Closed, BoundInactive:
		return false
	default:
		return true
	}
}

// Connected says whether the kernel tells the socket's spans.
func (s *Socket) Connected() bool { return s.State.connected() }

// ParseState takes a state's name as a person, ss or netstat writes it: "established",
// "ESTAB", "CLOSE_WAIT". It says false for any other text.
func ParseState(text string) (State, bool) {
	text = strings.ReplaceAll(strings.ToLower(text), "_", "-")
	switch text {
	case "estab":
		return Established, true
	case "fin-wait1":
		return FinWait1, true
	case "fin-wait2":
		return FinWait2, true
	case "unconn", "close":
		return Closed, true
	case "listening":
		return Listen, true
	}
	for s, n := range stateNames {
		if n.name != "" && text == n.name {
			return State(s), true
		}
	}
	return 0, false
}

// A Timer is what the kernel has armed on a socket (idiag_timer, inet_diag(7)). A
// socket shows one: while it waits for an acknowledgement, a keep-alive timer
// behind it is not seen.
type Timer uint8

// The timers.
const (
	NoTimer    Timer = iota
	Retransmit       // data, SYN or FIN is unacknowledged
	KeepAlive        // a TCP probe is due; on a connection that this end closed, its last wait
	TimeWaitEnd
	ZeroWindow // the peer's window is closed
)

var timerNames = [...]string{NoTimer: "none", Retransmit: "retransmit", KeepAlive: "keepalive", TimeWaitEnd: "time-wait", ZeroWindow: "zero-window"}

// String is the timer's name, "none" where there is none.
func (t Timer) String() string {
	if int(t) >= len(timerNames) {
		return "unknown"
	}
	return timerNames[t]
}

// ParseTimer takes a timer's name as [Timer.String] or ss writes it. It says false
// for any other text.
func ParseTimer(text string) (Timer, bool) {
	switch text = strings.ToLower(text); text {
	case "on":
		return Retransmit, true
	case "timewait":
		return TimeWaitEnd, true
	case "persist":
		return ZeroWindow, true
	}
	for t, n := range timerNames {
		if n == text {
			return Timer(t), true
		}
	}
	return 0, false
}

// Unknown is a span that nobody told.
const Unknown time.Duration = -1

// A Socket is one row. Its spans are [Unknown] where the kernel does not tell them:
// it has none of them for a connection in TIME-WAIT, and for a request that is
// not accepted yet.
type Socket struct {
	State         State
	Local, Remote netip.AddrPort

	Timer Timer
	Fires time.Duration // until the timer does; 0 without one
	Tries int           // of what the timer repeats

	RecvQueue, SendQueue uint32 // bytes; of a listener, connections that wait and their most

	Sent, Received time.Duration // since data was last sent, and received; before any, since the handshake
	Heard          time.Duration // since the last acknowledgement, which an answered probe gives, too

	UID    uint32
	Inode  uint64 // 0 where no process holds the socket any more
	Cookie uint64 // the kernel's name for the socket, never used twice
	Owners []Owner

	Options *Options // in force, nil where nobody looked: sock_diag does not tell them
}

// An Owner is a process that holds a socket.
type Owner struct {
	PID  int
	Name string // of the process (comm), not cleaned
	FD   int    // the socket's lowest descriptor in it that was seen
}

// Idle is how long no data went either way, [Unknown] where nobody told. Probes
// and their answers are no data.
func (s *Socket) Idle() time.Duration {
	switch {
	case s.Sent < 0:
		return s.Received
	case s.Received < 0:
		return s.Sent
	}
	return min(s.Sent, s.Received)
}

// state is the socket's state with requests among SYN-RECV.
func (s *Socket) state() State {
	if s.State == NewSynRecv {
		return SynRecv
	}
	return s.State
}

// Guard is what finds out that the peer of an established connection is gone.
type Guard uint8

// The guards.
const (
	NotGuarded Guard = iota // nothing: the connection stays until somebody writes
	ByProbes                // the keep-alive timer is armed
	ByData                  // something is unacknowledged, or the peer's window is closed: retransmission finds it
)

// Guard says what would find out that the peer is gone. It is of use for established
// and half-closed connections.
func (s *Socket) Guard() Guard {
	switch s.Timer {
	case KeepAlive:
		return ByProbes
	case Retransmit, ZeroWindow:
		return ByData
	default:
		return NotGuarded
	}
}
