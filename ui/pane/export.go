package pane

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Export shows the configuration that follows from the session, format by
// format, with its undo.
type Export struct {
	scroll   scroll
	format   string // id of the shown format
	undo     bool
	revision int
	tested   time.Time // when the test was measured that is offered, too
	wired    int       // what of a capture is offered, as WireView.Made
	made     bool
	sets     []fileSet
	field    *widget.Field // open directory
	dir      string        // typed before
	whole    bool          // the open directory is for all files that the changes need
	placed   bool          // scrolled to where the settings begin
	names    []formatName
}

// A formatName is where the name of a format was drawn: line y, cells from x up
// to but not with end.
type formatName struct {
	format    string
	y, x, end int
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

var _ contract.Pane = (*Export)(nil)

// NewExport is the export's screen.
func NewExport() *Export { return &Export{} }

// Keys is what works now.
func (p *Export) Keys(c *contract.Context) keymap.Scope {
	if p.field != nil {
		return c.Keys.Scope(keymap.ScopeField)
	}
	return c.Keys.Scope(keymap.ScopeExport)
}

// Note is what the line under the screen says.
func (p *Export) Note(*contract.Context) (text string, bad bool) {
	if p.field == nil {
		return "", false
	}
	if p.whole {
		return "which directory for all changed files? Nothing is replaced without asking", false
	}
	return "which directory? Nothing that exists is replaced without asking", false
}

// render makes every format's files again after the document changed.
func (p *Export) render(c *contract.Context) {
	if p.made && p.revision == c.Revision && p.tested.Equal(c.Test.Measured) && p.wired == c.Wire.Made {
		return
	}
	p.made, p.revision, p.tested, p.wired, p.sets, p.placed = true, c.Revision, c.Test.Measured, c.Wire.Made, nil, false
	req := Request(c)
	req = req.Beside(native.Suggested(req))
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
	p.sets = append(p.sets, reports(c)...)
	for _, f := range c.Wire.Files {
		p.sets = append(p.sets, fileSet{f.ID, f.Title, []native.File{{Format: f.ID, Name: f.Name, Content: f.Content}}, f.Err})
	}
}

// Request is what an export of the session is made from.
func Request(c *contract.Context) native.Request {
	before := c.Redact.Document(c.Before)
	return native.Request{
		Document: c.Redact.Document(c.Session.Document()), Before: &before, Seen: c.Redact.Seen(c.Session.Seen()), Report: c.Session.Report(), Catalog: c.Catalog, Date: c.Now, Version: c.Version,
	}
}

// exportAll writes all that is changed, in the formats that say it.
func (p *Export) exportAll(c *contract.Context, dir string) contract.Action {
	files, err := native.Export(Request(c))
	switch {
	case err != nil:
		return contract.Say{Text: err.Error(), Bad: true}
	case len(files) == 0:
		return contract.Say{Text: "nothing is changed, so there is nothing to write"}
	}
	return contract.PlanFiles{Dir: dir, Files: files}
}

// Enter begins anew: with the export, not its undo.
func (p *Export) Enter() { p.undo, p.placed = false, false }

// reports are what the last test found, to be written like a configuration.
func reports(c *contract.Context) []fileSet {
	if !c.Test.Ran {
		return nil
	}
	t := Tested(c)
	sets := make([]fileSet, 0, len(c.Reports))
	for _, r := range c.Reports {
		content, err := r.Render(t)
		sets = append(sets, fileSet{r.ID, r.Title, []native.File{{Format: r.ID, Name: r.Name, Content: content}}, err})
	}
	return sets
}

// Tested is the last live test as reports have it.
func Tested(c *contract.Context) contract.Tested {
	t := contract.Tested{Result: c.Test.Result, Started: c.Test.Started}
	t.Result.Verdicts = Verdicts(c)
	if x, ok := expected(c); ok {
		t.Configured = &x.Low
	}
	return t
}

// Choose shows a format, if there is one of that name.
func (p *Export) Choose(format string) { p.format, p.undo, p.placed = format, false, false }

func (p *Export) current() int {
	for i, s := range p.sets {
		if s.id == p.format {
			return i
		}
	}
	return 0
}

// Update takes a key.
func (p *Export) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	p.render(c)
	id, _ := p.Keys(c).Find(key)
	if p.field != nil {
		return p.typeDir(c, id, key)
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
		return contract.PlainView{Text: p.text()}
	case keymap.Copy:
		return contract.Copy{Text: p.text(), What: p.sets[at].id, Written: true, Else: "; " + c.Keys.Key(keymap.ScopeExport, keymap.Plain) + " shows it to select"}
	case keymap.WriteFile, keymap.WriteAll:
		p.whole = id == keymap.WriteAll
		if set := p.sets[at]; set.err != nil && !p.whole {
			return contract.Say{Text: set.err.Error(), Bad: true}
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

func sessionName(c *contract.Context) string {
	name := c.Redact.Text(c.Session.Document().Name)
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

func (p *Export) typeDir(c *contract.Context, id keymap.ID, key tea.KeyMsg) contract.Action {
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		dir := strings.TrimSpace(p.field.Value())
		if dir == "" {
			dir = "."
		}
		p.dir, p.field = dir, nil
		if p.whole {
			return p.exportAll(c, dir)
		}
		return contract.PlanFiles{Dir: dir, Files: p.sets[p.current()].files}
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
