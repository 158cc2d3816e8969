package pane

import (
	"cmp"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/widget"
)

// longestLine is how much of a file's line is shown, in characters.
const longestLine = 4000

// readable turns UTF-16 with a byte order mark, as .reg files have it, into
// text, and line ends into newlines.
func readable(s string) string {
	if strings.HasPrefix(s, "\xff\xfe") {
		var sb strings.Builder
		for i := 2; i+1 < len(s); i += 2 {
			sb.WriteRune(rune(s[i]) | rune(s[i+1])<<8)
		}
		s = sb.String()
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}

// draw draws the formats, the text and what it does.
func (p *Export) draw(c *contract.Context, w, h int) string {
	p.render(c)
	if len(p.sets) == 0 {
		return widget.Fit(" Nothing to export: no format fits these systems.", w, h)
	}
	set := p.sets[p.current()]
	head := p.formatLines(c, w)
	if p.field != nil {
		head = append(head, " write to  "+p.field.View(w-11, c.Theme))
	}
	title, more := p.fileTitle(set, w-4)
	head = append(head, widget.Rule(title, w, c.Theme))
	head = append(head, more...)
	var body []string
	switch {
	case set.err != nil:
		body = bullets(c, []string{set.err.Error()}, w)
	case p.undo && p.text() == "":
		body = []string{" nothing needs undoing here"}
	default:
		for l := range strings.Lines(p.text()) {
			for _, l := range widget.Fold(model.Clean(strings.TrimRight(l, "\n"), longestLine), w-1) {
				body = append(body, " "+l)
			}
		}
		if !p.placed { // past the header, to the lines that count
			p.placed = true
			p.scroll = scroll{top: max(0, firstSetting(body)-4), lines: len(body), rows: h}
		}
	}
	foot := p.remarks(c, set, w, max(0, h-len(head)-6))
	view := p.scroll.view(body, w, max(0, h-len(head)-len(foot)), c.Theme.Glyphs)
	return widget.Stack(w, h, append(append(head, view), foot...)...)
}

// firstSetting is the first line behind the header that is no comment.
func firstSetting(lines []string) int {
	header := 0
	for i, l := range lines {
		if strings.Contains(l, "keeptune-session: ") {
			header = i + 1
		}
	}
	for i, l := range lines[header:] {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") || strings.HasPrefix(l, "//") || strings.HasPrefix(l, ";") || strings.HasPrefix(l, "<!--") {
			continue
		}
		return header + i
	}
	return 0
}

// formatLines list the formats that fit, the shown one in brackets.
func (p *Export) formatLines(c *contract.Context, w int) []string {
	var lines []string
	line, used := "", 0
	p.names = nil
	for i, s := range p.sets {
		text, st := " "+s.id+" ", c.Theme.Muted
		if s.empty() == 1 {
			text = " (" + s.id + ")"
		}
		if i == p.current() {
			text, st = "["+s.id+"]", c.Theme.Focus
		}
		if used+widget.Width(text) > w && used > 0 {
			lines = append(lines, widget.FitLine(line, w))
			line, used = "", 0
		}
		line += st.Render(text)
		p.names = append(p.names, formatName{s.id, len(lines), used, used + widget.Width(text)})
		used += widget.Width(text)
	}
	return append(lines, widget.FitLine(line, w))
}

// fileTitle names the files in w cells, on further lines where they are many.
func (p *Export) fileTitle(set fileSet, w int) (title string, more []string) {
	var names []string
	for _, f := range set.files {
		if p.undo {
			names = append(names, f.UndoName+" (undo)")
		} else {
			names = append(names, f.Name)
		}
	}
	files := strings.Join(names, ", ")
	whole := set.title
	if files != "" {
		whole += ": " + files
	}
	title = firstThatFits(w, whole, files)
	if title != "" && widget.Width(title) <= w {
		return title, nil
	}
	for _, l := range widget.Wrap(cmp.Or(files, set.title), w) {
		more = append(more, " "+l)
	}
	return "", more
}

// remarks are what the files do when they are read, and what they cannot say.
func (p *Export) remarks(c *contract.Context, set fileSet, w, most int) []string {
	var texts []string
	for _, f := range set.files {
		if f.Unowned {
			texts = append(texts, f.Name+" is for the owners of both ends.")
		}
		if len(f.Effect) > 0 {
			texts = append(texts, "effect: "+strings.Join(f.Effect, " "))
		}
		texts = append(texts, f.Notes...)
	}
	lines := bullets(c, texts, w)
	if most = min(most, max(3, (most+6)/5)); len(lines) > most {
		lines = append(lines[:max(0, most-1)], widget.FitLine("   "+c.Theme.Glyphs.Ellipsis+" the rest is in the file", w))
	}
	if most == 0 || len(lines) == 0 {
		return nil
	}
	return append([]string{widget.Rule("", w, c.Theme)}, lines...)
}
