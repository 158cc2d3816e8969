// Package seen holds what a capture shows against a path: which server of the capture is
// which of the path's, whether the closes that were seen are those that are configured, and
// what of it a document can take over. It is pure.
package seen

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/trace"
)

// A Held is an idle timer of a path beside the closes of one side that were seen.
type Held struct {
	Ref               tuning.ParamRef
	Setting           string // as its product writes it
	Side              trace.Role
	Low, High         time.Duration // when it ends idle connections, model.Never where it does not
	Measured          bool          // that is from a measurement, and what is configured is not known
	SeenLow, SeenHigh time.Duration
	Taken             *Taken // a measurement that a session has in its place; nil for none
	Closes            int
	Origin            string // "seen on the wire, FILE, 312 closes"
	Agrees            *bool  // nil with too few closes, where no timer may have ended them, or where Measured
	Rule              string // that is broken, empty for none
}

// Hold holds what was seen of a server against a leg of r, of which it is the server: its own
// timer, and the client's. r is of what is configured: a measured value says nothing of that.
// of names the capture.
func Hold(r *tuning.Report, leg int, s *trace.Server, of string) []Held {
	var all []Held
	for _, side := range []trace.Role{trace.TheServer, trace.Client} {
		if h, ok := hold(r, &r.Legs[leg], s, side, of); ok {
			all = append(all, h)
		}
	}
	return all
}

// Closed is the largest group of silences before a side's closes of idle connections; nil
// where it closed none.
func Closed(s *trace.Server, side trace.Role) *trace.Conclusion {
	var most *trace.Conclusion
	for _, x := range s.Conclusions() {
		if x.Topic == trace.TopicIdle && x.Side == side && (most == nil || x.N > most.N) {
			most = &x
		}
	}
	return most
}

func hold(r *tuning.Report, leg *tuning.Leg, s *trace.Server, side trace.Role, of string) (Held, bool) {
	c := Closed(s, side)
	x, ok := Timer(&leg.Limit, side)
	if !ok || c == nil {
		return Held{}, false
	}
	h := Held{
		Ref: x.Ref, Side: side, Setting: x.Name, Low: x.Low, High: x.High,
		SeenLow: c.Low, SeenHigh: c.High, Closes: c.N, Origin: Origin(of, closes(c.N)),
	}
	h.Measured = TakenOf(leg, x.Ref, side) != nil
	if h.Measured || c.N < livetest.MinGoodSamples {
		return h, true
	}
	agrees := x.Low != model.Never && tuning.Agrees(x.Low, x.High, c.Low, c.High)
	if !agrees && (c.Weak || s.Sides[side].OneMoment() || side == trace.Client && c.High < x.Low) {
		return h, true // nothing was asked, a process that ended, or clients that were done
	}
	h.Agrees = &agrees
	switch {
	case agrees || side == trace.Client:
	case x.Low == model.Never:
		h.Rule = tuning.SeenRule
	default:
		if f, ok := tuning.Mismatch(*r, x, livetest.Result{
			Outcome: livetest.OutcomeMeasured,
			Idle:    livetest.Idle{Low: &c.Low, After: &c.Median, High: &c.High, Samples: c.N},
		}); ok {
			h.Rule = f.Rule.ID
		}
	}
	return h, true
}

// Timer is the timer of a side that ends idle connections first, or one that never does
// where none ends them; false where there is none, or none but unknown ones ends them.
func Timer(l *tuning.Limit, side trace.Role) (tuning.Limiter, bool) {
	by := tuning.ByServer
	if side == trace.Client {
		by = tuning.ByClient
	}
	var first tuning.Limiter
	found, unknown := false, false
	for _, y := range l.All {
		switch {
		case y.By != by:
		case !y.Known:
			unknown = true
		case !found || y.Low < first.Low:
			first, found = y, true
		}
	}
	return first, found && (first.Low != model.Never || !unknown)
}

// A Taken is when a timer was measured to end idle connections.
type Taken struct{ Low, High time.Duration }

// TakenOf is the measurement that a side of a leg has for a setting; nil for none.
func TakenOf(leg *tuning.Leg, ref tuning.ParamRef, side trace.Role) *Taken {
	of := &leg.Server
	if side == trace.Client {
		of = &leg.Client
	}
	for i := range of.Rows {
		if row := &of.Rows[i]; row.Param.ID == ref.Param && row.Setting.Origin.Kind == model.FromMeasured {
			return &Taken{row.Low, row.High}
		}
	}
	return nil
}

// Origin says where a figure comes from: of names the capture, samples how many of what gave it.
func Origin(of, samples string) string {
	return fmt.Sprintf("seen on the wire, %s, %s", model.Clean(of, 200), samples)
}

func closes(n int) string {
	if n == 1 {
		return "1 close"
	}
	return fmt.Sprintf("%d closes", n)
}

// String is it in a sentence, without a full stop.
func (h *Held) String() string {
	words := fmt.Sprintf("%s %s closes after %s", h.Ref.Endpoint, h.Setting, model.HumanRange(h.Low, h.High))
	switch {
	case h.Measured:
		words = fmt.Sprintf("%s %s was measured at %s, what is configured is not known", h.Ref.Endpoint, h.Setting, model.HumanRange(h.Low.Round(time.Millisecond), h.High.Round(time.Millisecond)))
	case h.Low == model.Never:
		words = fmt.Sprintf("%s %s never closes", h.Ref.Endpoint, h.Setting)
	}
	words += fmt.Sprintf("; %s: %s", h.Origin, model.HumanRange(h.SeenLow.Round(time.Millisecond), h.SeenHigh.Round(time.Millisecond)))
	switch {
	case h.Measured:
	case h.Agrees == nil && h.Closes < livetest.MinGoodSamples:
		words += ": too few to tell"
	case h.Agrees == nil:
		words += ": it may not be the timer that ended them"
	case *h.Agrees:
		words += ": agrees"
	case h.Rule != "":
		words += ": DOES NOT AGREE (" + h.Rule + ")"
	default:
		words += ": DOES NOT AGREE"
	}
	if h.Taken != nil && !h.Measured {
		words += "; the session has " + model.HumanRange(h.Taken.Low.Round(time.Millisecond), h.Taken.High.Round(time.Millisecond)) + ", measured"
	}
	return words
}
