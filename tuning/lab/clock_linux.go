package lab

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// now is CLOCK_MONOTONIC, the time since the host was started.
func now() time.Duration { return read(unix.CLOCK_MONOTONIC) }

// monotonic is what turns a stamp of the real time clock into CLOCK_MONOTONIC.
// Of several readings the one counts during which the least time passed: the
// others were interrupted between the clocks.
func monotonic() (shift time.Duration) {
	best := time.Hour
	for range 5 {
		before := now()
		wall := read(unix.CLOCK_REALTIME)
		if took := now() - before; took < best {
			best, shift = took, before+took/2-wall
		}
	}
	return shift
}

func read(clock int32) time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(clock, &t) // cannot fail for the clocks asked for
	return time.Duration(t.Nano())
}

// untilThen sleeps on this thread until CLOCK_MONOTONIC shows a time.
func untilThen(at time.Duration) {
	t := unix.NsecToTimespec(int64(at))
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &t, nil) == unix.EINTR {
		continue
	}
}

// queued is how long this thread was ready to run so far while others had the
// processors; 0 where the kernel does not count it.
func queued() time.Duration {
	b, _ := os.ReadFile("/proc/thread-self/schedstat")
	f := strings.Fields(string(b)) // running, queued, in nanoseconds
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(f[1], 10, 64)
	return time.Duration(n)
}

// What makes a timer late, and how long before a sample's end it matters.
const (
	tooLate = 5 * time.Millisecond
	atEnd   = 50 * time.Millisecond
)

// A lateness remembers when a 1 ms timer of this process came over 5 ms late.
type lateness struct {
	mu    sync.Mutex
	times [][2]time.Duration // from when it was due to when it came
}

// watch starts the timer, on a thread of its own, for as long as the process lives.
func watch() *lateness {
	l := &lateness{}
	go func() {
		runtime.LockOSThread()
		for {
			due := now() + time.Millisecond
			untilThen(due)
			if came := now(); came > due+tooLate {
				l.mu.Lock()
				l.times = append(l.times, [2]time.Duration{due, came})
				l.mu.Unlock()
			}
		}
	}()
	return l
}

// late says whether the timer was late around the end of a sample. It waits
// for the timer's next turn, which may be late too.
func (l *lateness) late(end time.Duration) bool {
	time.Sleep(2 * tooLate)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.times {
		if t[0] <= end+time.Millisecond && t[1] >= end-atEnd {
			return true
		}
	}
	return false
}
