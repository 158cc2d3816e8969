package ui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/pane"
)

// An outcome is what outlives the program: its context, what runs in it, the
// state to save and how it ended. Update and View touch it, and finish after
// them.
type outcome struct {
	ctx     context.Context
	cancel  context.CancelFunc
	running []<-chan struct{} // each closed when its stream has ended
	session session.Session
	recent  []model.SystemID // chosen in this session, the latest first
	seq     uint64
	crash   *crashMsg
	said    []string
}

// app is the root of the screen. It is a value: methods that change it return
// it. Panes and overlays are pointers that only keep what they show.
type app struct {
	cfg      Config
	out      *outcome
	keys     keymap.Map
	words    bool // words are typed, not keys
	w, h     int
	s        session.Session
	revision int
	preview  *tuning.Report // with the value that is being typed
	leg      int
	screen   contract.Screen
	inspects bool
	tune     *pane.Tune
	export   *pane.Export
	live     *pane.Test
	panes    [7]contract.Pane // by screen
	overlays []contract.Overlay
	note     string // one sentence, until the next key
	bad      bool
	test     testRun
	wanted   contract.TestPlan // of the next test
	file     string
	opened   *opened // the configurations that were read last; nil for none
	mouse    bool
	recent   []model.SystemID
	unused   []native.Line // of the last configuration that was read
	rebound  model.History[rebinding]
	commands []string // typed after :, the latest last
	now      time.Time
	symptom  tuning.Symptom // what brought the user
	census   counting
	wire     tracing
	trial    trying
	host     contract.HostView           // what was read of this host
	netns    string                      // the network namespace that is read, counted and changed, "" for this one
	search   search                      // for settings that meet the goals
	waiting  func(wait, tea.Cmd) tea.Cmd // takes each command that waits; nil leaves them as they are
}

func newApp(ctx context.Context, cancel context.CancelFunc, c Config) app {
	tune, export, live := pane.NewTune(), pane.NewExport(), pane.NewTest()
	a := app{
		cfg: c, keys: c.Options.Keys, s: c.Session, tune: tune, export: export, live: live, file: c.File, mouse: c.Mouse, now: c.Now(), recent: c.Recent,
		out:   &outcome{ctx: ctx, cancel: cancel, session: c.Session},
		panes: [7]contract.Pane{tune, pane.NewWhy(), live, export, pane.NewJournal(), pane.NewTradeOff(), pane.NewFindings()},
	}
	if len(a.keys.Scopes()) == 0 {
		a.keys = keymap.New()
		a.cfg.Options.Keys = a.keys
	}
	a.keys = a.allowed(a.keys)
	a.rebound = model.NewHistory(rebinding(a.cfg.Options.Bindings()))
	if c.Notice != "" {
		a = a.complain(c.Notice)
	}
	if n := len(c.Options.Faults); n > 0 {
		more := ""
		if n > 1 {
			more = fmt.Sprintf(" (and %d more)", n-1)
		}
		a = a.complain("not used: " + c.Options.Faults[0].Error() + more)
	}
	if c.Imported != nil {
		a.leg = a.s.Report().Shortest
	}
	tune.Stand(a.context(), true, model.RoleIdle)
	if im := c.Imported; im != nil {
		a.unused = im.Unused
		if len(im.Alternatives) > 0 {
			a.opened = newOpened(im.From, model.Clean(im.File, 100), im.Alternatives[0])
		}
		if len(im.Alternatives) == 1 && im.Beyond != "" && a.opened != nil {
			x := contract.TakeAlternative{File: a.opened.name, From: im.From, Alternative: im.Alternatives[0], Beyond: im.Beyond}
			a.overlays = append(a.overlays, beyondChoice(x, a.opened.from))
		}
		if len(im.Alternatives) > 1 {
			a.overlays = append(a.overlays, alternativesChoice(*im))
		}
	}
	if p, err := preset.Find(c.Preset); err == nil {
		a = a.lookAt(overlay.Open(p))
	}
	if c.Welcome {
		a.overlays = append(a.overlays, overlay.NewWelcome())
	}
	a.wanted.Token = c.Token
	return a.replayed(c.Replay)
}

// Init reads the list of systems, so that no key has to wait for it, and
// starts the live test where that was asked for.
func (a app) Init() tea.Cmd {
	catalog := a.s.Env().Catalog
	warm := a.effect(func(context.Context) tea.Msg {
		_, _ = catalog.Entries() // what is wrong with a file is told by the list of systems
		return nil
	})
	if a.cfg.Open != nil {
		return tea.Batch(warm, func() tea.Msg { return openMsg{} })
	}
	if !a.cfg.TestOnStart {
		return tea.Batch(warm, a.owners())
	}
	return tea.Batch(warm, func() tea.Msg { return startMsg{} })
}

// An openMsg opens the configurations of Open once the screen is up.
type openMsg struct{}

// A startMsg begins the test of TestOnStart once the screen is up.
type startMsg struct{}

// context is what parts may know.
func (a app) context() *contract.Context {
	c := &contract.Context{
		Session: a.s, Report: a.s.Report(), Revision: a.revision, Catalog: a.s.Env().Catalog, Leg: a.leg,
		Inspects: a.inspects, Theme: a.cfg.Theme, Keys: a.keys, Test: a.test.view, Plan: a.wanted, Formats: a.cfg.Formats, Reports: a.cfg.Reports,
		Recent: a.recent, File: a.file, Before: a.s.Base(), Version: a.cfg.Version, Now: a.now, Symptom: a.symptom, Census: a.census.view, Wire: a.wire.view, Host: a.host, Netns: a.netns, Options: a.cfg.Options, Goals: a.search.view, Redact: a.cfg.Redact, Said: a.note,
	}
	if a.opened != nil {
		c.Before = a.opened.said
	}
	if a.preview != nil {
		c.Report, c.Preview = *a.preview, true
	}
	c.At = a.tune.At(c)
	return c
}

// focused is the pane that gets keys.
func (a app) focused() contract.Pane {
	if a.inspects && a.screen == contract.Tune {
		return a.tune.Inspector()
	}
	return a.panes[a.screen]
}

// top is the overlay that gets keys, nil without one.
func (a app) top() contract.Overlay {
	if n := len(a.overlays); n > 0 {
		return a.overlays[n-1]
	}
	return nil
}

// scope is what keys mean now.
func (a app) scope(c *contract.Context) keymap.Scope {
	if o := a.top(); o != nil {
		return o.Keys(c)
	}
	return a.focused().Keys(c)
}

func (a app) say(text string) app { a.note, a.bad = text, false; return a }

func (a app) complain(text string) app { a.note, a.bad = text, true; return a }
