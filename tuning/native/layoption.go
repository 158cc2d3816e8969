package native

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// An option is one way to take contexts.
type option struct {
	where    []string
	hop      model.EndpointID
	alike    int
	settings map[int]map[model.ParamID]model.Setting
	beside   map[int]map[model.ParamID]model.Setting // of a face that the hop does not show here
	left     []Line
	fits     bool
}

// agree drops what the hop does not show here and another option says otherwise.
func (o *option) agree(other option) {
	for at, settings := range o.beside {
		maps.DeleteFunc(settings, func(id model.ParamID, s model.Setting) bool {
			return other.beside[at][id].Value != s.Value
		})
	}
}

// placed takes from what is left over the lines that said something else, too,
// which a hop has.
func (o *option) placed() {
	used := map[place]bool{}
	for _, settings := range o.settings {
		for _, s := range settings {
			used[place{s.Origin.Where, s.Origin.Line}] = true
		}
	}
	o.left = slices.DeleteFunc(o.left, func(l Line) bool { return used[place{l.File, l.Line}] })
}

// key tells options apart by what they set.
func (o *option) key() string {
	var b strings.Builder
	for _, at := range slices.Sorted(maps.Keys(o.settings)) {
		for _, id := range slices.Sorted(maps.Keys(o.settings[at])) {
			s := o.settings[at][id]
			fmt.Fprintf(&b, "%d %s %v %v\n", at, id, s.Value, s.Origin.Kind)
		}
	}
	return b.String()
}

// over is a laying with the option's settings laid over it, too.
func (o *option) over(base Laying) Laying {
	d := base.Document
	d.Path.Endpoints = slices.Clone(d.Path.Endpoints)
	for _, all := range []map[int]map[model.ParamID]model.Setting{o.beside, o.settings} {
		for at, settings := range all {
			for id, s := range settings {
				d.Path.Endpoints[at] = d.Path.Endpoints[at].With(id, s)
			}
		}
	}
	out := Laying{Document: d, Chosen: slices.Clone(base.Chosen), Left: merged(base.Left, o.left), Fits: base.Fits || o.fits}
	if len(o.where) > 0 && o.hop != "" {
		out.Chosen = append(out.Chosen, Choice{Endpoint: o.hop, Where: strings.Join(o.where, ", "), Contexts: o.where, Alike: o.alike})
	}
	return out
}

// merged are lines of both, each once and in order.
func merged(a, b []Line) []Line {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(a, b Line) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(all)
}
