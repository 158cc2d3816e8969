package ui

import (
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// Update routes a message. A panic ends the program with the session saved.
func (a app) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			a.out.crash = &crashMsg{v, debug.Stack()}
			next, cmd = a, tea.Quit
		}
	}()
	a.now = a.cfg.Now()
	b, cmd := a.route(msg)
	if b.wire.view.Known && b.wire.placed != b.revision {
		b = b.place()
	}
	b.compute()
	b.out.session = b.s
	return b, cmd
}

func (a app) route(msg tea.Msg) (app, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
	case tea.KeyMsg:
		return a.burst(msg)
	case tea.MouseMsg:
		return a.mouseEvent(msg)
	case openMsg:
		return a.perform(*a.cfg.Open)
	case startMsg:
		return a.perform(contract.StartTest{})
	case batch[livetest.Event]:
		return a.took(msg)
	case tickMsg:
		return a.ticked(msg)
	case ownersMsg:
		if msg.id == a.test.id {
			a.test.view.Owners = msg.owners
		}
	case consentMsg:
		return a.consent(msg)
	case savedMsg:
		return a.saved(msg)
	case loadedMsg:
		return a.loaded(msg)
	case countedMsg:
		return a.counted(msg)
	case recountMsg:
		return a.recountDue(msg)
	case trialPlanMsg:
		return a.trialPlanned(msg)
	case trialMsg:
		return a.tried(msg)
	case trialTickMsg:
		return a.trialLook()
	case hostReadMsg:
		return a.hostRead(msg)
	case namespacesMsg:
		return a.namespaces(msg)
	case logMsg:
		return a.logged(msg)
	case comparedMsg:
		return a.compared(msg)
	case solvedMsg:
		return a.solved(msg), nil
	case batch[contract.Captured]:
		return a.watched(msg)
	case connectionsMsg:
		return a.gotConnections(msg), nil
	case wireFilesMsg:
		return a.exportable(msg), nil
	case packetsMsg:
		return a.gotPackets(msg), nil
	case explainedMsg:
		return a.explained(msg)
	case importedMsg:
		return a.imported(msg)
	case patchMsg:
		return a.patched(msg)
	case wroteBackMsg:
		return a.wroteBack(msg)
	case plannedMsg:
		return a.planned(msg)
	case writtenMsg:
		return a.written(msg)
	case keptMsg:
		return a.kept(msg), nil
	case noteMsg:
		if msg.bad {
			return a.complain(msg.text), nil
		}
		return a.say(msg.text), nil
	case crashMsg:
		a.out.crash = &msg
		return a, tea.Quit
	}
	return a, nil
}

// burst gives the characters of one read one by one, except to a field.
func (a app) burst(msg tea.KeyMsg) (app, tea.Cmd) {
	if msg.Type == tea.KeyRunes && msg.Paste && !a.scope(a.context()).Text {
		return a.say("a paste goes into an open field; nothing was changed"), nil
	}
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 {
		return a.key(msg)
	}
	var cmds []tea.Cmd
	for i := range msg.Runes {
		one := msg
		one.Runes = msg.Runes[i : i+1]
		if a.scope(a.context()).Text {
			one.Runes = msg.Runes[i:]
		}
		var cmd tea.Cmd
		a, cmd = a.key(one)
		cmds = append(cmds, cmd)
		if len(one.Runes) > 1 {
			break
		}
	}
	return a, tea.Batch(cmds...)
}

// key gives a key to the overlay, to the global bindings or to the focused
// pane, in this order.
func (a app) key(key tea.KeyMsg) (app, tea.Cmd) {
	if a.small() { // nothing is changed that cannot be seen
		if key.Type != tea.KeyCtrlC {
			return a, nil
		}
		a.out.summarize(a.s)
		return a, tea.Quit
	}
	shown := a
	a.note, a.bad = "", false
	c := a.context()
	scope := a.scope(c)
	part, bound := scope.Find(key)
	if bound && keymap.Moves(part) {
		shown.settle()
	}
	id, global := a.keys.Scope(keymap.ScopeGlobal).Find(key)
	if global && scope.Over && !bound && (id == keymap.Quit || id == keymap.Repaint || id == keymap.Suspend) {
		return a.global(id, key)
	}
	if o := a.top(); o != nil {
		return a.perform(o.Update(c, key))
	}
	if global && !scope.Over {
		return a.global(id, key)
	}
	return a.perform(a.focused().Update(c, key))
}
