package keymap

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// named are the keys with a name, as Bubble Tea spells them, less their modifiers.
var named = []string{
	"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "insert", "delete", "enter", "tab", "esc", "backspace",
	"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20",
}

// moved are those that a terminal tells apart with Ctrl and Shift.
var moved = []string{"up", "down", "left", "right", "home", "end"}

// aliases are how people write names.
var aliases = map[string]string{
	"space": " ", "return": "enter", "escape": "esc", "pageup": "pgup", "pagedown": "pgdown", "page-up": "pgup", "page-down": "pgdown",
	"pgdn": "pgdown", "del": "delete", "ins": "insert", "bs": "backspace", "s-tab": "shift+tab", "backtab": "shift+tab", "comma": ",", "plus": "+", "minus": "-",
}

var spellings = func() map[string]bool {
	all := map[string]bool{"shift+tab": true, "ctrl+pgup": true, "ctrl+pgdown": true, "ctrl+@": true, "ctrl+\\": true, "ctrl+]": true, "ctrl+^": true, "ctrl+_": true, "ctrl+[": true}
	for _, n := range named {
		all[n] = true
	}
	for _, n := range moved {
		all["ctrl+"+n], all["shift+"+n], all["ctrl+shift+"+n] = true, true, true
	}
	for r := 'a'; r <= 'z'; r++ {
		all["ctrl+"+string(r)] = true
	}
	return all
}()

// ParseKey reads a key as a person writes it ("Ctrl+R", "^r", "space", "L",
// "shift+l", "PgDn") and returns it as bindings spell it. The error is a clause that
// says what would be right.
func ParseKey(text string) (string, error) {
	if utf8.RuneCountInString(text) == 1 {
		r, _ := utf8.DecodeRuneInString(text)
		if !unicode.IsPrint(r) {
			return "", fmt.Errorf("%q is no key; write a character, or a name such as enter, ctrl+r or f2", text)
		}
		return text, nil
	}
	key := strings.ToLower(strings.TrimSpace(text))
	alt := strings.HasPrefix(key, "alt+") && len(key) > 4
	if alt {
		last := strings.TrimSpace(text)[4:]
		if utf8.RuneCountInString(last) == 1 {
			return "alt+" + last, nil
		}
		key = key[4:]
	}
	key = strings.ReplaceAll(key, "control+", "ctrl+")
	if rest, ok := strings.CutPrefix(key, "^"); ok && len(rest) == 1 {
		key = "ctrl+" + rest
	}
	if rest, ok := strings.CutPrefix(key, "ctrl-"); ok {
		key = "ctrl+" + rest
	}
	if letter, ok := strings.CutPrefix(key, "shift+"); ok && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z' {
		key = strings.ToUpper(letter)
	}
	if a, ok := aliases[key]; ok {
		key = a
	}
	if !spellings[key] && utf8.RuneCountInString(key) != 1 {
		return "", fmt.Errorf("%q is no key that a terminal sends; write a character, or a name such as enter, ctrl+r, shift+up or f2", text)
	}
	if alt {
		key = "alt+" + key
	}
	return key, nil
}

// ParseKeys reads several keys with spaces between them, as [ParseKey] reads each; none
// gives an empty list.
func ParseKeys(text string) ([]string, error) {
	keys := []string{}
	for f := range strings.FieldsSeq(text) {
		key, err := ParseKey(f)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// WriteKeys writes keys as [ParseKeys] reads them.
func WriteKeys(keys []string) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = strings.ReplaceAll(k, " ", "space")
	}
	return strings.Join(names, " ")
}
