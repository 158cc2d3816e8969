package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// Figures of systems that were read from documentation and source.
const (
	windowsRTO     = 300 * time.Millisecond // MinRtoMs, Set-NetTCPSetting
	darwinTick     = 500 * time.Millisecond // keep-alive timers are coalesced, tcp_timer.c
	bsdRTO         = 230 * time.Millisecond // rexmit_min 30 ms + rexmit_slop 200 ms
	bsdRTOMax      = 64 * time.Second       // TCPTV_REXMTMAX
	bsdRetries     = 12                     // TCP_MAXRXTSHIFT
	illumosAbort   = 480 * time.Second      // _keepalive_abort_interval
	illumosRTO     = 400 * time.Millisecond
	illumosRTOMax  = 60 * time.Second
	illumosGivesUp = 300 * time.Second // _ip_abort_interval
)

// foreignIdle is the documented rule for an idle connection.
func foreignIdle(s Socket) Detection {
	burst := time.Duration(s.Count) * s.Every
	after := model.Add(s.Idle, burst)
	rule := fmt.Sprintf("first probe after %s, then %d without an answer, %s apart: %s + %d x %s = %s",
		model.HumanSpan(s.Idle), s.Count, model.HumanSpan(s.Every), model.HumanSpan(s.Idle), s.Count, model.HumanSpan(s.Every), model.HumanSpan(after))
	switch s.Stack {
	case model.StackWindowsNT:
		if s.Count == 0 {
			return never("TcpMaxDataRetransmissions is 0: no probes are sent")
		}
		return exactly(after, 0, rule, "up to Server 2003 the number of probes is TcpMaxDataRetransmissions")
	case model.StackWindows:
		return exactly(after, 0, rule, "from Vista on the number of probes is fixed, unless the program sets TCP_KEEPCNT (Windows 10 1703)")
	case model.StackIllumos:
		return exactly(model.Add(s.Idle, illumosAbort), illumosRTOMax, "probes back off from the RTO to 60 s; given up at the first one that comes 480 s after the first")
	case model.StackDarwin, model.StackBSD:
		return exactly(after, darwinTick, rule)
	case model.StackWindows9x, model.StackLinux:
	}
	return exactly(after, 0, rule)
}

// foreignFlight is the documented rule for unacknowledged data.
func foreignFlight(s Socket) Detection {
	d := foreignEnd(s)
	d.Try, _ = foreignTry(s, model.Never)
	return d
}

func foreignEnd(s Socket) Detection {
	switch s.Stack {
	case model.StackWindows, model.StackWindowsNT, model.StackWindows9x:
		first := max(windowsRTO, s.RTT)
		total := backoff(first, model.Never, s.Retries, 62)
		return exactly(total, 0, fmt.Sprintf("%d retransmissions, each after twice the time of the one before, from %s (documented up to Windows 7)", s.Retries, model.HumanSpan(first)))
	case model.StackDarwin, model.StackBSD:
		first := max(bsdRTO, s.RTT)
		total := backoff(first, bsdRTOMax, bsdRetries, 6)
		return exactly(total, 0, fmt.Sprintf("%d retransmissions from %s, doubling up to %s", bsdRetries, model.HumanSpan(first), model.HumanSpan(bsdRTOMax)))
	case model.StackIllumos:
		total := time.Duration(0)
		for rto := max(illumosRTO, s.RTT); total <= illumosGivesUp; rto = min(2*rto, illumosRTOMax) {
			total += rto
		}
		return exactly(total, 0, "given up when the retransmission timeouts add up to more than 300 s")
	case model.StackLinux:
	}
	return Detection{Documented: true, Because: []string{"no rule is documented for this system"}}
}

// foreignTry is the last retransmission before until by the documented rule;
// false where there is none.
func foreignTry(s Socket, until time.Duration) (time.Duration, bool) {
	var rto time.Duration
	var retries int64
	ceiling, doublings := model.Never, 62
	switch s.Stack {
	case model.StackWindows, model.StackWindowsNT, model.StackWindows9x:
		rto, retries = windowsRTO, min(s.Retries, 255)
	case model.StackDarwin, model.StackBSD:
		rto, ceiling, retries, doublings = bsdRTO, bsdRTOMax, bsdRetries, 6
	case model.StackIllumos:
		rto, ceiling, retries, until = illumosRTO, illumosRTOMax, 255, min(until, illumosGivesUp+1)
	default:
		return 0, false
	}
	rto = max(rto, s.RTT)
	tried, total := time.Duration(0), time.Duration(0)
	for i := range retries {
		if total = model.Add(total, min(rto, ceiling)); total >= until {
			break
		}
		tried = total
		if int(i) < doublings && rto < model.Never/2 {
			rto *= 2
		}
	}
	return tried, true
}

// foreignConnect is the documented rule for a connect that is not answered.
func foreignConnect(s Socket) Detection {
	switch s.Stack {
	case model.StackWindows:
		return exactly(31*time.Second, 0, "an initial RTO of 1 s and 4 SYN retransmissions, doubling: 1 + 2 + 4 + 8 + 16 s (21 s up to Windows 7)")
	case model.StackWindowsNT:
		return exactly(21*time.Second, 0, "an initial RTO of 3 s and 2 SYN retransmissions, doubling: 3 + 6 + 12 s")
	case model.StackDarwin, model.StackBSD:
		return exactly(75*time.Second, 0, "net.inet.tcp.keepinit is 75 s")
	case model.StackIllumos:
		return exactly(180*time.Second, 0, "the connect abort interval is 180 s")
	case model.StackWindows9x, model.StackLinux:
	}
	return Detection{Documented: true, Because: []string{"no rule is documented for this system"}}
}

// backoff sums a first timeout and n more, each twice the one before for at
// most doublings steps and never above the ceiling.
func backoff(first, ceiling time.Duration, n int64, doublings int) time.Duration {
	total, rto := time.Duration(0), first
	for i := range min(n, 255) + 1 {
		total = model.Add(total, min(rto, ceiling))
		if int(i) < doublings && rto < model.Never/2 {
			rto *= 2
		}
	}
	return total
}
