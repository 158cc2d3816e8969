package ui

import (
	"strings"
	"testing"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/internal/prose"
)

// textPaths have every verdict, sessions and requests, boxes, assumed and unknown
// values, and ends of all kinds.
var textPaths = []string{
	"chrome > nginx", "chrome > aws-alb > nginx > node", "putty/windows@7 > firewall > sshd", "libpq > firewall > postgresql",
	"ie@11 > iis@1.0", "apache > node", "ie@11 > apache", "go-client > aws-nlb > go-server", "redis-cli > redis", "curl > lighttpd",
}

// textKeys lead over every screen and to every overlay; what they open is closed again.
var textKeys = []string{
	"2", "5", "6", "4", "?", "i", "c", "s nginx Enter", "Ctrl+o", "f", "f Enter", "p", ":", "/", "w", "n", "]", "Tab", "m", "u", "= x",
	"= 99999999999h Enter", "+ q", "4 Right v Right a Enter",
}

// testKeys show what a live test found.
var testKeys = []string{"3", "l", "c", "d", "h", "p", "v", "a", "f"}

// TestEveryText reads all that the screens say: as wide as the terminal, no sentence
// and no name cut, nothing internal, no name left out, nothing said twice.
func TestEveryText(t *testing.T) {
	for _, path := range textPaths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			walk(t, sit(t, path, 80, 24), textKeys)
			walk(t, sit(t, path, 40, 12), textKeys)
		})
	}
	t.Run("welcome", func(t *testing.T) {
		t.Parallel()
		for _, n := range "123456789ed" {
			d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
			read(t, d, "welcome")
			d.press(string(n))
			read(t, d, "its answer")
			read(t, d.press("f"), "its remedies")
		}
	})
	t.Run("live test", func(t *testing.T) {
		t.Parallel()
		for _, w := range []int{80, 40} {
			d := sit(t, "ie@11 > nginx", w, w*3/10)
			d.fake.events = allMeasured()
			walk(t, d.press("t"), testKeys)
		}
	})
}

func walk(t *testing.T, d *desk, all []string) {
	t.Helper()
	begin := d.app.screen
	for _, keys := range all {
		if begin == contract.Tune {
			d.press("1")
		}
		for k := range strings.FieldsSeq(keys) {
			d.press(k)
			read(t, d, keys)
		}
		for range 3 {
			if d.app.top() != nil || d.app.scope(d.app.context()).Text {
				read(t, d.press("Esc"), keys+" Esc")
			}
		}
	}
}

func read(t *testing.T, d *desk, how string) {
	t.Helper()
	screen := d.screen()
	for _, line := range prose.Wide(screen, d.app.w) {
		t.Errorf("%s: over %d cells: %s", how, d.app.w, line)
	}
	for line := range strings.Lines(screen) {
		line = strings.TrimSpace(line)
		for _, fault := range prose.Faults(line) {
			t.Errorf("%s: %s in: %s", how, fault, line)
		}
		if strings.Contains(strings.TrimPrefix(line, "~ the rest is in the file"), "~") {
			t.Errorf("%s: cut: %s", how, line)
		}
	}
}

// TestAnswersAreOneLine holds what the welcome's answers say against the width.
func TestAnswersAreOneLine(t *testing.T) {
	for n := range "1234567" {
		d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
		d.press(string(rune('1' + n)))
		if lines := d.app.line(d.app.context(), 80); len(lines) != 1 {
			t.Errorf("answer %d says %d lines: %q", n+1, len(lines), lines)
		}
	}
}

// TestWhatIsSaidIsTrue holds sentences that once misled.
func TestWhatIsSaidIsTrue(t *testing.T) {
	d := sit(t, "chrome > apache", 80, 24)
	d.press("+", "q").shows("A copy is kept: keeptune resume 1 opens it").lacks("drop").press("n")
	d.press("4", "v").shows("(undo)").press("1", "4").lacks("(undo)").press("a").shows("for all changed files?").press("Ctrl+u", "out", "Enter")
	if len(d.fake.written) == 0 {
		t.Errorf("nothing was written:\n%s", d.screen())
	}
	d = sit(t, "chrome > apache", 80, 24)
	d.press("a").press("4", "a", "Enter").shows("nothing is changed, so there is nothing to write")

	d = sit(t, "chrome > apache", 80, 24)
	d.fake.events = fiveSeconds()
	d.press(":", "set server:KeepAlive=off", "Enter").shows("LIMIT 0 s").press("2").lacks("serves 1", "101").press(":", "target http://127.0.0.1:8080/", "Enter", "t").shows("requests 1 ").lacks("101")

	// A long sentence leaves the names of the screens where they are.
	d.press("1", ":", "set server:KeepAliveTimeout=99999999999h", "Enter").shows("[1 tune]", "! apache.KeepAliveTimeout takes a time", `not "99999999999h"`)
}
