//go:build !windows

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// What --format and --output ask for is left when the screen ends: of the last state, not
// of the first.
func TestTheScreenLeavesACheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := screen.Start(t, screen.Build(t), screen.Options{Dir: dir, Args: []string{"ie@11 > apache", "--format", "json", "--output", "left.json"}})
	waitLimit(s, "LIMIT 5 s")
	setValue(s, "190s")
	waitLimit(s, "LIMIT 60 s", "OK")
	leave(s)
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	data, err := os.ReadFile(filepath.Join(dir, "left.json"))
	if text := string(data); err != nil || !strings.Contains(text, `"schema": "keeptune.check/1"`) || !strings.Contains(text, `"idle_s": 60,`) {
		t.Errorf("%v\n%s", err, text)
	}
	if text := s.Text(); !strings.Contains(text, "the check is in left.json") {
		t.Errorf("it does not say where the check is:\n%s", text)
	}
}
