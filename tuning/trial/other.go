//go:build !linux

package trial

import (
	"context"
	"errors"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A Trial is one that this process has made.
type Trial struct{}

var (
	errLinux  = errors.New("a trial needs Linux: only there keeptune can change a host and undo it")
	errSysctl = errors.New("variables of the kernel are compared on Linux alone")
)

// Inside does nothing: there are no trials here.
func Inside(Kinds) (code int, inside bool) { return 0, false }

// Start is an error: a trial needs Linux.
func (*Engine) Start(context.Context, Plan, Options) (*Trial, error) { return nil, errLinux }

// Last is nil: there was no trial.
func (*Engine) Last() (*State, error) { return nil, nil }

// Open is nil: no trial is open.
func (*Engine) Open() (*State, error) { return nil, nil }

// Confirm is an error: no trial is open.
func (*Engine) Confirm(context.Context) (*State, error) { return nil, ErrNone }

// Revert is an error: no trial is open.
func (*Engine) Revert(context.Context, string) (*State, error) { return nil, ErrNone }

// Prune does nothing.
func (*Engine) Prune(int) error { return nil }

// State is an error: there are no trials here.
func (*Trial) State() (*State, error) { return nil, errLinux }

// Keep is an error: there are no trials here.
func (*Trial) Keep(context.Context) (*State, error) { return nil, errLinux }

// Revert is an error: there are no trials here.
func (*Trial) Revert(context.Context, string) (*State, error) { return nil, errLinux }

// Exported is an error: a trial needs Linux.
func Exported(context.Context, []native.File, *model.Catalog, Place) (Plan, error) {
	return Plan{}, errLinux
}

// NewSysctl is an error: a host's variables are read on Linux.
func NewSysctl(string, string, string) (Target, error) { return nil, errSysctl }
