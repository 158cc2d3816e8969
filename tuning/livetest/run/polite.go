package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest"
)

// hopelessAfter is how many connections may end without a reply before the run gives up.
const hopelessAfter = 3

// heed stops the run when the server asks to be left alone.
func (r *run) heed(ctx context.Context, re reply) {
	var what string
	switch {
	case re.status == 429:
		what = "429 (too many requests)"
	case re.status == 403:
		what = "403 (forbidden)"
	case re.status == 503 && re.retryAfter != "":
		what = "503 with Retry-After"
	default:
		return
	}
	if ctx.Err() == nil {
		r.end(&Error{Kind: ErrInconclusive, Sentence: fmt.Sprintf("stopped: %s answered %s", r.target, what)})
	}
}

// failed emits that a connection gave no answer and, when that is hopeless, ends the run.
func (r *run) failed(ctx context.Context, id int, role livetest.Role, begin time.Time, err error) {
	if ctx.Err() != nil {
		return
	}
	why, unreachable := r.reason(err)
	now := time.Now()
	e := r.dated(now, nil, livetest.Event{Kind: livetest.EventFailed, Text: why, Took: now.Sub(begin)})
	e.Conn, e.Role = id, role
	r.queue.put(e)
	switch step := (*stepError)(nil); {
	case errors.As(err, &step) && (step.step == stepToFarEnd || step.step == stepFarEnd):
		r.farEndFailed(step, why)
	case unreachable && !r.connected.Load():
		r.end(&Error{Kind: ErrUnreachable, Sentence: fmt.Sprintf("cannot reach %s: %s", r.target, why), Err: err})
	case !role.Replies() || r.replied.Load():
	case r.hopeless.Add(1) >= r.patience():
		r.end(&Error{Kind: ErrInconclusive, Sentence: fmt.Sprintf("no usable reply from %s: %s", r.target, why), Err: err})
	}
}

// farEndFailed ends the run where the far end has not begun a single conversation. Whether it
// was reached decides what that means, whatever the target did meanwhile.
func (r *run) farEndFailed(err *stepError, why string) {
	switch {
	case r.farEnd.Load():
	case err.step == stepToFarEnd:
		r.end(&Error{Kind: ErrUnreachable, Sentence: "cannot reach " + why, Err: err})
	default:
		r.end(&Error{Kind: ErrInconclusive, Sentence: "no conversation with " + why, Err: err})
	}
}

func (r *run) patience() int64 {
	if r.spec.Measures(livetest.MeasureIdle) {
		return int64(min(hopelessAfter, r.spec.Connections))
	}
	return 1
}

// reason makes a clause of a failure.
func (r *run) reason(err error) (why string, unreachable bool) {
	var step *stepError
	if !errors.As(err, &step) {
		return clause(err), false
	}
	switch step.step {
	case "tls":
		return tlsClause(step.err, r.spec.Target.ServerName()), true
	case stepToFarEnd, stepFarEnd:
		who := "the far end " + model.Clean(r.spec.Ladder.FarEnd, 80)
		if errors.Is(step.err, farend.ErrRefused) {
			return who + ": it refuses; is the token right?", true
		}
		return who + ": " + clause(step.err), true
	case "proxy":
		return "the proxy " + model.Clean(r.spec.Target.Route.Proxy, 80) + ": " + clause(step.err), true
	}
	return clause(step.err), true
}
