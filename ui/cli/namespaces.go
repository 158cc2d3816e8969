package cli

import (
	"cmp"
	"context"
	"fmt"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/ui/cli/wire"
)

// hostNamespaces lists the network namespaces of this host.
func (a *app) hostNamespaces(ctx context.Context, format string) error {
	list, err := host.Namespaces(ctx)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		return wire.Print(a.out, wire.FromNamespaces(list, versionText()))
	case "text":
	default:
		return fmt.Errorf("--format takes text or json, not %q", model.Clean(format, 40))
	}
	var p page
	cols := []int{20, 14, 18, 9, 15}
	add := func(cells ...string) { p.lines(row(cols, cells...)) }
	add("--netns", "CONTAINER", "HOST NAME", "PROCESSES", "THE FIRST")
	for _, n := range list {
		name := cmp.Or(n.Name, n.Container, fmt.Sprint(n.PID))
		if n.Here {
			name = "(this one)"
		}
		first := "-"
		if n.PID != 0 {
			first = fmt.Sprintf("%d %s", n.PID, n.Program)
		}
		add(name, cmp.Or(n.Container, "-"), cmp.Or(n.Host, "-"), padLeft(fmt.Sprint(n.Processes), 9), first)
	}
	return p.flush(a.out)
}
