package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/host"
)

// SysctlKind is the kind of a [Sysctl].
const SysctlKind = "sysctl"

// A Sysctl is a variable of the kernel, net.ipv4.tcp_keepalive_time, in a network
// namespace.
type Sysctl struct {
	Key       string `json:"key"`
	Namespace string `json:"namespace,omitempty"` // as [host.Within] takes it
	Cookie    uint64 `json:"cookie"`              // of the namespace, by which it is found again
	Then      string `json:"effect,omitempty"`    // what it does to live connections
}

// NewSysctl is a variable in a network namespace as it is now.
func NewSysctl(key, namespace, effect string) (*Sysctl, error) {
	s := &Sysctl{Key: key, Namespace: namespace, Then: effect}
	if p := s.path(); !strings.HasPrefix(p, "/proc/sys/net/") {
		return nil, fmt.Errorf("%s is no variable below net", key)
	}
	err := host.Within(namespace, func() (err error) {
		s.Cookie, err = netCookie()
		return err
	})
	return s, err
}

func sysctlOf(spec json.RawMessage) (Target, error) {
	s := new(Sysctl)
	return s, json.Unmarshal(spec, s)
}

// netCookie tells the network namespace of this thread from all others since the host has
// started; the numbers of namespaces' files are used again.
func netCookie() (uint64, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if errors.Is(err, unix.ENOPROTOOPT) { // before Linux 5.14
		var st unix.Stat_t
		err = unix.Stat("/proc/thread-self/ns/net", &st)
		cookie = st.Ino
	}
	return cookie, err
}

func (s *Sysctl) path() string {
	return filepath.Join("/proc/sys", otherSeparator.Replace(s.Key))
}

// Kind is [SysctlKind].
func (s *Sysctl) Kind() string { return SysctlKind }

// Spec is what makes the variable again.
func (s *Sysctl) Spec() any { return s }

// About names the variable.
func (s *Sysctl) About() About { return About{Name: s.Key, Effect: s.Then, Volatile: true} }

// Command is sysctl -w, in the namespace.
func (s *Sysctl) Command(value string) string {
	text := "sysctl -w " + s.Key + "=" + value
	if strings.ContainsAny(value, " \t") {
		text = "sysctl -w " + s.Key + "='" + value + "'"
	}
	if s.Namespace == "" {
		return text
	}
	return strings.Join(append(host.Enter(s.Namespace), text), " ")
}

// Read is the value in force; several numbers are separated by a space.
func (s *Sysctl) Read(context.Context) (value string, err error) {
	err = s.within(func() error {
		data, err := os.ReadFile(s.path())
		value = strings.Join(strings.Fields(string(data)), " ")
		return s.worded(err)
	})
	return value, err
}

// Check says why this process may not set it.
func (s *Sysctl) Check(context.Context) error {
	return s.within(func() error { return s.worded(unix.Access(s.path(), unix.W_OK)) })
}

// Set writes the value.
func (s *Sysctl) Set(_ context.Context, value string) error {
	return s.within(func() error { return s.worded(os.WriteFile(s.path(), []byte(value), 0)) })
}

// within runs f in the variable's namespace, and nowhere else.
func (s *Sysctl) within(f func() error) error {
	entered := false
	there := func() error {
		cookie, err := netCookie()
		if err == nil && cookie != s.Cookie {
			err = ErrGone
		}
		if err != nil {
			return err
		}
		entered = true
		return f()
	}
	err := host.Within(s.Namespace, there)
	if entered || err != nil && !errors.Is(err, ErrGone) && os.Geteuid() != 0 {
		return err
	}
	for _, at := range namespaces() { // under another name, by a process in it
		if err := host.Within(at, there); entered {
			return err
		}
	}
	return fmt.Errorf("its network namespace has ended: %w", ErrGone)
}

// namespaces are the files of the network namespaces that this process may see.
func namespaces() []string {
	names, _ := filepath.Glob("/run/netns/*")
	processes, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	files, seen := names, map[string]bool{}
	for _, name := range processes {
		if to, err := os.Readlink(name); err == nil && !seen[to] {
			seen[to] = true
			files = append(files, name)
		}
	}
	return files
}

func (s *Sysctl) worded(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if strings.Contains(s.Key, "nf_conntrack") {
			return errors.New("this kernel has no connection tracking loaded (modprobe nf_conntrack)")
		}
		return errors.New("this kernel does not have it")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("only root may set it")
	case errors.Is(err, unix.EROFS):
		return errors.New("/proc/sys is read-only here, as in a container; set it on the host that runs it")
	case errors.Is(err, unix.EINVAL):
		return errors.New("the kernel does not take this value")
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
