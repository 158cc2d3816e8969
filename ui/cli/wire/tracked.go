package wire

import "example.com/keeptune/tuning/census"

// TrackedSchema names the shape of [Tracked].
const TrackedSchema = "keeptune.tracked/1"

// A Tracked is a count of tracked connections: keeptune census --format json of what
// conntrack -L printed.
type Tracked struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version"`
	Of      string         `json:"of"`
	All     int            `json:"all"`
	Others  int            `json:"other_protocols"`
	States  []TrackedState `json:"states"`
	Timeout *Seconds       `json:"established_timeout_at_least_s"` // null where no connection is established
	Soon    []TrackedEntry `json:"forgotten_first"`
}

// A TrackedState counts the connections of a state.
type TrackedState struct {
	State      string   `json:"state"`
	Count      int      `json:"connections"`
	Unanswered int      `json:"unanswered"`
	First      *Seconds `json:"first_ends_in_s"` // null where the kernel does not tell
	Last       *Seconds `json:"last_ends_in_s"`
}

// A TrackedEntry is an established connection.
type TrackedEntry struct {
	From string  `json:"from"`
	To   string  `json:"to"`
	Left Seconds `json:"left_s"`
}

// FromTracking is the JSON of a count.
func FromTracking(k *census.Tracking, of, version string) Tracked {
	x := Tracked{Schema: TrackedSchema, Version: version, Of: of, All: k.All, Others: k.Others, States: []TrackedState{}, Timeout: told(k.Timeout()), Soon: []TrackedEntry{}}
	for _, name := range k.Order() {
		s := k.States[name]
		x.States = append(x.States, TrackedState{State: name, Count: s.Count, Unanswered: s.Unreplied, First: told(s.First), Last: told(s.Last)})
	}
	for _, t := range k.Soon {
		x.Soon = append(x.Soon, TrackedEntry{t.From.String(), t.To.String(), Seconds(t.Left)})
	}
	return x
}
