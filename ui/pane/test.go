package pane

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

// Test shows the live test: the target, its progress and what it measured
// beside what is configured and advertised.
type Test struct {
	scroll scroll
	field  *widget.Field // open target
	old    string        // typed before and left
}

var _ part.Pane = (*Test)(nil)

// NewTest is the live test's screen.
func NewTest() *Test { return &Test{} }

// Typing reports whether the target is open.
func (p *Test) Typing() bool { return p.field != nil }

// Keys is what works now.
func (p *Test) Keys(c *part.Context) keymap.Scope {
	if p.field != nil {
		return c.Keys.Scope(keymap.Field)
	}
	running := c.Test.Running
	return c.Keys.Scope(keymap.Probe).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Start:
			return !running
		case keymap.StopTest:
			return running
		default:
			return true
		}
	})
}

// Note is what the line under the screen says.
func (p *Test) Note(c *part.Context) (text string, bad bool) {
	if p.field == nil {
		return "", false
	}
	if s := p.field.Value(); s != "" {
		if _, err := model.ParseProbeTarget(s); err != nil {
			return err.Error(), true
		}
	}
	return "URL or HOST:PORT; empty is the built-in server.  Enter takes it, Esc keeps " + targetName(c), false
}

// Update takes a key.
func (p *Test) Update(c *part.Context, key tea.KeyMsg) part.Action {
	id, _ := p.Keys(c).Find(key)
	if p.field != nil {
		return p.typeTarget(id, key)
	}
	switch id {
	case keymap.Start:
		return part.StartTest{}
	case keymap.StopTest:
		return part.StopTest{}
	case keymap.Adopt:
		return part.Adopt{}
	case keymap.EditTarget:
		p.field = widget.NewField(c.Session.Document().Target)
		p.field.Limit = 2000
	case keymap.Copy:
		return part.Copy{Text: strings.Join(p.lines(c, 76), "\n") + "\n", What: "the results"}
	default:
		p.scroll.key(id)
	}
	return nil
}

func (p *Test) typeTarget(id keymap.ID, key tea.KeyMsg) part.Action {
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		text := strings.TrimSpace(p.field.Value())
		if text != "" {
			if _, err := model.ParseProbeTarget(text); err != nil {
				return nil // the note says why
			}
		}
		p.field = nil
		return part.SetTarget{Target: text}
	case keymap.Cancel:
		p.old, p.field = p.field.Value(), nil
		return nil
	case keymap.Older:
		if p.old != "" {
			p.field.Set(p.old)
		}
		return nil
	default:
	}
	if used := p.field.Update(key); !used && key.String() == "backspace" {
		p.field = nil
	}
	return nil
}

// View draws target, progress and results.
func (p *Test) View(c *part.Context, w, h int) string {
	head := []string{p.targetLine(c, w), progressLine(c, w), ""}
	body := p.scroll.view(p.lines(c, w), w, max(0, h-len(head)), c.Theme.Glyphs)
	return widget.Stack(w, h, strings.Join(head, "\n"), body)
}

func targetName(c *part.Context) string {
	if t := c.Session.Document().Target; t != "" {
		return model.Clean(t, 200)
	}
	return "the built-in server"
}

func (p *Test) targetLine(c *part.Context, w int) string {
	lead := widget.Fixed(" target  ", c.Theme.Title)
	if p.field != nil {
		return " target  " + p.field.View(w-9, c.Theme)
	}
	hint := "   = types another"
	if w < 60 {
		hint = ""
	}
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, lead, widget.Fixed(targetName(c), c.Theme.Plain), widget.Elastic(hint, c.Theme.Muted))
}

// progressLine is the one line that changes while a test runs.
func progressLine(c *part.Context, w int) string {
	t := c.Test
	mark := c.Theme.Glyphs.Ellipsis
	switch {
	case t.Running:
		open, done := samplesOf(t.Result)
		text := part.Count(done, "sample in", "samples in") + ", " + part.Count(open, "watched", "watched") +
			", at most " + part.Short(left(t, c.Now)) + " left"
		if w >= 90 {
			text += "   other screens stay usable meanwhile"
		}
		return widget.Line(w, mark, widget.Fixed(" running ", c.Theme.Info), widget.Elastic(text, c.Theme.Plain))
	case t.Err != "" && !t.Ran:
		return widget.Line(w, mark, widget.Fixed(" failed  ", c.Theme.Bad), widget.Elastic(model.Clean(t.Err, 400), c.Theme.Plain))
	case !t.Ran:
		return widget.Line(w, mark, widget.Fixed(" ready   ", c.Theme.Title), widget.Elastic("t or r runs the test", c.Theme.Plain))
	}
	word, st := strings.ToUpper(string(t.Result.Outcome)), c.Theme.Good
	if t.Result.Outcome != model.OutcomeMeasured {
		word, st = "INCONCLUSIVE", c.Theme.Warn
	}
	text := " at " + t.Measured.Format("15:04:05")
	switch {
	case t.Server != part.ServerName(c):
		text += " with " + t.Server + " as the server, not " + part.ServerName(c)
	case t.Stale:
		text += ", STALE: settings were changed since"
	}
	if t.Err != "" && t.Result.Reason == "" {
		text += "   " + t.Err
	}
	return widget.Line(w, mark, widget.Fixed(" "+word, st), widget.Elastic(model.Clean(text, 400), c.Theme.Plain))
}

// left is the time until the test ends at the latest, in whole seconds.
func left(t part.TestView, now time.Time) time.Duration {
	return max(0, t.Ends.Sub(now)).Round(time.Second)
}

// Chip is the running test in a few words, for the title; "" without one.
func Chip(c *part.Context) string {
	if !c.Test.Running {
		return ""
	}
	return "[test " + part.Tight(left(c.Test, c.Now)) + " left]"
}

func samplesOf(r model.ProbeResult) (open, done int) {
	for _, s := range r.Samples {
		switch s.State {
		case model.SampleConnecting, model.SampleWatched:
			open++
		case model.SampleClosed, model.SampleOpen, model.SampleDiscarded, model.SampleFailed:
			done++
		}
	}
	return open, done
}
