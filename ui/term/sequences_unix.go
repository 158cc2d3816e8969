//go:build !windows

package term

// sequences does nothing: a terminal obeys escape sequences.
func (t *Terminal) sequences() error { return nil }
