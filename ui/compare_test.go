package ui

import (
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/overlay"
)

// Before and now stand side by side: verdicts, findings that are gone and new, and only
// the settings that differ, until all are asked for.
func TestBeforeAndNow(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > nginx@1.30.0 > node@22", 80, 24)
	d.press("b").shows("before: as opened", "No setting differs").press("b").lacks("before: as opened")
	d.press("]", "f", "Enter", "b").shows("2 nginx to node RACE", "OK margin", "gone: ", "ORD-1 on leg 2", "node keepAliveTimeout", "5 s default", "65 s typed", "others are the same").lacks("tcp_retries2", "new: ")
	golden(t, "compare-80x24", d.screen())
	d.press("n").lacks("others are the same").press("End").shows("node tcp_retries2").press("q", "u", "b").shows("No setting differs")
	d = sitWith(t, frozen(), "chrome > nginx@1.30.0 > node@22", 40, 12)
	golden(t, "compare-40x12", d.press("]", "f", "Enter", "b").screen())
}

// What gets worse is new, and a leg's quantity counts as a setting.
func TestWhatIsNewIsTold(t *testing.T) {
	d := sit(t, "chrome > nginx > node", 80, 24)
	d.press(":", "set nginx.upstream.keepalive_timeout=2s", "Enter", "b").shows("gone: ").press("q")
	d = sit(t, "go-client > envoy", 80, 24)
	d.press(":", "set envoy:idle_timeout=30s", "Enter", ":", "set leg1:arrivals=3", "Enter", "b").shows("new: ", "ORD-1 on leg 1", "leg1 arrivals", "not given")
}

// Before is what was opened, what was saved, or a file; a path of another shape is said.
func TestBeforeIsChosen(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24)
	d.press("b").lacks("Tab before").press("q")
	d.press(":", "set nginx.keepalive_timeout=80s", "Enter", "w", "one.toml", "Enter", ":", "set nginx.keepalive_timeout=90s", "Enter")
	d.press("b").shows("before: as opened", "75 s default", "90 s typed").press("Tab").shows("before: as saved", "80 s typed", "90 s typed").press("Tab").shows("before: as opened").press("q")

	other, err := model.ParsePath("curl > firewall > apache", model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	d.fake.saved["other.toml"] = model.Document{Path: other}
	d.press(":", "compare other.toml", "Enter").shows("before: as in other.toml", "path before: curl > firewall > apache", "path now: chrome > nginx", "UNKNOWN", "not given").
		press("Tab").shows("before: as opened").press("o").shows("compare with: ").press("Esc")
	d.press(":", "compare gone.toml", "Enter").shows("! ").lacks("before: ")
}

// A preset that was chosen is what was opened.
func TestAPresetIsTheBaseline(t *testing.T) {
	sit(t, "chrome > nginx", 80, 24, asked).press("6", "b").shows("No setting differs").press("q", "f", "Enter", "b").shows("apache KeepAliveTimeout", "5 s default").lacks("prefork")
}

// What is copied is Markdown with a table of each kind.
func TestTheComparisonIsMarkdown(t *testing.T) {
	d := sit(t, "chrome > nginx > node@22", 80, 24).press("]", "f", "Enter", "b")
	o, ok := d.app.top().(*overlay.Compare)
	if !ok {
		t.Fatal("no comparison is open")
	}
	text := o.Markdown()
	for _, want := range []string{
		"## Keep-alive of `chrome > nginx > node@22`: before (as opened) and now\n", "| leg | before | now |\n|---|---|---|\n",
		"| node keepAliveTimeout | 5 s default | 65 s typed |\n", "- gone: ", "others are the same.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") && strings.Count(line, " | ") != 2 && !strings.HasPrefix(line, "|---") {
			t.Errorf("not three cells: %s", line)
		}
	}
}
