package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/ui/cli/wire"
)

// A calculated is everything that keeptune calc prints.
type calculated struct {
	os       string
	socket   detect.Socket
	writes   bool
	writeAt  time.Duration
	assuming []string
}

var calcFormats = map[string]func(io.Writer, calculated) error{"text": calcText, "json": calcJSON}

func (a *app) calc() *cobra.Command {
	var f calcFlags
	var format string
	cmd := &cobra.Command{
		Use:   "calc",
		Short: "How long one socket takes to notice a dead peer",
		Long: `calc is the arithmetic of one socket without a path: how long its kernel takes
to give a silent peer up when the connection is idle or half closed, with data
in flight, into a closed window, while connecting, after close, and when the
application writes meanwhile. What is not given is the operating system's
default; a probe time, interval or count means that probes are on unless
--keepalive off says otherwise. Multipath TCP is off unless --mptcp on says
that both ends speak it.

low and high are what real timers do; ideal is the rule without them. On Linux
an idle connection ends with ETIMEDOUT, also where a router answers the probes
with ICMP unreachable, which is not believed; data in flight then ends with
EHOSTUNREACH, in about the same time.

` + exitPlain,
		Example: `  keeptune calc --keepalive-time 2s --interval 1s --probes 3
  keeptune calc --os windows@xp --keepalive on --format json
  keeptune calc --user-timeout 3s --retries2 8 --rtt 40ms --write-at 4.8s`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.resolve(cmd, a.catalogs())
			if err != nil {
				return err
			}
			return choose(format, calcFormats, func(p func(io.Writer, calculated) error) error { return p(a.out, c) })
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text or json")
	complete(cmd, "format", "text", "json")
	return cmd
}

func calcJSON(w io.Writer, c calculated) error {
	j := wire.FromSocket(c.socket, c.os, versionText(), model.KnowledgeDate, c.assuming)
	if c.writes {
		j = j.WithWrite(detect.WriteAt(c.socket, c.writeAt))
	}
	return wire.Print(w, j)
}

// A calcCase is a row: what the peer's death is met by, and how long that takes.
type calcCase struct {
	name string
	d    detect.Detection
}

func calcText(w io.Writer, c calculated) error {
	var p page
	s := c.socket
	probes := "off"
	if s.KeepAlive {
		probes = fmt.Sprintf("after %s, every %s, %d times", model.HumanSpan(s.Idle), model.HumanSpan(s.Every), s.Count)
	}
	user := "off"
	if s.UserTimeout > 0 {
		user = model.HumanSpan(s.UserTimeout)
	}
	multipath := ""
	if s.Multipath {
		multipath = ", Multipath TCP"
	}
	p.wrapped("SOCKET  ", "        ", fmt.Sprintf("%s%s, probes %s, user timeout %s, retries2 %d, RTT %s",
		strings.ReplaceAll(c.os, "@", " "), multipath, probes, user, s.Retries, model.HumanSpan(s.RTT)))
	p.line("")
	p.line("%-22s %-34s %s", "the peer is dead and", "noticed after", "ideal")
	cases := []calcCase{
		{"the connection is idle", detect.Idle(s)},
		{"data is in flight", detect.InFlight(s)},
		{"its window is closed", detect.ZeroWindow(s)},
		{"it is being connected", detect.Connect(s)},
		{"it is half closed", detect.HalfClosed(s)},
		{"closed, FIN unanswered", detect.Orphan(s)},
		{"closed, FIN answered", detect.FinWait(s)},
	}
	if d := detect.Spared(s); d.After != model.Never {
		cases = append(cases, calcCase{"not dead at all: idle", d})
	}
	if c.writes {
		cases = append(cases, calcCase{"written to after " + model.HumanSpan(c.writeAt), detect.WriteAt(s, c.writeAt)})
	}
	for _, row := range cases {
		low, ideal := "not known", "-"
		if row.d.Known {
			low, ideal = model.HumanRange(row.d.Low, row.d.High), model.HumanSpan(row.d.After)
		}
		p.line("%-22s %-34s %s", row.name, low, ideal)
	}
	p.line("")
	p.line("WHY")
	for _, row := range cases {
		p.line("  %s", row.name)
		for _, why := range row.d.Because {
			p.wrapped("  - ", "    ", why)
		}
	}
	for _, text := range c.assuming {
		p.wrapped("  - ", "    ", "assumed: "+text)
	}
	return p.flush(w)
}
