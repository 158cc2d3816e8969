// Command wired is the least program that uses package term as keeptune does:
// it shows the keys it got and ends by every way a session ends.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/paint"
	"example.com/keeptune/ui/term"
)

type model struct{ keys []string }

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok {
		if k.String() == "q" {
			return m, tea.Quit
		}
		m.keys = append(m.keys, k.String())
	}
	return m, nil
}

func (m model) View() string { return "keys: " + strings.Join(m.keys, ",") + ";" }

func main() {
	if ok, why := term.Usable(os.Stdin, os.Stdout, os.Getenv("TERM")); !ok {
		fmt.Fprintln(os.Stderr, "no terminal UI:", why)
		os.Exit(2)
	}
	watch := term.NewWatch(context.Background())
	caps := term.Decide(term.Options{}, os.Getenv)
	caps.Apply()
	in := term.NewInput(os.Stdin, watch.HangUp)
	if len(os.Args) > 1 { // patient: for a test that types slowly
		in.Lone = time.Minute
	}
	p := paint.New(model{}, term.NewTerminal(os.Stdin, os.Stdout), paint.Options{FPS: caps.FPS},
		tea.WithoutSignalHandler(), tea.WithContext(watch.Context()), tea.WithInput(in))
	_, err := p.Run()
	watch.Stop()
	if watch.ExitCode() == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(watch.ExitCode())
}
