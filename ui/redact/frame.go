package redact

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Line is a line of a screen with stand-ins, as wide as it was: what is longer than
// what it stands for takes the blanks after it, and what is shorter leaves some.
func (r *Redactor) Line(line string) string {
	if r == nil {
		return line
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	over := 0 // cells that were written too many
	for line != "" {
		at := escape().FindStringIndex(line)
		if at == nil {
			at = []int{len(line), len(line)}
		}
		b.WriteString(r.run(line[:at[0]], &over))
		b.WriteString(line[at[0]:at[1]])
		line = line[at[1]:]
	}
	return b.String()
}

// run is what stands between two sequences.
func (r *Redactor) run(text string, over *int) string {
	var b strings.Builder
	emit := func(was, now string) {
		*over += ansi.StringWidth(now) - ansi.StringWidth(was)
		b.WriteString(now)
		if *over < 0 {
			b.WriteString(strings.Repeat(" ", -*over))
			*over = 0
		}
	}
	plain := func(s string) { // gives back the cells, where there are blanks
		for s != "" {
			i := strings.Index(s, "  ")
			if i < 0 || *over == 0 {
				b.WriteString(s)
				return
			}
			b.WriteString(s[:i+1])
			s = s[i+1:]
			for *over > 0 && strings.HasPrefix(s, " ") {
				s = s[1:]
				*over--
			}
		}
	}
	tokens := func(s string) {
		from := 0
		for _, at := range token().FindAllStringIndex(s, -1) {
			plain(s[from:at[0]])
			emit(s[at[0]:at[1]], r.token(s[at[0]:at[1]]))
			from = at[1]
		}
		plain(s[from:])
	}
	for text != "" {
		at, w := r.first(text)
		if at < 0 {
			tokens(text)
			break
		}
		tokens(text[:at])
		emit(w.text, w.as)
		text = text[at+len(w.text):]
	}
	return b.String()
}

// Frame is Line for a whole screen, whose lines stay within w cells.
func (r *Redactor) Frame(frame string, w int) string {
	if r == nil {
		return frame
	}
	lines := strings.Split(frame, "\n")
	for i, l := range lines {
		if now := r.Line(l); now != l {
			if ansi.StringWidth(now) > w {
				now = ansi.Truncate(now, w, "")
			}
			lines[i] = now + strings.Repeat(" ", max(0, w-ansi.StringWidth(now)))
		}
	}
	return strings.Join(lines, "\n")
}

// A Writer writes text with stand-ins, line by line: Flush writes what has no end yet.
type Writer struct {
	r    *Redactor
	to   io.Writer
	rest []byte
}

// Writer is one that writes to w.
func (r *Redactor) Writer(w io.Writer) *Writer { return &Writer{r: r, to: w} }

// Write takes bytes of any length. The error is that of writing.
func (w *Writer) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	at := strings.LastIndexByte(string(w.rest), '\n') + 1
	if at == 0 {
		return len(p), nil
	}
	_, err := io.WriteString(w.to, w.r.Text(string(w.rest[:at])))
	w.rest = append(w.rest[:0], w.rest[at:]...)
	return len(p), err
}

// Flush writes what is left.
func (w *Writer) Flush() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := io.WriteString(w.to, w.r.Text(string(w.rest)))
	w.rest = w.rest[:0]
	return err
}
