//go:build !windows

package cli_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// Ctrl+Z gives the terminal to the shell and fg takes it back, at the size that it
// has by then, with the mouse.
func TestSuspend(t *testing.T) {
	t.Parallel()
	sh := screen.Find(t, "bash")
	const job = `set -m; "$0" --client ie@11 --server apache --mouse; echo parked; read x; fg; echo unparked`
	s := screen.Start(t, sh, screen.Options{Args: []string{"-c", job, screen.Build(t)}})
	s.WaitFor("LIMIT 5 s")
	s.WaitUntil("has no mouse", func(string) bool { return s.Mouse() })
	s.Type("ctrl+z")
	s.WaitFor("parked")
	if !s.Restored() || !s.CookedMode() {
		t.Errorf("the shell did not get its terminal back:\n%q", s.Raw())
	}
	s.Resize(100, 30)
	s.Type("enter")
	s.WaitFor("LIMIT 5 s")
	s.WaitUntil("is not as wide as the terminal", func(string) bool { return rightmost(s) > 80 })
	if !s.AltScreen() || !s.Mouse() || s.CookedMode() {
		t.Error("not everything is as before")
	}
	s.Type("?")
	s.WaitFor("one coarse step more")
	s.Type("q")
	s.WaitGone("one coarse step more")
	s.Type("q")
	s.WaitFor("unparked") // a word that keeptune does not say
	if !s.Restored() || !s.CookedMode() {
		t.Error("the terminal was not given back")
	}
}

// rightmost is the last column that has something in it, counted from one.
func rightmost(s *screen.Screen) int {
	most := 0
	for _, l := range s.Lines() {
		most = max(most, len([]rune(l)))
	}
	return most
}

// A window that is dragged leaves nothing of its sizes, however many there were.
func TestResizeStorm(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	before := s.Text()
	for i := range 200 {
		s.Resize(30+(i*37)%120, 8+(i*13)%40)
	}
	s.Resize(39, 12)
	s.WaitFor("here are 39 and 12")
	for i := range 50 {
		s.Resize(80+i%2, 24+i%3)
	}
	s.Resize(80, 24)
	s.WaitUntil("is not what it was:\n"+before, func(text string) bool { return text == before })
}

// Ctrl+L mends a screen that something else wrote to.
func TestRepaint(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	before := s.Text()
	s.Overwrite("\x1b[2J\x1b[5;5Hwall: the machine goes down")
	s.WaitFor("wall")
	s.Type("ctrl+l")
	s.WaitUntil("is not what it was:\n"+before, func(text string) bool { return text == before })
}

// Text of two cells a character stands where it should, and what is beside it stays.
func TestWideName(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	s.Type(":")
	s.Type("世界 é")
	s.WaitFor("世")
	raw := s.Raw()
	if !strings.Contains(raw, "世\x1b[") {
		t.Errorf("the cursor's place behind a wide character is left to the terminal: %q", raw)
	}
	s.Type("ctrl+u", "esc")
	s.WaitGone("世")
}

// tmux, which draws again what it was sent and has synchronized output in its newer
// versions, shows what any terminal shows, text of two cells a character too.
func TestInTmux(t *testing.T) {
	t.Parallel()
	tmux := screen.Find(t, "tmux")
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/conf", []byte("set -g default-terminal tmux-256color\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), tmux, append([]string{"-S", dir + "/socket", "-f", dir + "/conf"}, args...)...)
		cmd.Env = screen.Env(t)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	args := []string{"--client", "ie@11", "--server", "apache"}
	run(append([]string{"new-session", "-d", "-x", "100", "-y", "30", screen.Build(t)}, args...)...)
	inside, err := strconv.Atoi(strings.TrimSpace(run("display-message", "-p", "#{pane_pid}")))
	if err != nil {
		t.Fatal(err)
	}
	s := screen.Start(t, screen.Build(t), screen.Options{Args: args, W: 100, H: 30})
	defer s.WaitUntil("is left, and the one inside tmux has not ended", func(string) bool { return syscall.Kill(inside, 0) != nil }) // it saves its session yet
	defer run("kill-server")
	s.WaitFor("LIMIT 5 s")
	shows := func(what string) {
		t.Helper()
		s.WaitUntil("is not what tmux shows "+what, func(text string) bool {
			there := strings.Split(run("capture-pane", "-p"), "\n")
			for i, l := range strings.Split(text, "\n") {
				if i >= len(there)-1 && l != "" || i < len(there) && strings.TrimRight(there[i], " ") != l {
					return false
				}
			}
			return strings.Contains(text, "keeptune")
		})
	}
	shows("at first")
	for _, key := range []string{"+", "Down", "2", "1", "?", "q", "i"} {
		run("send-keys", key)
		s.Type(strings.ToLower(key))
		shows("after " + key)
	}
	run("send-keys", ":")
	run("send-keys", "-l", "世界x")
	s.WaitUntil("is not alone: tmux does not show wide text", func(string) bool { return strings.Contains(run("capture-pane", "-p"), ":世界x") })
	run("send-keys", "BSpace", "BSpace", "BSpace", "Escape")
	shows("after wide text was taken away")
}

// Keys that a link held back and delivers at once all count, and the last is drawn.
func TestHeldKey(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	const first = "KeepAlive"
	s.Type("end")
	s.WaitUntil("does not go to the end", func(text string) bool { return selected(text) != "" && strings.Contains(text, "more above") })
	last := selected(s.Text())
	s.Type("home")
	s.WaitUntil("has not selected "+first, func(text string) bool { return selected(text) == first })
	s.Send(strings.Repeat("\x1b[B", 300))
	s.WaitUntil("has not selected "+last, func(text string) bool { return selected(text) == last })
	s.Send(strings.Repeat("\x1b[A", 300))
	s.WaitUntil("has not selected "+first, func(text string) bool { return selected(text) == first })
}
