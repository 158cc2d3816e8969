package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/contract"
)

// An accessLog is what the screen read, ran and wrote, in its order.
type accessLog struct {
	mu   sync.Mutex
	list []machine.Access
}

// note adds accesses; one that is there already counts once more.
func (l *accessLog) note(list ...machine.Access) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range list {
		i := slices.IndexFunc(l.list, func(o machine.Access) bool { return o.Kind == a.Kind && o.What == a.What })
		if i < 0 {
			l.list = append(l.list, a)
			continue
		}
		l.list[i].Count += a.Count
		l.list[i].Failed = a.Failed
	}
}

// files notes files that were read or written.
func (l *accessLog) files(kind string, names ...string) {
	for _, n := range names {
		l.note(machine.Access{Kind: kind, What: model.Clean(n, 300), Count: 1})
	}
}

// Log is what was read, run and written.
func (e *effects) Log() []machine.Access {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	return slices.Clone(e.log.list)
}

// Namespaces lists the network namespaces, as keeptune host --namespaces does.
func (e *effects) Namespaces(ctx context.Context) ([]contract.Namespace, error) {
	all, err := host.Namespaces(ctx)
	access := machine.Access{Kind: "read", What: "/proc/[pid]/ns/net, cgroup and comm, /run/netns, and what container engines keep of names (/var/lib/docker, /var/lib/containers, /run/containerd, /var/log/containers)", Count: 1}
	if err != nil {
		access.Failed = model.Clean(err.Error(), 120)
	}
	e.log.note(access)
	var list []contract.Namespace
	for i := range all {
		n := &all[i]
		x := contract.Namespace{Name: n.Word, Whose: containersText(n), Processes: n.Processes}
		if n.PID != 0 {
			x.First = fmt.Sprintf("%d %s", n.PID, n.Program)
		}
		list = append(list, x)
	}
	return list, err
}

// ReadHost reads this host, as keeptune host does.
func (e *effects) ReadHost(ctx context.Context, namespace string) (machine.Machine, error) {
	m, err := host.Machine(ctx, machine.Options{Catalog: e.app.catalogs(), Namespace: namespace})
	e.log.note(m.Log...)
	return m, err
}

// HostPath gives what was read to a path of this host, in every way that the contexts of
// its servers allow, the worst first.
func (e *effects) HostPath(m *machine.Machine, at int, over model.Document) (contract.Imported, error) {
	all, err := m.Lay(m.Paths[at], e.app.catalogs())
	if err != nil {
		return contract.Imported{}, err
	}
	for i := range all {
		all[i].Document.Goals, all[i].Document.Target, all[i].Document.Notes = over.Goals, over.Target, over.Notes
	}
	var r reading
	for i := range m.Programs {
		r.unused = append(r.unused, m.Programs[i].Import.Unused...)
	}
	return e.app.alternatives("this host", all, &r)
}
