package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/tracepage"
)

// pcapFlags are what keeptune pcap is asked.
type pcapFlags struct {
	format    string
	servers   int
	anonymise bool
	path      string
	session   string
	set, at   []string

	other *capture.Anonymiser // nil where addresses stay
}

// flags are those of every command that shows what packets prove.
func (f *pcapFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.format, "format", "text", "`FORMAT`: text, json, csv, markdown or svg")
	s.IntVar(&f.servers, "servers", 10, "describe at most `N` servers, those with the most connections")
	s.StringVar(&f.path, "path", "", "hold it against this `PATH`, client first")
	s.StringVar(&f.session, "session", "", "hold it against the path of this session or configuration `FILE`, with the places of its servers")
	s.StringArrayVar(&f.set, "set", nil, "a setting there: [ENDPOINT:]`PARAM=VALUE`; may be repeated")
	s.StringArrayVar(&f.at, "at", nil, "where a server of the path is: `ENDPOINT=ADDRESS:PORT`; may be repeated; default where the packets say so")
	s.BoolVar(&f.anonymise, "anonymise", false, "put other addresses, each always the same, in the place of those seen")
	complete(cmd, "format", "text", "json", "csv", "markdown", "svg")
}

// adder gives a tracker its segments, with other addresses where those are asked for.
func (f *pcapFlags) adder(t *trace.Tracker) func(*capture.Segment) {
	if !f.anonymise {
		return t.Add
	}
	f.other = capture.NewAnonymiser()
	return func(s *capture.Segment) {
		f.other.Segment(s)
		t.Add(s)
	}
}

// A traced is a capture that was read, what its connections show, and what is said beside it.
type traced struct {
	of      string
	file    capture.Counts
	picture trace.Picture

	servers int // at most so many are described
	zone    *time.Location
	held    func(*trace.Server) []seen.Held // against a path; all in words is beside
	beside  func(*trace.Server) []string
}

func (a *app) pcap() *cobra.Command {
	var f pcapFlags
	cmd := &cobra.Command{
		Use:   "pcap FILE|-",
		Short: "What a packet capture proves about keep-alive",
		Long: `pcap reads a capture (pcap or pcapng, plain, gzip or zstd) and says of each
server what its connections prove: who closed first and after how much silence,
after how many requests, which requests met the close, which keep-alive probes
each end sends, what retransmissions and resets were about, and what is still
open. Each conclusion has its number of samples, its lowest, median and highest
time, and what would make it wrong. Packets that are missing, captures of one
direction and connections that began before make it weaker, and it says so.

It reads headers, and of plain HTTP/1 the lines Connection, Keep-Alive and
Server and the status; it keeps nothing else of what was said. --anonymise puts
other addresses in the place of those seen, --redact stand-ins such as addr-1.
--format csv lists the connections one by one,
--format svg draws how long the idle connections of a server lasted.

With --path or --session what was seen stands beside what is configured: idle
timeouts of the server and of its client that do not agree are named (EFF-1).
Which address is which server of the path is concluded from what they call
themselves, from ports, and from who is whose client, and said with the reason;
--at says it, and so does a session in which a person placed them.

` + exitPlain,
		Example: `  keeptune pcap trace.pcapng
  ssh edge-3 tcpdump -U -s 128 -w - tcp | keeptune pcap -
  keeptune pcap trace.pcap.gz --format csv
  keeptune pcap trace.pcap --path 'nginx > node' --at node=10.0.0.7:3000
  keeptune pcap trace.pcap --session shop.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runPcap(cmd.Context(), &f, args[0]) },
	}
	f.flags(cmd)
	return cmd
}

func (a *app) runPcap(ctx context.Context, f *pcapFlags, file string) error {
	return a.trace(f, func(ended func(*trace.Connection)) (*traced, error) {
		show, done := a.readingShown()
		defer done()
		if file != "-" {
			return a.readCapture(ctx, f, file, nil, ended, show)
		}
		stopped, stop := signal.NotifyContext(ctx, os.Interrupt)
		defer stop()
		context.AfterFunc(stopped, stop) // a second one ends the program
		pipe := newPipe(stopped, a.in)
		t, err := a.readCapture(ctx, f, "standard input", pipe, ended, show)
		if t != nil && pipe.cut {
			t.file.End = "It was stopped: what was read until then counts."
		}
		return t, err
	})
}

// shownFrom is how long something is read without a word.
const shownFrom = time.Second

// readingShown shows how far a capture is read, on a terminal, where that takes a while.
func (a *app) readingShown() (show func(n capture.Counts, at, of int64), done func()) {
	if !term.IsTerminal(a.errsFile.Fd()) {
		return nil, func() {}
	}
	begun, wide := a.now(), 0
	next := begun.Add(shownFrom)
	show = func(n capture.Counts, at, of int64) {
		now := a.now()
		if now.Before(next) {
			return
		}
		next = now.Add(shownFrom)
		text := "read " + tracepage.Read(n, at, of) + "; Ctrl-C stops"
		_, _ = fmt.Fprintf(a.errs, "\r%-*s", wide, text)
		wide = max(wide, len(text))
	}
	return show, func() {
		if wide > 0 {
			_, _ = fmt.Fprintf(a.errs, "\r%*s\r", wide, "")
		}
	}
}

// trace prints what the connections of a source prove; csv takes them one by one.
func (a *app) trace(f *pcapFlags, follow func(ended func(*trace.Connection)) (*traced, error)) error {
	if f.servers < 1 {
		return fmt.Errorf("--servers is %d; it is at least 1", f.servers)
	}
	if f.anonymise && len(f.at) > 0 {
		return errors.New("--at names an address that was seen; leave --anonymise out")
	}
	path, err := a.seenPath(f)
	if err != nil {
		return err
	}
	switch f.format {
	case "csv":
		out := bufio.NewWriterSize(a.out, 64<<10)
		list := csv.NewWriter(out)
		err := list.Write(connectionColumns)
		t, bad := follow(func(c *trace.Connection) { err = errors.Join(err, list.Write(connectionRow(c))) })
		list.Flush()
		if t != nil && t.file.End != "" {
			_, _ = fmt.Fprintf(a.errs, "keeptune: %s\n", t.file.End)
		}
		return errors.Join(bad, err, list.Error(), out.Flush())
	case "text", "json", "markdown", "svg":
	default:
		return fmt.Errorf("--format takes text, json, csv, markdown or svg, not %q", model.Clean(f.format, 40))
	}
	t, err := follow(nil)
	if err != nil {
		return err
	}
	elsewhere, missing := path.place(a.catalogs(), t.picture.Servers, f.other)
	if text := overlay.Gone(elsewhere); text != "" {
		_, _ = fmt.Fprintf(a.errs, "keeptune: %s\n", text)
	}
	t.servers, t.zone = f.servers, a.global.zone
	t.held = func(s *trace.Server) []seen.Held { return path.held(s, t.of) }
	t.beside = func(s *trace.Server) []string { return path.texts(s, t.of) }
	return errors.Join(t.print(a.out, f.format), missing)
}

// print writes what a capture shows.
func (t *traced) print(w io.Writer, format string) error {
	switch format {
	case "json":
		return wire.Print(w, wire.FromTrace(&t.picture, t.file, wire.Tracing{
			Version: versionText(), Of: t.of, Notes: tracepage.Notes(&t.picture.Counts, &t.file), Servers: t.servers, Held: t.held,
		}))
	case "markdown":
		return pcapMarkdown(w, t)
	case "svg":
		return pcapSVG(w, t)
	}
	var p page
	p.lines(tracepage.Lines(&t.picture, t.file, tracepage.Options{Width: width, Of: t.of, Zone: t.zone, Servers: t.servers, Seen: t.beside}))
	curveText(&p, t)
	return p.flush(w)
}

// readCapture follows the connections of a file, or of what is read where in is not nil, until
// ctx is done. Where show is not nil it is told, now and then, what was read, and how many bytes
// of how many.
func (a *app) readCapture(ctx context.Context, f *pcapFlags, name string, in io.Reader, ended func(*trace.Connection), show func(n capture.Counts, at, of int64)) (*traced, error) {
	of := int64(0)
	if in == nil {
		opened, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w; name a capture of tcpdump or Wireshark", model.Clean(name, 200), unwrapPath(err))
		}
		defer opened.Close()
		in = opened
		if info, err := opened.Stat(); err == nil && info.Mode().IsRegular() {
			of = info.Size()
		}
	}
	counted := &countedReader{ctx: ctx, r: in}
	r, err := capture.Open(counted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", model.Clean(name, 200), err)
	}
	tell := func() {
		if show != nil {
			show(r.Counts(), counted.n, of)
		}
	}
	counted.read = tell
	if pipe, ok := in.(*pipe); ok {
		pipe.idle = tell
	}
	t, tracker := &traced{of: name}, trace.New(ended)
	add := f.adder(tracker)
	var s capture.Segment
	for err = r.Next(&s); err == nil; err = r.Next(&s) {
		add(&s)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", model.Clean(name, 200), err)
	}
	t.end(tracker, r.Counts())
	if t.file.Packets == 0 && t.file.End == "" {
		return nil, fmt.Errorf("%s is a capture without packets", model.Clean(name, 200))
	}
	return t, nil
}

// A countedReader counts what was read, and ends with ctx.
type countedReader struct {
	ctx  context.Context
	r    io.Reader
	n    int64
	read func() // after each; may be nil
}

func (c *countedReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	if c.n += int64(n); c.read != nil {
		c.read()
	}
	return n, err
}

// end takes in that nothing more was captured.
func (t *traced) end(tracker *trace.Tracker, n capture.Counts) {
	tracker.End()
	if n.Dropped > 0 {
		tracker.Missed()
	}
	t.file, t.picture = n, tracker.Picture(math.MaxInt)
}

var connectionColumns = []string{
	"server", "client", "begun", "packet", "whole", "requests", "sent_bytes", "received_bytes", "kind", "closed_by", "reset", "silence_s",
	"closed", "close_packet", "longest_silence_s", "server_probes", "client_probes", "server_retransmissions", "client_retransmissions",
	"server_zero_windows", "client_zero_windows", "raced",
}

// connectionRow is a connection as a line of RFC 4180.
func connectionRow(c *trace.Connection) []string {
	by, closed, packet := "", "", ""
	if c.Kind != trace.Open {
		by, closed, packet = c.By.String(), c.Closed.Format(time.RFC3339Nano), strconv.FormatInt(c.ClosePacket, 10)
	}
	if !c.Known {
		by = ""
	}
	return []string{
		c.Server.String(), c.Client.String(), c.Begun.Format(time.RFC3339Nano), strconv.FormatInt(c.Packet, 10), strconv.FormatBool(c.Whole),
		strconv.Itoa(c.Requests), strconv.FormatUint(c.Sent, 10), strconv.FormatUint(c.Received, 10), c.Kind.String(), by,
		strconv.FormatBool(c.Reset), seconds(c.Silence), closed, packet, seconds(c.Longest),
		strconv.Itoa(c.Probes[trace.TheServer]), strconv.Itoa(c.Probes[trace.Client]),
		strconv.Itoa(c.Retransmitted[trace.TheServer]), strconv.Itoa(c.Retransmitted[trace.Client]),
		strconv.Itoa(c.ZeroWindows[trace.TheServer]), strconv.Itoa(c.ZeroWindows[trace.Client]), strconv.FormatBool(c.Raced),
	}
}

// pcapMarkdown is what a capture shows for a ticket.
func pcapMarkdown(w io.Writer, t *traced) error {
	var p page
	p.line("## What %s shows", markdown(model.Clean(t.of, 200)))
	p.line("")
	p.line("%s in %s, %s.", tracepage.Plural(int(t.file.Packets), "packet"),
		model.HumanSpan(t.picture.To.Sub(t.picture.From).Round(time.Millisecond)), tracepage.Plural(t.picture.Counts.Connections, "connection"))
	all := t.picture.Servers
	for _, s := range all[:min(len(all), t.servers)] {
		p.line("")
		p.line("### %s", s.Addr)
		p.line("")
		p.line("%s.", tracepage.Of(s))
		p.line("")
		if beside := t.beside(s); len(beside) > 0 {
			for _, l := range beside {
				p.line("- %s", markdown(l))
			}
			p.line("")
		}
		p.line("| what | samples | low | median | high | wrong if |")
		p.line("|---|---|---|---|---|---|")
		for _, c := range s.Conclusions() {
			times := []string{"-", "-", "-"}
			if c.High > 0 {
				for i, d := range []time.Duration{c.Low, c.Median, c.High} {
					times[i] = model.HumanSpan(d.Round(time.Millisecond))
				}
			}
			p.line("| %s | %d | %s | %s | %s | %s |", markdown(c.Text), c.N, times[0], times[1], times[2], markdown(c.Wrong))
		}
		for _, x := range s.Race.Worst {
			p.line("")
			p.line("- %s from %s after %s of silence: request in packet %d, close in packet %d", x.At.Format(time.RFC3339Nano), x.Client,
				model.HumanSpan(x.Silence.Round(time.Millisecond)), x.Request, x.Close)
		}
	}
	if notes := tracepage.Notes(&t.picture.Counts, &t.file); len(notes) > 0 {
		p.line("")
		for _, n := range notes {
			p.line("- %s", markdown(n))
		}
	}
	p.line("")
	p.line("keeptune %s", versionText())
	return p.flush(w)
}
