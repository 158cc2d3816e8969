// Package paint shows a Bubble Tea program on a terminal. Bubble Tea's own renderer
// looks sixty times a second whether there is something to send, and sends whole
// lines; here a frame is drawn at once when something changed, cell by cell, and
// nothing happens while nothing does.
//
// A program without a renderer gets nothing from Bubble Tea but messages: raw mode,
// the alternate screen, mouse and paste modes, the size, and all of these around a
// suspension are done here.
package paint

import (
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// A Terminal is where a program is shown; term.Terminal is one.
type Terminal interface {
	io.Writer
	Raw() error     // no echo, every key at once
	Restore() error // as before Raw
	Size() (w, h int, err error)
}

// Options say how a program is shown.
type Options struct {
	FPS   int  // frames per second at most, while much changes; 0 for no limit
	Sync  bool // the terminal shows a frame at once when told where it ends (mode 2026)
	Mouse bool // from the beginning; tea.EnableMouseCellMotion and tea.DisableMouse change it
}

// A Program is a Bubble Tea program and its screen.
type Program struct {
	tea  *tea.Program
	tty  Terminal
	o    Options
	up   bool // the screen is ours
	grid grid

	last time.Time // something was drawn
	due  bool      // a frame waits until it may be drawn
}

// New makes a program of a model. Of Bubble Tea's options those about the screen
// and WithFilter have no effect.
func New(m tea.Model, tty Terminal, o Options, options ...tea.ProgramOption) *Program {
	p := &Program{tty: tty, o: o}
	if o.Sync {
		p.grid.begin, p.grid.end = syncOn, syncOff
	}
	if o.Mouse { // the Windows console has to be told before it is read
		options = append(options, tea.WithMouseCellMotion())
	}
	p.tea = tea.NewProgram(shown{m, p}, append(options, tea.WithOutput(io.Discard), tea.WithoutRenderer(), tea.WithFilter(p.leaving))...)
	return p
}

// Send gives a message to the model.
func (p *Program) Send(msg tea.Msg) { p.tea.Send(msg) }

// Resized measures the terminal and draws all of it again.
func (p *Program) Resized() {
	if msg := p.measure(); msg != nil {
		p.Send(msg)
	}
}

// Run shows the model until it quits, and gives the terminal back. It returns the
// model as it was last.
func (p *Program) Run() (tea.Model, error) {
	if _, _, err := p.tty.Size(); err != nil {
		return nil, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	last, err := p.tea.Run()
	if s, ok := last.(shown); ok {
		last = s.Model
	}
	return last, err
}

// What Bubble Tea writes where it has a renderer (its screen.go and tty.go), in one
// piece. A terminal without an alternate screen is cleared, and left at its last line.
const (
	screenOn  = "\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b[?2004h"
	screenOff = "\x1b[999H\x1b[2K\x1b[?2004l\x1b[?1049l\x1b[?25h"
	mouseOn   = "\x1b[?1002h\x1b[?1006h"
	mouseOff  = "\x1b[?1002l\x1b[?1003l\x1b[?1006l"
	syncOn    = "\x1b[?2026h"
	syncOff   = "\x1b[?2026l"
)

// enter takes the terminal.
func (p *Program) enter() error {
	if err := p.tty.Raw(); err != nil {
		return err
	}
	p.up = true
	p.clear()
	return nil
}

// leave gives it back; there is nobody to tell where that fails.
func (p *Program) leave() {
	if !p.up {
		return
	}
	p.up = false
	p.send([]byte(mouseOff + screenOff))
	_ = p.tty.Restore()
}

// clear sets every mode again and begins with an empty screen.
func (p *Program) clear() {
	modes := screenOn
	if p.o.Mouse {
		modes += mouseOn
	}
	p.send([]byte(modes))
	p.grid.forget()
}

// send writes to the terminal. What did not arrive is drawn anew by the next frame;
// that the terminal is gone is noticed by whoever reads from it.
func (p *Program) send(b []byte) {
	if _, err := p.tty.Write(b); err != nil {
		p.grid.forget()
	}
}

// measure is a tea.Cmd.
func (p *Program) measure() tea.Msg {
	w, h, err := p.tty.Size()
	if err != nil {
		return nil
	}
	return tea.WindowSizeMsg{Width: w, Height: h}
}

// leaving gives the terminal back before Bubble Tea stops the process.
func (p *Program) leaving(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.SuspendMsg); ok {
		p.leave()
	}
	return msg
}

// A dueMsg says that the frame that waits may be drawn.
type dueMsg struct{}

// draw shows a view: at once, or with everything else that changes within a frame's
// time of the one before.
func (p *Program) draw(view func() string) {
	if !p.up || p.due || p.grid.h == 0 {
		return
	}
	if p.o.FPS > 0 {
		if wait := time.Second/time.Duration(p.o.FPS) - time.Since(p.last); wait > 0 {
			p.due = true
			time.AfterFunc(wait, func() { p.Send(dueMsg{}) })
			return
		}
	}
	if frame := p.grid.draw(view()); len(frame) > 0 {
		p.send(frame)
	}
	p.last = time.Now()
}
