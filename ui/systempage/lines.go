package systempage

import (
	"slices"
	"strings"

	"example.com/keeptune/ui/widget"
)

// A Look says how a line may be painted; the words are the same without.
type Look int

// The looks.
const (
	Plain   Look = iota
	Heading      // a section's title
	Value        // a setting's name and default
	Warning      // a surprise
	Quiet        // sources and dates
)

// A Line is one line of a page.
type Line struct {
	Text string
	Look Look
}

// label is the width of the labels' column.
const label = 10

// Lines is the page in lines of at most w cells. With whole, a longer word
// stays in one piece, so that addresses and paths can be copied.
func (s Page) Lines(w int, whole bool) []Line {
	l := &lines{w: max(1, w), whole: whole}
	l.wrap("", s.Text, Plain)
	l.facts("", s.Facts)
	for _, t := range s.Surprise {
		l.hang("! ", t, Warning)
	}
	if s.Before != "" {
		l.gap()
		l.wrap("", "CHANGED SINCE "+s.Before, Heading)
		if len(s.Changed) == 0 {
			l.wrap("", "nothing that is known", Plain)
		}
		for _, t := range s.Changed {
			l.hang("- ", t, Plain)
		}
	}
	for _, x := range s.Sections {
		l.gap()
		l.wrap("", x.Title, Heading)
		l.facts("", x.Facts)
		for _, p := range x.Parameters {
			l.setting(p)
		}
	}
	return l.all
}

type lines struct {
	w     int
	whole bool
	all   []Line
}

// broken is text, which is not empty, in lines of at most w cells.
func (l *lines) broken(text string, w int) []string {
	if !l.whole {
		return widget.Wrap(text, max(1, w))
	}
	if widget.Width(text) <= w {
		return []string{text}
	}
	var out []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case widget.Width(line)+1+widget.Width(word) <= w:
			line += " " + word
		default:
			out = append(out, line)
			line = word
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

func (l *lines) gap() { l.all = append(l.all, Line{}) }

// wrap writes text with an indent before each line.
func (l *lines) wrap(indent, text string, look Look) {
	if text == "" {
		return
	}
	for _, t := range l.broken(text, l.w-len(indent)) {
		l.all = append(l.all, Line{indent + strings.TrimRight(t, " "), look})
	}
}

// hang writes text behind a lead, the later lines below its first word. A word
// that is too long for the room beside the lead, such as an address, stands
// below it.
func (l *lines) hang(lead, text string, look Look) {
	long := slices.ContainsFunc(strings.Fields(text), func(word string) bool { return widget.Width(word) > l.w-len(lead) })
	if indent := "    "; long && len(indent) < len(lead) {
		l.all = append(l.all, Line{strings.TrimRight(lead, " "), look})
		lead = indent
	}
	for _, t := range l.broken(text, l.w-len(lead)) {
		l.all = append(l.all, Line{lead + strings.TrimRight(t, " "), look})
		lead = strings.Repeat(" ", len(lead))
	}
}

func (l *lines) facts(indent string, all []Fact) {
	for _, f := range all {
		look := Plain
		if f.Label == "source" || f.Label == "" {
			look = Quiet
		}
		l.hang(indent+widget.FitLine(f.Label, label), f.Text, look)
	}
}

func (l *lines) setting(p Parameter) {
	l.gap()
	l.wrap("", p.Name+"  "+p.Default, Value)
	l.wrap("  ", p.Text, Plain)
	if p.Surprise != "" {
		l.hang("  ! ", p.Surprise, Warning)
	}
	l.facts("  ", p.Facts)
}
