package session_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/session"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func begin(t *testing.T) session.Session {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath("ie@11 > apache", c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := session.New(model.Document{Path: p}, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(endpoint model.EndpointID, param model.ParamID, d time.Duration) model.Edit {
	return model.Set{Endpoint: endpoint, Param: param, Setting: model.Typed(model.For(d))}
}

// TestATuningSession is the session that the product is made for: four edits,
// each with its verdict, and the same verdicts on the way back.
func TestATuningSession(t *testing.T) {
	s := begin(t)
	steps := []struct {
		edit    model.Edit
		idle    time.Duration
		verdict tuning.Verdict
	}{
		{nil, 5 * time.Second, tuning.VerdictRace},
		{set("apache", "apache.KeepAliveTimeout", 180*time.Second), 60 * time.Second, tuning.VerdictOK},
		{set("ie", "ie.KeepAliveTimeout", 180*time.Second), 120 * time.Second, tuning.VerdictOK},
		{set("ie", "ie.ServerInfoTimeout", 180*time.Second), 180 * time.Second, tuning.VerdictRace},
		{set("apache", "apache.KeepAliveTimeout", 190*time.Second), 180 * time.Second, tuning.VerdictOK},
	}
	check := func(i int) {
		t.Helper()
		if l := s.Report().Legs[0].Limit; l.Idle != steps[i].idle || l.Verdict != steps[i].verdict {
			t.Errorf("step %d: %v %s, want %v %s", i, l.Idle, l.Verdict, steps[i].idle, steps[i].verdict)
		}
	}
	check(0)
	for i := 1; i < len(steps); i++ {
		var err error
		if s, err = s.Do(noon, "raise", steps[i].edit); err != nil {
			t.Fatal(err)
		}
		check(i)
	}
	if !s.Dirty() {
		t.Error("an edited session counts as saved")
	}
	for i := len(steps) - 2; i >= 0; i-- {
		var ok bool
		if s, ok = s.Undo(noon); !ok {
			t.Fatalf("step %d cannot be undone", i+1)
		}
		check(i)
	}
	if s.Dirty() {
		t.Error("a session that was undone to its beginning counts as changed")
	}
	if _, ok := s.Undo(noon); ok {
		t.Error("there is more to undo than was done")
	}
	for i := 1; i < len(steps); i++ {
		s, _ = s.Redo(noon)
		check(i)
	}
	if n := len(s.Journal()); n != 12 {
		t.Errorf("the journal has %d lines, want one for each of 4 edits, 4 undos and 4 redos", n)
	}
}

func TestABadEditChangesNothing(t *testing.T) {
	s := begin(t)
	next, err := s.Do(noon, "two edits, the second impossible",
		set("apache", "apache.KeepAliveTimeout", time.Minute),
		model.Set{Endpoint: "apache", Param: "linux.tcp_keepalive_probes", Setting: model.Typed(model.Times(300))})
	if err == nil {
		t.Fatal("300 probes were accepted")
	}
	if !next.Document().Equal(s.Document()) || next.Dirty() || len(next.Journal()) != 0 {
		t.Error("a refused step left something behind")
	}
}

func TestPressesOfOneKeyAreOneUndo(t *testing.T) {
	s := begin(t)
	for i := range 5 {
		s, _ = s.Do(noon, "+", set("apache", "apache.KeepAliveTimeout", time.Duration(6+i)*time.Second))
	}
	if got := s.Report().Legs[0].Limit.Idle; got != 10*time.Second {
		t.Errorf("five presses gave %v, want 10s", got)
	}
	s, _ = s.Undo(noon)
	if got := s.Report().Legs[0].Limit.Idle; got != 5*time.Second {
		t.Errorf("one undo gave %v, want 5s", got)
	}
	s, _ = s.Do(noon, "first", set("apache", "apache.KeepAliveTimeout", 7*time.Second))
	s, _ = s.Seal().Do(noon, "second", set("apache", "apache.KeepAliveTimeout", 8*time.Second))
	s, _ = s.Undo(noon)
	if got := s.Report().Legs[0].Limit.Idle; got != 7*time.Second {
		t.Errorf("a sealed step was undone to %v, want 7s", got)
	}
}

func TestASavedStateIsClean(t *testing.T) {
	s := begin(t)
	s, _ = s.Do(noon, "edit", set("apache", "apache.KeepAliveTimeout", 7*time.Second))
	s = s.Saved()
	if s.Dirty() {
		t.Error("a saved session counts as changed")
	}
	if s, _ = s.Undo(noon); !s.Dirty() {
		t.Error("undoing past the saved state counts as unchanged")
	}
}

func TestTheJournalSaysWhatWasUndone(t *testing.T) {
	s := begin(t)
	s, _ = s.Do(noon, "first", set("apache", "apache.KeepAliveTimeout", 7*time.Second))
	s, _ = s.Do(noon, "second", set("ie", "ie.KeepAliveTimeout", 8*time.Second))
	s, _ = s.Undo(noon)
	s, _ = s.Undo(noon)
	s, _ = s.Redo(noon)
	want := []string{"first", "second", "undo: second", "undo: first", "redo: first"}
	for i, e := range s.Journal() {
		if i >= len(want) || e.Why != want[i] {
			t.Errorf("line %d is %q, want %v", i+1, e.Why, want)
		}
	}
}

// What is configured outlives a measurement that took its place: a default, what was typed,
// and what a file says; after an undo, and after a second measurement.
func TestConfigured(t *testing.T) {
	const id = "apache.KeepAliveTimeout"
	seen := func(d time.Duration) model.Edit {
		return model.Set{Endpoint: "apache", Param: id, Setting: model.Setting{
			Value: model.For(d), Low: d, High: d, Origin: model.Origin{Kind: model.FromMeasured, Where: "x.pcap"},
		}}
	}
	file := model.Set{Endpoint: "apache", Param: id, Setting: model.Setting{
		Value: model.For(7 * time.Second), Origin: model.Origin{Kind: model.FromFile, Where: "httpd.conf", Line: 3},
	}}
	for _, c := range []struct {
		name  string
		edits []model.Edit
		undo  int
		want  model.Setting
	}{
		{"a default", []model.Edit{seen(20 * time.Second)}, 0, model.Setting{}},
		{"twice", []model.Edit{seen(20 * time.Second), seen(30 * time.Second)}, 0, model.Setting{}},
		{"typed", []model.Edit{set("apache", id, 9*time.Second), seen(20 * time.Second)}, 0, model.Typed(model.For(9 * time.Second))},
		{"typed after", []model.Edit{seen(20 * time.Second), set("apache", id, 9*time.Second)}, 0, model.Typed(model.For(9 * time.Second))},
		{"typed between", []model.Edit{seen(20 * time.Second), set("apache", id, 9*time.Second), seen(30 * time.Second)}, 0, model.Typed(model.For(9 * time.Second))},
		{"undone between", []model.Edit{seen(20 * time.Second), set("apache", id, 9*time.Second), seen(30 * time.Second)}, 2, model.Setting{}},
		{"a file", []model.Edit{file, seen(20 * time.Second)}, 0, file.Setting},
	} {
		s := begin(t)
		for _, e := range c.edits {
			var err error
			if s, err = s.Seal().Do(noon, "", e); err != nil {
				t.Fatal(err)
			}
		}
		for range c.undo {
			s, _ = s.Undo(noon)
		}
		if got := s.Configured().Path.Endpoints[1].Settings[id]; !got.Equal(c.want) {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
	s, err := begin(t).Do(noon, "", seen(20*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if s, err = session.New(s.Document(), s.Env()); err != nil {
		t.Fatal(err)
	}
	if got := s.Configured(); !got.Equal(s.Document()) {
		t.Errorf("nothing says what is configured, and yet %+v", got)
	}
}
