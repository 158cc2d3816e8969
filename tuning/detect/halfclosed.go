package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// timeWaitLength is TCP_TIMEWAIT_LEN (include/net/tcp.h).
const timeWaitLength = time.Minute

// HalfClosed is how long after the last segment received a silent peer is given
// up where one side has shut its direction down and the program still holds the
// socket (CLOSE_WAIT, or FIN_WAIT2 after shutdown()): such a socket is probed
// like any other. For one that was closed see [FinWait].
func HalfClosed(s Socket) Detection {
	d := Idle(s)
	if !s.KeepAlive || s.Stack != model.StackLinux {
		return d
	}
	d.Because = append([]string{"CLOSE_WAIT, and FIN_WAIT2 after shutdown(), are probed like an open connection"}, d.Because...)
	return d
}

// FinWait is how long a socket that was closed, and whose FIN was acknowledged,
// waits for the peer's FIN, counted from that acknowledgement: FIN_WAIT2, which
// is not probed and ends after tcp_fin_timeout (tcp_fin_time(), 3.5 times the RTO
// at least). Of more than 60 s the excess is waited for twice and the 60 s not at
// all (tcp_rcv_state_process(), net/ipv4/tcp_input.c, and tcp_keepalive_timer()).
func FinWait(s Socket) Detection {
	if s.Stack != model.StackLinux {
		return undocumented()
	}
	c := newClock(s.HZ)
	rto := min(s.rto(c), s.rtoMax(c))
	least := rto<<2 - rto>>1
	wait, minute := max(c.ceil(s.FinTimeout), least), c.ceil(timeWaitLength)
	because := []string{fmt.Sprintf("closed, and the FIN acknowledged: FIN_WAIT2 is not probed; tcp_fin_timeout of %s ends it", model.HumanSpan(s.FinTimeout))}
	waits := []int64{wait}
	if left := wait - minute; left > 0 {
		waits = []int64{left, max(left, least)}
		because = append(because, fmt.Sprintf("of more than 60 s the kernel waits for the excess, twice: 2 x %s", model.HumanSpan(c.span(left))))
	}
	low, high, after := int64(0), int64(1), int64(0)
	for _, j := range waits {
		after, low, high = after+j, low+j, high+j+granule(j)
	}
	return bounded(s, c.span(after), c.span(low), c.span(high), because)
}
