package tuning

import (
	"fmt"

	"example.com/keeptune/model"
)

// resolve fills every parameter of one face and of its operating system: as
// set, else by fallback, else by the default of the version.
func (e *Env) resolve(ep model.Endpoint, place int, side model.FaceKind) (Side, error) {
	s, err := e.Catalog.System(ep.System)
	if err != nil {
		return Side{}, err
	}
	host, hostAt, err := ep.HostOf(e.Catalog)
	if err != nil {
		return Side{}, err
	}
	face := s.Faces[side]
	if face == nil {
		return Side{}, fmt.Errorf("%s cannot be a %s", s.ID, side)
	}
	r := Side{
		Endpoint: ep, Place: place, System: s, Version: ep.VersionOf(s),
		Host: host, HostAt: hostAt, Face: face,
	}
	r.Rows = e.rows(&r)
	r.apply()
	return r, nil
}

// untouched is the rows of a side on which nothing is set: what the versions
// of its product and its operating system have.
func untouched(r *Side) []Row {
	var rows []Row
	for _, p := range r.System.Params {
		if p.Face == r.Face.Kind && r.System.Has(p, r.Version) {
			rows = append(rows, newRow(p, r.productAssumed(p), r.System.DefaultOn(p, r.Version, r.Host, r.HostAt)))
		}
	}
	if r.Host == nil {
		return rows
	}
	for _, p := range r.Host.Params {
		if p.Face == model.FaceHost && r.Host.Has(p, r.HostAt) {
			rows = append(rows, newRow(p, r.hostAssumed(p), r.Host.DefaultAt(p, r.HostAt)))
		}
	}
	return rows
}

func (s *Side) osGiven() bool {
	return s.Endpoint.OS.Version != "" || s.System.HostAt(s.Version).Version != ""
}

// productAssumed reports whether a default hangs on a version that nobody gave,
// or that is not known.
func (s *Side) productAssumed(p *model.Param) bool {
	if s.Endpoint.Version == "" {
		return s.System.Varies(p)
	}
	return s.System.AssumedAt(p, s.Version)
}

func (s *Side) hostAssumed(p *model.Param) bool {
	if !s.osGiven() {
		return s.Host.Varies(p)
	}
	return s.Host.AssumedAt(p, s.HostAt)
}

func newRow(p *model.Param, assumed bool, d model.Default) Row {
	row := Row{Param: p, Default: d, Setting: model.Setting{Value: d.Value}}
	row.Assumed = assumed || d.Value.Kind == model.Unknown
	if row.Assumed {
		row.Setting.Origin.Kind = model.FromAssumed
	}
	return row
}

// apply puts the endpoint's settings into its rows and finds what is in force.
func (s *Side) apply() {
	for i := range s.Rows {
		row := &s.Rows[i]
		if set, ok := s.Endpoint.Settings[row.Param.ID]; ok {
			row.Setting, row.Changed, row.Assumed = set, set.Value != row.Default.Value, set.Origin.Kind == model.FromAssumed
		}
	}
	for i := range s.Rows {
		row := &s.Rows[i]
		row.Value, row.Via = s.effective(row, 0)
	}
	s.handOn()
	for i := range s.Rows {
		s.spread(&s.Rows[i])
	}
}

// handOn is what the kernel makes of the probe times that a program hands to it
// without looking at the answer: idle, interval and count, in this order. One
// that is refused, and those behind it, stay those of the system.
func (s *Side) handOn() {
	if s.Host == nil { // a middlebox
		return
	}
	stack, _ := model.At(s.Host.Order, s.Host.Stack, s.HostAt)
	refused := false
	for _, role := range []model.Role{model.RoleProbeIdle, model.RoleProbeEvery, model.RoleProbeCount} {
		row := s.First(role)
		if row == nil || row.Param.Face == model.FaceHost || row.Param.Whole == model.WholeAsIs {
			continue
		}
		if !refused && (row.Via == nil || row.Via.Face != model.FaceHost) {
			v, taken := row.Param.HandOn(row.Value)
			if taken || stack != model.StackLinux {
				row.Value = v
				continue
			}
			refused = true
			row.Refused = row.Value
		}
		if refused {
			row.Value, row.Via = s.ofHost(row.Param, 0)
		}
	}
}

// effective follows fallbacks until a value is found. Socket options that are
// not set take the operating system's value for their role.
func (s *Side) effective(row *Row, depth int) (model.Value, *model.Param) {
	p := row.Param
	if f, other := s.leader(p); other != nil {
		return f.Value(p, s.Endpoint.Settings[other.ID].Value), other
	}
	switch {
	case row.Setting.Value.IsSet():
		return row.Setting.Value, nil
	case depth > 16:
		return model.ValueUnknown, nil
	case p.Fallback != "":
		if next := s.Row(p.Fallback); next != nil {
			v, via := s.effective(next, depth+1)
			if via == nil {
				via = next.Param
			}
			if v.IsSet() {
				return v, via
			}
		}
	case p.Face != model.FaceHost && p.Role.TCP():
		return s.ofHost(p, depth)
	}
	return p.Absent, nil
}

// ofHost is the operating system's value for a socket option that is not set.
func (s *Side) ofHost(p *model.Param, depth int) (model.Value, *model.Param) {
	for i := range s.Rows {
		if h := &s.Rows[i]; h.Param.Face == model.FaceHost && h.Param.Role == p.Role {
			v, via := s.effective(h, depth+1)
			if via == nil {
				via = h.Param
			}
			return v, via
		}
	}
	return p.Absent, nil
}

// leader is the parameter whose setting sets p, too, and how: nil where p has a
// setting of its own, or the other has none.
func (s *Side) leader(p *model.Param) (model.Follow, *model.Param) {
	if len(p.Follows) == 0 {
		return model.Follow{}, nil
	}
	f, _ := model.At(s.System.Order, p.Follows, s.Version)
	if _, own := s.Endpoint.Settings[p.ID]; own || f.Of == "" || !s.Endpoint.Settings[f.Of].Value.IsSet() {
		return f, nil
	}
	return f, s.System.Param(f.Of)
}

// spread sets when a timer really ends: what was measured, or the value with
// the catalog's lateness.
func (s *Side) spread(row *Row) {
	if row.Setting.Origin.Kind == model.FromMeasured && row.Setting.Value == row.Value && row.Setting.High > 0 {
		row.Low, row.High = row.Setting.Low, row.Setting.High
		return
	}
	d, ok := row.Value.Duration()
	if !ok {
		return
	}
	row.Low, row.High = d, d
	from := row.Param
	late, known := model.At(s.System.Order, from.Real, s.Version)
	if !known && row.Via != nil {
		late, known = model.At(s.System.Order, row.Via.Real, s.Version)
	}
	if known && d != model.Never {
		row.Low, row.High = late.Around(d)
	}
}

// describe is a row in one line: name, value, origin.
func (r *Row) describe() string {
	why := r.Setting.Origin.String()
	switch {
	case r.Refused.IsSet() && r.Via != nil:
		why = r.Refused.Human() + " is refused: " + r.Via.Name + " applies"
	case r.Via != nil:
		why = "not set: " + r.Via.Name + " applies"
	case r.Setting.Origin.Kind == model.FromMeasured:
		why = "measured " + model.HumanSpan(r.Low) + " to " + model.HumanSpan(r.High)
	}
	text := r.Param.Name + " " + r.Value.Human() + " (" + why + ")"
	if d, ok := r.Value.Duration(); ok && r.Setting.Origin.Kind != model.FromMeasured && r.Low > d {
		text += ", really closes after " + model.HumanSpan(r.Low)
	}
	return text
}

// describeOf is the same with the endpoint before it.
func (r *Row) describeOf(e model.EndpointID) string { return string(e) + ": " + r.describe() }
