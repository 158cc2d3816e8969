package native

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
)

// exportMark stands in the first line of a header, before the format's id.
const exportMark = " export "

// headerWidth is where comments are folded, in bytes: with a sign in front they
// have room on a terminal of 80 columns.
const headerWidth = 75

// A heading is what a file's header says beside the request.
type heading struct {
	format  string
	name    string // of the file
	undoOf  string // the file that this one undoes; empty for an export
	runs    bool   // it is commands
	undo    string // the file beside it that undoes it
	subject string // for whom, and where it goes
	checked string
	effect  []string
	notes   []string
	restore []string
}

// lines is the header, without the marks of a comment.
func (h heading) lines(req Request) []string {
	version := req.Version
	if version == "" {
		version = "devel"
	}
	first := fmt.Sprintf("keeptune %s%s%s, %s, knowledge of %s", model.Clean(version, 60), exportMark, h.format, req.Date.Format("2006-01-02"), model.KnowledgeDate)
	var out []string
	say := func(text string) { out = append(out, fold(text, headerWidth)...) }
	if h.undoOf != "" {
		say(strings.Replace(first, exportMark, " undo ", 1))
		if h.runs {
			say("Brings back what was before " + h.undoOf + ".")
		} else {
			say("Brings back what was before " + h.undoOf + ": it takes the place of that file, or of the lines that were copied from it.")
		}
		say(h.subject)
		for _, e := range h.effect {
			say("Effect: " + e)
		}
		return out
	}
	say(first)
	say("Path: " + model.Clean(req.Document.Path.String(), 4000))
	say(h.subject)
	if h.checked != "" {
		say(h.checked)
	}
	for _, e := range h.effect {
		say("Effect: " + e)
	}
	for _, n := range h.notes {
		say("Note: " + n)
	}
	if h.undo != "" {
		say("Undo: " + h.undo + " beside this file.")
	}
	with := ""
	if req.Document.Notes != "" || req.Document.Target != "" {
		with = ", with its notes and target"
	}
	say("keeptune import " + h.name + " opens this session again" + with + ":")
	return append(out, h.restore...)
}

// fold breaks a line at spaces. What has no space stays whole.
func fold(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = "  " + word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
