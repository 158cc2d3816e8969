package plot

import (
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// ReuseSaving says what reusing a connection saves.
func ReuseSaving(w livetest.ReuseSaving) string {
	return fmt.Sprintf("keep-alive is worth %s per request: %s on a fresh connection, %s on an open one", livetest.Short(w.Saved()), livetest.Short(w.Fresh), livetest.Short(w.Reused))
}

// Network says what the path itself takes.
func Network(t livetest.TCP) string {
	text := "connected in " + livetest.Short(*t.Connect)
	if t.Handshake != nil {
		text += ", TLS in " + livetest.Short(*t.Handshake)
	}
	if t.RTT != nil {
		text += ", RTT " + livetest.Short(*t.RTT)
	}
	return fmt.Sprintf("%s, %d segments resent", text, t.Resent)
}

// Socket says which TCP options are in force on the test's own connections.
func Socket(o livetest.SocketOptions) string {
	text := "TCP keep-alive off"
	if o.KeepAlive {
		text = fmt.Sprintf("TCP keep-alive after %s, every %s, %d probes", model.HumanSpan(o.Idle), model.HumanSpan(o.Interval), o.Count)
	}
	if o.UserTimeout > 0 {
		text += ", TCP_USER_TIMEOUT " + model.HumanSpan(o.UserTimeout)
	}
	return text + " (as the kernel says)"
}
