//go:build !windows

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// From the start of the program to its first screen on a pseudo-terminal,
// seen from outside: process start and the terminal included.
func BenchmarkFirstScreen(b *testing.B) {
	bins, units := []string{screen.Build(b)}, []string{"ms/start"}
	if before := os.Getenv("KEEPTUNE_BEFORE"); before != "" {
		bins, units = append(bins, before), append(units, "before-ms/start")
	}
	took := make([][]time.Duration, len(bins))
	for range b.N {
		for i, bin := range bins {
			began := time.Now()
			s := screen.Start(b, bin, screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}})
			s.WaitFor("LIMIT 5 s")
			took[i] = append(took[i], time.Since(began))
			s.Type("q")
			s.Exit()
		}
	}
	for i, unit := range units {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds())/1000, unit)
	}
}

// A subject is a screen that is measured: keeptune's, and those of other programs and
// of another build beside it, which begin with their names.
type subject struct {
	unit string
	*screen.Screen
}

// beside are keeptune, the build that KEEPTUNE_BEFORE names, and gum and lazygit where
// they are installed, each with a list to move in.
func beside(b *testing.B) []subject {
	b.Helper()
	ours := screen.Options{Args: []string{"--client", "ie@11", "--server", "apache"}}
	all := []subject{{"", screen.Start(b, screen.Build(b), ours)}}
	if before := os.Getenv("KEEPTUNE_BEFORE"); before != "" {
		all = append(all, subject{"before-", screen.Start(b, before, ours)})
	}
	for _, s := range all {
		s.WaitFor("LIMIT 5 s")
	}
	if gum, err := exec.LookPath("gum"); err == nil {
		s := screen.Start(b, gum, screen.Options{Args: []string{"choose", "one", "two", "three"}})
		s.WaitFor("three")
		all = append(all, subject{"gum-", s})
	}
	if lazygit, err := exec.LookPath("lazygit"); err == nil {
		dir := b.TempDir()
		for _, name := range []string{"one", "two", "three", "config.yml"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("disableStartupPopups: true\n"), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		if out, err := exec.CommandContext(b.Context(), "git", "-C", dir, "init").CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		s := screen.Start(b, lazygit, screen.Options{Args: []string{"--use-config-file", filepath.Join(dir, "config.yml")}, Dir: dir})
		s.WaitFor("three")
		all = append(all, subject{"lazygit-", s})
	}
	for _, s := range all {
		s.Settle(500 * time.Millisecond)
	}
	return all
}

// From a key to the first byte that it makes the screen send, the median. Keys come
// at no pace that a frame clock could fall in with.
func BenchmarkKeyEcho(b *testing.B) {
	all := beside(b)
	took := make([][]time.Duration, len(all))
	for i := 0; b.Loop(); i++ {
		for j, s := range all {
			s.Mark()
			s.Type([]string{"down", "up"}[i%2])
			took[j] = append(took[j], s.Echo())
			s.Settle(time.Duration(30+i*7%17) * time.Millisecond)
		}
	}
	for j, s := range all {
		slices.Sort(took[j])
		b.ReportMetric(float64(took[j][len(took[j])/2].Microseconds())/1000, s.unit+"ms/key")
	}
}

// From 300 presses of an arrow, held back and delivered at once, to the screen with
// the last of them: ten seconds of a key that is held. The median.
func BenchmarkHeldKey(b *testing.B) {
	all := tuners(beside(b))
	took := make([][]time.Duration, len(all))
	last := make([]string, len(all))
	for i, s := range all {
		s.Type("end")
		s.WaitFor("more above")
		s.Settle(200 * time.Millisecond)
		last[i] = selected(s.Text())
	}
	for b.Loop() {
		for i, s := range all {
			s.Type("home")
			s.WaitUntil("does not go to the beginning", func(text string) bool { return selected(text) != "" && selected(text) != last[i] })
			began := time.Now()
			s.Send(strings.Repeat("\x1b[B", 300))
			s.WaitUntil("does not come to the end", func(text string) bool { return selected(text) == last[i] })
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i, s := range all {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds())/1000, s.unit+"ms/300keys")
	}
}

// tuners are those of the screens that are keeptune's.
func tuners(all []subject) []subject {
	return slices.DeleteFunc(all, func(s subject) bool { return limitLine(s.Text()) == "" })
}

// Processor use of an idle screen, and how often it wakes, over two seconds.
func BenchmarkIdleCPU(b *testing.B) {
	all := beside(b)
	share, woke := make([]float64, len(all)), make([]float64, len(all))
	for b.Loop() {
		for i, s := range all {
			cpu, wakes := processorTime(b, s.Pid()), wakeUps(b, s.Pid())
			time.Sleep(2 * time.Second)
			share[i] += (processorTime(b, s.Pid()) - cpu).Seconds() / 2 * 100
			woke[i] += float64(wakeUps(b, s.Pid())-wakes) / 2
		}
	}
	for i, s := range all {
		b.ReportMetric(share[i]/float64(b.N), s.unit+"%core")
		b.ReportMetric(woke[i]/float64(b.N), s.unit+"wakes/s")
	}
}

// wakeUps is how often the threads of a process began to wait, from Linux's /proc; 0
// where there is none.
func wakeUps(tb testing.TB, pid int) int {
	tb.Helper()
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/status")
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for _, t := range threads {
		data, err := os.ReadFile(t)
		if err != nil {
			continue // the thread has ended
		}
		_, after, _ := strings.Cut(string(data), "\nvoluntary_ctxt_switches:")
		count, _, _ := strings.Cut(after, "\n")
		switches, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil {
			tb.Fatalf("%s: %v", t, err)
		}
		n += switches
	}
	return n
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
	all := tuners(beside(b))
	most := make([]int, len(all))
	for i := 0; b.Loop(); i++ {
		for j, s := range all {
			now := limitLine(s.Text())
			s.Mark()
			s.Type([]string{"+", "-"}[i%2])
			s.WaitUntil("shows no other limit", func(text string) bool { l := limitLine(text); return l != "" && l != now })
			s.Settle(50 * time.Millisecond)
			most[j] = max(most[j], s.SinceMark())
		}
	}
	for j, s := range all {
		b.ReportMetric(float64(most[j]), s.unit+"B/edit")
	}
}

// A whole check, from the flags to the JSON.
func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		run(b, "check", "--client", "ie@11", "--server", "apache", "--format", "json")
	}
}
