//go:build !linux

package lab

// HostHZ is the timer frequency of this host's kernel; only Linux tells it.
func HostHZ() (int, bool) { return 0, false }
