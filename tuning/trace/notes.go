package trace

import (
	"fmt"
	"iter"
)

func keys[K comparable, V any](m map[K]V) iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Notes say what of the capture makes its conclusions weaker, each in a sentence.
func (c *Counts) Notes() []string {
	var all []string
	note := func(n int, one, more string) {
		switch {
		case n == 1:
			all = append(all, one)
		case n > 1:
			all = append(all, fmt.Sprintf(more, n))
		}
	}
	note(c.Began, "1 connection began before the capture: what it carried before is not known.",
		"%d connections began before the capture: what they carried before is not known.")
	note(c.OneSided, "Of 1 connection one direction alone was captured: nothing is concluded from it.",
		"Of %d connections one direction alone was captured: nothing is concluded from them.")
	note(c.Lossy, "Of 1 connection packets are missing or out of order: its times do not count.",
		"Of %d connections packets are missing or out of order: their times do not count.")
	note(c.Unknown, "Of 1 connection it can't be told which end is the server.",
		"Of %d connections it can't be told which end is the server.")
	note(c.Copies, "1 packet was captured twice and counts once.", "%d packets were captured twice and count once.")
	note(c.Unfollowed, "1 packet belongs to more connections than are followed at once.",
		"%d packets belong to more connections than are followed at once.")
	return all
}
