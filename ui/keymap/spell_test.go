package keymap

import (
	"strings"
	"testing"
)

// Keys are written as they are read, whatever is shipped.
func TestKeysAreReadAsWritten(t *testing.T) {
	for _, s := range New().Scopes() {
		for _, b := range s.Bindings {
			text := WriteKeys(b.Keys)
			got, err := ParseKeys(text)
			if err != nil || strings.Join(got, "\x00") != strings.Join(b.Keys, "\x00") {
				t.Errorf("%q is read as %q: %v", text, got, err)
			}
		}
	}
	if got, err := ParseKeys("  ^r  Space ctrl+r "); err != nil || strings.Join(got, "|") != "ctrl+r| " {
		t.Errorf("%q %v", got, err)
	}
	if got, err := ParseKeys(""); err != nil || got == nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := ParseKeys("f2 hyper"); err == nil {
		t.Error("hyper is a key")
	}
}
