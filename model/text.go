package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes foreign text fit to show and to record: invalid UTF-8, control
// characters (ESC and line breaks included), bidirectional controls and other invisible
// format characters become one "·" per run, and the result holds at most limit runes, the
// last of them "…" when something was cut.
func Clean(s string, limit int) string {
	if isClean(s, limit) {
		return s
	}
	var b strings.Builder
	n, dirty := 0, false
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		bad := r == utf8.RuneError && size <= 1 || !shown(r)
		if bad && dirty {
			s = s[size:]
			continue
		}
		if n+1 >= limit && size < len(s) {
			if limit > 0 {
				b.WriteRune('…')
			}
			return b.String()
		}
		if n == limit {
			return b.String()
		}
		dirty = bad
		if bad {
			r = '·'
		}
		b.WriteRune(r)
		n++
		s = s[size:]
	}
	return b.String()
}

// isClean says whether nothing has to be changed of it, as is nearly always so.
func isClean(s string, limit int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	for _, r := range s {
		if !shown(r) {
			return false
		}
	}
	return true
}

// shown reports whether a rune has a glyph of its own; the blank is the only space kept.
func shown(r rune) bool {
	return r == ' ' || unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r)
}
