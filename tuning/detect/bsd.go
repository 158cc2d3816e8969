package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// Figures of FreeBSD and of Darwin, which comes from it.
const (
	darwinTick = 500 * time.Millisecond // keep-alive timers are coalesced, tcp_timer.c
	bsdRTO     = 230 * time.Millisecond // rexmit_min 30 ms + rexmit_slop 200 ms
	bsdRTOMax  = 64 * time.Second       // TCPTV_REXMTMAX
	bsdRetries = 12                     // TCP_MAXRXTSHIFT
)

var bsd = system{
	idle:    func(s Socket) Detection { return countedIdle(s, darwinTick) },
	flight:  bsdFlight,
	lastTry: func(s Socket, until time.Duration) time.Duration { return bsdTries(s).last(until) },
	connect: func(Socket) Detection { return exactly(75*time.Second, 0, "net.inet.tcp.keepinit is 75 s") },
}

func bsdTries(s Socket) tries {
	return tries{first: max(bsdRTO, s.RTT), ceiling: bsdRTOMax, count: bsdRetries, doublings: 6}
}

func bsdFlight(s Socket) Detection {
	t := bsdTries(s)
	return exactly(t.end(), 0, fmt.Sprintf("%d retransmissions from %s, doubling up to %s", bsdRetries, model.HumanSpan(t.first), model.HumanSpan(bsdRTOMax)))
}
