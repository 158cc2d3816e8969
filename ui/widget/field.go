package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/theme"
)

// A Field is a line of text being typed: a textinput that draws itself in an
// exact width, with a cursor that does not blink (an idle screen sends
// nothing). The zero Field is empty and ready.
type Field struct {
	in    textinput.Model
	ready bool
	// Limit is the most characters it takes; 0 is 256.
	Limit int
}

// NewField returns a field that holds text, the cursor behind it.
func NewField(text string) *Field {
	f := &Field{}
	f.Set(text)
	return f
}

// input is the textinput, made on first use: no clipboard of its own (there is
// none on a server) and no suggestions.
func (f *Field) input() *textinput.Model {
	if !f.ready {
		f.in, f.ready = textinput.New(), true
		f.in.KeyMap.Paste = key.NewBinding(key.WithDisabled())
		f.in.Focus()
	}
	f.in.CharLimit = 256
	if f.Limit > 0 {
		f.in.CharLimit = f.Limit
	}
	return &f.in
}

// Value returns what was typed.
func (f *Field) Value() string { return f.in.Value() }

// Empty says whether nothing is in it.
func (f *Field) Empty() bool { return f.in.Value() == "" }

// Set replaces the text and puts the cursor behind it.
func (f *Field) Set(text string) {
	in := f.input()
	in.SetValue(firstSeen(text))
	in.CursorEnd()
}

// Update takes a key and says whether the field used it. A field never uses
// Enter, Esc, Tab or the arrows up and down, nor Backspace at its start, where
// that means cancel. Of a paste it takes the first line that is not empty.
func (f *Field) Update(msg tea.KeyMsg) bool {
	in := f.input()
	switch msg.Type {
	case tea.KeyEnter, tea.KeyEsc, tea.KeyTab, tea.KeyShiftTab, tea.KeyUp, tea.KeyDown:
		return false
	case tea.KeyCtrlU:
		in.Reset()
		return true
	case tea.KeyBackspace:
		if in.Position() == 0 {
			return false
		}
	case tea.KeyRunes, tea.KeySpace:
		if msg.Alt {
			return false
		}
		msg.Runes = []rune(firstSeen(string(msg.Runes)))
	default:
		if !f.edits(msg) {
			return false
		}
	}
	*in, _ = in.Update(msg)
	return true
}

// edits reports whether a control key is one of the input's own.
func (f *Field) edits(msg tea.KeyMsg) bool {
	k := f.in.KeyMap
	return key.Matches(msg, k.CharacterForward, k.CharacterBackward, k.WordForward, k.WordBackward,
		k.DeleteWordBackward, k.DeleteWordForward, k.DeleteAfterCursor, k.DeleteBeforeCursor,
		k.DeleteCharacterBackward, k.DeleteCharacterForward, k.LineStart, k.LineEnd)
}

// firstSeen is the first line that shows anything.
func firstSeen(text string) string {
	for l := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line := typed(l); line != "" {
			return line
		}
	}
	return ""
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
	text, pos := []rune(f.in.Value()), f.in.Position()
	from, to := 0, len(text)
	for from < pos && Width(string(text[from:pos]))+2 > w {
		from++
	}
	for to > pos && Width(string(text[from:to]))+2 > w {
		to--
	}
	lead, tail := "", ""
	if from > 0 && from < pos && w > 3 {
		lead = g.Left
		from++
	}
	if to < len(text) {
		tail = g.Right
	}
	line := lead + th.Field.Render(string(text[from:pos])) +
		th.Cursor.Render(g.Cursor) + th.Field.Render(string(text[pos:to])) + tail
	return exact(tidy(line), w, "")
}
