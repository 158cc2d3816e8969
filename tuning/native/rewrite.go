package native

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An Original is a configuration as it was opened, to be written back to.
type Original struct {
	Source Source
	Format string   // its id
	Where  []string // the contexts that were taken; none where it has one only
}

// A Rewrite is what the changes of a document make of configurations.
type Rewrite struct {
	Files []RewrittenFile
	Also  []string    // contexts in which values change, too, because they stand on the same lines
	Left  []Unwritten // changes that none of the files says
}

// A RewrittenFile is one file before and after.
type RewrittenFile struct {
	Path     string
	Was, Now []byte
}

// An Unwritten is a change that is not written, and why.
type Unwritten struct {
	Endpoint model.EndpointID
	Param    model.ParamID
	Value    model.Value
	Why      string // a clause, without a full stop
}

// A wish is a change that a file is to say.
type wish struct {
	target *target
	row    *tuning.Row
	value  model.Value                   // unset: as without a line
	beside map[model.ParamID]model.Value // what else is wished of the same hop
}

// A rewriter holds the files as they are changed so far.
type rewriter struct {
	catalog *model.Catalog
	was     map[string][]byte
	now     map[string][]byte
	also    []string
}

// NewRewrite changes the lines of configurations that decide what a document says
// otherwise than they do, and no other. Every change is read back: it is taken
// only if the contexts that were opened say what is wanted then, and nothing else
// differs anywhere. What cannot be said so is left, with the reason.
func NewRewrite(originals []Original, req Request) (Rewrite, error) {
	w := &rewriter{catalog: req.Catalog, was: map[string][]byte{}, now: map[string][]byte{}}
	var out Rewrite
	for _, o := range originals {
		w.was[o.Source.Path], w.now[o.Source.Path] = o.Source.Data, o.Source.Data
		for _, p := range o.Source.Rest {
			w.was[p.Path], w.now[p.Path] = p.Data, p.Data
		}
	}
	for _, x := range wishes(req) {
		left := Unwritten{x.target.endpoint.ID, x.row.Param.ID, x.value, ""}
		written := false
		for _, o := range originals {
			why, err := w.grant(o, x)
			if err != nil {
				return out, err
			}
			if why == "" {
				written = true
				break
			}
			if left.Why == "" || why != notTheirs {
				left.Why = why
			}
		}
		if !written {
			if left.Why == notTheirs {
				left.Why = fmt.Sprintf("no file of %s was opened", x.row.Param.ID.System())
			}
			out.Left = append(out.Left, left)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(w.now)) {
		if string(w.now[path]) != string(w.was[path]) {
			out.Files = append(out.Files, RewrittenFile{path, w.was[path], w.now[path]})
		}
	}
	out.Also = w.also
	return out, nil
}

// wishes are the settings that differ between a request's documents.
func wishes(req Request) []wish {
	var all []wish
	for _, t := range targets(req, "") {
		i := slices.IndexFunc(req.Before.Path.Endpoints, func(e model.Endpoint) bool { return e.ID == t.endpoint.ID && e.System == t.endpoint.System })
		var before map[model.ParamID]model.Setting
		if i >= 0 {
			before = req.Before.Path.Endpoints[i].Settings
		}
		beside := map[model.ParamID]model.Value{}
		for _, row := range t.rows {
			was, now := before[row.Param.ID].Value, t.endpoint.Settings[row.Param.ID].Value
			if was != now {
				beside[row.Param.ID] = now
				all = append(all, wish{t, row, now, beside})
			}
		}
	}
	return all
}

// notTheirs is why a file does not say what another system reads.
const notTheirs = "it is of another system"

// grant makes a configuration say what is wished; the answer is why it cannot, and
// empty where it does now.
func (w *rewriter) grant(o Original, x wish) (why string, err error) {
	im, err := w.open(o)
	if err != nil {
		return "", err
	}
	taken, clear := o.taken(im, x.row.Param)
	switch {
	case len(taken) == 0:
		return notTheirs, nil
	case !clear:
		return fmt.Sprintf("which part of %s is meant was not said", o.Source.Name), nil
	}
	if x.row.Param.Fixed && !byTwoLines(x.row.Param.ID, x.value) {
		return noSetting(x.row.Param), nil
	}
	before, also := maps.Clone(w.now), w.also
	for _, k := range taken {
		if im, err = w.open(o); err != nil {
			return "", err
		}
		if says(im.Contexts[k], x) {
			continue
		}
		if ok, too := w.change(o, im, taken, k, x); !ok {
			w.now, w.also = before, also
			if too != "" {
				return fmt.Sprintf("the line that says it also says %s", too), nil
			}
			return fmt.Sprintf("no line of %s was found that could say it", o.Source.Name), nil
		}
	}
	return "", nil
}

// open reads a configuration as it is now.
func (w *rewriter) open(o Original) (Import, error) {
	f, err := Find(o.Format)
	if err != nil {
		return Import{}, err
	}
	o.Source.Data = w.now[o.Source.Path]
	o.Source.Rest = slices.Clone(o.Source.Rest)
	for i, p := range o.Source.Rest {
		o.Source.Rest[i].Data = w.now[p.Path]
	}
	if o.Source.Files != nil {
		o.Source.Files = changedFiles{o.Source.Files, w}
	}
	return f.Open(o.Source, w.catalog)
}

// changedFiles are included files as they are now.
type changedFiles struct {
	Files
	w *rewriter
}

func (f changedFiles) Read(name string) ([]byte, error) {
	if data, ok := f.w.now[name]; ok {
		return data, nil
	}
	data, err := f.Files.Read(name)
	if err == nil {
		f.w.was[name], f.w.now[name] = data, data
	}
	return data, err
}

// taken are the contexts that decide a parameter for the hop: those that were
// chosen, and those that say the same as they do. It is not clear where contexts
// differ and none of them was chosen.
func (o Original) taken(im Import, p *model.Param) (taken []int, clear bool) {
	var all, chosen []int
	named := func(c *Context) bool {
		return slices.ContainsFunc(o.Where, func(w string) bool {
			return slices.ContainsFunc(im.find(w), func(f Context) bool { return f.Where == c.Where })
		})
	}
	for i := range im.Contexts {
		c := &im.Contexts[i]
		if _, said := c.Settings[p.ID]; !said && !c.speaksOf(p) {
			continue
		}
		all = append(all, i)
		if named(c) {
			chosen = append(chosen, i)
		}
	}
	if len(all) == 0 {
		return nil, true
	}
	first := all[0]
	if len(chosen) > 0 {
		first = chosen[0]
	}
	for _, i := range all {
		if slices.Contains(chosen, i) || alikeContexts(im.Contexts[first], im.Contexts[i]) {
			taken = append(taken, i)
		}
	}
	return taken, len(chosen) > 0 || len(taken) == len(all)
}

// alikeContexts reports whether two contexts say the same.
func alikeContexts(a, b Context) bool {
	return a.System == b.System && a.Face == b.Face && maps.EqualFunc(a.Settings, b.Settings, func(x, y model.Setting) bool { return x.Value == y.Value })
}

// says reports whether a context says what is wished.
func says(c Context, x wish) bool {
	s, ok := c.Settings[x.row.Param.ID]
	if !x.value.IsSet() {
		return !ok
	}
	return ok && s.Value == x.value && s.Origin.Kind == model.FromFile
}

// editsLimit bounds the ways to say one value that are tried: each reads the
// configuration again.
const editsLimit = 200

// change makes one context say what is wished, by the change that reaches the
// fewest others. Where none can, too is a setting that would have changed with it.
func (w *rewriter) change(o Original, im Import, taken []int, k int, x wish) (done bool, too model.ParamID) {
	var best map[string][]byte
	var bestAlso []string
	tried := map[lineEdit]bool{}
	for _, e := range w.edits(o, im, k, x) {
		if tried[e] || len(tried) == editsLimit {
			continue
		}
		tried[e] = true
		before := w.now
		data, err := e.apply(w.now[e.path])
		if err != nil {
			continue
		}
		w.now = maps.Clone(before)
		w.now[e.path] = data
		after, err := w.open(o)
		changed := w.now
		w.now = before
		if err != nil {
			continue
		}
		also, with, ok := onlyThat(im, after, taken, k, x)
		too = cmp.Or(too, with)
		if !ok || e.insert && doubles(o, after, e, x) || best != nil && len(also) >= len(bestAlso) {
			continue
		}
		best, bestAlso = changed, also
		if len(also) == 0 {
			break
		}
	}
	if best == nil {
		return false, too
	}
	w.now = best
	for _, name := range bestAlso {
		if !slices.Contains(w.also, name) {
			w.also = append(w.also, name)
		}
	}
	return true, ""
}

// onlyThat reports whether a change brought what is wished to a context and nothing
// else to any, and names other contexts that it reached, or a setting that it
// changed, too.
func onlyThat(was, now Import, taken []int, k int, x wish) (also []string, too model.ParamID, ok bool) {
	if len(was.Contexts) != len(now.Contexts) || len(now.Warnings) > len(was.Warnings) || !says(now.Contexts[k], x) {
		return nil, "", false
	}
	for i := range was.Contexts {
		a, b := was.Contexts[i], now.Contexts[i]
		mine := slices.Contains(taken, i)
		reached, too := differs(a, b, x, mine)
		if too != "" || a.System != b.System || a.Face != b.Face || mine && len(b.Doubts) > len(a.Doubts) {
			return nil, too, false
		}
		if !mine && (reached || len(a.Doubts) != len(b.Doubts)) {
			also = append(also, b.Where)
		}
	}
	return also, "", true
}

// differs reports whether a context says something else than before, and names a setting
// that is not what is wished then. One line may say several values: in the contexts that
// were taken each may come to what is wished of it.
func differs(a, b Context, x wish, mine bool) (reached bool, too model.ParamID) {
	for _, settings := range []map[model.ParamID]model.Setting{a.Settings, b.Settings} {
		for _, id := range slices.Sorted(maps.Keys(settings)) {
			was, now := a.Settings[id], b.Settings[id]
			wanted, other := x.beside[id]
			switch {
			case was.Value == now.Value:
				reached = reached || was.Origin.Kind != now.Origin.Kind
			case id == x.row.Param.ID, x.unknown(id), other && mine && wanted == now.Value:
				reached = true
			default:
				return true, id
			}
		}
	}
	return reached, ""
}

// unknown reports whether the version that is run does not have a setting of its system:
// what a line says of it counts for other versions.
func (x wish) unknown(id model.ParamID) bool {
	s := x.target.side.System
	p := s.Param(id)
	return p != nil && !s.Has(p, x.target.side.Version)
}

// doubles reports whether a new line says something else, too, that stands on another:
// products refuse a directive that is there twice.
func doubles(o Original, now Import, e lineEdit, x wish) bool {
	for _, c := range now.Contexts {
		for id, s := range c.Settings {
			if id != x.row.Param.ID && !x.unknown(id) && s.Origin.Line == e.line+1 && now.path(o, s.Origin.Where) == e.path {
				return true
			}
		}
	}
	return false
}

// rendered are the lines by which a format says a value.
func (x wish) rendered(format string) []string {
	f, err := Find(format)
	s, ok := f.(*syntax)
	if err != nil || !ok || !x.value.IsSet() || s.fits == nil || !s.fits(x.target) {
		return nil
	}
	if byTwoLines(x.row.Param.ID, x.value) { // one may be there
		return []string{nginxNoClose, nginxHTTP11 + "\n" + nginxNoClose, nginxHTTP11}
	}
	row := *x.row
	row.Setting.Value = x.value
	var lines []string
	for _, sh := range s.exportFiles {
		if !sh.owns(x.target, x.row) {
			continue
		}
		p := page{target: x.target, items: []item{{row: &row, value: x.value}}, comment: s.comment}
		if sh.body(&p) != nil {
			continue
		}
		for _, l := range p.lines {
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, strings.TrimSpace(s.comment(""))) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}
