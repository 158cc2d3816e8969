package keymap

// far is beyond the end of every list.
const far = 1 << 16

// Move is how many lines a key moves through what shows so many rows at once: beyond the
// end where it goes to the first or the last. ok is false for a key that moves nothing.
func Move(id ID, rows int) (by int, ok bool) {
	page := max(1, rows-2) // two lines of what was seen stay
	switch id {
	case Up:
		return -1, true
	case Down:
		return 1, true
	case PageUp:
		return -page, true
	case PageDown:
		return page, true
	case Top:
		return -far, true
	case Bottom:
		return far, true
	default:
		return 0, false
	}
}

// Moves reports whether a key moves something through what is in view.
func Moves(id ID) bool {
	switch id {
	case NextFinding, PrevFinding, NextPart, PrevPart:
		return true
	default:
		_, ok := Move(id, 0)
		return ok
	}
}
