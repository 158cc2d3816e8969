package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A nextHop is what configurations say of the connections that the last hop of
// a path makes itself, to a hop that the path does not have.
type nextHop struct {
	path  string // with a place for that hop
	end   model.EndpointID
	file  string
	names []string
	lines []native.Line
}

// toNextHop finds what concerns a hop behind a path; nil where nothing does.
func (r *reading) toNextHop(path model.Path, c *model.Catalog) *nextHop {
	last := path.Endpoints[len(path.Endpoints)-1]
	n := &nextHop{path: path.String() + " > SERVER", end: last.ID}
	sys, err := c.System(last.System)
	for _, ctx := range r.contexts {
		if err != nil || ctx.System != last.System {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(ctx.Settings)) {
			s, p := ctx.Settings[id], sys.Param(id)
			if p == nil || p.Face != model.FaceClient || s.Origin.Kind != model.FromFile {
				continue
			}
			l := native.Line{
				File: s.Origin.Where, Line: s.Origin.Line, Text: fmt.Sprintf("%s = %s", id, s.Value),
				Why: fmt.Sprintf("the path ends at %s; --path '%s' has the hop that it concerns", last.ID, n.path),
			}
			if slices.Contains(n.lines, l) {
				continue
			}
			n.file, n.lines = l.File, append(n.lines, l)
			if !slices.Contains(n.names, p.Name) {
				n.names = append(n.names, p.Name)
			}
		}
	}
	if len(n.lines) == 0 {
		return nil
	}
	return n
}

// nextNamed is how many settings are named.
const nextNamed = 2

// text says it in a sentence.
func (n *nextHop) text() string {
	names := strings.Join(n.names[:min(len(n.names), nextNamed)], ", ")
	if more := len(n.names) - nextNamed; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s also sets how %s connects to its servers (%s); --path '%s' judges that", n.file, n.end, names, n.path)
}
