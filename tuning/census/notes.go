package census

import (
	"fmt"
	"time"
)

// A Note is what a count shows: what it is, what follows, what to do.
type Note struct {
	Rule string // of the findings that say the same of a configuration, "" for none
	Text string
}

// leakFrom is the number of half-closed connections from which they are told: one or
// two are on their way out on any busy host.
const leakFrom = 10

// Notes say in sentences what somebody who looks for dead connections has to know,
// the gravest first; none where nothing is wrong.
func (m *Summary) Notes() []Note {
	var out []Note
	add := func(rule, format string, args ...any) {
		out = append(out, Note{rule, fmt.Sprintf(format, args...)})
	}
	if n := m.IdleFor(time.Hour, NotGuarded); n > 0 {
		add("CAP-3", "%s idle for more than an hour with no timer armed: nothing will notice that %s gone, so %s for good. Turn SO_KEEPALIVE on in the program that owns them.",
			plural(n, "connection has been", "connections have been"), either(n, "its peer is", "their peers are"), either(n, "it stays", "they stay"))
	}
	if all, none := m.States[Established], m.Guarded[NotGuarded]; all >= leakFrom && none == all-m.Guarded[ByData] && none > 0 {
		add("KA-1", "None of the %s has TCP probes on: the host's tcp_keepalive settings do nothing for %s.",
			plural(all, "established connection", "established connections"), either(all, "it", "them"))
	}
	if n := m.States[CloseWait]; n >= leakFrom {
		add("", "%d connections are in CLOSE-WAIT: their peers closed, and the program here did not. No timeout ends that; the program has to close them.", n)
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
