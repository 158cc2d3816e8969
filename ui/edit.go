package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/pane"
)

// edit changes the document.
func (a app) edit(x contract.Edit) (app, tea.Cmd) {
	a.preview = nil
	s := a.s
	if x.Seal {
		s = s.Seal()
	}
	s, err := s.Do(a.now, x.Why, x.Edits...)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	if x.Seal {
		s = s.Seal()
	}
	return a.take(s)
}

// take makes a session the present one: what was measured may be stale now,
// and the document is kept for keeptune resume.
func (a app) take(s session.Session) (app, tea.Cmd) {
	changed := !s.Document().Equal(a.s.Document())
	a.s, a.preview = s, nil
	a.leg = max(0, min(a.leg, len(s.Report().Legs)-1))
	if !changed {
		return a, nil
	}
	a.revision++
	a.test = a.test.outdated(s.Document())
	a.out.seq++
	seq, doc := a.out.seq, s.Document()
	a, solve := a.solveAgain()
	return a, tea.Batch(solve, a.effect(func(context.Context) tea.Msg {
		if a.cfg.Effects == nil {
			return nil
		}
		if err := a.cfg.Effects.Autosave(seq, doc); err != nil {
			return noteMsg{"the autosave failed: " + model.Clean(err.Error(), 300), true}
		}
		return nil
	}))
}

// A noteMsg is a sentence for the line under the screen.
type noteMsg struct {
	text string
	bad  bool
}

// previewed computes the report with a value that is only typed so far.
func (a app) previewed(x contract.Preview) app {
	a.preview = nil
	if len(x.Edits) == 0 {
		return a
	}
	if s, err := a.s.Do(a.now, "", x.Edits...); err == nil {
		report := s.Report()
		a.preview = &report
	}
	return a
}

func (a app) undo() (app, tea.Cmd) {
	s, ok := a.s.Undo(a.now)
	if !ok {
		return a.say("nothing to undo"), nil
	}
	return a.moved(s, "undone")
}

func (a app) redo() (app, tea.Cmd) {
	s, ok := a.s.Redo(a.now)
	if !ok {
		return a.say("nothing to redo"), nil
	}
	return a.moved(s, "done again")
}

// moved shows what an undo or redo changed: the cursor goes there.
func (a app) moved(s session.Session, what string) (app, tea.Cmd) {
	before := a.s.Document()
	undo, redo := s.Depth()
	a, cmd := a.take(s)
	changed := a.standOnChange(before)
	text := what
	switch {
	case changed != "":
		text += ": " + changed
	default: // a structural step: its reason says what it was
		if j := s.Journal(); len(j) > 0 {
			_, why, _ := strings.Cut(j[len(j)-1].Why, ": ")
			text += ": " + model.Clean(why, 80)
		}
	}
	switch {
	case undo > 0 && redo > 0:
		text += fmt.Sprintf("%s %d more, %s redoes %d", a.undoes(), undo, a.keys.Key(keymap.ScopeGlobal, keymap.Redo), redo)
	case redo > 0:
		text += fmt.Sprintf("   nothing more to undo, %s redoes %d", a.keys.Key(keymap.ScopeGlobal, keymap.Redo), redo)
	}
	return a.say(text), cmd
}

// standOnChange puts the cursor on the setting that differs, and names it.
func (a app) standOnChange(before model.Document) string {
	c := a.context()
	for i := range c.Shown().Boxes {
		b := &c.Shown().Boxes[i]
		at := before.Path.Index(b.Endpoint.ID)
		if at < 0 || b.Row == nil {
			continue
		}
		id := b.Row.Param.ID
		if !before.Path.Endpoints[at].Settings[id].Equal(b.Endpoint.Settings[id]) {
			a.tune.StandOn(contract.Place{Param: id, Middlebox: b.Endpoint.ID})
			return string(b.Endpoint.ID) + " " + b.Row.Param.Name + " is " + contract.Value(b.Row)
		}
	}
	was, now := before.Path.Quantities(c.Shown().Index), c.Session.Document().Path.Quantities(c.Shown().Index)
	for _, q := range pane.Quantities() {
		old, had := was.Quantity(q)
		is, has := now.Quantity(q)
		if had == has && old.Equal(is) {
			continue
		}
		a.tune.StandOn(contract.Place{Param: model.ParamID(q), Middlebox: pane.LegID(c.Shown().Index)})
		if !has {
			return string(q) + " is not given"
		}
		return string(q) + " is " + is.Value.Human()
	}
	for _, server := range []bool{true, false} {
		side := c.Side(server)
		i := slices.IndexFunc(before.Path.Endpoints, func(e model.Endpoint) bool {
			return e.ID == side.Endpoint.ID && e.System == side.Endpoint.System
		})
		if i < 0 {
			continue
		}
		old := before.Path.Endpoints[i].Settings
		for j := range side.Rows {
			row := &side.Rows[j]
			was, now := old[row.Param.ID], side.Endpoint.Settings[row.Param.ID]
			if !was.Equal(now) {
				a.tune.StandOn(contract.Place{Server: server, Param: row.Param.ID})
				return string(side.Endpoint.ID) + " " + row.Param.Name + " is " + contract.Value(row)
			}
		}
	}
	return ""
}

func (a app) goLeg(by int) app {
	n := len(a.s.Report().Legs)
	if n < 2 {
		return a.say("the path has one leg")
	}
	a.tune.Leave()
	server := a.context().At.Server
	a.leg = (a.leg + by + n) % n
	a.tune.Stand(a.context(), server, model.RoleIdle)
	return a
}

// preset puts a path in the place of the document. On a fresh session it is
// the beginning, not a change.
func (a app) preset(x contract.Preset) (app, tea.Cmd) {
	path, err := model.ParsePath(x.Path, a.s.Env().Catalog)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	doc := a.s.Document()
	undo, _ := a.s.Depth()
	doc.Path, doc.Suppressed = path, nil
	if x.Test {
		doc.Target = "" // the built-in server
	}
	if doc, err = preset.Assume(doc, x.Assume, a.s.Env().Catalog); err != nil {
		return a.complain(err.Error()), nil
	}
	var s session.Session
	if undo == 0 && a.cfg.Welcome && a.file == "" && a.opened == nil { // nothing was chosen before
		s, err = session.New(doc, a.s.Env())
	} else {
		s, err = a.s.Do(a.now, "path "+path.String(), model.Replace{Document: doc})
	}
	if err != nil {
		return a.complain(err.Error()), nil
	}
	a, cmd := a.take(s.Seal())
	a.cfg.Welcome = false
	a.symptom = x.Symptom
	if x.Symptom != tuning.SymptomNone {
		for _, m := range livetest.Choices() {
			a.wanted = a.wanted.With(m, x.Measure[m])
		}
	}
	a = a.lookAt(x)
	if !x.Test {
		return a, cmd
	}
	a, start := a.startTest(false)
	return a, tea.Batch(cmd, start)
}

// lookAt shows the leg and the setting of a preset, and says what it shows.
func (a app) lookAt(x contract.Preset) app {
	a.leg = max(0, min(x.Leg, len(a.s.Report().Legs)-1))
	a = a.show(x.Screen)
	a.tune.Stand(a.context(), x.Server, x.Role)
	if boxes := a.context().Shown().Boxes; x.Role == model.RoleMiddleboxTTL && len(boxes) > 0 {
		a.tune.StandOn(contract.Place{Param: boxes[0].Row.Param.ID, Middlebox: boxes[0].Endpoint.ID})
	}
	return a.say(a.keys.Spell(x.Say, a.words))
}

// choose puts a system at one end of the shown leg.
func (a app) choose(x contract.Choose) (app, tea.Cmd) {
	c := a.context()
	place := c.Side(x.Server).Place
	s, err := a.s.Do(a.now, choice(x), model.Choose{Index: place, Endpoint: x.Endpoint})
	if err != nil {
		return a.complain(err.Error()), nil
	}
	a, cmd := a.take(s.Seal())
	a = a.show(contract.Tune)
	a = a.used(x.Endpoint.System)
	a.tune.Stand(a.context(), x.Server, model.RoleIdle)
	a = a.sayNotKnown()
	a, more := a.perform(x.Then)
	return a, tea.Batch(cmd, more)
}

// sayNotKnown says of the shown ends where a version lies that is not known.
func (a app) sayNotKnown() app {
	leg := a.context().Shown()
	for _, s := range []*tuning.Side{&leg.Client, &leg.Server} {
		for _, text := range []string{s.System.NotKnown(s.Version), s.Host.NotKnown(s.HostAt)} {
			if text != "" {
				return a.say(text)
			}
		}
	}
	return a
}

// used puts a system first among the recent ones.
func (a app) used(id model.SystemID) app {
	a.out.recent = append([]model.SystemID{id}, without(a.out.recent, id)...)
	a.recent = append([]model.SystemID{id}, without(a.recent, id)...)
	return a
}

func without(ids []model.SystemID, id model.SystemID) []model.SystemID {
	return slices.DeleteFunc(slices.Clone(ids), func(x model.SystemID) bool { return x == id })
}

func choice(x contract.Choose) string {
	if x.Server {
		return "server " + x.Endpoint.String()
	}
	return "client " + x.Endpoint.String()
}

// setTarget changes what the live test connects to.
func (a app) setTarget(target string) (app, tea.Cmd) {
	why := "target " + target
	if target == "" {
		why = "target is the built-in server"
	}
	return a.edit(contract.Edit{Why: why, Edits: []model.Edit{model.SetTarget{Target: target}}})
}

// targetPrompt asks what the live test connects to.
func (a app) targetPrompt() *overlay.Prompt {
	p := &overlay.Prompt{
		Label: "live test of: ", Does: "take it", Hint: "URL or HOST:PORT; nothing is the built-in server. " + a.keys.Key(keymap.ScopeGlobal, keymap.Test) + " runs the test then",
		Done: func(text string) contract.Action { return contract.Run{Line: "target " + text} },
	}
	return p.Begin(a.s.Document().Target)
}
