package native

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A syntax is one format. It writes a file for each endpoint that reads it,
// or, where whole is set, something about the whole document.
type syntax struct {
	id, title   string
	signs       []string            // regular expressions for what only its files have, one for each of its places in precedence
	comment     func(string) string // a line as a comment
	top         []string            // stands before the header
	fits        func(*target) bool
	exportFiles []exportFile
	lacks       func(*model.Param) string // why the product has no knob here for a parameter that it owns; empty: it has
	effect      func(*target) []string
	encode      func(string) ([]byte, error) // nil: as it is
	decode      func([]byte) (string, error)
	read        func(*reader, string)
	system      model.SystemID    // whose files these are, where they are one's
	places      []string          // where the program's main file lies, absolute: tells the root of a copy
	bears       func(string) bool // a line bears on connections; nil: the common list
	notes       bool              // read itself notes the lines that bear on connections
	// where makes what tells, line by line, what of several things a line is about,
	// and other names all else; both are for files of lines.
	where func() placer
	other string
	// inContainers is true where compose files and manifests of pods say the same.
	inContainers bool
	anew         bool // programs begin anew with what it says: no reload is needed
	whole        func(Request) ([]File, error)
	parse        func(string, []byte, *model.Catalog) (Import, error) // in place of read
	checks       []check
	unchecked    string // why no program checks it, where checks is empty; a sentence
}

// An exportFile is one file of a format for one endpoint.
type exportFile struct {
	name string
	use  string // where its content goes, a sentence
	owns func(*target, *tuning.Row) bool
	body func(*page) error
	// reset is true where taking a line away does not bring the default back,
	// so that an undo writes the default.
	reset bool
	// runs is true where the content is commands: an undo is run, too. Any other
	// undo takes the place of its file.
	runs bool
}

// owner is the system whose files these are, and empty where they are no one's.
func (s *syntax) owner(c *model.Catalog) model.SystemID {
	if s.system != "" {
		return s.system
	}
	if sys, err := c.System(model.SystemID(s.id)); err == nil {
		return sys.ID
	}
	return ""
}

// ID is the format's name in a flag.
func (s *syntax) ID() string { return s.id }

// Title is one line for a list.
func (s *syntax) Title() string { return s.title }

// Fits reports whether somebody on the path reads this format.
func (s *syntax) Fits(req Request) bool {
	if s.fits == nil {
		return true
	}
	return slices.ContainsFunc(targets(req, s.id), s.fits)
}

func (s *syntax) owns(t *target, row *tuning.Row) bool {
	return slices.ContainsFunc(s.exportFiles, func(sh exportFile) bool { return sh.owns(t, row) })
}

// Render writes the files for every endpoint that reads this format and has
// changes. The error is a [*NothingError] where none has, and an
// [*InexpressibleError] where a value cannot be said; then nothing is written.
func (s *syntax) Render(req Request) ([]File, error) {
	if s.whole != nil {
		return s.whole(req)
	}
	var files []File
	nothing := &NothingError{Format: s.id}
	all := targets(req, s.id)
	shared := s.shared(all)
	var first *target
	for _, t := range all {
		if !s.fits(t) {
			continue
		}
		if first == nil {
			first = t
		}
		fs, err := s.files(t, shared)
		if err != nil {
			return nil, err
		}
		files = append(files, fs...)
	}
	if len(files) > 0 {
		return files, nil
	}
	for _, t := range all {
		if s.fits(t) {
			if err := t.onlyFixed(s); err != nil {
				return nil, err
			}
		}
	}
	if first != nil {
		nothing.Endpoint, nothing.Subject = first.endpoint.ID, s.subject(first)
	}
	return nil, nothing
}

// shared are the file names that more than one endpoint would have.
func (s *syntax) shared(all []*target) map[string]bool {
	writers := map[string][]*target{}
	for _, sh := range s.exportFiles {
		for _, t := range all {
			writes := s.fits(t) && slices.ContainsFunc(t.rows, func(r *tuning.Row) bool { return sh.owns(t, r) && !r.Param.Fixed && t.changed(r) })
			if writes && !slices.Contains(writers[sh.name], t) {
				writers[sh.name] = append(writers[sh.name], t)
			}
		}
	}
	names := map[string]bool{}
	for name, ts := range writers {
		names[name] = len(ts) > 1
	}
	return names
}

// subject is whose defaults a format of this endpoint changes.
func (s *syntax) subject(t *target) string {
	for _, row := range t.rows {
		if s.owns(t, row) {
			sys, v, _ := t.owner(row.Param)
			return subject(sys, v)
		}
	}
	return subject(t.side.System, t.side.Version)
}

func (s *syntax) files(t *target, shared map[string]bool) ([]File, error) {
	items, notes, err := t.items(func(r *tuning.Row) bool { return s.owns(t, r) })
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, nil
	}
	restore, err := packSession(t.req.Document)
	if err != nil {
		return nil, err
	}
	notes = append(notes, s.elsewhere(t)...)
	var files []File
	for _, sh := range s.exportFiles {
		var mine []item
		for _, it := range items {
			if sh.owns(t, it.row) {
				mine = append(mine, it)
			}
		}
		if len(mine) == 0 {
			continue
		}
		if shared[sh.name] {
			sh.name = string(t.endpoint.ID) + "-" + sh.name
		}
		f, err := s.file(t, sh, mine, notes, restore)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// onlyFixed is an error where all that was typed cannot be set at all.
func (t *target) onlyFixed(s *syntax) error {
	for _, row := range t.rows {
		if s.owns(t, row) && row.Param.Fixed && t.changed(row) {
			sys, v, _ := t.owner(row.Param)
			return t.cannot(row, row.Setting.Value, subject(sys, v), noSetting(row.Param))
		}
	}
	return nil
}

func (s *syntax) file(t *target, sh exportFile, items []item, notes, restore []string) (File, error) {
	sys, v, given := t.owner(items[0].param())
	undoName := undoName(sh.name)
	h := heading{
		format: s.id, name: sh.name, undo: undoName, checked: s.checkedLine(sys, v, given),
		subject: fmt.Sprintf("For %s. %s", t.endpoint.ID, sh.use), effect: s.effects(t, items), restore: restore, runs: sh.runs,
	}
	out := page{target: t, items: items, comment: s.comment}
	if err := sh.body(&out); err != nil {
		return File{}, err
	}
	h.notes = slices.Concat(notes, out.notes)
	back := page{target: t, items: t.undo(items, sh.reset), comment: s.comment, undo: true}
	if err := sh.body(&back); err != nil {
		return File{}, err
	}
	f := File{Format: s.id, Name: sh.name, Endpoint: t.endpoint.ID, UndoName: undoName, Effect: h.effect, Notes: h.notes}
	var err error
	if f.Content, err = s.assemble(h.lines(t.req), out.lines); err != nil {
		return File{}, err
	}
	h.undoOf = sh.name
	f.Undo, err = s.assemble(h.lines(t.req), back.lines)
	return f, err
}

// undoName is not picked up by an include of *.conf or by a Go build; only
// .reg files keep their ending, which Windows acts on.
func undoName(name string) string {
	if strings.HasSuffix(name, ".reg") {
		return "undo-" + name
	}
	return name + ".undo"
}

// effects are what must happen, each said once.
func (s *syntax) effects(t *target, items []item) []string {
	var list, own []string
	if s.effect != nil {
		own = s.effect(t)
	}
	reloads := slices.ContainsFunc(own, func(e string) bool { return strings.Contains(e, "reload") })
	for _, it := range items {
		e := it.param().Effect
		said := reloads && (e == "reload" || strings.HasSuffix(e, "closed by it at once"))
		if e == "" || said || s.anew && !isSysctl(it.row) || slices.Contains(list, e+".") {
			continue
		}
		list = append(list, e+".")
	}
	return append(list, own...)
}

func (s *syntax) assemble(header, body []string) ([]byte, error) {
	var b bytes.Buffer
	for _, l := range s.top {
		b.WriteString(l + "\n")
	}
	for _, l := range header {
		b.WriteString(s.comment(l) + "\n")
	}
	b.WriteString("\n")
	for _, l := range body {
		b.WriteString(strings.TrimRight(l, " ") + "\n")
	}
	if s.encode == nil {
		return b.Bytes(), nil
	}
	return s.encode(b.String())
}

// elsewhere names changes that this format does not write, and who does.
func (s *syntax) elsewhere(t *target) []string {
	all := syntaxes()
	var notes []string
	for _, other := range targets(t.req, s.id) {
		by := map[string]int{}
		var order []string
		for _, row := range other.rows {
			owned := s.fits(other) && s.owns(other, row)
			if owned && row.Param.Fixed && other.changed(row) && other.place != t.place {
				notes = append(notes, fmt.Sprintf("%s: %s %s is not written: %s", other.endpoint.ID, row.Param.Name, row.Setting.Value.Human(), noSetting(row.Param)))
			}
			if !other.changed(row) || row.Param.Fixed || owned || other.unsaid(row.Param.ID) != "" {
				continue
			}
			id := writer(all, other, row.Param)
			if slices.Contains(t.req.beside, id) {
				continue
			}
			if by[id]++; by[id] == 1 {
				order = append(order, id)
			}
		}
		for _, id := range order {
			notes = append(notes, fmt.Sprintf("%s has %s that this file does not say; --to %s does.", other.endpoint.ID, changes(by[id]), id))
		}
	}
	return notes
}

func changes(n int) string {
	if n == 1 {
		return "one change"
	}
	return fmt.Sprintf("%d changes", n)
}

// hash, slashes and semicolon are the comments of most syntaxes.
func hash(l string) string      { return marked("#", l) }
func slashes(l string) string   { return marked("//", l) }
func semicolon(l string) string { return marked(";", l) }

func marked(mark, line string) string {
	if line == "" {
		return mark
	}
	return mark + " " + line
}

// ofSystem is a test for endpoints of one product.
func ofSystem(id model.SystemID) func(*target) bool {
	return func(t *target) bool { return t.side.System.ID == id }
}
