//go:build real

package run_test

import (
	"errors"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// ahead lets this process, and what it starts from now on, run before all that has no fixed
// priority: what is measured is then no other work of the machine. It needs the right to.
func ahead(t *testing.T) {
	t.Helper()
	if err := schedule(unix.SchedAttr{Policy: unix.SCHED_RR, Priority: 1}); err != nil {
		t.Logf("beside the other work of the machine: %v", err)
		return
	}
	t.Cleanup(func() { _ = schedule(unix.SchedAttr{}) })
}

// schedule gives all threads a policy, until no thread is new; those they start inherit it.
func schedule(attr unix.SchedAttr) error {
	attr.Size = unix.SizeofSchedAttr
	done := map[string]bool{}
	for n := -1; n < len(done); {
		n = len(done)
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			id, _ := strconv.Atoi(thread.Name())
			if err := unix.SchedSetAttr(id, &attr, 0); err != nil && !errors.Is(err, unix.ESRCH) {
				return os.NewSyscallError("sched_setattr", err)
			}
			done[thread.Name()] = true
		}
	}
	return nil
}
