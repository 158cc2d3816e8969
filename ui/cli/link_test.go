//go:build !windows

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// tune starts the first session's screen on a terminal of 80 by 24.
func tune(t *testing.T, bin string, env ...string) *screen.Screen {
	t.Helper()
	s := screen.Start(t, bin, screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}, Env: env})
	s.WaitFor("LIMIT 5 s")
	s.Settle(300 * time.Millisecond)
	return s
}

// A terminal that never answers is never asked.
func TestSilentStart(t *testing.T) {
	bin := screen.Build(t)
	for _, args := range [][]string{{"version"}, {"check", "--client", "ie", "--server", "apache"}, {"systems"}} {
		s := screen.Start(t, bin, screen.Options{Args: args})
		s.Exit()
		if strings.Contains(s.Raw(), "\x1b") {
			t.Errorf("keeptune %s sends an escape: %q", args[0], s.Raw())
		}
	}
}

// The screen asks nothing either, and while nothing happens it says nothing and sleeps.
func TestIdleIsSilent(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	for _, query := range []string{"\x1b]11;?", "\x1b[6n", "\x1b[c", "\x1b[>"} {
		if strings.Contains(s.Raw(), query) {
			t.Errorf("it sends the query %q", query)
		}
	}
	said := ""
	for range 5 { // the last of the first frame may come late
		s.Mark()
		woke := wakeUps(t, s.Pid())
		time.Sleep(5 * time.Second)
		if woke = wakeUps(t, s.Pid()) - woke; s.SinceMark() == 0 && woke <= 10 {
			return
		}
		said = fmt.Sprintf("sends %d bytes and wakes %d times in 5 s: %q", s.SinceMark(), woke, s.RawSinceMark())
	}
	t.Error("an idle screen " + said)
}

func TestEditIsCheap(t *testing.T) {
	t.Parallel()
	s := tune(t, screen.Build(t))
	s.Type("right")
	sel(t, s, "KeepAliveTimeout")
	s.Settle(200 * time.Millisecond)
	s.Mark()
	s.Type("+")
	s.WaitUntil("shows no other limit", func(text string) bool { l := limitLine(text); return l != "" && !strings.Contains(l, "LIMIT 5 s") })
	s.Settle(300 * time.Millisecond)
	if n := s.SinceMark(); n > 240 {
		t.Errorf("an edit sends %d bytes", n)
	}
	// Five presses in one read are five steps, and one undo.
	one := stepOf(t, limitLine(s.Text()))
	s.Type("u")
	waitLimit(s, "LIMIT 5 s")
	s.Mark()
	s.Type("+++++")
	waitLimit(s, fmt.Sprintf("LIMIT %d s", 5+5*one))
	s.Settle(300 * time.Millisecond)
	if got := stepOf(t, limitLine(s.Text())); got != 5*one {
		t.Errorf("+++++ makes %d s more, one + makes %d s", got, one)
	}
	if n := s.SinceMark(); n > 480 {
		t.Errorf("five edits send %d bytes", n)
	}
	if s.Blanks() > 1 {
		t.Errorf("the screen was blank %d times", s.Blanks())
	}
}

// stepOf is how much more than 5 s a LIMIT line says.
func stepOf(t *testing.T, line string) int {
	t.Helper()
	d, err := time.ParseDuration(strings.Fields(line)[1] + "s")
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return int(d.Seconds()) - 5
}

// A dropped link keeps the session, and resume opens it.
func TestHangUpSaves(t *testing.T) {
	for name, hangUp := range map[string]func(*screen.Screen){
		"signal": func(s *screen.Screen) { s.Signal(syscall.SIGHUP) },
		"link":   func(s *screen.Screen) { s.HangUp() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			s := tune(t, screen.Build(t), "XDG_STATE_HOME="+state)
			s.Type("right")
			sel(t, s, "KeepAliveTimeout")
			setValue(s, "42s")
			waitLimit(s, "LIMIT 42 s")
			hangUp(s)
			if code := s.Exit(); code != 129 {
				t.Errorf("exit code %d", code)
			}
			saved, err := filepath.Glob(filepath.Join(state, "keeptune", "autosave", "*.toml"))
			if err != nil || len(saved) != 1 {
				t.Fatalf("autosaves: %q, %v", saved, err)
			}
			data, err := os.ReadFile(saved[0])
			if err != nil || !strings.Contains(string(data), "42s") {
				t.Errorf("the autosave is %q, %v", data, err)
			}
			list := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"resume"}, Env: []string{"XDG_STATE_HOME=" + state}})
			list.WaitFor("keeptune resume 1 opens the first of them.")
			again := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"resume", "1"}, Env: []string{"XDG_STATE_HOME=" + state}})
			again.WaitFor("LIMIT 42 s")
			again.WaitFor(" ie@11 > ") // when it was kept and its path, not the name of its file
		})
	}
}

// A panic in a goroutine of the program gives the terminal back.
func TestPanicRestores(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "keeptune") // under this name it is the program
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	s := tune(t, bin, "KEEPTUNE_CRASH=planned for the test")
	s.Type("t", "r")
	if code := s.Exit(); code != 70 {
		t.Errorf("exit code %d", code)
	}
	if !s.Restored() || !s.CookedMode() {
		t.Errorf("the terminal was not given back: %q", s.Raw()[max(0, len(s.Raw())-400):])
	}
	shown := s.Raw()
	if at := strings.LastIndex(shown, "\x1b[?1049l"); at < 0 || !strings.Contains(shown[at:], "planned for the test") {
		t.Error("the panic is not told after the screen was left")
	}
}

// A terminal that cannot show the screen gets a session in lines, or one sentence.
func TestTerminals(t *testing.T) {
	t.Parallel()
	bin := screen.Build(t)
	args := []string{"--client", "ie@11", "--server", "apache"}
	for _, env := range []string{"TERM=dumb", "TERM="} {
		s := screen.Start(t, bin, screen.Options{Args: args, Env: []string{env}})
		s.WaitFor("\n>")
		s.Type("quit", "enter")
		if code := s.Exit(); code != 0 {
			t.Errorf("%s: exit code %d", env, code)
		}
		if text := s.Raw(); !strings.Contains(text, "no terminal UI: TERM") || !strings.Contains(text, "limit 5 s") || strings.Contains(text, "\x1b") {
			t.Errorf("%s: %q", env, text)
		}
	}
	s := screen.Start(t, bin, screen.Options{Args: append(args, "--plain")})
	s.WaitFor("\n>")
	s.Type("quit", "enter")
	if s.Exit(); strings.Contains(s.Raw(), "\x1b") || !strings.Contains(s.Raw(), "limit 5 s") {
		t.Errorf("--plain: %q", s.Raw())
	}
	small := screen.Start(t, bin, screen.Options{Args: args, W: 10, H: 24})
	small.WaitUntil("does not say which size it needs", func(text string) bool {
		return strings.Contains(strings.Join(strings.Fields(text), ""), "40")
	})
	small.Resize(80, 24)
	small.WaitFor("LIMIT 5 s")
	small.Type("q")
	if code := small.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// attribute is what sets a colour, bold and the like.
var attribute = regexp.MustCompile("\x1b\\[[0-9;]*m")

// NO_COLOR and --no-color send no colours, --ascii nothing but ASCII.
func TestPlainLooks(t *testing.T) {
	t.Parallel()
	bin := screen.Build(t)
	for _, o := range []screen.Options{
		{Env: []string{"NO_COLOR=1"}},
		{Args: []string{"--no-color"}},
	} {
		o.Args = append(o.Args, "--client", "ie@11", "--server", "apache")
		s := screen.Start(t, bin, o)
		s.WaitFor("LIMIT 5 s")
		s.Settle(200 * time.Millisecond)
		if bad := attribute.FindString(s.Raw()); bad != "" {
			t.Errorf("%v %v: it sends %q", o.Env, o.Args, bad)
		}
	}
	s := screen.Start(t, bin, screen.Options{Args: []string{"--ascii", "--client", "ie@11", "--server", "apache"}})
	s.WaitFor("LIMIT 5 s")
	for _, r := range s.Text() {
		if r > 0x7e {
			t.Fatalf("--ascii draws %q", r)
		}
	}
}
