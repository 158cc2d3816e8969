//go:build !windows

package screen

import (
	"strings"
	"time"
)

// sequences are what a terminal in xterm's default modes sends.
var sequences = map[string]string{
	"enter": "\r", "tab": "\t", "esc": "\x1b", "backspace": "\x7f", "space": " ",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D",
	"shift+tab": "\x1b[Z", "home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "delete": "\x1b[3~",
}

// Type presses keys one after the other without waiting, so that a program
// sees them in bursts. A key is named as Bubble Tea names it; "ctrl+x" is a
// control character; any other text is typed as it is.
func (s *Screen) Type(keys ...string) {
	s.tb.Helper()
	var sb strings.Builder
	for _, k := range keys {
		sb.WriteString(sequence(k))
	}
	s.Send(sb.String())
}

// Press presses a key, waits until the program answers it, ends, or has not for five
// seconds, and until it is quiet then.
func (s *Screen) Press(key string) {
	s.tb.Helper()
	s.Mark()
	s.Type(key)
	for late := time.Now().Add(5 * time.Second); s.Running() && s.SinceMark() == 0 && time.Now().Before(late); {
		time.Sleep(5 * time.Millisecond)
	}
	s.Settle(200 * time.Millisecond)
}

// Paste sends text as a bracketed paste.
func (s *Screen) Paste(text string) {
	s.tb.Helper()
	s.Send("\x1b[200~" + text + "\x1b[201~")
}

func sequence(key string) string {
	if seq, ok := sequences[key]; ok {
		return seq
	}
	if c, ok := strings.CutPrefix(key, "ctrl+"); ok && len(c) == 1 {
		return string(rune(c[0] & 0x1f))
	}
	return key
}
