//go:build !windows

package screen

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// Text returns the screen: its lines without the spaces at their ends.
func (s *Screen) Text() string { return strings.Join(s.Lines(), "\n") }

// Lines returns the lines of the screen without the spaces at their ends.
func (s *Screen) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines == nil { // to read the cells takes longer than to wait for new ones
		cols, rows := s.vt.Size()
		s.lines = make([]string, rows)
		line := make([]rune, cols)
		for y := range rows {
			for x := range cols {
				line[x] = s.char(x, y)
			}
			s.lines[y] = strings.TrimRight(string(line), " ")
		}
	}
	return slices.Clone(s.lines)
}

// char is what stands at a place; s.mu is held.
func (s *Screen) char(x, y int) rune {
	if c := s.vt.Cell(x, y).Char; c != 0 {
		return c
	}
	return ' '
}

// empty says whether nothing stands on the screen; s.mu is held.
func (s *Screen) empty() bool {
	cols, rows := s.vt.Size()
	for y := range rows {
		for x := range cols {
			if !unicode.IsSpace(s.char(x, y)) {
				return false
			}
		}
	}
	return true
}

// Contains says whether the text stands on one line of the screen.
func (s *Screen) Contains(text string) bool { return strings.Contains(s.Text(), text) }

// WaitFor waits until each text stands on the screen.
func (s *Screen) WaitFor(texts ...string) {
	s.tb.Helper()
	missing := ""
	s.until(func() bool {
		now := s.Text()
		for _, t := range texts {
			if !strings.Contains(now, t) {
				missing = t
				return false
			}
		}
		return true
	}, func() string { return "does not show " + quote(missing) })
}

// WaitGone waits until the text is no longer on the screen.
func (s *Screen) WaitGone(text string) {
	s.tb.Helper()
	s.until(func() bool { return !s.Contains(text) }, func() string { return "still shows " + quote(text) })
}

// WaitUntil waits until cond holds for the screen's text; what says in a few
// words what did not come about.
func (s *Screen) WaitUntil(what string, cond func(text string) bool) {
	s.tb.Helper()
	s.until(func() bool { return cond(s.Text()) }, func() string { return what })
}

// until looks whenever the screen changes, and now and then for what is not on it.
func (s *Screen) until(cond func() bool, why func() string) {
	s.tb.Helper()
	late := time.After(s.timeout)
	for {
		s.mu.Lock()
		news := s.news // of before the look
		s.mu.Unlock()
		running := s.Running() // before the look: all output of an ended program is read
		if cond() {
			return
		}
		if !running {
			s.tb.Fatalf("the program ended (%v); the screen %s\n%s", s.err, why(), s.frame())
		}
		select {
		case <-news:
			time.Sleep(2 * time.Millisecond) // a frame comes in parts
		case <-s.done:
		case <-time.After(100 * time.Millisecond):
		case <-late:
			s.tb.Fatalf("after %v the screen %s\n%s", s.timeout, why(), s.frame())
		}
	}
}

// Settle waits until the program has sent nothing for a while.
func (s *Screen) Settle(quiet time.Duration) {
	s.tb.Helper()
	deadline := time.Now().Add(s.timeout)
	for s.Running() {
		s.mu.Lock()
		since := time.Since(s.last)
		s.mu.Unlock()
		if since >= quiet {
			return
		}
		if time.Now().After(deadline) {
			s.tb.Fatalf("not quiet for %v within %v\n%s", quiet, s.timeout, s.frame())
		}
		time.Sleep(min(quiet-since, 20*time.Millisecond))
	}
}

// Mark begins to count bytes and time anew.
func (s *Screen) Mark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark, s.marked = len(s.raw), time.Now()
}

// Echo waits for the first byte since Mark and returns how long it took.
func (s *Screen) Echo() time.Duration {
	s.tb.Helper()
	var took time.Duration
	s.until(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		took = s.first.Sub(s.marked)
		return len(s.raw) > s.mark
	}, func() string { return "does not answer" })
	return took
}

// SinceMark returns how many bytes the program sent since Mark, or since its
// start.
func (s *Screen) SinceMark() int { return len(s.RawSinceMark()) }

// RawSinceMark returns those bytes.
func (s *Screen) RawSinceMark() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw[s.mark:])
}

// Raw returns everything the program sent.
func (s *Screen) Raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw)
}

// Blanks returns how often a screen with something on it became empty, as seen
// between two reads: flicker, or the end of the alternate screen.
func (s *Screen) Blanks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blanks
}

// AltScreen says whether the alternate screen is shown.
func (s *Screen) AltScreen() bool { return s.mode()&vt10x.ModeAltScreen != 0 }

// Mouse says whether the program asked for mouse events.
func (s *Screen) Mouse() bool { return s.mode()&vt10x.ModeMouseMask != 0 }

func (s *Screen) mode() vt10x.ModeFlag {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vt.Mode()
}

// CursorVisible says whether the cursor is shown.
func (s *Screen) CursorVisible() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vt.CursorVisible()
}

// Restored says whether the program gave back what can be seen: it left the
// alternate screen, the mouse, focus reports and bracketed paste, and shows
// the cursor. CookedMode tells the rest.
func (s *Screen) Restored() bool {
	raw := s.Raw()
	paste := strings.LastIndex(raw, "\x1b[?2004h") <= strings.LastIndex(raw, "\x1b[?2004l")
	focus := strings.LastIndex(raw, "\x1b[?1004h") <= strings.LastIndex(raw, "\x1b[?1004l")
	return !s.AltScreen() && !s.Mouse() && s.CursorVisible() && paste && focus
}

// CookedMode says whether the terminal echoes and edits lines, as a shell
// expects it.
func (s *Screen) CookedMode() bool {
	cooked := false
	err := s.control(func(fd int) error {
		st, err := unix.IoctlGetTermios(fd, getTermios)
		cooked = err == nil && st.Lflag&unix.ICANON != 0 && st.Lflag&unix.ECHO != 0
		return err
	})
	return err == nil && cooked
}

// frame draws the screen for a failure message.
func (s *Screen) frame() string {
	s.mu.Lock()
	cols, _ := s.vt.Size()
	s.mu.Unlock()
	rule := "+" + strings.Repeat("-", cols) + "+\n"
	var sb strings.Builder
	sb.WriteString(rule)
	for _, l := range s.Lines() {
		sb.WriteString("|" + l + strings.Repeat(" ", max(0, cols-len([]rune(l)))) + "|\n")
	}
	return sb.String() + rule
}

func quote(s string) string { return "\"" + s + "\"" }
