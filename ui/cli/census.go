package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/cli/wire"
)

// censusFlags are what keeptune census is asked.
type censusFlags struct {
	format, filter, netns string
	columns               string // of the CSV
	path, session         string // whose timeouts stand beside the idle times
	sockets, options      bool
	groups                int
}

// A censused is a count and what stands around it.
type censused struct {
	summary *census.Summary
	of      string
	groups  int
	taken   time.Time
	hidden  int
	lent    lending

	list io.Reader // in place of the kernel

	spans, owners bool              // what the kernel is asked for
	rows          []wire.HostSocket // where they are asked for
}

func (a *app) census() *cobra.Command {
	var f censusFlags
	cmd := &cobra.Command{
		Use:   "census [FILE|-]",
		Short: "This host's connections: idle time, timers, owners",
		Long: `census counts the TCP sockets of this host: by state, by how long no data went
either way, by what would find out that the peer is gone (TCP probes, data that
is unanswered, or nothing), by listener and by where they go, with the processes
that own them. It asks the kernel (sock_diag), as ss does, and changes nothing.
Without root, owners are those of your own processes.

A filter takes words that must all hold: ` + filterHelp() + `
--sockets lists the sockets one by one; --format csv always does. A FILE, or
standard input, is what ss -tanoie printed, on this host or on another.

A list of tracked connections, as conntrack -L and /proc/net/nf_conntrack have
it, is counted by state, with the time after which each is forgotten.

The kernel's list does not tell what a program set on its sockets. --options
looks: it takes each socket out of its process for some microseconds
(pidfd_getfd) and reads SO_KEEPALIVE, its times and TCP_USER_TIMEOUT. That takes
root, or the same user where ptrace is allowed, and about a second for 100,000.

A connection shows one timer: while data is unanswered, its probes are not seen.

` + exitPlain,
		Example: `  keeptune census
  keeptune census --filter 'port:443 state:established timer:none idle:>1h'
  keeptune census --netns web --sockets
  keeptune census --filter port:443 --path 'aws-alb > nginx > node'
  ssh edge-3 ss -tanoiep | keeptune census -
  sudo conntrack -L -p tcp | keeptune census -`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runCensus(cmd.Context(), &f, args)
		},
	}
	s := cmd.Flags()
	s.StringVar(&f.format, "format", "text", "`FORMAT`: text, json or csv")
	s.StringVar(&f.filter, "filter", "", "count what `FILTER` takes, such as 'port:443 idle:>1h'")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	s.BoolVar(&f.sockets, "sockets", false, "list the sockets, too")
	s.BoolVar(&f.options, "options", false, "read what each socket has set: SO_KEEPALIVE, its times, the user timeout")
	s.StringVar(&f.path, "path", "", "count beside the timeouts of this `PATH`, such as 'aws-alb > nginx > node'")
	s.StringVar(&f.session, "session", "", "count beside the timeouts of this session or configuration `FILE`")
	s.StringVar(&f.columns, "columns", "", "the `COLUMNS` of the CSV, such as state,local,remote,timer")
	s.IntVar(&f.groups, "groups", 12, "name at most `N` groups of connections")
	complete(cmd, "format", "text", "json", "csv")
	return cmd
}

// configuredTimeouts are those of the path, or of the session, that a census stands beside.
func (a *app) configuredTimeouts(f *censusFlags) ([]census.Timeout, error) {
	c := connection{path: f.path}
	var args []string
	if f.session != "" {
		args = []string{f.session}
	}
	d, err := a.document(&c, args, "")
	if err != nil {
		return nil, err
	}
	judged, err := a.judge(d)
	if err != nil {
		return nil, err
	}
	return censuspage.Timeouts(&judged.report), nil
}

// filterHelp is what a filter understands, in lines for --help.
func filterHelp() string {
	var b bytes.Buffer
	b.WriteString("\n")
	for _, form := range census.FilterForms() {
		fmt.Fprintf(&b, "\n  %-20s %s", form[0], form[1])
	}
	b.WriteString("\n")
	return b.String()
}

func (a *app) runCensus(ctx context.Context, f *censusFlags, args []string) error {
	filter, err := census.ParseFilter(f.filter)
	if err != nil {
		return err
	}
	if f.groups < 1 {
		return fmt.Errorf("--groups is %d; it is at least 1", f.groups)
	}
	var list *bufio.Reader
	if len(args) > 0 {
		file, err := a.openList(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		list = bufio.NewReaderSize(file, 64<<10)
		if tracked(list) {
			return a.runTracked(list, f, args[0])
		}
	}
	c := censused{list: list, summary: census.NewSummary(filter), of: "this host", groups: f.groups, taken: a.now(), spans: true, owners: true}
	if f.path != "" || f.session != "" {
		beside, err := a.configuredTimeouts(f)
		if err != nil {
			return err
		}
		c.summary.Compare(beside)
	}
	switch f.format {
	case "csv":
		return a.censusCSV(ctx, f, args, &c)
	case "text":
		var list bytes.Buffer
		visit := func(*census.Socket) {}
		if f.sockets {
			visit = func(s *census.Socket) { socketText(&list, s) }
		}
		if err := a.readSockets(ctx, f, args, &c, visit); err != nil {
			return err
		}
		return censusText(a.out, &c, list.Bytes())
	case "json":
		visit := func(*census.Socket) {}
		if f.sockets {
			c.rows = []wire.HostSocket{}
			visit = func(s *census.Socket) { c.rows = append(c.rows, wire.FromHostSocket(s)) }
		}
		if err := a.readSockets(ctx, f, args, &c, visit); err != nil {
			return err
		}
		return wire.Print(a.out, wire.FromCensus(c.summary, wire.Counting{Version: versionText(), Of: c.of, Taken: c.taken, Hidden: c.hidden, Sockets: c.rows}))
	}
	return fmt.Errorf("--format takes text, json or csv, not %q", model.Clean(f.format, 40))
}

// censusCSV lists sockets as they are read.
func (a *app) censusCSV(ctx context.Context, f *censusFlags, args []string, c *censused) error {
	columns, err := chosenColumns(f.columns, f.options)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.out, 64<<10)
	if _, err := fmt.Fprintln(out, columnNames(columns)); err != nil {
		return err
	}
	list := socketCSV{columns: columns, out: out}
	f.options = f.options || slices.ContainsFunc(columns, func(c socketColumn) bool { return c.options })
	c.spans = slices.ContainsFunc(columns, func(c socketColumn) bool { return c.spans })
	c.owners = f.options || slices.ContainsFunc(columns, func(c socketColumn) bool { return c.owners })
	err = a.readSockets(ctx, f, args, c, list.write)
	return errors.Join(err, list.bad, out.Flush())
}

// readSockets counts the kernel's sockets, or those of a list, and hands on those that
// the filter takes.
func (a *app) readSockets(ctx context.Context, f *censusFlags, args []string, c *censused, visit func(*census.Socket)) error {
	if f.options && len(args) > 0 {
		return errors.New("--options reads this host's sockets; leave it out where a list is read")
	}
	if f.options {
		c.lent.taker = sockopt.NewTaker()
		defer c.lent.taker.Close()
	}
	count := func(s *census.Socket) {
		if f.options && c.summary.Filter().Match(s) {
			c.lent.read(ctx, s)
		}
		if c.summary.Add(s) {
			visit(s)
		}
	}
	if len(args) == 0 {
		if f.netns != "" {
			c.of = "network namespace " + f.netns
		}
		got, err := host.Sockets(ctx, host.Options{
			Namespace: f.netns, Spans: c.spans || c.summary.Filter().Spans(), Owners: c.owners || c.summary.Filter().Owners(),
		}, count)
		c.hidden = got.Hidden
		return err
	}
	if f.netns != "" {
		return errors.New("--netns reads this host; leave it out where a list is read")
	}
	name := listName(args[0])
	c.of = name
	got, err := census.ReadSS(c.list, count)
	if err != nil {
		return fmt.Errorf("%s: %w", model.Clean(name, 200), err)
	}
	if got == 0 {
		return fmt.Errorf("%s has no TCP sockets; take the list with ss -tanoie", model.Clean(name, 200))
	}
	return nil
}

func censusText(w io.Writer, c *censused, list []byte) error {
	var p page
	p.lines(censuspage.Lines(c.summary, censuspage.Options{Width: width, Of: c.of, Groups: c.groups, Shell: true}))
	if c.hidden > 0 {
		p.line("")
		p.wrapped("", "", fmt.Sprintf("%d processes of other users could not be looked into: root would name the owners of their sockets.", c.hidden))
	}
	if c.lent.refused > 0 {
		p.line("")
		p.wrapped("", "", fmt.Sprintf("What is set on %d sockets was not read: %s.", c.lent.refused, c.lent.why))
	}
	if len(list) > 0 {
		p.line("")
		p.line("%s", socketHeader)
	}
	if err := p.flush(w); err != nil {
		return err
	}
	_, err := w.Write(list)
	return err
}

const socketHeader = "STATE       LOCAL                 REMOTE                  IDLE TIMER"

// socketText is a socket in lines of at most 80 columns.
func socketText(w *bytes.Buffer, s *census.Socket) {
	idle := "-"
	if d := s.Idle(); d >= 0 {
		idle = censuspage.Rough(d)
	}
	timer := s.Timer.String()
	if s.Timer != census.NoTimer {
		timer += " " + censuspage.Rough(s.Fires)
	}
	if s.Tries > 0 {
		timer += fmt.Sprintf(" tried %d", s.Tries)
	}
	for _, l := range row([]int{11, 21, 21, 6, 17}, s.State.String(), s.Local.String(), s.Remote.String(), padLeft(idle, 6), timer) {
		w.WriteString(l)
		w.WriteByte('\n')
	}
	if s.Options != nil {
		fmt.Fprintf(w, "            set: %s\n", s.Options)
	}
	for _, o := range s.Owners {
		fmt.Fprintf(w, "            %s, process %d\n", model.Clean(o.Name, 40), o.PID)
	}
}

// A lending reads what sockets have set, of those that this user may look at.
type lending struct {
	taker   *sockopt.Taker
	refused int
	why     string // of the first of them, a clause
}

func (l *lending) read(ctx context.Context, s *census.Socket) {
	ref, ok := sockopt.RefOf(s)
	if !ok {
		return
	}
	o, err := l.taker.Get(ctx, ref)
	switch {
	case err == nil:
		s.Options = &o
	case errors.Is(err, sockopt.ErrGone): // since it was listed
	default:
		l.refused++
		if l.why == "" {
			if why, ok := sockopt.Reason(err); ok {
				l.why = why
			} else {
				l.why = model.Clean(err.Error(), 200)
			}
		}
	}
}
