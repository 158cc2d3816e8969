//go:build real && linux

package host_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
)

// A process in a network namespace and a cgroup of its own, as a container has them, is
// found by the container's id, and its namespace is the one that is read.
func TestRealNamespacesOfContainers(t *testing.T) {
	id := fmt.Sprintf("%012x", os.Getpid()) + strings.Repeat("ab", 26)
	group := ""
	for _, at := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"} {
		if dir := filepath.Join(at, "docker-"+id+".scope"); os.Mkdir(dir, 0o755) == nil {
			if _, err := os.Stat(dir + "/cgroup.procs"); err == nil {
				group = dir
				break
			}
			_ = os.Remove(dir)
		}
	}
	if group == "" {
		lacking(t, "no cgroup can be made here")
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "python3", "-c", "import socket,sys\ns=socket.create_server(('0.0.0.0',7777))\nprint('up',flush=True)\nsys.stdin.read()")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		lacking(t, "no namespace can be made here: "+err.Error())
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(group+"/cgroup.procs", []byte(fmt.Sprint(cmd.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := host.Namespaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for i, n := range list {
		if n.Here != (i == 0) {
			t.Errorf("the namespace of this process is not the first, or is not alone: %+v", n)
		}
		if len(n.Containers) == 1 && n.Containers[0].ID == id[:12] {
			found = n.Word == id[:12] && n.PID == cmd.Process.Pid && n.Processes == 1 && strings.HasPrefix(n.Program, "python") && n.Name == ""
		}
	}
	if !found {
		t.Errorf("the container %s is not among %+v", id[:12], list)
	}
	entered(t, id[:12], cmd.Process.Pid, "nsenter")
	for _, name := range []string{id, id[:12], id[:11]} {
		sockets := 0
		if _, err := host.Sockets(t.Context(), host.Options{Namespace: name}, func(s *census.Socket) {
			sockets++
			if s.Local.Port() != 7777 {
				t.Errorf("%s has a socket at %s", name, s.Local)
			}
		}); err != nil || sockets != 1 {
			t.Errorf("%s: %d sockets, %v", name, sockets, err)
		}
	}
	m, err := host.Machine(t.Context(), machine.Options{Catalog: model.Embedded(), Namespace: id[:12]})
	if err != nil || m.Namespace != id[:12] {
		t.Errorf("the machine is of %q, %v", m.Namespace, err)
	}
	if _, err := host.Sockets(t.Context(), host.Options{Namespace: id[:3]}, func(*census.Socket) {}); err == nil {
		t.Error("three digits of an id are taken")
	}
}

// entered runs a command in a namespace as [host.Enter] says, and holds it against a process there.
func entered(t *testing.T, name string, pid int, with string) {
	t.Helper()
	words := host.Enter(name)
	out, err := exec.CommandContext(t.Context(), words[0], append(words[1:], "readlink", "/proc/self/ns/net")...).Output()
	want, lerr := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil || lerr != nil || strings.TrimSpace(string(out)) != want || words[0] != with {
		t.Errorf("%v prints %s, %v; want %s, %v", words, out, err, want, lerr)
	}
}

// A namespace of ip netns, and one of unshare that has no name, are listed with their processes,
// and found by the word that the list has for them.
func TestRealNamespacesOfNamesAndProcesses(t *testing.T) {
	name := fmt.Sprintf("keeptune-%d", os.Getpid())
	if out, err := exec.CommandContext(t.Context(), "ip", "netns", "add", name).CombinedOutput(); err != nil {
		lacking(t, "no namespace can be made here: "+string(out))
	}
	t.Cleanup(func() { _ = exec.CommandContext(context.Background(), "ip", "netns", "del", name).Run() })
	start := func(words ...string) int {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), words[0], append(words[1:], "sh", "-c", "echo up; read line")...)
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
		t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
		if _, err := out.Read(make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		return cmd.Process.Pid
	}
	named, unnamed := start("ip", "netns", "exec", name), start("unshare", "-n")
	list, err := host.Namespaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	words := map[int]string{}
	for _, n := range list {
		words[n.PID] = n.Word
	}
	for pid, want := range map[int]string{named: name, unnamed: fmt.Sprint(unnamed)} {
		if words[pid] != want {
			t.Errorf("that of process %d is called %q, not %q", pid, words[pid], want)
		}
	}
	entered(t, name, named, "ip")
	entered(t, "/run/netns/"+name, named, "nsenter")
	entered(t, fmt.Sprint(unnamed), unnamed, "nsenter")
}
