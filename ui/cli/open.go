package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	xterm "github.com/charmbracelet/x/term"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/term"
	"example.com/keeptune/ui/theme"
)

// An opening is what the terminal UI begins with.
type opening struct {
	document model.Document
	file     string  // the session file; empty for none
	title    string  // in the place of the file's name
	read     reading // what configurations said of it
	layings  []native.Laying
	ask      *contract.ImportFile // to be opened there, with a question
	preset   string               // by which the path was given; empty for none
	welcome  bool                 // nothing was said: ask what brings the user here
	test     bool                 // begin with a live test
	replay   []livetest.Event     // or with a recorded one
	left     leaving              // what is printed when it ends
}

// open starts the terminal UI: on a terminal that cannot move the cursor, and with
// --plain, in lines. Where there is no terminal it prints the check as text, and why on
// standard error.
func (a *app) open(ctx context.Context, o opening) error {
	ok, why := term.Usable(a.in, a.outFile, os.Getenv("TERM"))
	lines := (a.global.plain || !ok) && xterm.IsTerminal(a.in.Fd()) && xterm.IsTerminal(a.outFile.Fd())
	if a.global.plain {
		ok, why = false, "--plain asks for text"
	}
	a.noteSession(o.document)
	a.redact.Name(o.document.Name)
	if lines && !a.global.plain {
		_, _ = fmt.Fprintf(a.errs, "keeptune: no terminal UI: %s; this is a session in lines\n", why)
	}
	if !ok && !lines {
		if _, err := fmt.Fprintf(a.errs, "keeptune: no terminal UI: %s; this is keeptune check\n", why); err != nil {
			return err
		}
		c, err := a.judge(o.document)
		if err != nil {
			return err
		}
		c.read = o.read
		if o.left != (leaving{}) { // a contract of its own: as keeptune check prints it
			_, err := a.leaves(o.left, o.document, o.read)
			return errors.Join(a.warned("keeptune", &o.read), err, c.failing(tuning.Error))
		}
		return errors.Join(a.warned("keeptune", &o.read), checkText(a.out, c), c.failing(tuning.Error))
	}
	clipboard, err := term.ParseClipboard(a.config.Set.Text("clipboard"), a.config.Set.Text("clipboard-wrap"))
	if err != nil {
		return err
	}
	caps := term.Decide(term.Options{ASCII: a.global.ascii, NoColor: a.global.noColor, FPS: a.global.fps}, os.Getenv)
	caps.Apply()
	s, err := session.New(o.document, tuning.NewEnv(a.catalogs(), a.hz))
	if err != nil {
		return err
	}
	var imported *contract.Imported
	if len(o.read.files) > 0 {
		im, err := a.alternatives(strings.Join(o.read.files, ", "), o.layings, &o.read)
		if err != nil {
			return err
		}
		imported = &im
	}
	e := a.newEffects(o.document.Name)
	restyle := func(l options.Loaded) theme.Theme {
		caps := term.Decide(term.Options{ASCII: l.Set.On("ascii"), NoColor: l.Set.On("no-color")}, os.Getenv)
		caps.Apply()
		return theme.New(theme.Mode(l.Set.Text("theme")), theme.Set(caps.ASCII))
	}
	start := ui.Run
	if lines {
		restyle = nil
		start = ui.RunLines
		caps.ASCII, caps.Color = true, false
		caps.Apply()
	}
	var trials ui.Trials
	if a.global.write {
		trials = &screenTrials{app: a, log: &e.log}
	}
	result, err := start(ctx, ui.Config{
		Trials: trials, Notice: a.leftTrial(),
		Session: s, File: o.file, Title: o.title, Formats: native.Formats(), Theme: theme.New(a.global.mode, theme.Set(caps.ASCII)),
		FPS: caps.FPS, Sync: caps.Sync, Mouse: a.global.mouse, Version: versionText(),
		In: a.in, Out: a.outFile, Now: func() time.Time { return a.now().In(a.global.zone) }, Effects: e, Imported: imported, Open: o.ask, Preset: o.preset, Welcome: o.welcome, Debug: a.global.debugLog,
		Clipboard: clipboard, TestOnStart: o.test, CrashDir: a.places.State,
		Recent: a.recent(), Replay: o.replay, Reports: a.reports(), WireReports: a.wireReports(), Token: os.Getenv("KEEPTUNE_TOKEN"), Options: a.config, Redact: a.redact,
		Told: toldText, Summary: a.summary, Restyle: restyle,
	})
	a.keepRecent(result.Recent)
	if result.Stuck { // whatever is printed would wait for ever
		e.close()
		return &exit{code: cmp.Or(result.ExitCode, exitCrash)}
	}
	for _, f := range a.config.Faults {
		_, _ = fmt.Fprintf(a.errs, "keeptune: not used: %s\n", f.Error())
	}
	e.close()
	printed := false
	if err == nil && result.ExitCode == 0 {
		if printed, err = a.leaves(o.left, result.Document, o.read); err != nil {
			return err
		}
	}
	if result.Farewell != "" && !printed {
		var p page
		for line := range strings.SplitSeq(result.Farewell, "\n") {
			p.wrapped("", "  ", line)
		}
		_ = p.flush(a.out)
	}
	if crash, ok := errors.AsType[*ui.CrashError](err); ok {
		_, _ = fmt.Fprintf(a.errs, "panic: %v\n\n%s\n", crash.Value, crash.Stack)
		return &exit{code: exitCrash, err: err}
	}
	switch {
	case err != nil:
		return &exit{code: exitCrash, err: err}
	case result.ExitCode != 0:
		return &exit{code: result.ExitCode}
	}
	return nil
}

// asks reports whether what is missing to open configurations can be asked on the
// screen, and how they are opened there.
func (a *app) asks(err error, where *connection, args []string) (x *contract.ImportFile, ok bool) {
	usable, _ := term.Usable(a.in, a.outFile, os.Getenv("TERM"))
	_, whose := errors.AsType[*native.EndError](err)
	_, order := errors.AsType[*pathError](err)
	_, format := errors.AsType[*native.DetectError](err)
	alone := where.preset == "" && where.client == "" && where.server == "" && where.target == "" && len(where.set) == 0 && where.hz == 0
	open := whose || order || format && len(args) == 1
	if !usable || a.global.plain || !alone || !open || slices.Contains(args, "-") {
		return nil, false
	}
	return &contract.ImportFile{Paths: args, As: where.as, End: where.end, Root: where.root, Where: where.where, Path: where.path, Open: true}, true
}

// recent are the systems of earlier sessions, the latest first.
func (a *app) recent() []model.SystemID {
	var ids []model.SystemID
	for _, id := range a.places.Recent() {
		ids = append(ids, model.SystemID(id))
	}
	return ids
}

// keepRecent remembers the systems of a session. Where that cannot be written,
// the next list begins as this one did.
func (a *app) keepRecent(used []model.SystemID) {
	if len(used) == 0 {
		return
	}
	ids := make([]string, len(used))
	for i, id := range used {
		ids[i] = string(id)
	}
	if err := a.places.KeepRecent(ids); err != nil {
		a.global.debugLog.Info("recent systems", "err", err)
	}
}
