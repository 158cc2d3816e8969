//go:build !linux

package lab

import (
	"context"
	"runtime"
)

// Run needs Linux; elsewhere it returns an [UnavailableError] that says so.
func Run(_ context.Context, p Plan, _ func(Sample)) (Summary, error) {
	if _, err := p.List(); err != nil {
		return Summary{}, err
	}
	return Summary{}, &UnavailableError{"the lab runs on Linux only, and this is " + runtime.GOOS}
}

// Inside is for Linux; elsewhere no program is ever the lab's copy.
func Inside() (code int, inside bool) { return 0, false }
