// Package ui is keeptune on a terminal: the program's root and everything it
// needs from outside, as an interface. What is drawn is in pane, overlay and
// widget; what is computed is below, in tuning.
package ui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/paint"
	"example.com/keeptune/ui/redact"
	"example.com/keeptune/ui/term"
	"example.com/keeptune/ui/theme"
)

// Config is what a run of the terminal UI needs.
type Config struct {
	Session  session.Session
	File     string // session file; "" for a new one
	Title    string // of a session without a file; "" for its name
	Formats  []native.Format
	Theme    theme.Theme
	FPS      int  // frames per second at most
	Sync     bool // the terminal has synchronized output
	Mouse    bool
	Version  string
	In, Out  *os.File
	Now      func() time.Time
	Effects  Effects
	Trials   Trials               // nil where this host may not be changed
	Notice   string               // a sentence to begin with; "" for none
	Imported *contract.Imported   // the configuration that the session was read from; nil for none
	Open     *contract.ImportFile // configurations to begin with, about which something has to be asked; nil for none
	// Welcome lays the question "What brings you here?" over the first screen.
	Welcome     bool
	Preset      string       // whose leg and setting to begin at; "" for none
	Debug       *slog.Logger // may be nil
	Clipboard   term.Clipboard
	TestOnStart bool
	Replay      []livetest.Event  // a recorded test to begin with
	Reports     []contract.Report // what a test can be written as
	WireReports []contract.WireReport
	Token       string           // of a far end, where it is known already
	CrashDir    string           // where crash reports are kept; "" for nowhere
	Recent      []model.SystemID // used in earlier sessions, the latest first
	Options     options.Loaded
	Told        func(livetest.Event) string           // an event of a live test as a line of progress; for a session in lines
	Summary     func(contract.Tested) ([]byte, error) // what a live test found, as text without a chart; for the same
	Restyle     func(options.Loaded) theme.Theme      // the looks that go with options; nil where they stay as they are
	Redact      *redact.Redactor                      // stand-ins for names in all that is shown, copied and exported; nil for none
}

// A Result is how a run ended.
type Result struct {
	ExitCode int              // 0, or 128 and the number of the signal that ended it
	Stuck    bool             // the terminal takes no output: nothing should be written to it
	Document model.Document   // as it was in the end
	Farewell string           // a summary to print after the screen is gone, "" for none
	Recent   []model.SystemID // used in this session, the latest first; none where it was only looked at
}

// A CrashError is a panic of the program, after the terminal was restored.
type CrashError struct {
	Value any
	Stack []byte
	File  string // the crash report; "" where it could not be kept
}

// Error is one sentence; the stack is a field.
func (e *CrashError) Error() string {
	msg := fmt.Sprintf("keeptune crashed: %v", e.Value)
	if e.File != "" {
		msg += "; the report is in " + e.File
	}
	return msg + "; the session was kept, keeptune resume 1 opens it"
}

// patience is how long the end of the program waits for what still runs.
const patience = 700 * time.Millisecond

// Run shows the terminal UI until the user leaves, a signal ends it or the
// terminal goes away. Whatever the reason, the document is autosaved first if
// it has unsaved changes.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	watch := term.NewWatch(ctx)
	defer watch.Stop()
	inner, cancel := context.WithCancel(watch.Context())
	defer cancel()
	a := newApp(inner, cancel, c)
	tty := term.NewTerminal(c.In, c.Out)
	tty.Until(inner.Done())
	program := paint.New(a, tty, paint.Options{FPS: c.FPS, Sync: c.Sync, Mouse: c.Mouse},
		tea.WithContext(inner), tea.WithoutSignalHandler(), tea.WithInput(term.NewInput(c.In, watch.HangUp)))
	term.OnResize(inner, program.Resized)
	_, err := program.Run()
	cancel()
	r, err := a.out.finish(c, watch.ExitCode(), err)
	r.Recent, r.Stuck = a.out.used(c.Welcome), tty.Stuck()
	return r, err
}

// finish saves what must not be lost, waits a moment for what still runs, and
// says how it ended.
func (o *outcome) finish(c Config, signal int, err error) (Result, error) {
	if c.Effects != nil && o.session.Dirty() {
		if serr := c.Effects.Autosave(o.seq+1, o.session.Document()); serr != nil && c.Debug != nil {
			c.Debug.Error("autosave", "err", serr)
		}
	}
	late := time.After(patience)
	for _, gone := range o.running {
		select {
		case <-gone:
			continue
		case <-late:
		}
		break
	}
	r := Result{ExitCode: signal, Document: o.session.Document(), Farewell: o.farewell()}
	switch {
	case o.crash != nil:
		r.ExitCode, r.Farewell = 70, ""
		crash := &CrashError{Value: o.crash.value, Stack: o.crash.stack}
		if c.CrashDir != "" {
			if path, werr := term.WriteCrash(c.CrashDir, c.Now(), crash.Value, crash.Stack); werr == nil {
				crash.File = path
			}
		}
		return r, crash
	case signal != 0:
		return r, nil
	case err != nil && !errors.Is(err, tea.ErrProgramKilled):
		r.ExitCode = 1
		return r, fmt.Errorf("the terminal UI ended: %w", err)
	}
	return r, nil
}

// used are the systems of the path and those chosen, the latest first; none
// where the session began with a question that was left without an answer.
func (o *outcome) used(asked bool) []model.SystemID {
	if asked && o.seq == 0 {
		return nil
	}
	var ids []model.SystemID
	for _, e := range o.session.Document().Path.Endpoints {
		ids = append(ids, e.System)
	}
	return append(ids, o.recent...)
}

// farewell is the summary that stays in the scrollback.
func (o *outcome) farewell() string { return strings.Join(o.said, "\n") }
