package run_test

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest/run"
)

// The kernel's word how long ago something came holds for the moment of the word: a process
// that loses the processor around it, as on a busy machine, must not mix it with a time from
// before or after.
func TestArrivedOnABusyMachine(t *testing.T) {
	const stall = 75 * time.Millisecond
	for name, c := range map[string]struct {
		before, after int // how many of the first words are stalled, on which side
		late          time.Duration
		exact         bool
	}{
		"never":               {0, 0, 300 * time.Millisecond, true},
		"before the word":     {2, 0, 300 * time.Millisecond, true},
		"after the word":      {0, 2, 300 * time.Millisecond, true},
		"just read":           {1, 1, 0, true},
		"always":              {99, 0, 300 * time.Millisecond, false},
		"always, behind":      {0, 99, 300 * time.Millisecond, false},
		"the longest of them": {4, 4, time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				came := time.Now()
				time.Sleep(c.late)
				read, word := time.Now(), 0
				at, exact := run.Arrived(read, func(syscall.RawConn) (time.Duration, bool) {
					word++
					if word <= c.before {
						time.Sleep(stall)
					}
					ago := time.Since(came)
					if word <= c.after {
						time.Sleep(stall)
					}
					return ago, true
				})
				want := came
				if !c.exact {
					want = read
				}
				if !at.Equal(want) || exact != c.exact {
					t.Errorf("it came %v after it did, exact %v", at.Sub(came), exact)
				}
			})
		})
	}
}
