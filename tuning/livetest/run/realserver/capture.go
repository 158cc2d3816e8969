package realserver

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Capture records the packets of one loopback port with tcpdump.
type Capture struct {
	port   int
	file   string
	log    string
	cmd    *exec.Cmd
	exited chan struct{}
}

// StartCapture begins to record; it skips (or fails, see Need) when tcpdump cannot.
func StartCapture(t testing.TB, port int) *Capture {
	t.Helper()
	Need(t, "tcpdump", "timeout")
	dir := Dir(t)
	c := &Capture{port: port, file: filepath.Join(dir, "lo.pcap"), log: filepath.Join(dir, "tcpdump.log"), exited: make(chan struct{})}
	args := []string{
		"-k", "5", strconv.Itoa(int(lifetime.Seconds())), find("tcpdump"), "-i", "lo", "-n", "-U",
		// Small slots and a large ring, so that a burst of requests drops no packet.
		"-s", "1024", "-B", "32768", "--immediate-mode", "--time-stamp-precision=micro", "-w", c.file,
	}
	if root() {
		args = append(args, "-Z", "root") // keeps the right to write into dir
	}
	c.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), find("timeout"), append(args, "tcp port "+strconv.Itoa(port))...) //nolint:gosec // a test's own arguments
	log, err := os.Create(c.log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	c.cmd.Stderr = log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait()
		close(c.exited)
	}()
	t.Cleanup(c.stop)
	for deadline := time.Now().Add(Patience); ; {
		text, _ := os.ReadFile(log.Name())
		if strings.Contains(string(text), "listening on") {
			return c
		}
		select {
		case <-c.exited:
			missing(t, "tcpdump does not capture on lo: "+strings.TrimSpace(string(text)))
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("tcpdump does not start: %s", text)
		}
	}
}

func (c *Capture) stop() {
	select {
	case <-c.exited:
		return
	default:
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // where SIGINT is ignored, as in the background of a shell, it stays so
	select {
	case <-c.exited:
	case <-time.After(5 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.exited
	}
}

// Stop ends the recording and returns the connections in the order of their SYN.
func (c *Capture) Stop(t testing.TB) []Conn {
	t.Helper()
	ours := c.catchUp(t)
	c.stop()
	text, err := os.ReadFile(c.log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n0 packets dropped by kernel") {
		t.Fatalf("the capture is not complete:\n%s", text)
	}
	return slices.DeleteFunc(c.conns(t), func(k Conn) bool { return slices.Contains(ours, k.Client) })
}

// catchUp waits until tcpdump has written a connection of ours, and with it all that came
// before: what it has not read when it is stopped is lost. It returns our addresses: one
// that is taken meanwhile connects nowhere, and another is tried.
func (c *Capture) catchUp(t testing.TB) []string {
	t.Helper()
	var ours []string
	for deadline, next := time.Now().Add(Patience), time.Now(); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if !time.Now().Before(next) {
			local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: FreePort(t)}
			dialer := net.Dialer{LocalAddr: local, Timeout: 2 * time.Second}
			if conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port))); err == nil {
				_ = conn.Close()
			}
			ours, next = append(ours, local.String()), time.Now().Add(2*time.Second)
		}
		if slices.ContainsFunc(c.conns(t), func(k Conn) bool { return slices.Contains(ours, k.Client) }) {
			return ours
		}
	}
	t.Fatalf("tcpdump does not see a connection to port %d", c.port)
	return nil
}

// conns reads what was recorded so far.
func (c *Capture) conns(t testing.TB) []Conn {
	t.Helper()
	b, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	conns, err := parsePcap(b, c.port)
	if err != nil {
		t.Fatal(err)
	}
	return conns
}
