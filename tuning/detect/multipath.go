package detect

import (
	"fmt"

	"example.com/keeptune/model"
)

// multipath is what a dead subflow, the connection's only one, means to a
// Multipath TCP socket: it waits net.mptcp.close_timeout for another one, and
// only then do its calls return, with ENOTCONN (__mptcp_close_ssk() and
// mptcp_close_tout_expired(), net/mptcp/protocol.c).
func (s Socket) multipath(d Detection) Detection {
	if !s.Multipath || !d.Known || d.After == model.Never {
		return d
	}
	c := newClock(s.HZ)
	wait := c.ceil(s.CloseTimeout)
	d.After = model.Add(d.After, s.CloseTimeout)
	d.Low, d.High = model.Add(d.Low, c.span(wait)), model.Add(d.High, c.span(wait+granule(wait)+1))
	d.Because = append(append([]string{}, d.Because...), fmt.Sprintf(
		"Multipath TCP: that ends the subflow; a read returns net.mptcp.close_timeout = %s later, with ENOTCONN",
		model.HumanSpan(s.CloseTimeout)))
	return d
}
