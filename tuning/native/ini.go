package native

import (
	"iter"
	"strings"
)

// An iniLine is NAME = VALUE below a [SECTION]; without = the value is empty.
type iniLine struct {
	line                 int
	section, name, value string
	header               bool // it begins the section and says nothing else
}

// iniLines yields the lines of such a file that are no comments. Marks begin a
// comment where a line begins.
func iniLines(text, marks string) iter.Seq[iniLine] {
	return func(yield func(iniLine) bool) {
		section := ""
		for n, line := range numbered(text) {
			if line == "" || strings.ContainsRune(marks, rune(line[0])) {
				continue
			}
			if inner, ok := strings.CutPrefix(line, "["); ok {
				inner, _, _ = strings.Cut(inner, "]")
				section = strings.TrimSpace(inner)
				if !yield(iniLine{line: n, section: section, header: true}) {
					return
				}
				continue
			}
			name, value, _ := strings.Cut(line, "=")
			if !yield(iniLine{line: n, section: section, name: strings.TrimSpace(name), value: strings.TrimSpace(value)}) {
				return
			}
		}
	}
}
