package lab

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Case is one thing to try: a state of a connection, and the options of
// its socket and its kernel.
type Case struct {
	Scenario      Scenario
	KeepAlive     bool
	Idle, Every   time.Duration // T and I
	Count         int64         // N
	UserTimeout   time.Duration // U; 0 is off
	Retries       int64         // tcp_retries2
	SynRetries    int64
	SynLinear     int64
	RTOMax        time.Duration // tcp_rto_max_ms; kernels before 6.15 have 2 m fixed
	Orphans       int64         // tcp_orphan_retries
	FinTimeout    time.Duration // tcp_fin_timeout
	Half          Half          // for [HalfClosed] only
	TailLossProbe bool
	Several       bool           // 30 kB are in flight, not 100 bytes
	AfterProbe    bool           // the path is cut right after an answered probe, not right after data
	PeerLives     bool           // the path is not cut: for a closed window, and for a probe count of 0
	IdleWas       time.Duration  // TCP_KEEPIDLE until it is set to Idle at IdleSetAt; 0: it is Idle from the start
	IdleSetAt     time.Duration  // from the last segment received
	Lead          time.Duration  // between the socket options and the last data
	WriteAt       time.Duration  // from the last segment received; for [LateWrite] only
	Router        Router         // for [Middlebox] only
	Ladder        LadderScenario // for [Middlebox] only
	Departure     Departure      // for [PeerGone] only
}

// Default is a connection without keep-alive and with the kernel's defaults.
func Default(s Scenario) Case {
	l := detect.Linux()
	return Case{
		Scenario: s, Retries: l.Retries, SynRetries: l.SynRetries, SynLinear: l.SynLinear,
		RTOMax: l.RTOMax, FinTimeout: l.FinTimeout, TailLossProbe: true,
	}
}

// A Half is how one direction of a connection was closed.
type Half string

// The ways. The last one gives the socket up; the others keep it.
const (
	PeerShut Half = "CLOSE_WAIT"            // the peer shut its direction down
	OwnShut  Half = "FIN_WAIT2 by shutdown" // this end did
	OwnClose Half = "FIN_WAIT2 after close" // this end closed the socket, the peer acknowledged and does not
)

// halves are all of them.
func halves() []Half { return []Half{PeerShut, OwnShut, OwnClose} }

// probes turns keep-alive on.
func (s Case) probes(idle, every time.Duration, count int64) Case {
	s.KeepAlive, s.Idle, s.Every, s.Count = true, idle, every, count
	return s
}

// socket is what the arithmetic is asked about, given what was read from the
// kernel just before the cut.
func (s Case) socket(f facts) detect.Socket {
	d := detect.Linux()
	d.HZ, d.RTT, d.RTO = f.HZ, f.RTT, f.RTO
	d.KeepAlive = s.KeepAlive
	if s.KeepAlive {
		d.Idle, d.Every, d.Count = s.Idle, s.Every, s.Count
	}
	d.UserTimeout, d.Retries = s.UserTimeout, s.Retries
	d.SynRetries, d.SynLinear = s.SynRetries, s.SynLinear
	d.RTOMax, d.Orphans, d.FinTimeout = s.RTOMax, s.Orphans, s.FinTimeout
	d.TailLossProbe, d.Several = s.TailLossProbe, s.Several || s.Scenario == Orphaned
	d.Death = detect.AfterData
	if s.AfterProbe {
		d.Death = detect.AfterProbe
	}
	return d
}

// String names what is not the default, in the notation of kernel documents.
func (s Case) String() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if s.KeepAlive {
		add("T=%s I=%s N=%d", brief(s.Idle), brief(s.Every), s.Count)
	}
	if s.UserTimeout > 0 {
		add("U=%s", brief(s.UserTimeout))
	}
	if s.Retries != 15 {
		add("retries2=%d", s.Retries)
	}
	if s.Scenario == Connecting {
		add("syn_retries=%d linear=%d", s.SynRetries, s.SynLinear)
	}
	if s.RTOMax != 2*time.Minute {
		add("rto_max=%s", brief(s.RTOMax))
	}
	if s.Scenario == Orphaned {
		add("orphan_retries=%d", s.Orphans)
	}
	if s.Half == OwnClose {
		add("fin_timeout=%s", brief(s.FinTimeout))
	}
	if s.IdleWas > 0 {
		add("T was %s until %s", brief(s.IdleWas), brief(s.IdleSetAt))
	}
	if !s.TailLossProbe {
		add("no TLP")
	}
	if s.Several {
		add("30 kB")
	}
	if s.AfterProbe {
		add("after a probe")
	}
	if s.PeerLives {
		add("peer lives")
	}
	if s.Scenario == LateWrite {
		add("at %s", brief(s.WriteAt))
	}
	if s.Scenario == Middlebox {
		parts = append([]string{s.Router.String()}, parts...)
		if s.Ladder != (LadderScenario{}) {
			parts = append(parts, s.Ladder.String())
		}
	}
	if s.Scenario == HalfClosed {
		parts = append([]string{string(s.Half)}, parts...)
	}
	if s.Scenario == PeerGone {
		parts = append([]string{string(s.Departure)}, parts...)
	}
	return strings.Join(parts, " ")
}

func brief(d time.Duration) string { return strings.ReplaceAll(model.HumanSpan(d), " ", "") }
