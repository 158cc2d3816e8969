package contract

import "time"

// A TrialPlan is what a trial on this host would do.
type TrialPlan struct {
	Lines   []string // for a person to read
	Changes int
	Left    string // of an earlier trial that nothing undoes, and that comes first: a sentence
}

// A TrialState is where a trial on this host stands.
type TrialState struct {
	Open     bool
	Deadline time.Time // when it is undone unless it is kept
	Text     string    // what became of it, once it is not open: a sentence
}

// TryHere plans to try what is changed on this host; where a trial runs it asks whether to
// keep it. At is the endpoint that is this host, empty where only one can be.
type TryHere struct{ At string }

// StartTrial makes the changes of the plan that was shown.
type StartTrial struct{}

// EndTrial keeps the changes of the trial, or undoes them.
type EndTrial struct{ Keep bool }

// EndLeft undoes an earlier trial that nothing undoes.
type EndLeft struct{}

// AskSockets asks what the connections that are counted are to have against a dead peer.
type AskSockets struct{}

// PlanSockets plans to change the connections that are counted, as a trial; Text is as
// [census.ParseChange] reads it.
type PlanSockets struct{ Text string }

func (AskSockets) action()  {}
func (PlanSockets) action() {}
func (TryHere) action()     {}
func (StartTrial) action()  {}
func (EndTrial) action()    {}
func (EndLeft) action()     {}
