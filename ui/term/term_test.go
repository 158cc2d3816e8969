package term

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestDecide(t *testing.T) {
	utf := map[string]string{"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}
	for name, c := range map[string]struct {
		say  Options
		env  map[string]string
		want Caps
	}{
		"local":           {env: utf, want: Caps{Color: true, FPS: 240}},
		"ssh":             {env: with(utf, "SSH_TTY", "/dev/pts/1"), want: Caps{Color: true, FPS: 60}},
		"ssh connection":  {env: with(utf, "SSH_CONNECTION", "::1 1 ::1 22"), want: Caps{Color: true, FPS: 60}},
		"said":            {say: Options{ASCII: true, NoColor: true, FPS: 12}, env: utf, want: Caps{ASCII: true, FPS: 12}},
		"NO_COLOR":        {env: with(utf, "NO_COLOR", "1"), want: Caps{FPS: 240}},
		"NO_COLOR empty":  {env: with(utf, "NO_COLOR", ""), want: Caps{Color: true, FPS: 240}},
		"console":         {env: with(utf, "TERM", "linux"), want: Caps{ASCII: true, Color: true, FPS: 240}},
		"vt100":           {env: with(utf, "TERM", "vt100"), want: Caps{ASCII: true, FPS: 240}},
		"dumb":            {env: with(utf, "TERM", "dumb"), want: Caps{ASCII: true, FPS: 240}},
		"screen":          {env: with(utf, "TERM", "screen"), want: Caps{Color: true, FPS: 240}},
		"C":               {env: with(utf, "LANG", "C"), want: Caps{ASCII: true, Color: true, FPS: 240}},
		"C.UTF-8":         {env: with(utf, "LANG", "C.UTF-8"), want: Caps{Color: true, FPS: 240}},
		"LC_ALL wins":     {env: with(utf, "LC_ALL", "POSIX"), want: Caps{ASCII: true, Color: true, FPS: 240}},
		"Japanese":        {env: with(utf, "LC_CTYPE", "ja_JP.UTF-8"), want: Caps{ASCII: true, Color: true, FPS: 240}},
		"Chinese":         {env: with(utf, "LANG", "zh_CN.utf8"), want: Caps{ASCII: true, Color: true, FPS: 240}},
		"kitty":           {env: with(utf, "TERM", "xterm-kitty"), want: Caps{Color: true, Sync: true, FPS: 240}},
		"foot":            {env: with(utf, "TERM", "foot-direct"), want: Caps{Color: true, Sync: true, FPS: 240}},
		"iTerm2":          {env: with(utf, "TERM_PROGRAM", "iTerm.app"), want: Caps{Color: true, Sync: true, FPS: 240}},
		"Terminal.app":    {env: with(utf, "TERM_PROGRAM", "Apple_Terminal"), want: Caps{Color: true, FPS: 240}},
		"too many said":   {say: Options{FPS: 241}, env: utf, want: Caps{Color: true, FPS: 240}},
		"East Asian said": {env: with(utf, "RUNEWIDTH_EASTASIAN", "1"), want: Caps{ASCII: true, Color: true, FPS: 240}},
	} {
		if got := Decide(c.say, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func with(env map[string]string, k, v string) map[string]string {
	out := map[string]string{k: v}
	for n, old := range env {
		if n != k {
			out[n] = old
		}
	}
	return out
}

func TestClipboard(t *testing.T) {
	for _, mode := range []string{"", "auto", "native", "osc52"} {
		c, err := ParseClipboard(mode, "")
		if err != nil {
			t.Fatal(err)
		}
		if s, err := c.Sequence("hi"); err != nil || s != "\x1b]52;c;aGk=\x07" {
			t.Errorf("%s: %q, %v", mode, s, err)
		}
	}
	c, _ := ParseClipboard("auto", "tmux")
	if s, _ := c.Sequence("hi"); !strings.HasPrefix(s, "\x1bPtmux;") {
		t.Errorf("passthrough: %q", s)
	}
	c, _ = ParseClipboard("auto", "screen")
	if s, _ := c.Sequence("hi"); !strings.HasPrefix(s, "\x1bP") {
		t.Errorf("screen: %q", s)
	}
	if _, err := c.Sequence(strings.Repeat("x", ClipboardLimit+1)); err == nil || !strings.Contains(err.Error(), "74995 bytes") {
		t.Errorf("too long: %v", err)
	}
	off, _ := ParseClipboard("off", "")
	if _, err := off.Sequence("hi"); !errors.Is(err, ErrClipboardOff) {
		t.Errorf("off: %v", err)
	}
	for _, bad := range [][2]string{{"xclip", ""}, {"", "zellij"}} {
		if _, err := ParseClipboard(bad[0], bad[1]); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	var sb strings.Builder
	if err := (Clipboard{}).Copy(&sb, "hi"); err != nil || sb.String() != "\x1b]52;c;aGk=\x07" {
		t.Errorf("copied %q, %v", sb.String(), err)
	}
}

func TestWriteCrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "keeptune")
	path, err := WriteCrash(dir, time.Unix(0, 1), "boom", []byte("stack"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "panic: boom") || !strings.HasSuffix(string(text), "stack") {
		t.Errorf("%q, %v", text, err)
	}
	if st, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || st.Mode().Perm() != 0o600) {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if _, err := WriteCrash(dir, time.Unix(0, 1), "boom", nil); err == nil {
		t.Error("an older report is overwritten")
	}
}
