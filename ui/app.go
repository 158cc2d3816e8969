package ui

import (
	"context"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/session"
)

// An outcome is what outlives the program: its context, what runs in it, the
// state to save and how it ended. Only Update, View and finish touch it, and
// never at the same time.
type outcome struct {
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	session session.Session
	seq     uint64
	discard bool
	crash   *crashMsg
	said    []string
}

type app struct {
	cfg Config
	out *outcome
}

func newApp(ctx context.Context, cancel context.CancelFunc, c Config) app {
	return app{cfg: c, out: &outcome{ctx: ctx, cancel: cancel, session: c.Session}}
}

func (a app) Init() tea.Cmd { return nil }

func (a app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok && (k.String() == "q" || k.String() == "ctrl+c") {
		return a, tea.Quit
	}
	return a, nil
}

func (a app) View() string { return a.out.session.Document().Path.String() }
