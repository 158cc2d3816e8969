package native

import (
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A Context is a place of a configuration at which one set of values is in
// force: a server, a location, a backend, a Match block, a profile.
type Context struct {
	Where    string // in the product's own words; empty where the file is one
	File     string // where it begins
	Line     int
	System   model.SystemID // whose settings they are
	Face     model.Side     // the face that it speaks of; empty for every one
	Settings map[model.ParamID]model.Setting
	Doubts   []Doubt
	Warnings []Warning
}

// A Doubt is something that decides in a context and was not understood, so
// that a verdict must not rest on the values as if they were known.
type Doubt struct {
	Warning
	Params []model.ParamID // which values may be others; empty: any of the system's
}

// A Line is one that bears on connections and was not used.
type Line struct {
	File string
	Line int
	Text string
	Why  string // a clause, without a full stop
}

// A scope collects what one place of a configuration says; the rest it takes
// from the scope around it.
type scope struct {
	where    string
	file     string
	line     int
	face     model.Side
	system   model.SystemID
	from     *scope // inherits from; nil for the whole file
	settings map[model.ParamID]model.Setting
	doubts   []Doubt
	warnings []Warning
	// firstCounts is true where a value said again in this scope has no effect.
	firstCounts bool
}

// scope makes a place that begins at a line and inherits from another. It is
// no context of the import before it is listed.
func (r *reader) scope(line int, where string, from *scope) *scope {
	return &scope{where: where, file: r.file, line: line, from: from, settings: map[model.ParamID]model.Setting{}, firstCounts: from != nil && from.firstCounts}
}

// in hands what is read meanwhile to a scope.
func (r *reader) in(s *scope, read func()) {
	before := r.at
	r.at = s
	read()
	r.at = before
}

// list makes a scope a context of the import, for one face of its system or,
// where face is empty, for all.
func (r *reader) list(s *scope, face model.Side) {
	s.face = face
	r.listed = append(r.listed, s)
}

// doubt says that a line which decides is not understood, and which values may
// be others for it.
func (r *reader) doubt(line int, text string, params ...model.ParamID) {
	text = model.Clean(text, 300)
	d := Doubt{Warning{r.file, line, text}, params}
	if len(r.at.doubts) < warningsLimit {
		r.at.doubts = append(r.at.doubts, d)
	}
	r.use(line)
}

// unknown takes a parameter whose value a line decides, but not so that it can
// be read: a variable, an expression.
func (r *reader) unknown(line int, id model.ParamID, format string, args ...any) {
	r.warn(line, format, args...)
	if p := r.param(line, id); p != nil {
		r.keep(line, p, model.ValueUnknown)
	}
}

// inherited are the settings of a scope and of those around it.
func (s *scope) inherited() map[model.ParamID]model.Setting {
	if s.from == nil {
		return maps.Clone(s.settings)
	}
	all := s.from.inherited()
	maps.Copy(all, s.settings)
	return all
}

// contexts are the listed scopes, or the whole file where none was.
func (r *reader) contexts() []Context {
	listed := r.listed
	if len(listed) == 0 && (len(r.root.settings) > 0 || len(r.root.doubts) > 0) {
		listed = []*scope{r.root}
	}
	list := make([]Context, len(listed))
	for i, s := range listed {
		c := Context{Where: model.Clean(s.where, 300), File: s.file, Line: s.line, System: s.system, Face: s.face, Settings: s.inherited()}
		for at := s; at != nil; at = at.from {
			c.Doubts = append(c.Doubts, at.doubts...)
			c.Warnings = append(c.Warnings, at.warnings...)
			if c.System == "" {
				c.System = at.system
			}
		}
		for id := range c.Settings {
			if s, err := r.catalog.System(id.System()); err == nil && c.Face != "" && s.Param(id).Side != c.Face && s.Kind != "os" {
				delete(c.Settings, id)
			}
		}
		list[i] = c
	}
	return unlike(list)
}

// unlike tells contexts of one name apart by where they begin.
func unlike(list []Context) []Context {
	named := map[string]int{}
	for _, c := range list {
		named[c.Where]++
	}
	for i, c := range list {
		if named[c.Where] > 1 {
			list[i].Where = strings.TrimSpace(c.Where + " (" + (Warning{File: c.File, Line: c.Line}).place() + ")")
		}
	}
	return list
}

// agreed are the settings on which all contexts that speak of them agree.
func agreed(list []Context, c *model.Catalog) map[model.ParamID]model.Setting {
	all := map[model.ParamID]model.Setting{}
	for _, ctx := range list {
		maps.Copy(all, ctx.Settings)
	}
	maps.DeleteFunc(all, func(id model.ParamID, s model.Setting) bool {
		sys, err := c.System(id.System())
		return err != nil || slices.ContainsFunc(list, func(ctx Context) bool {
			other, ok := ctx.Settings[id]
			return ctx.speaksOf(sys.Param(id)) && (!ok || other.Value != s.Value)
		})
	})
	return all
}

// speaksOf reports whether a context decides a parameter, be it by silence.
func (c *Context) speaksOf(p *model.Param) bool {
	return c.System == p.ID.System() && (c.Face == "" || c.Face == p.Side)
}
