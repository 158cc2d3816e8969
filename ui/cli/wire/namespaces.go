package wire

import "example.com/keeptune/tuning/host"

// NamespacesSchema names the shape of [Namespaces].
const NamespacesSchema = "keeptune.namespaces/1"

// Namespaces are the network namespaces of a host: keeptune host --namespaces --format json.
type Namespaces struct {
	Schema     string      `json:"schema"`
	Version    string      `json:"version"`
	Namespaces []Namespace `json:"namespaces"`
}

// A Namespace is a network namespace.
type Namespace struct {
	ID         uint64      `json:"id"`        // as the kernel numbers it
	Netns      *string     `json:"netns"`     // what --netns takes; null for this one
	Name       *string     `json:"name"`      // that ip netns has for it
	Container  *string     `json:"container"` // the id of the first container
	Containers []Container `json:"containers"`
	Host       *string     `json:"host_name"` // null where it is that of this host
	PID        *int        `json:"pid"`       // of its first process; null where none runs in it
	Program    *string     `json:"program"`
	Processes  int         `json:"processes"`
	Here       bool        `json:"here"`
}

// A Container is one whose processes run in a namespace.
type Container struct {
	ID     string  `json:"id"`
	Name   *string `json:"name"`   // null where nothing that can be read tells
	Engine *string `json:"engine"` // docker, podman, cri-o, containerd, lxc, systemd-nspawn
	Pod    *string `json:"pod"`    // NAMESPACE/NAME of Kubernetes
}

// FromNamespaces is the JSON of a list.
func FromNamespaces(all []host.Namespace, version string) Namespaces {
	x := Namespaces{Schema: NamespacesSchema, Version: version, Namespaces: []Namespace{}}
	for i := range all {
		n := &all[i]
		y := Namespace{
			ID: n.ID, Netns: word(n.Word), Name: word(n.Name), Containers: []Container{}, Host: word(n.Host), Program: word(n.Program), Processes: n.Processes, Here: n.Here,
		}
		for _, c := range n.Containers {
			y.Containers = append(y.Containers, Container{c.ID, word(c.Name), word(c.Engine), word(c.Pod)})
		}
		if len(n.Containers) > 0 && !n.Here {
			y.Container = &n.Containers[0].ID
		}
		if n.PID != 0 {
			y.PID = &n.PID
		}
		x.Namespaces = append(x.Namespaces, y)
	}
	return x
}
