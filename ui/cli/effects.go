package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/scripted"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/options"
)

// effects is what the terminal UI asks the outside for. Its methods may be
// called from several goroutines.
type effects struct {
	app  *app
	auto *store.Autosave
	log  accessLog

	mu          sync.Mutex
	kept, saved *model.Document // as last autosaved, as last saved
}

var _ ui.Effects = (*effects)(nil)

// keepAutosaves is how many sessions keeptune resume can offer.
const keepAutosaves = 30

// unnamed is how the autosave of a session without a name is called.
const unnamed = "session"

func (a *app) newEffects(name string) *effects {
	if name == "" {
		name = unnamed
	}
	return &effects{app: a, auto: a.places.NewAutosave(name, a.now())}
}

// close removes the autosave of a session whose last state was saved.
func (e *effects) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept == nil {
		return
	}
	var err error
	if e.saved != nil && e.saved.Equal(*e.kept) {
		err = e.auto.Discard()
	}
	if err = errors.Join(err, e.app.places.Prune(keepAutosaves)); err != nil {
		e.app.global.debugLog.Error("autosave", "err", err)
	}
}

// LiveTest runs a live test; an empty target is the built-in server.
func (e *effects) LiveTest(ctx context.Context, target string, spec livetest.Spec, controls *run.Controls, emit func(livetest.Event)) error {
	crash()
	stop := func() {}
	if target == "" {
		addr, end, err := scripted.Listen(ctx, scripted.Demo())
		if err != nil {
			return fmt.Errorf("the built-in server does not start: %w", err)
		}
		target, stop = "http://"+addr+"/", end
	}
	defer stop()
	t, err := livetest.ParseTarget(target)
	if err != nil {
		return err
	}
	t.Password = password(t)
	spec.Target = t
	return run.Tester{Controls: controls}.Run(ctx, spec, func(event livetest.Event) {
		e.app.redact.Given(event.Server)
		emit(event)
	})
}

// NeedsConsent reports whether the target is not this machine.
func (e *effects) NeedsConsent(ctx context.Context, target string) bool {
	t, err := livetest.ParseTarget(target)
	if target == "" || err != nil {
		return false
	}
	return run.NeedsConsent(ctx, livetest.NewSpec(t))
}

// SaveSession writes a session file.
func (e *effects) SaveSession(path string, doc model.Document) error {
	if err := store.Write(typedPath(path), model.EncodeDocument(doc), store.Options{Mode: store.Private, Replace: true}); err != nil {
		return err
	}
	e.log.files("write", typedPath(path))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.saved = &doc
	return nil
}

// KeepOptions writes the options that were changed into the configuration file.
func (e *effects) KeepOptions(l options.Loaded) error {
	data, err := store.ReadLimited(l.Path, configLimit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if data, err = l.Rewrite(data, l.Here()); err != nil {
		return err
	}
	return store.Write(l.Path, data, store.Options{Replace: true, Parents: true})
}

// LoadSession reads a session file.
func (e *effects) LoadSession(path string) (model.Document, error) {
	if path == "-" {
		return model.Document{}, errors.New("a session is opened from a file; name one")
	}
	data, err := e.app.readUpTo(typedPath(path), max(native.MaxSize, store.SessionLimit))
	if err != nil {
		return model.Document{}, err
	}
	e.log.files("read", typedPath(path))
	if !isSession("", path, data) {
		return model.Document{}, contract.ErrConfig
	}
	return e.app.decodeSession(typedPath(path), data)
}

// Autosave keeps the document for keeptune resume.
func (e *effects) Autosave(seq uint64, doc model.Document) error {
	wrote, err := e.auto.Save(seq, model.EncodeDocument(doc))
	if wrote {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.kept = &doc
	}
	return err
}

// Preview says what writing the files would do.
func (e *effects) Preview(dir string, files []native.File) ([]ui.Planned, error) {
	plan, err := planWrites(dir, files)
	if err != nil {
		return nil, err
	}
	out := make([]ui.Planned, len(plan))
	for i, w := range plan {
		out[i] = ui.Planned{Path: w.path, State: w.state, Diff: w.diff, Why: w.why}
	}
	return out, nil
}

// WriteFiles writes the files and their undo.
func (e *effects) WriteFiles(dir string, files []native.File, overwrite bool) ([]string, error) {
	plan, err := planWrites(dir, files)
	if err != nil {
		return nil, err
	}
	written, err := carryOut(plan, overwrite)
	e.log.files("write", written...)
	return written, err
}

// typedPath is a path as a person types it on the screen, where no shell turns
// ~ into the home.
func typedPath(path string) string {
	home, err := os.UserHomeDir()
	if err == nil && (path == "~" || strings.HasPrefix(path, "~/")) {
		return filepath.Join(home, strings.TrimPrefix(path, "~"))
	}
	return path
}
