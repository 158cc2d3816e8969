package options

import (
	"strings"
	"testing"
)

func loaded(t *testing.T, text string) Loaded {
	t.Helper()
	l := Load(Parse("/c/config.toml", []byte(text)), func(string) string { return "" }, nil)
	l.Path, l.Exists = "/c/config.toml", true
	return l
}

// A value goes into the line that has it, into the comment that stands for it, or in front
// of the first table; no other line changes, and the file says then what was asked for.
func TestRewriteChangesOneLine(t *testing.T) {
	for _, tt := range []struct{ name, file, option, value, want string }{
		{"its line", "# mine\ntheme = \"dark\" # at night\nfps = 30\n", "theme", "light", "# mine\ntheme = \"light\" # at night\nfps = 30\n"},
		{"single quotes", "theme='dark'\n", "theme", "light", "theme = \"light\"\n"},
		{"a quoted name", "\"no-color\" = true\n", "no-color", "false", "no-color = false\n"},
		{"the comment for it", "# theme = \"default\"\n\n[keys]\nundo = [\"z\"]\n", "theme", "dark", "theme = \"dark\"\n\n[keys]\nundo = [\"z\"]\n"},
		{"before the first table", "fps = 30\n[keys]\nundo = [\"z\"]\n", "theme", "dark", "fps = 30\ntheme = \"dark\"\n[keys]\nundo = [\"z\"]\n"},
		{"at the end", "fps = 30", "theme", "dark", "fps = 30\ntheme = \"dark\"\n"},
		{"a key of that name is no option", "[keys]\n# theme = \"x\"\n", "theme", "dark", "theme = \"dark\"\n[keys]\n# theme = \"x\"\n"},
	} {
		l, err := loaded(t, tt.file).With(tt.option, tt.value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Rewrite([]byte(tt.file), l.Here())
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.name, err, got, tt.want)
		}
	}
}

func TestRewriteMakesAWholeFileAndRefusesAWrongOne(t *testing.T) {
	l, err := loaded(t, "").With("theme", "dark")
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Rewrite(nil, l.Here())
	if err != nil || !strings.Contains(string(got), "\ntheme = \"dark\"\n") || !strings.Contains(string(got), "\n# fps = 0\n") {
		t.Errorf("%v\n%s", err, got)
	}
	for _, file := range []string{"fps = 1000\n", "theme = \"\"\"dark\"\"\"\n", "theme =\n"} {
		if got, err := l.Rewrite([]byte(file), l.Here()); err == nil {
			t.Errorf("%q became %q", file, got)
		}
	}
}

func TestWithChecksAndMarks(t *testing.T) {
	l := loaded(t, "theme = \"dark\"\n")
	for name, value := range map[string]string{"theme": "pink", "fps": "241", "ascii": "maybe", "timezone": "Asia/Nowhere", "none": "1"} {
		if _, err := l.With(name, value); err == nil {
			t.Errorf("%s took %s", name, value)
		}
	}
	same, err := l.With("theme", "dark")
	if err != nil || len(same.Here()) != 0 {
		t.Errorf("what is as it was counts as changed: %v %v", same.Here(), err)
	}
	now, err := l.With("fps", "240")
	if err != nil || len(now.Here()) != 1 || now.Set.Text("fps") != "240" || l.Set.Text("fps") != "0" {
		t.Errorf("%v %v", now.Here(), err)
	}
	if kept := now.Kept(); len(kept.Here()) != 0 || kept.Set.Text("fps") != "240" {
		t.Errorf("%v", kept.Here())
	}
	var words []string
	for _, v := range l.Set {
		next, ok := v.Next()
		if !ok {
			words = append(words, v.Name)
			continue
		}
		if _, err := l.With(v.Name, next); err != nil || next == v.Text {
			t.Errorf("%s: after %s comes %s: %v", v.Name, v.Text, next, err)
		}
	}
	if strings.Join(words, " ") != "fps timezone" {
		t.Errorf("typed are %q", words)
	}
}
