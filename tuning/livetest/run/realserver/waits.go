package realserver

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// waiting begins to measure how long a process and all that it starts is kept from running: the
// threads are ready, and others have the processors. The kernel counts it for each thread
// (/proc/PID/task/TID/schedstat); what such a program does between the two moments is late by
// no more than the sum, apart from its own slowness. More than mostWait is not told: over minutes
// and many threads that adds up, and little of it lies before any one close. Elsewhere than on
// Linux it is nothing.
func waiting(pid int) (so func() time.Duration) {
	return waitingOf(func() []int { return family(pid) })
}

// Waiting begins to measure how long the threads of the test's own process are kept from
// running, without those of the programs it starts.
func Waiting() (so func() time.Duration) {
	own := []int{os.Getpid()}
	return waitingOf(func() []int { return own })
}

func waitingOf(processes func() []int) (so func() time.Duration) {
	before := waits(processes())
	return func() (sum time.Duration) {
		for thread, d := range waits(processes()) {
			sum += d - before[thread]
		}
		return min(sum, mostWait)
	}
}

const mostWait = time.Second

// waits are those of each thread since it began.
func waits(processes []int) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, process := range processes {
		files, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(process), "task/*/schedstat"))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if f := strings.Fields(string(b)); err == nil && len(f) > 1 { // running, waiting, in nanoseconds
				n, _ := strconv.ParseInt(f[1], 10, 64)
				all[name] = time.Duration(n)
			}
		}
	}
	return all
}

// family is a process with what is in its group or descends from those.
func family(pid int) []int {
	type process struct{ parent, group int }
	all := map[int]process{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) // behind the name: state, parent, group
		if len(f) < 3 {
			continue
		}
		id, _ := strconv.Atoi(strings.Split(name, "/")[2])
		parent, _ := strconv.Atoi(string(f[1]))
		group, _ := strconv.Atoi(string(f[2]))
		all[id] = process{parent, group}
	}
	kin := map[int]bool{pid: true}
	for grew := true; grew; {
		grew = false
		for id, p := range all {
			if !kin[id] && (p.group == pid || kin[p.parent]) {
				kin[id], grew = true, true
			}
		}
	}
	var ids []int
	for id := range kin {
		ids = append(ids, id)
	}
	return ids
}
