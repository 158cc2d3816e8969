package trial_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// withSystemd is set for programs on a host where systemd runs.
const withSystemd = "TRIAL_TEST_SYSTEMD"

// systemdRun puts a systemd-run before all others on a command's PATH, which notes what it is
// asked in a file, a word a line, and then does as a text of the shell says.
func systemdRun(t *testing.T, does string) (env []string, noted string) {
	t.Helper()
	dir := t.TempDir()
	noted = filepath.Join(dir, "noted")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + noted + "\n" + does + "\n"
	if err := os.WriteFile(filepath.Join(dir, "systemd-run"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), withSystemd+"=1"), noted
}

// takesPlace is what systemd-run --scope does: it becomes the program.
const takesPlace = `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`

// Where systemd runs, the guard is started in a scope of it, with all that it needs; and in a
// session of its own where systemd-run is not there, or fails.
func TestGuardUnderSystemd(t *testing.T) {
	for name, does := range map[string]string{"a scope": takesPlace, "it fails": "exit 1", "its bus is gone": "kill -9 $$"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, list := engine(t), cells(t, "a", "b")
			o := order{Dir: e.Dir, Plan: wishes(t, "new", list...), Window: time.Hour, Then: "stay"}
			cmd := command(t, o)
			env, noted := systemdRun(t, does)
			cmd.Env = append(env, cmd.Env[len(os.Environ()):]...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			holds(t, "new", list...)
			data, err := os.ReadFile(noted)
			words := strings.Split(strings.TrimSpace(string(data)), "\n")
			if err != nil {
				t.Fatal(err)
			}
			st, err := e.Open()
			if err != nil || st == nil {
				t.Fatal(err)
			}
			end := slices.Index(words, "--")
			if end < 0 || !slices.Contains(words[:end], "--scope") || !slices.Contains(words[:end], "--unit=keeptune-trial-"+st.ID) || !slices.Equal(words[end+2:], []string{"guards", st.ID + ".jsonl"}) {
				t.Errorf("systemd-run is asked %q", words)
			}
			guard := guardOf(t, e)
			if sid, err := unix.Getsid(guard); err != nil || sid != guard {
				t.Errorf("the guard %d is in session %d, %v", guard, sid, err)
			}
			killAndWait(t, guard, syscall.SIGTERM) // as systemd does when the host goes down
			guardEnds(t, e)
			holds(t, "old", list...)
		})
	}
}

// Without systemd, or for another user than root, nothing of it is asked.
func TestGuardWithoutSystemd(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	cmd := command(t, order{Dir: e.Dir, Plan: wishes(t, "new", list...), Window: time.Hour, Then: "stay"})
	env, noted := systemdRun(t, takesPlace)
	env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, withSystemd) })
	cmd.Env = append(env, cmd.Env[len(os.Environ()):]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	killAndWait(t, guardOf(t, e), syscall.SIGTERM)
	guardEnds(t, e)
	holds(t, "old", list...)
	if _, err := os.Stat(noted); err == nil {
		t.Error("systemd-run was asked")
	}
}
