//go:build !windows

package screen

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sh(t *testing.T, script string, o Options) *Screen {
	t.Helper()
	o.Args = []string{"-c", script}
	return Start(t, Find(t, "sh"), o)
}

func TestTextKeysAndExit(t *testing.T) {
	s := sh(t, `stty raw -echo; printf 'ready\r\n'; dd bs=1 count=4 2>/dev/null | od -An -tx1; exit 7`, Options{W: 60, H: 10})
	s.WaitFor("ready")
	if s.CookedMode() {
		t.Error("raw mode is not seen")
	}
	s.Type("up", "ctrl+r")
	s.WaitFor("1b 5b 41 12")
	if code := s.Exit(); code != 7 {
		t.Errorf("exit status %d", code)
	}
	if s.Running() || s.Contains("nowhere") || len(s.Lines()) != 10 {
		t.Error("the screen is not what it was")
	}
}

func TestBytesAndSettling(t *testing.T) {
	s := sh(t, `printf one; read x; printf 12345; read x`, Options{})
	s.WaitFor("one")
	s.Settle(50 * time.Millisecond)
	s.Mark()
	s.Settle(50 * time.Millisecond)
	if n := s.SinceMark(); n != 0 {
		t.Errorf("%d bytes while idle", n)
	}
	s.Type("enter")
	s.WaitFor("12345")
	if got := s.RawSinceMark(); got != "\r\n12345" { // the terminal echoes Enter
		t.Errorf("%q since the mark", got)
	}
}

func TestModes(t *testing.T) {
	s := sh(t, `printf 'before\033[?1049h\033[?25l\033[?1002h\033[?2004hinside'; read x; printf '\033[?2004l\033[?1002l\033[?25h\033[?1049lafter'; read x`, Options{})
	s.WaitFor("inside")
	if !s.AltScreen() || s.CursorVisible() || !s.Mouse() || s.Restored() {
		t.Error("the alternate screen is not seen")
	}
	s.Type("enter")
	s.WaitFor("before", "after")
	if !s.Restored() {
		t.Errorf("not restored: %q", s.Raw())
	}
}

func TestResizeAndSignals(t *testing.T) {
	if !sh(t, `printf x; read x`, Options{}).CookedMode() {
		t.Error("a fresh terminal is not cooked")
	}
	s := sh(t, `trap 'stty size' WINCH; printf ready; while :; do sleep 0.02; done`, Options{})
	s.WaitFor("ready")
	s.Resize(100, 30)
	s.WaitFor("30 100")
	s.Signal(syscall.SIGTERM)
	if code := s.Exit(); code != 143 {
		t.Errorf("exit status %d", code)
	}
}

func TestModeAfterTheEnd(t *testing.T) {
	for script, want := range map[string]bool{"stty raw": false, "stty raw; stty sane": true} {
		s := sh(t, script, Options{})
		s.Exit()
		if got := s.CookedMode(); got != want {
			t.Errorf("after %q cooked is %v", script, got)
		}
	}
}

// Keys for a program that has ended meanwhile keep no test.
func TestTypingAfterTheEnd(t *testing.T) {
	s := sh(t, `stty raw; printf gone`, Options{})
	s.Exit()
	s.Send(strings.Repeat("y", 1<<20))
}

func TestHangUp(t *testing.T) {
	s := sh(t, `printf ready; while :; do sleep 0.02; done`, Options{})
	s.WaitFor("ready")
	s.Resize(90, 20)
	_ = s.CookedMode()
	s.HangUp()
	if code := s.Exit(); code != 129 {
		t.Errorf("exit status %d", code)
	}
}

func TestBlanksAreSeen(t *testing.T) {
	s := sh(t, `printf full; read x; printf '\033[2J\033[H'; read x; printf again; read x`, Options{})
	s.WaitFor("full")
	s.Type("enter")
	s.WaitGone("full")
	s.Type("enter")
	s.WaitFor("again")
	if s.Blanks() != 1 {
		t.Errorf("%d blank screens", s.Blanks())
	}
}

func TestSplitCharacters(t *testing.T) {
	s := sh(t, `printf '\342'; sleep 0.05; printf '\224'; sleep 0.05; printf '\200x\n'; read x`, Options{})
	s.WaitFor("─x")
}

func TestSVG(t *testing.T) {
	s := sh(t, `printf 'a<b \033[1;31mRACE\033[0m \033[7mselected\033[0m'; read x`, Options{W: 40, H: 3})
	s.WaitFor("selected")
	svg := string(s.SVG())
	for _, want := range []string{"a&lt;b", ">RACE</text>", `font-weight="bold"`, `fill="` + colours[9] + `"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %s:\n%s", want, svg)
		}
	}
	if svg != string(s.SVG()) {
		t.Error("two pictures of one screen differ")
	}
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
