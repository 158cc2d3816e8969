package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// layingsLimit bounds the combinations of contexts that are looked at.
const layingsLimit = 2000

// A Laying is a document with one context of a configuration laid over it.
type Laying struct {
	Document model.Document
	Before   model.Document // without what was changed on top of the files
	Chosen   []Choice
	Left     []Line // settings that no hop of the path has
	Fits     bool   // some hop has some of the settings, be it for a path on which it shows another face
}

// A Choice is the context that was taken for a hop.
type Choice struct {
	Endpoint model.EndpointID
	Where    string
	Contexts []string // their names one by one
	Alike    int      // further contexts that say the same for this hop
}

// An EndError says that a file could be that of several hops.
type EndError struct {
	File, System string
	Ends         []model.EndpointID
}

// Error names the choices.
func (e *EndError) Error() string {
	flags := make([]string, len(e.Ends))
	for i, end := range e.Ends {
		flags[i] = "--end " + string(end)
	}
	return fmt.Sprintf("%s sets values of %s, which several hops have; say whose it is: %s", e.File, e.System, strings.Join(flags, " or "))
}

// A WhereError says that a context was asked for that the files do not have,
// or more than one.
type WhereError struct {
	Where string
	Found []string // those that it could mean
	Has   []string // all, where it means none
}

// Error names the nearest.
func (e *WhereError) Error() string {
	few := func(names []string) string {
		more := ""
		if len(names) > 6 {
			names, more = names[:6], fmt.Sprintf(" and %d more", len(names)-6)
		}
		quoted := make([]string, len(names))
		for i, n := range names {
			quoted[i] = "'" + n + "'"
		}
		return strings.Join(quoted, ", ") + more
	}
	where := model.Clean(e.Where, 100)
	switch {
	case len(e.Found) > 0:
		return fmt.Sprintf("--where '%s' could be %s", where, few(e.Found))
	case len(e.Has) == 0:
		return fmt.Sprintf("--where '%s': the file has one context only; leave --where out", where)
	}
	return fmt.Sprintf("there is no context '%s'; there are %s", where, few(e.Has))
}

// Pick is the import with only those contexts that are asked for, each by its
// name or by a part of it that only one has; a where that names none of this
// import is left over for others.
func (im Import) Pick(where []string) (picked Import, left []string, err error) {
	var kept []Context
	for _, w := range where {
		found := im.find(w)
		switch {
		case len(found) == 0:
			left = append(left, w)
		case slices.ContainsFunc(found, func(c Context) bool { return c.Where != found[0].Where }):
			return im, nil, &WhereError{Where: w, Found: names(found)}
		default:
			kept = append(kept, found...)
		}
	}
	if len(kept) > 0 {
		im.Contexts = kept
	}
	return im, left, nil
}

// Says reports whether any context sets anything.
func (im Import) Says() bool {
	return slices.ContainsFunc(im.Contexts, func(c Context) bool { return len(c.Settings) > 0 })
}

// find lists the contexts that a where means: the one of that name, which is one
// for each system that it speaks of, or those whose names have it in them.
func (im Import) find(where string) []Context {
	same := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	var exact, found []Context
	for _, c := range im.Contexts {
		switch {
		case c.Where == "":
		case same(c.Where) == same(where):
			exact = append(exact, c)
		case strings.Contains(same(c.Where), same(where)):
			found = append(found, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return found
}

func names(list []Context) []string {
	all := make([]string, len(list))
	for i, c := range list {
		all[i] = c.Where
	}
	return all
}

// Lay gives the contexts of an import to the hops of a path: one laying for
// each context, or for each pair where one speaks of a hop's server face and
// another of its client face. Contexts that say the same for the path are one.
// The end is client, server or an endpoint: whose the file is, where several
// hops could be meant.
// The errors are an [*EndError], and one of too many combinations.
func (im Import) Lay(d model.Document, end string, c *model.Catalog) ([]Laying, error) {
	var systems []model.SystemID
	by := map[model.SystemID][]Context{}
	for _, ctx := range im.Contexts {
		if by[ctx.System] == nil {
			systems = append(systems, ctx.System)
		}
		by[ctx.System] = append(by[ctx.System], ctx)
	}
	slices.SortStableFunc(systems, func(a, b model.SystemID) int { // containers after those whose program is a hop
		return boolInt(by[a][0].onlyHost(c)) - boolInt(by[b][0].onlyHost(c))
	})
	all := []Laying{{Document: d}}
	taken := map[int]bool{}
	for _, sys := range systems {
		l := layer{path: d.Path, end: end, catalog: c, hops: map[model.SystemID]int{}, taken: taken}
		options, err := l.options(by[sys])
		if err != nil {
			return nil, err
		}
		if len(all)*len(options) > layingsLimit {
			return nil, fmt.Errorf("%d combinations of contexts are too many to be looked at; --where picks one", len(all)*len(options))
		}
		var next []Laying
		for _, base := range all {
			for _, o := range options {
				next = append(next, o.over(base))
			}
		}
		all = next
	}
	return all, nil
}

// onlyHost reports whether nothing but its host is known of a container.
func (c *Context) onlyHost(catalog *model.Catalog) bool {
	return c.Hosted && isHost(c.System, catalog)
}

func isHost(id model.SystemID, catalog *model.Catalog) bool {
	sys, err := catalog.System(id)
	return err == nil && sys.Kind == "os"
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A layer lays the contexts of one system over a path.
type layer struct {
	path    model.Path
	end     string
	catalog *model.Catalog
	hops    map[model.SystemID]int // the place of each system, or -1
	taken   map[int]bool           // hops that have a container by its program
	within  *Context               // the container whose host's settings these are, which is known by its program
	at      int                    // the hop of that program, or -1
	file    string
}

// options are the ways to take the contexts of one system, those alike once.
func (l *layer) options(list []Context) ([]option, error) {
	l.file = list[0].File
	at, err := l.hop(list[0].System)
	if err != nil {
		return nil, err
	}
	var options []option
	seen := map[string]int{}
	for _, group := range l.groups(at, list) {
		o, err := l.place(at, group)
		if err != nil {
			return nil, err
		}
		o.placed()
		key := o.key()
		if i, ok := seen[key]; ok {
			options[i].alike++
			options[i].fits = options[i].fits || o.fits
			options[i].agree(o)
			options[i].left = merged(options[i].left, o.left)
			continue
		}
		seen[key] = len(options)
		options = append(options, o)
	}
	for i := range options[1:] { // what no hop has is told, whichever is taken
		options[0].left = merged(options[0].left, options[1+i].left)
	}
	for i := range options {
		options[i].left = options[0].left
	}
	return options, nil
}

// groups are the contexts, or pairs of them, that speak of all faces that the
// hop shows.
func (l *layer) groups(at int, list []Context) [][]Context {
	var faces []model.FaceKind
	if at >= 0 {
		faces = l.path.FacesAt(at)
	}
	speaks := func(ctx Context, face model.FaceKind) bool {
		return ctx.Face == "" || ctx.Face == face || ctx.Face == model.FaceHost
	}
	var full [][]Context
	part := map[model.FaceKind][]Context{}
	for _, ctx := range list {
		missing := slices.ContainsFunc(faces, func(f model.FaceKind) bool { return !speaks(ctx, f) })
		if !missing {
			full = append(full, []Context{ctx})
		}
		part[ctx.Face] = append(part[ctx.Face], ctx)
	}
	server, client := part[model.FaceServer], part[model.FaceClient]
	switch {
	case len(full) > 0:
		return full
	case len(server) == 0 || len(faces) == 1 && faces[0] == model.FaceClient:
		server = client
	case len(client) == 0:
	default:
		for _, s := range server {
			for _, c := range client {
				full = append(full, []Context{s, c})
			}
		}
		return full
	}
	for _, ctx := range server {
		full = append(full, []Context{ctx})
	}
	if len(full) == 0 { // of the other face only: all is left over
		for _, ctx := range list {
			full = append(full, []Context{ctx})
		}
	}
	return full
}

// hop is the place of a system on the path, -1 where it is not there.
func (l *layer) hop(id model.SystemID) (int, error) {
	if at, ok := l.hops[id]; ok {
		return at, nil
	}
	if l.within != nil && isHost(id, l.catalog) {
		return l.at, nil
	}
	if id == anySocket {
		return l.choose(id, "a listening socket", l.listeners(), false)
	}
	var found []int
	sys, err := l.catalog.System(id)
	if err != nil {
		return -1, nil //nolint:nilerr // a file of no system at all lies on no path
	}
	if sys.Kind == "os" && len(l.taken) > 0 && l.end == "" {
		l.hops[id] = -1
		return -1, nil
	}
	for i, e := range l.path.Endpoints {
		host, _, err := e.HostOf(l.catalog)
		own := e.System == id
		if box, err := l.catalog.System(e.System); err == nil && box.Middlebox() {
			host = nil
		}
		if own || err == nil && host != nil && host.ID == id {
			found = append(found, i)
		}
	}
	return l.choose(id, sys.Name, found, sys.Kind == "os")
}

// choose takes the hop that the user named, or the only one unless that is
// asked for by name.
func (l *layer) choose(id model.SystemID, name string, found []int, byName bool) (int, error) {
	at, named := -1, l.path.Index(model.EndpointID(l.end))
	switch {
	case l.end != "" && slices.Contains(found, named):
		at = named
	case l.end != "" && byName:
	case len(found) == 1:
		at = found[0]
	case len(found) > 1:
		e := &EndError{File: l.file, System: name}
		for _, i := range found {
			e.Ends = append(e.Ends, l.path.Endpoints[i].ID)
		}
		return -1, e
	}
	l.hops[id] = at
	return at, nil
}

// place sorts the settings of contexts by the hops that have them.
func (l *layer) place(at int, group []Context) (option, error) {
	o := option{settings: map[int]map[model.ParamID]model.Setting{}, beside: map[int]map[model.ParamID]model.Setting{}}
	if at >= 0 {
		o.hop = l.path.Endpoints[at].ID
	}
	for _, ctx := range group {
		if l.within = nil; ctx.Hosted && !ctx.onlyHost(l.catalog) {
			l.within, l.at = &ctx, at
			if at >= 0 {
				l.taken[at] = true
			}
		}
		if ctx.Where != "" {
			o.where = append(o.where, ctx.Where)
		}
		for _, id := range slices.Sorted(maps.Keys(ctx.Settings)) {
			if err := l.setting(&o, id, ctx.Settings[id]); err != nil {
				return o, err
			}
		}
		o.fits = o.fits || len(o.settings)+len(o.beside) > 0
		for _, d := range ctx.Doubts {
			for _, id := range d.Params {
				if _, said := ctx.Settings[id]; !said {
					if err := l.assume(&o, id, d); err != nil {
						return o, err
					}
				}
			}
		}
	}
	return o, nil
}

// setting gives one setting to its hop, or lists it as left over.
func (l *layer) setting(o *option, id model.ParamID, s model.Setting) error {
	at, p, why, err := l.owner(id)
	settled := false // the program and its socket between them
	switch {
	case err != nil:
		return err
	case why == "" && id.System() == anySocket:
		why = l.overruled(at, p, s.Value)
		settled = why != ""
	case why == "":
		why = l.left(at, p, s.Value)
		settled = why != ""
	}
	switch {
	case why != "" && s.Origin.Kind == model.FromFile:
		o.left = append(o.left, Line{s.Origin.Where, s.Origin.Line, fmt.Sprintf("%s = %s", id, s.Value), why})
	}
	if s.Said.Unread != "" && p != nil { // in force is what would be without the line
		sys, v := l.versionOf(l.path.Endpoints[at], p)
		if s.Value = sys.DefaultAt(p, v).Value; !s.Value.IsSet() {
			return nil
		}
	}
	switch {
	case p == nil:
	case settled:
		o.fits = true // it gets there, and the other says otherwise
	case why != "":
		put(o.beside, at, p.ID, s)
	default:
		put(o.settings, at, p.ID, s)
	}
	return nil
}

func put(all map[int]map[model.ParamID]model.Setting, at int, id model.ParamID, s model.Setting) {
	if all[at] == nil {
		all[at] = map[model.ParamID]model.Setting{}
	}
	all[at][id] = s
}

// owner is the hop that has a parameter on this path, or why none has. A hop
// that does not show the parameter's face here keeps it for another path.
func (l *layer) owner(id model.ParamID) (at int, p *model.Param, why string, err error) {
	if at, err = l.hop(id.System()); err != nil {
		return at, nil, "", err
	}
	if at < 0 && id.System() == anySocket {
		return at, nil, "no server of the path runs on Linux", nil
	}
	if at < 0 {
		why = fmt.Sprintf("no hop of the path is %s", id.System())
		switch {
		case l.within != nil:
			why = fmt.Sprintf("no hop of the path is %s", l.within.System)
		case len(l.taken) > 0 && l.end == "":
			why = "other containers are the hops of the path; --end says whose it is"
		}
		if l.end != "" {
			why = fmt.Sprintf("%s is not on %s", l.end, id.System())
		}
		return at, nil, why, nil
	}
	e := l.path.Endpoints[at]
	if id.System() == anySocket {
		id = inherited(e.System, id)
	}
	p, unknown := e.FindParam(id, l.catalog)
	if p == nil {
		return at, nil, unknown.Error(), nil
	}
	sys, v := l.versionOf(e, p)
	switch {
	case !sys.Has(p, v):
		return at, nil, fmt.Sprintf("%s %s has no such setting", sys.Name, v), nil
	case p.Face != "" && p.Face != model.FaceHost && !slices.Contains(l.path.FacesAt(at), p.Face):
		return at, p, fmt.Sprintf("%s is no %s on this path", e.ID, p.Face), nil
	}
	return at, p, "", nil
}

func (l *layer) versionOf(e model.Endpoint, p *model.Param) (*model.System, model.Version) {
	sys, err := l.catalog.System(p.ID.System())
	if err != nil || sys.ID == e.System {
		return sys, e.VersionOf(sys)
	}
	_, v, _ := e.HostOf(l.catalog) // the parameter was found there
	return sys, v
}

// assume gives a hop the default that a doubt leaves open, so that nothing
// rests on it as if it were known.
func (l *layer) assume(o *option, id model.ParamID, d Doubt) error {
	at, p, why, err := l.owner(id)
	if err != nil || p == nil || why != "" {
		return err
	}
	sys, v := l.versionOf(l.path.Endpoints[at], p)
	s := model.Setting{Value: sys.DefaultAt(p, v).Value, Origin: model.Origin{Kind: model.FromAssumed, Where: d.File, Line: d.Line}}
	if !s.Value.IsSet() {
		return nil
	}
	if _, said := o.settings[at][p.ID]; !said {
		put(o.settings, at, p.ID, s)
	}
	return nil
}
