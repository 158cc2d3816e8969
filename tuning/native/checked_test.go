package native_test

import (
	"strings"
	"testing"

	"example.com/keeptune/tuning/native"
)

// Every format is accepted by a program in the project's tests or says why no
// program does; it has a fixture, and what the fixture writes has an undo.
func TestEveryFormatIsCheckedOrSaysWhyNot(t *testing.T) {
	fixtures := map[string][]archive{}
	for _, a := range fixtureFiles(t) {
		for line := range strings.Lines(a.head) {
			if to, ok := strings.CutPrefix(strings.TrimSpace(line), "to: "); ok {
				fixtures[to] = append(fixtures[to], a)
			}
		}
	}
	for _, f := range native.Formats() {
		checkers := f.Checkers()
		if len(checkers) == 0 || checkers[0] == "" {
			t.Errorf("%s: nothing checks it, and it does not say why", f.ID())
		}
		if f.ID() == "session" || f.ID() == "markdown" || f.ID() == "json" {
			continue // nothing to take back
		}
		undone := false
		for _, a := range fixtures[f.ID()] {
			for _, file := range a.files {
				undone = undone || strings.HasSuffix(file.name, ".undo") || strings.HasPrefix(file.name, "undo-")
			}
		}
		if !undone {
			t.Errorf("%s has no fixture with an undo in testdata", f.ID())
		}
	}
}
