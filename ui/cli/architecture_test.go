package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documented are the files and packages that a document names by their paths.
var documented = regexp.MustCompile("`((?:model|tuning|ui|docs|findings|examples)/[\\w./-]+)`")

// What ARCHITECTURE.md, CONTRIBUTING.md and README.md name is there; capital letters stand for
// a name of one's own.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"} {
		data, err := os.ReadFile(filepath.Join("../..", doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range documented.FindAllStringSubmatch(string(data), -1) {
			path := m[1]
			if strings.Contains(path, "NAME") || strings.Contains(path, "GROUP") || strings.Contains(path, "/ID") {
				path = filepath.Dir(path)
			}
			if _, err := os.Stat(filepath.Join("../..", path)); err != nil {
				t.Errorf("%s names %s, which is not there", doc, m[1])
			}
		}
	}
}
