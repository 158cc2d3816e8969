// Package censuspage writes a count of sockets as a page to be read, for the command
// line and for the screen.
package censuspage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/widget"
)

// Options are how much is written, and how wide.
type Options struct {
	Width  int
	Of     string // what was counted: "this host", a file
	Groups int    // the most groups of connections
	Shell  bool   // written by a command: its flags are named
}

// Lines is the page.
func Lines(m *census.Summary, o Options) []string {
	p := &page{o: o}
	p.head(m)
	if m.States[census.Established] > 0 {
		p.ages(&m.Counts)
	}
	p.options(m)
	p.groups(m)
	if notes := m.Notes(); len(notes) > 0 {
		p.add("", "WHAT THIS SHOWS")
		for _, n := range notes {
			text := n.Text
			if n.Rule != "" {
				text += " (" + n.Rule + ")"
			}
			p.text("  - ", "    ", text)
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
	lead := first
	for _, l := range widget.Wrap(words, max(20, p.o.Width-widget.Width(first))) {
		p.add(strings.TrimRight(lead+strings.TrimRight(l, " "), " "))
		lead = later
	}
}

func (p *page) head(m *census.Summary) {
	of := model.Clean(p.o.Of, 200)
	if f := m.Filter().String(); f != "" {
		of += ", " + model.Clean(f, 200)
	}
	switch all := m.All(); {
	case m.Read == 0:
		p.text("SOCKETS  ", "         ", of+": no TCP sockets at all")
		return
	case all == 0:
		p.text("SOCKETS  ", "         ", fmt.Sprintf("%s: none of the %d TCP sockets", of, m.Read))
		return
	case all < m.Read:
		p.text("SOCKETS  ", "         ", fmt.Sprintf("%s: %d of %d TCP sockets", of, all, m.Read))
	case all == 1:
		p.text("SOCKETS  ", "         ", of+": 1 TCP socket")
	default:
		p.text("SOCKETS  ", "         ", fmt.Sprintf("%s: %d TCP sockets", of, all))
	}
	var parts []string
	for _, s := range census.States() {
		if n := m.States[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d\u00a0%s", n, s))
		}
	}
	for _, l := range widget.Wrap(strings.Join(parts, "  "), max(20, p.o.Width-9)) {
		p.add("         " + strings.TrimSpace(strings.ReplaceAll(l, "\u00a0", " ")))
	}
}

// guards are the rows of the histogram, in the order of a reader's interest.
var guards = []struct {
	guard census.Guard
	words string
}{
	{census.NotGuarded, "no timer"},
	{census.ByProbes, "probes"},
	{census.ByData, "data unanswered"},
}

const firstColumn, column = 17, 8

func (p *page) ages(c *census.Counts) {
	var head strings.Builder
	fmt.Fprintf(&head, "%-*s", firstColumn, "IDLE FOR")
	for _, a := range census.Ages() {
		fmt.Fprintf(&head, "%*s", column, ageText(a))
	}
	p.add("", head.String())
	for _, g := range guards {
		if c.Guarded[g.guard] == 0 {
			continue
		}
		var line strings.Builder
		fmt.Fprintf(&line, "  %-*s", firstColumn-2, g.words)
		for i := range c.Idle {
			fmt.Fprintf(&line, "%*s", column, number(c.Idle[i][g.guard]))
		}
		p.add(line.String())
	}
	switch {
	case c.NoAge == c.States[census.Established]:
		p.lines = p.lines[:len(p.lines)-1]
		for p.lines[len(p.lines)-1] != "" {
			p.lines = p.lines[:len(p.lines)-1]
		}
		p.text("", "", "How long they have been idle is not told; in a list of ss it is with -i, as ss -tanoie lists.")
	case c.NoAge > 0:
		p.text("  ", "  ", fmt.Sprintf("of %d more it is not told", c.NoAge))
	}
}

// ageText is the head of a column, such as "<1s", "1-5s", ">1h".
func ageText(a census.Age) string {
	short := func(d time.Duration) string {
		switch {
		case d%time.Hour == 0:
			return fmt.Sprintf("%dh", d/time.Hour)
		case d%time.Minute == 0:
			return fmt.Sprintf("%dm", d/time.Minute)
		}
		return fmt.Sprintf("%ds", d/time.Second)
	}
	switch {
	case a.From == 0:
		return "<" + short(a.To)
	case a.To == model.Never:
		return ">" + short(a.From)
	}
	return short(a.From) + "-" + short(a.To)
}

// number is a count; none is a point, so that what is there stands out.
func number(n int) string {
	if n == 0 {
		return "."
	}
	return strconv.Itoa(n)
}

func (p *page) groups(m *census.Summary) {
	all := m.Groups()
	if len(all) == 0 {
		return
	}
	const counts = 5 * 9
	name := max(14, p.o.Width-counts-9)
	p.add("", fmt.Sprintf("%-*s%9s%9s%9s%9s%9s%9s", name, "CONNECTIONS", "estab", "no timer", "probes", "close-w", "time-w", "idle max"))
	shown := all
	if p.o.Groups > 0 && len(all) > p.o.Groups {
		shown = all[:p.o.Groups]
	}
	for _, g := range shown {
		oldest := "-"
		if g.Oldest >= 0 {
			oldest = Rough(g.Oldest)
		}
		title := widget.Wrap(groupName(g), name-1)
		p.add(fmt.Sprintf("%-*s%9s%9s%9s%9s%9s%9s", name, strings.TrimRight(title[0], " "), number(g.States[census.Established]),
			number(g.Guarded[census.NotGuarded]), number(g.Guarded[census.ByProbes]),
			number(g.States[census.CloseWait]), number(g.States[census.TimeWait]), oldest))
		for _, l := range title[1:] {
			p.add("  " + strings.TrimSpace(l))
		}
	}
	if n := len(all) - len(shown); n > 0 {
		rest := 0
		for _, g := range all[len(shown):] {
			rest += g.All()
		}
		more := fmt.Sprintf("and %d more with %d sockets", n, rest)
		if p.o.Shell {
			more += "; --groups shows more, --filter port:443 picks"
		}
		p.text("  ", "  ", more)
	}
}

// groupName is ":443 nginx" for what a listener took in, "to 10.0.0.5:5432 node" for
// what was opened.
func groupName(g *census.Group) string {
	var name string
	switch {
	case g.Inbound:
		name = fmt.Sprintf(":%d", g.Port)
	case !g.Remote.IsValid():
		name = fmt.Sprintf("to others:%d", g.Port)
	case g.Remote.Is6():
		name = fmt.Sprintf("to [%s]:%d", g.Remote, g.Port)
	default:
		name = fmt.Sprintf("to %s:%d", g.Remote, g.Port)
	}
	for _, o := range g.Owners {
		name += " " + model.Clean(o, 40)
	}
	return name
}

// Rough is a span in a narrow column, its two largest units at most: 4.1s, 61s, 1h3m.
func Rough(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		d = d.Round(100 * time.Millisecond)
	case d < time.Hour:
		d = d.Round(time.Second)
	default:
		d = d.Round(time.Minute)
	}
	words := strings.Fields(model.HumanSpan(d))
	return strings.Join(words[:min(4, len(words))], "")
}

// optionsShown are the kinds of options that are told.
const optionsShown = 6

// options are what connections have set, where that was read.
func (p *page) options(m *census.Summary) {
	all := m.OptionsInForce()
	if len(all) == 0 {
		return
	}
	var parts []string
	for i, o := range all {
		if i == optionsShown {
			parts = append(parts, fmt.Sprintf("%d\u00a0other\u00a0settings", len(all)-i))
			break
		}
		parts = append(parts, strings.ReplaceAll(fmt.Sprintf("%d %s", m.InForce[o], o), " ", "\u00a0"))
	}
	p.add("")
	lead := "SET ON THEM      "
	for _, l := range widget.Wrap(strings.Join(parts, "   "), max(20, p.o.Width-len(lead))) {
		p.add(lead + strings.TrimSpace(strings.ReplaceAll(l, "\u00a0", " ")))
		lead = strings.Repeat(" ", len(lead))
	}
}
