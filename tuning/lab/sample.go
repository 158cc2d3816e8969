package lab

import (
	"time"

	"example.com/keeptune/tuning/livetest"
)

// How far a run may lie outside the predicted bounds: the clock's reading
// before, the wake-up of the waiting thread after.
const (
	early = 5 * time.Millisecond
	late  = 12 * time.Millisecond
)

// A Sample is one run on the real kernel beside its prediction.
type Sample struct {
	Index      int // in the plan, from 0
	Case       Case
	Prediction Prediction
	RTO        time.Duration // as the kernel reported it before the cut; 0 for connect
	Measured   time.Duration // of a [LadderScenario] the shortest gap not outlived; 0 where all were
	Outcome    Outcome
	Repeated   bool   // this process came late, see again
	Error      string // why there is no measurement; empty where there is one

	runs int // this one included

	// Of a [LadderScenario]: the longest gap outlived, all rungs, and the live test's remark.
	Outlived time.Duration
	Ladders  []livetest.Ladder
	Reason   string
}

// Inside says whether the run ended as predicted, within
// [Low - 5 ms, High + 12 ms]; a ladder's bracket must hold the predicted time.
func (s Sample) Inside() bool {
	if s.Error != "" || s.Outcome != s.Prediction.Outcome {
		return false
	}
	if s.Case.Ladder != (LadderScenario{}) {
		return s.brackets()
	}
	return s.Measured >= s.Prediction.Low-early && s.Measured <= s.Prediction.High+late
}

// mostRuns is how often a sample is run at most.
const mostRuns = 6

// again says whether a sample is to be run once more: where a timer of this
// process came late at its end or its ladder was starved, and from the second
// time on only where it is not as predicted; and where what it needs did not
// come about, such as a cut before the first probe.
func (s Sample) again(late bool) bool {
	if s.runs >= mostRuns || s.Repeated && s.Inside() {
		return false
	}
	return late || s.starved() || s.Error != ""
}

// A Summary is what became of a plan.
type Summary struct {
	HZ       int
	Samples  int
	Inside   int
	Repeated int
}

func (s *Summary) add(one Sample) {
	s.Samples++
	if one.Inside() {
		s.Inside++
	}
	if one.Repeated {
		s.Repeated++
	}
}
