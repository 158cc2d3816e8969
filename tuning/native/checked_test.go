package native_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"

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

// TestCheckedIsTrue holds each "Checked with" of a fixture against the real
// tests: one of their files must export this format for this very version.
func TestCheckedIsTrue(t *testing.T) {
	c := model.Embedded()
	paths, err := filepath.Glob("real_*test.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no real tests: %v", err)
	}
	var tests []string
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, string(content))
	}
	claims := 0
	for name, a := range fixtureFiles(t) {
		req, to := fixtureRequest(t, c, a.head)
		files, err := format(t, to).Render(req)
		if err != nil {
			continue // a fixture of a refusal
		}
		for _, f := range files {
			if !strings.Contains(plain(f.Content), "Checked with ") {
				continue
			}
			claims++
			i := req.Document.Path.Index(f.Endpoint)
			product := string(req.Document.Path.Endpoints[i].System)
			if v := req.Document.Path.Endpoints[i].Version; v != "" {
				product += "@" + string(v)
			}
			if !slices.ContainsFunc(tests, func(text string) bool {
				return strings.Contains(text, `"`+to+`"`) && strings.Contains(text, product)
			}) {
				t.Errorf("%s: %s says that files like it were checked for %s, and no real test exports %s for that", name, f.Name, product, to)
			}
		}
	}
	if claims < 20 {
		t.Errorf("only %d fixtures say that they were checked", claims)
	}
}
