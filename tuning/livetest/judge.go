package livetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(ds))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// advertised holds the hint against the lowest close.
func (r Result) advertised() []Comparison {
	h := r.HTTP.Asked
	if h == nil || h.Timeout == nil || r.Idle.Samples < MinGoodSamples {
		return nil
	}
	v := Comparison{Compare: "advertised", Says: *h.Timeout}
	switch {
	case r.Idle.Low != nil:
		v.Measured = *r.Idle.Low
		v.Agrees = v.Measured >= v.Says-hintTolerance
		if v.Agrees && r.Idle.Ticks != nil {
			// Others may be closed earlier in the step than those that were seen.
			if from, _, ok := r.Idle.Band(); !ok || from < v.Says-hintTolerance {
				return nil
			}
		}
	case v.Says <= r.Spec.IdleLimit:
		v.Measured, v.Agrees = r.Spec.IdleLimit, true
	default:
		return nil
	}
	return []Comparison{v}
}

// judge decides the outcome of a finished run; the reason is one sentence. disturbed is why
// a part of it does not count.
func (s *Summary) judge(r Result, off bool, disturbed string) (Outcome, string) {
	unanswered := r.unanswered()
	if !r.Spec.Measures(MeasureIdle) {
		if r.answersAny() && s.halt == "" && unanswered == "" && disturbed == "" {
			return OutcomeMeasured, ""
		}
		return s.unfinished(), cmp.Or(s.halt, unanswered, disturbed, "nothing was measured")
	}
	pending, failed, why := 0, 0, ""
	for _, p := range r.Samples {
		if p.Role != RoleIdle {
			continue
		}
		switch p.State {
		case SampleConnecting, SampleWatched:
			pending++
		case SampleFailed:
			failed++
		case SampleClosed, SampleOpen, SampleDiscarded:
		}
		why = cmp.Or(why, p.Why)
	}
	good := r.Idle.Samples
	switch {
	case pending > 0:
		return s.unfinished(), cmp.Or(s.halt, "the test ended before all samples were in")
	case good < MinGoodSamples && s.halt != "":
		return s.unfinished(), s.halt
	case good < MinGoodSamples:
		why = cmp.Or(why, fmt.Sprintf("%d samples were asked for", r.Spec.Connections))
		return OutcomeInconclusive, fmt.Sprintf("%d good %s, %d are needed: %s", good, plural(good, "sample", "samples"), MinGoodSamples, why)
	case disturbed != "":
		return OutcomeInconclusive, disturbed
	case off:
		return OutcomeMeasured, "keep-alive is off: the server announces the close with its first reply"
	case r.Idle.Discarded+failed > 0:
		return OutcomeMeasured, fmt.Sprintf("%d of %d samples do not count: %s", r.Idle.Discarded+failed, good+r.Idle.Discarded+failed, why)
	}
	return OutcomeMeasured, cmp.Or(s.halt, unanswered)
}

// answersAny reports whether any measurement has its answer, unanswered says of one that was
// asked for why it has none.
func (r Result) answersAny() bool {
	return slices.ContainsFunc(questions, func(q question) bool { return q.answered(r) })
}

func (r Result) unanswered() string {
	for _, q := range questions {
		if text := q.unanswered(r); text != "" {
			return text
		}
	}
	return ""
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// unfinished is the outcome of a run that a halt ended before it had its answer.
func (s *Summary) unfinished() Outcome {
	if s.res.Unreached {
		return OutcomeUnreachable
	}
	return OutcomeInconclusive
}
