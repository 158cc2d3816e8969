package host_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/trace"
)

// watches makes the test's program a watch of an interface, for the benchmark.
const watches = "KEEPTUNE_WATCHES"

func TestMain(m *testing.M) {
	if on := os.Getenv(watches); on != "" {
		if err := watchesOn(on); err != nil {
			_, _ = fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// watchesOn does what keeptune watch does until its input ends, and prints its processor time in
// nanoseconds, the segments and how many were missed.
func watchesOn(on string) error {
	w, err := host.OpenWatch(host.WatchOptions{Interface: on})
	if err != nil {
		return err
	}
	defer w.Close()
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	tr := trace.New(nil)
	_, _ = fmt.Fprintln(os.Stdout, "listening")
	before := processor()
	err = w.Run(ctx, time.Second, tr.Add, func() {})
	tr.End()
	n := w.Counts()
	_, _ = fmt.Fprintln(os.Stdout, int64(processor()-before), n.Segments, n.Dropped)
	return err
}

// processor is the time that this process has taken of it.
func processor() time.Duration {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(unix.TimevalToNsec(r.Utime) + unix.TimevalToNsec(r.Stime))
}

// The traffic of the benchmark.
const (
	perSecond = 100_000 // packets
	lasting   = 4       // seconds
	atATime   = 100     // packets, each millisecond
)

// BenchmarkWatch follows 100,000 packets a second beside tcpdump, which writes them into a file,
// and compares the processor time that both take.
func BenchmarkWatch(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("only root captures packets")
	}
	for _, program := range []string{"tcpdump", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip(program + " is not installed")
		}
	}
	var ours, theirs time.Duration
	var missed int64
	for b.Loop() {
		done := make(chan error, 1)
		go func() {
			runtime.LockOSThread() // for good: the thread ends with the goroutine
			done <- func() error {
				o, t, m, err := besideTcpdump(b)
				ours, theirs, missed = ours+o, theirs+t, missed+m
				return err
			}()
		}()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(ours)/float64(b.N)/(perSecond*lasting), "ns/packet")
	b.ReportMetric(float64(ours)/float64(theirs), "x-tcpdump-cpu")
	b.ReportMetric(float64(missed)/float64(b.N), "missed")
}

func besideTcpdump(b *testing.B) (ours, theirs time.Duration, missed int64, err error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return 0, 0, 0, err
	}
	for _, args := range []string{
		"link add kt0 type veth peer name kt1",
		"link set kt0 up", "link set kt1 up",
	} {
		if out, err := exec.CommandContext(b.Context(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			return 0, 0, 0, fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return 0, 0, 0, err
	}
	file := filepath.Join(b.TempDir(), "seen.pcap")
	dump := exec.CommandContext(b.Context(), "tcpdump", "-i", "kt1", "-n", "-Z", "root", "-B", "16384", "-w", file, "tcp")
	notes, err := dump.StderrPipe()
	if err != nil {
		return 0, 0, 0, err
	}
	watch := exec.CommandContext(b.Context(), self)
	watch.Env = append(os.Environ(), watches+"=kt1")
	in, err := watch.StdinPipe()
	if err != nil {
		return 0, 0, 0, err
	}
	out, err := watch.StdoutPipe()
	if err != nil {
		return 0, 0, 0, err
	}
	if err := errors.Join(dump.Start(), watch.Start()); err != nil {
		return 0, 0, 0, err
	}
	said, told := bufio.NewReader(out), bufio.NewReader(notes)
	for _, r := range []*bufio.Reader{said, told} {
		for line := ""; !strings.Contains(line, "listening"); {
			if line, err = r.ReadString('\n'); err != nil {
				return 0, 0, 0, fmt.Errorf("it does not begin: %w", err)
			}
		}
	}
	before, err := ran(dump.Process.Pid)
	if err != nil {
		return 0, 0, 0, err
	}
	if err := traffic("kt0"); err != nil {
		return 0, 0, 0, err
	}
	_ = in.Close()
	var nanoseconds, segments int64
	if _, err := fmt.Fscan(said, &nanoseconds, &segments, &missed); err != nil {
		return 0, 0, 0, err
	}
	_ = dump.Process.Signal(unix.SIGINT)
	rest, _ := io.ReadAll(told)
	if err := errors.Join(watch.Wait(), dump.Wait()); err != nil {
		return 0, 0, 0, fmt.Errorf("%w: %s", err, rest)
	}
	b.Logf("%d segments, %d missed; tcpdump: %s", segments, missed, strings.ReplaceAll(string(rest), "\n", ", "))
	var passed int64 // some were dropped before anybody saw them
	for line := range strings.Lines(string(rest)) {
		if n, found := strings.CutSuffix(line, " packets received by filter\n"); found {
			passed, _ = strconv.ParseInt(n, 10, 64)
		}
	}
	if segments+missed != passed || passed < perSecond*lasting*9/10 {
		return 0, 0, 0, fmt.Errorf("%d segments seen and %d missed of %d that passed, %d were sent", segments, missed, passed, perSecond*lasting)
	}
	return time.Duration(nanoseconds), dump.ProcessState.UserTime() + dump.ProcessState.SystemTime() - before, missed, nil
}

// ran is for how long a process with one thread has run.
func ran(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		return 0, err
	}
	var d time.Duration
	_, err = fmt.Sscan(string(text), (*int64)(&d))
	return d, err
}

// traffic sends connections into an interface, 1,000 of them open at once: a handshake, seven
// requests of 120 bytes, answers of 1,200, and a close.
func traffic(into string) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	on, err := net.InterfaceByName(into)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: on.Index}); err != nil {
		return err
	}
	const open, steps = 1000, 20
	began, id := time.Now(), uint16(0)
	sent := 0
	for first := 0; sent < perSecond*lasting; first += open {
		for step := range steps {
			for c := first; c < first+open && sent < perSecond*lasting; c++ {
				id++
				if _, err := unix.Write(fd, packetOf(c, step, id)); err != nil {
					return err
				}
				if sent++; sent%atATime == 0 {
					<-time.After(time.Until(began.Add(time.Duration(sent) * time.Second / perSecond)))
				}
			}
		}
	}
	return nil
}

// packetOf is a step of a connection, as a frame of Ethernet.
func packetOf(c, step int, id uint16) []byte {
	const asked, answered, linkHead, heads = 120, 1200, 14, 14 + 20 + 32
	back := step%2 == 1
	var flags byte = 0x10
	size := 0
	switch {
	case step == 0:
		flags = 0x02
	case step == 1:
		flags = 0x12
	case step >= 3 && step < 17:
		if flags, size = 0x18, answered; back {
			size = asked
		}
	case step >= 17 && step < 19:
		flags = 0x11
	}
	// From step 3 on the client, who sends the odd steps there, asks and is answered.
	client := back != (step < 3)
	asks, answers := uint32(min(max(0, (step-2)/2), 7))*asked, uint32(min(max(0, (step-3)/2), 7))*answered
	p := make([]byte, heads+size)
	copy(p, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45})
	binary.BigEndian.PutUint16(p[16:], uint16(len(p)-linkHead))
	binary.BigEndian.PutUint16(p[18:], id)
	p[22], p[23] = 64, 6
	there, here := [4]byte{10, 0, 0, 5}, [4]byte{10, 1, byte(c >> 14), byte(c >> 6)}
	from, to := uint16(20000+c), uint16(8080)
	seq, ack := 1001+asks, 5001+answers
	if !client {
		there, here, from, to, seq, ack = here, there, to, from, ack, seq
	}
	if flags&2 != 0 {
		seq--
	}
	copy(p[26:], here[:])
	copy(p[30:], there[:])
	binary.BigEndian.PutUint16(p[34:], from)
	binary.BigEndian.PutUint16(p[36:], to)
	binary.BigEndian.PutUint32(p[38:], seq)
	binary.BigEndian.PutUint32(p[42:], ack)
	p[46], p[47] = 0x80, flags
	binary.BigEndian.PutUint16(p[48:], 500)
	copy(p[54:], []byte{1, 1, 8, 10})
	return p
}
