package native

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// warningsLimit bounds what is reported about one file.
const warningsLimit = 200

// A reader collects what a parser understands of one configuration.
type reader struct {
	syntax   *syntax
	file     string // that is read just now
	catalog  *model.Catalog
	document *model.Document // of the restore string, where there is one
	system   model.SystemID
	warnings []Warning
	opened   opened
	program  *program // that is read, where it is one

	root, at *scope // the whole configuration, and the place that is read just now
	listed   []*scope
	overfull bool // more contexts than are listed
	// lastCounts is true where a program knows which of two values counts, and
	// that is the one read last: nothing is said of the other.
	lastCounts bool

	bearing []Line           // that bear on connections
	borne   map[place]*scope // and where they stand, as far as is known
	used    map[place]bool
	took    map[place]bool  // said a value that could be read
	over    map[place]place // said again elsewhere in its scope
	left    map[place]string
}

func newReader(s *syntax, source Source, c *model.Catalog) *reader {
	r := &reader{
		syntax: s, file: source.Name, catalog: c, opened: opened{source: source, names: map[string]string{source.Name: source.Path}},
		borne: map[place]*scope{}, used: map[place]bool{}, took: map[place]bool{}, over: map[place]place{}, left: map[place]string{},
	}
	r.root = r.scope(1, "", nil)
	r.at = r.root
	return r
}

// warn reports something that was not understood.
func (r *reader) warn(line int, format string, args ...any) {
	w := Warning{r.file, line, model.Clean(withoutSecrets(fmt.Sprintf(format, args...)), 300)}
	if len(r.warnings) < warningsLimit {
		r.use(line)
		if !slices.Contains(r.warnings, w) { // a line is read once for each place that it holds in
			r.warnings = append(r.warnings, w)
		}
		r.at.warnings = append(r.at.warnings, w)
	}
}

// set takes a value as the product writes it.
func (r *reader) set(line int, id model.ParamID, text string) {
	p := r.param(line, id)
	if p == nil {
		return
	}
	v, err := p.ParseValue(text)
	if err != nil {
		r.warn(line, "%s", err)
		if decisive(p.Role) {
			r.keep(line, p, model.ValueUnknown)
		}
		return
	}
	r.put(line, p, v)
}

// number is set where the program takes a number alone and does not start with a unit behind it.
func (r *reader) number(line int, id model.ParamID, text string) {
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		r.unknown(line, id, "%s takes a number without a unit, not %q: with that it does not start", id.Name(), text)
		return
	}
	r.set(line, id, text)
}

// take is set for a value that is already one.
func (r *reader) take(line int, id model.ParamID, v model.Value) {
	p := r.param(line, id)
	if p == nil {
		return
	}
	if err := p.Check(v); err != nil {
		r.warn(line, "%s", err)
		return
	}
	r.put(line, p, v)
}

func (r *reader) put(line int, p *model.Param, v model.Value) {
	if !v.IsSet() && p.Fallback == "" && p.Absent == model.ValueNever {
		v = model.ValueNever // a written 0 says what applies anyway
	}
	if !v.IsSet() {
		return
	}
	here := place{r.file, line}
	r.took[here] = true
	if old, ok := r.at.settings[p.ID]; ok && old.Origin != r.origin(line) {
		which, there := "last", place{old.Origin.Where, old.Origin.Line}
		if r.at.firstCounts {
			which = "first"
		}
		if old.Value != v && !r.lastCounts {
			where := fmt.Sprintf("line %d", there.line)
			if there.file != r.file {
				where = Warning{File: there.file, Line: there.line}.place()
			}
			r.warn(line, "%s is %s here and %s in %s; the %s one is taken", p.ID, v, old.Value, where, which)
		}
		if r.at.firstCounts {
			r.over[here] = there
			return
		}
		r.over[there] = here
	}
	r.keep(line, p, v)
}

// keep is put without a question.
func (r *reader) keep(line int, p *model.Param, v model.Value) {
	r.at.settings[p.ID] = model.Setting{Value: v, Origin: r.origin(line)}
}

func (r *reader) origin(line int) model.Origin {
	return model.Origin{Kind: model.FromFile, Where: r.file, Line: line}
}

func (r *reader) param(line int, id model.ParamID) *model.Param {
	s, err := r.catalog.System(id.System())
	if err != nil {
		r.warn(line, "%s", err)
		return nil
	}
	p := s.Param(id)
	if p == nil {
		r.warn(line, "the catalog has no parameter %s", id)
		return nil
	}
	if r.system == "" || s.Kind != "os" {
		r.system = s.ID
	}
	if r.at.system == "" || s.Kind != "os" {
		r.at.system = s.ID
	}
	return p
}

// Parse reads a file of this format: the session in its restore string, and
// the settings that it says. The error says that the file cannot be read at all.
func (s *syntax) Parse(name string, data []byte, c *model.Catalog) (Import, error) {
	return s.Open(Source{Name: name, Data: data}, c)
}

// Open is Parse for a configuration that may include others.
func (s *syntax) Open(source Source, c *model.Catalog) (Import, error) {
	name := source.Name
	if len(source.Data) > MaxSize {
		return Import{}, fmt.Errorf("%s is longer than %d MiB, which no configuration is", name, MaxSize>>20)
	}
	if s.parse != nil {
		return s.parse(name, source.Data, c)
	}
	text := string(source.Data)
	if s.decode != nil {
		var err error
		if text, err = s.decode(source.Data); err != nil {
			return Import{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r := newReader(s, source, c)
	r.opened.places = s.places
	if source.Path != "" {
		r.opened.chain = []string{source.Path}
	}
	d, found, err := unpackSession(name, text, c)
	if found && err == nil {
		r.document = &d
	}
	switch {
	case s.inContainers && isContainers(text):
		readContainers(r, text)
	case s.read != nil:
		r.scan(text)
		s.read(r, text)
	}
	contexts := r.contexts()
	if err != nil {
		if len(contexts) == 0 {
			return Import{}, fmt.Errorf("%s: %w, and there is no other setting in it", name, err)
		}
		r.warn(1, "%s; the values below it were read instead", err)
	}
	im := Import{Document: r.document, Format: s.id, System: cmp.Or(r.system, s.owner(c)), Settings: agreed(contexts, c), Contexts: contexts, Unused: r.unused(contexts)}
	if len(contexts) == 1 {
		im.Settings = maps.Clone(contexts[0].Settings)
	}
	if r.document != nil {
		r.compare(d, im.Settings)
	}
	im.Warnings, im.Files, im.Includes = r.warnings, r.opened.names, r.opened.includes
	return im, nil
}

// compare warns of values that were edited below the restore string.
func (r *reader) compare(d model.Document, read map[model.ParamID]model.Setting) {
	for _, id := range slices.Sorted(maps.Keys(read)) {
		if s, err := r.catalog.System(id.System()); err != nil || s.Param(id).Fixed {
			continue // it has no line of its own to be edited
		}
		here := read[id]
		var there []string
		same := false
		for _, e := range d.Path.Endpoints {
			if s, ok := e.Settings[id]; ok {
				same = same || s.Value == here.Value
				there = append(there, s.Value.String())
			}
		}
		if len(there) > 0 && !same {
			r.warn(here.Origin.Line, "%s is %s here and %s in the session that this file carries; the session was taken", id, here.Value, strings.Join(there, ", "))
		}
	}
}
