package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// Expected is the server's idle timer that should end the silent connections of
// a leg first; false where it has none, or its value is not known.
func Expected(l *Limit) (Limiter, bool) {
	x, found := Limiter{Low: model.Never}, false
	for _, y := range l.All {
		if y.By == ByServer && y.Known && y.Low < x.Low {
			x, found = y, true
		}
	}
	return x, found
}

// StepOf is the catalog's word on how long the steps are in which the server of a leg looks
// at the timer that Expected finds; 0 for an exact one, or where nothing is known.
func StepOf(l *Leg) time.Duration {
	x, ok := Expected(&l.Limit)
	row := l.Server.Row(x.Ref.Param)
	if !ok || row == nil {
		return 0
	}
	late, known := model.At(l.Server.System.Order, row.Param.Real, l.Server.Version)
	if !known && row.Via != nil {
		late, _ = model.At(l.Server.System.Order, row.Via.Real, l.Server.Version)
	}
	return late.Step
}

// Compare holds a server's configured idle timer against what was measured: within the
// catalog's spread, or where that is exact, within 10 % and a second (rule EFF-1). It is
// false while that cannot be said, with too few samples or with a timer that may act yet.
func Compare(x Limiter, r livetest.Result) (livetest.Comparison, bool) {
	limit := r.Spec.IdleLimit
	switch {
	case x.Low == model.Never || r.Idle.Samples < livetest.MinGoodSamples:
		return livetest.Comparison{}, false
	case r.Idle.Low == nil || r.Idle.After == nil:
		v := livetest.Comparison{Compare: "configured", Says: x.Low, Measured: limit}
		return v, model.Add(x.High, Timing) < limit
	}
	low, high := Closes(r)
	v := livetest.Comparison{
		Compare: "configured", Says: x.Low, Measured: *r.Idle.After, Agrees: Agrees(x.Low, x.High, low, high),
	}
	if r.Idle.Ticks != nil && !v.Agrees && x.Low <= low+Timing {
		// It may be due anywhere in a step before the look that ended it.
		from, _, ok := r.Idle.Band()
		v.Agrees = from <= x.Low
		return v, ok
	}
	return v, true
}

// Closes are the earliest and the latest close of an idle connection that was measured;
// with samples still open the latest is the end of the test. Both are 0 where none closed.
func Closes(r livetest.Result) (low, high time.Duration) {
	if r.Idle.Low == nil {
		return 0, 0
	}
	high = r.Spec.IdleLimit
	if r.Idle.High != nil {
		high = *r.Idle.High
	}
	return *r.Idle.Low, high
}

// SeenRule is the rule that a measurement breaks which does not agree with what is configured.
const SeenRule = "EFF-1"

// mismatch is rule EFF-1, which what was seen breaks: a measurement that was taken over,
// or one beside the document (Mismatch).
var mismatch = &Rule{
	ID: SeenRule, Severity: Error,
	Title:   "the server does not do what it is configured to",
	Why:     "Another timer is in force than the one that is set: another layer, a proxy in front, a file that was not read or not loaded again.",
	WrongIf: "another server was tested than the one that is configured",
	Source:  "traefik/traefik#7590; Kludex/uvicorn#194; haproxy/haproxy#1109",
	byHand:  true,
	check:   checkMismatch,
}

// Mismatch is the finding that a measurement does not agree with the timer x that is
// configured on the last leg of r (rule EFF-1); false where Compare says nothing against it,
// or the measurement has no verdict.
func Mismatch(r Report, x Limiter, measured livetest.Result) (Finding, bool) {
	v, ok := Compare(x, measured)
	if !ok || v.Agrees || measured.Outcome != livetest.OutcomeMeasured {
		return Finding{}, false
	}
	saw := "they ended after " + model.HumanSpan(v.Measured.Round(time.Millisecond))
	if measured.Idle.After == nil {
		saw = "they were still open after " + model.HumanSpan(v.Measured)
	}
	f := Finding{
		Rule: mismatch, Severity: mismatch.Severity, Leg: len(r.Legs) - 1, At: []ParamRef{x.Ref},
		Because: []string{fmt.Sprintf("%s %s should end idle connections after %s; %s", x.Ref.Endpoint, x.Name, model.HumanRange(x.Low, x.High), saw)},
	}
	return f, true
}
