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
	d.press("Ctrl+o").shows("nginx 1.28.0, proxy, from testdata/systems/nginx.toml", "AS A SERVER", "proof no test of this project runs it").
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

// click presses the mouse where the screen has a text, below line 2 unless it
// stands nowhere else.
func (d *desk) click(text string) *desk {
	d.t.Helper()
	lines := strings.Split(d.screen(), "\n")
	for _, from := range []int{3, 0} {
		for y := from; y < len(lines); y++ {
			if x := strings.Index(lines[y], text); x >= 0 {
				d.send(tea.MouseMsg{X: x + 1, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
				return d
			}
		}
	}
	d.t.Fatalf("the screen lacks %q:\n%s", text, d.screen())
	return d
}

// What looks as if it could be clicked can be: screens, hops, the leg that is
// worse, formats, findings, rows of every list, and keys wherever they stand.
func TestMouseEverywhere(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > nginx@1.28.0 > apache@2.4.66", 80, 24)
	d.shows("leg 1 of 2").click("apache").shows("leg 2 of 2", ">KeepAliveTimeout").
		click("[apache]").shows("which server?").press("Esc").
		click("chrome").shows("leg 1 of 2", "CLIENT Chrome").
		click("p path").shows("path: chrome is hop 1").press("Esc").
		click("2 why").shows("[2 why").click("5 journal").shows("Nothing was changed").
		click("4 export").click("(nginx)").shows("[nginx]").
		click("3 test").click("1 tune").shows("[1 tune]").
		click("? help").shows("keys").click("coarse step").shows("keys").press("Esc")
	d = sitWith(t, frozen(), "curl > conntrack > apache@2.4.66", 80, 24)
	d.click("conntrack").shows(">conntrack").click("[curl]").click("[curl]").shows("which client?").press("Esc").click("conntrack 5d").click("conntrack 5d").shows("which hop?")
	d = sitWith(t, frozen(), "apache > node", 80, 24)
	d.click("f fix").shows("do it").press("Esc").click("the client keeps").shows("[2 why")
	d = sitWith(t, frozen(), "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	d.click("6 too many").shows("> 6 too many").click("2 connection reset").shows("> 2 connection").click("1 502, 503").click("1 502, 503").lacks("What brings you")
	d = sitWith(t, frozen(), "chrome > apache@2.4.66", 80, 24)
	d.press("o").click("10 s ").shows("> 10 s").click("180 s").shows("> 180 s")
	d.send(tea.MouseMsg{Button: tea.MouseButtonWheelUp})
	d.shows("> 120 s").click("1 tune").press("s", "apache").click("apache ").shows("which version").
		click("2.4.62").shows("> 2.4.62").click("2.4.62").shows("SERVER Apache httpd 2.4.62")
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
