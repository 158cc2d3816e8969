//go:build !windows

package screen

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/hinshun/vt10x"
)

// Size of a cell in the picture.
const (
	cellW, cellH = 8.4, 18
	margin       = 10
)

// The sixteen colours of the picture, and its default pair.
var colours = [16]string{
	"#1c1c1c", "#d7605f", "#87af5f", "#d7af5f", "#6c8ebf", "#c08ad0", "#5fb3b3", "#d0d0d0",
	"#8a8a8a", "#ff8787", "#afd787", "#ffd75f", "#87afff", "#e0a0f0", "#87dfdf", "#ffffff",
}

const foreground, background = "#d8d8d8", "#161b22"

// Attributes of a cell; vt10x does not export them.
const (
	attrReverse   = 1 << 0
	attrUnderline = 1 << 1
	attrBold      = 1 << 2
)

// SVG returns a picture of the screen: text in a fixed-width font, the same
// bytes for the same screen.
func (s *Screen) SVG() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SVG(s.vt)
}

// SVG draws a terminal.
func SVG(vt vt10x.View) []byte {
	cols, rows := vt.Size()
	w, h := float64(cols)*cellW+2*margin, rows*cellH+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", background)
	b.WriteString(`<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">` + "\n")
	for y := range rows {
		for x := 0; x < cols; {
			n := run(vt, x, y, cols)
			drawRun(&b, vt, x, y, n)
			x += n
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// run returns how many cells from x on look alike.
func run(vt vt10x.View, x, y, cols int) int {
	first := vt.Cell(x, y)
	n := 1
	for x+n < cols {
		c := vt.Cell(x+n, y)
		if c.Mode != first.Mode || c.FG != first.FG || c.BG != first.BG {
			break
		}
		n++
	}
	return n
}

func drawRun(b *bytes.Buffer, vt vt10x.View, x, y, n int) {
	text := make([]rune, n)
	blank := true
	for i := range text {
		if text[i] = vt.Cell(x+i, y).Char; text[i] == 0 {
			text[i] = ' '
		}
		blank = blank && text[i] == ' '
	}
	c := vt.Cell(x, y)
	fg, bg := colour(c.FG, foreground), colour(c.BG, background)
	if c.Mode&attrReverse != 0 { // vt10x has swapped the pair, defaults included
		fg, bg = colour(c.FG, background), colour(c.BG, foreground)
	}
	left, width := margin+float64(x)*cellW, float64(n)*cellW
	if bg != background {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, margin+y*cellH, width, cellH, bg)
	}
	if blank {
		return
	}
	style := ""
	if c.Mode&attrBold != 0 {
		style += ` font-weight="bold"`
	}
	if c.Mode&attrUnderline != 0 {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s>`, left, margin+y*cellH+13, width, fg, style)
	_ = xml.EscapeText(b, []byte(string(text))) // a Buffer does not fail
	b.WriteString("</text>\n")
}

func colour(c vt10x.Color, otherwise string) string {
	switch {
	case c.ANSI():
		return colours[c]
	case c == vt10x.DefaultFG || c == vt10x.DefaultBG:
		return otherwise
	case c < 256:
		return foreground // the palette above sixteen is not used here
	}
	return fmt.Sprintf("#%06x", uint32(c)&0xffffff)
}
