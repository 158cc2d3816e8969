package wire

import (
	"time"

	"example.com/keeptune/tuning/trial"
)

// StatusSchema names the shape of [Status].
const StatusSchema = "keeptune.status/1"

// A Status is where the latest trial of a host stands: keeptune status --format json.
type Status struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	Trial   *Trial `json:"trial"` // null where there was none
}

// A Trial is a change of a host that undoes itself.
type Trial struct {
	ID      string        `json:"id"`
	For     string        `json:"for"`                                             // what it was made from
	State   string        `json:"state" enum:"changing,trying,left,kept,reverted"` // changing, trying, left, kept, reverted
	Why     *string       `json:"why"`                                             // of a reverted one
	Began   time.Time     `json:"began"`
	Ended   *time.Time    `json:"ended"`
	LeftS   *Seconds      `json:"left_s"` // until it undoes itself; null unless it is trying
	Changes []TrialChange `json:"changes"`
	Files   []string      `json:"files"` // that keep it over a start of the host
}

// A TrialChange is one value of a trial.
type TrialChange struct {
	Name    string  `json:"name"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Command *string `json:"command"`
	Undo    *string `json:"undo"`
	Made    bool    `json:"made"`
	Left    *string `json:"left"` // why it was not brought back
	Note    *string `json:"note"` // what was found when it was brought back
}

// TrialState is the word for where a trial stands.
func TrialState(s *trial.State) string {
	switch {
	case s.Phase == trial.Kept:
		return "kept"
	case s.Phase == trial.Reverted:
		return "reverted"
	case !s.Guarded:
		return "left"
	case s.Phase == trial.Changing:
		return "changing"
	}
	return "trying"
}

// FromTrial is the JSON of a trial, which may be nil.
func FromTrial(s *trial.State, version string, now time.Time) Status {
	out := Status{Schema: StatusSchema, Version: version}
	if s == nil {
		return out
	}
	t := &Trial{ID: s.ID, For: s.For, State: TrialState(s), Why: word(s.Why), Began: s.Began, Changes: []TrialChange{}, Files: []string{}}
	if !s.Ended.IsZero() {
		t.Ended = &s.Ended
	}
	if t.State == "trying" {
		left := max(0, s.Deadline.Sub(now))
		t.LeftS = pointer(&left)
	}
	for i := range s.Items {
		it := &s.Items[i]
		t.Changes = append(t.Changes, TrialChange{it.Name, it.From, it.To, word(it.Command), word(it.Undo), it.Made, word(it.Left), word(it.Note)})
	}
	for _, f := range s.Files {
		t.Files = append(t.Files, f.Path)
	}
	out.Trial = t
	return out
}
