//go:build !linux

package trial

import "context"

// Set is an error: a trial needs Linux.
func (*Server) Set(context.Context, string) error { return errLinux }
