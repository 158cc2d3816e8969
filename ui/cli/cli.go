// Package cli is the command line of keeptune: one file per command, and the
// printers of what they find. Its names, flags, JSON and exit codes are a
// contract with scripts.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/redact"
	_ "example.com/keeptune/ui/term" // answers for the terminal before anything asks it
)

// The exit codes of the contract. A command that a signal ends exits with 128
// and the signal's number.
const (
	exitClean        = 0
	exitFindings     = 1
	exitUsage        = 2
	exitUnreachable  = 3
	exitInconclusive = 4
	exitCrash        = 70 // EX_SOFTWARE of sysexits
)

// What --help says of the exit codes: of all commands, of one that has --fail-on, of
// those that find what is wrong without it, and of those that find nothing.
const (
	exitStatus = `0 clean; 1 findings: of check those at or above --fail-on, of keeptune without a
terminal the errors that check finds, of probe those at or above --fail-on or an
--expect that is not met, of lab a disagreement, of solve goals that cannot be met
together; 2 usage or unreadable input; 3 target unreachable; 4 test
inconclusive; 70 the program crashed; 128+n ended by signal n.`
	exitBySolve = `Exit codes: 0 clean, 1 the goals cannot be met together, 2 usage or unreadable
input, 70 the program crashed, 128+n ended by signal n.`
	exitByFailOn = `Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or unreadable
input, 70 the program crashed, 128+n ended by signal n.`
	exitByErrors = `Exit codes: 0 clean, 1 without a terminal where check finds an error, 2 usage or
unreadable input, 70 the program crashed, 128+n ended by signal n.`
	exitByTest = `Exit codes: 0 clean, 1 findings at or above --fail-on or --expect not met, 2
usage or unreadable input, 3 target unreachable, 4 test inconclusive, 70 the
program crashed, 128+n ended by signal n.`
	exitPlain = `Exit codes: 0 clean, 2 usage or unreadable input, 70 the program crashed, 128+n
ended by signal n.`
)

// An exit is how a command ends otherwise than clean or with an error's own
// code. A nil error prints nothing.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// An app is one run of the program.
type app struct {
	in                *os.File
	out, errs         io.Writer    // what is printed, with stand-ins where those are asked for
	outFile, errsFile *os.File     // where it goes
	flush             func() error // of out
	redact            *redact.Redactor
	args              []string
	global            globals
	config            options.Loaded
	places            store.Places
	catalog           *model.Catalog // see catalogs
	now               func() time.Time
	hz                int // of Linux ends; 0 is not given
}

// Main runs the command line and returns the exit code.
func Main(args []string, in, out, errs *os.File) int {
	if code, inside := lab.Inside(); inside {
		return code
	}
	if code, inside := trial.Inside(trialKinds()); inside {
		return code
	}
	a := &app{in: in, out: out, errs: errs, outFile: out, errsFile: errs, args: args, now: time.Now, flush: func() error { return nil }}
	root := a.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	code := a.report(cmd, errors.Join(err, a.flush()))
	a.global.end(code, err)
	return code
}

// report prints an error as one sentence and finds its exit code.
func (a *app) report(cmd *cobra.Command, err error) int {
	if err == nil {
		return exitClean
	}
	code, end := exitUsage, (*exit)(nil)
	switch {
	case errors.As(err, &end):
		code = end.code
	case errors.Is(err, run.ErrUnreachable):
		code = exitUnreachable
	case errors.Is(err, run.ErrInconclusive):
		code = exitInconclusive
	}
	if end != nil && end.err == nil {
		return code
	}
	text := model.Clean(strings.TrimSpace(err.Error()), 2000)
	text = cmd.CommandPath() + ": " + text
	text = a.redact.Text(text)
	if term.IsTerminal(a.errsFile.Fd()) { // a script gets one line
		text = strings.Join(wrap(text, "  ", width), "\n  ")
	}
	_, _ = fmt.Fprintln(a.errsFile, text)
	return code
}

// catalogs is the embedded catalog with the user's folders on top.
func (a *app) catalogs() *model.Catalog {
	if a.catalog != nil {
		return a.catalog
	}
	a.places = store.UserPlaces()
	a.catalog = model.Embedded()
	for _, dir := range a.places.Catalogs(".") {
		a.catalog = a.catalog.With(dir.Path, dir.FS)
	}
	return a.catalog
}
