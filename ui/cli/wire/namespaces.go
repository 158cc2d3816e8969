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
	ID        uint64  `json:"id"` // as the kernel numbers it
	Name      *string `json:"name"`
	Container *string `json:"container"`
	Host      *string `json:"host_name"` // null where it is that of this host
	PID       *int    `json:"pid"`       // of its first process; null where none runs in it
	Program   *string `json:"program"`
	Processes int     `json:"processes"`
	Here      bool    `json:"here"`
}

// FromNamespaces is the JSON of a list.
func FromNamespaces(all []host.Namespace, version string) Namespaces {
	x := Namespaces{Schema: NamespacesSchema, Version: version, Namespaces: []Namespace{}}
	for i := range all {
		n := &all[i]
		y := Namespace{ID: n.ID, Name: word(n.Name), Container: word(n.Container), Host: word(n.Host), Program: word(n.Program), Processes: n.Processes, Here: n.Here}
		if n.PID != 0 {
			y.PID = &n.PID
		}
		x.Namespaces = append(x.Namespaces, y)
	}
	return x
}
