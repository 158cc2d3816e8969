package lawcheck

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Text holds a long text against a file of the test's folder, line by line, or writes the
// file again.
func Text(t testing.TB, file, text string, write bool) {
	t.Helper()
	if write {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("%s (-want +got; go test -update accepts):\n%s", file, diff)
	}
}
