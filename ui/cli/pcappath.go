package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/cli/wire"
)

// A seenLeg is a leg of a path that a server of a capture belongs to.
type seenLeg struct {
	leg    *tuning.Leg
	report *tuning.Report
	addr   netip.AddrPort
}

// seenLegs are the legs of --path whose servers --at places.
func (a *app) seenLegs(path string, set, at []string) ([]seenLeg, error) {
	if path == "" {
		if len(at) > 0 {
			return nil, errors.New("--at places a server of a path; name the --path")
		}
		if len(set) > 0 {
			return nil, errors.New("--set needs the --path that the setting is of")
		}
		return nil, nil
	}
	report, err := a.reportOf(path, set)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range report.Legs {
		names = append(names, string(report.Legs[i].Server.Endpoint.ID))
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("--path needs --at %s=ADDRESS:PORT: where the capture has that server", names[len(names)-1])
	}
	var legs []seenLeg
	for _, text := range at {
		name, where, _ := strings.Cut(text, "=")
		addr, err := netip.ParseAddrPort(where)
		if err != nil {
			return nil, fmt.Errorf("--at %s: an address of the capture is meant, such as %s=10.0.0.5:443", model.Clean(text, 80), names[len(names)-1])
		}
		leg := (*tuning.Leg)(nil)
		for i := range report.Legs {
			if names[i] == name {
				leg = &report.Legs[i]
			}
		}
		if leg == nil {
			return nil, fmt.Errorf("--at %s: the path has no server %q; choose %s", model.Clean(text, 80), model.Clean(name, 40), orList(names))
		}
		legs = append(legs, seenLeg{leg, report, addr})
	}
	return legs, nil
}

// held holds a server of a capture against the legs that are placed there.
func held(legs []seenLeg, s *trace.Server, of string) []wire.TraceHeld {
	var all []wire.TraceHeld
	for _, l := range legs {
		if l.addr != s.Addr {
			continue
		}
		for _, r := range []trace.Role{trace.TheServer, trace.Client} {
			if h, ok := l.idle(s, r, of); ok {
				all = append(all, h)
			}
		}
	}
	return all
}

// idle holds the silences before one side's closes against its timer that is due first: rule
// EFF-1 for a server.
func (l seenLeg) idle(s *trace.Server, r trace.Role, of string) (wire.TraceHeld, bool) {
	var c *trace.Conclusion
	for _, x := range s.Conclusions() {
		if x.Topic == trace.TopicIdle && x.Side == r && (c == nil || x.N > c.N) {
			c = &x
		}
	}
	x, ok := tuning.Expected(&l.leg.Limit)
	side := &l.leg.Server
	if r == trace.Client {
		x, ok = clientTimer(&l.leg.Limit)
		side = &l.leg.Client
	}
	if !ok || c == nil || x.Low == model.Never {
		return wire.TraceHeld{}, false
	}
	h := wire.TraceHeld{
		Endpoint: string(side.Endpoint.ID), Side: r.String(), Setting: x.Name, Low: wire.Seconds(x.Low), High: wire.Seconds(x.High),
		SeenLow: wire.Seconds(c.Low), SeenHigh: wire.Seconds(c.High), Closes: c.N,
		Origin: fmt.Sprintf("seen on the wire, %s, %s", model.Clean(of, 200), closes(c.N)),
	}
	if c.N < livetest.MinGoodSamples {
		return h, true
	}
	agrees := tuning.Agrees(x.Low, x.High, c.Low, c.High)
	if !agrees && (s.Sides[r].OneMoment() || r == trace.Client && c.High < x.Low) {
		return h, true // a process that ended, or clients that were done
	}
	h.Agrees = &agrees
	if r == trace.TheServer && !agrees {
		if f, ok := tuning.Mismatch(*l.report, x, livetest.Result{
			Outcome: livetest.OutcomeMeasured,
			Idle:    livetest.Idle{Low: &c.Low, After: &c.Median, High: &c.High, Samples: c.N},
		}); ok {
			h.Rule = &f.Rule.ID
		}
	}
	return h, true
}

// clientTimer is the client's timer that ends idle connections of a leg first.
func clientTimer(l *tuning.Limit) (tuning.Limiter, bool) {
	x, found := tuning.Limiter{Low: model.Never}, false
	for _, y := range l.All {
		if y.By == tuning.ByClient && y.Known && y.Low < x.Low {
			x, found = y, true
		}
	}
	return x, found
}

func closes(n int) string {
	if n == 1 {
		return "1 close"
	}
	return fmt.Sprintf("%d closes", n)
}

// heldText says it in a sentence.
func heldText(h *wire.TraceHeld) string {
	words := fmt.Sprintf("%s %s closes after %s", h.Endpoint, h.Setting, model.HumanRange(time.Duration(h.Low), time.Duration(h.High)))
	words += fmt.Sprintf("; %s: %s", h.Origin, model.HumanRange(time.Duration(h.SeenLow).Round(time.Millisecond), time.Duration(h.SeenHigh).Round(time.Millisecond)))
	switch {
	case h.Agrees == nil && h.Closes < livetest.MinGoodSamples:
		return words + ": too few to tell"
	case h.Agrees == nil:
		return words + ": it may not be the timer that ended them"
	case *h.Agrees:
		return words + ": agrees"
	case h.Rule != nil:
		return words + ": DOES NOT AGREE (" + *h.Rule + ")"
	}
	return words + ": DOES NOT AGREE"
}

func heldTexts(legs []seenLeg, s *trace.Server, of string) []string {
	var all []string
	for _, h := range held(legs, s, of) {
		all = append(all, heldText(&h))
	}
	return all
}

// placed says which address of --at the capture has no server at.
func placed(legs []seenLeg, t *trace.Tracker) error {
	for _, l := range legs {
		if !slices.ContainsFunc(t.Servers(), func(s *trace.Server) bool { return s.Addr == l.addr }) {
			return fmt.Errorf("--at: the capture has no server at %s; without --path it lists those it has", l.addr)
		}
	}
	return nil
}
