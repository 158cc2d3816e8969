// Command silent links Bubble Tea and says one word; the test around it holds
// that the terminal is asked nothing.
package main

import (
	"os"

	tea "github.com/charmbracelet/bubbletea"

	_ "example.com/keeptune/ui/term"
)

func main() {
	_ = tea.Quit
	_, _ = os.Stdout.WriteString("quiet\n")
}
