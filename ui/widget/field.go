package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/theme"
)

// A Field is a line of text being typed, with a cursor that does not blink
// (an idle screen sends nothing). The zero Field is empty and ready.
type Field struct {
	text []rune
	pos  int
	// Limit is the most characters it takes; 0 is 256.
	Limit int
}

// NewField returns a field that holds text, the cursor behind it.
func NewField(text string) *Field {
	f := &Field{}
	f.Set(text)
	return f
}

// Value returns what was typed.
func (f *Field) Value() string { return string(f.text) }

// Empty says whether nothing is in it.
func (f *Field) Empty() bool { return len(f.text) == 0 }

// Set replaces the text and puts the cursor behind it.
func (f *Field) Set(text string) {
	f.text, f.pos = nil, 0
	f.insert([]rune(text))
}

// Update takes a key and says whether the field used it. A field never uses
// Enter, Esc, Tab or the arrows up and down. Of a paste it takes the first
// line that is not empty.
func (f *Field) Update(msg tea.KeyMsg) bool {
	switch msg.String() {
	case "left":
		f.pos = max(0, f.pos-1)
	case "right":
		f.pos = min(len(f.text), f.pos+1)
	case "home":
		f.pos = 0
	case "end", "ctrl+e":
		f.pos = len(f.text)
	case "backspace":
		if f.pos == 0 {
			return false // in an empty field it means cancel
		}
		f.text = append(f.text[:f.pos-1:f.pos-1], f.text[f.pos:]...)
		f.pos--
	case "delete", "ctrl+d":
		if f.pos < len(f.text) {
			f.text = append(f.text[:f.pos:f.pos], f.text[f.pos+1:]...)
		}
	case "ctrl+u":
		f.text, f.pos = nil, 0
	case "ctrl+k":
		f.text = f.text[:f.pos]
	case "ctrl+w":
		f.deleteWord()
	default:
		if msg.Alt || msg.Type != tea.KeyRunes && msg.Type != tea.KeySpace {
			return false
		}
		f.insert(msg.Runes)
	}
	return true
}

func (f *Field) deleteWord() {
	at := f.pos
	for at > 0 && f.text[at-1] == ' ' {
		at--
	}
	for at > 0 && f.text[at-1] != ' ' {
		at--
	}
	f.text = append(f.text[:at:at], f.text[f.pos:]...)
	f.pos = at
}

// insert puts the first line of runes at the cursor, without control and
// format characters.
func (f *Field) insert(runes []rune) {
	limit := f.Limit
	if limit <= 0 {
		limit = 256
	}
	line := ""
	for l := range strings.FieldsFuncSeq(string(runes), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = typed(l); line != "" {
			break
		}
	}
	in := []rune(line)
	in = in[:min(len(in), max(0, limit-len(f.text)))]
	rest := append(in, f.text[f.pos:]...)
	f.text = append(f.text[:f.pos:f.pos], rest...)
	f.pos += len(in)
}

// typed takes out SGR and every character that cannot be seen.
func typed(s string) string {
	s = strings.ReplaceAll(s, "\t", " ")
	var sb strings.Builder
	for i := 0; i < len(s); {
		if n := sgr(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r != utf8.RuneError && unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) {
			sb.WriteRune(r)
		}
	}
	return sb.String()
}

// View draws the field in w cells: the text around the cursor, with a sign
// where the next character goes, and arrows where text is out of view.
func (f *Field) View(w int, th theme.Theme) string {
	if w <= 0 {
		return ""
	}
	g := th.Glyphs
	from, to := 0, len(f.text)
	for from < f.pos && Width(string(f.text[from:f.pos]))+2 > w {
		from++
	}
	for to > f.pos && Width(string(f.text[from:to]))+2 > w {
		to--
	}
	lead, tail := "", ""
	if from > 0 && from < f.pos && w > 3 {
		lead = g.Left
		from++
	}
	if to < len(f.text) {
		tail = g.Right
	}
	line := lead + paint(th.Field, string(f.text[from:f.pos])) +
		paint(th.Cursor, g.Cursor) + paint(th.Field, string(f.text[f.pos:to])) + tail
	return exact(tidy(line), w, "")
}
