package term

import "unicode/utf8"

// incomplete says whether what was read ends inside an escape sequence or a
// multi-byte character, so that the rest is likely on its way. A lone ESC
// counts: it may be the key or the beginning of a sequence.
func incomplete(b []byte) bool {
	for i := len(b) - 1; i >= 0 && i >= len(b)-32; i-- {
		if b[i] == 0x1b {
			return openSequence(b[i+1:])
		}
	}
	return openRune(b)
}

// isRest says whether what was read at once is a whole sequence but for its ESC,
// and nothing else. Nobody types that fast.
func isRest(b []byte) bool {
	return len(b) > 1 && (b[0] == '[' || b[0] == 'O') && !openSequence(b) && len(b) == sequenceLength(b)
}

// sequenceLength is the length of the sequence at the beginning of what follows an
// ESC: O and one byte, or [ up to its final byte.
func sequenceLength(b []byte) int {
	if b[0] == 'O' {
		return 2
	}
	for i := 1; i < len(b); i++ {
		if c := b[i]; c >= 0x40 && c <= 0x7e && (c != '[' || i > 1) {
			if c == 'M' && i == 1 {
				return i + 4
			}
			return i + 1
		}
	}
	return len(b)
}

// openSequence takes what follows the last ESC.
func openSequence(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	switch rest[0] {
	case 'O':
		return len(rest) == 1
	case '[':
		if len(rest) >= 2 && rest[1] == 'M' { // X10 mouse: three bytes follow
			return len(rest) < 5
		}
		for i, c := range rest[1:] {
			if c == '[' && i == 0 { // Linux console function keys: ESC [ [ A
				continue
			}
			if c >= 0x40 && c <= 0x7e {
				return openRune(rest[i+2:])
			}
		}
		return true
	}
	return openRune(rest)
}

func openRune(b []byte) bool {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			return b[i] >= utf8.RuneSelf && !utf8.FullRune(b[i:])
		}
	}
	return false
}
