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
	Face     model.FaceKind // the face that it speaks of; empty for every one
	Hosted   bool           // its settings of an operating system are those of its own hop: a container
	Listens  []string       // where clients reach it, as HOST:PORT, *:PORT or unix:/PATH; empty where that is not said
	HTTP     bool           // of HAProxy: it says that it speaks HTTP there
	Sends    []string       // the servers that its requests go to, in the same form
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
	face     model.FaceKind
	system   model.SystemID
	from     *scope   // inherits from; nil for the whole file
	also     []*scope // whose values hold here, too: the server group that a location sends to
	settings map[model.ParamID]model.Setting
	doubts   []Doubt
	warnings []Warning
	// firstCounts is true where a value said again in this scope has no effect.
	firstCounts bool
	hosted      bool // what it says of an operating system is for its own program
	http        bool // of HAProxy: mode http
	// where it listens and sends to; what a scope says takes the place of what the one
	// around it says
	listens, sends []string
}

// scope makes a place that begins at a line and inherits from another. It is
// no context of the import before it is listed.
func (r *reader) scope(line int, where string, from *scope) *scope {
	return &scope{where: where, file: r.file, line: line, from: from, settings: map[model.ParamID]model.Setting{}, firstCounts: from != nil && from.firstCounts, hosted: from != nil && from.hosted}
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
func (r *reader) list(s *scope, face model.FaceKind) {
	s.face = face
	r.listed = append(r.listed, s)
}

// doubt says that a line which decides is not understood, and which values may
// be others for it.
func (r *reader) doubt(line int, text string, params ...model.ParamID) {
	text = model.Clean(withoutSecrets(text), 300)
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

// chain are the scopes that hold here, the outermost first.
func (s *scope) chain() []*scope {
	var all []*scope
	if s.from != nil {
		all = s.from.chain()
	}
	for _, o := range s.also {
		all = append(all, o.chain()...)
	}
	return append(all, s)
}

// contexts are the listed scopes, or the whole file where none was.
func (r *reader) contexts() []Context {
	listed := r.listed
	if len(listed) == 0 && (len(r.root.settings) > 0 || len(r.root.doubts) > 0 || len(r.root.sends) > 0) {
		listed = []*scope{r.root}
	}
	var list []Context
	for _, s := range listed {
		c := r.context(s, "")
		systems := []model.SystemID{c.System}
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			if sys, err := r.catalog.System(id.System()); err == nil && sys.Kind != "os" && !slices.Contains(systems, sys.ID) {
				systems = append(systems, sys.ID)
			}
		}
		if len(systems) == 1 {
			list = append(list, c)
			continue
		}
		for _, id := range systems { // a server and the pools of its program in one file
			c := r.context(s, id)
			maps.DeleteFunc(c.Settings, func(p model.ParamID, _ model.Setting) bool {
				return p.System() != id && slices.Contains(systems, p.System())
			})
			if len(c.Settings) > 0 || len(c.Doubts) > 0 {
				list = append(list, c)
			}
		}
	}
	return unlike(list)
}

// context is a scope with all that holds in it, for a system or, where that is
// empty, for the one that the scope speaks of. What a doubt bears on is
// assumed, unless a scope inside of that of the doubt says it.
func (r *reader) context(s *scope, system model.SystemID) Context {
	c := Context{Where: model.Clean(s.where, 300), File: s.file, Line: s.line, Face: s.face, Hosted: s.hosted, HTTP: s.http, Settings: map[model.ParamID]model.Setting{}}
	for _, at := range s.chain() {
		maps.Copy(c.Settings, at.settings)
		c.Warnings = append(c.Warnings, at.warnings...)
		if at.system != "" {
			c.System = at.system
		}
		if len(at.listens) > 0 {
			c.Listens = at.listens
		}
		if len(at.sends) > 0 {
			c.Sends = at.sends
		}
	}
	if system != "" {
		c.System = system
	}
	if c.System == "" {
		c.System = r.syntax.owner(r.catalog)
	}
	chain := s.chain()
	for i, at := range chain {
		for _, d := range at.doubts {
			r.cast(&c, d, at.face, chain[i:])
		}
	}
	maps.DeleteFunc(c.Settings, func(id model.ParamID, _ model.Setting) bool {
		if id.System() == anySocket {
			return false
		}
		sys, err := r.catalog.System(id.System())
		return err != nil || c.Face != "" && sys.Kind != "os" && sys.Param(id).Face != c.Face
	})
	return c
}

// cast brings a doubt into a context. It does not reach what the scopes from its
// own on say; a value that it reaches is assumed, and its line is used for that.
func (r *reader) cast(c *Context, d Doubt, face model.FaceKind, inside []*scope) {
	sys, err := r.catalog.System(c.System)
	if err != nil {
		c.Doubts = append(c.Doubts, d)
		return
	}
	reach := Doubt{Warning: d.Warning}
	for _, p := range sys.Params {
		said := slices.ContainsFunc(inside, func(s *scope) bool { _, ok := s.settings[p.ID]; return ok })
		if said || len(d.Params) == 0 && !decisive(p.Role) || len(d.Params) > 0 && !slices.Contains(d.Params, p.ID) || !c.speaksOf(p) || face != "" && p.Face != face {
			continue
		}
		reach.Params = append(reach.Params, p.ID)
		if s, ok := c.Settings[p.ID]; ok {
			r.used[place{s.Origin.Where, s.Origin.Line}] = true
			s.Origin = model.Origin{Kind: model.FromAssumed, Where: d.File, Line: d.Line}
			c.Settings[p.ID] = s
		}
	}
	if len(reach.Params) > 0 {
		c.Doubts = append(c.Doubts, reach)
	}
}

// decisive roles are those that a verdict rests on.
func decisive(r model.Role) bool {
	switch r {
	case model.RoleReuse, model.RoleIdle, model.RoleIdleExtra, model.RoleHint, model.RoleRequests, model.RoleAge, model.RolePool, model.RoleRetry, model.RoleMiddleboxTTL:
		return true
	default:
		return false
	}
}

// unlike tells contexts of one name apart by where they begin.
func unlike(list []Context) []Context {
	type name struct {
		system model.SystemID
		where  string
	}
	named := map[name]int{}
	for _, c := range list {
		named[name{c.System, c.Where}]++
	}
	for i, c := range list {
		if named[name{c.System, c.Where}] > 1 {
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
		if id.System() == anySocket {
			return false // a unit is one context
		}
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
	return c.System == p.ID.System() && (c.Face == "" || c.Face == p.Face)
}
