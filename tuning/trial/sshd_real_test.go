//go:build real && linux

package trial_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
)

// banner is the last word that sshd says to a new connection: its VersionAddendum, which
// stands for what it runs with.
func banner(t *testing.T, addr string) string {
	t.Helper()
	for end := time.Now().Add(realserver.Patience); ; {
		c, err := net.DialTimeout("tcp", addr, realserver.Patience)
		if err == nil {
			line, rerr := bufio.NewReader(c).ReadString('\n')
			_ = c.Close()
			if err = rerr; err == nil {
				words := strings.Fields(line)
				return words[len(words)-1]
			}
		}
		if time.Now().After(end) { // at a reload nobody listens for a moment
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// An sshSubject is an sshd whose configuration includes a folder, and what is to be put
// there.
type sshSubject struct {
	*subject
	srv    *realserver.SSH
	dropIn string
}

// sshd is a server that asks its clients never, and the wish for a drop-in of some lines.
func sshd(t *testing.T, first, dropIn string) *sshSubject {
	t.Helper()
	folder := t.TempDir()
	srv := realserver.SSHD(t, first+"\nInclude "+folder+"/*.conf\nVersionAddendum old\nClientAliveInterval 0")
	path := filepath.Join(folder, "10-keeptune-sshd.conf")
	s := trial.NewServer("sshd", filepath.Join(srv.Dir, "sshd_config"), []native.RewrittenFile{{Path: path, Now: []byte(dropIn)}})
	for l := range strings.Lines(dropIn) {
		s.Says = append(s.Says, strings.TrimSpace(l))
	}
	spec, err := json.Marshal(s.Spec())
	if err != nil {
		t.Fatal(err)
	}
	return &sshSubject{&subject{
		wishes: []wish{{Kind: s.Kind(), To: s.Changed(), Spec: spec}}, old: []string{"old"}, new: []string{"new"},
		read:  func(t *testing.T, _ int) string { return banner(t, srv.Addr) },
		write: func(t *testing.T, _ int, text string) { write(t, path, text) },
	}, srv, path}
}

const alive = "VersionAddendum new\nClientAliveInterval 120\nClientAliveCountMax 3\nTCPKeepAlive no\n"

// Each case ends with what sshd says with the values that it runs with, and the file is there
// or not as it says.
func TestRealSSHD(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T) *subject { return sshd(t, "", alive).subject }
	t.Run("killed at every step", func(t *testing.T) { t.Parallel(); killedAtEveryStep(t, fresh) })
	t.Run("confirmed", func(t *testing.T) {
		t.Parallel()
		s := sshd(t, "", alive)
		confirmed(t, s.subject, engine(t))
		if got, err := os.ReadFile(s.dropIn); string(got) != alive {
			t.Errorf("the drop-in: %q, %v", got, err)
		}
	})
	t.Run("SIGHUP", func(t *testing.T) {
		t.Parallel()
		s := sshd(t, "", alive)
		signalled(t, s.subject, engine(t), syscall.SIGHUP)
		s.gone(t)
	})
	t.Run("out of time", func(t *testing.T) { t.Parallel(); outOfTime(t, fresh(t), engine(t)) })
	t.Run("SIGKILL", func(t *testing.T) { t.Parallel(); signalled(t, fresh(t), engine(t), syscall.SIGKILL) })
	t.Run("the guard is killed", func(t *testing.T) { t.Parallel(); guardKilled(t, fresh(t), engine(t)) })
	for name, c := range map[string]struct{ first, dropIn, says string }{
		"rejected by sshd -t": {"", "ClientAliveInterval often\n", "sshd does not accept its files: "},
		"a line before it counts": {
			"ClientAliveInterval 300", alive,
			"sshd -T says clientaliveinterval 300 with it, and not clientaliveinterval 120: a line before it counts",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, e := sshd(t, c.first, c.dropIn), engine(t)
			out, err := command(t, s.order(e, "stay")).CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.says) || !strings.Contains(string(out), "; nothing is changed") {
				t.Errorf("%v: %s", err, out)
			}
			guardEnds(t, e)
			s.holds(t, s.old)
			s.gone(t)
		})
	}
	t.Run("the reload fails", func(t *testing.T) {
		t.Parallel()
		s, e := sshd(t, "", alive), engine(t)
		pid := listener(t, s.srv.Addr)
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // it does not come to load them
			t.Fatal(err)
		}
		out, err := command(t, s.order(e, "stay")).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "sshd did not load its files in 10 s") {
			t.Errorf("%v: %s", err, out)
		}
		s.gone(t)
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		guardEnds(t, e)
		s.holds(t, s.old)
		s.gone(t)
		if open, err := e.Open(); open != nil || err != nil {
			t.Errorf("open: %+v, %v", open, err)
		}
	})
	t.Run("somebody else changes the file", func(t *testing.T) {
		t.Parallel()
		s, e := sshd(t, "", alive), engine(t)
		p := trying(t, s.order(e, "wait"))
		write(t, s.dropIn, "VersionAddendum theirs\n")
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		guardEnds(t, e)
		s.holds(t, []string{"theirs"})
		st, err := e.Last()
		if err != nil || len(st.Left()) != 1 || !strings.Contains(st.Left()[0], s.dropIn+" was changed by somebody else meanwhile, so it stays") {
			t.Errorf("%+v, %v", st, err)
		}
	})
}

// listener is the process that listens at an address.
func listener(t *testing.T, addr string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "ss", "-Htlnp", "sport", "=", ":"+port).CombinedOutput()
	_, after, ok := strings.Cut(string(out), "pid=")
	number, _, _ := strings.Cut(after, ",")
	pid, perr := strconv.Atoi(number)
	if err != nil || !ok || perr != nil {
		t.Fatalf("ss: %v: %s", err, out)
	}
	return pid
}

// gone says that the drop-in is not there.
func (s *sshSubject) gone(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(s.dropIn); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the drop-in is there: %v", err)
	}
}

// A session that is open stays open, with what it began with; a new one has the new values.
// Both are told by the timers of the kernel.
func TestRealSSHDSessions(t *testing.T) {
	t.Parallel()
	s, e := sshd(t, "", alive), engine(t)
	before := s.session(t)
	if !before.probed(t) {
		t.Fatal("an sshd that was not changed does not probe")
	}
	p := trying(t, s.order(e, "wait"))
	s.holds(t, s.new)
	if !before.probed(t) {
		t.Error("the reload changed a session that was open")
	}
	before.says(t, "still here")
	after := s.session(t)
	if after.probed(t) {
		t.Error("a new session is probed with TCPKeepAlive no")
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	guardEnds(t, e)
	before.says(t, "after the trial")
	after.says(t, "this one, too")
}

// A session is one of ssh, which says again what it is told.
type session struct {
	in   *os.File
	out  *bufio.Reader
	addr string // of the client
}

func (s *sshSubject) session(t *testing.T) *session {
	t.Helper()
	_, port, err := net.SplitHostPort(s.srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-F", "none", "-i", s.srv.Key, "-p", port, "-l", s.srv.User}
	for _, o := range []string{"UserKnownHostsFile=" + s.srv.Known, "IdentitiesOnly=yes", "BatchMode=yes"} {
		args = append(args, "-o", o)
	}
	cmd := exec.CommandContext(t.Context(), "ssh", append(args, "127.0.0.1", "echo $SSH_CONNECTION; exec cat")...)
	theirs, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = theirs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	c := &session{in: in, out: bufio.NewReader(out)}
	line, err := c.out.ReadString('\n')
	f := strings.Fields(line)
	if err != nil || len(f) != 4 {
		t.Fatalf("the session says %q, %v", line, err)
	}
	c.addr = net.JoinHostPort(f[0], f[1])
	return c
}

// says has the session say something again.
func (c *session) says(t *testing.T, text string) {
	t.Helper()
	_, werr := c.in.WriteString(text + "\n")
	if line, err := c.out.ReadString('\n'); werr != nil || err != nil || line != text+"\n" {
		t.Errorf("the session says %q, %v, %v", line, werr, err)
	}
}

// probed says whether the kernel has a timer of keep-alive for the server's end.
func (c *session) probed(t *testing.T) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ss", "-Htno", "dst", c.addr).CombinedOutput()
	if err != nil || len(out) == 0 {
		t.Fatalf("ss: %v: %s", err, out)
	}
	return strings.Contains(string(out), "timer:(keepalive")
}
