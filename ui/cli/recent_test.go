//go:build !windows

package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// The systems of a session come first in the list of the next; looking at the
// list writes nothing, and a state directory that cannot be
// written is no error.
func TestRecentSystems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "state", "keeptune", "recent")
	start := func(state string, args ...string) *screen.Screen {
		return screen.Start(t, screen.Build(t), screen.Options{
			Args: args, Dir: dir, Env: []string{"XDG_STATE_HOME=" + state},
		})
	}
	state := filepath.Join(dir, "state")

	welcome := start(state)
	welcome.WaitFor("What brings you here?")
	welcome.Type("q")
	welcome.WaitGone("What brings you here?")
	welcome.Type("q")
	welcome.Exit()
	if data, err := os.ReadFile(file); err == nil {
		t.Fatalf("%q is remembered, though nothing was chosen", data)
	}

	first := start(state, "--client", "firefox", "--server", "varnish")
	first.WaitFor("LIMIT")
	first.Type("q")
	first.Exit()
	if data, err := os.ReadFile(file); err != nil || string(data) != "firefox\nvarnish\n" {
		t.Fatalf("%q, %v", data, err)
	}

	if err := os.WriteFile(file, []byte("\x00\x1b[2J\nvarnish\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := start(state, "--client", "ie@11", "--server", "apache")
	second.WaitFor("LIMIT")
	second.Type("s")
	second.WaitFor("(recent) Varnish")
	second.Type("esc")
	second.WaitGone("(recent)")
	second.Type("q")
	second.Exit()

	blocked := filepath.Join(dir, "blocked")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	third := start(blocked, "--client", "ie@11", "--server", "apache")
	third.WaitFor("LIMIT")
	third.Type("q")
	if code := third.Exit(); code != 0 {
		t.Errorf("exit code %d where nothing can be remembered", code)
	}
}
