package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// warningsLimit bounds what is reported about one file.
const warningsLimit = 200

// A reader collects what a parser understands of one file.
type reader struct {
	file     string
	catalog  *model.Catalog
	document *model.Document // of the restore string, where there is one
	system   model.SystemID
	settings map[model.ParamID]model.Setting
	warnings []Warning
}

// warn reports something that was not understood.
func (r *reader) warn(line int, format string, args ...any) {
	if len(r.warnings) < warningsLimit {
		r.warnings = append(r.warnings, Warning{r.file, line, model.Clean(fmt.Sprintf(format, args...), 300)})
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
		return
	}
	r.put(line, p, v)
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
	if old, ok := r.settings[p.ID]; ok && old.Value != v {
		r.warn(line, "%s is %s here and %s in line %d; the last one is taken", p.ID, v, old.Value, old.Origin.Line)
	}
	r.settings[p.ID] = model.Setting{Value: v, Origin: model.Origin{Kind: model.FromFile, Where: r.file, Line: line}}
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
	return p
}

// Parse reads a file of this format: the session in its restore string, and
// the settings that it says. The error says that the file cannot be read at all.
func (s *syntax) Parse(name string, data []byte, c *model.Catalog) (Import, error) {
	if len(data) > MaxSize {
		return Import{}, fmt.Errorf("%s is longer than %d MiB, which no configuration is", name, MaxSize>>20)
	}
	if s.parse != nil {
		return s.parse(name, data, c)
	}
	text := string(data)
	if s.decode != nil {
		var err error
		if text, err = s.decode(data); err != nil {
			return Import{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r := &reader{file: name, catalog: c, settings: map[model.ParamID]model.Setting{}}
	d, found, err := unpackSession(name, text, c)
	if found && err == nil {
		r.document = &d
	}
	if s.read != nil {
		s.read(r, text)
	}
	switch {
	case err != nil && len(r.settings) == 0:
		return Import{}, fmt.Errorf("%s: %w, and there is no other setting in it", name, err)
	case err != nil:
		r.warn(1, "%s; the values below it were read instead", err)
	}
	im := Import{Document: r.document, System: r.system, Settings: r.settings}
	if r.document != nil {
		r.compare(d)
	}
	im.Warnings = r.warnings
	return im, nil
}

// compare warns of values that were edited below the restore string.
func (r *reader) compare(d model.Document) {
	for _, id := range slices.Sorted(maps.Keys(r.settings)) {
		here := r.settings[id]
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
