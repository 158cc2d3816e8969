package ui

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/part"
)

// TestConfigurationOnTheScreen opens configurations of one context and of two:
// which is meant is asked, what was not used can be read, and undo takes it back.
func TestConfigurationOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	way := func(label, idle string) part.Way {
		doc, err := d.app.s.Document().Assign(model.Embedded(), "server:keepalive_timeout="+idle)
		if err != nil {
			t.Fatal(err)
		}
		return part.Way{Label: label, Leads: idle + " RACE", Document: doc}
	}
	unused := []native.Line{{File: "nginx.conf", Line: 14, Text: "lingering_timeout 3s;", Why: "keeptune has no setting for it"}}
	d.fake.configs = map[string]part.Imported{
		"one.conf": {File: "one.conf", Ways: []part.Way{way("", "33s")}},
		"two.conf": {File: "two.conf", Ways: []part.Way{way("nginx: server a", "7s"), way("nginx: server b", "44s")}, Unused: unused},
	}
	run := func(line string) { d.press(":", line[1:], "Enter") }
	run(":import one.conf")
	d.shows("read one.conf")
	d.shows("33 s")
	run(":unused")
	d.shows("no line of a configuration was left unused")
	run(":import two.conf")
	d.shows("which part of two.conf?")
	d.shows("nginx: server a")
	d.shows("7s RACE")
	d.press("Down", "Enter")
	d.shows("44 s")
	d.shows("1 line was not used (:unused shows it)")
	run(":unused")
	d.shows("nginx.conf:14: lingering_timeout 3s;")
	d.shows("keeptune has no setting for it")
	d.press("q")
	d.press("u")
	d.shows("33 s")
	run(":import none.conf")
	d.shows("none.conf")
}
