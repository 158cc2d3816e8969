//go:build !windows

package term

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// OnResize calls f once the terminal was resized, from now on until the context
// ends. Bubble Tea reads the size and begins to listen for changes at about the
// same time: a change in between is seen by nobody else.
func OnResize(ctx context.Context, f func()) {
	sizes := make(chan os.Signal, 1)
	signal.Notify(sizes, syscall.SIGWINCH)
	go func() {
		defer signal.Stop(sizes)
		for {
			select {
			case <-sizes:
				f()
			case <-ctx.Done():
				return
			}
		}
	}()
}
