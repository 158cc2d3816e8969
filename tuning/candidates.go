package tuning

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// Timing is how far a close may be off its timer's time without a doubt: what
// the network and the scheduler add.
const Timing = 50 * time.Millisecond

// Agrees reports whether closes between low and high come from a timer that
// ends between from and to: not before the catalog's spread and at most 10 % and a second
// after it, as a busy host comes late, or where that is exact, within as much of it
// (rule EFF-1).
func Agrees(from, to, low, high time.Duration) bool {
	if to > from {
		return low >= from-Timing && high <= to+to/10+time.Second
	}
	middle := low + (high-low)/2
	return (middle - from).Abs() <= from/10+time.Second
}

// A Candidate is a setting whose value explains what was measured.
type Candidate struct {
	Ref    ParamRef // the endpoint is empty for a product that is not on the path
	System string   // the product, to be read
	Name   string   // the setting as its product writes it
	Value  time.Duration
	Text   string // one clause
	fit    fit
}

// A fit is how well a candidate goes with what the target calls itself.
type fit int

const (
	fitNamed   fit = iota // the target names it
	fitSet                // the target names it, and its default is another
	fitSilent             // the target says nothing against it
	fitAgainst            // the target calls itself something else
)

// Against reports whether the target calls itself something else.
func (c *Candidate) Against() bool { return c.fit == fitAgainst }

// Set reports whether the target names the product, whose default is another.
func (c *Candidate) Set() bool { return c.fit == fitSet }

func (c Called) fit(s *model.System) fit {
	switch {
	case c.names(s.ID):
		return fitNamed
	case c.contradicts(s):
		return fitAgainst
	}
	return fitSilent
}

// but is what a candidate's text ends in where the target speaks against it.
func (c Called) but(s *model.System) string {
	if c.contradicts(s) {
		return ", but the target calls itself " + c.Words
	}
	return ""
}

// ending are the roles of timers that end a silent connection.
var ending = []model.Role{
	model.RoleIdle, model.RoleMiddleboxTTL, model.RoleFirstByte, model.RoleHeader, model.RoleSend, model.RoleResponse, model.RoleAge,
}

// Candidates are the settings of the path that would close a silent connection
// between low and high, those of what the target calls itself first, then the
// closest: where a server does not do what it is configured to, another timer is in
// force (rule EFF-1). They are of servers and of what stands before them: the test
// itself was the client. except is the setting that was expected to act.
func Candidates(r Report, low, high time.Duration, except ParamRef, said Called) []Candidate {
	var found []Candidate
	seen := map[ParamRef]bool{except: true}
	add := func(e model.EndpointID, s *model.System, row *Row) {
		ref := ParamRef{e, row.Param.ID}
		d, finite := row.Value.Duration()
		if seen[ref] || !finite || d == model.Never || d == 0 || !slices.Contains(ending, row.Param.Role) || !fits(row.Low, row.High, low, high) {
			return
		}
		seen[ref] = true
		found = append(found, Candidate{
			Ref: ref, System: s.Name, Name: row.Param.Name, Value: d,
			Text: fmt.Sprintf("%s: %s%s", e, row.describe(), said.but(s)), fit: said.fit(s),
		})
	}
	for i := range r.Legs {
		l := &r.Legs[i]
		for j := range l.Server.Rows {
			add(l.Server.Endpoint.ID, l.Server.System, &l.Server.Rows[j])
		}
		for j := range l.Boxes {
			if b := &l.Boxes[j]; b.Row != nil {
				add(b.Endpoint.ID, b.System, b.Row)
			}
		}
	}
	nearest(found, low)
	return found
}

// Explaining puts candidates of the path before products that are not on it, which
// count only where the path has none that the target's words allow.
func Explaining(path, products []Candidate) []Candidate {
	if len(path) > 0 && !path[0].Against() {
		return path
	}
	return slices.Concat(products, path)
}

// fits is Agrees without the generosity that rule EFF-1 grants a setting
// which is expected to act: a candidate has to fit.
func fits(from, to, low, high time.Duration) bool {
	slack := Timing + from/100
	return low >= from-slack && high <= to+slack
}

// builtIn is the server that the live test brings along: nobody has it.
const builtIn model.SystemID = "built-in"

// Owners are products whose default would close a silent connection between
// low and high, whether on the path or not: the boxes that nobody told of. First
// is what the target calls itself, unless the session has it: with its default, or
// with another value that may be set. What speaks another protocol than the target is
// none, boxes aside, which hand on everything; "" is any protocol.
func Owners(c *model.Catalog, low, high time.Duration, except model.SystemID, said Called, protocol string) ([]Candidate, error) {
	all, err := c.All()
	if err != nil {
		return nil, err
	}
	var found []Candidate
	for _, s := range all {
		if protocol != "" && s.Protocol != protocol && !s.Middlebox() {
			continue
		}
		for _, p := range s.Params {
			if p.Face == model.FaceClient || s.ID == builtIn || !s.Has(p, s.Assume) || p.Role != model.RoleIdle && p.Role != model.RoleMiddleboxTTL {
				continue
			}
			d, finite := s.DefaultAt(p, s.Assume).Value.Duration()
			late, _ := model.At(s.Order, p.Real, s.Assume)
			x := Candidate{
				Ref: ParamRef{Param: p.ID}, System: s.Name, Name: p.Name, Value: d, fit: said.fit(s),
				Text: fmt.Sprintf("%s %s is %s by default%s", s.Name, p.Name, model.HumanSpan(d), said.but(s)),
			}
			switch {
			case !finite || d == model.Never || d == 0:
				continue
			case fits(model.Add(d, late.Low), model.Add(d, late.High), low, high):
			case said.Is.System == s.ID && s.ID != except && !p.Fixed && p.Role == model.RoleIdle:
				x.fit = fitSet
				x.Text = fmt.Sprintf("%s %s, %s by default, may be set to it", s.Name, p.Name, model.HumanSpan(d))
			default:
				continue
			}
			found = append(found, x)
		}
	}
	nearest(found, low)
	return found, nil
}

// nearest sorts by what the target calls itself, then by how close they are.
func nearest(found []Candidate, to time.Duration) {
	slices.SortStableFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare((a.Value-to).Abs(), (b.Value-to).Abs()))
	})
}
