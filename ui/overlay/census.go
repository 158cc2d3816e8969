package overlay

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Census shows the count of this host's sockets over the whole screen.
type Census struct {
	top, length, rows int
}

var _ contract.Overlay = (*Census)(nil)

// NewCensus shows what the context has of a count.
func NewCensus() *Census { return &Census{} }

// Full says that it covers the whole screen.
func (o *Census) Full() {}

// Keys is what works now.
func (o *Census) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeCensus).Only(func(id keymap.ID) bool {
		return id != keymap.AdoptFlow || c.Census.Flow.Span > 0
	})
}

// Update takes a key.
func (o *Census) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Back:
		return contract.Close{Then: contract.EndCensus{}}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Recount:
		return contract.Recount{}
	case keymap.CensusRate:
		return contract.CensusRate{}
	case keymap.Filter:
		return contract.CensusFilter{}
	case keymap.Namespace:
		return contract.AskNamespace{}
	case keymap.AdoptFlow:
		return contract.AdoptFlow{}
	case keymap.TrySockets:
		return contract.AskSockets{}
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(o.lines(c, 80), "\n") + "\n", What: "the count"}
	default:
		o.top = scrolled(id, o.top, o.length, o.rows)
	}
	return nil
}

// groupsShown are the groups of connections on the screen.
const groupsShown = 100

// lines is the page, without what stands at its foot.
func (o *Census) lines(c *contract.Context, w int) []string {
	v := &c.Census
	var lines []string
	if v.Err != "" {
		lines = append(widget.Wrap(v.Err, max(1, w)), "")
	}
	if v.Summary == nil {
		if v.Err == "" {
			lines = append(lines, widget.Wrap("counting the sockets of "+c.Where(), max(1, w))...)
		}
		return lines
	}
	lines = append(lines, censuspage.Lines(v.Summary, censuspage.Options{Width: w, Of: c.Where(), Groups: groupsShown, Flow: &v.Flow})...)
	if v.Hidden > 0 {
		lines = append(lines, "")
		lines = append(lines, widget.Wrap(fmt.Sprintf("%d processes of other users could not be looked into: root would name the owners of their sockets.", v.Hidden), max(1, w))...)
	}
	return lines
}

// Settle keeps how long the page is, and how much of it is in view.
func (o *Census) Settle(c *contract.Context, w, h int) {
	o.length, o.rows = len(o.lines(c, w)), max(0, h-2)
	o.top = max(0, min(o.top, o.length-o.rows))
}

// View draws the page and a line of keys.
func (o *Census) View(c *contract.Context, w, h int) string {
	v := &c.Census
	lines := o.lines(c, w)
	rate := "counted when asked"
	if v.Every > 0 {
		rate = "counted every " + model.HumanSpan(v.Every)
	}
	if !v.Taken.IsZero() {
		rate += ", last at " + c.Clock(v.Taken)
	}
	body := widget.Window(lines, o.top, w, max(0, h-2), c.Theme.Glyphs)
	return widget.Stack(w, h, body, widget.FitLine(c.Theme.Muted.Render(rate), w), widget.Hints(o.Keys(c).Footer(9), c.Keys.Key(keymap.ScopeCensus, keymap.ShowHelp), w, c.Theme))
}
