//go:build real && linux

package trial_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/trial"
)

// namespace is a process in a network namespace of its own, until the test ends: its
// input ends with the test, however that ends.
func namespace(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cat")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("a network namespace: %v", err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return strconv.Itoa(cmd.Process.Pid)
}

// sysctl runs sysctl in the namespace of a process.
func sysctl(t *testing.T, pid string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "nsenter", append([]string{"-t", pid, "-n", "sysctl", "-n"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("sysctl %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

var keys = []string{"net.ipv4.tcp_keepalive_time", "net.netfilter.nf_conntrack_tcp_timeout_established"}

// variables are two of the kernel in a new namespace.
func variables(t *testing.T) *subject {
	t.Helper()
	pid := namespace(t)
	s := &subject{old: []string{"7200", "432000"}, new: []string{"600", "3600"}}
	for i, key := range keys {
		v, err := trial.NewSysctl(key, pid, "")
		if err != nil {
			t.Fatal(err)
		}
		spec, err := json.Marshal(v.Spec())
		if err != nil {
			t.Fatal(err)
		}
		s.wishes = append(s.wishes, wish{Kind: v.Kind(), To: s.new[i], Spec: spec})
		sysctl(t, pid, "-w", key+"="+s.old[i])
	}
	s.read = func(t *testing.T, i int) string { return sysctl(t, pid, keys[i]) }
	s.write = func(t *testing.T, i int, value string) { sysctl(t, pid, "-w", keys[i]+"="+value) }
	return s
}

// Each case ends with the values that sysctl reads from the kernel.
func TestRealMatrix(t *testing.T) {
	matrix(t, variables)
}

// tiny is a file system with room for so many bytes.
func tiny(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.Itoa(bytes)); err != nil {
		t.Fatalf("a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room in a directory's file system.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "full"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
}

func TestRealDiskFull(t *testing.T) {
	t.Parallel()
	t.Run("before the first change", func(t *testing.T) {
		for _, size := range []int{4096, 32 << 10} { // no journal, or no room for its end
			s, e := variables(t), engine(t)
			e.Dir = tiny(t, size)
			if size == 4096 {
				fill(t, e.Dir)
			}
			out, err := command(t, s.order(e, "stay")).CombinedOutput()
			if err == nil || !strings.Contains(string(out), "no space for the journal") || !strings.Contains(string(out), "nothing was changed") {
				t.Errorf("%d bytes: %v: %s", size, err, out)
			}
			s.holds(t, s.old)
			if st, err := e.Open(); st != nil || err != nil {
				t.Errorf("open: %+v, %v", st, err)
			}
		}
	})
	t.Run("after the last change", func(t *testing.T) {
		s, e := variables(t), engine(t)
		e.Dir = tiny(t, 1<<20)
		p := trying(t, s.order(e, "wait"))
		fill(t, e.Dir)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		guardEnds(t, e)
		s.holds(t, s.old)
		reverted(t, e, "keeptune ended before it was kept")
	})
	t.Run("where what is kept is written", func(t *testing.T) {
		s, e := variables(t), engine(t)
		dir := tiny(t, 8192)
		fill(t, dir)
		o := s.order(e, "keep")
		o.File, o.Window = filepath.Join(dir, "60-keeptune.conf"), time.Second
		out, err := command(t, o).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "no space is left on the device") {
			t.Errorf("%v: %s", err, out)
		}
		guardEnds(t, e)
		s.holds(t, s.old)
		if names, err := filepath.Glob(filepath.Join(dir, "*keeptune*")); err != nil || len(names) > 0 {
			t.Errorf("what is left: %v, %v", names, err)
		}
	})
}

// A value that the kernel does not take is no value.
func TestRealRefused(t *testing.T) {
	t.Parallel()
	s, e := variables(t), engine(t)
	s.wishes[1].To = "many"
	out, err := command(t, s.order(e, "stay")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the kernel does not take this value; nothing is changed") {
		t.Errorf("%v: %s", err, out)
	}
	s.holds(t, s.old)
}

// A namespace that has ended has nothing to undo, and another one is not touched.
func TestRealNamespaceGone(t *testing.T) {
	t.Parallel()
	pid := namespace(t)
	s, err := trial.NewSysctl(keys[0], pid, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Cookie += 1 << 40 // as it is for a namespace that is no more
	if _, err := s.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "its network namespace has ended") {
		t.Errorf("err = %v", err)
	}
	if err := s.Set(t.Context(), "1"); err == nil || sysctl(t, pid, keys[0]) != "7200" {
		t.Errorf("err = %v, and it is %s", err, sysctl(t, pid, keys[0]))
	}
	// Under another name it is found again.
	other, err := trial.NewSysctl(keys[0], pid, "")
	if err != nil {
		t.Fatal(err)
	}
	other.Namespace = ""
	if err := other.Set(t.Context(), "99"); err != nil || sysctl(t, pid, keys[0]) != "99" {
		t.Errorf("err = %v, and it is %s", err, sysctl(t, pid, keys[0]))
	}
}
