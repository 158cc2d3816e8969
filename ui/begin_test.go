package ui

import (
	"slices"
	"testing"

	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/preset"
)

// asked is a bare start.
func asked(c *Config) { c.Welcome = true }

// Each symptom leads to its path, to the finding that its rules name first, which e opens
// and f puts right, and to its test.
func TestEachSymptomLeadsToFindingAndTest(t *testing.T) {
	for i, s := range preset.Starts() {
		d := sit(t, "chrome > nginx", 80, 24, asked)
		d.press(string(rune('1' + i)))
		p, err := preset.Find(s.Preset)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.app.s.Document().Path.String(); got != p.Path {
			t.Errorf("%s leads to %s, want %s", s.Symptom, got, p.Path)
		}
		c := d.app.context()
		at := d.app.tune.At(c)
		leg := c.Shown()
		rows := c.Side(at.Server).Rows
		if p.At == "middlebox" {
			rows = []tuning.Row{*leg.Boxes[0].Row}
		}
		n := slices.IndexFunc(rows, func(r tuning.Row) bool { return r.Param.ID == at.Param })
		if n < 0 || rows[n].Param.Role != p.Role || (at.Middlebox != "") != (p.At == "middlebox") {
			t.Errorf("%s stands on %+v, want the %s of the %s", s.Symptom, at, p.Role, p.At)
		}
		if d.app.symptom != s.Symptom || d.app.leg != p.Leg-1 {
			t.Errorf("%s: the screen knows %q and shows leg %d", s.Symptom, d.app.symptom, d.app.leg+1)
		}
		d.press("j").shows(" " + p.Rule + " ")
		d.press("f").shows("what would put "+p.Rule+" right").press("Esc").press("e", "f").shows("what would put " + p.Rule + " right")
		spec, ok := d.app.context().NextTest()
		for _, m := range livetest.Choices() {
			if ok && spec.Measures(m) != (s.Test[m] != "") {
				t.Errorf("%s: the test measures %v", s.Symptom, spec.Measure)
			}
		}
	}
}

// What another symptom had measured is not measured any more.
func TestAnotherSymptomHasAnotherTest(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, asked)
	chosen := func(m livetest.Measurement) bool { return d.app.wanted.Chosen[m] != "" }
	if d.press("3"); !chosen(livetest.MeasureLadder) {
		t.Error("a drop in quiet times has no ladder")
	}
	if d.press("0").shows("What brings you here?").press("6"); chosen(livetest.MeasureLadder) || !chosen(livetest.MeasureHold) {
		t.Errorf("busy workers have the test %+v", d.app.wanted)
	}
	if d.press("0", "8", "1"); d.app.symptom != tuning.SymptomNone {
		t.Errorf("a preset without a symptom leaves %q", d.app.symptom)
	}
}

// The finding that brought the user goes before a graver one of the same leg, and without
// a symptom the gravest stands first.
func TestTheSoughtFindingGoesFirst(t *testing.T) {
	const path = "putty > firewall > sshd"
	with := func(answer string) *desk {
		return sit(t, path, 80, 24, asked).press(answer).press(":", "set firewall:idle_timeout=30m", "Enter", ":", "set putty:KeepAliveTime=5m", "Enter", "j")
	}
	with("3").shows("MID-2 a box on the way")
	with("7").shows("KA-1 probe times are set")
	sit(t, path, 80, 24).press(":", "set firewall:idle_timeout=30m", "Enter", ":", "set putty:KeepAliveTime=5m", "Enter", "j").shows("MID-2 a box on the way")
}

// Each preset of the list is opened by its key, with what it shows, and is no change of
// the user's.
func TestEachPresetIsAKeyAway(t *testing.T) {
	for i, p := range preset.All() {
		d := sit(t, "chrome > nginx", 80, 24, asked)
		d.press("8").shows("Start from which path?").press("123456789abcdefhilm"[i : i+1])
		if got := d.app.s.Document().Path.String(); got != p.Path || d.app.s.Dirty() {
			t.Errorf("%s opens %s; unsaved: %v", p.ID, got, d.app.s.Dirty())
		}
		if d.app.note != p.Shows || len(d.app.line(d.app.context(), 80)) != 1 {
			t.Errorf("%s says %q", p.ID, d.app.note)
		}
	}
	d := sit(t, "chrome > nginx", 40, 12, asked)
	d.press("End", "Up", "Up", "Up", "Up").shows("> 8 start from a preset").press("Enter", "End").shows("> d probe times").press("Esc").lacks("Start from")
}

// On a session that was changed a preset is one step that can be undone.
func TestAPresetOverChangesIsUndone(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24).press("+")
	before := d.app.s.Document()
	if d.press("0", "8", "1"); !d.app.s.Dirty() {
		t.Error("the changes are gone without a trace")
	}
	if d.press("u"); !d.app.s.Document().Equal(before) {
		t.Error("it cannot be taken back")
	}
}

// A time that was seen is explained from the question, and from everywhere.
func TestExplainIsAKeyAway(t *testing.T) {
	for _, keys := range [][]string{{"e"}, {"Esc", "2", "E"}} {
		d := sit(t, "chrome > nginx", 80, 24, asked)
		d.press(keys...).shows("explain: ").press("7875 s", "Enter")
		if n := len(d.app.commands); n == 0 || d.app.commands[n-1] != "explain 7875 s" {
			t.Errorf("%v asks for %q", keys, d.app.commands)
		}
	}
}

// Where Windows has the time and the program no option for it, the cursor is on Windows'.
func TestTheSymptomOfNoEffectStandsOnTheTime(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, asked).press("7").shows(">  first probe after")
	d.press("i").shows("KeepAliveTime")
}

// A path that somebody chose comes back when another answer is taken back.
func TestAnotherAnswerIsTakenBack(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("0", "1").shows("aws-alb")
	if d.press("u"); d.app.s.Document().Path.String() != "ie@11 > apache" {
		t.Errorf("undone it is %s", d.app.s.Document().Path)
	}
	d = sit(t, "chrome > nginx", 80, 24, asked)
	d.press("1")
	first := d.app.s.Document().Path.String()
	if undo, _ := d.app.s.Depth(); undo != 0 {
		t.Errorf("the first answer is %d steps", undo)
	}
	d.press("0", "3", "u")
	if got := d.app.s.Document().Path.String(); got != first {
		t.Errorf("undone it is %s, not %s", got, first)
	}
}
