package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// A testRun is the live test in the background. It goes on whatever the screen.
type testRun struct {
	id        int
	cancel    context.CancelFunc
	source    source[livetest.Event]
	summary   *livetest.Summary
	view      contract.TestView
	controls  *run.Controls
	path      model.Path     // as it was when the result came in
	taken     bool           // something of the result was adopted, whatever was undone since
	consented map[string]int // the connections agreed to, by target
}

// stopping stands under the screen from the wish to stop until the test is over.
const stopping = "stopping the test"

// A tickMsg lets the time left count down; one per second while a test runs.
type tickMsg struct{ id int }

func (a app) tick() tea.Cmd {
	id := a.test.id
	return a.waits(forClock, tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{id} }))
}

// listen waits for what the test sees next.
func (a app) listen() tea.Cmd { return a.waits(forStream, next(a.test.id, a.test.source)) }

// A consentMsg says whether the target is this machine.
type consentMsg struct {
	target string
	needed bool
}

// startTest runs the live test that the plan describes. A target that is not
// this machine is asked about once, and again where more is to be opened.
func (a app) startTest(consented bool) (app, tea.Cmd) {
	target := a.s.Document().Target
	spec, err := a.spec()
	switch {
	case a.test.view.Running:
		return a.say("the test is running; " + a.keys.Key(keymap.ScopeTest, keymap.StopTest) + " stops it"), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	case err != nil:
		return a.show(contract.Test).complain(err.Error()), nil
	}
	a = a.show(contract.Test)
	if target == "" || consented || a.test.consented[target] >= spec.AllSockets() {
		return a.launch(target, spec)
	}
	return a.say("looking at the target"), a.effect(func(ctx context.Context) tea.Msg {
		return consentMsg{target, a.cfg.Effects.NeedsConsent(ctx, target)}
	})
}

// spec is the test that the plan makes of the target.
func (a app) spec() (livetest.Spec, error) {
	c := a.context()
	spec, ok := c.NextTest()
	if !ok {
		return spec, errors.New("nothing is chosen that can be measured of this target: " + a.keys.Key(keymap.ScopeTest, keymap.PlanTest) + " chooses")
	}
	return spec, spec.Validate()
}

func (a app) consent(msg consentMsg) (app, tea.Cmd) {
	a.note = ""
	spec, err := a.spec()
	if msg.target != a.s.Document().Target || a.test.view.Running || err != nil {
		return a, nil
	}
	if !msg.needed {
		return a.launch(msg.target, spec)
	}
	text := fmt.Sprintf("The test opens up to %d connections at once, most of them silent, and takes up to %s.", spec.AllSockets(), contract.Short(spec.Longest()+spec.SecondRound()))
	if spec.Measures(livetest.MeasureRequests) {
		text += fmt.Sprintf(" On one of them it sends up to %d requests, at most %d per second.", spec.Requests, livetest.ForeignRequestRate)
	}
	return a.perform(contract.Push{Overlay: &overlay.Confirm{
		Title: "Test a server on another machine?",
		Text: []string{
			model.Clean(msg.target, 200), text,
			"It names itself as " + livetest.UserAgent + " and stops at once on 403 and 429.",
		},
		Yes: "run the test", No: "leave it", OnYes: contract.StartTest{Consented: true},
	}})
}

func (a app) launch(target string, spec livetest.Spec) (app, tea.Cmd) {
	ctx, cancel := context.WithCancel(a.out.ctx)
	t := testRun{
		id: a.test.id + 1, cancel: cancel, summary: &livetest.Summary{}, controls: &run.Controls{},
		consented: map[string]int{target: spec.AllSockets()},
	}
	for k, n := range a.test.consented {
		t.consented[k] = max(n, t.consented[k])
	}
	effects, controls := a.cfg.Effects, t.controls
	t.source = stream(ctx, func(ctx context.Context, emit func(livetest.Event)) error {
		return effects.LiveTest(ctx, target, spec, controls, emit)
	})
	a.out.running = append(a.out.running, t.source.gone)
	t.view = contract.TestView{Running: true, Target: target, Server: contract.ServerName(a.context()), Started: a.now, Ends: a.now.Add(spec.Longest() + time.Second)}
	t.view.Result.Spec = spec
	a.test = t
	a.live.Begin()
	return a, tea.Batch(a.listen(), a.tick())
}

// planTest changes what the next test measures. The TCP options of a running
// one change at once; what the kernel made of them comes back as an event.
func (a app) planTest(p contract.TestPlan) (app, tea.Cmd) {
	changed := p.Socket != a.wanted.Socket
	a.wanted = p
	if !changed || !a.test.view.Running {
		return a, nil
	}
	controls := a.test.controls
	return a.say("asked of every open connection; OUR SOCKETS says what the kernel made of it"), a.effect(func(context.Context) tea.Msg {
		if err := controls.Set(p.Socket); err != nil {
			return noteMsg{err.Error(), true}
		}
		return nil
	})
}

// took takes in what the running test saw since the last batch.
func (a app) took(b batch[livetest.Event]) (app, tea.Cmd) {
	if b.stream != a.test.id {
		return a, nil
	}
	for _, e := range b.items {
		a.test.summary.Add(e)
		if e.Kind == livetest.EventSecond {
			a.test.view.Ends = later(a.test.view.Ends, a.test.view.Started.Add(e.At+e.Took+time.Second))
		}
	}
	if len(b.items) > 0 || b.done {
		spec := a.test.view.Result.Spec
		a.test.view.Result = a.test.summary.Result()
		if a.test.view.Result.Spec.IdleLimit == 0 {
			a.test.view.Result.Spec = spec
		}
	}
	if !b.done {
		return a, a.listen()
	}
	a.test.cancel()
	if b.crash != nil {
		a.out.crash = b.crash
		return a, tea.Quit
	}
	return a.concluded(b.err)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// concluded ends a run: with a result, or with why there is none.
func (a app) concluded(err error) (app, tea.Cmd) {
	v := &a.test.view
	v.Running, v.Measured, v.Ran = false, a.now, v.Result.Outcome != ""
	a.test.path = a.s.Document().Path
	switch {
	case errors.Is(err, context.Canceled):
		v.Err = "stopped"
	case err != nil:
		v.Err = model.Clean(err.Error(), 400)
	}
	switch {
	case a.top() == nil && a.screen != contract.Test:
		a = a.say("the test is over: " + a.keys.Key(keymap.ScopeGlobal, keymap.Screen3) + " shows what it found")
	case a.note == stopping:
		a.note = ""
	}
	return a, a.owners()
}

// ticked redraws the time left and asks for the next tick while a test runs.
func (a app) ticked(msg tickMsg) (app, tea.Cmd) {
	if msg.id != a.test.id || !a.test.view.Running {
		return a, nil
	}
	return a, a.tick()
}

func (a app) stopTest() app {
	if !a.test.view.Running {
		return a.say("no test is running")
	}
	a.test.cancel()
	return a.say(stopping)
}

// outdated marks a result that the document has moved away from.
func (t testRun) outdated(d model.Document) testRun {
	if t.view.Ran {
		t.view.Stale = !t.path.Equal(d.Path)
		t.view.Adopted = t.view.Adopted && !t.view.Stale
	}
	return t
}
