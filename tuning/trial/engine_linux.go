package trial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// journals are the files of all trials, the latest last.
func (e *Engine) journals() ([]string, error) {
	entries, err := os.ReadDir(e.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, journalError(e.Dir, err)
	}
	var names []string
	for _, f := range entries {
		if strings.HasSuffix(f.Name(), extension) {
			names = append(names, filepath.Join(e.Dir, f.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

func read(path string) (*State, error) {
	j, err := openJournal(path)
	if err != nil {
		return nil, err
	}
	defer j.file.Close()
	s, err := j.state()
	if err != nil {
		return nil, err
	}
	s.Guarded = s.Open() && wake(path)
	return s, nil
}

// Last is the latest trial, nil where there was none.
func (e *Engine) Last() (*State, error) {
	names, err := e.journals()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return read(names[len(names)-1])
}

// Open is the trial that has not ended, nil where there is none. One that is not Guarded
// was left: nothing undoes it but [Engine.Revert].
func (e *Engine) Open() (*State, error) {
	names, err := e.journals()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Backward(names) {
		if s, err := read(name); err != nil || s.Open() {
			return s, err
		}
	}
	return nil, nil
}

// Confirm keeps the open trial.
func (e *Engine) Confirm(ctx context.Context) (*State, error) {
	return e.end(ctx, func(j *journal, s *State) (*State, error) {
		if !s.Guarded {
			return nil, s.leftOpen()
		}
		return keep(ctx, j)
	})
}

// Revert undoes the open trial, guarded or not.
func (e *Engine) Revert(ctx context.Context, why string) (*State, error) {
	return e.end(ctx, func(j *journal, _ *State) (*State, error) { return revert(ctx, j, why, e.Kinds.target) })
}

func (e *Engine) end(_ context.Context, how func(*journal, *State) (*State, error)) (*State, error) {
	s, err := e.Open()
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrNone
	}
	j, err := openJournal(s.path)
	if err != nil {
		return nil, err
	}
	defer j.file.Close()
	return how(j, s)
}

// leftOpen says that nothing undoes the trial by itself, and what does.
func (s *State) leftOpen() error {
	if s.Restart {
		return fmt.Errorf("%w when the host went down, %s of %s; keeptune revert undoes what is still in force", ErrLeft, s.ID, s.For)
	}
	return fmt.Errorf("%w: %s of %s has changes in force that nothing undoes; keeptune revert undoes them", ErrLeft, s.ID, s.For)
}

// Prune removes the journals of ended trials but the latest keep.
func (e *Engine) Prune(keep int) error {
	names, err := e.journals()
	if err != nil {
		return err
	}
	for _, name := range names[:max(0, len(names)-keep)] {
		if s, err := read(name); err == nil && !s.Open() {
			if err := os.Remove(name); err != nil && !errors.Is(err, unix.ENOENT) {
				return journalError(name, err)
			}
		}
	}
	return nil
}
