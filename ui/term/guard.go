// Package term settles what the terminal can do before Bubble Tea starts, and
// what happens when it goes away.
//
// Its import is load-bearing. Bubble Tea asks the terminal for its background
// colour in an init function and waits up to five seconds for an answer; the
// guard here answers first. Go initialises, among the packages whose imports
// are ready, the one whose path sorts first, so this package's path must sort
// before github.com/charmbracelet/bubbletea and it may import nothing that
// Bubble Tea does not import as well (a test holds both).
package term

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
