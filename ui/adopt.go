package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/plot"
)

// An adoption is something measured that the document can take over.
type adoption struct {
	what    string // its name in contract.Adopt
	text    string // "apache KeepAliveTimeout"
	setting model.Setting
	edits   []model.Edit
	at      contract.Place
	more    string // what else it does
	why     string // how the value follows from what was measured
}

func (x adoption) label() string {
	if !x.setting.Value.IsSet() {
		return x.text
	}
	label := x.text + " = " + x.setting.Value.Human()
	if x.setting.High > x.setting.Low {
		label += " (measured " + model.HumanRange(x.setting.Low.Round(time.Millisecond), x.setting.High.Round(time.Millisecond)) + ")"
	}
	return label
}

// adoptions is all that can be taken over, and why the idle timeout cannot.
func (a app) adoptions() ([]adoption, error) {
	if a.test.view.Running {
		return nil, errors.New("the test is still running: " + a.keys.Key(keymap.ScopeTest, keymap.Adopt) + " takes over what it finds; " + a.keys.Key(keymap.ScopeTest, keymap.StopTest) + " ends it now")
	}
	if !a.test.view.Ran {
		return nil, errors.New("nothing was measured yet; " + a.keys.Key(keymap.ScopeGlobal, keymap.Test) + " runs the test")
	}
	if c := a.context(); c.Elsewhere() {
		return nil, errors.New("that was keeptune's own server, not " + contract.ServerName(c) + ": = on the test screen types the address of yours")
	}
	var all []adoption
	if server, ok := a.serverFound(); ok {
		all = append(all, server)
	}
	idle, err := a.idleAdoption()
	if err == nil {
		all = append(all, idle)
	}
	if hint, ok := a.hintAdoption(); ok {
		all = append(all, hint)
	}
	return append(all, a.boxAdoptions()...), err
}

// losesMeasured reports whether the test found something that the session could take over
// and never did. A recording can be looked at again, and the built-in server be measured.
func (a app) losesMeasured() bool {
	if !a.test.view.Ran || a.test.view.Replayed || a.test.taken || a.test.view.Target == "" {
		return false
	}
	all, _ := a.adoptions()
	return len(all) > 0
}

// origin is where a measured value comes from.
func (a app) origin() model.Origin {
	where := a.test.view.Target
	if where == "" {
		where = "built-in server"
	}
	return model.Origin{Kind: model.FromMeasured, Where: model.Clean(where, 200), At: a.test.view.Measured.UTC()}
}

// idleAdoption is the idle timeout of the shown server.
func (a app) idleAdoption() (adoption, error) {
	r, side := a.test.view.Result, a.context().Side(true)
	row := side.First(model.RoleIdle)
	switch {
	case r.Outcome != livetest.OutcomeMeasured:
		return adoption{}, errors.New("nothing was measured yet; " + a.keys.Key(keymap.ScopeGlobal, keymap.Test) + " runs the test")
	case r.Idle.Low == nil || r.Idle.High == nil:
		return adoption{}, errors.New("the server closed no connection within the limit: there is no number to adopt")
	case r.Idle.Ticks != nil && r.Idle.Ticks.Step == 0:
		return adoption{}, errors.New("all connections ended at one moment: " + a.keys.Key(keymap.ScopeTest, keymap.PlanTest) + " lets a second round find the server's step")
	case row == nil:
		return adoption{}, errors.New("the catalog has no idle timeout for " + string(side.Endpoint.ID))
	}
	middle := *r.Idle.Low
	if r.Idle.After != nil {
		middle = *r.Idle.After
	}
	low, high := *r.Idle.Low, *r.Idle.High
	if r.Idle.Ticks != nil {
		middle = low // the timer's time is not after it
		low, high, _ = r.Idle.Band()
	}
	offset := a.offset(row)
	x := serverAdoption("idle", side, row, model.Setting{
		Value: model.For(measured(middle, row, offset)), Low: low, High: high, Origin: a.origin(),
	})
	x.why = follows(middle, offset, x.setting.Value, side, r.Idle.Ticks != nil)
	return x, nil
}

// follows is how a setting follows from a close that was measured, in a sentence.
func follows(closed, offset time.Duration, set model.Value, side *tuning.Side, ticks bool) string {
	text := model.HumanSpan(closed.Round(time.Millisecond)) + " measured"
	if ticks {
		text += ", the earliest end"
	}
	d, _ := set.Duration()
	switch extra := side.First(model.RoleIdleExtra); {
	case offset <= 0 || offset >= closed:
		if d != closed.Round(time.Millisecond) {
			return text + ": " + set.Human() + " was meant and is set"
		}
		return text + " and set"
	case extra != nil && extra.Value == model.For(offset):
		text += ", " + model.HumanSpan(offset) + " of it is " + extra.Param.Name
	default:
		text += ", " + model.HumanSpan(offset.Round(time.Millisecond)) + " of it is how late the server closes by itself"
	}
	return text + ": so " + set.Human() + " is set"
}

// sets takes a setting of an endpoint over.
func sets(what string, id model.EndpointID, row *tuning.Row, s model.Setting) adoption {
	return adoption{
		what: what, text: string(id) + " " + row.Param.Name, setting: s,
		edits: []model.Edit{model.Set{Endpoint: id, Param: row.Param.ID, Setting: s}},
	}
}

func serverAdoption(what string, side *tuning.Side, row *tuning.Row, s model.Setting) adoption {
	x := sets(what, side.Endpoint.ID, row, s)
	x.at = contract.Place{Server: true, Param: row.Param.ID}
	return x
}

// serverFound is the system and version that the target calls itself, where the
// session has another or does not know the version; a server that is not known where
// the catalog does not have it.
func (a app) serverFound() (adoption, bool) {
	side := a.context().Side(true)
	said := tuning.CalledItself(a.s.Env().Catalog, a.test.view.Result.HTTP.Server)
	found := said.Is
	if said.Words == "" || found.System == side.System.ID && (found.Version == "" || found.Version == side.Endpoint.Version) {
		return adoption{}, false
	}
	x := adoption{
		what: "server", text: "server is " + found.String(), edits: []model.Edit{model.Choose{Index: side.Place, Endpoint: found}},
		at: contract.Place{Server: true}, why: "the target calls itself " + said.Words,
	}
	if !said.Known() {
		x.text, x.why = "server is one that is not known", x.why+", which the catalog does not have; its times are those that are measured or typed"
	}
	return x, true
}

// hintAdoption is the timeout that the server advertises, where it is a setting
// of its own.
func (a app) hintAdoption() (adoption, bool) {
	side, hint := a.context().Side(true), a.test.view.Result.HTTP.Asked
	row := side.First(model.RoleHint)
	if row == nil || hint == nil || hint.Timeout == nil {
		return adoption{}, false
	}
	if now, ok := row.Value.Duration(); ok && now == *hint.Timeout {
		return adoption{}, false
	}
	return serverAdoption("hint", side, row, model.Setting{Value: model.For(*hint.Timeout), Origin: a.origin()}), true
}

// boxAdoptions are what the ladder says of the middleboxes of the leg, or of
// one that nobody told of.
func (a app) boxAdoptions() []adoption {
	low, high, ok := plot.Bracket(a.test.view.Result)
	if !ok {
		return nil
	}
	var all []adoption
	setting := model.Setting{Value: model.For(roundest(low, high)), Low: low, High: high, Origin: a.origin()}
	leg := a.context().Shown()
	for i := range leg.Boxes {
		b := &leg.Boxes[i]
		if b.Row == nil || b.Row.Param.Fixed {
			continue
		}
		x := sets("box "+string(b.Endpoint.ID), b.Endpoint.ID, b.Row, setting)
		x.at = contract.Place{Param: b.Row.Param.ID, Middlebox: b.Endpoint.ID}
		all = append(all, x)
	}
	if x, ok := a.insertion(setting); ok {
		all = append(all, x)
	}
	return all
}

// insertion puts a firewall in front of the server of the leg.
func (a app) insertion(setting model.Setting) (adoption, bool) {
	leg := a.context().Shown()
	insert := model.Insert{Index: leg.Server.Place, Endpoint: model.Endpoint{System: "firewall"}}
	doc, err := a.s.Document().With(insert, a.s.Env().Catalog)
	if err != nil {
		return adoption{}, false
	}
	const param = "firewall.idle_timeout"
	id := doc.Path.Endpoints[insert.Index].ID
	return adoption{
		what: "insert", text: "insert a middlebox: " + string(id) + " idle_timeout", setting: setting,
		edits: []model.Edit{insert, model.Set{Endpoint: id, Param: param, Setting: setting}}, at: contract.Place{Param: param, Middlebox: id},
		more: "it stands between " + string(leg.Client.Endpoint.ID) + " and " + string(leg.Server.Endpoint.ID),
	}, true
}

// roundest is the time that somebody would have typed between low and high: a
// timer that ends a connection lies there.
func roundest(low, high time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Hour, 10 * time.Minute, time.Minute, 10 * time.Second, 5 * time.Second, time.Second} {
		if v := high.Truncate(unit); v > low {
			return v
		}
	}
	return high.Round(time.Millisecond)
}

// adopt takes something measured over, as one step of undo.
func (a app) adopt(x contract.Adopt) (app, tea.Cmd) {
	all, err := a.adoptions()
	i := slices.IndexFunc(all, func(y adoption) bool { return y.what == x.What })
	switch {
	case len(all) == 0:
		return a.say(err.Error()), nil
	case x.What == "":
		return a.offer(all)
	case i < 0:
		return a, nil // what was offered is not there any more
	}
	x.What = all[i].what
	if !x.Consented && x.What != "server" && a.test.view.Server != contract.ServerName(a.context()) {
		x.Consented = true
		return a.perform(contract.Push{Overlay: &overlay.Confirm{
			Title: "Adopt what was measured for another server?",
			Text: []string{fmt.Sprintf("The test was run with %s as the server of the shown leg; now it is %s.",
				a.test.view.Server, contract.ServerName(a.context()))},
			Yes: "adopt it", No: "leave it", OnYes: x,
		}})
	}
	return a.adopted(all[i])
}

// offer asks what to take over.
func (a app) offer(all []adoption) (app, tea.Cmd) {
	o := &overlay.Choice{Title: "what was measured", Text: "Which of it should the session take over?"}
	for _, x := range all {
		o.Options = append(o.Options, a.option(x, contract.Adopt{What: x.what}))
	}
	return a.perform(contract.Push{Overlay: o})
}

// option offers to take something over, and says what the shown leg leads to then.
func (a app) option(x adoption, then contract.Action) overlay.Option {
	leads := "refused"
	if s, err := a.s.Do(a.now, "", x.edits...); err == nil {
		leads = contract.Judged(&s.Report().Legs[min(a.leg, len(s.Report().Legs)-1)].Limit)
	}
	if x.more != "" {
		leads = x.more + ": " + leads
	}
	o := overlay.Option{Label: x.label(), Leads: leads, Then: then}
	if x.why != "" {
		o.More = []string{x.why}
	}
	return o
}

func (a app) adopted(x adoption) (app, tea.Cmd) {
	a, cmd := a.edit(contract.Edit{Why: x.label(), Edits: x.edits, Seal: true})
	if a.bad {
		return a, cmd
	}
	valued := x.setting.Value.IsSet() // a system alone takes nothing that was measured over
	a.test.path, a.test.view.Stale, a.test.view.Adopted, a.test.taken = a.s.Document().Path, false, valued, valued
	a.test.view.Server = contract.ServerName(a.context())
	if !valued {
		a.tune.Stand(a.context(), true, model.RoleIdle)
		return a.say("the " + x.text + " now: " + a.keys.Key(keymap.ScopeTest, keymap.Adopt) + " takes what was measured of it; " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " takes it back"), cmd
	}
	a.tune.StandOn(x.at)
	return a.say(fmt.Sprintf("%s is the measured %s now; %s takes it back", strings.TrimPrefix(x.text, "insert a middlebox: "), x.setting.Value.Human(), a.keys.Key(keymap.ScopeGlobal, keymap.Undo))), cmd
}

// An ownersMsg names products whose default was measured.
type ownersMsg struct {
	id     int
	owners []tuning.Candidate
}

// maxOwners bounds the list of products that are not on the path.
const maxOwners = 5

// owners looks for products whose default explains what was measured: a box
// that nobody told of.
func (a app) owners() tea.Cmd {
	low, high := tuning.Closes(a.test.view.Result)
	if low == 0 || a.context().Elsewhere() {
		return nil
	}
	id, catalog, c := a.test.id, a.s.Env().Catalog, a.context()
	now, header, speaks := c.Shown().Server.System.ID, c.Test.Result.HTTP.Server, c.Test.Result.Spec.Target.Speaks()
	return a.effect(func(context.Context) tea.Msg {
		found, err := tuning.Owners(catalog, low, high, now, tuning.CalledItself(catalog, header), speaks)
		if err != nil {
			return noteMsg{err.Error(), true}
		}
		return ownersMsg{id, found[:min(len(found), maxOwners)]}
	})
}

// goSetting shows a setting on the first screen.
func (a app) goSetting(ref tuning.ParamRef) app {
	for i := range a.s.Report().Legs {
		leg := &a.s.Report().Legs[i]
		place := contract.Place{Param: ref.Param}
		switch {
		case leg.Server.Endpoint.ID == ref.Endpoint && leg.Server.Row(ref.Param) != nil:
			place.Server = true
		case leg.Client.Endpoint.ID == ref.Endpoint && leg.Client.Row(ref.Param) != nil:
		case slices.ContainsFunc(leg.Boxes, func(b tuning.Box) bool { return b.Endpoint.ID == ref.Endpoint }):
			place.Middlebox = ref.Endpoint
		default:
			continue
		}
		a = a.show(contract.Tune)
		a.leg = i
		a.tune.StandOn(place)
		return a
	}
	return a.complain("the path has no setting " + string(ref.Param) + " any more")
}

// offset is offsetIn of the shown leg.
func (a app) offset(row *tuning.Row) time.Duration { return offsetIn(&a.context().Shown().Limit, row) }

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
