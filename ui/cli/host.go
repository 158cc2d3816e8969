package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/hostpage"
)

// hostFlags are what keeptune host is asked.
type hostFlags struct {
	format, netns string
	session       int // which path is printed as a session; 0: none
	all, log      bool
	unchecked     bool
	namespaces    bool
}

func (a *app) host() *cobra.Command {
	var f hostFlags
	cmd := &cobra.Command{
		Use:   "host",
		Short: "What this host has in force: kernel, servers, files",
		Long: `host reads this host: the kernel's variables of TCP and connection tracking, its
limits, the servers that run and that are installed, their versions, and their
configuration files with all that they include, each value with file and line.
Files that were edited and not loaded since are named, and so are variables that
a file of sysctl.d has otherwise. From where servers listen and send to it
proposes the paths of requests.

Servers whose program nobody but root and you can have written are run for their
version, and nginx, Apache, HAProxy and sshd, where root or you run them, check
their files (--no-check leaves that out). It changes nothing, but nginx -t makes
what its files name and is not there: an empty pid file, logs, and folders for
temporary files. --log lists all that was read and run. Without root less is
seen, and the page ends with what is missing.

On Windows it reads the registry: TCP's values and those of HTTP.sys, IIS (with
its applicationHost.config), Internet Explorer and PuTTY's sessions.

` + exitPlain,
		Example: `  keeptune host
  keeptune host --session 1 > edge-3.toml && keeptune edge-3.toml
  keeptune host --namespaces
  keeptune host --netns 4711 --format json
  keeptune host --log`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.namespaces {
				return a.hostNamespaces(cmd.Context(), f.format)
			}
			return choose(f.format, hostFormats, func(p hostPrinter) error { return a.runHost(cmd.Context(), &f, p) })
		},
	}
	s := cmd.Flags()
	s.StringVar(&f.format, "format", "text", "`FORMAT`: text or json")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	s.BoolVar(&f.namespaces, "namespaces", false, "list the network namespaces of this host, with their containers and processes")
	s.IntVar(&f.session, "session", 0, "print path `N` of the list as a session, with the values that were read")
	s.BoolVar(&f.all, "all", false, "also values as Linux starts with, and servers that do not run")
	s.BoolVar(&f.log, "log", false, "list every file that was read and every program that was run")
	s.BoolVar(&f.unchecked, "no-check", false, "do not let servers check their files")
	complete(cmd, "format", "text", "json")
	return cmd
}

// A hostPrinter writes what was read.
type hostPrinter func(*app, *hostFlags, *machine.Machine) error

var hostFormats = map[string]hostPrinter{
	"text": hostText,
	"json": func(a *app, _ *hostFlags, m *machine.Machine) error {
		return wire.Print(a.out, wire.FromMachine(m, versionText()))
	},
}

func (a *app) runHost(ctx context.Context, f *hostFlags, p hostPrinter) error {
	if f.session < 0 {
		return fmt.Errorf("--session is %d; paths are counted from 1", f.session)
	}
	m, err := host.Machine(ctx, machine.Options{Catalog: a.catalogs(), Namespace: f.netns, Unchecked: f.unchecked})
	if err != nil {
		return err
	}
	if f.session != 0 {
		d, err := a.hostSession(&m, f.session)
		if err != nil {
			return err
		}
		_, err = a.outFile.Write(model.EncodeDocument(a.redact.Document(d)))
		return err
	}
	return p(a, f, &m)
}

func hostText(a *app, f *hostFlags, m *machine.Machine) error {
	var p page
	if f.log {
		p.lines(hostpage.LogLines(m.Log))
		return p.flush(a.out)
	}
	p.lines(hostpage.Lines(m, hostpage.Options{Width: width, Catalog: a.catalogs(), Zone: a.global.zone, All: f.all, Shell: true}))
	return p.flush(a.out)
}

// hostSession is the document of a path, counted from one, with what was read: the worst
// of the ways to take the servers' contexts.
func (a *app) hostSession(m *machine.Machine, n int) (model.Document, error) {
	switch {
	case len(m.Paths) == 0:
		return model.Document{}, errors.New("no server that keeptune knows runs here, so there is no path to open; keeptune --path names one")
	case n < 1 || n > len(m.Paths):
		return model.Document{}, fmt.Errorf("--session is %d; the paths of this host are 1 to %d", n, len(m.Paths))
	}
	all, err := m.Lay(m.Paths[n-1], a.catalogs())
	if err != nil {
		return model.Document{}, err
	}
	worst, err := a.worst(all)
	return worst.Document, err
}
