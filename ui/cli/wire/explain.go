package wire

import (
	"example.com/keeptune/tuning/explain"
)

// ExplainSchema names the shape of [Explain].
const ExplainSchema = "keeptune.explain/1"

// An Explain is what times and lines of a log mean: keeptune explain --format json.
type Explain struct {
	Schema    string    `json:"schema"`
	Version   string    `json:"version"`
	Knowledge string    `json:"knowledge"`
	Times     []Time    `json:"times"`
	Lines     []LogLine `json:"lines"`   // one for each shape, the first seen first
	Read      int       `json:"read"`    // lines that were read
	Unknown   int       `json:"unknown"` // those that tell of nothing that is known
	Asked     *Asked    `json:"asked"`   // null where nothing has to be asked
}

// A Time is a time that was seen, with the settings that give it, the most likely
// first.
type Time struct {
	Low     Seconds      `json:"low_s"`
	High    Seconds      `json:"high_s"`
	About   bool         `json:"about"` // said to be rough
	Answers []TimeAnswer `json:"answers"`
	More    int          `json:"more"` // answers that are left out
}

// A TimeAnswer is a setting that gives a time. Since and before are the versions that
// have it, null without an end.
type TimeAnswer struct {
	Fit      string   `json:"fit"`   // exact, within, near
	Named    bool     `json:"named"` // in the question, or on the path
	System   string   `json:"system"`
	Endpoint *string  `json:"endpoint"` // on the path
	Face     string   `json:"face"`     // server, client or host
	Cause    string   `json:"cause"`
	Param    *string  `json:"param"` // null where the catalog has none
	Setting  string   `json:"setting"`
	Value    string   `json:"value"`
	After    Seconds  `json:"after_s"` // with ideal timers
	Low      Seconds  `json:"low_s"`   // what is really seen
	High     Seconds  `json:"high_s"`
	Since    *string  `json:"since"`
	Before   *string  `json:"before"`
	Set      bool     `json:"set"` // by somebody; else a default
	By       string   `json:"by"`  // the side that is seen to close
	Closes   string   `json:"closes"`
	Says     string   `json:"says"`
	Seen     string   `json:"seen"`
	Next     []string `json:"next"`
}

// A LogLine is a line of a known shape.
type LogLine struct {
	Line     int          `json:"line"` // the first of them, from 1 on
	Count    int          `json:"count"`
	Shape    string       `json:"shape"`
	Program  string       `json:"program"`
	Excerpt  string       `json:"excerpt"` // what made it known
	Means    string       `json:"means"`
	Closed   string       `json:"closed"`
	Look     []string     `json:"look"`
	Symptom  *string      `json:"symptom"`
	Path     *string      `json:"path"` // on which it can be seen
	Harmless bool         `json:"harmless"`
	Source   string       `json:"source"`
	Time     *Seconds     `json:"time_s"` // that stands in the first one
	Answers  []TimeAnswer `json:"answers"`
}

// An Asked is what no time tells, and its answers.
type Asked struct {
	Text    string   `json:"text"`
	Answer  *string  `json:"answer"` // that was given
	Choices []Choice `json:"choices"`
}

// A Choice is an answer and what to do then.
type Choice struct {
	When  string `json:"when"`
	Label string `json:"label"`
	Do    string `json:"do"`
	Path  string `json:"path"`
}

// Explaining is what the JSON has beside what was explained.
type Explaining struct {
	Version, Knowledge string
	Path               string // that was given
	When               string // what was answered
	Most               int    // answers to a time
}

// FromExplained is the JSON of what was explained.
func FromExplained(e *explain.Explained, table *explain.Table, x Explaining) Explain {
	out := Explain{
		Schema: ExplainSchema, Version: x.Version, Knowledge: x.Knowledge, Read: e.Log.Read, Unknown: e.Log.Unknown,
		Times: []Time{}, Lines: []LogLine{},
	}
	for _, t := range e.Times {
		shown := t.Answers[:min(len(t.Answers), x.Most)]
		out.Times = append(out.Times, Time{
			Low: Seconds(t.Seen.Low), High: Seconds(t.Seen.High), About: t.Seen.About,
			Answers: answers(shown, x.Path), More: len(t.Answers) - len(shown),
		})
	}
	for i := range e.Log.Lines {
		l := &e.Log.Lines[i]
		s := l.Shape
		line := LogLine{
			Line: l.Number, Count: l.Count, Shape: s.ID, Program: s.Program, Excerpt: l.Excerpt, Means: s.Means, Closed: s.Closed,
			Look: list(s.Look), Symptom: word(string(s.Symptom)), Path: word(s.Path), Harmless: s.Harmless, Source: s.Source, Answers: []TimeAnswer{},
		}
		if l.Seen != nil {
			line.Time = pointer(&l.Seen.Low)
			if may, err := l.MayBe(table); err == nil {
				line.Answers = answers(may[:min(len(may), x.Most)], x.Path)
			}
		}
		out.Lines = append(out.Lines, line)
	}
	if e.Asks || x.When != "" {
		out.Asked = &Asked{Text: explain.Asked, Answer: word(x.When)}
		for _, c := range explain.Choices() {
			out.Asked.Choices = append(out.Asked.Choices, Choice{c.When, c.Label, c.Do, c.Path})
		}
	}
	return out
}

func answers(all []explain.Answer, path string) []TimeAnswer {
	out := []TimeAnswer{}
	for i := range all {
		a, s := &all[i], &all[i].Sign
		out = append(out, TimeAnswer{
			Fit: a.Fit.String(), Named: a.Named, System: string(s.System.ID), Endpoint: word(string(s.Endpoint)), Face: string(s.Face),
			Cause: string(s.Cause), Param: word(string(s.Param)), Setting: s.Setting, Value: s.Value,
			After: Seconds(s.After), Low: Seconds(s.Low), High: Seconds(s.High), Since: word(string(s.Since)), Before: word(string(s.Before)),
			Set: s.Set, By: s.By, Closes: string(s.Closes), Says: s.Says(), Seen: s.Seen(), Next: list(s.Next(path)),
		})
	}
	return out
}
