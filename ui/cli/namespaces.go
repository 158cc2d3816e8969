package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

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
	cols := []int{18, 23, 12, 9, 14}
	add := func(cells ...string) { p.lines(row(cols, cells...)) }
	add("--netns", "CONTAINER", "HOST NAME", "PROCESSES", "THE FIRST")
	for _, n := range list {
		first := "-"
		if n.PID != 0 {
			first = fmt.Sprintf("%d %s", n.PID, n.Program)
		}
		add(cmp.Or(n.Word, "(this one)"), cmp.Or(containersText(&n), "-"), cmp.Or(n.Host, "-"), padLeft(fmt.Sprint(n.Processes), 9), first)
	}
	if os.Getuid() != 0 {
		p.line("")
		p.wrapped("", "", "Root would see the namespaces of other users' processes, too, and the names that Docker has for containers.")
	}
	return p.flush(a.out)
}

// containersText is whose a namespace is: the engine and the id of its first container, and how
// many more have it.
func containersText(n *host.Namespace) string {
	if len(n.Containers) == 0 {
		return ""
	}
	c := &n.Containers[0]
	text := c.ID
	if c.Name != n.Word {
		text = cmp.Or(c.Name, c.ID)
	}
	text = strings.TrimSpace(c.Engine + " " + text)
	if c.Pod != "" {
		text = "pod " + c.Pod
		if c.Pod == n.Word {
			text = strings.TrimSuffix("pod of "+c.Engine, " of ")
		}
	}
	if more := len(n.Containers) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
