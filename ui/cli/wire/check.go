package wire

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// CheckSchema names the shape of [Check].
const CheckSchema = "keeptune.check/1"

// A Check is a judged document: keeptune check --format json.
type Check struct {
	Schema    string    `json:"schema"`
	Version   string    `json:"version"`
	Knowledge string    `json:"knowledge"`
	HZ        HZ        `json:"hz"`
	Legs      []Leg     `json:"legs"`
	Path      Path      `json:"path"`
	Findings  []Finding `json:"findings"`
	// What is suppressed, and suppressions that hide nothing.
	Suppressed []Suppressed `json:"suppressed"`
	Lapsed     []Lapsed     `json:"lapsed"`
	Plan       *Plan        `json:"plan"` // what puts right what can be on all legs together; null where nothing does
	Against    *Against     `json:"against,omitempty"`
	Contexts   []Context    `json:"contexts,omitempty"` // of configurations: which was taken for which hop
	Ways       int          `json:"ways,omitempty"`     // combinations of contexts; the worst is judged
	Unused     []Line       `json:"unused,omitempty"`   // lines of configurations that bear on connections and were not used
}

// A Context is the place of a configuration that was taken for a hop.
type Context struct {
	Endpoint string `json:"endpoint"`
	Where    string `json:"where"`
	Alike    int    `json:"alike"` // further contexts that say the same for this hop
}

// A Line is one of a configuration that was not used, and why.
type Line struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
	Why  string `json:"why"`
}

// Lines are lines that were not used.
func Lines(unused []native.Line) []Line {
	list := make([]Line, len(unused))
	for i, l := range unused {
		list[i] = Line(l)
	}
	return list
}

// Choices are the contexts that were taken.
func Choices(chosen []native.Choice) []Context {
	list := make([]Context, len(chosen))
	for i, c := range chosen {
		list[i] = Context{string(c.Endpoint), c.Where, c.Alike}
	}
	return list
}

// HZ is the timer frequency that was taken for the Linux ends.
type HZ struct {
	Value   int  `json:"value"`
	Assumed bool `json:"assumed"`
}

// A Leg is one TCP connection of the path.
type Leg struct {
	Client      Side            `json:"client"`
	Server      Side            `json:"server"`
	Middleboxes []Box           `json:"middleboxes"`
	Limit       Limit           `json:"limit"`
	Race        Race            `json:"race"`
	Detection   Sides[Detected] `json:"detection"`
	Ends        Sides[Ended]    `json:"ends"`
	Load        Load            `json:"load"`
	// Worst detection for an application that writes as often as leg:write_every says.
	Writing *Sides[Detection] `json:"writing,omitempty"`
	Outage  Outage            `json:"outage"`
	Words   string            `json:"words"` // the judgement in a sentence
	Grade   Grade             `json:"grade"`
}

// A Grade is from A, which has nothing to mend, to F, and null where it is withheld.
type Grade struct {
	Grade    *string  `json:"grade"`
	Because  string   `json:"because"`
	Rules    []string `json:"rules"`    // that hold it down
	Withheld []string `json:"withheld"` // why it is not given
}

func grade(g tuning.Grading) Grade {
	return Grade{Grade: word(string(g.Grade)), Because: g.Text(), Rules: list(g.Rules), Withheld: list(g.Withheld)}
}

// Sides holds something of each end.
type Sides[T any] struct {
	Client T `json:"client"`
	Server T `json:"server"`
}

// A Race is the window in which a request can meet a close.
type Race struct {
	Window  Seconds  `json:"window_s"`
	Assumed bool     `json:"assumed"`
	Worst   *float64 `json:"worst_probability"` // null where the limit is not known
}

// A Load is what the connection costs. A figure that needs a quantity nobody
// gave is null.
type Load struct {
	IdleConnections *float64 `json:"idle_connections"`
	Closes          *float64 `json:"closes_per_s"`
	TimeWait        *float64 `json:"time_wait"`
	ZombiesClient   *float64 `json:"zombies_client"`
	ZombiesServer   *float64 `json:"zombies_server"`
	ProbePackets    *float64 `json:"probe_packets_per_s"`
	ProbeBytes      *float64 `json:"probe_bytes_per_s"`
	WorkersHeld     *float64 `json:"workers_held"` // the share of the server's workers
	RaceProbability *float64 `json:"race_probability"`
	Failures        *float64 `json:"failures_per_hour"`
}

// A Path is the legs taken together. Legs count from 1.
type Path struct {
	Leg     int      `json:"leg"`
	Idle    *Seconds `json:"idle_s"`
	Verdict string   `json:"verdict" enum:"ok,retried,race,stale,unbounded,unknown"`
	Gravest int      `json:"worst"`
	Words   string   `json:"words"` // the judgement in a sentence
	Grade   Grade    `json:"grade"` // of the worst leg
}

// FromReport is the JSON of a report. Its rows and because lines are those of
// the screen.
func FromReport(r tuning.Report, version string) Check {
	c := Check{
		Schema: CheckSchema, Version: version, Knowledge: model.KnowledgeDate,
		HZ: HZ{r.HZ, r.HZAssumed}, Legs: []Leg{}, Findings: []Finding{}, Path: path(r),
		Suppressed: []Suppressed{}, Lapsed: []Lapsed{},
	}
	for i := range r.Legs {
		j := leg(&r.Legs[i])
		j.Words, j.Grade = r.LegWords(i), grade(r.LegGrade(i))
		c.Legs = append(c.Legs, j)
	}
	for i := range r.Findings {
		c.Findings = append(c.Findings, finding(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		c.Suppressed = append(c.Suppressed, Suppressed{Finding: finding(&s.Finding), Level: s.By.Level, Reason: s.By.Reason})
	}
	for i := range r.Lapsed {
		l := &r.Lapsed[i]
		j := Lapsed{Rule: l.By.Rule, At: []string{}, Level: l.By.Level, Reason: l.By.Reason, Because: l.Text()}
		for _, at := range l.By.At {
			j.At = append(j.At, at.String())
		}
		c.Lapsed = append(c.Lapsed, j)
	}
	return c
}

func path(r tuning.Report) Path {
	worst := r.Gravest()
	p := Path{Leg: r.Shortest + 1, Gravest: worst + 1, Verdict: string(r.Legs[worst].Limit.Verdict), Words: r.Words(), Grade: grade(r.PathGrade())}
	p.Idle, _ = idle(r.Legs[r.Shortest].Limit)
	return p
}

func leg(l *tuning.Leg) Leg {
	j := Leg{
		Client: side(&l.Client), Server: side(&l.Server), Middleboxes: []Box{}, Limit: limit(l.Limit),
		Race: Race{Window: Seconds(l.Window.Width), Assumed: l.Window.Assumed},
		Load: load(l.Load), Outage: outage(l),
		Detection: Sides[Detected]{
			Client: detected(l.Detection.Client), Server: detected(l.Detection.Server),
		},
		Ends: Sides[Ended]{Client: ended(l.Ends.Client), Server: ended(l.Ends.Server)},
	}
	if l.Limit.Verdict != tuning.VerdictUnknown {
		j.Race.Worst = &l.Window.Worst
	}
	if w := l.Writing; w != nil {
		j.Writing = &Sides[Detection]{detection(w.Client), detection(w.Server)}
	}
	for i := range l.Boxes {
		j.Middleboxes = append(j.Middleboxes, box(&l.Boxes[i]))
	}
	return j
}

func load(l tuning.Load) Load {
	return Load{
		IdleConnections: l.IdleConnections, Closes: l.ClosesPerSecond, TimeWait: l.TimeWait,
		ZombiesClient: l.ZombiesClient, ZombiesServer: l.ZombiesServer,
		ProbePackets: l.ProbePacketsPerSecond, ProbeBytes: l.ProbeBytesPerSecond,
		WorkersHeld:     l.WorkersHeld,
		RaceProbability: l.RaceProbability, Failures: l.FailuresPerHour,
	}
}
