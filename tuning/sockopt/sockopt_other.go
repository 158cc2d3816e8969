//go:build !linux

package sockopt

import (
	"context"
	"runtime"

	"example.com/keeptune/tuning/census"
)

// A Taker refuses: only Linux lends sockets of other processes.
type Taker struct{}

// NewTaker is one that refuses.
func NewTaker() *Taker { return &Taker{} }

// Close does nothing.
func (*Taker) Close() {}

func refused() error {
	return &RefusedError{runtime.GOOS + " lends no sockets of other processes; only Linux does (pidfd_getfd)"}
}

// Get refuses.
func (*Taker) Get(context.Context, Ref) (census.Options, error) { return census.Options{}, refused() }

// Set refuses.
func (*Taker) Set(context.Context, Ref, census.Change) (was, now census.Options, err error) {
	return was, now, refused()
}

// Restore refuses.
func (*Taker) Restore(context.Context, Ref, census.Change, census.Options) (others bool, err error) {
	return false, refused()
}
