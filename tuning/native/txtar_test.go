package native_test

import (
	"strings"
	"testing"
)

// An archive is a txtar file: a head and named files behind -- name -- lines.
type archive struct {
	head  string
	files []archived
}

type archived struct{ name, text string }

func parseArchive(text string) archive {
	var a archive
	for line := range strings.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- ")
		if name, end := strings.CutSuffix(name, " --"); ok && end {
			a.files = append(a.files, archived{name: name})
			continue
		}
		if n := len(a.files); n > 0 {
			a.files[n-1].text += line
		} else {
			a.head += line
		}
	}
	return a
}

func (a archive) String() string {
	var b strings.Builder
	b.WriteString(a.head)
	for _, f := range a.files {
		b.WriteString("-- " + f.name + " --\n" + f.text)
	}
	return b.String()
}

func TestArchive(t *testing.T) {
	text := "head: 1\n-- a --\none\n-- b --\ntwo\n\n"
	if got := parseArchive(text).String(); got != text {
		t.Errorf("got %q", got)
	}
}
