package livetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// MeasureRace measures requests that meet the close.
const (
	MeasureRace Measurement = "race"
	RoleRace                = Role(MeasureRace)
)

// A RaceMode is how the hammer times its requests.
type RaceMode string

// The modes of the hammer.
const (
	RaceSteps   RaceMode = "steps"   // after idle gaps in small steps around the close
	RacePoisson RaceMode = "poisson" // after exponential gaps, as independent users cause
)

// A RaceSpec asks how many requests on reused connections meet the server's
// close. Zero values mean the defaults of Normalize.
type RaceSpec struct {
	Mode RaceMode
	// Around is the idle timeout that is hammered; 0 means the one measured first.
	Around time.Duration
	// Window is how far before and after it the steps reach; default 50 ms.
	Window time.Duration
	// Step is the distance of two gaps; default a fifth of the window.
	Step time.Duration
	// PerStep is the number of requests at each gap and method; default 5.
	PerStep int
	// Methods are tried side by side; default GET and POST.
	Methods []string
	// Clients is the number of connections at work; default 10, or 150 in Poisson mode.
	Clients int
	// Rate is the requests per second of each client in Poisson mode; default 1/Around.
	Rate float64
	// For is how long Poisson mode runs; default 20 s.
	For time.Duration
	// ClientLimit is the idle time beyond which a client opens a new connection
	// instead; 0 means it never does.
	ClientLimit time.Duration
}

// Bounds of the hammer.
const (
	maxRaceClients = 1000
	maxRaceSteps   = 2000
)

// Normalize returns the spec with every zero field but Around and ClientLimit
// replaced by its default.
func (r RaceSpec) Normalize() RaceSpec {
	if r.Mode == "" {
		r.Mode = RaceSteps
	}
	if r.Window == 0 {
		r.Window = 50 * time.Millisecond
	}
	if r.Step == 0 {
		r.Step = max(time.Millisecond, r.Window/5)
	}
	if r.PerStep == 0 {
		r.PerStep = 5
	}
	if len(r.Methods) == 0 {
		r.Methods = []string{"GET", "POST"}
	}
	if r.Clients == 0 {
		r.Clients = 10
		if r.Mode == RacePoisson {
			r.Clients = 150
		}
	}
	if r.For == 0 {
		r.For = 20 * time.Second
	}
	return r
}

// Validate reports the first thing that is wrong with a normalized spec.
func (r RaceSpec) Validate() error {
	switch {
	case r.Mode != RaceSteps && r.Mode != RacePoisson:
		return fmt.Errorf("there is no race mode %q: choose steps or poisson", model.Clean(string(r.Mode), 40))
	case r.Around < 0 || r.Window <= 0 || r.Step <= 0 || r.For <= 0 || r.ClientLimit < 0 || r.Rate < 0:
		return errors.New("a time or rate of the race test is negative: give positive ones")
	case r.PerStep < 1 || 2*r.Window/r.Step > maxRaceSteps:
		return fmt.Errorf("the race test has too many steps: give a window of at most %d steps", maxRaceSteps/2)
	case r.Clients < 1 || r.Clients > maxRaceClients:
		return fmt.Errorf("%d clients of the race test are out of range: give 1 to %d", r.Clients, maxRaceClients)
	}
	for _, m := range r.Methods {
		if !token(m) {
			return fmt.Errorf("%q is not a request method: use for example GET or POST", model.Clean(m, 20))
		}
	}
	return nil
}

// A RaceStep is what became of the requests after one gap.
type RaceStep struct {
	Offset time.Duration // from the idle timeout; negative is before it
	Method string
	Sent   int // on a connection that looked open, or on a new one beyond the client's limit
	Failed int // closed or reset before a response
	Closed int // the close was seen before the request was to be sent
}

// A Race is what the hammer found.
type Race struct {
	Mode     RaceMode
	Around   time.Duration
	Steps    []RaceStep // by offset and method; in Poisson mode one
	Requests int        // on a connection that looked open; in Poisson mode all
	Failures int
	Done     bool
}

// Ratio is the share of requests that failed, 0 where none was sent.
func (r Race) Ratio() float64 {
	if r.Requests == 0 {
		return 0
	}
	return float64(r.Failures) / float64(r.Requests)
}

// Lost are the first and the last offset at which a request was lost; false where none was.
func (r Race) Lost() (first, last time.Duration, lost bool) {
	for _, s := range r.Steps {
		if s.Failed > 0 {
			if !lost {
				first = s.Offset
			}
			last, lost = s.Offset, true
		}
	}
	return first, last, lost
}

// SafeLimit is an idle time of a client that stays as far away from the lost requests as
// these reach, or one step; 0 where none was lost or no steps were made.
func (r Race) SafeLimit() time.Duration {
	first, last, lost := r.Lost()
	if !lost || r.Mode == RacePoisson {
		return 0
	}
	return max(0, r.Around+first-max(last-first, r.step()))
}

// step is the distance of two gaps.
func (r Race) step() time.Duration {
	for _, s := range r.Steps {
		if d := s.Offset - r.Steps[0].Offset; d > 0 {
			return d
		}
	}
	return 0
}

// A raceFold gathers what the hammer's requests met.
type raceFold struct{ found *Race }

func (f *raceFold) take(e Event) {
	if e.Kind != EventStep {
		return
	}
	if f.found == nil {
		f.found = &Race{}
	}
	r := f.found
	step := RaceStep{Offset: e.Offset, Method: e.Method, Sent: e.Sent, Failed: e.Lost, Closed: e.Seen}
	at := slices.IndexFunc(r.Steps, func(s RaceStep) bool { return s.Offset == step.Offset && s.Method == step.Method })
	if at < 0 {
		r.Steps = append(r.Steps, RaceStep{Offset: step.Offset, Method: step.Method})
		slices.SortFunc(r.Steps, func(a, b RaceStep) int {
			return cmp.Or(cmp.Compare(a.Offset, b.Offset), strings.Compare(a.Method, b.Method))
		})
		at = slices.IndexFunc(r.Steps, func(s RaceStep) bool { return s.Offset == step.Offset && s.Method == step.Method })
	}
	s := &r.Steps[at]
	s.Sent, s.Failed, s.Closed = s.Sent+step.Sent, s.Failed+step.Failed, s.Closed+step.Closed
	r.Requests, r.Failures = r.Requests+step.Sent, r.Failures+step.Failed
	r.Around, r.Done = e.Gap, r.Done || e.Done
}

type raceJSON struct {
	Mode        RaceMode `json:"mode"`
	Around      seconds  `json:"around_s,omitempty"`
	Window      seconds  `json:"window_s,omitempty"`
	Step        seconds  `json:"step_s,omitempty"`
	PerStep     int      `json:"per_step,omitempty"`
	Methods     []string `json:"methods,omitempty"`
	Clients     int      `json:"clients,omitempty"`
	Rate        float64  `json:"rate,omitempty"`
	For         seconds  `json:"for_s,omitempty"`
	ClientLimit seconds  `json:"client_limit_s,omitempty"`
}

// MarshalJSON writes times in seconds.
func (r RaceSpec) MarshalJSON() ([]byte, error) {
	return json.Marshal(raceJSON{
		r.Mode, seconds(r.Around), seconds(r.Window), seconds(r.Step), r.PerStep, r.Methods,
		r.Clients, r.Rate, seconds(r.For), seconds(r.ClientLimit),
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *RaceSpec) UnmarshalJSON(b []byte) error {
	var j raceJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*r = RaceSpec{
		j.Mode, time.Duration(j.Around), time.Duration(j.Window), time.Duration(j.Step), j.PerStep, j.Methods,
		j.Clients, j.Rate, time.Duration(j.For), time.Duration(j.ClientLimit),
	}
	return nil
}

func (f *raceFold) conclude(r *Result, _ doubts) {
	if f.found == nil {
		return
	}
	race := *f.found
	race.Steps = slices.DeleteFunc(slices.Clone(race.Steps), func(s RaceStep) bool { return s.Sent+s.Closed == 0 })
	if r.Spec.Race != nil {
		race.Mode = r.Spec.Race.Mode
	}
	if race.Mode == RacePoisson { // a close seen in time is a request that went well
		for _, s := range race.Steps {
			race.Requests += s.Closed
		}
	}
	r.Race = &race
}

type raceQuestion struct{ *traits }

var race = raceQuestion{&traits{
	name: MeasureRace, stage: alone, doubt: "the race does not count", paced: true,
	choice: &Choice{
		Name: "race", About: "requests that meet the close: in small steps around it, or as many users ask (poisson)", Place: 3,
		Values: []string{string(RaceSteps), string(RacePoisson)},
	},
}}

func (q raceQuestion) opens(s Spec) int {
	if s.Race == nil {
		return 0
	}
	return s.Race.Clients
}

func (q raceQuestion) longest(s Spec) time.Duration {
	if s.Race == nil {
		return 0
	}
	return s.Race.longest(s.IdleLimit)
}

func (q raceQuestion) complete(s *Spec) {
	race := RaceSpec{}
	if s.Race != nil {
		race = *s.Race
	}
	race = race.Normalize()
	s.Race = &race
	if race.Around == 0 && !s.Measures(MeasureIdle) {
		s.Measure = append(slices.Clone(s.Measure), MeasureIdle)
	}
}

func (q raceQuestion) check(s Spec) error {
	if s.Race == nil {
		return nil
	}
	return s.Race.Validate()
}

func (q raceQuestion) choose(s *Spec, value string) {
	race := RaceSpec{Mode: RaceMode(value)}.Normalize()
	s.Race, s.Cap = &race, max(DefaultConnectionCap, race.Clients)
}

func (q raceQuestion) fold() fold { return &raceFold{} }

func (q raceQuestion) answered(r Result) bool { return r.Race != nil && r.Race.Requests > 0 }

func (q raceQuestion) lines(r Result) []Line {
	if r.Race == nil {
		return nil
	}
	return []Line{{"RACE", r.Race.Text(r)}}
}

func (q raceQuestion) charts(r Result, _ time.Duration) []Chart {
	if r.Race == nil {
		return nil
	}
	return []Chart{{What: "requests lost around the close at " + model.HumanSpan(r.Race.Around.Round(time.Millisecond)), Bars: r.Race.bars()}}
}

// bars are how many requests were lost of those sent, by offset and method, and how often the
// close was seen in time.
func (r Race) bars() []Bar {
	bars := make([]Bar, 0, len(r.Steps))
	for _, step := range r.Steps {
		bar := Bar{Label: fmt.Sprintf("%+.1f ms", float64(step.Offset)/float64(time.Millisecond))}
		if step.Sent > 0 {
			bar.Share = float64(step.Failed) / float64(step.Sent)
		}
		if r.Mode == RacePoisson {
			bar.Label = "all"
		}
		bar.Text = fmt.Sprintf("%-4s %d of %d lost", model.Clean(step.Method, 10), step.Failed, step.Sent)
		if step.Closed > 0 {
			bar.Text += fmt.Sprintf(", %d saw the close first", step.Closed)
		}
		bars = append(bars, bar)
	}
	return bars
}

// Text says how many requests met the close, when they were sent, and what avoids it;
// in poisson mode what the formula expects.
func (r Race) Text(of Result) string {
	if r.Requests == 0 {
		return "no request was sent on a connection that looked open"
	}
	text := fmt.Sprintf("%d of %d requests were lost around the close at %s (%.2f %%)",
		r.Failures, r.Requests, model.HumanSpan(r.Around.Round(time.Millisecond)), 100*r.Ratio())
	limit := model.Never
	if spec := of.Spec.Race; spec != nil && spec.ClientLimit > 0 {
		limit = spec.ClientLimit
		text += ", by clients that open a new connection after " + model.HumanSpan(limit) + " of silence"
	}
	if r.Mode == RacePoisson {
		return text + r.formula(of, limit)
	}
	first, last, lost := r.Lost()
	switch {
	case lost && first == last:
		text += "; they were sent " + besideClose(first)
	case lost:
		text += "; they were sent from " + besideClose(first) + " to " + besideClose(last)
	case r.Done && limit == model.Never && of.TCP.RTT != nil:
		text += "; a request can be lost only within about the RTT (" + Short(*of.TCP.RTT) + ") of the close, and none of the steps met that"
	}
	if safe := r.SafeLimit(); safe > 0 {
		text += ". Clients that open a new connection after " + model.HumanSpan(safe.Round(time.Millisecond)) + " of silence keep clear of it"
	}
	return text
}

// formula is what the formula expects of independent users.
func (r Race) formula(of Result, limit time.Duration) string {
	spec := of.Spec.Race
	if spec == nil || of.TCP.RTT == nil {
		return ""
	}
	rate := spec.Rate
	if rate == 0 {
		rate = 1 / r.Around.Seconds()
	}
	return fmt.Sprintf("; the formula says %.2f %% for a window of one RTT", 100*model.RaceProbability(rate, r.Around, *of.TCP.RTT, limit))
}

// besideClose is a moment as told from the close.
func besideClose(d time.Duration) string {
	switch d = d.Round(100 * time.Microsecond); {
	case d < 0:
		return model.HumanSpan(-d) + " before it"
	case d > 0:
		return model.HumanSpan(d) + " after it"
	}
	return "within 0.1 ms of it"
}

func (r RaceSpec) longest(limit time.Duration) time.Duration {
	if r.Mode == RacePoisson {
		return r.For
	}
	around := r.Around
	if around == 0 {
		around = limit
	}
	tries := int64(2*r.Window/r.Step+1) * int64(r.PerStep) * int64(len(r.Methods))
	return time.Duration(tries/int64(max(1, r.Clients))+1) * (around + r.Window)
}
