package store

import (
	"errors"
	"io/fs"
	"syscall"
)

// An Error is a failed read or write. Its text is one sentence: what did not
// work on which path, why, and what would be right.
type Error struct {
	Op   string // "read" or "write"
	Path string
	Why  string
	Help string // what would be right; may be empty
	Err  error  // the cause, for errors.Is; may be nil
}

// Error returns the sentence, without a full stop.
func (e *Error) Error() string {
	s := "cannot " + e.Op + " " + e.Path + ": " + e.Why
	if e.Help != "" {
		s += "; " + e.Help
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// because words a cause for the user.
func because(err error, what string) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return what + " is not allowed for this user"
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only"
	case errors.Is(err, syscall.ENOSPC):
		return "no space is left on the device"
	case errors.Is(err, syscall.ENOTDIR):
		return "a part of the path is not a directory"
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
