package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/part"
)

// A testRun is the live test in the background. It goes on whatever the screen.
type testRun struct {
	id        int
	cancel    context.CancelFunc
	source    source[model.Event]
	summary   *model.ProbeSummary
	view      part.TestView
	path      model.Path // as it was when the result came in
	consented map[string]bool
}

// longestAutomatic is the longest idle time that a test watches unasked.
const longestAutomatic = 10 * time.Minute

// stopping stands under the screen from the wish to stop until the test is over.
const stopping = "stopping the test"

// A tickMsg lets the time left count down; one per second while a test runs.
type tickMsg struct{ id int }

func tick(id int) tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{id} })
}

// A consentMsg says whether the target is this machine.
type consentMsg struct {
	target string
	needed bool
}

// startTest runs the live test; a target that is not this machine is asked
// about once.
func (a app) startTest(consented bool) (app, tea.Cmd) {
	target := a.s.Document().Target
	switch {
	case a.test.view.Running:
		return a.say("the test is running; s stops it"), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	a = a.show(part.Test)
	if target == "" || consented || a.test.consented[target] {
		return a.launch(target)
	}
	return a.say("looking at the target"), a.effect(func(ctx context.Context) tea.Msg {
		return consentMsg{target, a.cfg.Effects.NeedsConsent(ctx, target)}
	})
}

func (a app) consent(msg consentMsg) (app, tea.Cmd) {
	a.note = ""
	if msg.target != a.s.Document().Target || a.test.view.Running {
		return a, nil
	}
	if !msg.needed {
		return a.launch(msg.target)
	}
	spec := a.spec(model.ProbeTarget{})
	return a.perform(part.Push{Overlay: &overlay.Confirm{
		Title: "Test a server that is not this machine?",
		Text: []string{
			model.Clean(msg.target, 200),
			fmt.Sprintf("The test opens up to %d connections at once and keeps them silent for up to %s. On one more it sends up to %d requests, at most %d per second.",
				spec.Sockets(), part.Short(spec.Longest()), spec.Requests, model.ForeignRequestRate),
			"It names itself as " + model.ProbeUserAgent + " and stops at once on 403 and 429.",
		},
		Yes: "run the test", No: "leave it", OnYes: part.StartTest{Consented: true},
	}})
}

// spec is the test of a target: it watches longer than the configured limit.
func (a app) spec(target model.ProbeTarget) model.ProbeSpec {
	spec := model.NewProbeSpec(target)
	for _, x := range a.context().Shown().Limit.All {
		if x.By == tuning.ByServer && x.Known && x.High < longestAutomatic {
			spec.IdleLimit = max(spec.IdleLimit, x.High+10*time.Second)
		}
	}
	return spec
}

func (a app) launch(target string) (app, tea.Cmd) {
	var where model.ProbeTarget
	if target != "" {
		var err error
		if where, err = model.ParseProbeTarget(target); err != nil {
			return a.complain(err.Error()), nil
		}
	}
	spec := a.spec(where)
	ctx, cancel := context.WithCancel(a.out.ctx)
	t := testRun{id: a.test.id + 1, cancel: cancel, summary: &model.ProbeSummary{}, consented: map[string]bool{target: true}}
	for k := range a.test.consented {
		t.consented[k] = true
	}
	effects := a.cfg.Effects
	t.source = stream(ctx, func(ctx context.Context, emit func(model.Event)) error {
		return effects.Probe(ctx, target, spec, emit)
	})
	a.out.running = append(a.out.running, t.source.gone)
	t.view = part.TestView{Running: true, Target: target, Server: part.ServerName(a.context()), Started: a.now, Ends: a.now.Add(spec.Longest() + time.Second)}
	t.view.Result.Spec = spec
	a.test = t
	return a, tea.Batch(next(t.id, t.source), tick(t.id))
}

// took takes in what the running test saw since the last batch.
func (a app) took(b batch[model.Event]) (app, tea.Cmd) {
	if b.stream != a.test.id {
		return a, nil
	}
	for _, e := range b.items {
		a.test.summary.Add(e)
	}
	if len(b.items) > 0 || b.done {
		spec := a.test.view.Result.Spec
		a.test.view.Result = a.test.summary.Result()
		if a.test.view.Result.Spec.IdleLimit == 0 {
			a.test.view.Result.Spec = spec
		}
	}
	if !b.done {
		return a, next(a.test.id, a.test.source)
	}
	a.test.cancel()
	if b.crash != nil {
		a.out.crash = b.crash
		return a, tea.Quit
	}
	return a.concluded(b.err)
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
	case a.top() == nil && a.screen != part.Test:
		a = a.say("the test is over: 3 shows what it found")
	case a.note == stopping:
		a.note = ""
	}
	return a, nil
}

// ticked redraws the time left and asks for the next tick while a test runs.
func (a app) ticked(msg tickMsg) (app, tea.Cmd) {
	if msg.id != a.test.id || !a.test.view.Running {
		return a, nil
	}
	return a, tick(msg.id)
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

// adopt takes the measured idle timeout over as the server's, one step of undo.
func (a app) adopt(consented bool) (app, tea.Cmd) {
	r := a.test.view.Result
	side := a.context().Side(true)
	row := side.First(model.RoleIdle)
	switch {
	case !a.test.view.Ran || r.Outcome != model.OutcomeMeasured:
		return a.say("nothing was measured yet; t runs the test"), nil
	case r.Idle.Low == nil || r.Idle.High == nil:
		return a.say("the server closed no connection within the limit: there is no number to adopt"), nil
	case row == nil:
		return a.complain("the catalog has no idle timeout for " + string(side.Endpoint.ID)), nil
	case !consented && a.test.view.Server != part.ServerName(a.context()):
		return a.perform(part.Push{Overlay: &overlay.Confirm{
			Title: "Adopt what was measured for another server?",
			Text: []string{fmt.Sprintf("The test was run with %s as the server of the shown leg; now it is %s.",
				a.test.view.Server, part.ServerName(a.context()))},
			Yes: "adopt it", No: "leave it", OnYes: part.Adopt{Consented: true},
		}})
	}
	middle := *r.Idle.Low
	if r.Idle.After != nil {
		middle = *r.Idle.After
	}
	v := model.For(measured(middle, row, a.offset(row)))
	where := a.test.view.Target
	if where == "" {
		where = "built-in server"
	}
	setting := model.Setting{Value: v, Low: *r.Idle.Low, High: *r.Idle.High, Origin: model.Origin{
		Kind: model.FromMeasured, Where: model.Clean(where, 200), At: a.test.view.Measured.UTC(),
	}}
	a, cmd := a.edit(part.Edit{
		Why:   fmt.Sprintf("%s %s = %s (measured %s to %s)", side.Endpoint.ID, row.Param.Name, v.Human(), model.HumanSpan(setting.Low), model.HumanSpan(setting.High)),
		Edits: []model.Edit{model.Set{Endpoint: side.Endpoint.ID, Param: row.Param.ID, Setting: setting}}, Seal: true,
	})
	if a.bad {
		return a, cmd
	}
	a.test.path, a.test.view.Stale, a.test.view.Adopted = a.s.Document().Path, false, true
	a.test.view.Server = part.ServerName(a.context())
	a.tune.StandOn(part.Place{Server: true, Param: row.Param.ID})
	return a.say(fmt.Sprintf("%s %s is the measured %s now; u takes it back", side.Endpoint.ID, row.Param.Name, v.Human())), cmd
}

// offset is how much later than its setting says a timer closes.
func (a app) offset(row *tuning.Row) time.Duration {
	d, ok := row.Value.Duration()
	if !ok || d == model.Never || row.Setting.Origin.Kind == model.FromMeasured {
		return 0
	}
	for _, x := range a.context().Shown().Limit.All {
		if x.Ref.Param == row.Param.ID && x.Known && x.Low != model.Never {
			return x.Low - d
		}
	}
	return 0
}

// measured is the setting that makes a server close when it did: what it adds
// by itself taken off, and on a whole second or native unit where that is what
// was meant.
func measured(closed time.Duration, row *tuning.Row, offset time.Duration) time.Duration {
	v := closed
	if offset > 0 && offset < closed {
		v -= offset
	}
	for _, unit := range []time.Duration{time.Second, row.Param.Unit.Size(), 100 * time.Millisecond} {
		if unit <= 0 {
			continue
		}
		if whole := v.Round(unit); whole > 0 && (v-whole).Abs() <= min(100*time.Millisecond, max(v/50, 5*time.Millisecond)) {
			return whole
		}
	}
	return v.Round(time.Millisecond)
}
