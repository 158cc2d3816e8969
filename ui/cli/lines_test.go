//go:build !windows

package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/scripted"
	"example.com/keeptune/ui/internal/screen"
)

// A whole session in lines, on a terminal that cannot move the cursor: from a symptom
// over a setting, a finding and its remedy, a live test and an export to the end. Nothing
// is drawn: no sequence, no frame, no carriage return but those of the terminal.
func TestSessionInLines(t *testing.T) {
	t.Parallel()
	addr, stop, err := scripted.Listen(context.Background(), scripted.Script{Idle: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	dir := t.TempDir()
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--config", "none"}, Dir: dir, W: 80, H: 400, Env: []string{"TERM=dumb"}})
	say := func(line string, want ...string) {
		t.Helper()
		before := strings.Count(s.Text(), "\n>")
		s.Type(line, "enter")
		s.WaitUntil("does not answer with "+strings.Join(want, ", "), func(text string) bool {
			for _, w := range want {
				if !strings.Contains(text, w) {
					return false
				}
			}
			return strings.Count(text, "\n>") > before
		})
	}
	s.WaitFor("this is a session in", "What brings you here?", "502, 503 or 504", "\n>")
	say("1", "verdict: RACE, limit 6 s by node keepAliveTimeout")
	say("list keepAliveTimeout", "server node keepAliveTimeout is 5 s, default")
	say(rowOf(t, s, "server node keepAliveTimeout is"), "selected: server node keepAliveTimeout is 5 s")
	say("set 61s", "now: server node keepAliveTimeout is", "typed, changed", "verdict: OK, limit")
	say("list keepAliveTimeout", "typed, changed, selected")
	say("u", "verdict: RACE, limit 6 s")
	say("findings", "1  warning ORD-1: the server may close while the client still reuses")
	say("why 1", "because node may close after 6 s", "wrong if the client never", "source: Microsoft KB833301")
	say("fix 1", "1  let node wait longer", "leads to: OK", "Type a number; Enter alone leaves")
	say("", "left as it was")
	say("solve", "solve NAME=NUMBER gives a goal", "hold: quiet connections outlive boxes of")
	say("solve lost=0", "looking for settings", "at most 0 %: not met, up to", "node keepAliveTimeout 65 s, now 5 s", "1  take: take the proposal")
	say("take", "node keepAliveTimeout is 65 s: OK margin 5.93 s")
	say("compare", "gone: warning ORD-1 on leg 3")
	say("census state:listen", "SOCKETS  this host, state:listen")
	say("census remote:192.0.2.1", "SOCKETS  this host, remote:192.0.2.1")
	say("u", "undone: node keepAliveTimeout is 5 s   u undoes 1 more")
	say("fix ORD-1", "Type a number; Enter alone leaves everything as it is.")
	say("1", "verdict: OK, limit 60 s by nginx keepalive_timeout")
	say("target http://" + addr + "/")
	say("test", "test: connection 1 (idle): closed with a FIN after")
	say("stop", "the test ended: stopped")
	say("export node", "keepAliveTimeout", "end of keeptune-node")
	say("files new", "wrote to new: keeptune-node.cjs.undo, keeptune-node.cjs")
	say("journal", "ORD-1: let node wait longer")
	say("keys tune.edit f8", "tune.edit is f8, was Enter =, until keeptune ends; keys keep")
	say("keys tune.edit x", "x is taken", "1  yes: take it for tune.edit")
	say("2")
	say("keys tune.edit", "tune.edit: f8, edit the value", "here, not", "keys NAME KEY… gives other keys")
	say("keys keep", "not done: no configuration file is read in this run")
	say("fly", "not done: there is no command \"fly\"")
	say("quit", "Quit without saving?", "1  yes: quit", "3  no: stay")
	say("save", "save as? Enter takes ./session.toml")
	s.Type("enter")
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.Text())
	}
	if text := s.Text(); strings.Contains(text, "q close") || strings.Contains(text, "counting the sockets") {
		t.Errorf("keys of the screen, or a count that never came, are told:\n%s", text)
	}
	raw := s.Raw()
	if regexp.MustCompile("\x1b|[│┌─└|]{2}|\r[^\n]").MatchString(raw) {
		t.Errorf("something was drawn: %q", raw)
	}
	for line := range strings.Lines(raw) {
		if n := len([]rune(strings.TrimRight(line, "\r\n"))); n > 160 { // a prompt with what was typed, a line of a file
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, name := range []string{"session.toml", "new/keeptune-node.cjs", "new/keeptune-node.cjs.undo"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// rowOf is the number of the row of the list that has the text.
func rowOf(t *testing.T, s *screen.Screen, text string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^(\d+)  `+regexp.QuoteMeta(text)).FindAllStringSubmatch(s.Text(), -1)
	if m == nil {
		t.Fatalf("no row has %q\n%s", text, s.Text())
	}
	return m[len(m)-1][1]
}

// The end of the input and a signal keep the session.
func TestLinesKeepTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*screen.Screen){
		"end of input": func(s *screen.Screen) { s.Type("ctrl+d") },
		"signal":       func(s *screen.Screen) { s.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			s := screen.Start(t, screen.Build(t), screen.Options{
				Args: []string{"--config", "none", "--plain", "ie@11 > apache"}, Dir: t.TempDir(), Env: []string{"XDG_STATE_HOME=" + state},
			})
			s.WaitFor("verdict: RACE", "\n>")
			s.Type("set apache:KeepAliveTimeout 190s", "enter")
			s.WaitFor("verdict: OK")
			end(s)
			s.Exit()
			kept, err := filepath.Glob(filepath.Join(state, "keeptune", "autosave", "*"))
			if err != nil || len(kept) == 0 {
				t.Errorf("nothing was kept: %v\n%s", err, s.Text())
			}
		})
	}
}
