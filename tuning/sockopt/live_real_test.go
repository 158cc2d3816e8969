//go:build real && linux

package sockopt_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/tuning/trial"
)

// server echoes what it gets on port 8080. It sets nothing on its connections, but a
// user timeout of its own on those from 127.0.0.4. Asked on standard input, it tells what its
// connections have set, by their peers; it tells of each that ends in an error.
const server = `
import json, selectors, socket, sys
select = selectors.DefaultSelector()
listener = socket.socket()
listener.bind(("127.0.0.1", 8080)); listener.listen(512)
select.register(listener, selectors.EVENT_READ)
select.register(sys.stdin, selectors.EVENT_READ)
peers = {}
print("ready", flush=True)
while True:
    for key, _ in select.select():
        if key.fileobj is listener:
            c, peer = listener.accept()
            if peer[0] == "127.0.0.4":
                c.setsockopt(socket.IPPROTO_TCP, 18, 60000 + len(peers))
            peers[c] = "%s:%d" % peer
            select.register(c, selectors.EVENT_READ)
        elif key.fileobj is sys.stdin:
            if not sys.stdin.readline():
                sys.exit()
            print(json.dumps({peer: [c.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)] +
                [c.getsockopt(socket.IPPROTO_TCP, o) for o in (4, 5, 6, 18)] for c, peer in peers.items()}), flush=True)
        else:
            c = key.fileobj
            try:
                data = c.recv(65536)
                if data:
                    c.sendall(data)
                    continue
            except OSError as e:
                print("ended", peers[c], e.errno, flush=True)
            select.unregister(c); del peers[c]; c.close()
`

// clients hold 200 connections: 20 idle ones from 127.0.0.3, 10 from 127.0.0.4, 160 from
// 127.0.0.2, and 10 on which something is sent all the time. At the end of standard input
// they tell how often, and how many packets had to be repeated.
const clients = `
import json, select, socket, struct, sys
def connect(host):
    c = socket.socket(); c.bind((host, 0)); c.connect(("127.0.0.1", 8080)); return c
idle = [connect("127.0.0.3") for _ in range(20)] + [connect("127.0.0.4") for _ in range(10)] + [connect("127.0.0.2") for _ in range(160)]
busy = [connect("127.0.0.2") for _ in range(10)]
print("ready", flush=True)
n = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    n += 1
    for c in busy:
        c.sendall(b"%09d" % n)
    for c in busy:
        got = b""
        while len(got) < 9:
            got += c.recv(9 - len(got))
        assert got == b"%09d" % n, got
print(json.dumps([n, sum(struct.unpack("I", c.getsockopt(socket.IPPROTO_TCP, 11, 104)[100:104])[0] for c in busy)]), flush=True)
`

// A script is a Python program in the namespace of another process, or in a new one.
type script struct {
	t   *testing.T
	pid int
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, namespace int, args ...string) *script {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "nsenter", append([]string{"--net=/proc/" + strconv.Itoa(namespace) + "/ns/net", "--"}, args...)...)
	if namespace == 0 {
		cmd = exec.CommandContext(t.Context(), "sh", append([]string{"-c", `ip link set lo up && exec "$@"`, "sh"}, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	return &script{t: t, pid: cmd.Process.Pid, in: in, out: bufio.NewReader(out)}
}

func (s *script) line() string {
	s.t.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil {
		s.t.Fatalf("%q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

// inside runs a command in the namespace.
func (s *script) inside(stdin string, args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "nsenter", append([]string{"--net=/proc/" + strconv.Itoa(s.pid) + "/ns/net", "--"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v: %s", args, err, out)
	}
	return string(out)
}

// set is what the server says its connections have, by their peers, and those that ended.
func (s *script) set(ended map[string]string) map[string][5]int {
	s.t.Helper()
	if _, err := io.WriteString(s.in, "tell\n"); err != nil {
		s.t.Fatal(err)
	}
	for {
		line := s.line()
		if rest, ok := strings.CutPrefix(line, "ended "); ok {
			peer, errno, _ := strings.Cut(rest, " ")
			ended[peer] = errno
			continue
		}
		all := map[string][5]int{}
		if err := json.Unmarshal([]byte(line), &all); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		return all
	}
}

// A server that never sets SO_KEEPALIVE has 200 connections. As a trial they get probes;
// ss shows a timer on all, peers that are cut off are noticed when the arithmetic says so,
// the others go on, and in the end each has what it had.
func TestRealLiveSockets(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Fatal("only root makes network namespaces")
	}
	echo := start(t, 0, "python3", "-c", server)
	echo.line()
	load := start(t, echo.pid, "python3", "-c", clients)
	load.line()
	ended := map[string]string{}
	before := echo.set(ended)
	for len(before) < 200 {
		before = echo.set(ended)
	}
	filter, err := census.ParseFilter("local:8080 state:established pid:" + strconv.Itoa(echo.pid))
	if err != nil {
		t.Fatal(err)
	}
	change := census.Change{KeepAlive: new(true), Idle: new(time.Second), Every: new(time.Second), Count: new(2)}
	namespace := strconv.Itoa(echo.pid)
	selection, err := sockopt.Select(t.Context(), namespace, filter, change)
	if err != nil {
		t.Fatal(err)
	}
	if len(selection.Sockets) != 200 || selection.Chosen != 200 || selection.Was() != "off: 190; "+strings.TrimPrefix(selection.Was(), "off: 190; ") {
		t.Fatalf("%d of %d sockets are to be changed: %s", len(selection.Sockets), selection.Chosen, selection.Was())
	}
	engine := &trial.Engine{Dir: t.TempDir(), Kinds: sockopt.Kinds()}
	if _, err := engine.Start(t.Context(), selection.Plan(), trial.Options{Window: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}

	// All have what was asked for, by the server's own word, and an armed timer.
	for peer, set := range echo.set(ended) {
		if want := [5]int{1, 1, 1, 2, before[peer][4]}; set != want {
			t.Errorf("%s has %v, not %v", peer, set, want)
		}
	}
	listed := echo.inside("", "ss", "-Htno", "state", "established", "sport", "=", "8080")
	timers := 0
	for line := range strings.Lines(listed) {
		// Data that is on its way hides the keep-alive timer.
		if strings.Contains(line, "timer:(keepalive,") || strings.Contains(line, "timer:(on,") {
			timers++
		}
	}
	if timers != 200 || strings.Count(listed, "timer:(keepalive,") < 190 {
		t.Errorf("ss shows a timer on %d:\n%s", timers, listed)
	}

	// Twenty peers are cut off: what is sent to them is seen on the wire and gets lost.
	dump := start(t, echo.pid, "timeout", "60", "tcpdump", "-U", "--immediate-mode", "-s", "128", "-B", "8192", "-i", "lo", "-w", "-", "host 127.0.0.3")
	seen := watch(t, dump.out, 20, func() {
		echo.inside("table ip cut { chain in { type filter hook input priority 0; ip daddr 127.0.0.3 drop; }; }", "nft", "-f", "-")
	})
	if len(seen) != 20 {
		t.Fatalf("%d of 20 were noticed", len(seen))
	}
	hz, ok := lab.HostHZ()
	if !ok {
		t.Fatal("the kernel's HZ is not known")
	}
	socket := detect.Linux()
	socket.HZ, socket.KeepAlive, socket.Idle, socket.Every, socket.Count = hz, true, time.Second, time.Second, 2
	bounds := detect.Idle(socket)
	for peer, took := range seen {
		if took < bounds.Low || took > bounds.High {
			t.Errorf("%s was given up after %s, not after %s to %s", peer, took, bounds.Low, bounds.High)
		}
	}

	// Sockets go back one by one, by what the journal has; the ones that ended are counted.
	state, err := engine.Revert(context.Background(), "the test is over")
	if err != nil || state.Phase != trial.Reverted || !slices.Contains(state.Notes(), state.Items[0].Name+": 20 of its 200 sockets were closed meanwhile") {
		t.Errorf("%v: %+v", err, state)
	}
	after := echo.set(ended)
	for peer, was := range before {
		now, open := after[peer]
		switch cut := strings.HasPrefix(peer, "127.0.0.3:"); {
		case cut && ended[peer] != strconv.Itoa(int(syscall.ETIMEDOUT)):
			t.Errorf("%s ended with %q", peer, ended[peer])
		case !cut && (!open || now != was):
			t.Errorf("%s had %v and has %v", peer, was, now)
		}
	}
	if listed := echo.inside("", "ss", "-Htno", "state", "established", "sport", "=", "8080"); strings.Contains(listed, "keepalive") {
		t.Errorf("there is a timer still:\n%s", listed)
	}

	// What was sent all the time was not disturbed.
	if _, err := io.WriteString(load.in, "end\n"); err != nil {
		t.Fatal(err)
	}
	var sent [2]int
	if err := json.Unmarshal([]byte(load.line()), &sent); err != nil || sent[0] < 10 || sent[1] != 0 {
		t.Errorf("%v: %d rounds, %d packets repeated", err, sent[0], sent[1])
	}
	t.Logf("given up after %v, expected %s to %s; %d rounds meanwhile", slices.Sorted(values(seen)), bounds.Low, bounds.High, sent[0])
}

func values(m map[netip.AddrPort]time.Duration) func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// watch reads a capture. When it has heard of n peers of the server it cuts them off; then it
// tells how long after the last segment of each its connection was reset, by the
// capture's clock.
func watch(t *testing.T, in io.Reader, n int, cut func()) map[netip.AddrPort]time.Duration {
	t.Helper()
	took := map[netip.AddrPort]time.Duration{}
	packets, err := capture.Open(in)
	if err != nil {
		t.Error(err)
		return took
	}
	last := map[netip.AddrPort]int64{}
	for s := (capture.Segment{}); len(took) < n; {
		if err := packets.Next(&s); err != nil {
			t.Error(err)
			return took
		}
		switch {
		case s.Src.Port() != 8080:
			last[s.Src] = s.At
			if len(last) == n && cut != nil {
				cut()
				cut = nil
			}
		case s.Flags.Has(capture.RST):
			took[s.Dst] = time.Duration(s.At - last[s.Dst])
		}
	}
	return took
}

// Another user is told in one sentence who may.
func TestRealLiveSocketsOfAnother(t *testing.T) {
	t.Parallel()
	said := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with its user
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); err != 0 {
			said <- err
			return
		}
		_, err := sockopt.NewTaker().Get(context.Background(), sockopt.Ref{PID: os.Getppid(), Name: "sshd"})
		said <- err
	}()
	err := <-said
	want := fmt.Sprintf("the sockets of process %d (sshd) are not for this user; root may read and set them", os.Getppid())
	if refused := (&sockopt.RefusedError{}); !errors.As(err, &refused) || !strings.HasPrefix(refused.Why, want) {
		t.Errorf("%v, not %s", err, want)
	}
}
