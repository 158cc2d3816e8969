package host

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Namespace is a network namespace of this host.
type Namespace struct {
	ID         uint64      // as the kernel numbers it
	Name       string      // that ip netns has for it; empty where it has none
	Word       string      // by which it is named here: of a container, of ip netns, or a process's number; empty for keeptune's own
	Containers []Container // whose processes run in it; of keeptune's own those that share it
	Host       string      // what its first process takes for the name of its host, where that is another than this one's
	PID        int         // of its first process; 0 where none runs in it
	Program    string      // of that process
	Processes  int
	Here       bool // it is keeptune's own
}

// A Container is one as a cgroup names it, with what its engine has on the disk.
type Container struct {
	ID     string // the first 12 digits, or a name
	Name   string // that its engine has for it; empty where nothing that can be read tells
	Engine string // docker, podman, cri-o, containerd, lxc or systemd-nspawn; empty where nothing tells
	Pod    string // of Kubernetes: NAMESPACE/NAME; empty for none
}

// words are what a person may name a container by, the best first.
func (c *Container) words() []string {
	_, pod, _ := strings.Cut(c.Pod, "/")
	return []string{c.Pod, pod, c.Name, c.ID}
}

// named says whether a word names a container: its name, its pod's, or four or more digits of
// its id.
func (c *Container) named(word string) bool {
	if word == "" {
		return false
	}
	if slices.Contains(c.words(), word) {
		return true
	}
	return len(word) >= fewestDigits && len(c.ID) == shortID && (strings.HasPrefix(c.ID, word) || strings.HasPrefix(word, c.ID))
}

// shortID is how many digits of an id name a container, fewestDigits how many are enough.
const (
	shortID      = 12
	fewestDigits = 4
)

// containerGroups are how a cgroup names a container: systemd's scopes of Docker, Podman,
// CRI-O and containerd, the folders of Docker and Kubernetes, LXC, systemd-nspawn.
var containerGroups = regexp.MustCompile(`(?:([a-z-]+)[-/])?([0-9a-f]{64})(?:\.scope)?(?:/|$)|(?:/|^)lxc(?:\.payload[./]|/)([^/]+)|machine-([^/]+)\.scope`)

// engineOf is whose the word before an id in a cgroup is. Others, as of Kubernetes' folders,
// do not tell.
var engineOf = map[string]string{"docker": "docker", "libpod": "podman", "crio": "cri-o", "cri-containerd": "containerd", "nerdctl": "containerd"}

// containerOf is the container of a cgroup as /proc/PID/cgroup names it, with its whole id. The
// process that holds a container's terminal (conmon) is none.
func containerOf(cgroup string) (c Container, ok bool) {
	m := containerGroups.FindStringSubmatch(cgroup)
	switch {
	case m == nil || strings.HasSuffix(m[1], "conmon"):
		return Container{}, false
	case m[2] != "":
		return Container{ID: m[2], Engine: engineOf[m[1]]}, true
	case m[3] != "":
		return Container{ID: m[3], Name: m[3], Engine: "lxc"}, true
	}
	return Container{ID: m[4], Name: m[4], Engine: "systemd-nspawn"}, true
}

// kubernetesName takes apart what Kubernetes calls a container of Docker or CRI-O:
// k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT.
func kubernetesName(name string) (container, pod string, ok bool) {
	f := strings.Split(name, "_")
	if len(f) != 6 || f[0] != "k8s" {
		return "", "", false
	}
	return f[1], f[3] + "/" + f[2], true
}

// logName takes apart what the kubelet calls a container's log: POD_NAMESPACE_CONTAINER-ID.log.
func logName(file string) (container, pod, id string, ok bool) {
	f := strings.Split(strings.TrimSuffix(path.Base(file), ".log"), "_")
	if len(f) != 3 {
		return "", "", "", false
	}
	at := strings.LastIndexByte(f[2], '-')
	if at <= 0 {
		return "", "", "", false
	}
	return f[2][:at], f[1] + "/" + f[0], f[2][at+1:], true
}

// sayable are words by which a namespace is entered, and nothing else: neither an option nor a
// file. A container may call its host what it likes.
var sayable = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.-]*$`)

// A directory tells whose words are; several for one of more than one namespace.
type directory struct {
	words, ids map[string]uint64
}

const several = ^uint64(0)

func note(at map[string]uint64, word string, id uint64) {
	if was, ok := at[word]; ok && was != id {
		id = several
	}
	at[word] = id
}

func newDirectory(all []Namespace) *directory {
	d := &directory{map[string]uint64{}, map[string]uint64{}}
	for i := range all {
		n := &all[i]
		note(d.words, n.Name, n.ID)
		note(d.words, n.Host, n.ID)
		for k := range n.Containers {
			c := &n.Containers[k]
			for _, w := range c.words() {
				note(d.words, w, n.ID)
			}
			if len(c.ID) != shortID {
				continue
			}
			note(d.ids, c.ID, n.ID)
			for end := fewestDigits; end < shortID; end++ {
				note(d.words, c.ID[:end], n.ID)
			}
		}
	}
	return d
}

// alone says whether a word of a namespace names no other, as [Namespace.named] has it.
func (d *directory) alone(word string, id uint64) bool {
	if d.words[word] == several {
		return false
	}
	if len(word) <= shortID {
		return true
	}
	at, ok := d.ids[word[:shortID]]
	return !ok || at == id
}

// candidates are the words that may name a namespace, the best first.
func (n *Namespace) candidates() []string {
	var out []string
	add := func(words ...string) {
		for _, w := range words {
			if sayable.MatchString(w) {
				out = append(out, w)
			}
		}
	}
	for i := range n.Containers {
		c := &n.Containers[i]
		if namespace, pod, ok := strings.Cut(c.Pod, "/"); ok && sayable.MatchString(namespace) && sayable.MatchString(pod) {
			out = append(out, c.Pod, pod)
		}
		add(c.Name)
	}
	if n.Name != "" {
		out = append(out, n.Name) // it is a file's, and looked for first
	}
	for i := range n.Containers {
		add(n.Containers[i].ID)
	}
	add(n.Host)
	return out
}

// giveWords gives each namespace the word by which it is named: the best that names no other.
func giveWords(all []Namespace) {
	known := newDirectory(all)
	number := func(word string) bool { // a process's
		_, err := strconv.Atoi(word)
		return err == nil
	}
	for i := range all {
		n := &all[i]
		if n.Here {
			continue
		}
		for _, word := range n.candidates() {
			if (!number(word) || len(word) >= shortID) && known.alone(word, n.ID) {
				n.Word = word
				break
			}
		}
		switch {
		case n.Word != "":
		case n.PID != 0:
			n.Word = strconv.Itoa(n.PID)
		case number(n.Name):
			n.Word = "/run/netns/" + n.Name
		default:
			n.Word = n.Name
		}
	}
}

// named says whether a word names one of the containers, or the host that they take theirs for.
func (n *Namespace) named(word string) bool {
	return word != "" && word == n.Host || slices.ContainsFunc(n.Containers, func(c Container) bool { return c.named(word) })
}
