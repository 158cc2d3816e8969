// Package contract is what the root of the screen and its parts have in common:
// the contract of panes and overlays, the actions they ask for, and the
// read-only state they are shown.
package contract

import (
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/tuning/solve"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/redact"
	"example.com/keeptune/ui/theme"
)

// A Screen is what fills the body.
type Screen int

// The screens, in the order of their number keys.
const (
	Tune Screen = iota
	Why
	Test
	Export
	Journal
	TradeOff
	Findings
)

// ScreenNames are the screens as the footer names them.
var ScreenNames = []string{"tune", "why", "test", "export", "journal", "trade-off", "findings"}

// A Pane is a part of the screen that can have focus.
type Pane interface {
	// Update takes a key; only the focused pane gets any. A nil action is none.
	Update(c *Context, key tea.KeyMsg) Action
	// View is exactly h lines of w cells. It changes nothing.
	View(c *Context, w, h int) string
	// Keys is what works now.
	Keys(c *Context) keymap.Scope
}

// An Overlay lies over the screen and gets every key.
type Overlay interface {
	Update(c *Context, key tea.KeyMsg) Action
	// View is at most h lines of at most w cells, all of one width. It changes nothing.
	View(c *Context, w, h int) string
	Keys(c *Context) keymap.Scope
}

// What some panes and overlays can do besides.
type (
	// A FullScreen overlay has the whole screen, its frame included.
	FullScreen interface{ Full() }
	// A BottomLine overlay lies on the last lines, and the screen stays in view.
	BottomLine interface{ Bottom() }
	// A Settler keeps what follows from the size that View gets: what is in view, how long a
	// page is, where things stand. It is told before a key that moves, and before a click.
	Settler interface {
		Settle(c *Context, w, h int)
	}
	// A Computer makes again what is dear, and what it stands on, where that has changed. It is
	// told after whatever happened.
	Computer interface{ Compute(c *Context) }
	// A Noter has a sentence for the line under the screen; bad says that it is a complaint.
	Noter interface {
		Note(c *Context) (text string, bad bool)
	}
	// A Filterer shows only what has a text; "" shows all.
	Filterer interface{ Filter(text string) }
	// A Clicker takes clicks, at cells of its own view; hit is false where there is nothing.
	Clicker interface {
		Click(c *Context, x, y int) (do Action, hit bool)
	}
)

// A Context is what parts may know. They read it and change nothing in it.
type Context struct {
	Session  session.Session
	Report   tuning.Report // of the document, or of a preview
	Preview  bool          // Report shows a value that is being typed
	Revision int           // changes with the document
	Catalog  *model.Catalog
	Leg      int  // the leg that is shown
	Inspects bool // the inspector has the focus
	Theme    theme.Theme
	Keys     keymap.Map
	Test     TestView
	Plan     TestPlan // of the next live test
	Formats  []native.Format
	Reports  []Report         // of a live test
	Recent   []model.SystemID // chosen before, the latest first
	File     string
	Before   model.Document // what was in force: as the session began, or as the opened configurations say
	Version  string
	Now      time.Time
	At       Place            // the selected setting
	Symptom  tuning.Symptom   // what brought the user
	Census   CensusView       // while its screen is open
	Wire     WireView         // what packets prove
	Host     HostView         // what was read of this host
	Netns    string           // the network namespace that is read, counted and changed, "" for this one
	Options  options.Loaded   // what is set about the program
	Redact   *redact.Redactor // stand-ins for names; nil for none
	Said     string           // the sentence under the screen, for an overlay that lies over it
	Goals    GoalsView        // what becomes of the document's goals
}

// A GoalsView is the search for settings that meet the goals of the document.
type GoalsView struct {
	Running bool
	Ran     bool // Answer is of the present document, or Err
	Answer  solve.Answer
	Err     string
}

// A Place is the setting that is selected on the first screen.
type Place struct {
	Server    bool
	Param     model.ParamID
	Middlebox model.EndpointID // for a middlebox's setting
}

// Shown is the leg that is on the screen.
func (c *Context) Shown() *tuning.Leg {
	return &c.Report.Legs[max(0, min(c.Leg, len(c.Report.Legs)-1))]
}

// Findings is what the rules say about the shown leg, the gravest first.
func (c *Context) Findings() []*tuning.Finding {
	leg := c.Shown().Index
	var found []*tuning.Finding
	for i := range c.Report.Findings {
		if f := &c.Report.Findings[i]; f.Leg == leg {
			found = append(found, f)
		}
	}
	return found
}

// Suppressed is what is suppressed of the shown leg.
func (c *Context) Suppressed() []tuning.Suppressed {
	var found []tuning.Suppressed
	for _, s := range c.Report.Suppressed {
		if s.Finding.Leg == c.Shown().Index {
			found = append(found, s)
		}
	}
	return found
}

// Foremost is the place in all, the findings of the shown leg, of the one to begin with:
// of what brought the user, where that can come from here, and else the gravest. It is -1
// where there is none above info.
func (c *Context) Foremost(all []*tuning.Finding) int {
	start, asked := preset.Of(c.Symptom)
	asked = asked && c.Shown().Excludes(c.Symptom) == ""
	best, rank := -1, 0
	for i, f := range all {
		place := len(start.Rules)
		if asked {
			place = preset.LooksAt(c.Symptom, f.Rule.ID)
		}
		sought := place < len(start.Rules)
		r := place + 1
		switch {
		case sought && f.Severity == tuning.Info:
			r += len(start.Rules)
		case !sought && f.Severity == tuning.Info:
			continue
		case !sought:
			r = 2*len(start.Rules) + 1
		}
		if best < 0 || r < rank {
			best, rank = i, r
		}
	}
	return best
}

// Survives is what each side of the shown leg survives.
func (c *Context) Survives() tuning.Both[tuning.Survivals] {
	if c.Preview {
		return c.Shown().Survives()
	}
	return c.Session.Survives(c.Shown().Index)
}

// Advised is the findings of the shown leg with their remedies, except while
// something is only previewed.
func (c *Context) Advised() []*tuning.Finding {
	if c.Preview {
		return c.Findings()
	}
	all := c.Session.Advice(c.Shown().Index)
	found := make([]*tuning.Finding, len(all))
	for i := range all {
		found[i] = &all[i]
	}
	return found
}

// BuiltIn is the catalog's system of the server that is tested where no target is
// given.
const BuiltIn model.SystemID = "built-in"

// Elsewhere reports whether the live test is of the built-in server while the
// session has another: neither says anything of the other.
func (c *Context) Elsewhere() bool {
	target := c.Session.Document().Target
	if c.Test.Running || c.Test.Ran {
		target = c.Test.Target
	}
	return target == "" && !c.Test.Replayed && c.Shown().Server.System.ID != BuiltIn
}

// Side is one end of the shown leg.
func (c *Context) Side(server bool) *tuning.Side {
	leg := c.Shown()
	if server {
		return &leg.Server
	}
	return &leg.Client
}

// ErrConfig says that a file is no session but the configuration of a product.
var ErrConfig = errors.New("it is a configuration, not a session")

// Imported is a configuration that was read over a document.
type Imported struct {
	File         string
	From         ImportFile    // what it was read from, all questions answered
	Alternatives []Alternative // at least one; the worst first
	// Beyond is the last hop where its configuration also says how it speaks to its
	// servers, which the path does not have; empty otherwise.
	Beyond model.EndpointID
	Unused []native.Line
}

// A Question has to be answered before configurations can be read.
type Question struct {
	Title, Text string
	Answers     []Answer
}

// An Answer is one way to go on.
type Answer struct {
	Label, Leads string
	Then         ImportFile
}

// Error is the question as one sentence.
func (q *Question) Error() string { return q.Title + " " + q.Text }

// A Patch is what would be written back into configurations.
type Patch struct {
	Files []Patched
	Also  []string       // contexts in which values change, too
	Left  []string       // changes that the files do not say, each with the reason
	Said  model.Document // what they say afterwards
}

// A Patched file is one before and after.
type Patched struct {
	Path     string
	Was, Now []byte
	Diff     string // unified
	Included bool   // by another: a copy beside it must not be included, too
}

// An Alternative is one way to take the contexts of a configuration.
type Alternative struct {
	Label    string   // the contexts; empty where there is one
	Leads    string   // the limit and verdict that it makes
	Where    []string // the contexts' own names
	Document model.Document
}

// Planned is one file that an export would write.
type Planned struct {
	Path  string
	State string // new, same, differs, refused
	Diff  string // unified, where it differs
	Why   string // where it is refused
}

// A TestView is the live test as it is shown.
type TestView struct {
	Running  bool
	Ran      bool   // there is a result
	Replayed bool   // of a recording
	Target   string // as typed; empty for the built-in server
	Server   string // the server that was shown when the test began
	Started  time.Time
	Ends     time.Time // at the latest
	Result   livetest.Result
	Err      string
	Stale    bool // the document was changed since
	Adopted  bool
	Measured time.Time // when the result came in
	// Owners are products whose default is what was measured, where no setting
	// of the path is.
	Owners []tuning.Candidate
}

// Elapsed is the time since the run began.
func (t TestView) Elapsed(now time.Time) time.Duration {
	if !t.Running {
		return t.Result.Elapsed
	}
	return max(t.Result.Elapsed, now.Sub(t.Started))
}

// A Report writes what a live test found for somebody else: a chart, a table,
// a summary.
type Report struct {
	ID, Title string
	Name      string // of its file
	Render    func(Tested) ([]byte, error)
}

// Tested is what a Report is made of.
type Tested struct {
	Result     livetest.Result
	Started    time.Time
	Configured *time.Duration // the idle timeout that was expected; nil where there is none
}
