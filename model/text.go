package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes foreign text safe to draw, log and save: one line, without
// control characters, escape sequences, invisible or direction-changing
// characters and invalid UTF-8, and at most limit bytes long.
func Clean(s string, limit int) string {
	var b strings.Builder
	for len(s) > 0 && b.Len() < limit {
		if n := escapeLen(s); n > 0 {
			s = s[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == '\t' || r == '\n':
			r = ' '
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
			continue
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escapeLen is the length of the terminal control sequence at the front of s:
// CSI up to its final byte, OSC, DCS, SOS, PM and APC up to their terminator,
// or ESC with one byte. It is 0 where there is none.
func escapeLen(s string) int {
	if s[0] != 0x1b {
		return 0
	}
	if len(s) == 1 {
		return 1
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_':
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	return 2
}
