// Package tracepage writes what a capture shows as a page to be read, for the command line
// and for the screen.
package tracepage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/widget"
)

// Options are how much is written, and how wide.
type Options struct {
	Width   int
	Of      string // what was read: a file's name
	Zone    *time.Location
	Servers int                            // the most servers that are described
	Seen    func(s *trace.Server) []string // what a path says of a server; may be nil
}

// labels are the topics as titles, in at most nine letters.
var labels = map[trace.Topic]string{
	trace.TopicIdle: "IDLE", trace.TopicBefore: "UNASKED", trace.TopicAnswers: "ANSWERED", trace.TopicLimit: "LIMIT",
	trace.TopicWaiting: "WAITING", trace.TopicShutdown: "SHUTDOWN", trace.TopicRace: "RACE", trace.TopicHint: "HINT",
	trace.TopicProbes: "PROBES", trace.TopicDead: "DEAD PEER", trace.TopicBox: "BOX", trace.TopicForged: "FOREIGN",
	trace.TopicHalf: "HALF", trace.TopicOpen: "OPEN", trace.TopicReuse: "REUSE",
}

const indent = 12

// Lines is the page of what was seen at a moment.
func Lines(t *trace.Picture, file capture.Counts, o Options) []string {
	p := &page{o: o}
	servers := t.Servers
	p.head(t, &file, len(servers)+t.More)
	for _, s := range servers[:min(len(servers), o.Servers)] {
		p.server(s)
	}
	if more := len(servers) - o.Servers; more > 0 {
		p.add("")
		p.text("", "", fmt.Sprintf("%d servers more, with fewer connections: --servers shows them.", more))
	}
	counts := t.Counts
	if notes := Notes(&counts, &file); len(notes) > 0 {
		p.add("", "HOW FAR THIS GOES")
		for _, n := range notes {
			p.text("  - ", "    ", n)
		}
	}
	return p.lines
}

type page struct {
	o     Options
	lines []string
}

func (p *page) add(lines ...string) { p.lines = append(p.lines, lines...) }

// text writes words in lines of the page's width.
func (p *page) text(first, later, words string) {
	wrap := func(lead string) []string { return widget.Wrap(words, max(20, p.o.Width-widget.Width(lead))) }
	words = strings.Join(strings.Fields(words), " ")
	lead := first
	if lines := wrap(first); len(lines) > 1 {
		begin := strings.TrimRight(lines[0], " ")
		p.add(first + begin)
		lead, words = later, strings.TrimPrefix(strings.TrimPrefix(words, begin), " ")
	}
	for _, l := range wrap(lead) {
		p.add(strings.TrimRight(lead+l, " "))
		lead = later
	}
}

// say writes a line with a title.
func (p *page) say(title, words string) {
	p.text(fmt.Sprintf("%-*s", indent, title), strings.Repeat(" ", indent), words)
}

func (p *page) head(t *trace.Picture, file *capture.Counts, servers int) {
	c := &t.Counts
	words := model.Clean(p.o.Of, 200) + ": " + Plural(int(file.Packets), "packet")
	if file.Segments < file.Packets {
		words += fmt.Sprintf(", %d of TCP", file.Segments)
	}
	if c.Segments == 0 {
		p.say("CAPTURE", words+": nothing to follow")
		return
	}
	p.say("CAPTURE", words+fmt.Sprintf(", in %s", model.HumanSpan(t.To.Sub(t.From).Round(time.Millisecond))))
	p.say("FROM", t.From.In(p.o.Zone).Format("2006-01-02 15:04:05.000 MST"))
	p.say("FOLLOWED", fmt.Sprintf("%s to %s", Plural(c.Connections, "connection"), Plural(servers, "server")))
	p.say("SEEN", fmt.Sprintf("%s, %s, %s, %s",
		Plural(c.Probes, "keep-alive probe"), Plural(c.Retransmitted, "retransmission"), Plural(c.ZeroWindows, "zero window"), Plural(c.Resets, "reset")))
}

// Read says how far a capture is read: what was read, and how many bytes of how many, which is 0
// where that is not known.
func Read(n capture.Counts, at, of int64) string {
	text := Plural(int(n.Segments), "segment") + " of TCP"
	if of > 0 {
		text += fmt.Sprintf(", %d of %d MB", at/1e6, of/1e6)
	}
	return text
}

// Plural is a number with its noun.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Of is a server's connections in a clause.
func Of(s *trace.Server) string {
	words := Plural(s.Connections, "connection")
	if a := s.Arrivals(); a > 0 {
		n, ones := model.Figures(a, 3), "ones"
		if n == "1" {
			ones = "one"
		}
		words += fmt.Sprintf(", %s new %s a second", n, ones)
	}
	if s.Refused > 0 {
		words += fmt.Sprintf(", %d refused", s.Refused)
	}
	if s.By == trace.ByPort {
		words += "; taken for the server by its port"
	}
	return words
}

func (p *page) server(s *trace.Server) {
	p.add("")
	p.text("SERVER  ", "        ", s.Addr.String()+": "+Of(s))
	if p.o.Seen != nil {
		for _, l := range p.o.Seen(s) {
			p.say("CONFIGURED", l)
		}
	}
	p.conclusions(s)
}

// conclusions are what follows of a server, each with what would make it wrong.
func (p *page) conclusions(s *trace.Server) {
	last := ""
	all := s.Conclusions()
	for i, c := range all {
		if silent := func(c *trace.Conclusion) bool { return c.Topic == trace.TopicProbes && c.N == 0 }; silent(&c) {
			if other := slices.IndexFunc(all, func(o trace.Conclusion) bool { return silent(&o) && o.Side != c.Side }); other >= 0 {
				if other < i {
					continue
				}
				c.High = min(c.High, all[other].High)
				c.Text = fmt.Sprintf("neither side sent a keep-alive probe in silences of up to %s", model.HumanSpan(c.High.Round(time.Millisecond)))
			}
		}
		title := labels[c.Topic]
		if title == last {
			title = ""
		} else {
			last = title
		}
		p.say(title, Sentence(&c))
		if c.Topic == trace.TopicRace && c.Side == trace.TheServer {
			p.worst(s)
		}
	}
}

// Sentence is a conclusion with its median, and what would make it wrong.
func Sentence(c *trace.Conclusion) string {
	words := c.Text
	if c.N > 2 && c.High > c.Low && c.Topic != trace.TopicBox && c.Topic != trace.TopicReuse && c.Topic != trace.TopicDead {
		words += fmt.Sprintf(", median %s", model.HumanSpan(c.Median.Round(time.Millisecond)))
	}
	return strings.ToUpper(words[:1]) + words[1:] + ". Wrong if " + c.Wrong + "."
}

// worst lists examples of requests that met a close, to be opened in Wireshark.
func (p *page) worst(s *trace.Server) {
	for _, x := range s.Race.Worst {
		p.text(strings.Repeat(" ", indent)+"- ", strings.Repeat(" ", indent+2), fmt.Sprintf("%s %s, after %s: request in packet %d, close in packet %d",
			x.At.In(p.o.Zone).Format("15:04:05.000"), x.Client, model.HumanSpan(x.Silence.Round(time.Millisecond)), x.Request, x.Close))
	}
}

// Notes are what makes the conclusions weaker: of the packets that were followed, and of the
// file they were read from.
func Notes(c *trace.Counts, file *capture.Counts) []string {
	all := c.Notes()
	note := func(n int64, format string) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, n))
		}
	}
	note(file.Dropped, "The capture itself missed %d packets, by its own counters.")
	note(file.Duplicates, "%d copies of packets were left out.")
	note(file.Cut, "Of %d packets not even the headers were captured.")
	note(file.Short, "Of %d segments the payload was captured in part or not at all: heads of HTTP and alerts of TLS may not be seen.")
	note(file.Fragments, "%d packets are fragments and were not read.")
	note(file.Malformed, "The headers of %d packets contradict themselves.")
	note(file.Timeless, "%d packets have no time.")
	for _, l := range file.Links {
		all = append(all, fmt.Sprintf("%d packets have link type %d, which is not read.", l.Packets, l.Type))
	}
	if file.End != "" {
		all = append(all, file.End)
	}
	return all
}
