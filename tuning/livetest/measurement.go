package livetest

import (
	"slices"
	"time"

	"example.com/keeptune/model"
)

// A Measurement is one question of a live test; its values are the words used in events.
// What is asked, opened, seen and said is in the file of its name.
type Measurement string

// questions are all measurements in the order in which they are reported. A new one is a file
// of its own and a line here.
var questions = []question{
	idle,
	beforeRequest,
	midHeader,
	requests,
	hint,
	http10,
	head,
	http2,
	ladder,
	hold,
	race,
}

// A stage is when a measurement is made.
type stage int

const (
	silent stage = iota // side by side, on connections that are watched in silence
	short               // one after the other, each on a connection of its own
	alone               // after all others, one after the other
)

// traits are what is to be known of a measurement without computing anything.
type traits struct {
	name  Measurement
	stage stage
	usual bool // made unless told otherwise
	plain bool // works without HTTP
	// counted tells that its connections are asked for by number, so that no cap counts them.
	counted bool
	// silence says in the list of samples what a silent connection did before.
	silence string
	// opening is the silence of connections that are owed no reply: it counts from when they
	// are open.
	opening bool
	// apart tells that its replies are not those to an ordinary request.
	apart bool
	// other tells that it asks nothing of HTTP/1.1.
	other bool
	// yes is the kind of event that answers a yes-or-no question.
	yes EventKind
	// doubt begins the sentence that says why all of it does not count; "" where single
	// samples are judged.
	doubt string
	// paced tells that it sends at moments of its choice, so that each pause spoils it.
	paced  bool
	choice *Choice
}

// A question is a measurement as its own file describes it. What traits answer by default is
// left out there.
type question interface {
	is() *traits
	// opens is how many connections it has open at once, where it is asked for.
	opens(s Spec) int
	// longest is the most time it takes alone.
	longest(s Spec) time.Duration
	// complete fills in its own part of a spec that asks for it, check says what is wrong
	// with that.
	complete(s *Spec)
	check(s Spec) error
	// choose puts it into a spec, as its Choice was set.
	choose(s *Spec, value string)
	// fold takes in its events; nil where the summary itself keeps what they say.
	fold() fold
	// answered reports whether a result answers it, unanswered why it does not although it
	// was asked for.
	answered(r Result) bool
	unanswered(r Result) string
	// lines are its report, rows its line of the table on the screen, and remarks what the
	// screen says below that. Without rows it says lines there.
	lines(r Result) []Line
	rows(r Result) []Row
	remarks(r Result) []Line
	// charts belong below its lines; now is the time since the start of the run.
	charts(r Result, now time.Duration) []Chart
}

// A fold gathers what the events of one measurement say.
type fold interface {
	take(e Event)
	conclude(r *Result, d doubts)
}

// doubts say why something is not to be believed, "" where it is.
type doubts struct {
	sample     func(Sample) string
	unanswered func(Rung) string
}

// A Line is a sentence of a report. Without a title it belongs to the one above.
type Line struct{ Title, Text string }

// A Row is what was measured in a line of a table.
type Row struct {
	Name string
	// Roles are the server's settings that decide it, the first that there is.
	Roles []model.Role
	// Advertised is what a reply promised, Measured what happened; "" is nothing. Of times
	// they are Promised and Silence instead.
	Advertised, Measured string
	Promised             *time.Duration
	Silence              *Idle
}

// A Chart is bars. What says what they are; Title stands above them in a report of the
// measurement, "" where its sentence says it all.
type Chart struct {
	What, Title string
	Bars        []Bar
}

// A Bar is a share from 0 to 1, with its label and what is said of it.
type Bar struct {
	Label string
	Share float64
	Text  string
}

// A Choice is how a measurement that is not usual is asked for.
type Choice struct {
	Name, About string
	// Place is the place among the choices, from 1; those of the same stand as they are reported.
	Place int
	// Values are what it can be set to beside off. Where Format says what is typed instead,
	// a whole number from 1, the only one is the usual one.
	Values      []string
	Format      string
	Unit, Units string // of one and of more
}

func (t *traits) is() *traits { return t }

func (t *traits) opens(Spec) int {
	if t.stage == short {
		return 1
	}
	return 0
}

func (t *traits) longest(Spec) time.Duration           { return 0 }
func (t *traits) complete(*Spec)                       {}
func (t *traits) check(Spec) error                     { return nil }
func (t *traits) choose(*Spec, string)                 {}
func (t *traits) fold() fold                           { return nil }
func (t *traits) answered(r Result) bool               { return r.More[t.name] != nil }
func (t *traits) unanswered(Result) string             { return "" }
func (t *traits) lines(Result) []Line                  { return nil }
func (t *traits) rows(Result) []Row                    { return nil }
func (t *traits) remarks(Result) []Line                { return nil }
func (t *traits) charts(Result, time.Duration) []Chart { return nil }

// question is nil for a word of no meaning.
func (m Measurement) question() question {
	for _, q := range questions {
		if q.is().name == m {
			return q
		}
	}
	return nil
}

func (r Role) question() question { return Measurement(r).question() }

func (m Measurement) traits() *traits {
	if q := m.question(); q != nil {
		return q.is()
	}
	return &traits{stage: -1}
}

// AllMeasurements returns every measurement in the order it is reported.
func AllMeasurements() []Measurement {
	return choosing(func(*traits) bool { return true })
}

// DefaultMeasurements are made unless told otherwise: what a polite run over
// HTTP/1.1 answers.
func DefaultMeasurements() []Measurement {
	return choosing(func(t *traits) bool { return t.usual })
}

// Choices are the measurements that are made only when asked for, in the order in which they
// are offered.
func Choices() []Measurement {
	all := choosing(func(t *traits) bool { return t.choice != nil })
	slices.SortStableFunc(all, func(a, b Measurement) int { return a.Choice().Place - b.Choice().Place })
	return all
}

func choosing(which func(*traits) bool) []Measurement {
	var names []Measurement
	for _, q := range questions {
		if which(q.is()) {
			names = append(names, q.is().name)
		}
	}
	return names
}

// Silent reports whether connections are watched side by side for it, Alone whether it comes
// after all others; what is neither is a short question.
func (m Measurement) Silent() bool { return m.traits().stage == silent }

// Alone is explained at Silent.
func (m Measurement) Alone() bool { return m.traits().stage == alone }

// Choice is how it is asked for; nil where it is usual.
func (m Measurement) Choice() *Choice { return m.traits().choice }

// Plain reports whether it works without HTTP.
func (m Measurement) Plain() bool { return m.traits().plain }

// Choose puts it into a spec, as its Choice was set.
func (m Measurement) Choose(s *Spec, value string) {
	s.Measure = append(slices.Clip(s.Measure), m)
	m.question().choose(s, value)
}

// Lines are the report of a result.
func (m Measurement) Lines(r Result) []Line { return m.question().lines(r) }

// Rows are a result in the table of the screen: those of a choice where it was chosen.
func (m Measurement) Rows(r Result) []Row {
	q := m.question()
	if q.is().choice != nil && !r.Spec.Measures(m) {
		return nil
	}
	return q.rows(r)
}

// Remarks are what the screen says below that table.
func (m Measurement) Remarks(r Result) []Line {
	q := m.question()
	if m.Rows(r) == nil {
		return q.lines(r)
	}
	return q.remarks(r)
}

// Charts belong below the report; now is the time since the start of the run.
func (m Measurement) Charts(r Result, now time.Duration) []Chart { return m.question().charts(r, now) }

// Silence says what a watched connection did before it was silent.
func (r Role) Silence() string {
	if q := r.question(); q != nil && q.is().silence != "" {
		return q.is().silence
	}
	return "after a request"
}

// Replies reports whether the connections of a measurement are owed an HTTP/1.1 reply, so that
// it says something of the target when there is none.
func (r Role) Replies() bool {
	q := r.question()
	return q != nil && !q.is().opening && !q.is().other
}
