package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
)

func TestEntryPage(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > nginx@1.28.0", 80, 24)
	d.press("Ctrl+o").shows("nginx 1.28.0, proxy, from testdata/systems/nginx.toml", "AS A SERVER", "proof documented only").
		press("Right").shows("nginx 1.27.4").press("Left", "Left").shows("CHANGED SINCE 1.28.0", "upstream.keepalive off -> 32").
		press("Tab", "Tab").shows("AS A SERVER").press("Tab").shows("keepalive_timeout 75 s", "unit s", "range 0 s to 24 d", "written http").
		press("End").shows("tcp_user_timeout off").press("Ctrl+o").lacks("AS A").
		press("i", "o").shows("nginx 1.28.0, proxy").press("Esc").lacks("AS A")
	if d.app.s.Document().Path.String() != "chrome > nginx@1.28.0" {
		t.Errorf("looking changed the path to %s", d.app.s.Document().Path)
	}
}

// From the list the page is one key away, and Enter there chooses the version
// that is looked at.
func TestEntryPageChooses(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > apache", 80, 24)
	d.press("s", "nginx", "Ctrl+o").shows("nginx 1.30.0").press("Right").shows("nginx 1.29.7").press("q").shows("which server?").
		press("Enter").shows("which version of nginx?", "keepalive_requests 100 -> 1000").press("Down", "Ctrl+o").shows("nginx 1.29.7").
		press("Enter").shows("SERVER nginx 1.29.7")
	if d.app.top() != nil {
		t.Error("something still lies over the screen")
	}
}

// Nothing in a user's file reaches the terminal as it is.
func TestEntryPageOfAHostileFile(t *testing.T) {
	dir := t.TempDir()
	const file = `id = "evil"
name = "Evil \u001b]0;x\u0007 name"
kind = "server"
text = "red \u001b[31m text"
aliases = ["al\u001bias"]
assume = "1"
known = ["1"]
os = "linux"
[server]
close = "fin"
source = "src\u001b[2J"
[[server.param]]
name = "idle\u009b5n"
role = "idle"
unit = "s"
zero = "off"
where = "here\u0007"
default = [{ since = "0", value = "5s", source = "s\u001b[1m", seen = "2026-11-20" }]
`
	if err := os.WriteFile(filepath.Join(dir, "evil.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c := model.Embedded().With("mine", os.DirFS(dir))
	d := sitWith(t, c, "curl > apache", 100, 60)
	for _, keys := range [][]string{{"s", "evil"}, {"Ctrl+o"}, {"Enter"}, {"i"}, {"o"}} {
		if s := d.press(keys...).screen(); strings.ContainsAny(s, "\x1b\x07\u009b") {
			t.Errorf("after %v the screen has a control character: %q", keys, s)
		}
	}
	d.shows("from mine/evil.toml")
}

// A broken file of the user's is told in the list, at any size, and hides no
// other system.
func TestPickerTellsBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "broken.toml"), []byte("id = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range []struct{ w, h int }{{40, 12}, {80, 24}} {
		d := sitWith(t, model.Embedded().With("mine", os.DirFS(dir)), "curl > apache", size.w, size.h)
		d.press("s").shows("mine/broken.toml", "> apache")
	}
}

// With the mouse on, keys in the last line are pressed by a click, and rows of
// the list are selected by one and chosen by two.
func TestMouse(t *testing.T) {
	d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", 80, 24)
	d.press("i")
	click := func(text string) {
		t.Helper()
		for y, line := range strings.Split(d.screen(), "\n") {
			if x := strings.Index(line, text); x >= 0 && (y > 2 || text != "o about it") {
				d.send(tea.MouseMsg{X: x + 1, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
				return
			}
		}
		t.Fatalf("the screen lacks %q:\n%s", text, d.screen())
	}
	click("o about it")
	d.shows("AS A SERVER")
	click("q close")
	d.lacks("AS A SERVER").press("i", "s", "h")
	click("haproxy ")
	d.shows("> haproxy")
	click("haproxy ")
	d.shows("which version of HAProxy?")
}
