package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

type (
	// A savedMsg is how saving a session went.
	savedMsg struct {
		path   string
		doc    model.Document
		exists bool // another file is there; nothing was written
		quit   bool
		then   contract.Action
		err    error
	}
	// A loadedMsg is a session that was read.
	loadedMsg struct {
		ask contract.OpenFile
		doc model.Document
		err error
	}
	// A plannedMsg is what writing files would do.
	plannedMsg struct {
		ask   contract.PlanFiles
		files []contract.Planned
		err   error
	}
	// A writtenMsg is what was written.
	writtenMsg struct {
		paths []string
		err   error
	}
)

// save writes the session to its file, or asks for one.
func (a app) save(x contract.Save) (app, tea.Cmd) {
	path := x.Path
	if path == "" {
		path = a.file
	}
	if path == "" && a.opened != nil && !x.Ask && x.Then == nil {
		return a.perform(contract.Push{Overlay: a.saveWhere(x)})
	}
	if path == "" {
		p := &overlay.Prompt{
			Label: "save as: ", Does: "save", Hint: "the session: path, settings, what was measured; keeptune FILE opens it again",
			Done: func(text string) contract.Action {
				if text == "" {
					return contract.Say{Text: "not saved: no file name was given", Bad: true}
				}
				return contract.Save{Path: text, Quit: x.Quit, Then: x.Then}
			},
		}
		return a.perform(contract.Push{Overlay: p.Begin("./session.toml")})
	}
	if filepath.Ext(path) == "" {
		path += ".toml"
	}
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	doc, effects, own := a.s.Document(), a.cfg.Effects, path == a.file || x.Replace
	return a, a.effect(func(context.Context) tea.Msg {
		m := savedMsg{path: path, doc: doc, quit: x.Quit, then: x.Then}
		if !own {
			if _, err := effects.LoadSession(path); !absent(err) {
				m.exists = true
				return m
			}
		}
		m.err = effects.SaveSession(path, doc)
		return m
	})
}

func (a app) saved(m savedMsg) (app, tea.Cmd) {
	name := model.Clean(m.path, 200)
	switch {
	case m.exists:
		return a.perform(contract.Push{Overlay: &overlay.Confirm{
			Title: "Replace " + name + "?", Text: []string{"The file exists. Its content would be replaced by this session."},
			Yes: "replace it", No: "leave it", OnYes: contract.Save{Path: m.path, Replace: true, Quit: m.quit, Then: m.then},
		}})
	case m.err != nil:
		return a.complain("not saved: " + model.Clean(m.err.Error(), 300)), nil
	}
	a.file = m.path
	if m.doc.Equal(a.s.Document()) {
		a.s = a.s.Saved()
	}
	a.out.said = append(a.out.said, "saved in "+name)
	if m.quit {
		return a.quit(false)
	}
	return a.say("saved in " + name).perform(m.then)
}

// absent says that a file cannot be there: it was looked for in vain, or under
// something that is no directory.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// open reads a session; unsaved changes are asked about.
func (a app) open(x contract.OpenFile) (app, tea.Cmd) {
	if a.s.Dirty() && !x.Discard {
		return a.perform(contract.Push{Overlay: &overlay.Confirm{
			Title: "Drop the unsaved changes?", Text: []string{"This session has changes that are not saved."},
			Yes: "open " + model.Clean(x.Path, 100), No: "stay", Save: "save first", OnSave: contract.Save{Then: contract.OpenFile{Path: x.Path, As: x.As}},
			OnYes: contract.OpenFile{Path: x.Path, As: x.As, Discard: true},
		}})
	}
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	effects := a.cfg.Effects
	return a, a.effect(func(context.Context) tea.Msg {
		doc, err := effects.LoadSession(x.Path)
		return loadedMsg{x, doc, err}
	})
}

func (a app) loaded(m loadedMsg) (app, tea.Cmd) {
	if errors.Is(m.err, contract.ErrConfig) {
		x := m.ask.As
		x.Paths, x.Open = []string{m.ask.Path}, true
		return a.importFile(x)
	}
	if m.err != nil {
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	}
	s, err := session.New(m.doc, a.s.Env())
	if err != nil {
		return a.complain(model.Clean(m.ask.Path, 100) + ": " + model.Clean(err.Error(), 300)), nil
	}
	a.file, a.leg, a.opened = m.ask.Path, 0, nil
	a, cmd := a.take(s)
	a = a.show(contract.Tune)
	a.tune.Stand(a.context(), true, model.RoleIdle)
	return a.say("opened " + model.Clean(m.ask.Path, 200)), cmd
}

// plan asks what writing files would do.
func (a app) plan(x contract.PlanFiles) tea.Cmd {
	effects := a.cfg.Effects
	return a.effect(func(context.Context) tea.Msg {
		if effects == nil {
			return plannedMsg{err: errNoEffects}
		}
		files, err := effects.Preview(x.Dir, x.Files)
		return plannedMsg{x, files, err}
	})
}

// planned writes at once where nothing that exists would change, and asks
// with the differences where something would.
func (a app) planned(m plannedMsg) (app, tea.Cmd) {
	a.note = ""
	if m.err != nil {
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	}
	var body []string
	differs, refused := 0, ""
	for _, f := range m.files {
		switch f.State {
		case "differs":
			differs++
			body = append(body, f.Path+" exists and would change:")
			body = append(body, strings.Split(strings.TrimRight(f.Diff, "\n"), "\n")...)
		case "refused":
			refused = f.Path + ": " + f.Why
		default:
			body = append(body, f.Path+": "+f.State)
		}
	}
	switch {
	case refused != "":
		return a.complain("nothing was written: " + model.Clean(refused, 300)), nil
	case differs == 0:
		return a, a.write(contract.WriteFiles{Dir: m.ask.Dir, Files: m.ask.Files})
	}
	return a.perform(contract.Push{Overlay: &overlay.Confirm{
		Title: "Replace " + contract.Count(differs, "file", "files") + "?", Body: body,
		Yes: "write them", No: "leave everything as it is",
		OnYes: contract.WriteFiles{Dir: m.ask.Dir, Files: m.ask.Files, Overwrite: true},
	}})
}

func (a app) write(x contract.WriteFiles) tea.Cmd {
	effects := a.cfg.Effects
	return a.effect(func(context.Context) tea.Msg {
		if effects == nil {
			return writtenMsg{err: errNoEffects}
		}
		paths, err := effects.WriteFiles(x.Dir, x.Files, x.Overwrite)
		return writtenMsg{paths, err}
	})
}

func (a app) written(m writtenMsg) (app, tea.Cmd) {
	for _, p := range m.paths {
		a.out.said = append(a.out.said, "wrote "+model.Clean(p, 300))
	}
	switch {
	case m.err != nil:
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	case len(m.paths) == 0:
		return a.say("nothing to write: the files are there already, the same"), nil
	}
	names := make([]string, len(m.paths))
	for i, p := range m.paths {
		names[i] = filepath.Base(p)
	}
	return a.say("wrote to " + model.Clean(filepath.Dir(m.paths[0])+": "+strings.Join(names, ", "), 300)), nil
}

// copyText sends text to the terminal's clipboard; whether it got there nobody
// can know.
func (a app) copyText(x contract.Copy) tea.Cmd {
	text := x.Text
	if !x.Written {
		text = a.cfg.Redact.Text(text)
	}
	return a.effect(func(context.Context) tea.Msg {
		if a.cfg.Out == nil {
			return noteMsg{errNoEffects.Error(), true}
		}
		if err := a.cfg.Clipboard.Copy(a.cfg.Out, text); err != nil {
			return noteMsg{err.Error(), true}
		}
		return noteMsg{fmt.Sprintf("%s: %d bytes sent to terminal (OSC 52)%s", x.What, len(text), x.Else), false}
	})
}

// quit ends the program; unsaved changes and measurements that were not taken over are
// asked about.
func (a app) quit(discard bool) (app, tea.Cmd) {
	const measured = "What the live test measured is not part of the session and would be lost: a on its screen takes it over."
	ask := &overlay.Confirm{No: "stay", OnYes: contract.Quit{Discard: true}}
	switch dirty, loses := a.s.Dirty(), a.losesMeasured(); {
	case discard, !dirty && !loses:
		ask = nil
	case dirty:
		ask.Title, ask.Yes, ask.Save = "Quit without saving?", "quit", "save, then quit"
		ask.Text, ask.OnSave = []string{"This session has changes that are not saved.", "A copy is kept: keeptune resume 1 opens it."}, contract.Save{Quit: true}
		if loses {
			ask.Text = append(ask.Text, measured)
		}
	case loses:
		ask.Title, ask.Yes, ask.Text = "Quit without adopting what was measured?", "quit, drop it", []string{measured}
	}
	if ask != nil {
		return a.perform(contract.Push{Overlay: ask})
	}
	if a.test.cancel != nil {
		a.test.cancel()
	}
	a.out.summarize(a.s)
	return a, tea.Quit
}
