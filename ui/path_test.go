package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

const fourHops = "chrome > aws-alb > nginx@1.30.0 > node@22"

func TestHopsAreEditedOnThePathLine(t *testing.T) {
	d := sit(t, fourHops, 80, 24)
	d.shows("leg 1 of 3").press("p").shows("path: aws-alb is hop 2 of 4", "[aws-alb]", "a add", "d remove")
	d.press("a").shows("which hop after aws-alb?").lacks("> chrome").press("aws-nat", "Enter").shows("[aws-nat-gateway 350s]", "add aws-nat-gateway@2026 after aws-alb", "leg 2 of 3")
	d.press(">").shows("move aws-nat-gateway behind nginx", "leg 3 of 3").press("<").shows("move aws-nat-gateway before nginx")
	d.press("u").press("u").press("u").shows("undone: add aws-nat-gateway@2026").lacks("aws-nat-gateway 350s").press("Ctrl+r").shows("aws-nat-gateway 350s")
	d.press("d").lacks("aws-nat-gateway 350s").shows("remove ")
	d.press("g", "d").shows("a path needs both ends: Enter chooses another system for chrome")
	d.press("G").shows("[node]", "leg 3 of 3").press("d").shows("a path needs both ends")
	d.press("a").shows("which hop after nginx?").press("Esc")
	d.press("g", "Enter").shows("which client?").press("curl", "Enter", "Enter").shows("[curl]", "curl").press("q").shows("Enter edit")
	if d.quit {
		t.Error("q on the path leaves the program")
	}
}

func TestPathNeedsNoLetters(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("p", "g", "a", "firewall", "Enter").shows("[firewall ?]", "UNKNOWN").press("Esc").shows("Enter edit")
	d.press("u").shows("[ie] ==> apache")
}

// A change of one hop is seen on every leg it touches, in the same frame.
func TestEveryLegIsJudgedAtOnce(t *testing.T) {
	d := sit(t, fourHops, 80, 30)
	before := d.screen()
	d.press("]", "]").shows("leg 3 of 3", "=RACE=> [node]", "LIMIT")
	d.press("p", "f", "Enter", "p").shows("=OK=> [node]")
	if before == d.screen() {
		t.Error("nothing changed")
	}
	d.press("[", "[").shows("leg 1 of 3", "-OK-> node").press("2").shows("smallest limit of the path is 60 s, on leg")
}

func TestAWorseLegIsNamed(t *testing.T) {
	d := sit(t, fourHops, 80, 24)
	d.press(":", "set aws-alb:client_keep_alive=1h", "Enter")
	d.app.leg = 0
	for i := range d.app.s.Report().Legs {
		d.app.leg = i
		if worse := strings.Contains(d.screen(), "is worse: "); worse != slices.Contains([]string{"ok", "retried"}, fmt.Sprint(d.app.s.Report().Legs[i].Limit.Verdict)) {
			t.Errorf("leg %d is %s, another worse: %v", i+1, d.app.s.Report().Legs[i].Limit.Verdict, worse)
		}
	}
}

func TestLongPathsScroll(t *testing.T) {
	path := "chrome" + strings.Repeat(" > nginx@1.30.0", 12) + " > node@22"
	for _, w := range []int{40, 80} {
		d := sit(t, path, w, 24)
		d.press("p", "g")
		for i := range 14 {
			line := strings.Split(d.screen(), "\n")[1]
			if !strings.Contains(line, "[") || !strings.Contains(line, "]") {
				t.Fatalf("%d columns: hop %d is out of view: %q", w, i+1, line)
			}
			if i == 6 && (!strings.Contains(line, "<") || !strings.Contains(line, ">    leg")) && w == 80 {
				t.Errorf("no marks for the hops out of view: %q", line)
			}
			d.send(tea.KeyMsg{Type: tea.KeyRight})
		}
	}
}

func TestPathGoldens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{40, 12}, {80, 24}, {120, 40}} {
		for name, set := range map[string]func(*Config){"ascii": ascii, "unicode": unicode} {
			d := sitWith(t, frozen(), fourHops, size.w, size.h, set)
			golden(t, fmt.Sprintf("path-%dx%d-%s", size.w, size.h, name), d.press("p", "Right").screen())
		}
	}
}

// What is typed and cannot stand there is said to be known, and nothing is cut up.
func TestWhatCannotStandThere(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24)
	d.press("c", "puma").shows("Puma cannot stand here as the client; Ctrl+u empties it")
	d.press("Ctrl+u", "zzzz").shows("nothing fits; Ctrl+u empties it")
}
