//go:build !windows

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// A configuration is opened, changed and written back by keyboard: its line, in its own
// manner, with a copy beside it.
func TestOpenChangeAndWriteBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conf := filepath.Join(dir, "haproxy.cfg")
	const before = "defaults\n    mode http\n    timeout client 50s\n    timeout server 50s\n    timeout http-keep-alive 10000 # ms\nlisten web\n    bind :80\n"
	if err := os.WriteFile(conf, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"haproxy.cfg"}, Dir: dir, Env: []string{"XDG_STATE_HOME=" + dir + "/state"}})
	s.WaitFor("What is behind haproxy?")
	s.Type("down", "enter")
	s.WaitFor("LIMIT 10 s")
	setValue(s, "65s")
	waitLimit(s, "LIMIT 65 s")
	s.Type("w")
	s.WaitFor("What is to be written?")
	s.Type("enter")
	s.WaitFor("timeout http-keep-alive 65000 # ms")
	s.Type("y")
	s.WaitFor("wrote to")
	s.Type("q")
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	after, err := os.ReadFile(conf)
	if want := strings.Replace(before, "10000", "65000", 1); err != nil || string(after) != want {
		t.Errorf("%v; it says\n%s", err, after)
	}
	if kept, err := os.ReadFile(conf + ".bak"); err != nil || string(kept) != before {
		t.Errorf("%v; the copy says\n%s", err, kept)
	}
}

// A session is saved by keyboard, opened again, and saved to its file; with
// everything saved, nothing is left to resume.
func TestSaveAndReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	options := screen.Options{
		Args: []string{"--client", "ie@11", "--server", "apache"}, Dir: dir,
		Env: []string{"XDG_STATE_HOME=" + dir + "/state"},
	}
	s := screen.Start(t, screen.Build(t), options)
	s.WaitFor("LIMIT 5 s")
	setValue(s, "42s")
	waitLimit(s, "LIMIT 42 s")
	s.WaitFor("unsaved")
	s.Type("w")
	s.Settle(200 * time.Millisecond)
	s.Type("ctrl+u", "edge.toml", "enter")
	s.WaitGone("unsaved")
	s.Type("q")
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	st, err := os.Stat(filepath.Join(dir, "edge.toml"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", st, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "state", "keeptune", "autosave", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left to resume: %q, %v", left, err)
	}

	options.Args = []string{"edge.toml"}
	again := screen.Start(t, screen.Build(t), options)
	waitLimit(again, "LIMIT 42 s")
	again.WaitFor("edge")
	setValue(again, "43s")
	waitLimit(again, "LIMIT 43 s")
	again.WaitFor("unsaved")
	again.Type("w")
	again.WaitGone("unsaved")
	again.WaitFor("saved in edge.toml")
	again.Type("q")
	if code := again.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if code, out := run(t, "check", filepath.Join(dir, "edge.toml"), "--format", "json"); code != 0 || validate("check", string(out)) != nil {
		t.Errorf("the saved session: exit code %d", code)
	}
}
