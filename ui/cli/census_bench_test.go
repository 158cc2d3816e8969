//go:build linux

package cli_test

import (
	"bufio"
	"io"
	"log"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/ui/internal/screen"
)

// crowd opens so many loopback connections at the address 127.0.N.1, says so, and keeps
// them until its input ends. It is a program of its own: one may not have so many files.
func crowd() {
	member, pairs := number(os.Args[1]), number(os.Args[2])
	at := &unix.SockaddrInet4{Addr: [4]byte{127, 0, byte(member), 1}, Port: 7000}
	listener := must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0))
	if err := unix.Bind(listener, at); err != nil {
		log.Fatal(err)
	}
	if err := unix.Listen(listener, 1024); err != nil {
		log.Fatal(err)
	}
	for i := range pairs {
		client := must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0))
		if i%3 == 0 {
			_ = unix.SetsockoptInt(client, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
		}
		if err := unix.Connect(client, at); err != nil {
			log.Fatal(err)
		}
		if _, _, err := unix.Accept(listener); err != nil {
			log.Fatal(err)
		}
	}
	_, _ = os.Stdout.WriteString("open\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func init() {
	if os.Getenv("KEEPTUNE_CROWD") != "" {
		crowd()
		os.Exit(0)
	}
}

// peak is the most memory that a program had in use, in KiB, as it was told last. What
// wait4 tells is at least the memory of the process that started it.
func peak(b *testing.B, args ...string) (kib int) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), args[0], args[1:]...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatal(err)
			}
			return kib
		case <-time.After(time.Millisecond):
			status, _ := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status") // gone at its end
			if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
				kib = number(strings.Fields(after)[0]) // at first it is still that of its parent
			}
		}
	}
}

func number(text string) int { return must(strconv.Atoi(text)) }

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// gathered starts members in a network namespace of their own, and returns the process
// whose namespace it is. They end with the benchmark.
func gathered(b *testing.B, members, pairs int) (pid int) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	// The first process makes the namespace and waits; the others are started inside it.
	for i := range members {
		cmd := exec.CommandContext(b.Context(), "nsenter", "--net=/proc/"+strconv.Itoa(pid)+"/ns/net", "--", self)
		if i == 0 {
			cmd = exec.CommandContext(b.Context(), "sh", "-c", `ip link set lo up && exec "$@"`, "sh", self)
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		}
		cmd.Args = append(cmd.Args, strconv.Itoa(i+1), strconv.Itoa(pairs))
		cmd.Env = append(os.Environ(), "KEEPTUNE_CROWD=1")
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Wait()
		})
		if i == 0 {
			pid = cmd.Process.Pid
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
			b.Fatalf("member %d: %q, %v", i+1, line, err)
		}
	}
	return pid
}

// 100,000 sockets listed in turn by keeptune census and by ss -tno, the same rows and
// columns, and counted; how often as long as ss each takes, the medians. The memory is
// that of a count, beyond what one of few sockets takes.
func BenchmarkCensus(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("only root makes network namespaces")
	}
	bin := screen.Build(b)
	// Owners are looked for in all processes, so that the few are counted alone.
	small := peak(b, bin, "census", "--netns", strconv.Itoa(gathered(b, 1, 500)))
	pid := strconv.Itoa(gathered(b, 6, 8334))
	ss := []string{"nsenter", "--net=/proc/" + pid + "/ns/net", "--", "ss", "-tno"}
	list := []string{bin, "census", "--netns", pid, "--format", "csv", "--filter", "-state:listen", "--columns", "state,recv_queue,send_queue,local,remote,timer,fires_s,tries"}
	type times struct{ wall, cpu []float64 }
	var theirs, ours times
	run := func(args []string) (took, cpu float64) {
		cmd := exec.CommandContext(b.Context(), args[0], args[1:]...)
		began := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		p := cmd.ProcessState
		return time.Since(began).Seconds(), (p.UserTime() + p.SystemTime()).Seconds()
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	for range max(b.N, 7) {
		w, c := run(ss)
		theirs.wall, theirs.cpu = append(theirs.wall, w), append(theirs.cpu, c)
		w, c = run(list)
		ours.wall, ours.cpu = append(ours.wall, w), append(ours.cpu, c)
	}
	many := peak(b, bin, "census", "--netns", pid)
	b.ReportMetric(median(ours.wall)/median(theirs.wall), "x-ss-wall")
	b.ReportMetric(median(ours.cpu)/median(theirs.cpu), "x-ss-cpu")
	b.ReportMetric(median(ours.wall)*1000, "ms/list")
	b.ReportMetric(float64(many-small)/1024, "MiB-more")
}
