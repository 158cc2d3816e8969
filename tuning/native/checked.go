package native

import (
	"strings"

	"example.com/keeptune/model"
)

// checkedBy are the versions whose exports the project's own tests hand to the
// real program, and the command that does. A version stands for all that begin with it.
var checkedBy = map[model.SystemID]struct {
	version model.Version
	command string
}{
	"nginx":     {"1.22.1", "nginx -t"},
	"apache":    {"2.4.71", "apachectl configtest"},
	"haproxy":   {"2.6.12", "haproxy -c"},
	"node":      {"20.20", "node --check"},
	"go-server": {"1.26", "go vet"},
	"go-client": {"1.26", "go vet"},
	"curl":      {"7.88.1", "curl -K"},
}

// checkedLine says whether a file for this version was run by a real program.
func checkedLine(s *model.System, v model.Version, given bool) string {
	text := subject(s, v)
	if !given {
		text += " (assumed: no version was given)"
	}
	known, ok := checkedBy[s.ID]
	if ok && (v == known.version || strings.HasPrefix(string(v), string(known.version)+".")) {
		return "Checked with " + text + ": files like this one pass " + known.command + "."
	}
	line := "Not run for " + text + "; check it before you use it"
	if ok {
		line += " (" + known.command + ")"
	}
	return line + "."
}
