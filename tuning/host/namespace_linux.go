package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
)

// namedNamespaces is where ip netns keeps its names.
const namedNamespaces = "/run/netns"

// openNamespace finds a network namespace: a name of ip netns, the number of a process
// that lives in it, a container, or a file.
func openNamespace(name string) (*os.File, error) {
	path := filepath.Join(namedNamespaces, filepath.Base(name))
	_, notANumber := strconv.Atoi(name)
	switch {
	case notANumber == nil:
		path = "/proc/" + name + "/ns/net"
	case strings.ContainsRune(name, '/'):
		path = name // or a pod of Kubernetes, where there is no such file
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(name) {
		switch pid, ambiguous := ofContainer(name); {
		case ambiguous != nil:
			return nil, ambiguous
		case pid != 0:
			f, err = os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net")
		}
	}
	shown := model.Clean(name, 60)
	switch {
	case errors.Is(err, fs.ErrNotExist) && notANumber == nil:
		return nil, fmt.Errorf("there is no process %s; name one that runs in the namespace", shown)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no network namespace %q; keeptune host --namespaces lists them", shown)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("the network namespace %q is not open to this user; root may enter it", shown)
	case err != nil:
		return nil, fmt.Errorf("the network namespace %q: %w", shown, err)
	}
	var kind unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &kind); err != nil || kind.Type != unix.NSFS_MAGIC {
		_ = f.Close()
		return nil, fmt.Errorf("%q is no network namespace; write a name that ip netns lists, or the number of a process in it", shown)
	}
	return f, nil
}

// inside runs f on a thread of its own inside a namespace; the thread ends with it.
func inside(namespace *os.File, f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			if errors.Is(err, unix.EPERM) {
				err = errors.New("only root may enter another network namespace")
			}
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}
