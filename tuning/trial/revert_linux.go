package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"example.com/keeptune/tuning/store"
)

// keep writes the files of a trial and ends it.
func keep(ctx context.Context, j *journal) (*State, error) {
	var after *State
	err := j.locked(ctx, func(s *State) error {
		switch {
		case s.Phase == Kept:
			after = s
			return nil
		case !s.Open() || s.Why != "":
			return fmt.Errorf("the trial was reverted: %s", s.Why)
		case s.Phase != Trying:
			return errors.New("its changes are still being made")
		case s.Restart:
			return errors.New("the host has started anew since the trial began, so its values are gone; keeptune revert ends it")
		}
		if err := j.append(record{What: keeping}); err != nil {
			return journalError(j.path, err)
		}
		if err := writeFiles(s.Files); err != nil {
			return errors.Join(err, j.append(record{What: notKept}))
		}
		if err := j.append(record{What: kept}); err != nil {
			return errors.Join(err, restoreFiles(s.Files))
		}
		var err error
		after, err = j.state()
		return err
	})
	if err == nil {
		ended(j)
	}
	return after, err
}

// ended wakes the guard of a trial that has ended.
func ended(j *journal) {
	wake(j.path)
	_ = os.Remove(fifo(j.path))
}

// writeFiles writes all files, or none.
func writeFiles(files []File) error {
	for i, f := range files {
		now, err := content(f.Path)
		if err == nil && !same(now, f.Was) {
			err = fmt.Errorf("%s was changed since the trial began; keeptune revert, then apply again", f.Path)
		}
		if err == nil {
			err = store.Write(f.Path, f.Content, store.Options{Replace: true})
		}
		if err == nil {
			atStep("file")
			continue
		}
		return errors.Join(err, restoreFiles(files[:i]))
	}
	return nil
}

// restoreFiles brings back what files held before, where they hold what the trial wrote.
func restoreFiles(files []File) error {
	var errs []error
	for _, f := range files {
		now, err := content(f.Path)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !same(now, f.Content): // not written, or somebody else's by now
		case f.Was == nil:
			errs = append(errs, os.Remove(f.Path))
		default:
			errs = append(errs, store.Write(f.Path, f.Was, store.Options{Replace: true}))
		}
	}
	return errors.Join(errs...)
}

// revert undoes what was changed, the last first, and ends the trial. A line of the
// journal that cannot be written keeps nothing from being undone; ctx bounds only how long
// it waits for another process that is at it.
func revert(ctx context.Context, j *journal, why string, target func(int, *Item) (Target, error)) (*State, error) {
	var after *State
	err := j.locked(ctx, func(s *State) error {
		if !s.Open() {
			after = s
			return nil
		}
		atStep("revert")
		said := []error{j.append(record{What: reverting, Why: why})}
		var failures []error
		if s.keeping {
			failures = append(failures, restoreFiles(s.Files))
		}
		for i := len(s.Items) - 1; i >= 0; i-- {
			it := &s.Items[i]
			if !it.Made || it.Undone {
				continue
			}
			t, err := target(i, it)
			var r record
			if err == nil {
				r, err = undo(context.WithoutCancel(ctx), t, it, s)
			}
			switch {
			case errors.Is(err, ErrGone):
				r = record{What: undone, Note: clean(err)}
			case err != nil:
				r = record{What: failed, Why: clean(err)}
				failures = append(failures, fmt.Errorf("%s: %w", it.Name, err))
			}
			r.Step = i
			said = append(said, j.append(r))
		}
		if err := errors.Join(failures...); err != nil {
			return err
		}
		if err := errors.Join(append(said, j.append(record{What: reverted}))...); err != nil {
			return journalError(j.path, err)
		}
		var err error
		after, err = j.state()
		return err
	})
	if err == nil {
		ended(j)
	}
	return after, err
}

// undo brings one target of a trial back, and says what it left.
func undo(ctx context.Context, t Target, it *Item, trial *State) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, changeLimit)
	defer cancel()
	r, many := t.(Restorer)
	anew := trial.Restart && it.volatile // the host has what it started with
	switch {
	case anew && (many || !trial.keeping): // without the files: they were not written
		return record{What: undone}, nil
	case many:
		is, err := r.Restore(ctx, it.from, it.to)
		return record{What: undone, Why: strings.Join(is.Left, "; "), Note: strings.Join(is.Notes, "; ")}, err
	}
	now, err := t.Read(ctx)
	switch {
	case err != nil:
		return record{}, err
	case now == it.from, anew && now != it.to:
		return record{What: undone}, nil
	case now != it.to && now != it.read:
		return record{What: left, Why: fmt.Sprintf("somebody else set it to %s meanwhile, so it stays", shown(t, now))}, nil
	}
	if err := t.Set(ctx, it.from); err != nil {
		return record{}, err
	}
	now, err = t.Read(ctx)
	if err == nil && now != it.from {
		err = fmt.Errorf("it was set back to %s, and reads %s", shown(t, it.from), shown(t, now))
	}
	return record{What: undone}, err
}

func shown(t Target, value string) string {
	c := Change{Target: t}
	return c.Shown(value)
}
