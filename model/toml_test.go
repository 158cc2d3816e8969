package model_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// Whatever stands in a text, the session holds it.
func TestSessionHoldsAnyText(t *testing.T) {
	var every strings.Builder
	for r := range rune(0x100) {
		every.WriteRune(r)
	}
	path, err := model.ParsePath("curl > apache", model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{every.String(), `"""`, `'''`, `\u0041`, "a\r\nb", "é ☃ \U0001F600", "# no comment\n[[endpoint]]\n"} {
		d := model.Document{Path: path, Notes: text}
		data := model.EncodeDocument(d)
		back, err := model.DecodeDocument("s.toml", data, model.Embedded())
		if err != nil || !back.Equal(d) {
			t.Errorf("%q comes back as %q, %v, from\n%s", text, back.Notes, err, data)
		}
	}
}

// What is wrong with a file is said with its line and the key, in the words of a reader
// and not of the program's types.
func TestReadTOMLSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{"name = 5", "f.toml:1: name takes text in quotes"},
		{"\n[in]\ncount = \"x\"", "f.toml:3: in.count takes a whole number"},
		{"[in]\ncount = 1.5", "f.toml:2: in.count takes a whole number"},
		{"share = \"x\"", "f.toml:1: share takes a number"},
		{"on = 1", "f.toml:1: on takes true or false"},
		{"list = 1", "f.toml:1: list takes a list"},
		{"in = 1", "f.toml:1: in takes a table"},
		{"at = 2026-13-45T00:00:00Z", "f.toml:1: at: impossible date"},
		{"name = \"a\"\nname = \"b\"", "f.toml:2: key name is already defined"},
		{"[in]\n\ncolour = 1", `f.toml:3: unknown key "in.colour"`},
		{"[out]\ncolour = 1", `f.toml:1: unknown key "out"`},
		{"[in]\n\"a\\u001bb\" = 1", `f.toml:2: unknown key "in.a·b"`},
		{"name = off", "f.toml:1: a value is text in quotes, a number, true, false or a list"},
		{"a\x00", "f.toml:1: there is a zero byte in it; TOML is text in UTF-8"},
		{"#\n\n\x00", "f.toml:3: there is a zero byte in it; TOML is text in UTF-8"},
	} {
		var v struct {
			Name  string
			At    time.Time
			On    bool
			Share float64
			List  []string
			In    struct{ Count int }
		}
		err := model.ReadTOML("f.toml", []byte(tt.text), &v)
		if err == nil || !strings.HasPrefix(err.Error(), tt.says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: %v, want %s", tt.text, err, tt.says)
		}
	}
	var v struct{ Name string }
	if err := model.ReadTOML("f.toml", []byte("NAME = 'a'"), &v); err != nil || v.Name != "a" {
		t.Errorf("%q, %v", v.Name, err)
	}
}
