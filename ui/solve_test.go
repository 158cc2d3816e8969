package ui

import (
	"errors"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
)

const behindFirewall = "putty/windows@10 > conntrack > sshd"

// solved waits for what meets the goals, which may take longer than a desk waits.
func solved(d *desk) *desk {
	a, cmd := d.app.solveAgain()
	if d.app = a; cmd != nil {
		d.send(cmd())
	}
	return d
}

// settings are those that the document gives, PARAM=VALUE.
func settings(d *desk) (all []string) {
	for _, e := range d.app.s.Document().Path.Endpoints {
		for id, s := range e.Settings {
			all = append(all, string(id)+"="+s.Value.String())
		}
	}
	return all
}

// Goals are typed in place, what meets them stands beside what is now, and is taken as
// one step.
func TestGoalsOnTheScreen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 12}} {
		d := sitWith(t, frozen(), behindFirewall, size[0], size[1])
		d.press(":", "set conntrack:nf_conntrack_tcp_timeout_established=300s", "Enter").press(".")
		if size[0] == 80 {
			d.shows("Give a goal its number")
			golden(t, "goals-empty-80x24", d.screen())
		}
		d.press("Down", "Down", "Down", "Enter", "3m", "Enter", "Down", "Enter", "300s", "Enter")
		solved(d)
		if size[0] == 80 {
			golden(t, "goals-80x24", d.screen())
			d.press("End").shows("> putty TcpMaxDataRetransmissions", "with 5 as now putty survives an outage of 9.3 s")
		} else {
			golden(t, "goals-40x12", d.screen())
			d.press("End")
			golden(t, "goals-why-40x12", d.screen())
		}
		before := settings(d)
		undo, _ := d.app.s.Depth()
		d.press("a").shows("takes it back").lacks("goals of")
		if after, _ := d.app.s.Depth(); after != undo+1 {
			t.Errorf("%d steps of undo, want one more than %d", after, undo)
		}
		if got := settings(d); len(got) != len(before)+2 {
			t.Errorf("%v is set, two more than %v was wanted", got, before)
		}
		journal := d.app.s.Journal()
		if got := journal[len(journal)-1].Why; got != "the goals: putty PingIntervalSecs 120 s, putty TcpMaxDataRetransmissions 10" {
			t.Errorf("the journal says %q", got)
		}
		if d = solved(d.press(".")); size[0] == 80 {
			d.shows("all goals are met as it is")
		}
		d.press("q", "u")
		if got := settings(d); len(got) != len(before) {
			t.Errorf("after undo %v is set, want %v", got, before)
		}
	}
}

// What cannot be met together has ways out, each to be taken.
func TestContradictingGoalsOnTheScreen(t *testing.T) {
	d := sitWith(t, frozen(), "aws-alb > apache", 80, 24)
	d.press(":", "set apache:MaxRequestWorkers=256", "Enter", ":", "set leg1:arrivals=41", "Enter")
	d.press(":", "solve idle=128", "Enter")
	d.press("Down", "Down", "Down", "Down", "Down", "Down", "Enter", "0", "Tab").press("Down", " ")
	solved(d).shows("impossible: idle 128 and lost 0 % cannot be met together", "aws-alb stays")
	d.press("End")
	golden(t, "goals-impossible-80x24", d.screen())
	d.shows("let aws-alb be changed, too", "Enter take").press("Enter").shows("idle_timeout.timeout_seconds is 3 s: OK")
	solved(d.press(".")).shows("all goals are met as it is")
}

// A number that is none stays open and says what would be right; an empty one drops the
// goal, and so does its key.
func TestGoalsAreTyped(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24).press(".", "Enter", "soon", "Enter")
	d.shows(`detect takes a time such as 65`).press("Esc").lacks("soon")
	d.press("Enter", "90", "Enter").shows("90 s")
	if v := d.app.s.Document().Goals.Wanted[model.GoalDetect]; v.String() != "1m30s" {
		t.Errorf("the goal is %s", v)
	}
	d.press("d").lacks("90 s").press("u").shows("90 s").press("Enter", "Ctrl+u", "Enter").lacks("90 s")
	if !d.app.s.Document().Goals.Empty() {
		t.Errorf("%v is left", d.app.s.Document().Goals)
	}
	if got := d.app.completions("solve ho"); len(got) != 1 || got[0] != "solve hold=" {
		t.Errorf("solve ho is completed to %q", got)
	}
	d.press("q", ":", "solve speed=9", "Enter").shows("there is no goal")
}

// One end has to stay free; the ends that may change are kept with the session.
func TestWhoMayChangeForTheGoals(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24).press(".", "End", " ").shows("nginx stays", "chrome yes").press("Up", " ").shows("one end has to be changed")
	if got := d.app.s.Document().Goals.Change; len(got) != 1 || got[0] != "chrome" {
		t.Errorf("%v may be changed", got)
	}
	d.press("Down", " ").shows("nginx yes")
	if got := d.app.s.Document().Goals.Change; got != nil {
		t.Errorf("%v may be changed, want all without a word", got)
	}
}

// The next edit ends the search before it, and what that found is not taken.
func TestAnEditEndsTheSearch(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24).press(".")
	a, _ := d.app.edit(contract.Edit{Edits: []model.Edit{model.SetGoals{Goals: model.Goals{}.With(model.GoalLost, model.PerSecond(0))}}})
	a, search := a.solveAgain()
	if !a.search.view.Running {
		t.Fatal("nothing is looked for")
	}
	b, _ := a.edit(contract.Edit{Edits: []model.Edit{model.SetGoals{Goals: model.Goals{}.With(model.GoalHold, model.For(60e9))}}})
	m, ok := search().(solvedMsg)
	if !ok || m.err == nil || !strings.Contains(m.err.Error(), "cancel") {
		t.Errorf("the search went on: %v", m.err)
	}
	if c := b.solved(m); c.search.view.Ran {
		t.Error("what was found for another document was taken")
	}
	m.err = errors.New("late")
	if c := b.solved(m); c.search.view.Ran {
		t.Error("what was found for another document was taken")
	}
}
