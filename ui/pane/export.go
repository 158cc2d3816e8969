package pane

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

// Export shows the configuration that follows from the session, format by
// format, with its undo.
type Export struct {
	scroll   scroll
	format   string // id of the shown format
	undo     bool
	revision int
	made     bool
	sets     []fileSet
	field    *widget.Field // open directory
	dir      string        // typed before
	placed   bool          // scrolled to where the settings begin
}

// A fileSet is what one format makes of the session.
type fileSet struct {
	id, title string
	files     []native.File
	err       error
}

// empty is 1 for a format that has nothing to say, so that it sorts last.
func (s fileSet) empty() int {
	if s.err != nil || len(s.files) == 0 {
		return 1
	}
	return 0
}

var _ part.Pane = (*Export)(nil)

// NewExport is the export's screen.
func NewExport() *Export { return &Export{} }

// Typing reports whether the directory is open.
func (p *Export) Typing() bool { return p.field != nil }

// Keys is what works now.
func (p *Export) Keys(c *part.Context) keymap.Scope {
	if p.field != nil {
		return c.Keys.Scope(keymap.Field)
	}
	return c.Keys.Scope(keymap.Export)
}

// Note is what the line under the screen says.
func (p *Export) Note(*part.Context) (text string, bad bool) {
	if p.field == nil {
		return "", false
	}
	return "which directory? Nothing that exists is replaced without asking", false
}

// render makes every format's files again after the document changed.
func (p *Export) render(c *part.Context) {
	if p.made && p.revision == c.Revision {
		return
	}
	p.made, p.revision, p.sets, p.placed = true, c.Revision, nil, false
	req := native.Request{
		Document: c.Session.Document(), Report: c.Session.Report(), Catalog: c.Catalog, Date: c.Now, Version: c.Version,
	}
	for _, f := range c.Formats {
		if !f.Fits(req) {
			continue
		}
		files, err := f.Render(req)
		if len(files) > 0 || err != nil {
			p.sets = append(p.sets, fileSet{f.ID(), f.Title(), files, err})
		}
	}
	slices.SortStableFunc(p.sets, func(a, b fileSet) int { return cmp.Compare(a.empty(), b.empty()) })
}

func (p *Export) current() int {
	for i, s := range p.sets {
		if s.id == p.format {
			return i
		}
	}
	return 0
}

// Update takes a key.
func (p *Export) Update(c *part.Context, key tea.KeyMsg) part.Action {
	p.render(c)
	id, _ := p.Keys(c).Find(key)
	if p.field != nil {
		return p.typeDir(id, key)
	}
	if len(p.sets) == 0 {
		return nil
	}
	at := p.current()
	switch id {
	case keymap.NextFormat, keymap.PrevFormat:
		by := 1
		if id == keymap.PrevFormat {
			by = -1
		}
		p.format = p.sets[(at+by+len(p.sets))%len(p.sets)].id
		p.undo, p.placed = false, false
	case keymap.ShowUndo:
		p.undo, p.placed = !p.undo, false
	case keymap.Plain:
		return part.PlainView{Text: p.text()}
	case keymap.Copy:
		return part.Copy{Text: p.text(), What: p.sets[at].id}
	case keymap.WriteFile:
		if set := p.sets[at]; set.err != nil {
			return part.Say{Text: set.err.Error(), Bad: true}
		}
		dir := p.dir
		if dir == "" {
			dir = "./keeptune-" + sessionName(c) + "/"
		}
		p.field = widget.NewField(dir)
		p.field.Limit = 1000
	default:
		p.scroll.key(id)
	}
	return nil
}

func sessionName(c *part.Context) string {
	name := c.Session.Document().Name
	if name == "" {
		name = "session"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, name)
}

func (p *Export) typeDir(id keymap.ID, key tea.KeyMsg) part.Action {
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		dir := strings.TrimSpace(p.field.Value())
		if dir == "" {
			dir = "."
		}
		p.dir, p.field = dir, nil
		return part.PlanFiles{Dir: dir, Files: p.sets[p.current()].files}
	case keymap.Cancel:
		p.dir, p.field = p.field.Value(), nil
		return nil
	case keymap.Older, keymap.Newer:
		return nil
	default:
	}
	if used := p.field.Update(key); !used && key.String() == "backspace" {
		p.field = nil
	}
	return nil
}

// text is what is shown, exactly as it would be written.
func (p *Export) text() string {
	var sb strings.Builder
	for _, f := range p.sets[p.current()].files {
		if p.undo {
			sb.Write(f.Undo)
		} else {
			sb.Write(f.Content)
		}
	}
	return readable(sb.String())
}

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

// View draws the formats, the text and what it does.
func (p *Export) View(c *part.Context, w, h int) string {
	p.render(c)
	if len(p.sets) == 0 {
		return widget.Fit(" Nothing to export: no format fits these systems.", w, h)
	}
	set := p.sets[p.current()]
	head := p.formatLines(c, w)
	if p.field != nil {
		head = append(head, " write to  "+p.field.View(w-11, c.Theme))
	}
	head = append(head, widget.Rule(p.fileTitle(set), w, c.Theme))
	var body []string
	switch {
	case set.err != nil:
		body = bullets(c, []string{set.err.Error()}, w)
	case p.undo && p.text() == "":
		body = []string{" nothing needs undoing here"}
	default:
		for l := range strings.Lines(p.text()) {
			body = append(body, " "+widget.Cut(model.Clean(strings.TrimRight(l, "\n"), 400), w-1, c.Theme.Glyphs.Ellipsis))
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

// firstSetting is the first line that is no comment.
func firstSetting(lines []string) int {
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") || strings.HasPrefix(l, "//") || strings.HasPrefix(l, ";") || strings.HasPrefix(l, "<!--") {
			continue
		}
		return i
	}
	return 0
}

// formatLines list the formats that fit, the shown one in brackets.
func (p *Export) formatLines(c *part.Context, w int) []string {
	var lines []string
	line, used := "", 0
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
		used += widget.Width(text)
	}
	return append(lines, widget.FitLine(line, w))
}

func (p *Export) fileTitle(set fileSet) string {
	var names []string
	for _, f := range set.files {
		if p.undo {
			names = append(names, f.UndoName+" (undo)")
		} else {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return set.title
	}
	return set.title + ": " + strings.Join(names, ", ")
}

// remarks are what the files need to take effect and what they cannot say.
func (p *Export) remarks(c *part.Context, set fileSet, w, most int) []string {
	var texts []string
	for _, f := range set.files {
		if f.Unowned {
			texts = append(texts, fmt.Sprintf("%s is for whoever owns %s.", f.Name, f.Endpoint))
		}
		for _, e := range f.Effect {
			texts = append(texts, "to take effect: "+e)
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
