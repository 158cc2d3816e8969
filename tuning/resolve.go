package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// resolveSide fills every parameter of one face and of its operating system:
// as set, else by fallback, else by the default of the version.
func resolveSide(c *model.Catalog, e model.Endpoint, place int, side model.Side) (Side, error) {
	s, err := c.System(e.System)
	if err != nil {
		return Side{}, err
	}
	host, hostAt, err := e.HostOf(c)
	if err != nil {
		return Side{}, err
	}
	face := s.Faces[side]
	if face == nil {
		return Side{}, fmt.Errorf("%s cannot be a %s", s.ID, side)
	}
	r := Side{
		Endpoint: e, Place: place, System: s, Version: e.VersionOf(s),
		Host: host, HostAt: hostAt, Face: face,
	}
	osGiven := e.OS.Version != "" || s.HostAt(r.Version).Version != ""
	for _, p := range s.Params {
		if p.Side == side && s.Has(p, r.Version) {
			r.Rows = append(r.Rows, newRow(s, p, e, e.Version != "", s.DefaultOn(p, r.Version, host, hostAt)))
		}
	}
	for _, p := range host.Params {
		if p.Side == model.SideHost && host.Has(p, hostAt) {
			r.Rows = append(r.Rows, newRow(host, p, e, osGiven, host.DefaultAt(p, hostAt)))
		}
	}
	for i := range r.Rows {
		r.Rows[i].Value, r.Rows[i].Via = r.inForce(r.Rows[i].Param, 0)
		r.spread(&r.Rows[i])
	}
	return r, nil
}

func newRow(s *model.System, p *model.Param, e model.Endpoint, versionGiven bool, d model.Default) Row {
	row := Row{Param: p, Default: d, Setting: model.Setting{Value: d.Value}}
	row.Assumed = !versionGiven && s.Varies(p)
	if d.Value.Kind == model.Unknown {
		row.Assumed = true
	}
	if row.Assumed {
		row.Setting.Origin.Kind = model.FromAssumed
	}
	if set, ok := e.Settings[p.ID]; ok {
		row.Setting, row.Changed, row.Assumed = set, set.Value != d.Value, false
	}
	return row
}

// inForce follows fallbacks until a value is found. Socket options that are
// not set take the operating system's value for their role.
func (s *Side) inForce(p *model.Param, depth int) (model.Value, *model.Param) {
	row := s.Row(p.ID)
	switch {
	case row == nil:
		return p.Absent, nil
	case s.leader(p) != nil:
		other := s.leader(p)
		f, _ := model.At(s.System.Order, p.Follows, s.Version)
		return f.Value(p, s.Endpoint.Settings[other.ID].Value), other
	case row.Setting.Value.IsSet():
		return row.Setting.Value, nil
	case depth > 16:
		return model.ValueUnknown, nil
	case p.Fallback != "":
		if next := s.Row(p.Fallback); next != nil {
			v, via := s.inForce(next.Param, depth+1)
			if via == nil {
				via = next.Param
			}
			if v.IsSet() {
				return v, via
			}
		}
		return p.Absent, nil
	case p.Side != model.SideHost && p.Role.TCP():
		for i := range s.Rows {
			if h := s.Rows[i].Param; h.Side == model.SideHost && h.Role == p.Role {
				v, via := s.inForce(h, depth+1)
				if via == nil {
					via = h
				}
				return v, via
			}
		}
	}
	return p.Absent, nil
}

// leader is the parameter whose setting sets p, too: nil where p has a setting
// of its own, or the other has none.
func (s *Side) leader(p *model.Param) *model.Param {
	f, _ := model.At(s.System.Order, p.Follows, s.Version)
	if _, own := s.Endpoint.Settings[p.ID]; own || f.Of == "" || !s.Endpoint.Settings[f.Of].Value.IsSet() {
		return nil
	}
	return s.System.Param(f.Of)
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
		row.Low = max(0, d+late.Low)
		if late.Low > 0 {
			row.Low = model.Add(d, late.Low)
		}
		row.High = model.Add(d, late.High+time.Duration(late.Ratio*float64(d)))
	}
}

// describe is a row in one line: name, value, origin.
func (r *Row) describe() string {
	text := fmt.Sprintf("%s %s", r.Param.Name, r.Value.Human())
	switch {
	case r.Via != nil:
		text += fmt.Sprintf(" (not set: %s applies)", r.Via.Name)
	case r.Setting.Origin.Kind == model.FromMeasured:
		text += fmt.Sprintf(" (measured %s to %s)", model.HumanSpan(r.Low), model.HumanSpan(r.High))
	default:
		text += fmt.Sprintf(" (%s)", r.Setting.Origin)
	}
	if d, ok := r.Value.Duration(); ok && r.Setting.Origin.Kind != model.FromMeasured && r.Low > d {
		text += fmt.Sprintf(", really closes after %s", model.HumanSpan(r.Low))
	}
	return text
}
