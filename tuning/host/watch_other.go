//go:build !linux

package host

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"example.com/keeptune/tuning/capture"
)

// Watch is of Linux.
type Watch struct{}

// OpenWatch is an error: only Linux is watched.
func OpenWatch(WatchOptions) (*Watch, error) {
	return nil, fmt.Errorf("%s can't be watched from here; what tcpdump captures is read: tcpdump -U -w - tcp | keeptune pcap -", runtime.GOOS)
}

// Run has nothing to do.
func (*Watch) Run(context.Context, time.Duration, func(*capture.Segment), func()) error { return nil }

// Counts has nothing to tell.
func (*Watch) Counts() capture.Counts { return capture.Counts{} }

// Close has nothing to close.
func (*Watch) Close() error { return nil }
