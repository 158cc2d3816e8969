package explain

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Time is a time of a question with the signs that give it.
type Time struct {
	Seen    Observation
	Answers []Answer // the most likely first
	Missed  []Missed // systems that are named in it, but give no such time
}

// A Missed is a system with those of its times that come nearest, at most two.
type Missed struct {
	System model.SystemID
	Near   []Sign
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
		q := t.Ask(text, seen)
		found, err := t.Explain(q, path)
		bad = err
		e.Times = append(e.Times, Time{seen, found, t.missed(q, found)})
		e.Asks = e.Asks || asks(found) && !toldWhen(text)
	}
	return e, bad
}

// missed are the systems of a question of which no answer is.
func (t *Table) missed(q Question, found []Answer) []Missed {
	signs, _ := t.Signs() // what cannot be read is told with the answers
	var all []Missed
	for _, id := range q.Systems {
		if slices.ContainsFunc(found, func(a Answer) bool { return a.Sign.System.ID == id }) {
			continue
		}
		m := Missed{System: id}
		for i := range signs {
			if s := &signs[i]; s.System.ID == id && s.Current && s.finite() {
				m.Near = append(m.Near, *s)
			}
		}
		slices.SortStableFunc(m.Near, func(a, b Sign) int { return cmp.Compare(apart(q.Seen.Low, a.After), apart(q.Seen.Low, b.After)) })
		m.Near = slices.CompactFunc(m.Near, func(a, b Sign) bool { return a.Title() == b.Title() })
		if m.Near = m.Near[:min(2, len(m.Near))]; len(m.Near) > 0 {
			all = append(all, m)
		}
	}
	return all
}

// apart is how many times the greater of two times is the lesser.
func apart(a, b time.Duration) float64 { return float64(max(a, b)) / float64(max(1, min(a, b))) }

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
