package realserver

import (
	"cmp"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// lifetime bounds a server's life even when the test binary dies without cleaning up.
	lifetime = 15 * time.Minute
	// Patience is how long what must happen some time, such as the start of a program, may take
	// on a busy machine.
	Patience = 2 * time.Minute
)

// A Server is a running server program.
type Server struct {
	Addr string // 127.0.0.1:port
	Port int
	Dir  string // its configuration and logs

	end  func()
	stop sync.Once
	pid  int
	env  []string
}

// Within is a server of the test's own process, which end stops.
func Within(t testing.TB, addr string, end func()) *Server {
	t.Helper()
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(text)
	s := &Server{Addr: addr, Port: port, Dir: Dir(t), end: end, pid: os.Getpid()}
	t.Cleanup(s.Stop)
	return s
}

// Need skips the test when one of the programs is missing, or fails it when
// KEEPTUNE_REQUIRE_REAL is 1.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if find(p) == "" {
			missing(t, p+" is not installed")
		}
	}
}

// NeedFile is [Need] for files: libraries that packages bring.
func NeedFile(t testing.TB, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			missing(t, p+" is not installed")
		}
	}
}

// Newest is the last file of a pattern, where several versions of a program are installed beside
// each other; it skips or fails as [Need] does.
func Newest(t testing.TB, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		missing(t, pattern+" is not installed")
		return ""
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return found[len(found)-1]
}

// Require skips the test for a reason that an installed program gives, such as its version, or
// fails it when KEEPTUNE_REQUIRE_REAL is 1.
func Require(t testing.TB, ok bool, why string) {
	t.Helper()
	if !ok {
		missing(t, why)
	}
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1" {
		t.Fatal(why + " and KEEPTUNE_REQUIRE_REAL is 1")
	}
	t.Skip(why)
}

// find looks a program up, also where daemons live.
func find(program string) string {
	if p, err := exec.LookPath(program); err == nil {
		return p
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		if p, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return p
		}
	}
	return ""
}

// PackageVersion is the version of an installed Debian package; it skips or fails as [Need]
// does.
func PackageVersion(t testing.TB, name string) string {
	t.Helper()
	Need(t, "dpkg-query")
	out, err := exec.CommandContext(t.Context(), "dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name).Output() //nolint:gosec // a test's own arguments
	version, installed := strings.CutPrefix(string(out), "installed ")
	if err != nil || !installed {
		missing(t, "the package "+name+" is not installed")
	}
	return version
}

// Output runs a program and returns what it printed, for version checks.
func Output(t testing.TB, program string, args ...string) string {
	t.Helper()
	Need(t, program)
	out, err := exec.CommandContext(t.Context(), find(program), args...).CombinedOutput() //nolint:gosec // a test's own arguments
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// once runs a command in a folder to its end.
func once(t testing.TB, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), find(args[0]), args[1:]...) //nolint:gosec // a test's own arguments
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// Dir makes a directory that a server running as another user can read.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "keeptune-real-") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the server's own user reads it
		t.Fatal(err)
	}
	return dir
}

// File writes a file below dir and returns its path.
func File(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as in Dir
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil { //nolint:gosec // as in Dir
		t.Fatal(err)
	}
	return path
}

// The ports that HoldPort gives lie below those that a kernel takes for connections and for
// listeners without a port (Linux from 32768, net.ipv4.ip_local_port_range; others from 49152), so
// that none of them is taken between the choice and the server's start.
const firstPort, lastPort = 10240, 32767

// HoldPort returns a loopback port that nobody listens on now and that nobody else gets from
// here, in this process or another, until it is released: the sign is UDP port 32768 above, which is
// held (its own is for servers that speak HTTP/3).
func HoldPort() (port int, release func(), err error) {
	for range 200 {
		port = firstPort + rand.IntN(lastPort-firstPort+1) //nolint:gosec // no secret
		var held net.PacketConn
		if held, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + 32768}); err != nil {
			continue
		}
		var l net.Listener
		if l, err = new(net.ListenConfig).Listen(context.Background(), "tcp", ":"+strconv.Itoa(port)); err != nil {
			_ = held.Close()
			continue
		}
		_ = l.Close()
		return port, func() { _ = held.Close() }, nil
	}
	return 0, nil, err
}

// FreePort is [HoldPort] for one test: the port is released at its end.
func FreePort(t testing.TB) int {
	t.Helper()
	port, release, err := HoldPort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return port
}

// start runs a foreground server and waits until it accepts connections.
func start(t testing.TB, dir string, port int, env []string, program string, args ...string) *Server {
	t.Helper()
	Need(t, program, "timeout")
	s := &Server{Port: port, Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Dir: dir}
	limit := strconv.Itoa(int(lifetime.Seconds()))
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), find("timeout"), append([]string{"-k", "5", limit, find(program)}, args...)...) //nolint:gosec // a test's own arguments
	// PWD, because Puma goes by it.
	cmd.Env = append(append(os.Environ(), "PWD="+dir), env...)
	cmd.Dir, s.env = dir, cmd.Env
	log, err := os.Create(filepath.Join(dir, "output.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	s.pid = cmd.Process.Pid
	s.end = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-exited
		}
	}
	t.Cleanup(s.Stop)
	deadline := time.Now().Add(Patience)
	for !s.ready() {
		select {
		case <-exited:
			t.Fatalf("%s ended at once:\n%s", program, s.Log())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen on %s after %v:\n%s", program, s.Addr, Patience, s.Log())
		}
	}
	return s
}

func (s *Server) ready() bool {
	c, err := (&net.Dialer{Timeout: Patience}).DialContext(context.Background(), "tcp", s.Addr)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// Stop ends the server; it is called at the end of the test and may be called before.
func (s *Server) Stop() { s.stop.Do(s.end) }

// Waiting begins to measure how long the server is kept from running; its closes are late by no
// more than that.
func (s *Server) Waiting() (so func() time.Duration) { return waiting(s.pid) }

// Log returns what the server printed so far.
func (s *Server) Log() string {
	f, err := os.Open(filepath.Join(s.Dir, "output.log"))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = f.Close() }()
	b, _ := io.ReadAll(io.LimitReader(f, 64<<10))
	return string(b)
}

// root reports whether servers must be told which user to become.
func root() bool { return os.Geteuid() == 0 }
