package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A check says which version of a product the project's own tests hand an
// export to, and the command that does. A version stands for all that begin
// with it.
type check struct {
	system  model.SystemID // empty where the program is not the product: its parser, or another tool
	version model.Version
	command string
}

// covers reports whether the check was made with this version.
func (c check) covers(s *model.System, v model.Version) bool {
	return c.system == s.ID && (v == c.version || strings.HasPrefix(string(v), string(c.version)+"."))
}

// Checkers lists what accepts files of this format in the project's tests, or
// is one sentence that says why nothing does.
func (s *syntax) Checkers() []string {
	if len(s.checks) == 0 {
		return []string{s.unchecked}
	}
	var list []string
	for _, c := range s.checks {
		if !slices.Contains(list, c.command) {
			list = append(list, c.command)
		}
	}
	return list
}

// Checked reports whether a program accepts files of this format in the
// project's tests.
func (s *syntax) Checked() bool { return len(s.checks) > 0 }

// checkedLine says whether a file for this version was run by a real program.
func (s *syntax) checkedLine(sys *model.System, v model.Version, given bool) string {
	text := subject(sys, v)
	if !given {
		text += " (assumed: no version was given)"
	}
	command := ""
	for _, c := range s.checks {
		if c.covers(sys, v) {
			return "Checked with " + text + ": files like this one pass " + c.command + "."
		}
		if c.system == sys.ID {
			command = c.command
		}
	}
	line := "Not run for " + text + "; check it before you use it"
	switch {
	case command != "":
		line += " (" + command + ")."
	case s.unchecked != "":
		line += ". " + s.unchecked
	default:
		line += "."
	}
	return line
}
