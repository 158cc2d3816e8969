package host

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
)

// Namespaces lists the network namespaces that processes run in, or that ip netns keeps,
// keeptune's own first. Without root those of other users' processes are not seen.
func Namespaces(ctx context.Context) ([]Namespace, error) {
	var here unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &here); err != nil {
		return nil, fmt.Errorf("the network namespaces cannot be listed: %w", err)
	}
	own, _ := os.ReadFile("/etc/hostname") // empty where there is none
	by := map[uint64]*Namespace{}
	at := func(id uint64) *Namespace {
		if by[id] == nil {
			by[id] = &Namespace{ID: id, Here: id == here.Ino}
		}
		return by[id]
	}
	names, err := filepath.Glob(namedNamespaces + "/*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var st unix.Stat_t
		var kind unix.Statfs_t
		if unix.Stat(name, &st) == nil && unix.Statfs(name, &kind) == nil && kind.Type == unix.NSFS_MAGIC {
			at(st.Ino).Name = model.Clean(filepath.Base(name), 60)
		}
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	pid := func(dir string) int {
		n, _ := strconv.Atoi(path.Base(dir)) // /proc has numbers
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return pid(a) - pid(b) })
	var known engines
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var st unix.Stat_t
		if unix.Stat(dir+"/ns/net", &st) != nil {
			continue // it ended, or is not for this user
		}
		n := at(st.Ino)
		if groups, err := os.ReadFile(dir + "/cgroup"); err == nil {
			for line := range strings.Lines(string(groups)) {
				_, group, ok := strings.Cut(strings.TrimSpace(line), ":/")
				if !ok {
					continue
				}
				if c, ok := known.find("/" + group); ok {
					if !slices.Contains(n.Containers, c) {
						n.Containers = append(n.Containers, c)
					}
					break
				}
			}
		}
		if n.Processes++; n.Processes > 1 {
			continue
		}
		comm, _ := os.ReadFile(dir + "/comm")
		n.PID, n.Program = pid(dir), model.Clean(strings.TrimSpace(string(comm)), 40)
		if n.Here {
			continue
		}
		if name, err := rooted(dir + "/root").read("etc/hostname"); err == nil && !bytes.Equal(name, own) {
			n.Host = model.Clean(strings.TrimSpace(string(name)), 60)
		}
	}
	list := make([]Namespace, 0, len(by))
	for _, n := range by {
		list = append(list, *n)
	}
	slices.SortFunc(list, func(a, b Namespace) int {
		switch {
		case a.Here == b.Here:
			return cmp.Or(cmp.Compare(a.PID, b.PID), strings.Compare(a.Name, b.Name))
		case a.Here:
			return -1
		}
		return 1
	})
	giveWords(list)
	return list, nil
}

// ofContainer finds the process by which the namespace of a container is entered, which is
// named by its name or its pod's, by four or more digits of its id, or by the name of its
// host. It is 0 where there is none, and an error where there are several, or where the
// container has no namespace of its own.
func ofContainer(word string) (int, error) {
	list, err := Namespaces(context.Background())
	if err != nil {
		return 0, err
	}
	found, shares := 0, false
	for i := range list {
		switch n := &list[i]; {
		case !n.named(word) || n.PID == 0:
		case n.Here:
			shares = true
		case found != 0:
			return 0, fmt.Errorf("%q names several containers; write more of its id, or the number of a process in it", model.Clean(word, 60))
		default:
			found = n.PID
		}
	}
	if found == 0 && shares {
		return 0, fmt.Errorf("the container %q shares the network namespace of this host; leave --netns out to read it", model.Clean(word, 60))
	}
	return found, nil
}

// Enter are the words before a command that run it in a network namespace, named as
// [Options.Namespace] names it.
func Enter(namespace string) []string {
	_, number := strconv.Atoi(namespace)
	if number == nil && len(namespace) < shortID {
		return []string{"nsenter", "-t", namespace, "-n"}
	}
	at := namespace
	if !strings.ContainsRune(at, '/') {
		at = namedNamespaces + "/" + at
	}
	_, err := os.Stat(at)
	switch {
	case err == nil && at == namespace || filepath.IsAbs(namespace):
		return []string{"nsenter", "--net=" + namespace}
	case err != nil:
		if pid, err := ofContainer(namespace); err == nil && pid != 0 {
			return []string{"nsenter", "-t", strconv.Itoa(pid), "-n"}
		}
	}
	return []string{"ip", "netns", "exec", namespace}
}
