package paint

import (
	tea "github.com/charmbracelet/bubbletea"
)

// shown is a model whose views are drawn here. Bubble Tea calls its methods one after
// the other, so that the program's state needs no lock.
type shown struct {
	tea.Model
	p *Program
}

// Init asks for the size along with what the model begins with.
func (s shown) Init() tea.Cmd { return tea.Batch(s.p.measure, s.Model.Init()) }

// Update lets the model take a message, and does with it what Bubble Tea's renderer
// would.
func (s shown) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	defer s.restore()
	var also tea.Cmd
	switch msg := msg.(type) {
	case dueMsg:
		s.p.due = false
		return s, nil
	case tea.WindowSizeMsg:
		s.p.grid.resize(msg.Width, msg.Height)
	case tea.ResumeMsg: // the terminal may have become another size in between
		if err := s.p.enter(); err != nil {
			return s, tea.Quit
		}
		also = s.p.measure
	}
	switch msg { // types of Bubble Tea without a name
	case tea.ClearScreen():
		s.p.send([]byte(mouseOff + screenOff))
		s.p.clear()
	case tea.EnableMouseCellMotion():
		s.p.o.Mouse = true
		s.p.send([]byte(mouseOn))
	case tea.DisableMouse():
		s.p.o.Mouse = false
		s.p.send([]byte(mouseOff))
	}
	m, cmd := s.Model.Update(msg)
	if also != nil {
		cmd = tea.Batch(also, cmd)
	}
	return shown{m, s.p}, cmd
}

// View draws, and gives Bubble Tea nothing.
func (s shown) View() string {
	defer s.restore()
	s.p.draw(s.Model.View)
	return ""
}

// restore gives the terminal back before Bubble Tea tells of a panic.
func (s shown) restore() {
	if v := recover(); v != nil {
		s.p.leave()
		panic(v)
	}
}
