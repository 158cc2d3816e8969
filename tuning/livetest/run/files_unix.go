//go:build linux || darwin

package run

import "golang.org/x/sys/unix"

// allowFiles raises the limit of open files to n as far as it may, and tells what it is
// then; n where the system does not say.
func allowFiles(n int) (int, error) {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		return n, err
	}
	want := uint64(max(0, n))
	if now.Cur >= want {
		return n, nil
	}
	raised := unix.Rlimit{Cur: want, Max: max(now.Max, want)}
	err := unix.Setrlimit(unix.RLIMIT_NOFILE, &raised)
	if err != nil { // only root raises the ceiling
		raised = unix.Rlimit{Cur: min(want, now.Max), Max: now.Max}
		err = unix.Setrlimit(unix.RLIMIT_NOFILE, &raised)
	}
	if err != nil {
		raised.Cur = now.Cur
	}
	return int(min(raised.Cur, want)), err //nolint:gosec // at most n
}
