package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Autosave keeps the latest state of one running session. It may be used
// from several goroutines, whose writes arrive in any order.
type Autosave struct {
	path string

	mu   sync.Mutex
	seq  uint64
	seen bool
}

const (
	stamp     = "20060102T150405.000Z"
	extension = ".toml"
)

// NewAutosave returns the autosave of a session that began at a time. Nothing
// is written before the first Save.
func (p Places) NewAutosave(name string, began time.Time) *Autosave {
	file := fmt.Sprintf("%s-%d-%s%s", began.UTC().Format(stamp), os.Getpid(), fileName(name), extension)
	return &Autosave{path: filepath.Join(p.autosaves(), file)}
}

func (p Places) autosaves() string { return filepath.Join(p.State, "autosave") }

// Path returns where the session is kept.
func (a *Autosave) Path() string { return a.path }

// Save writes the state with a sequence number, and says whether it did: a
// number not above one already written is dropped. When it returns, this state
// or a newer one is on the disk.
func (a *Autosave) Save(seq uint64, data []byte) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen && seq <= a.seq {
		return false, nil
	}
	if err := Write(a.path, data, Options{Mode: Private, Replace: true, Parents: true}); err != nil {
		return false, err
	}
	a.seq, a.seen = seq, true
	return true, nil
}

// Discard removes what was saved, when the session ended with nothing unsaved.
// Later saves are dropped.
func (a *Autosave) Discard() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seq, a.seen = ^uint64(0), true
	if err := os.Remove(a.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &Error{Op: "remove", Path: a.path, Why: because(err, "removing it"), Err: err}
	}
	return nil
}

// A Saved is an autosaved session.
type Saved struct {
	Path string
	Name string    // of the session
	At   time.Time // of the last save
	Size int64     // bytes
}

// Autosaved lists autosaved sessions, the latest first. No directory is no
// session, not an error.
func (p Places) Autosaved() ([]Saved, error) {
	dir := p.autosaves()
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Op: "read", Path: dir, Why: because(err, "listing it"), Err: err}
	}
	var out []Saved
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), extension)
		parts := strings.SplitN(base, "-", 3)
		if !ok || len(parts) < 3 || !e.Type().IsRegular() {
			continue
		}
		st, err := e.Info()
		if err != nil {
			continue // removed meanwhile
		}
		out = append(out, Saved{Path: filepath.Join(dir, e.Name()), Name: parts[2], At: st.ModTime(), Size: st.Size()})
	}
	slices.SortFunc(out, func(a, b Saved) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.Path, a.Path)
	})
	return out, nil
}

// Prune removes all autosaves but the latest keep.
func (p Places) Prune(keep int) error {
	all, err := p.Autosaved()
	if err != nil {
		return err
	}
	for _, s := range all[min(len(all), max(0, keep)):] {
		if err := os.Remove(s.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &Error{Op: "remove", Path: s.Path, Why: because(err, "removing it"), Err: err}
		}
	}
	return nil
}

// fileName makes a session's name safe as a part of a file name.
func fileName(name string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '_'
	}, name)
	if out = strings.TrimLeft(out[:min(len(out), 60)], "."); out == "" {
		return "session"
	}
	return out
}
