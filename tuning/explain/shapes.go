package explain

import (
	_ "embed" // the shapes
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

//go:embed shapes.toml
var shapesFile string

// A Shape is a line that programs write when a connection ends.
type Shape struct {
	ID       string
	Program  string           // to be read
	Systems  []model.SystemID // of the catalog
	Has      string           // a text that such a line contains
	Match    string           // a regular expression, where Has is not enough
	Log      string           // or the format of a log
	Code     string           // in which this code stands
	Means    string           // in a sentence without a full stop
	Closed   string           // who closed, and how
	Look     []string         // what to look at, the most telling first
	Symptom  tuning.Symptom
	Path     string // on which it can be seen; empty where keep-alive has no part in it
	Ask      bool   // opposite causes write the same line
	Harmless bool
	Source   string

	find *regexp.Regexp
}

// shapes are all, in the order in which they are tried.
var shapes = sync.OnceValue(func() []*Shape {
	all, err := decodeShapes(shapesFile)
	if err != nil {
		panic(err) // a test reads the file that is carried
	}
	return all
})

// Shapes are all that are known.
func Shapes() []*Shape { return shapes() }

func decodeShapes(text string) ([]*Shape, error) {
	var raw struct {
		Logs  map[string]string
		Shape []*Shape
	}
	if err := model.ReadTOML("shapes.toml", []byte(text), &raw); err != nil {
		return nil, err
	}
	for _, s := range raw.Shape {
		pattern := s.Match
		switch {
		case s.Log != "":
			pattern = strings.ReplaceAll(raw.Logs[s.Log], "CODE", s.Code)
			s.Has = s.Code
		case pattern == "":
			pattern = regexp.QuoteMeta(s.Has)
		}
		var err error
		if s.find, err = regexp.Compile(pattern); err != nil {
			return nil, fmt.Errorf("%s: %w", s.ID, err)
		}
	}
	return raw.Shape, nil
}

// A Line is a line of a log that has a known shape.
type Line struct {
	Number  int // of the first such line, from 1 on
	Count   int
	Shape   *Shape
	Excerpt string       // what made it known, without what may be secret; safe to show
	Seen    *Observation // the time that stands in the first one
}

// A Log is what was found in one.
type Log struct {
	Lines   []Line // one for each shape, the first seen first
	Read    int    // lines that were not empty
	Unknown int    // those without a shape
}

// longestLine bounds what is looked at of a line, in bytes.
const longestLine = 16 << 10

// ReadLog finds the known shapes among the lines of a text.
func ReadLog(text string) Log {
	var log Log
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		log.Read++
		found, ok := ReadLine(line)
		if !ok {
			log.Unknown++
			continue
		}
		if i := slices.IndexFunc(log.Lines, func(l Line) bool { return l.Shape == found.Shape }); i >= 0 {
			log.Lines[i].Count++
			continue
		}
		found.Number, found.Count = number, 1
		log.Lines = append(log.Lines, found)
	}
	return log
}

// ReadLine is the shape of one line, and false where none is known.
func ReadLine(line string) (Line, bool) {
	if len(line) > longestLine {
		line = line[:longestLine]
	}
	for _, s := range shapes() {
		if !strings.Contains(line, s.Has) {
			continue
		}
		at := s.find.FindStringSubmatchIndex(line)
		if at == nil {
			continue
		}
		return Line{Shape: s, Excerpt: excerpt(line[at[0]:at[1]]), Seen: s.time(line, at)}, true
	}
	return Line{}, false
}

// time is what the groups ms and s of a match say, or nil.
func (s *Shape) time(line string, at []int) *Observation {
	for i, name := range s.find.SubexpNames() {
		unit := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second}[name]
		if unit == 0 || at[2*i] < 0 {
			continue
		}
		digits := strings.ReplaceAll(line[at[2*i]:at[2*i+1]], ",", "")
		d, err := model.ParseSpan(digits, unit)
		if err != nil || d <= 0 || d == model.Never {
			return nil
		}
		digit := unit
		if strings.Contains(digits, ".") || unit == time.Millisecond {
			digit = 50 * time.Millisecond // what was asked of a timer is a little less than what a log tells
		}
		return &Observation{Text: model.HumanSpan(d), Low: d, High: d, Digit: digit}
	}
	return nil
}

var (
	address = regexp.MustCompile(`([a-z][a-z0-9+.-]{0,20}://)[^\s"'>]*`)
	quoted  = regexp.MustCompile(`(?i)((?:password|passwd|token|secret|authorization|cookie|api[_-]?key)["']?[=: ]+)\S+`)
)

// excerpt is a piece of a foreign line, fit to be shown, without the rest of an
// address and whatever calls itself secret.
func excerpt(s string) string {
	s = address.ReplaceAllString(s, "$1…")
	s = quoted.ReplaceAllString(s, "$1…")
	return model.Clean(strings.TrimSpace(s), 120)
}

// MayBe are the signs of the time that stands in the line: those of the systems
// that write it.
func (l *Line) MayBe(t *Table) ([]Answer, error) {
	if l.Seen == nil {
		return nil, nil
	}
	q := Question{Seen: *l.Seen, Systems: l.Shape.Systems}
	all, err := t.Explain(q, nil)
	return slices.DeleteFunc(all, func(a Answer) bool { return !a.Named }), err
}

// String is the line's place and how often its shape came, to be read.
func (l *Line) String() string {
	if l.Count == 1 {
		return "line " + strconv.Itoa(l.Number)
	}
	return fmt.Sprintf("line %d and %d more", l.Number, l.Count-1)
}
