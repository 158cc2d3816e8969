package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

const threeFindings = "go-client > envoy > envoy > node"

var listed = regexp.MustCompile(`(?m)^ [ >] (ERROR|WARNING|INFO) +(?:leg (\d) +)?([A-Z]+-\d+[ab]?) `)

// inList are the findings of the list as they stand there: severity, leg, rule.
func inList(d *desk) (all []string) {
	for _, m := range listed.FindAllStringSubmatch(d.screen(), -1) {
		all = append(all, strings.Join(m[1:], " "))
	}
	return all
}

// The list holds every finding of the path, and its key sorts it in three ways.
func TestFindingsAreSorted(t *testing.T) {
	d := sit(t, "nginx > apache > haproxy > tomcat", 80, 40).press("7")
	all := inList(d)
	if n := len(d.app.s.Report().Findings); len(all) != n || n < 4 {
		t.Fatalf("%d findings are listed of %d:\n%s", len(all), n, d.screen())
	}
	rank := func(s string) int { return slices.Index([]string{"ERROR", "WARNING", "INFO"}, strings.Fields(s)[0]) }
	for _, x := range []struct {
		words string
		less  func(a, b string) bool // whether a may not stand after b
	}{
		{"the gravest first", func(a, b string) bool { return rank(a) < rank(b) }},
		{"leg by leg", func(a, b string) bool { return strings.Fields(a)[1] < strings.Fields(b)[1] }},
		{"rule by rule", func(a, b string) bool { return strings.Fields(a)[2] < strings.Fields(b)[2] }},
	} {
		now := inList(d.shows(x.words))
		for i := 1; i < len(now); i++ {
			if x.less(now[i], now[i-1]) {
				t.Errorf("%s: %s stands after %s", x.words, now[i], now[i-1])
			}
		}
		if s := slices.Sorted(slices.Values(now)); !slices.Equal(s, slices.Sorted(slices.Values(all))) {
			t.Errorf("%s: %v are listed, not %v", x.words, now, all)
		}
		d.press("o")
	}
	d.shows("the gravest first")
}

// The leg of the selected finding is the shown one, and what f offers is for it.
func TestTheSelectedFindingsLegIsShown(t *testing.T) {
	d := sit(t, threeFindings, 80, 24).press("7").shows("> ERROR leg 2 ORD-1", "ORD-1 on leg 2, envoy to envoy-2")
	d.press("Down").shows("> ERROR leg 3 ORD-1", "LIMIT 6 s node keepAliveTimeout")
	if d.app.leg != 2 {
		t.Errorf("leg %d is shown", d.app.leg+1)
	}
	d.press("f").shows("let node wait longer: keepAliveTimeout").press("Enter").shows("[7 findings]", "keepAliveTimeout is", "takes it back")
	if got := inList(d); slices.Contains(got, "ERROR 3 ORD-1") {
		t.Errorf("the finding is still there: %v", got)
	}
	d.press("u").press("e").shows("[2 why", "LIMIT 6 s node").press("7").shows("> ERROR leg 3 ORD-1").press("Right").shows("[1 tune]")
}

// What sorts and filters keeps the selected finding.
func TestTheSelectedFindingStays(t *testing.T) {
	d := sit(t, threeFindings, 80, 24).press("7", "Down", "Down").shows("> INFO leg 3 ORD-6").press("o").shows("> INFO leg 3 ORD-6")
	d.press("/", "leg 3", "Enter").shows("> INFO leg 3 ORD-6", "2 of 3 findings with \"leg 3\"").press("Esc").shows("3 findings", "> INFO leg 3 ORD-6")
	d.press("Home").shows("> ERROR leg 2").press("Up").shows("> ERROR leg 2").press("End").shows("> INFO leg 3 ORD-6").press("Down").shows("> INFO leg 3 ORD-6")
}

// A filter takes words of all that is told of a finding; Esc shows all again, and then
// leads back.
func TestFindingsAreFiltered(t *testing.T) {
	for filter, want := range map[string]int{"error": 2, "ord-6": 1, "LEG 3": 2, "envoy-2 close": 2, "keepAliveTimeout": 2, "nothing of it": 0} {
		d := sit(t, threeFindings, 80, 24).press("7", "/", filter, "Enter")
		if got := len(inList(d)); got != want {
			t.Errorf("%q: %d findings, want %d:\n%s", filter, got, want, d.screen())
		}
		if want == 0 {
			d.shows("none of 3 has").lacks("f fix")
			d.press("f", "e", "Right", "s", "y", "Down").shows("[7 findings]")
		}
		d.press("Esc").shows("[7 findings]", "3 findings, the gravest first").press("Esc").shows("[1 tune]")
	}
}

// The finding that stands under the first screen is the selected one.
func TestTheListBeginsWithWhatWasShown(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, asked).press("7", "j").shows("KA-1 probe times").press("7").shows("> WARNING KA-1", "one step less grave")
	d.press("1", "0", "3", "7").shows("> WARNING MID-2")
	sit(t, threeFindings, 80, 24).press("]", "]", "7").shows("> ERROR leg 3 ORD-1")
	sit(t, "go-client > envoy", 80, 24).press("7").shows("No rule has anything to say about this path").lacks("f fix", "/ filter")
}

// A path of one leg names none; the explanation of a long one scrolls.
func TestFindingsExplain(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > aws-nat-gateway > nginx@1.30.0", 80, 24).press("7").lacks("leg 1 ORD")
	golden(t, "list-80x24", d.screen())
	for range 6 {
		d.press("PgDn")
	}
	d.shows("source ").lacks("more below")
	d = sitWith(t, frozen(), "chrome > aws-nat-gateway > nginx@1.30.0", 40, 12).press("7")
	golden(t, "list-40x12", d.screen())
}

// What is suppressed leaves the list, and its list takes it back.
func TestSuppressFromTheList(t *testing.T) {
	d := sit(t, threeFindings, 80, 24).press("7", "s", "known", "Enter")
	if got := inList(d); slices.Contains(got, "ERROR 2 ORD-1") || len(got) != 2 {
		t.Errorf("%v are listed", got)
	}
	d.shows("2 findings, the gravest first; o sorts; S lists 1 suppressed")
	d.press("S").shows("known", "Enter count again").lacks("takes it back").press("Enter")
	if got := inList(d); len(got) != 3 {
		t.Errorf("%v are listed after one counts again", got)
	}
	d.lacks("suppressed,", "lists 1")
	sit(t, "ie@11 > apache@2.4.66", 80, 24).press("7", "s", "known", "Enter").shows("No finding counts; S lists 1 suppressed").lacks("No rule")
}

// The list of findings is drawn as fast as the first screen.
func BenchmarkFindings200x50(b *testing.B) {
	d := sit(b, "chrome > nginx > node@22", 200, 50, unicode)
	d.press("7")
	keys := []tea.KeyMsg{{Type: tea.KeyDown}, {Type: tea.KeyUp}}
	b.ReportAllocs()
	drawn(b, d, keys)
}

// Where the shown leg has no finding, the list begins with the gravest of the path, and
// shows its leg: what e explains then is that.
func TestTheSelectedFindingIsOfTheShownLeg(t *testing.T) {
	d := sit(t, "aws-alb > nginx@1.30.0 > node@22.10", 80, 24)
	d.shows("leg 1 of 2").press("7").shows("> WARNING leg 2 ORD-1", "LIMIT 6 s").press("e").shows("WARNING ORD-1", "LIMIT 6 s")
}
