package host

import "regexp"

// A Namespace is a network namespace of this host.
type Namespace struct {
	ID        uint64 // as the kernel numbers it
	Name      string // that ip netns has for it; empty where it has none
	Container string // whose it is: the first 12 digits of an id, or a name; empty where no cgroup tells
	Host      string // what its first process takes for the name of its host, where that is another than this one's
	PID       int    // of its first process; 0 where none runs in it
	Program   string // of that process
	Processes int
	Here      bool // it is keeptune's own
}

// containerGroups are how a cgroup names a container: systemd's scopes of Docker, Podman and
// containerd, the folders of Docker and Kubernetes, LXC, systemd-nspawn.
var containerGroups = regexp.MustCompile(`([0-9a-f]{64})(?:\.scope)?(?:/|$)|(?:/|^)lxc(?:\.payload[./]|/)([^/]+)|machine-([^/]+)\.scope`)

// Container is the container that a cgroup belongs to, as /proc/PID/cgroup names one: the
// first 12 digits of an id, or a name; empty for none.
func Container(cgroup string) string {
	m := containerGroups.FindStringSubmatch(cgroup)
	switch {
	case m == nil:
		return ""
	case m[1] != "":
		return m[1][:12]
	case m[2] != "":
		return m[2]
	}
	return m[3]
}
