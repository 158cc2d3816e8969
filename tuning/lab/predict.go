package lab

import (
	"time"

	"example.com/keeptune/tuning/detect"
)

// Facts are what the prediction needs from the kernel.
type facts struct {
	HZ      int
	RTT     time.Duration // smoothed, tcpi_rtt
	RTO     time.Duration // tcpi_rto; 0 for connect
	WriteAt time.Duration // when the late write really went out, from the last segment received
	SetAt   time.Duration // when TCP_KEEPIDLE was really changed, from the last segment received
}

// An Outcome is how a connection ended.
type Outcome string

// The outcomes: the error of the socket, or that it lives.
const (
	TimedOut Outcome = "ETIMEDOUT"
	Reset    Outcome = "ECONNRESET"
	Broken   Outcome = "EPIPE"
	EOF      Outcome = "EOF"
	Readable Outcome = "readable" // data came that no one sent
	Alive    Outcome = "alive"
	Gone     Outcome = "gone" // the kernel holds no such socket any more
)

// A Prediction is what the arithmetic says about a [Case]: how it ends,
// and how long that takes from the scenario's point of reference.
type Prediction struct {
	Low, High time.Duration
	Outcome   Outcome
}

// roundTrip is how long an answer through the router may take.
const roundTrip = time.Millisecond

// predict is the arithmetic's answer. The reference is the last segment
// received for idle, user-timeout, zero-window and write; the send for
// in-flight and orphan; the first SYN for connect; the acknowledgement of the FIN
// for a half-closed connection that this end closed. A middlebox counts from the send after
// its timeout or, if the connection's own probes are what it swallows, from
// the last segment received. A peer that is gone counts from its leaving, from
// the next write, or for probes from the last segment received.
func predict(s Case, f facts) Prediction {
	socket := s.socket(f)
	switch s.Scenario {
	case IdleConnection, IdleUserTimeout:
		if s.IdleWas > 0 {
			return timedOut(detect.IdleSetAt(socket, f.SetAt))
		}
		return timedOut(detect.Idle(socket))
	case DataInFlight:
		return timedOut(detect.InFlight(socket))
	case ClosedWindow:
		return timedOut(detect.ZeroWindow(socket))
	case Connecting:
		return timedOut(detect.Connect(socket))
	case LateWrite:
		return timedOut(detect.WriteAt(socket, f.WriteAt))
	case Orphaned:
		return gone(detect.Orphan(socket))
	case HalfClosed:
		if s.Half == OwnClose {
			return gone(detect.FinWait(socket))
		}
		return timedOut(detect.HalfClosed(socket))
	case Middlebox:
		if s.Ladder != (LadderScenario{}) {
			return predictLadder(s)
		}
		return predictBox(s, socket)
	case PeerGone:
		return predictGone(s, socket)
	case All:
	}
	return Prediction{}
}

func timedOut(d detect.Detection) Prediction { return Prediction{d.Low, d.High, TimedOut} }

func gone(d detect.Detection) Prediction { return Prediction{d.Low, d.High, Gone} }

func predictBox(s Case, socket detect.Socket) Prediction {
	every := detect.ProbesEvery(socket)
	switch {
	case s.Router.forgives() || every < s.Router.Timeout:
		return Prediction{0, roundTrip, Alive}
	case s.KeepAlive && s.Router.Reset:
		return firstProbe(socket)
	case s.KeepAlive:
		return timedOut(detect.Idle(socket))
	case s.Router.Reset:
		return Prediction{0, roundTrip, Reset}
	}
	return timedOut(detect.InFlight(socket))
}

// firstProbe is when the first probe after data meets a RST.
func firstProbe(socket detect.Socket) Prediction {
	socket.Every = 0
	return Prediction{socket.Idle, detect.ProbesEvery(socket) + roundTrip, Reset}
}

func predictGone(s Case, socket detect.Socket) Prediction {
	p := Prediction{0, roundTrip, Reset}
	switch s.Departure {
	case Exits:
		p.Outcome = EOF
	case ExitsEarlier:
		p.Outcome = Broken
	case Reboots:
		if s.KeepAlive {
			return firstProbe(socket)
		}
	case Aborts, LeavesUnread:
	}
	return p
}
