package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/trace"
	keepterm "example.com/keeptune/ui/term"
	"example.com/keeptune/ui/tracepage"
)

// watchFlags are what keeptune watch is asked.
type watchFlags struct {
	pcapFlags
	on, lasts, write, netns string
	ports                   []uint
	force                   bool
}

func (a *app) watch() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "What this host's packets prove about keep-alive, live",
		Long: `watch follows the TCP connections whose packets pass this host, and when it ends
says of each server what keeptune pcap would: who closes first and after how
much silence, which requests met a close, which probes are sent, what
retransmissions and resets were about.

It sends nothing. The kernel picks the packets (of all ports, or of --port) and
hands on their first 512 bytes; what it had to drop is counted and told. Ctrl-C,
or --for, ends it. --write keeps what was seen for keeptune pcap or Wireshark.
It takes root or the capability CAP_NET_RAW, and Linux.

` + exitPlain,
		Example: `  keeptune watch --port 443 --for 10m
  keeptune watch --on eth0 --port 8080 --write seen.pcapng
  keeptune watch --netns web --format json --for 1h`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runWatch(cmd, &f) },
	}
	s := cmd.Flags()
	s.StringVar(&f.on, "on", "", "the `INTERFACE`; default every one")
	s.UintSliceVar(&f.ports, "port", nil, "only connections from or to `PORT`; may be given several times")
	s.StringVar(&f.lasts, "for", "", "`TIME` after which it ends, such as 10m")
	s.StringVar(&f.write, "write", "", "keep the packets in `FILE`, which is pcapng")
	s.BoolVar(&f.force, "force", false, "write over FILE")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	f.flags(cmd)
	return cmd
}

func (a *app) runWatch(cmd *cobra.Command, f *watchFlags) error {
	o := host.WatchOptions{Interface: f.on, Namespace: f.netns}
	for _, p := range f.ports {
		if p < 1 || p > 65535 {
			return fmt.Errorf("--port is %d; ports are 1 to 65535", p)
		}
		o.Ports = append(o.Ports, uint16(p))
	}
	if len(o.Ports) > capture.MaxPorts {
		return fmt.Errorf("--port is given %d times; %d ports are watched at once at most", len(o.Ports), capture.MaxPorts)
	}
	var lasts time.Duration
	if f.lasts != "" {
		var err error
		if lasts, err = model.ParseSpan(model.Clean(f.lasts, 60), time.Second); err != nil {
			return fmt.Errorf("--for: %w", err)
		}
		if lasts <= 0 {
			return fmt.Errorf("--for is %s; give a time such as 10m, or none", model.HumanSpan(lasts))
		}
	}
	if f.write != "" && f.anonymise {
		return errors.New("--write keeps packets as they were, with their addresses; leave out --anonymise, and give it to keeptune pcap")
	}
	signals := keepterm.NewWatch(cmd.Context())
	defer signals.Stop()
	ctx := signals.Context()
	if lasts > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lasts)
		defer cancel()
	}
	err := a.trace(&f.pcapFlags, func(ended func(*trace.Connection)) (*traced, error) { return a.watched(ctx, f, o, lasts, ended) })
	if code := signals.ExitCode(); err == nil && code != 0 && code != interrupted {
		return &exit{code: code} // Ctrl-C is the way to end it
	}
	return err
}

const interrupted = 128 + 2

// watched follows the connections that pass until ctx is done.
func (a *app) watched(ctx context.Context, f *watchFlags, o host.WatchOptions, lasts time.Duration, ended func(*trace.Connection)) (*traced, error) {
	kept, err := newKept(f)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		o.Packet = kept.to.Write
	}
	w, err := host.OpenWatch(o)
	switch {
	case errors.Is(err, host.ErrMayNotWatch):
		err = errors.Join(a.mayNotWatch(f, lasts), kept.drop())
		return nil, err
	case err != nil:
		return nil, errors.Join(err, kept.drop())
	}
	defer w.Close()
	kept.begin()
	t, tracker := &traced{of: f.of()}, trace.New(ended)
	shown := term.IsTerminal(a.errsFile.Fd())
	if shown {
		until := "Ctrl-C ends it"
		if lasts > 0 {
			until = "for " + model.HumanSpan(lasts) + "; Ctrl-C ends it sooner"
		}
		_, _ = fmt.Fprintf(a.errs, "keeptune watch: %s, %s\n", t.of, until)
	}
	began := a.now()
	show := func() {
		if shown {
			n := w.Counts()
			_, _ = fmt.Fprintf(a.errs, "\r%6s  %s, %s, %s missed ", model.HumanSpan(a.now().Sub(began).Round(time.Second)),
				tracepage.Plural(int(n.Segments), "segment"), tracepage.Plural(tracker.Counts().Connections+tracker.Live(), "connection"), tracepage.Plural(int(n.Dropped), "packet"))
		}
	}
	err = w.Run(ctx, time.Second, f.adder(tracker), func() { show(); kept.flush() })
	show()
	if shown {
		_, _ = fmt.Fprintln(a.errs)
	}
	t.end(tracker, w.Counts())
	err = errors.Join(err, kept.finish(a.now(), t.file))
	if t.file.Segments == 0 {
		return nil, errors.Join(err, fmt.Errorf("no TCP packet passed in %s on %s", model.HumanSpan(a.now().Sub(began).Round(time.Second)), t.of))
	}
	if err != nil { // what was seen until then counts
		t.file.End = fmt.Sprintf("It did not go well to the end (%v): what was seen until then counts.", err)
	}
	return t, nil
}

// of says what is watched.
func (f *watchFlags) of() string {
	of := "every interface"
	if f.on != "" {
		of = "interface " + model.Clean(f.on, 40)
	}
	for i, p := range f.ports {
		lead := ", port "
		if i > 0 {
			lead = " or "
		}
		of += fmt.Sprintf("%s%d", lead, p)
	}
	if f.netns != "" {
		of += " of network namespace " + model.Clean(f.netns, 60)
	}
	return of
}

// mayNotWatch says what somebody with the right to capture can run instead.
func (a *app) mayNotWatch(f *watchFlags, lasts time.Duration) error {
	_, _ = fmt.Fprintf(a.errs, "keeptune watch: %v; who has it can run\n  %s\n", host.ErrMayNotWatch, tcpdumpLine(f, lasts))
	return &exit{code: exitUsage}
}

// tcpdumpLine captures what watch would see.
func tcpdumpLine(f *watchFlags, lasts time.Duration) string {
	words := []string{"tcpdump", "-i", "any", "-s", "512", "-U", "-w", "-"}
	if f.on != "" {
		words[2] = quoted(model.Clean(f.on, 40))
	}
	if lasts > 0 {
		words = append([]string{"timeout", fmt.Sprintf("%.0f", max(1, lasts.Seconds()))}, words...)
	}
	if f.netns != "" {
		var in []string
		for _, w := range host.Enter(model.Clean(f.netns, 100)) {
			in = append(in, quoted(w))
		}
		words = append(in, words...)
	}
	filter := "tcp"
	for i, p := range f.ports {
		if i > 0 {
			filter += " or tcp"
		}
		filter += fmt.Sprintf(" port %d", p)
	}
	if filter != "tcp" {
		filter = "'" + filter + "'"
	}
	return strings.Join(words, " ") + " " + filter + " | keeptune pcap -"
}

// kept is the file of --write. A nil one keeps nothing.
type kept struct {
	file *os.File
	to   *capture.Writer
	made bool // it was not there before
	err  error
}

func newKept(f *watchFlags) (*kept, error) {
	if f.write == "" {
		return nil, nil
	}
	made := true
	file, err := os.OpenFile(f.write, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) && f.force { // what it holds stays until something is watched
		made = false
		file, err = os.OpenFile(f.write, os.O_WRONLY, 0)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%s exists; choose another name, or give --force", model.Clean(f.write, 200))
	case err != nil:
		return nil, fmt.Errorf("%s can't be written: %w", model.Clean(f.write, 200), unwrapPath(err))
	}
	on := f.on
	if on == "" {
		on = "any"
	}
	to, err := capture.NewWriter(file, on, 512)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &kept{file: file, to: to, made: made}, nil
}

// begin empties a file that is written over; a pipe or a device has nothing to be emptied of.
func (k *kept) begin() {
	if k == nil || k.made {
		return
	}
	if info, err := k.file.Stat(); err == nil && info.Mode().IsRegular() {
		k.err = k.file.Truncate(0)
	}
}

func (k *kept) flush() {
	if k != nil && k.err == nil {
		k.err = k.to.Flush()
	}
}

func (k *kept) finish(at time.Time, n capture.Counts) error {
	if k == nil {
		return nil
	}
	err := errors.Join(k.err, k.to.Finish(at, n.Packets, n.Dropped), k.file.Close())
	if err != nil {
		return fmt.Errorf("%s is not whole: %w", model.Clean(k.file.Name(), 200), unwrapPath(err))
	}
	return nil
}

// drop takes a new file away again when nothing was watched.
func (k *kept) drop() error {
	switch {
	case k == nil:
		return nil
	case !k.made:
		return k.file.Close()
	}
	return errors.Join(k.file.Close(), os.Remove(k.file.Name()))
}
