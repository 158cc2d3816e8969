// Package censuspage writes a count of sockets as a page to be read, for the command
// line and for the screen.
package censuspage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/widget"
)

// Options are how much is written, and how wide.
type Options struct {
	Width  int
	Of     string // what was counted: "this host", a file
	Groups int    // the most groups of connections
	Shell  bool   // written by a command: its flags are named
	Flow   *census.Flow
}

// Lines is the page.
func Lines(m *census.Summary, o Options) []string {
	p := &page{o: o}
	p.head(m)
	p.flow(o.Flow)
	if m.States[census.Established] > 0 {
		p.ages(&m.Counts)
		p.timeouts(m)
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
	for _, l := range widget.Wrap(words, max(20, p.o.Width-max(widget.Width(first), widget.Width(later)))) {
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

// flow is what came and went between the counts.
func (p *page) flow(f *census.Flow) {
	if f == nil || f.Span <= 0 {
		return
	}
	text := fmt.Sprintf("new connections: %s a second", model.Figures(f.Arrivals(), 3))
	if r, ok := f.Rate(); ok {
		text += fmt.Sprintf("; data on each: %s times a second", model.Figures(r, 3))
	}
	if half, ok := f.Pause(0.5); ok {
		most, _ := f.Pause(0.9)
		text += fmt.Sprintf("; pauses that ended: half below %s, 90\u00a0%% below %s", Rough(half), Rough(most))
	}
	p.text("IN "+Rough(f.Span)+"  ", "         ", strings.ReplaceAll(text, "\u00a0", " "))
}

// Rounded is a rate that was counted, to three digits.
func Rounded(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// guards are the rows of the histogram, in the order of a reader's interest.
var guards = []struct {
	guard        census.Guard
	words, short string
}{
	{census.NotGuarded, " no timer", "no timer"},
	{census.ByProbes, " probes", "probes"},
	{census.ByData, " data unanswered", "data"},
}

const firstColumn, ageColumn = 17, 8

// narrow is the width below which the histogram has its long ages alone.
const narrow = firstColumn + 7*ageColumn

// histogram is how the ages are drawn at the page's width: which of them are taken
// together, by the first of each.
func (p *page) histogram() (first, column int, from []int) {
	if p.o.Width >= narrow {
		return firstColumn, ageColumn, []int{0, 1, 2, 3, 4, 5, 6}
	}
	return 9, 7, []int{0, 4, 5, 6}
}

func (p *page) ages(c *census.Counts) {
	if c.NoAge == c.States[census.Established] {
		p.add("")
		p.text("", "", "How long they have been idle is not told; in a list of ss it is with -i, as ss -tanoie lists.")
		return
	}
	all := census.Ages()
	first, column, from := p.histogram()
	to := append(slices.Clone(from[1:]), len(all))
	var head strings.Builder
	fmt.Fprintf(&head, "%-*s", first, "IDLE FOR")
	for i := range from {
		fmt.Fprintf(&head, "%*s", column, ageText(census.Age{From: all[from[i]].From, To: all[to[i]-1].To}))
	}
	p.add("", head.String())
	for _, g := range guards {
		if c.Guarded[g.guard] == 0 {
			continue
		}
		words := g.words
		if p.o.Width < narrow {
			words = g.short
		}
		var line strings.Builder
		fmt.Fprintf(&line, "%-*s", first, " "+words)
		for i := range from {
			n := 0
			for at := from[i]; at < to[i]; at++ {
				n += c.Idle[at][g.guard]
			}
			fmt.Fprintf(&line, "%*s", column, number(n))
		}
		p.add(line.String())
	}
	if c.NoAge > 0 {
		p.text("  ", "  ", fmt.Sprintf("of %d more it is not told", c.NoAge))
	}
}

// timeoutsShown are the configured times that are told.
const timeoutsShown = 8

// timeouts are the configured times, each with how many connections outlived it.
func (p *page) timeouts(m *census.Summary) {
	if len(m.Beside) == 0 || m.NoAge == m.States[census.Established] {
		return
	}
	p.add("", "CONFIGURED")
	for i, t := range m.Beside {
		if i == timeoutsShown {
			p.text("  ", "  ", fmt.Sprintf("and %d longer ones", len(m.Beside)-i))
			return
		}
		p.text("  ", "      ", fmt.Sprintf("%s %s: %s idle for longer", model.HumanSpan(t.After), model.Clean(t.Name, 80), either(t.Longer)))
	}
}

// either is how many were, in words.
func either(n int) string {
	switch n {
	case 0:
		return "no connection has been"
	case 1:
		return "1 connection has been"
	}
	return fmt.Sprintf("%d connections have been", n)
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

// A groupOf is a column of the connections.
type groupOf struct {
	head string
	of   func(*census.Group) string
	need int // the lower, the longer it stays where the page is narrow
}

const groupColumn = 9

// groupColumns are all columns. What nothing would miss stays longest.
var groupColumns = []groupOf{
	{"estab", func(g *census.Group) string { return number(g.States[census.Established]) }, 2},
	{"no timer", func(g *census.Group) string { return number(g.Guarded[census.NotGuarded]) }, 1},
	{"probes", func(g *census.Group) string { return number(g.Guarded[census.ByProbes]) }, 4},
	{"close-w", func(g *census.Group) string { return number(g.States[census.CloseWait]) }, 5},
	{"time-w", func(g *census.Group) string { return number(g.States[census.TimeWait]) }, 6},
	{"idle max", func(g *census.Group) string {
		if g.Oldest < 0 {
			return "-"
		}
		return Rough(g.Oldest)
	}, 3},
}

// columns are those that the page's width has room for.
func (p *page) columns() []groupOf {
	most := (p.o.Width - 13) / groupColumn
	return slices.DeleteFunc(slices.Clone(groupColumns), func(c groupOf) bool { return c.need > max(1, most) })
}

func (p *page) groups(m *census.Summary) {
	all := m.Groups()
	if len(all) == 0 {
		return
	}
	columns := p.columns()
	name := max(13, p.o.Width-groupColumn*len(columns))
	row := func(first string, cell func(groupOf) string) string {
		var line strings.Builder
		fmt.Fprintf(&line, "%-*s", name, first)
		for _, c := range columns {
			fmt.Fprintf(&line, "%*s", groupColumn, cell(c))
		}
		return line.String()
	}
	p.add("", row("CONNECTIONS", func(c groupOf) string { return c.head }))
	shown := all
	if p.o.Groups > 0 && len(all) > p.o.Groups {
		shown = all[:p.o.Groups]
	}
	for _, g := range shown {
		title := widget.Wrap(groupName(g), name-1)
		if p.o.Width < narrow && len(title) > 1 { // above its numbers
			p.text("", "  ", groupName(g))
			title = []string{""}
		}
		p.add(row(strings.TrimRight(title[0], " "), func(c groupOf) string { return c.of(g) }))
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
	all := m.EffectiveOptions()
	if len(all) == 0 {
		return
	}
	var parts []string
	for i, o := range all {
		if i == optionsShown {
			parts = append(parts, fmt.Sprintf("%d\u00a0other\u00a0settings", len(all)-i))
			break
		}
		parts = append(parts, strings.ReplaceAll(fmt.Sprintf("%d %s", m.Effective[o], o), " ", "\u00a0"))
	}
	p.add("")
	lead := "SET ON THEM      "
	for _, l := range widget.Wrap(strings.Join(parts, "   "), max(20, p.o.Width-len(lead))) {
		p.add(lead + strings.TrimSpace(strings.ReplaceAll(l, "\u00a0", " ")))
		lead = strings.Repeat(" ", len(lead))
	}
}

// Timeouts are the times that a report's ends and boxes give a connection, to be counted
// beside. Where a hop has two of one name, that says towards whom it is.
func Timeouts(r *tuning.Report) []census.Timeout {
	var out []census.Timeout
	var refs []tuning.ParamRef
	seen := map[tuning.ParamRef]bool{}
	for i := range r.Legs {
		for _, x := range r.Legs[i].Limit.All {
			if !x.Known || x.Age || x.Low >= model.Never || seen[x.Ref] {
				continue
			}
			seen[x.Ref] = true
			out = append(out, census.Timeout{Name: string(x.Ref.Endpoint) + " " + x.Name, After: x.Low})
			refs = append(refs, x.Ref)
		}
	}
	count := map[string]int{}
	for _, t := range out {
		count[t.Name]++
	}
	for i := range out {
		switch {
		case count[out[i].Name] == 1:
		case strings.Contains(string(refs[i].Param), ".upstream."):
			out[i].Name += " towards its servers"
		default:
			out[i].Name += " towards its clients"
		}
	}
	return out
}
