package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// windowsRTO is MinRtoMs (Set-NetTCPSetting).
const windowsRTO = 300 * time.Millisecond

var (
	windows9x = system{idle: func(s Socket) Detection { return countedIdle(s, 0) }, flight: windowsFlight, lastTry: windowsTry}
	windowsNT = system{idle: windowsNTIdle, flight: windowsFlight, lastTry: windowsTry, connect: func(Socket) Detection {
		return exactly(21*time.Second, 0, "an initial RTO of 3 s and 2 SYN retransmissions, doubling: 3 + 6 + 12 s")
	}}
	windows = system{idle: windowsIdle, flight: windowsFlight, lastTry: windowsTry, connect: func(Socket) Detection {
		return exactly(31*time.Second, 0, "an initial RTO of 1 s and 4 SYN retransmissions, doubling: 1 + 2 + 4 + 8 + 16 s (21 s up to Windows 7)")
	}}
)

func windowsNTIdle(s Socket) Detection {
	if s.Count == 0 {
		return never("TcpMaxDataRetransmissions is 0: no probes are sent")
	}
	return countedIdle(s, 0, "up to Server 2003 the number of probes is TcpMaxDataRetransmissions")
}

func windowsIdle(s Socket) Detection {
	return countedIdle(s, 0, "from Vista on the number of probes is fixed, unless the program sets TCP_KEEPCNT (Windows 10 1703)")
}

func windowsTries(s Socket) tries {
	return tries{first: max(windowsRTO, s.RTT), ceiling: model.Never, count: s.Retries, doublings: 62}
}

func windowsTry(s Socket, until time.Duration) time.Duration { return windowsTries(s).last(until) }

func windowsFlight(s Socket) Detection {
	t := windowsTries(s)
	return exactly(t.end(), 0, fmt.Sprintf("%d retransmissions, each after twice the time of the one before, from %s (documented up to Windows 7)", s.Retries, model.HumanSpan(t.first)))
}
