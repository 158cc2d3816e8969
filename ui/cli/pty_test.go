//go:build !windows

package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// limitLine is the line of the screen that gives the verdict.
func limitLine(text string) string {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "LIMIT") {
			return l
		}
	}
	return ""
}

// waitLimit waits until the LIMIT line has every text.
func waitLimit(s *screen.Screen, texts ...string) {
	s.WaitUntil("has no LIMIT with "+strings.Join(texts, ", "), func(text string) bool {
		l := limitLine(text)
		for _, want := range texts {
			if !strings.Contains(l, want) {
				return false
			}
		}
		return true
	})
}

// sel moves to the setting of that name in the focused column.
func sel(t *testing.T, s *screen.Screen, name string) {
	t.Helper()
	s.Type("home", "?") // what help shows is sure to come after the move
	s.WaitFor("one coarse step more")
	s.Type("q")
	s.WaitGone("one coarse step more")
	s.WaitUntil("has no selected row", func(text string) bool { return selected(text) != "" })
	for range 40 {
		now := selected(s.Text())
		if now == name {
			return
		}
		s.Type("down")
		s.WaitUntil("has no row called "+name, func(text string) bool { next := selected(text); return next != "" && next != now })
	}
	t.Fatalf("no row is called %s\n%s", name, s.Text())
}

var marked = regexp.MustCompile(`(?m)(?:^ ?|│)> ?(\S.*?)(?:  |$)`)

// selected is the name of the selected row, empty where none is shown.
func selected(text string) string {
	if m := marked.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// setValue opens the selected value, empties it and types another.
func setValue(s *screen.Screen, text string) { s.Type("enter", "ctrl+u", text, "enter") }

// The first tuning session, by keyboard alone on the program as it is released.
func TestSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := screen.Start(t, screen.Build(t), screen.Options{Dir: dir})
	s.WaitFor("What brings you here?")
	s.Type("esc")
	s.WaitGone("What brings you here?")

	s.Type("c")
	s.WaitFor("which client?")
	s.Type("internet")
	s.WaitFor("> ie")
	s.Type("enter")
	s.WaitFor("which version")
	s.Type("enter")
	s.WaitFor("Internet Explorer 11")
	s.Type("s")
	s.WaitFor("which server?")
	s.Type("apache")
	s.WaitFor("> apache ")
	s.Type("enter")
	s.WaitFor("which version")
	s.Type("enter")
	waitLimit(s, "LIMIT 5 s", "apache KeepAliveTimeout", "RACE", "margin -55 s")

	steps := []struct {
		server      bool
		name, value string
		want        []string
	}{
		{true, "KeepAliveTimeout", "180s", []string{"LIMIT 60 s", "ie KeepAliveTimeout", "OK", "margin 120 s"}},
		{false, "KeepAliveTimeout", "180s", []string{"LIMIT 120 s", "ie ServerInfoTimeout", "OK", "margin 60 s"}},
		{false, "ServerInfoTimeout", "180s", []string{"LIMIT 180 s", "RACE", "margin 0 s"}},
		{true, "KeepAliveTimeout", "190s", []string{"LIMIT 180 s", "OK", "margin 10 s"}},
	}
	for _, step := range steps {
		s.Type(map[bool]string{true: "right", false: "left"}[step.server])
		sel(t, s, step.name)
		setValue(s, step.value)
		waitLimit(s, step.want...)
	}
	for i := len(steps) - 2; i >= 0; i-- {
		s.Type("u")
		waitLimit(s, steps[i].want...)
	}
	s.Type("u")
	waitLimit(s, "LIMIT 5 s", "apache KeepAliveTimeout", "RACE", "margin -55 s")
	for range steps {
		s.Type("ctrl+r")
	}
	waitLimit(s, steps[len(steps)-1].want...)

	// Test the built-in server; its 5 s come while other screens are looked at.
	s.Type("t")
	s.Settle(300 * time.Millisecond)
	s.Type("1", "5", "3")
	s.WaitUntil("shows no result of the test", func(text string) bool {
		return strings.Contains(text, "FIN") && strings.Contains(text, "100")
	})

	// Export into a directory of our own.
	s.Type("x")
	s.WaitFor("KeepAliveTimeout 190")
	s.Type("enter")
	s.WaitFor("which directory?")
	s.Type("ctrl+u", "out", "enter")
	conf := filepath.Join(dir, "out", "keeptune-apache.conf")
	s.WaitUntil("did not write "+conf, func(string) bool {
		s.Settle(150 * time.Millisecond)
		if _, err := os.Stat(conf); err == nil {
			return true
		}
		if s.Contains("y yes") || s.Contains("write") && s.Contains("?") {
			s.Type("y")
		}
		return false
	})
	data, err := os.ReadFile(conf)
	if err != nil || !strings.Contains(string(data), "\nKeepAliveTimeout 190") {
		t.Errorf("%v\n%s", err, data)
	}
	if _, err := os.Stat(conf + ".undo"); err != nil {
		t.Error(err)
	}
	leave(s)
	if code := s.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !s.Restored() || !s.CookedMode() {
		t.Error("the terminal was not given back")
	}
}

// leave quits, and lets unsaved changes go.
func leave(s *screen.Screen) {
	s.Settle(100 * time.Millisecond)
	for end := time.Now().Add(time.Minute); s.Running() && time.Now().Before(end); {
		s.Press("q")
		if s.Running() && strings.Contains(s.Text(), "unsaved") {
			s.Press("y")
		}
	}
}
