package term

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A Watch turns the ways a session ends from outside into one cancelled
// context: SIGHUP, SIGTERM, SIGINT, and a terminal that went away. Give its
// Context to tea.WithContext together with tea.WithoutSignalHandler, and
// HangUp to NewInput.
type Watch struct {
	ctx    context.Context
	cancel context.CancelFunc
	caught chan os.Signal

	mu   sync.Mutex
	code int
}

// NewWatch begins to listen for signals. Stop ends it. Where SIGHUP is ignored from the start on,
// as nohup has it, it stays so.
func NewWatch(parent context.Context) *Watch {
	w := &Watch{caught: make(chan os.Signal, 4)}
	w.ctx, w.cancel = context.WithCancel(parent)
	nohup := signal.Ignored(syscall.SIGHUP)
	signal.Notify(w.caught, syscall.SIGTERM, os.Interrupt)
	if !nohup {
		signal.Notify(w.caught, syscall.SIGHUP)
	}
	go w.listen()
	return w
}

func (w *Watch) listen() {
	for {
		select {
		case s := <-w.caught:
			if n, ok := s.(syscall.Signal); ok {
				w.end(128 + int(n))
			}
		case <-w.ctx.Done():
			return
		}
	}
}

// Context is done when the session has to end.
func (w *Watch) Context() context.Context { return w.ctx }

// HangUp says that the terminal is gone; it ends the session like SIGHUP.
func (w *Watch) HangUp() { w.end(128 + int(syscall.SIGHUP)) }

// ExitCode returns 0, or 128 and the number of the signal that ended the
// session (129 for a hang-up). The first one counts.
func (w *Watch) ExitCode() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.code
}

// Stop gives the signals back to their default behaviour.
func (w *Watch) Stop() {
	signal.Stop(w.caught)
	w.cancel()
}

func (w *Watch) end(code int) {
	w.mu.Lock()
	if w.code == 0 {
		w.code = code
	}
	w.mu.Unlock()
	w.cancel()
}
