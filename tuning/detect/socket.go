package detect

import (
	"fmt"
	"math"
	"time"

	"example.com/keeptune/model"
)

// Defaults of Linux that no catalog entry carries.
const (
	DefaultHZ  = 250
	DefaultRTT = 100 * time.Microsecond // taken for a LAN where none is given
	rtoUnit    = 200 * time.Millisecond // TCP_RTO_MIN as tcp_model_timeout() uses it, whatever rto_min is
)

// A Death says when the peer fell silent, as far as that is known.
type Death uint8

// The cases of a death while nothing is in flight.
const (
	AtAnyTime  Death = iota // the worst of both
	AfterData               // after data or an acknowledgement of it
	AfterProbe              // right after a probe that was still answered
)

// A Socket is one end of a connection, as its kernel sees it. Sockets compare
// with ==, so a result can be remembered by its socket.
type Socket struct {
	Stack         model.Stack
	HZ            int // timer frequency, 24 to 1200; Linux only
	KeepAlive     bool
	Idle, Every   time.Duration // T and I
	Count         int64         // N
	UserTimeout   time.Duration // U; 0 is off
	Retries       int64         // tcp_retries2, or TcpMaxDataRetransmissions
	Orphans       int64         // tcp_orphan_retries; 0 means 8 while the RTO is below its ceiling
	SynRetries    int64         // tcp_syn_retries
	SynLinear     int64         // tcp_syn_linear_timeouts
	RTT           time.Duration
	RTO           time.Duration // 0: follows from the RTT
	RTOMin        time.Duration
	RTOMax        time.Duration
	ProbeAbort    time.Duration // illumos: how long unanswered probes go on; 0 is for ever
	DataAbort     time.Duration // illumos: how long data stays unacknowledged; 0 is for ever
	TailLossProbe bool
	Several       bool // more than one segment in flight
	Thin          bool // linear timeouts of thin streams in force
	Unclamped     bool // before 4.19: TCP_USER_TIMEOUT is only looked at when an RTO fires
	Death         Death
	FinTimeout    time.Duration // tcp_fin_timeout
	Multipath     bool          // both ends speak Multipath TCP; set by [Socket.SpeakMultipath]
	CloseTimeout  time.Duration // net.mptcp.close_timeout
}

// Linux is a socket with the defaults of the kernel (6.12) and SO_KEEPALIVE off.
func Linux() Socket {
	return Socket{
		Stack: model.StackLinux, HZ: DefaultHZ, Idle: 2 * time.Hour, Every: 75 * time.Second, Count: 9,
		Retries: 15, SynRetries: 6, SynLinear: 4, RTT: DefaultRTT,
		RTOMin: rtoUnit, RTOMax: 2 * time.Minute, TailLossProbe: true,
		FinTimeout: time.Minute, CloseTimeout: time.Minute,
	}
}

// SpeakMultipath is the socket where both ends speak Multipath TCP: it refuses
// TCP_USER_TIMEOUT (ENOPROTOOPT), so none is in force. Only Linux does so.
func (s Socket) SpeakMultipath() Socket {
	if s.Stack == model.StackLinux {
		s.Multipath, s.UserTimeout = true, 0
	}
	return s
}

// A Detection is how long a kernel takes to give a silent peer up.
type Detection struct {
	Known      bool          // false: no rule is documented for this system
	After      time.Duration // by the rule with ideal timers; model.Never where nothing looks
	Low, High  time.Duration // what a real kernel does with its timers
	Try        time.Duration // of data in flight: when the last try goes out, at the earliest
	Documented bool          // from documentation, not measured
	Because    []string
}

// never is a detection that does not come.
func never(because ...string) Detection {
	return Detection{Known: true, After: model.Never, Low: model.Never, High: model.Never, Because: because}
}

// exactly is a documented rule without known timer lateness, or with a tick.
func exactly(after, tick time.Duration, because ...string) Detection {
	return Detection{
		Known: true, Documented: true, After: after, Low: after, High: model.Add(after, tick),
		Because: append(because, "documented, not measured"),
	}
}

// Check says in one sentence what is impossible about the socket.
func (s Socket) Check() error {
	const longest = 1 << 31 * time.Second
	switch {
	case s.HZ < 24 || s.HZ > 1200:
		return fmt.Errorf("HZ is %d; kernels use 100, 250, 300 or 1000 (24 to 1200 are possible)", s.HZ)
	case s.Idle < 0 || s.Idle > longest || s.Every < 0 || s.Every > longest:
		return fmt.Errorf("a probe time is out of range; it goes from 0 to %s", model.HumanSpan(longest))
	case s.Count < 0 || s.Count > 255:
		return fmt.Errorf("the probe count is %d; it goes from 0 to 255", s.Count)
	case s.Retries < 0 || s.Stack == model.StackLinux && s.Retries > 255:
		return fmt.Errorf("retries2 is %d; it goes from 0 to 255", s.Retries)
	case s.UserTimeout < 0 || s.UserTimeout > math.MaxInt32*time.Millisecond:
		return fmt.Errorf("TCP_USER_TIMEOUT is %s; it goes from 0 to 2147483647 ms", model.HumanSpan(s.UserTimeout))
	case s.RTT < 0 || s.RTT > time.Hour:
		return fmt.Errorf("the RTT is %s; it goes from 0 to 1 h", model.HumanSpan(s.RTT))
	case s.SynRetries < 0 || s.SynRetries > 127 || s.SynLinear < 0 || s.SynLinear > 127 || s.Orphans < 0 || s.Orphans > 255:
		return fmt.Errorf("SYN retries and linear timeouts go from 0 to 127, orphan retries from 0 to 255")
	case s.FinTimeout < 0 || s.FinTimeout > longest || s.CloseTimeout < 0 || s.CloseTimeout > longest:
		return fmt.Errorf("a time of FIN_WAIT2 or of Multipath TCP is out of range; it goes from 0 to %s", model.HumanSpan(longest))
	case s.RTOMin < 0 || s.RTOMin > time.Hour || s.RTO < 0 || s.RTO > time.Hour || s.RTOMax < 0 || s.RTOMax > 24*time.Hour:
		return fmt.Errorf("an RTO is out of range; RTO and its floor go to 1 h, its ceiling to 24 h")
	}
	return nil
}

// rto is the retransmission timeout of a steady connection:
// srtt + max(variance, rto_min), rounded up to a jiffy (tcp_set_rto, tcp_input.c).
func (s Socket) rto(c clock) int64 {
	if s.RTO > 0 {
		return max(c.ceil(s.RTO), 1)
	}
	return max(c.ceil(s.RTT+s.RTOMin), 1)
}

// Fresh is the retransmission timeout of a connection that has seen a single
// round trip: its variance is taken as half of that, and counts four times
// (tcp_rtt_estimator(), tcp_input.c).
func (s Socket) Fresh() time.Duration { return min(s.RTT+max(2*s.RTT, s.RTOMin), s.RTOMax) }

func (s Socket) rtoMax(c clock) int64 { return max(c.ceil(s.RTOMax), 1) }
