package pane

import (
	"cmp"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// Test shows the live test: the target, its progress, what it measured beside
// what is configured and advertised, and what the next one measures.
type Test struct {
	scroll scroll
	view   testView      // as chosen
	row    int           // selected in the plan
	top    int           // first shown row of it
	field  *widget.Field // open value of that row
	old    string        // typed before and left
	next   int           // the explanation that is gone to next
}

// A testView is what the screen of the live test shows.
type testView int

const (
	viewFitting testView = iota // the plan before the first test, the results after
	viewResults
	viewLadder
	viewCurve
	viewSamples
	viewRace
	viewPlan
)

var viewKeys = map[keymap.ID]testView{
	keymap.TestResults: viewResults, keymap.TestLadder: viewLadder, keymap.TestCurve: viewCurve,
	keymap.TestSamples: viewSamples, keymap.TestRace: viewRace, keymap.PlanTest: viewPlan,
}

var _ contract.Pane = (*Test)(nil)

// NewTest is the live test's screen.
func NewTest() *Test { return &Test{} }

func (p *Test) shown(c *contract.Context) testView {
	switch {
	case p.view != viewFitting:
		return p.view
	case c.Test.Running || c.Test.Ran || c.Test.Err != "":
		return viewResults
	}
	return viewPlan
}

// Begin shows the results of a test that begins, if only its plan was shown.
func (p *Test) Begin() {
	if p.view == viewPlan {
		p.view = viewFitting
	}
}

// Keys is what works now.
func (p *Test) Keys(c *contract.Context) keymap.Scope {
	if p.field != nil {
		return c.Keys.Scope(keymap.ScopeField)
	}
	running := c.Test.Running
	return c.Keys.Scope(p.scope(c)).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Start:
			return !running
		case keymap.StopTest:
			return running
		case keymap.Fix:
			return len(explanations(c)) > 0
		default:
			return true
		}
	})
}

func (p *Test) scope(c *contract.Context) keymap.ScopeID {
	if p.shown(c) == viewPlan {
		return keymap.ScopePlan
	}
	return keymap.ScopeTest
}

// notNow says why a key does nothing at the moment.
func notNow(c *contract.Context, id keymap.ID) contract.Action {
	switch id {
	case keymap.Start:
		return contract.Say{Text: "the test is running; " + c.Keys.Key(keymap.ScopeTest, keymap.StopTest) + " stops it"}
	case keymap.StopTest:
		return contract.Say{Text: "no test is running"}
	case keymap.Fix:
		return contract.Say{Text: unexplained(c)}
	default:
		return nil
	}
}

// Note is what the line under the screen says.
func (p *Test) Note(c *contract.Context) (text string, bad bool) {
	switch {
	case p.field != nil:
		return p.planHint(c)
	case p.shown(c) == viewPlan && p.view == viewPlan:
		return planRows[p.row].about, false
	}
	return "", false
}

// Update takes a key.
func (p *Test) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	if p.field != nil {
		return p.typeValue(c, id, key)
	}
	if id == "" { // a key that would do something at another moment says why it does not
		hidden, _ := c.Keys.Scope(p.scope(c)).Find(key)
		return notNow(c, hidden)
	}
	if view, ok := viewKeys[id]; ok {
		if p.view == view && view == viewPlan { // the same key closes it
			view = viewFitting
		}
		p.view, p.scroll = view, scroll{}
		return nil
	}
	switch id {
	case keymap.Start:
		if key.Type == tea.KeyEnter && c.Test.Ran && p.shown(c) != viewPlan {
			return contract.RunAgain{}
		}
		return contract.StartTest{}
	case keymap.StopTest:
		return contract.StopTest{}
	case keymap.Adopt:
		return contract.Adopt{}
	case keymap.EditTarget:
		p.view, p.row = viewPlan, 0
		p.openField(c)
	case keymap.Fix:
		return p.explain(c)
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(p.body(c, 76, 20), "\n") + "\n", What: "what is shown"}
	default:
		if p.shown(c) == viewPlan {
			return p.planKey(c, id)
		}
		p.scroll.key(id)
	}
	return nil
}

// draw draws target, progress and the chosen view.
func (p *Test) draw(c *contract.Context, w, h int) string {
	head := append(append([]string{p.targetLine(c, w)}, progress(c, w)...), p.heading(c))
	room := max(0, h-len(head))
	if p.shown(c) == viewPlan {
		return widget.Stack(w, h, strings.Join(head, "\n"), p.planView(c, w, room))
	}
	body := p.scroll.view(p.body(c, w, room), w, room, c.Theme.Glyphs)
	return widget.Stack(w, h, strings.Join(head, "\n"), body)
}

// body is the chosen view as lines; h is the room that a chart may fill.
func (p *Test) body(c *contract.Context, w, h int) []string {
	switch p.shown(c) {
	case viewLadder:
		return ladderLines(c, w)
	case viewCurve:
		return curveLines(c, w, h)
	case viewSamples:
		return sampleLines(c, w)
	case viewRace:
		return raceLines(c, w)
	case viewResults, viewFitting, viewPlan:
	}
	return resultLines(c, w, h)
}

var headings = map[testView]string{
	viewLadder: "LADDER  which silence a connection outlives", viewCurve: "CURVE  connections still open after so much silence",
	viewSamples: "SAMPLES  each connection", viewRace: "RACE  requests that meet the close", viewPlan: "PLAN  what is measured",
}

func (p *Test) heading(c *contract.Context) string {
	text := headings[p.shown(c)]
	if text == "" {
		return " "
	}
	return " " + c.Theme.Title.Render(text)
}

func targetName(c *contract.Context) string {
	if t := c.Session.Document().Target; t != "" {
		return model.Clean(t, 200)
	}
	return "the built-in server"
}

func (p *Test) targetLine(c *contract.Context, w int) string {
	lead := widget.Fixed(" target  ", c.Theme.Title)
	hint := "   " + c.Keys.Key(keymap.ScopeTest, keymap.EditTarget) + " types another"
	if w < 60 {
		hint = ""
	}
	return widget.Line(w, c.Theme.Glyphs.Ellipsis, lead, widget.Fixed(targetName(c), c.Theme.Plain), widget.Elastic(hint, c.Theme.Muted))
}

// progress is the one line that changes while a test runs, and how the test ended.
func progress(c *contract.Context, w int) []string {
	t := c.Test
	switch {
	case t.Running:
		text := doing(t.Result) + ", at most " + contract.Short(left(t, c.Now)) + " left"
		if w >= 90 {
			text += "   other screens stay usable meanwhile"
		}
		return []string{widget.Line(w, c.Theme.Glyphs.Ellipsis, widget.Fixed(" running ", c.Theme.Info), widget.Elastic(text, c.Theme.Plain))}
	case t.Err != "" && !t.Ran:
		return ended(" failed ", c.Theme.Bad, t.Err, w)
	case !t.Ran:
		return ended(" ready  ", c.Theme.Title, c.Keys.Key(keymap.ScopeGlobal, keymap.Test)+" or "+c.Keys.Key(keymap.ScopeTest, keymap.Start)+" runs the test", w)
	}
	word, st := strings.ToUpper(string(t.Result.Outcome)), c.Theme.Good
	switch t.Result.Outcome {
	case livetest.OutcomeMeasured:
	case livetest.OutcomeUnreachable:
		st = c.Theme.Bad
	default:
		word, st = "INCONCLUSIVE", c.Theme.Warn
	}
	return ended(" "+word, st, circumstances(c), w)
}

// ended is a word and a text behind it, on as many lines as that needs.
func ended(word string, st theme.Style, text string, w int) []string {
	lead := widget.Width(word) + 1
	var out []string
	for i, l := range widget.Wrap(model.Clean(text, 400), max(1, w-lead)) {
		if i == 0 {
			out = append(out, widget.FitLine(st.Render(word)+" "+l, w))
		} else {
			out = append(out, widget.FitLine(strings.Repeat(" ", lead)+l, w))
		}
	}
	return out
}

// circumstances say when a result was measured, and what was changed since.
func circumstances(c *contract.Context) string {
	t := c.Test
	text := "at " + c.Clock(t.Measured)
	if t.Replayed {
		text = "on " + t.Measured.In(c.Now.Location()).Format("2006-01-02 15:04:05") + " at " + model.Clean(t.Target, 200) + ", as recorded"
	}
	if !t.Replayed && t.Target != c.Session.Document().Target {
		text += " at " + cmp.Or(model.Clean(t.Target, 200), "the built-in server")
	}
	switch {
	case t.Server != contract.ServerName(c):
		text += " with " + t.Server + " as the server, not " + contract.ServerName(c)
	case t.Stale:
		text += ", STALE: settings were changed since"
	}
	if t.Err != "" && t.Result.Reason == "" {
		text += "   " + t.Err
	}
	return text
}

// doing is how far a running test is, in a few words.
func doing(r livetest.Result) string {
	switch {
	case r.Hold != nil:
		return contract.Count(r.Hold.Open, "connection held", "connections held") + ", " + contract.Count(len(r.Hold.Closed), "closed", "closed")
	case r.Race != nil:
		return contract.Count(r.Race.Requests, "request in the race", "requests in the race") + ", " + contract.Count(r.Race.Failures, "lost", "lost")
	case len(r.Ladders) > 0:
		open, done := 0, 0
		for _, l := range r.Ladders {
			for _, g := range l.Rungs {
				if g.State == livetest.SampleWatched {
					open++
				} else {
					done++
				}
			}
		}
		return contract.Count(done, "gap answered", "gaps answered") + ", " + contract.Count(open, "silent", "silent")
	}
	if r.Second != nil {
		open, done := samplesOf(r)
		return "second round, " + contract.Count(done, "sample in", "samples in") + ", " + contract.Count(open, "watched", "watched")
	}
	open, done := samplesOf(r)
	return contract.Count(done, "sample in", "samples in") + ", " + contract.Count(open, "watched", "watched")
}

// left is the time until the test ends at the latest, in whole seconds.
func left(t contract.TestView, now time.Time) time.Duration {
	return max(0, t.Ends.Sub(now)).Round(time.Second)
}

// Chip is the running test in a few words, for the title; "" without one.
func Chip(c *contract.Context) string {
	if !c.Test.Running {
		return ""
	}
	return "[test " + contract.Tight(left(c.Test, c.Now)) + " left]"
}

func samplesOf(r livetest.Result) (open, done int) {
	for _, s := range r.Samples {
		switch s.State {
		case livetest.SampleConnecting, livetest.SampleWatched:
			open++
		case livetest.SampleClosed, livetest.SampleOpen, livetest.SampleDiscarded, livetest.SampleFailed:
			done++
		}
	}
	return open, done
}
