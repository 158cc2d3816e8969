//go:build !windows

package cli_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// From the start of the program to its first screen on a pseudo-terminal,
// seen from outside: process start and the terminal included.
func BenchmarkFirstScreen(b *testing.B) {
	bin := screen.Build(b)
	var total time.Duration
	for range b.N {
		began := time.Now()
		s := screen.Start(b, bin, screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}})
		s.WaitFor("LIMIT 5 s")
		total += time.Since(began)
		s.Type("q")
		s.Exit()
	}
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/start")
}

// Processor use of an idle screen, over two seconds.
func BenchmarkIdleCPU(b *testing.B) {
	s := screen.Start(b, screen.Build(b), screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}})
	s.WaitFor("LIMIT 5 s")
	s.Settle(300 * time.Millisecond)
	var share float64
	for range b.N {
		before := processorTime(b, s.Pid())
		time.Sleep(2 * time.Second)
		share += (processorTime(b, s.Pid()) - before).Seconds() / 2 * 100
	}
	b.ReportMetric(share/float64(b.N), "%core")
}

// processorTime is what a process has used, from Linux's /proc.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		b.Skip("no /proc here")
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// Bytes sent to the terminal for an edit at 80 by 24.
func BenchmarkEditBytes(b *testing.B) {
	s := screen.Start(b, screen.Build(b), screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}})
	s.WaitFor("LIMIT 5 s")
	s.Settle(200 * time.Millisecond)
	most := 0
	for i := range b.N {
		now := limitLine(s.Text())
		s.Mark()
		s.Type([]string{"+", "-"}[i%2])
		s.WaitUntil("shows no other limit", func(text string) bool { l := limitLine(text); return l != "" && l != now })
		s.Settle(50 * time.Millisecond)
		most = max(most, s.SinceMark())
	}
	b.ReportMetric(float64(most), "B/edit")
}

// A whole check, from the flags to the JSON.
func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		run(b, "check", "--client", "ie@11", "--server", "apache", "--format", "json")
	}
}
