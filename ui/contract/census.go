package contract

import (
	"time"

	"example.com/keeptune/tuning/census"
)

// A CensusQuery is what is to be counted, and where.
type CensusQuery struct {
	Filter    census.Filter
	Namespace string           // "" for this one
	Beside    []census.Timeout // configured times that it is counted beside
}

// A CensusView is the count of this host's sockets, as far as it is.
type CensusView struct {
	Summary *census.Summary // nil before the first count
	Hidden  int             // processes of other users, whose sockets have no owner therefore
	Taken   time.Time
	Filter  census.Filter
	Flow    census.Flow   // what came and went between the counts, where there were several
	Busy    bool          // a count is running
	Every   time.Duration // between counts; 0 only when asked
	Err     string        // why there was no count, "" where there was
}

// CensusRates are the times between two counts that can be chosen.
func CensusRates() []time.Duration { return []time.Duration{0, 2 * time.Second, 10 * time.Second} }

// OpenCensus counts this host's sockets and shows the count; Filter is as
// [census.ParseFilter] reads it.
type OpenCensus struct{ Filter string }

// Recount counts anew.
type Recount struct{}

// CensusRate chooses the next of [CensusRates].
type CensusRate struct{}

// CensusFilter asks which sockets to count.
type CensusFilter struct{}

// AdoptFlow takes what the counts measured over into the quantities of the shown leg.
type AdoptFlow struct{}

// EndCensus ends the counting.
type EndCensus struct{}

func (OpenCensus) action()   {}
func (Recount) action()      {}
func (CensusRate) action()   {}
func (CensusFilter) action() {}
func (AdoptFlow) action()    {}
func (EndCensus) action()    {}
