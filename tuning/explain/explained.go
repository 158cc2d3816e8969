package explain

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Time is a time of a question with the signs that give it.
type Time struct {
	Seen    Observation
	Answers []Answer // the most likely first
}

// An Explained is all that can be said of a text.
type Explained struct {
	Times []Time
	Log   Log
	Asks  bool // [Asked] has to be answered first
}

// Nothing reports whether there is neither a time nor a known line in the text.
func (e *Explained) Nothing() bool { return len(e.Times) == 0 && len(e.Log.Lines) == 0 }

// Text explains a text: a log line by line, one line by its shape, else the times
// in it. report is that of the path on which it was seen, or nil. The error names
// files of the catalog that cannot be read.
func (t *Table) Text(text string, report *tuning.Report) (Explained, error) {
	e := Explained{Log: ReadLog(text)}
	e.Asks = slices.ContainsFunc(e.Log.Lines, func(l Line) bool { return l.Shape.Ask }) || NeedsAsking(text) && len(text) <= longestQuestion
	if len(e.Log.Lines) > 0 || e.Log.Read > 1 {
		return e, nil
	}
	var path []Sign
	if report != nil {
		path = OfPath(report)
	}
	var bad error
	for _, seen := range Observe(text) {
		found, err := t.Explain(t.Ask(text, seen), path)
		bad = err
		e.Times = append(e.Times, Time{seen, found})
		e.Asks = e.Asks || asks(found) && !toldWhen(text)
	}
	return e, bad
}

func toldWhen(text string) bool {
	words := wordsOf(text)
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(quietly, w) || slices.Contains(outage, w) })
}

// Unlike is what to say of a text in which nothing is known, in a sentence.
func Unlike(text string) string {
	if strings.TrimSpace(text) == "" {
		return "nothing was given; write a time such as 'hangs for 7875 s', or paste lines of a log"
	}
	return "there is no time and no known line in " + quote(text) + "; write a time such as 'hangs for 7875 s', or paste the line with the error itself"
}

func quote(text string) string {
	first, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	shown := model.Clean(excerpt(first), 40)
	if more {
		return "these lines (" + shown + ")"
	}
	return "\"" + shown + "\""
}
